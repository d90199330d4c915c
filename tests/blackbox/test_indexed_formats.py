"""eStargz and zstd:chunked: looking inside moves the table of contents and what is asked for, each piece verified."""

import json
import pathlib
import random
import unittest

from counted import CONFIG_TYPE, LAYER_TYPE, MANIFEST_TYPE, CountedCase
from lab import sha256, skopeo
from layered import Layout, file, folder, hardlink, layer, symlink
from stargz import LAYER_DIGEST, TOC_DIGEST, estargz, with_table, with_table_elsewhere

LOOKS = (("ls", "-lR"), ("find",), ("blame", "/d/f7"), ("waste",))


def entries(named=True):
    """`named` with owners' names, which zstd:chunked's tables do not have."""
    noise = random.Random(1)
    rows = [folder("d")]
    rows += [file(f"d/f{i}", noise.randbytes(40_000), uid=i, uname=f"user{i}" if named and i % 2 else "") for i in range(40)]
    rows += [file("d/large", noise.randbytes(350_000)), file("d/empty"), symlink("link", "d/large"),
             hardlink("hard", "d/f3"), file("d/" + "n" * 180, b"a long name"),
             file("x", b"attributes", pax_headers={"SCHILY.xattr.user.a": "1"}),
             file("d/hole", noise.randbytes(5_000) + bytes(200_000) + b"end"), file("d/.wh.gone")]
    return rows


