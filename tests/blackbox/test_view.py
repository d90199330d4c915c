"""The image as a file system: what a container would see, read without unpacking it."""

import os
import unittest

from lab import Case, FakeRegistry, sha256, test_layout
from layered import Layout, file, folder, hardlink, layer, symlink


class ViewCase(Case):
    def image(self, *layers, **options):
        self.made = Layout(self.home / f"image{len(list(self.home.iterdir()))}", [layer(*entries) for entries in layers],
                           **options)
        return self.made.image

    def paths(self, image, *options):
        return self.ok("ls", "-R", image, *options).lines

    def cat(self, image, *paths):
        return self.ok("cat", image, *paths).out


class Merging(ViewCase):
    """Each trap of layers in an image of its own."""

    def test_LAY_06_a_whiteout_hides_lower_layers_only(self):
        image = self.image([file("a", b"old"), file("b", b"gone")], [file(".wh.a"), file("a", b"new"), file(".wh.b")])
        self.assertEqual(self.paths(image), ["/a"])
        self.assertEqual(self.cat(image, "a"), b"new")

    def test_LAY_10_a_whiteout_after_the_file_hides_it_no_more_than_before(self):
        image = self.image([file("a", b"old")], [file("a", b"new"), file(".wh.a")])
        self.assertEqual(self.cat(image, "a"), b"new")

    def test_LAY_07_an_opaque_folder_hides_what_is_below(self):
        image = self.image([folder("d"), file("d/old"), folder("d/sub"), file("d/sub/x")],
                           [folder("d"), file("d/new"), file("d/.wh..wh..opq")])
        self.assertEqual(self.paths(image), ["/d", "/d/new"])

    def test_LAY_02_the_last_of_two_entries_wins(self):
        image = self.image([file("a", b"first"), file("./a", b"second")])
        self.assertEqual(self.cat(image, "/a"), b"second")

    def test_LAY_12_a_hard_link_keeps_its_content(self):
        for upper in (file(".wh.a"), file("a", b"other")):
            with self.subTest(upper[0].name):
                image = self.image([file("a", b"shared"), hardlink("b", "a")], [upper])
                self.assertEqual(self.cat(image, "b"), b"shared")
                self.assertEqual(self.ok("ls", image, "/b", "--jq", ".[0].links").text, "1\n")

    def test_LAY_14_folders_that_are_links(self):
        image = self.image([folder("usr"), folder("usr/bin"), symlink("bin", "usr/bin"), symlink("abs", "/usr/bin"),
                            symlink("up", "../../../usr")],
                           [file("bin/tool", b"x"), file("abs/other", b"y")])
        self.assertEqual(self.ok("ls", image, "/bin").lines, ["other", "tool"])
        for path, content in (("/usr/bin/tool", b"x"), ("up/bin/other", b"y"), ("/bin/../bin/tool", b"x")):
            self.assertEqual(self.cat(image, path), content)

    def test_LAY_05_file_for_folder_and_the_reverse(self):
        image = self.image([folder("a"), file("a/x"), file("b")], [file("a", b"now a file"), folder("b"), file("b/y")])
        self.assertEqual(self.paths(image), ["/a", "/b", "/b/y"])

    def test_LAY_15_parents_that_no_entry_names(self):
        image = self.image([file("deep/er/file", b"z")])
        self.assertEqual(self.paths(image), ["/deep", "/deep/er", "/deep/er/file"])

    def test_T_14_links_in_a_circle(self):
        image = self.image([symlink("a", "b"), symlink("b", "a"), symlink("self", "self")])
        for path in ("/a", "/self", "/self/below"):
            self.assertIn("round in circles", self.fails(3, "cat", image, path).err)
        self.assertEqual(self.paths(image), ["/a", "/b", "/self"])

    def test_LAY_28_names_of_all_kinds(self):
        long = "d" * 120 + "/" + "n" * 250
        odd = os.fsdecode(b"caf\xe9")
        image = self.image([file(long, b"long"), file(odd, b"latin"), file("new\nline", b"nl"), file("grün", b"utf")])
        self.assertEqual(self.cat(image, long), b"long")
        self.assertEqual(self.cat(image, os.fsencode(odd).decode("utf-8", "surrogateescape")), b"latin")
        rows = self.ok("ls", image, "--format", "json").json()
        self.assertEqual([row.get("path_base64") for row in rows if "caf" in row["path"]], ["L2NhZuk="])
        self.assertEqual(len(self.ok("ls", image).lines), 4, "a name with a line break must not make two lines")

    def test_T_13_names_that_leave_the_root_are_refused(self):
        for name in ("../x", "a/../../x", "/../x", "d/.wh...", ".wh..."):
            with self.subTest(name):
                self.fails(7, "ls", self.image([folder("d"), file(name)]))


