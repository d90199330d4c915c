"""Images written out: extract into a folder, export as one tar; compared with umoci, and attacked."""

import hashlib
import io
import os
import pathlib
import stat
import subprocess
import tarfile
import tempfile
import unittest

from lab import REGTOOL, Case, test_layout
from layered import DATE, Layout, file, folder, hardlink, layer, symlink
from traps import device, entries, sparse, traps


def facts(root, times=True, owners=True):
    """What is below a folder: type, mode, owner, time, content, links."""
    found = {}
    for above, folders, files in os.walk(os.fsencode(root)):
        for name in folders + files:
            path = os.path.join(above, name)
            at = os.lstat(path)
            what = [stat.S_IFMT(at.st_mode), stat.S_IMODE(at.st_mode)]
            if owners:
                what += [at.st_uid, at.st_gid]
            if times:
                what.append(int(at.st_mtime))
            what += [(key, os.getxattr(path, key, follow_symlinks=False))
                     for key in os.listxattr(path, follow_symlinks=False) if key.startswith("user.")]
            if stat.S_ISREG(at.st_mode):
                with open(path, "rb") as content:
                    what += [hashlib.sha256(content.read()).hexdigest(), at.st_nlink]
            elif stat.S_ISLNK(at.st_mode):
                what.append(os.readlink(path))
            elif not stat.S_ISDIR(at.st_mode):
                what.append(at.st_rdev)
            found[os.path.relpath(path, os.fsencode(root))] = what
    return found


class UnpackCase(Case):
    def image(self, *layers):
        path = pathlib.Path(tempfile.mkdtemp(dir=self.home)) / "layout"
        return Layout(path, [layer(*entries) for entries in layers]).image

    def extract(self, image, *options):
        target = pathlib.Path(tempfile.mkdtemp(dir=self.home)) / "root"
        self.ok("extract", image, "-C", target, *options)
        return target

    def umoci(self, layout, name):
        bundle = pathlib.Path(tempfile.mkdtemp(dir=self.home)) / "bundle"
        rootless = [] if os.geteuid() == 0 else ["--rootless"]
        subprocess.run(["umoci", "unpack", *rootless, "--image", f"{layout}:{name}", bundle],
                       check=True, capture_output=True)
        return bundle / "rootfs"

    def untar(self, archive):
        target = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        subprocess.run(["tar", "-x", "-p", "--xattrs", "-C", target], input=archive, check=True)
        return target


