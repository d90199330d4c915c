"""Indexes of layers: what is known of a layer is not fetched again, and what is fetched is verified."""

import gzip
import os
import random
import shutil
import subprocess
import unittest

from counted import CountedCase, CountedRegistry
from lab import REGTOOL
from layered import Layout, file, folder, layer

CHUNK = 64 << 10


class Indexes(CountedCase):
    def setUp(self):
        super().setUp()
        noise = random.Random(1)
        self.files = {f"d/f{i}": noise.randbytes(150_000) for i in range(40)}
        lower = layer(folder("d"), *(file(name, content) for name, content in self.files.items()))
        self.layout = Layout(self.home / "image", [lower, layer(file("top", b"of all"))])
        self.image = self.registry.add_counted("app", "1", [self.layout.blob(i).read_bytes() for i in range(2)])
        self.layers = self.registry.layers

    def indexes(self):
        return sorted((self.home / ".cache/regtool/layers").glob("*.index"))

    def test_BLB_12_the_second_cat_moves_a_part(self):
        first, whole = self.moved("cat", self.image, "/d/f7")
        self.assertEqual(first.out, self.files["d/f7"])
        self.assertEqual(whole, sum(map(len, self.layers)))
        second, part = self.moved("cat", "-v", self.image, "/d/f7")
        self.assertEqual(second.out, self.files["d/f7"])
        self.assertLess(part, len(self.layers[0]) // 3)
        self.assertIn("each part verified", second.err)

    def test_listings_of_known_layers_move_nothing(self):
        listed = self.ok("ls", "-lR", self.image).out
        self.assertEqual(len(self.indexes()), 2)
        for args in (("ls", "-lR"), ("find",), ("blame", "/top"), ("waste",)):
            with self.subTest(args[0]):
                result, sent = self.moved(args[0], *[a for a in args[1:] if a.startswith("-")], self.image,
                                          *[a for a in args[1:] if not a.startswith("-")])
                self.assertEqual(sent, 0)
                if args[0] == "ls":
                    self.assertEqual(result.out, listed)

    def test_a_second_diff_moves_nothing(self):
        status = lambda version: file("var/lib/dpkg/status", f"Package: p\nVersion: {version}\n".encode())
        # All of the layer shipped again, with one file and one package changed.
        again = {**self.files, "d/f3": random.Random(2).randbytes(150_000)}
        registries, shared = [], self.layers[1]
        for number, (files, version) in enumerate(((self.files, 1), (again, 2))):
            tar = layer(folder("d"), *(file(name, content, mtime=number) for name, content in files.items()),
                        status(version))
            registry = CountedRegistry()
            self.addCleanup(registry.stop)
            registry.add_counted("app", "1", [shared, gzip.compress(tar, 1, mtime=0)])
            registries.append(registry)
        images = [f"{registry.host}/app:1" for registry in registries]

        def diff(*options):
            for registry in registries:
                registry.sent = 0
            result = self.regtool("diff", *images, "--semantic", "--only", "files", "--only", "packages", *options)
            self.assertEqual((result.code, result.err), (1, ""))
            return result.out, sum(registry.sent for registry in registries)

        first, whole = diff()
        each = len(shared) + sum(len(registry.layers[1]) for registry in registries)
        self.assertEqual(whole, each, "each layer once, the shared one for both")
        self.assertEqual(first.decode().splitlines()[2:], ["packages (1)", "  ~ dpkg p  1 -> 2", "files (2)",
                                                           "  ~ /d/f3  content", "  ~ /var/lib/dpkg/status  content"])
        self.assertEqual(diff(), (first, 0))
        self.assertEqual(diff("--no-cache"), (first, whole))
        self.assertEqual(diff("--cache-dir", self.home / "other"), (first, whole))
        self.assertEqual(diff("--cache-dir", self.home / "other"), (first, 0))

    def test_a_layer_is_known_wherever_it_is_read_from(self):
        self.ok("warm", self.layout.image)
        result, sent = self.moved("ls", "-R", self.image)
        self.assertEqual((len(result.lines), sent), (42, 0))

    def test_warm_says_what_was_known(self):
        report = self.ok("warm", self.image, "--format", "json").json()
        self.assertEqual([row["known"] for row in report["layers"]], [False, False])
        self.assertEqual([row["entries"] for row in report["layers"]], [41, 1])
        self.assertLess(report["layers"][0]["index_size"], len(self.layers[0]) * 0.015)
        again, sent = self.moved("warm", self.image, "--jq", ".layers[].known")
        self.assertEqual((again.lines, sent), (["true", "true"], 0))

    def test_without_a_cache_nothing_is_kept(self):
        for _ in range(2):
            _, sent = self.moved("ls", "--no-cache", self.image)
            self.assertEqual(sent, sum(map(len, self.layers)))
        self.assertFalse((self.home / ".cache").exists())
        self.assertIn("--cache-dir", self.fails(2, "warm", "--no-cache", self.image).err)

    def test_the_folder_is_the_one_that_is_named(self):
        for number, (args, env, place) in enumerate((
                (("--cache-dir", str(self.home / "here")), {}, "here"),
                ((), {"XDG_CACHE_HOME": str(self.home / "xdg")}, "xdg/regtool"),
                ((), {"REGTOOL_CACHE_DIR": str(self.home / "named")}, "named"))):
            with self.subTest(number):
                self.ok("warm", *args, self.image, env=env)
                self.assertEqual(len(list((self.home / place / "layers").glob("*.index"))), 2)

    def test_T_01_other_bytes_in_a_part_are_an_integrity_error(self):
        self.ok("warm", self.image)
        spoiled = bytearray(self.layers[0])
        for at in range(CHUNK // 2, len(spoiled), CHUNK):
            spoiled[at] ^= 1
        self.layers[0] = bytes(spoiled)
        result = self.fails(7, "cat", self.image, "/d/f20")
        self.assertTrue(self.files["d/f20"].startswith(result.out))

    def test_T_38_a_spoiled_index_is_made_anew(self):
        listed = self.ok("ls", "-lR", self.image).out
        index = max(self.indexes(), key=lambda path: path.stat().st_size)
        good = index.read_bytes()
        for planted in (b"", good[:-1], good[:50], os.urandom(len(good)), b"rtlayer\1" + bytes(100)):
            with self.subTest(len(planted)):
                index.write_bytes(planted)
                _, sent = self.moved("ls", self.image)
                self.assertEqual(sent, len(self.layers[0]))
                result, sent = self.moved("ls", "-lR", self.image)
                self.assertEqual((result.out, sent), (listed, 0))

    def test_a_cache_that_cannot_be_written_stops_only_warm(self):
        (self.home / ".cache").write_text("a file")
        self.assertEqual(self.ok("cat", self.image, "/top").out, b"of all")
        self.fails(10, "warm", self.image)

    def test_T_38_a_cache_that_is_not_used_is_told_of(self):
        folder = self.home / "shared"
        (folder / "layers").mkdir(parents=True)
        (folder / "layers").chmod(0o777)
        (self.home / "file").write_text("")
        for cache in (folder, self.home / "file"):
            with self.subTest(cache.name):
                named = self.ok("ls", "--cache-dir", cache, self.image)
                self.assertIn("warning: the cache is not used", named.err)
        os.chmod(folder / "layers", 0o755)
        self.assertEqual(self.ok("ls", "--cache-dir", folder, self.image).err, "")
        # What nobody named is not spoken of unless somebody wonders.
        (self.home / ".cache/regtool").parent.mkdir(exist_ok=True)
        shutil.rmtree(self.home / ".cache/regtool", ignore_errors=True)
        (self.home / ".cache/regtool").write_text("")
        self.assertEqual(self.ok("ls", self.image).err, "")
        self.assertIn("the cache is not used", self.ok("-v", "ls", self.image).err)

    def test_many_at_once(self):
        listed = self.ok("ls", "-lR", "--no-cache", self.image).out
        runs = [subprocess.Popen([REGTOOL, "ls", "-lR", self.image], env=self.environment(), stdout=subprocess.PIPE)
                for _ in range(6)]
        self.assertEqual([run.communicate()[0] for run in runs], [listed] * 6)
        self.assertEqual(len(self.indexes()), 2)
        self.assertEqual(len(list((self.home / ".cache/regtool/layers").iterdir())), 2)


if __name__ == "__main__":
    unittest.main()
