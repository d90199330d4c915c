"""SOCI: an index that somebody made of a large layer spares reading it, whether the image names it or it is attached."""

import base64
import gzip
import json
import random
import tempfile
import unittest

import soci
from counted import MANIFEST_TYPE, CountedCase
from lab import Case, DockerRegistry, ServedRegistry, sha256
from layered import Layout, file, folder, hardlink, layer, symlink

SPAN = 1 << 20
# What ls, find, blame and waste move of the layer by a SOCI index is nothing; cat moves spans of a megabyte.
LOOKS = (("ls", "-lR"), ("find",), ("blame", "/d/f7"), ("waste",))


def content(number):
    return base64.b64encode(random.Random(number).randbytes(75_000))


def entries():
    return [folder("d"), *(file(f"d/f{i}", content(i), uid=i, uname="u") for i in range(150)), symlink("link", "d/f9"),
            hardlink("hard", "d/f3"), file("d/" + "n" * 180, b"a long name"), file("empty"),
            file("x", b"attributes", pax_headers={"SCHILY.xattr.user.a": "1"}), file("large", content(1) * 30)]


class Soci(CountedCase):
    @classmethod
    def setUpClass(cls):
        cls.tar = layer(*entries())
        cls.stored = gzip.compress(cls.tar, 6, mtime=0)
        assert len(cls.stored) > 10 << 20

    def named(self, ztoc, digest=None):
        """An image that names an index with this zTOC."""
        self.registry.add_blob("app", ztoc)
        index = soci.index({sha256(self.stored): ztoc})
        self.registry.add_manifest("app", "soci", index)
        return self.registry.add_counted("app", "1", [self.stored], named={soci.ANNOTATION: digest or sha256(index)})

    def attached(self, ztoc):
        """An image to which an index with this zTOC is attached."""
        image = self.registry.add_counted("app", "1", [self.stored])
        manifest = self.registry.answers["/v2/app/manifests/1"][2]
        self.registry.add_blob("app", ztoc)
        index = soci.index({sha256(self.stored): ztoc},
                           {"mediaType": MANIFEST_TYPE, "digest": sha256(manifest), "size": len(manifest)})
        self.registry.add_manifest("app", "soci", index)
        listed = {"mediaType": MANIFEST_TYPE, "artifactType": soci.REFERRER_TYPE, "digest": sha256(index),
                  "size": len(index)}
        index_type = "application/vnd.oci.image.index.v1+json"
        self.registry.answers[f"/v2/app/referrers/{sha256(manifest)}"] = (
            200, {"Content-Type": index_type},
            json.dumps({"schemaVersion": 2, "mediaType": index_type, "manifests": [listed]}).encode())
        return image

    def check(self, image, says, checked):
        for command, *rest in LOOKS:
            options = [a for a in rest if a.startswith("-")]
            paths = [a for a in rest if not a.startswith("-")]
            with self.subTest(command):
                by_index, sent = self.moved(command, "-v", *options, image, *paths)
                self.assertEqual(sent, 0)
                self.assertIn(says, by_index.err)
                whole, sent = self.moved(command, "-v", "--no-cache", "--verify", *options, image, *paths)
                self.assertEqual(sent, len(self.stored))
                self.assertEqual(by_index.out, whole.out)
        for info, body in entries():
            if info.isreg() and info.name in ("d/f0", "d/f77", "d/f149", "d/" + "n" * 180, "empty", "x", "large"):
                got, sent = self.moved("cat", "-v", image, "/" + info.name)
                self.assertEqual(got.out, body, info.name)
                self.assertLess(sent, len(body) + 2 * SPAN)
                self.assertIn(checked, got.err)
        self.assertEqual(self.ok("cat", image, "/link").out, content(9))
        self.assertEqual(self.ok("cat", image, "/hard").out, content(3))
        self.assertEqual(list(self.home.rglob("*.index")), [])

    def test_BLB_12_an_index_that_the_image_names(self):
        image = self.named(soci.ztoc(self.stored, self.tar, SPAN))
        self.check(image, "which the image names", "each part verified")
        # Who knows the image's digest knows that the index is the right one.
        digest = self.ok("digest", image).text.strip()
        self.check(f"{self.registry.host}/app@{digest}", "which the image names", "each part verified")

    def test_BLB_12_an_index_among_the_referrers(self):
        image = self.attached(soci.ztoc(self.stored, self.tar, SPAN, first_form=True))
        self.check(image, "nobody but its publisher vouches for it", "not verified but by its publisher's word")

    def test_T_42_an_image_that_is_named_by_its_digest_believes_no_referrer(self):
        image = self.attached(soci.ztoc(self.stored, self.tar, SPAN))
        digest = self.ok("digest", image).text.strip()
        result, sent = self.moved("ls", "-v", f"{self.registry.host}/app@{digest}")
        self.assertEqual(sent, len(self.stored))
        self.assertIn("digest verified", result.err)

    def test_the_default_span_moves_a_part_of_the_layer(self):
        image = self.named(soci.ztoc(self.stored, self.tar))
        got, sent = self.moved("cat", image, "/d/f77")
        self.assertEqual(got.out, content(77))
        self.assertLess(sent, 4 << 20)

    def test_wrong_indexes_are_left_aside(self):
        good = soci.ztoc(self.stored, self.tar, SPAN)
        for name, image in (("no zTOC", self.named(b"no zTOC" * 9)), ("cut", self.named(good[:-70_000])),
                            ("of another layer", self.named(soci.ztoc(gzip.compress(b"x"), self.tar, SPAN))),
                            ("not there", self.named(good, digest="sha256:" + "0" * 64))):
            with self.subTest(name):
                result, sent = self.moved("cat", "-v", "--cache-dir", tempfile.mkdtemp(dir=self.home), image, "/d/f77")
                self.assertEqual(result.out, content(77))
                self.assertIn("of no use", result.err)
                self.assertEqual(sent, len(self.stored))

    def test_T_01_a_wrong_span_is_found_out(self):
        """Its digest is another: before anything came of it the layer is read, later it is an error."""
        image = self.named(soci.ztoc(self.stored, self.tar, SPAN, change=lambda d: [d[1], d[0], *d[2:]]))
        result, sent = self.moved("cat", "-v", image, "/d/f0")
        self.assertEqual(result.out, content(0))
        self.assertIn("of no use", result.err)
        self.assertGreater(sent, len(self.stored))
        self.assertLess(sent, len(self.stored) + 2 * SPAN)
        image = self.named(soci.ztoc(self.stored, self.tar, SPAN, change=lambda d: [*d[:-1], d[0]]))
        large = dict((info.name, body) for info, body in entries())["large"]
        result = self.fails(7, "cat", "--cache-dir", self.home / "another", image, "/large")
        self.assertTrue(large.startswith(result.out))
        self.assertIn("--verify", result.err)
        self.assertEqual(self.ok("cat", "--verify", image, "/large").out, large)

    def test_a_server_without_ranges(self):
        image = self.named(soci.ztoc(self.stored, self.tar, SPAN))
        self.registry.ranges = False
        self.assertEqual(self.ok("cat", image, "/d/f77").out, content(77))