class Corpus(UnpackCase):
    @unittest.skipUnless(os.geteuid() == 0, "owners and special bits are root's")
    def test_LAY_the_traps_come_out_as_umoci_unpacks_them(self):
        for name, layers in traps().items():
            if name == "sparse, GNU":
                continue  # umoci does not read it; test_LAY_20 does
            with self.subTest(name):
                path = pathlib.Path(tempfile.mkdtemp(dir=self.home)) / "layout"
                image = Layout(path, layers).image
                # Times of folders are left out: umoci sets some when it puts things into them later.
                expected = facts(self.umoci(path, 1), times=False)
                self.assertEqual(facts(self.extract(image, "--devices"), times=False), expected)
                self.assertEqual(facts(self.untar(self.ok("export", image).out), times=False), expected)

    def test_LAY_20_sparse_files_of_gnu_tar(self):
        expected = bytearray(3 << 20)
        for at in (0, 1 << 20, 2 << 20):
            expected[at:at + 4096] = b"data" * 1024
        for number, options in enumerate((["--format=gnu"], ["--format=pax", "--sparse-version=0.1"],
                                          ["--format=pax", "--sparse-version=1.0"])):
            with self.subTest(options):
                tar = sparse(*options)
                self.assertLess(len(tar), 1 << 20, "no sparse archive")
                image = Layout(self.home / f"sparse{number}", [tar]).image
                self.assertEqual(self.ok("cat", image, "holes").out, expected)
                self.assertEqual((self.extract(image) / "holes").read_bytes(), expected)
                self.assertEqual((self.untar(self.ok("export", image).out) / "holes").read_bytes(), expected)

    def test_LAY_20_files_that_are_one_hole(self):
        with tempfile.TemporaryDirectory() as above:
            with open(pathlib.Path(above) / "holes", "wb") as holes:
                holes.truncate(3_000_000)
            for number, options in enumerate((["--format=gnu"], ["--format=pax", "--sparse-version=0.0"],
                                              ["--format=pax", "--sparse-version=0.1"],
                                              ["--format=pax", "--sparse-version=1.0"])):
                with self.subTest(options):
                    tar = subprocess.run(["tar", "-cS", *options, "-C", above, "holes"], check=True,
                                         capture_output=True).stdout
                    image = Layout(self.home / f"hole{number}", [tar]).image
                    for option in (["--no-cache"], [], []):
                        self.assertEqual(self.ok("cat", *option, image, "holes").out, bytes(3_000_000))
                    self.assertEqual((self.extract(image) / "holes").read_bytes(), bytes(3_000_000))
                    plain = Layout(self.home / f"plain{number}", [layer(file("holes", bytes(3_000_000)))]).image
                    listed = self.ok("diff", "--semantic", "--only", "files", "--format", "json", image, plain)
                    self.assertTrue(listed.json()["same"])

    def test_LAY_30_the_same_image_gives_the_same_tar(self):
        for name, layers in traps().items():
            with self.subTest(name):
                first, second = (Layout(self.home / f"{name} {i}", layers).image for i in range(2))
                self.assertEqual(self.ok("export", first).out, self.ok("export", second).out)

    def test_export_to_a_file_appears_whole_or_not_at_all(self):
        image = self.image([file("a", b"content")])
        self.ok("export", image, "-o", "image.tar")
        with tarfile.open(self.home / "image.tar") as tar:
            self.assertEqual(tar.extractfile("a").read(), b"content")
        broken = Layout(self.home / "broken", [layer(file("a", b"x" * 1000))])
        broken.blob(0).write_bytes(b"no layer")
        self.fails(7, "export", broken.image, "-o", "broken.tar")
        self.assertEqual([n for n in os.listdir(self.home) if "broken.tar" in n], [])

    def test_export_to_a_pipe_or_a_device_leaves_it_what_it_is(self):
        image = self.image([file("a", b"content")])
        expected = self.ok("export", image).out
        pipe = self.home / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
            self.ok("export", image, "-o", pipe)
            self.assertEqual(reader.communicate(timeout=60)[0], expected)
        self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))
        whole = subprocess.run(["bash", "-c", '"$0" export "$1" -o >(cat > whole); wait $!; "$0" export "$1" -o /dev/stdout > direct',
                                REGTOOL, image], cwd=self.home, env=self.environment(), capture_output=True, timeout=60)
        self.assertEqual((whole.returncode, whole.stderr), (0, b""))
        self.assertEqual((self.home / "whole").read_bytes(), expected)
        self.assertEqual((self.home / "direct").read_bytes(), expected)
        if os.geteuid() == 0:
            device = self.home / "null"
            os.mknod(device, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
            self.ok("export", image, "-o", device)
            self.ok("copy", image, f"oci:{self.home}/copied:v1", "--digest-file", device)
            self.assertTrue(stat.S_ISCHR(device.stat().st_mode))

    def test_DIF_02_layers_that_are_not_what_the_configuration_says(self):
        made = Layout(self.home / "one", [layer(file("a", b"a")), layer(file("b", b"b"))])
        made.write(made.layers[::-1])
        result = self.fails(7, "export", made.image)
        self.assertRegex(result.err, "layer sha256:[0-9a-f]{64} unpacks to sha256:.*, the configuration's diff ID is sha256:")
        self.fails(7, "extract", made.image, "-C", self.home / "out")
        self.assertFalse((self.home / "out").exists() and os.listdir(self.home / "out"))

    def test_parts_of_an_image(self):
        image = self.image([folder("etc"), file("etc/a", b"a"), file("etc/b", b"b"), symlink("l", "etc/a"), file("top")])
        target = self.extract(image, "/etc/a", "/l")
        self.assertEqual(sorted(os.listdir(target)), ["etc", "l"])
        self.assertEqual(os.listdir(target / "etc"), ["a"])
        self.assertEqual(os.readlink(target / "l"), "etc/a")
        self.assertEqual(int((target / "etc/a").stat().st_mtime), DATE)
        self.fails(1, "extract", image, "/etc/a", "/nothing", "-C", self.home / "none")
        self.assertFalse((self.home / "none").exists())

    def test_a_file_whose_content_is_wrong_does_not_stay(self):
        made = Layout(self.home / "known", [layer(file("a", os.urandom(300_000)))])
        self.ok("extract", made.image, "-C", self.home / "good")  # leaves an index
        stored = bytearray(made.blob(0).read_bytes())
        stored[200_000] ^= 1
        made.blob(0).write_bytes(stored)
        self.fails(7, "extract", made.image, "-C", self.home / "out")
        self.assertEqual(os.listdir(self.home / "out"), [])

    def test_folders_on_the_way_that_were_there_stay_as_they_are(self):
        image = self.image([folder("./", mode=0o700), folder("etc", mode=0o555), file("etc/a", b"a"), file("usr/b", b"b")])
        target = self.home / "out"
        for name, mode in (("", 0o1777), ("etc", 0o2570), ("usr", 0o2770)):
            (target / name).mkdir()
            (target / name).chmod(mode)
            os.utime(target / name, (5, 5))
        self.ok("extract", image, "/etc/a", "/usr/b", "-C", target)
        self.assertEqual([oct(stat.S_IMODE((target / name).stat().st_mode)) for name in ("", "etc", "usr")],
                         ["0o1777", "0o2570", "0o2770"])
        self.assertEqual((target / "etc/a").read_bytes(), b"a")
        # Those that it makes have what the image says, and so have those that were asked for.
        self.ok("extract", image, "/etc/a", "-C", self.home / "new")
        self.assertEqual(stat.S_IMODE((self.home / "new/etc").stat().st_mode), 0o555)
        self.ok("extract", image, "/etc", "-C", target)
        self.assertEqual(stat.S_IMODE((target / "etc").stat().st_mode), 0o555)
        self.ok("extract", image, "-C", target)
        self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o700)

    @unittest.skipUnless(os.geteuid() == 0, "such attributes are root's")
    def test_LAY_17_attributes_of_links(self):
        link = symlink("s", "a")
        link[0].pax_headers = {"SCHILY.xattr.trusted.note": "on the link", "SCHILY.xattr.user.none": "links cannot"}
        result = self.ok("extract", self.image([file("a"), link]), "-C", self.home / "out")
        self.assertEqual(os.getxattr(self.home / "out/s", "trusted.note", follow_symlinks=False), b"on the link")
        self.assertEqual(os.listxattr(self.home / "out/a"), [])
        self.assertIn("1 extended attributes could not be set", result.err)

    def test_a_run_can_be_repeated(self):
        image = self.image(*entries()["modes"])
        target = self.extract(image)
        before = facts(target)
        self.ok("extract", image, "-C", target)
        self.assertEqual(facts(target), before)