class IndexedFormats(CountedCase):
    def stargz(self, data, table, **change):
        stored, annotations = with_table(data, table)
        return self.registry.add_counted("app", "1", [stored], [{**annotations, **change}])

    def check(self, image, stored_bytes):
        """What the table says is what the layer holds, and hardly anything is moved for it."""
        for command, *rest in LOOKS:
            options = [a for a in rest if a.startswith("-")]
            paths = [a for a in rest if not a.startswith("-")]
            with self.subTest(command):
                by_table, sent = self.moved(command, "-v", *options, image, *paths)
                self.assertLessEqual(sent, 64 << 10)
                self.assertIn("table of contents", by_table.err)
                self.assertIn("each part verified", by_table.err)
                whole, sent = self.moved(command, "-v", "--no-cache", "--verify", *options, image, *paths)
                self.assertEqual(sent, stored_bytes)
                self.assertIn("digest verified", whole.err)
                self.assertEqual(by_table.out, whole.out)
        for info, content in entries():
            if info.isreg() and ".wh." not in info.name:
                got, sent = self.moved("cat", image, "/" + info.name)
                self.assertEqual(got.out, content, info.name)
                self.assertLess(sent, len(content) + (80 << 10))
        self.assertEqual(self.moved("cat", image, "/link")[0].out, self.ok("cat", image, "/d/large").out)
        self.assertEqual(list(self.home.rglob("*.index")), [])

    def test_BLB_12_estargz(self):
        image = self.stargz(*estargz(entries()))
        self.check(image, len(self.registry.layers[0]))

    def test_BLB_12_estargz_with_its_table_in_another_image(self):
        stored, vouches, other, about = with_table_elsewhere(*estargz(entries()))
        describe = lambda body, kind: {"mediaType": kind, "digest": self.registry.add_blob("app", body),
                                       "size": len(body)}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": describe(b"{}", CONFIG_TYPE),
                    "layers": [{**describe(other, LAYER_TYPE), "annotations": about}]}
        self.registry.add_manifest("app", "1-esgztoc", json.dumps(manifest).encode())
        image = self.registry.add_counted("app", "1", [stored], [vouches])
        self.check(image, len(stored))
        # Only the tag leads there.
        digest = self.ok("digest", image).text.strip()
        result, sent = self.moved("ls", "-v", f"{self.registry.host}/app@{digest}")
        self.assertGreaterEqual(sent, len(stored))
        self.assertIn("only a tag leads to", result.err)
        # Another table under that tag is not the one that the manifest names.
        stored, _, other, about = with_table_elsewhere(*estargz(entries()[:5]))
        manifest["layers"] = [{**describe(other, LAYER_TYPE), "annotations": {LAYER_DIGEST: sha256(self.registry.layers[0])}}]
        self.registry.add_manifest("app", "1-esgztoc", json.dumps(manifest).encode())
        self.fails(7, "ls", "--no-cache", image)

    def test_BLB_12_zstd_chunked_as_skopeo_writes_it(self):
        Layout(self.home / "plain", [layer(*entries(named=False))])
        skopeo("copy", "-q", "--dest-compress", "--dest-compress-format", "zstd:chunked", f"oci:{self.home}/plain:1",
               f"oci:{self.home}/chunked:1")
        manifest = json.loads(self.ok("manifest", f"oci:{self.home}/chunked:1").out)
        described = manifest["layers"][0]
        stored = (self.home / "chunked/blobs/sha256" / described["digest"].split(":")[1]).read_bytes()
        image = self.registry.add_counted("app", "1", [stored], [described["annotations"]],
                                          described["mediaType"])
        self.check(image, len(stored))
        listed = self.ok("ls", "-lR", f"oci:{self.home}/chunked:1").out
        self.assertEqual(listed, self.ok("ls", "-lR", image).out)

    def test_T_01_a_table_that_the_manifest_does_not_name(self):
        data, table = estargz(entries())
        image = self.stargz(data, table, **{TOC_DIGEST: "sha256:" + "0" * 64})
        for command in (("ls", image), ("cat", image, "/d/f7")):
            result = self.fails(7, *command)
            self.assertEqual(result.out, b"")
            self.assertIn("table of contents", result.err)

    def test_T_01_wrong_bytes_in_a_piece(self):
        data, table = estargz(entries())
        image = self.stargz(data, table)
        row = next(row for row in table if row["name"] == "d/large" and row.get("chunkOffset") == 200_000)
        spoiled = bytearray(self.registry.layers[0])
        spoiled[row["offset"] + 1000] ^= 1
        self.registry.layers[0] = bytes(spoiled)
        large = dict((info.name, content) for info, content in entries())["d/large"]
        result = self.fails(7, "cat", image, "/d/large")
        self.assertEqual(result.out, large[:200_000])
        self.assertEqual(self.ok("cat", image, "/d/f7").out, dict((i.name, c) for i, c in entries())["d/f7"])

    def test_T_01_a_table_with_a_wrong_size(self):
        data, table = estargz(entries())
        for size in (3, 40_001, 100_000):
            with self.subTest(size):
                rows = [{**row, "size": size} if row["name"] == "d/f7" else row for row in table]
                self.assertEqual(self.fails(7, "cat", self.stargz(data, rows), "/d/f7").out, b"")

    def test_a_table_that_lies_is_left_aside(self):
        data, table = estargz(entries())
        for lie in ({"offset": 1 << 40}, {"size": 1 << 50}, {"chunkOffset": 5}, {"chunkDigest": "x"},
                    {"type": "door"}, {"name": "n" * 5000}):
            with self.subTest(lie):
                rows = [dict(row) for row in table]
                next(row for row in rows if row["name"] == "d/f7").update(lie)
                image = self.stargz(data, rows)
                result, sent = self.moved("cat", "-v", "--no-cache", image, "/d/f7")
                self.assertEqual(result.out, dict((i.name, c) for i, c in entries())["d/f7"])
                self.assertGreaterEqual(sent, len(self.registry.layers[0]))
                self.assertIn("its table of contents is not used", result.err)

    def test_a_path_in_a_table_leads_nowhere_else(self):
        data, table = estargz(entries())
        self.fails(7, "ls", self.stargz(data, [*table, {"name": "../../etc/passwd", "type": "dir"}]))

    def test_nobody_vouches_for_the_table(self):
        stored, _ = with_table(*estargz(entries()))
        image = self.registry.add_counted("app", "1", [stored])
        result, sent = self.moved("ls", "-v", image)
        self.assertEqual(sent, len(stored))
        self.assertIn("digest verified", result.err)
        self.assertIn("names no digest of its table of contents", result.err)

    def test_a_server_without_ranges(self):
        data, table = estargz(entries())
        image = self.stargz(data, table)
        listed = self.ok("ls", "-lR", image, "--no-cache").out
        self.registry.ranges = False
        result = self.ok("ls", "-lRv", image)
        self.assertEqual(result.out, listed)
        self.assertIn("digest verified", result.err)
        # Nor does an index from the cache help then.
        self.assertEqual(self.ok("cat", image, "/d/f7").out, dict((i.name, c) for i, c in entries())["d/f7"])

    def test_warm_and_extract_read_the_layer_itself(self):
        image = self.stargz(*estargz(entries()))
        report, sent = self.moved("warm", "--format", "json", image)
        self.assertEqual(sent, len(self.registry.layers[0]))
        self.assertFalse(report.json()["layers"][0]["known"])
        self.assertEqual(self.moved("ls", image)[1], 0)


if __name__ == "__main__":
    unittest.main()
