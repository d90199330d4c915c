"""However a layer is read, it tells the same: streamed, streamed while its index is made, by its index, by a table of
contents of its own, by a SOCI index. What it must tell is worked out by merged.py, with Python's tarfile."""

import base64
import datetime
import gzip
import io
import os
import random
import subprocess
import tarfile
import unittest

import soci
import stargz
from lab import Case
from layered import Layout, file, folder, hardlink, layer, symlink
from merged import Refused, merged
from traps import pipe, traps

GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
# Each way to read a layer: options. The second fills the cache that the third uses.
READINGS = {"streamed": ["--no-cache"], "streamed for the index": [], "by the index": []}


def members(tar):
    """A gzip of several members, as pigz and some builders write it."""
    return b"".join(gzip.compress(tar[at:at + 700], 6, mtime=0) for at in range(0, len(tar), 700))


def zstd(tar):
    return subprocess.run(["zstd", "-q", "-c"], input=tar, check=True, capture_output=True).stdout


PACKINGS = {"gzip": (None, GZIP), "members": (members, GZIP),
            "zstd": (zstd, "application/vnd.oci.image.layer.v1.tar+zstd"),
            "plain": (bytes, "application/vnd.oci.image.layer.v1.tar")}


def padded(tar, size):
    """The same with so many bytes of noise ahead: only of large layers are tables asked for."""
    info, noise = file("padding", random.Random(size).randbytes(size))
    return info.tobuf() + noise + bytes(-size % 512) + tar


def with_own_table(tar):
    """(eStargz layer, annotations) of what a tar holds; the tar as it is where its entries do not fit in."""
    with tarfile.open(fileobj=io.BytesIO(tar), encoding="utf-8", errors="surrogateescape") as archive:
        entries = [(info, archive.extractfile(info).read() if info.isreg() else b"") for info in archive]
    if any(info.issparse() or info.type not in stargz.TYPES for info, _ in entries):
        return gzip.compress(tar, 1, mtime=0), {}
    return stargz.with_table(*stargz.estargz(entries))


def stargz_layout(path, tars):
    made = [with_own_table(tar) for tar in tars]
    stored = iter(made)
    layout = Layout(path, tars, pack=lambda tar: next(stored)[0])
    for described, (_, annotations) in zip(layout.layers, made):
        described["annotations"] = annotations
    layout.write(layout.layers)
    return layout


def soci_layout(path, tars):
    layout = Layout(path, tars)
    ztocs = {described["digest"]: soci.ztoc(layout.blob(number).read_bytes(), tars[number], span=300_000)
             for number, described in enumerate(layout.layers)}
    ztocs = {digest: ztoc for digest, ztoc in ztocs.items() if ztoc}
    for ztoc in ztocs.values():
        layout.put(ztoc, "application/octet-stream")
    index = layout.put(soci.index(ztocs), soci.MANIFEST_TYPE)
    layout.write(layout.layers, {soci.ANNOTATION: index["digest"]})
    return layout


# By a table that came with the layer: how the image is made, from which size on it is asked for, what -v says of it.
TABLES = {"by the table of contents": (stargz_layout, 70_000, "by its eStargz table of contents"),
          "by SOCI": (soci_layout, 1_100_000, "which the image names")}


def path_of(row):
    """The raw path of a row of `ls --format json`."""
    return os.fsdecode(base64.b64decode(row["path_base64"])) if "path_base64" in row else row["path"]