class RealImage(UnpackCase):
    @unittest.skipUnless(os.geteuid() == 0, "owners are root's")
    def test_LAY_a_debian_image_comes_out_as_umoci_unpacks_it(self):
        layout = test_layout()
        image = f"oci:{layout}:small"
        expected = facts(self.umoci(layout, "small"))
        amd64 = ["--platform", "linux/amd64"]
        self.assertEqual(facts(self.extract(image, *amd64)), expected)
        archive = self.ok("export", image, *amd64).out
        self.assertEqual(facts(self.untar(archive)), expected)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            names = [info.name for info in tar if info.name != "."]
        self.assertEqual(sorted(names), sorted(os.fsdecode(path) for path in expected))
        self.assertEqual(self.ok("export", f"oci:{layout}:zstd", *amd64).out, archive)

    @unittest.skipUnless(os.geteuid() == 0, "devices and other users need root")
    def test_LAY_22_LAY_23_what_another_user_than_root_gets(self):
        image = self.image([file("s", b"x", mode=0o4755, uid=7), device("null")])
        target = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        for path in (self.home, target, *self.home.iterdir()):
            path.chmod(0o755)
        os.chown(target, 65534, 65534)
        out = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", REGTOOL,
                              "extract", image, "-C", target], capture_output=True, env=self.environment())
        self.assertEqual(out.returncode, 0, out.stderr)
        at = (target / "s").lstat()
        self.assertEqual((stat.S_IMODE(at.st_mode), at.st_uid), (0o755, 65534))
        self.assertFalse((target / "null").exists())
        self.assertIn(b"left out", out.stderr)