class AtARegistry:
    """The same against each kind of registry: referrers by API, and by tag where there is none."""

    def test_an_index_that_is_attached(self):
        registry = self.start()
        self.addCleanup(registry.stop)
        layout = Layout(self.home / "image", [layer(*entries())])
        stored = layout.blob(0).read_bytes()
        image = registry.push(layout.image, "app:1")
        ztoc, repository = self.home / "ztoc", f"{registry.host}/app"
        ztoc.write_bytes(soci.ztoc(stored, layer(*entries()), SPAN))
        self.ok("blob", "put", repository, ztoc)
        self.ok("blob", "put", repository, "-", input=b"{}")
        subject = self.ok("manifest", "head", "--format", "json", image).json()
        index = self.home / "index"
        index.write_bytes(soci.index({sha256(stored): ztoc.read_bytes()},
                                     {"mediaType": MANIFEST_TYPE, "digest": subject["digest"], "size": subject["size"]}))
        self.ok("manifest", "put", f"{repository}@{sha256(index.read_bytes())}", index)
        result = self.ok("cat", "-v", image, "/d/f77")
        self.assertEqual(result.out, content(77))
        self.assertIn("nobody but its publisher vouches for it", result.err)
        self.assertIn("read in part", result.err)


class Served(AtARegistry, Case):
    def start(self):
        return ServedRegistry("--root", ":memory:")


class Docker(AtARegistry, Case):
    def start(self):
        return DockerRegistry()


if __name__ == "__main__":
    unittest.main()