class Readings(Case):
    def layout(self, tars, packing="gzip"):
        pack, media_type = PACKINGS[packing]
        return Layout(self.fresh_folder(), tars, pack=pack, media_type=media_type)

    def fresh_folder(self):
        return self.home / f"image{len(list(self.home.iterdir()))}"

    def listed(self, image, *options):
        """Path to what `ls` says of it."""
        result = self.ok("ls", "-Rv", image, "--format", "json", *options)
        self.said, rows = result.err, result.json()
        for row in rows:
            date = datetime.datetime.fromisoformat(row["mtime"].removesuffix("Z") + "+00:00")
            row["seconds"] = int(date.timestamp())
        return {path_of(row): (row["type"], int(row["mode"], 8), row["uid"], row["gid"], row["seconds"],
                               row.get("link_target", ""), row["size"] if row["type"] == "file" else 0,
                               row["links"] if row["type"] == "file" else 1) for row in rows}

    def expected(self, nodes):
        names = [id(node) for node in nodes.values()]
        return {path: (node.kind, node.mode, node.uid, node.gid, node.mtime, node.target, len(node.content),
                       names.count(id(node)) if node.kind == "file" else 1) for path, node in nodes.items()}

    def agree(self, tars, packing="gzip"):
        """Every reading gives the listing and the bytes that merged.py gives."""
        layout = self.layout(tars, packing)
        for reading, options in READINGS.items():
            with self.subTest(reading):
                self.tells(layout.image, merged(tars), *options)

    def agree_by_tables(self, tars):
        """The same of layers that come with a table. Returns by which readings all layers were known without being
        read."""
        known = set()
        for reading, (make, size, says) in TABLES.items():
            with self.subTest(reading):
                layout = make(self.fresh_folder(), [padded(tar, size) for tar in tars])
                # With what the format adds: eStargz keeps its table in a file of the layer.
                stored = [gzip.decompress(layout.blob(number).read_bytes()) for number in range(len(tars))]
                self.tells(layout.image, merged(stored))
                if self.said.count(says) == len(tars):
                    known.add(reading)
        return known

    def tells(self, image, nodes, *options):
        self.assertEqual(self.listed(image, *options), self.expected(nodes))
        files = sorted((path for path, node in nodes.items() if node.kind == "file"), key=os.fsencode)
        if files:
            out = self.ok("cat", image, *files, *options).out
            self.assertEqual(out, b"".join(nodes[path].content for path in files))


class Corpus(Readings):
    def test_LAY_every_trap_is_read_alike_however_it_is_packed(self):
        for name, tars in traps().items():
            for packing in PACKINGS:
                with self.subTest(f"{name}, {packing}"):
                    self.agree(tars, packing)

    def test_LAY_every_trap_is_read_alike_by_a_table_that_came_with_it(self):
        known = []
        for name, tars in traps().items():
            with self.subTest(name):
                known += self.agree_by_tables(tars)
        for reading in TABLES:
            self.assertGreater(known.count(reading), len(traps()) * 2 // 3, f"{reading}: most have one that is used")

    def test_LAY_every_trap_is_exported_alike(self):
        for name, tars in traps().items():
            with self.subTest(name):
                image = self.layout(tars).image
                made = [self.ok("export", image, *options).out for options in READINGS.values()]
                self.assertEqual(made, made[:1] * len(made))

    def test_LAY_30_an_export_is_what_it_is_the_export_of(self):
        for name, tars in traps().items():
            with self.subTest(name):
                archive = self.ok("export", self.layout(tars).image).out
                given, made = merged(tars), merged([archive])
                same = lambda nodes: {path: node.facts() for path, node in nodes.items()}
                self.assertEqual(same(made), same(given))


class Generated(Readings):
    """Images of layers that chance writes, out of few names, so that much collides."""

    NAMES = ["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "l", "l/a", "./a", "/b", "d//a", "d/../b"]
    TARGETS = ["a", "d", "/d", "d/e", "../d", "../../b", "l", "nowhere", "/"]

    def entry(self, chance):
        name = chance.choice(self.NAMES)
        above, _, last = name.rpartition("/")
        kind = chance.randrange(11)
        if kind < 4:
            return file(name, chance.randbytes(chance.randrange(3)), mode=0o600 + chance.randrange(3),
                        uid=chance.randrange(2))
        if kind < 6:
            return folder(name, mode=0o700 + chance.randrange(3))
        if kind == 6:
            return symlink(name, chance.choice(self.TARGETS))
        if kind == 7:
            return hardlink(name, chance.choice(self.NAMES))
        if kind == 8:
            return pipe(name)
        return file(f"{above}/.wh.{last}".lstrip("/") if kind == 9 else f"{name}/.wh..wh..opq")

    def test_LAY_02_whatever_the_layers_hold(self):
        refused = 0
        for seed in range(200):
            chance = random.Random(seed)
            tars = [layer(*(self.entry(chance) for _ in range(chance.randint(1, 7))))
                    for _ in range(chance.randint(1, 4))]
            with self.subTest(seed):
                try:
                    expected = self.expected(merged(tars))
                except Refused:
                    refused += 1
                    self.assertIn(self.regtool("ls", self.layout(tars).image).code, (3, 7))
                    continue
                image = self.layout(tars).image
                self.assertEqual(self.listed(image), expected)
                self.assertEqual(self.listed(image), expected, "by the index")
                if seed % 4 == 0:
                    self.assertEqual(self.agree_by_tables(tars), set(TABLES))
        self.assertLess(refused, 150, "most images are whole ones")


if __name__ == "__main__":
    unittest.main()