# What tries to leave the folder: names that go up, links that lead out and are then walked through.
def escapes(outside):
    for name in ("../evil", "../../evil", "a/../../evil", "./../evil", "/../evil", "a/b/../../../evil", "..", "../",
                 "a/..//../evil", "././../evil"):
        yield [file(name, b"evil")]
        yield [folder(name)]
        yield [symlink(name, outside)]
        yield [file("x"), hardlink(name, "x")]
    for target in (outside, "../" * 12 + outside.lstrip("/"), "/proc/self/root" + outside, "/proc/self/cwd"):
        yield [symlink("out", target), file("out/evil", b"evil")]
        yield [symlink("out", target), folder("out"), file("out/evil", b"evil")]
        yield [symlink("out", target), hardlink("out/evil", "out")]
        yield [symlink("out", target)], [file("out/evil", b"evil")]
        yield [symlink("out", target + "/evil"), file("out", b"evil")]
        yield [folder("out"), symlink("out", target), file("out/evil", b"evil")]
    yield [hardlink("in", outside + "/kept")]
    yield [hardlink("in", "../" * 12 + outside.lstrip("/") + "/kept")]
    yield [symlink("l", outside + "/kept"), hardlink("in", "l"), file("in", b"evil")]


class Hostile(UnpackCase):
    def test_T_13_T_14_T_15_nothing_leaves_the_folder(self):
        outside = self.home / "outside"
        outside.mkdir()
        (outside / "kept").write_bytes(b"kept")
        tried = 0
        for image in escapes(str(outside)):
            layers = image if isinstance(image, tuple) else (image,)
            tried += 1
            with self.subTest([[info.name + ">" + info.linkname for info, _ in entries] for entries in layers]):
                base = pathlib.Path(tempfile.mkdtemp(dir=self.home))
                result = self.regtool("extract", self.image(*layers), "-C", base / "root")
                self.assertIn(result.code, (0, 7, 3), result.err)
                self.assertEqual(os.listdir(outside), ["kept"])
                self.assertEqual((outside / "kept").read_bytes(), b"kept")
                self.assertEqual((outside / "kept").stat().st_nlink, 1)
                self.assertLessEqual(set(os.listdir(base)), {"root"})
        self.assertGreaterEqual(tried, 60)

    def test_T_14_links_that_stand_in_the_folder_already(self):
        outside = self.home / "outside"
        outside.mkdir()
        root = self.home / "root"
        root.mkdir()
        (root / "etc").symlink_to(outside)
        (root / "f").symlink_to(outside / "f")
        self.ok("extract", self.image([folder("etc"), file("etc/x", b"x"), file("f", b"f")]), "-C", root)
        self.assertEqual(os.listdir(outside), [])
        self.assertEqual((root / "etc/x").read_bytes(), b"x")
        self.assertFalse((root / "f").is_symlink())

    def test_what_stands_in_the_way_is_not_emptied(self):
        root = self.home / "root"
        (root / "a").mkdir(parents=True)
        (root / "a/precious").write_bytes(b"!")
        self.fails(10, "extract", self.image([file("a", b"file")]), "-C", root)
        self.assertEqual((root / "a/precious").read_bytes(), b"!")


if __name__ == "__main__":
    unittest.main()