class Commands(ViewCase):
    def setUp(self):
        super().setUp()
        self.small = self.image(
            [folder("etc"), file("etc/conf", b"one\n"), folder("usr"), file("usr/big", b"B" * 5000),
             file("usr/suid", b"s", mode=0o4755), symlink("etc/link", "conf")],
            [file("etc/conf", b"two\n"), folder("root"), file("root/.npmrc", b"token"), file("usr/late", mtime=1_700_000_000)],
            [file("root/.wh..npmrc"), file("usr/.wh.big")],
            commands=["base", "configure", "clean up"])

    def test_ls_details_and_json(self):
        line = self.ok("ls", "-l", self.small, "/usr/suid").text
        self.assertTrue(line.startswith("-rwsr-xr-x 0/0"), line)
        self.assertIn("2020-09-13 12:26 L0 suid", line)
        row = self.ok("ls", self.small, "/etc/link", "--format", "json").json()[0]
        self.assertEqual((row["type"], row["link_target"], row["mode"], row["layer"], row["deleted_by"]),
                         ("symlink", "conf", "0777", 0, None))
        self.assertIn("/usr", self.fails(1, "ls", self.small, "/usr/nothing").err)

    def test_ls_shows_what_was_deleted_and_by_which_layer(self):
        self.assertNotIn("/usr/big", self.paths(self.small))
        self.assertIn("/usr/big (deleted by layer 2)", self.paths(self.small, "--all"))
        self.assertIn("layer 2", self.fails(1, "cat", self.small, "/usr/big").err)

    def test_cat_follows_links_and_refuses_folders(self):
        self.assertEqual(self.cat(self.small, "/etc/link", "etc/conf"), b"two\ntwo\n")
        self.assertIn("folder", self.fails(2, "cat", self.small, "/etc").err)
        result = self.fails(1, "cat", self.small, "/etc/conf", "/nowhere")
        self.assertEqual(result.out, b"", "nothing is written unless all is there")

    def test_cat_reads_no_more_layers_than_it_must(self):
        err = self.ok("cat", "-v", self.small, "/etc/conf").err
        self.made.blob(0).write_bytes(b"what stands here is not read")
        self.assertEqual(self.cat(self.small, "/etc/conf"), b"two\n")
        self.assertIn("layer 1", err)
        self.assertIn("digest verified", err)
        self.assertIn("not read", err)
        self.fails(7, "ls", self.small)

    def test_find(self):
        for options, expected in ((["--name", "*.np*"], []), (["--name", "l*"], ["/etc/link", "/usr/late"]),
                                  (["--setuid"], ["/usr/suid"]), (["--type", "l"], ["/etc/link"]),
                                  (["--type", "d"], ["/", "/etc", "/root", "/usr"]),
                                  (["--size", "+3"], ["/etc/conf"]), (["--size", "1"], ["/usr/suid"]),
                                  (["--newer", "2023-01-01"], ["/usr/late"]), (["--regex", "^/us.*t"], ["/usr/late"])):
            with self.subTest(options):
                self.assertEqual(self.ok("find", self.small, *options).lines, expected)
        self.assertEqual(self.ok("find", self.small, "/usr", "--type", "f").lines, ["/usr/late", "/usr/suid"])
        for options in (["--size", "big"], ["--regex", "("], ["--newer", "yesterday"]):
            self.fails(2, "find", self.small, *options)

    def test_blame(self):
        steps = self.ok("blame", self.small, "/etc/conf", "--format", "json").json()["steps"]
        self.assertEqual([(s["layer"], s["change"], s["created_by"]) for s in steps],
                         [(0, "added", "base"), (1, "replaced", "configure")])
        gone = self.ok("blame", self.small, "/usr/big", "--format", "json").json()
        self.assertEqual((gone["exists"], gone["steps"][-1]["change"], gone["steps"][-1]["created_by"],
                          gone["steps"][-1]["entry"]), (False, "deleted", "clean up", "usr/.wh.big"))
        self.assertIn("clean up", self.ok("blame", self.small, "usr/big").text)
        self.fails(1, "blame", self.small, "/never")

    def test_waste(self):
        report = self.ok("waste", self.small, "--format", "json").json()
        self.assertEqual(report["hidden"], 5000 + 4 + 5)
        self.assertEqual(report["shipped"], 5000 + 4 + 4 + 5 + 1)
        self.assertEqual([row["path"] for row in report["rows"]], ["/usr/big", "/root/.npmrc", "/etc/conf"])
        self.assertEqual([row["path"] for row in report["telling"]], ["/root/.npmrc"])
        self.assertIn("everyone can download it from layer 1", self.ok("waste", self.small).text)

    def test_through_a_registry(self):
        registry = FakeRegistry()
        self.addCleanup(registry.stop)
        plain = [layer(file("a", b"below")), layer(file("b", b"above"))]
        registry.add_image("app", "v1", plain, layer_type="application/vnd.oci.image.layer.v1.tar")
        image = f"{registry.host}/app:v1"
        self.assertEqual(self.cat(image, "/b"), b"above")
        asked = "".join(str(line) for line in registry.asked("GET"))
        self.assertIn(sha256(plain[1]), asked)
        self.assertNotIn(sha256(plain[0]), asked, "the top layer answers alone")
        self.assertEqual(self.ok("ls", image).lines, ["a", "b"])


class RealImage(Case):
    def test_os_release_is_the_file_behind_the_link(self):
        image = f"oci:{test_layout()}:small"
        amd64 = ["--platform", "linux/amd64"]
        behind = self.ok("cat", image, "/usr/lib/os-release", *amd64).out
        self.assertIn(b"Debian", behind)
        self.assertEqual(self.ok("cat", image, "/etc/os-release", *amd64).out, behind)
        zstd = self.ok("ls", "-R", "-l", f"oci:{test_layout()}:zstd", *amd64).out
        self.assertEqual(self.ok("ls", "-R", "-l", image, *amd64).out, zstd)


class Hostile(ViewCase):
    def test_T_20_many_names_in_little_memory(self):
        many = [file(f"d{n % 100}/{n}") for n in range(50_000)]
        image = self.image(many)
        result = self.ok("find", image, "--name", "49999", timeout=120)
        self.assertEqual(result.lines, ["/d99/49999"])

    def test_T_21_deep_folders(self):
        self.assertIn("4096 bytes", self.fails(7, "ls", self.image([file("d/" * 5000 + "x")])).err)

    def test_T_16_a_layer_that_is_cut(self):
        image = self.image([file("a", b"x" * 100_000)])
        blob = self.made.blob(0)
        blob.write_bytes(blob.read_bytes()[:-20])
        self.assertEqual(self.fails(7, "cat", image, "/a").out, b"")


if __name__ == "__main__":
    unittest.main()
