"""What differs between two images, against what Python finds in the same layers."""

import json
import unittest

import rpm
from lab import Case, test_layout
from layered import DATE, Layout, file, folder, hardlink, layer, symlink
from merged import merged

STATUS = "var/lib/dpkg/status"


def status(**versions):
    text = "".join(f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"
                   for name, version in versions.items())
    return file(STATUS, text.encode())


class Diff(Case):
    def image(self, *layers, **options):
        tars = [layer(*entries) for entries in layers]
        made = Layout(self.home / f"image{len(list(self.home.iterdir()))}", tars, **options)
        return made.image, tars

    def differs(self, *args):
        """An answer, not an error: stderr stays empty."""
        result = self.regtool("diff", *args)
        self.assertEqual((result.code, result.err), (1, ""))
        return result

    def test_same_is_quiet_and_0(self):
        one, _ = self.image([file("a", b"1")])
        two, _ = self.image([file("a", b"1")])
        for other in (one, two):
            self.assertEqual(self.ok("diff", one, other).out, b"")
        report = self.ok("diff", one, two, "--format", "json").json()
        self.assertEqual((report["same"], report["files"], report["manifest"]), (True, [], []))

    def test_files_as_python_finds_them(self):
        base = [folder("usr"), folder("usr/bin"), file("usr/bin/a", b"a" * 5000), file("usr/bin/b", b"b"),
                file("etc-x", b"x"), symlink("bin", "usr/bin"), file("gone", b"1"), status(libc="1", same="1")]
        one, first = self.image(base, [file("usr/bin/b", b"c"), file(".wh.gone"), file("mode", b"m", mode=0o755)])
        two, second = self.image(base, [file("usr/bin/a", b"a" * 4999 + b"!"), file("mode", b"m", mode=0o700),
                                        status(libc="2", same="1", new="1"), file("owner", b"", uid=7)])
        a, b = ({path: node.facts() for path, node in merged(tars).items()} for tars in (first, second))
        expected = {(path, "changed" if path in a and path in b else "added" if path in b else "removed")
                    for path in a | b if a.get(path) != b.get(path)}
        report = self.differs(one, two, "--format", "json").json()
        found = {(row["path"], row["change"]) for row in report["files"] if not row["path"].startswith("/var")}
        self.assertEqual(found, {row for row in expected if not row[0].startswith("/var")})
        self.assertEqual({row["path"]: row["what"] for row in report["files"]}["/usr/bin/a"], ["content"])
        self.assertEqual([(row["name"], [v["version"] for v in row["before"]], [v["version"] for v in row["after"]])
                          for row in report["packages"]], [("libc", ["1"], ["2"]), ("new", [], ["1"])])

    def test_only_and_semantic(self):
        def image(date, *entries):
            made = [file("a", b"1", mtime=date), *entries]
            return self.image(made)[0]
        one, later, linked = image(DATE), image(DATE + 1), image(DATE, hardlink("b", "a"))
        self.assertEqual(self.differs(one, later, "--only", "files").lines[2:], [
            "files (1)", "  ~ /a  time 2020-09-13T12:26:40Z -> 2020-09-13T12:26:41Z"])
        self.ok("diff", one, later, "--semantic")
        self.ok("diff", one, later, "--only", "packages")
        self.differs(one, linked, "--semantic")
        self.assertEqual(set(self.differs(one, later, "--only", "config", "--only", "manifest", "--format",
                                          "json").json()) - {"same", "before", "after", "notes"},
                         {"config", "manifest"})
        self.fails(2, "diff", one, later, "--only", "nothing")
        self.fails(2, "diff", one, later, "--github", "--format", "json")
        self.fails(2, "diff", one)

    def test_markdown_keeps_its_table(self):
        one, _ = self.image([file("a|b`c", b"1")])
        two, _ = self.image([file("a|b`c", b"2"), file("<img>\n", b"")])
        text = self.differs(one, two, "--github").text
        self.assertIn("| files | 2 |", text)
        self.assertIn("| `~` | `` /a\\|b`c `` | `content` |", text)
        self.assertIn("| `+` | `/<img>\\n` | `0 B` |", text)

    def test_markdown_fits_into_a_comment(self):
        one, _ = self.image([])
        two, _ = self.image([file("d" * 100 + f"/{i:05}" + "n" * 100) for i in range(2000)])
        text = self.differs(one, two, "--github", "--only", "files").text
        self.assertLess(len(text), 65536)
        self.assertIn("| files | 2001 |", text)
        self.assertRegex(text, r"… and 1\d\d\d more\n\n</details>\n$")

    def test_layers_that_both_have_are_read_once(self):
        one, _ = self.image([file("shared", b"s")], [file("a", b"1")])
        two, _ = self.image([file("shared", b"s")], [file("a", b"2")])
        lines = [line for line in self.regtool("diff", "-v", one, two).err.splitlines() if "fetched" in line]
        self.assertEqual(sum("layer 0" in line and " 0 B of " in line for line in lines), 1, lines)
        self.assertEqual(sum(" 0 B of " in line for line in lines), 1, lines)

    def packages(self, one, two):
        """(manager, name, versions before, versions after) of what differs."""
        rows = self.regtool("diff", one, two, "--only", "packages", "--format", "json").json()["packages"]
        return [(row["manager"], row["name"], *([v["version"] for v in row[side]] for side in ("before", "after")))
                for row in rows]

    def test_formats_of_its_own(self):
        one, two = (self.image([file("a", text)])[0] for text in (b"1", b"2"))
        expected = self.differs(one, two, "--github").out
        self.assertEqual(self.differs(one, two, "--format", "github").out, expected)
        before = self.regtool("--format", "github", "diff", one, two)
        self.assertEqual((before.code, before.out), (1, expected))
        self.assertIn("'github' is none of json, ndjson, text\n",
                      self.fails(2, "ls", "--format", "github", one).err)
        self.assertIn("'xml' is none of json, ndjson, text, github\n",
                      self.fails(2, "diff", "--format", "xml", one, two).err)

    def test_packages_of_rpm(self):
        folders = [folder("usr"), folder("usr/lib"), folder("usr/lib/sysimage"), folder("usr/lib/sysimage/rpm"),
                   folder("var"), folder("var/lib"), symlink("var/lib/rpm", "../../usr/lib/sysimage/rpm")]
        first = rpm.database(rpm.header("bash", "5.2.26", "3.fc40"), rpm.header("glibc", "2.39", "8"),
                             rpm.header("glibc", "2.39", "8", architecture="i686"), rpm.header("gone", "1"),
                             rpm.header("shadow", "4.15", "1", epoch=2))
        second = rpm.database(rpm.header("bash", "5.2.32", "1.fc40"), rpm.header("glibc", "2.39", "8"),
                              rpm.header("shadow", "4.15", "1", epoch=2), rpm.header("new", "7"))
        expected = [("rpm", "bash", ["5.2.26-3.fc40"], ["5.2.32-1.fc40"]), ("rpm", "glibc", ["2.39-8"] * 2, ["2.39-8"]),
                    ("rpm", "gone", ["1-1"], []), ("rpm", "new", [], ["7-1"])]
        for place in ("usr/lib/sysimage/rpm", "var/lib/rpm"):
            with self.subTest(place):
                layers = [[*folders[:-1 if place.startswith("var") else None], *[folder(place)] * place.startswith("var"),
                           file(f"{place}/rpmdb.sqlite", database)] for database in (first, second)]
                one, two = (self.image(entries)[0] for entries in layers)
                self.assertEqual(self.packages(one, two), expected)
                self.assertEqual(self.packages(one, two), expected, "and the same when it is kept")
                self.assertIn("  ~ rpm bash  5.2.26-3.fc40 -> 5.2.32-1.fc40",
                              self.differs(one, two, "--only", "packages").lines)

    def test_a_database_of_rpm_that_is_broken(self):
        good, _ = self.image([file("var/lib/rpm/rpmdb.sqlite", rpm.database(rpm.header("a", "1")))])
        for broken in (b"x", b"x" * 4096, rpm.database(b"no header"), rpm.database(rpm.header("a", "1"))[:5000]):
            with self.subTest(len(broken)):
                bad, _ = self.image([file("var/lib/rpm/rpmdb.sqlite", broken)])
                self.assertIn("rpm", self.fails(3, "diff", good, bad).err)
                self.differs(good, bad, "--only", "files")

    def test_packages_of_rpm_without_sqlite(self):
        one, two = (self.image([file("var/lib/rpm/rpmdb.sqlite", rpm.database(rpm.header("a", version)))])[0]
                    for version in "12")
        hidden = self.home / "lib"
        hidden.mkdir()
        (hidden / "libsqlite3.so.0").write_bytes(b"none")
        without = {"LD_LIBRARY_PATH": hidden}
        result = self.fails(2, "diff", one, two, env=without)
        self.assertIn("libsqlite3, which reads their database, is not installed", result.err)
        self.assertIn("apt-get install libsqlite3-0", result.err)
        self.assertEqual(self.regtool("diff", one, two, "--only", "files", env=without).code, 1)

    def test_older_databases_of_rpm_are_told_of(self):
        one, _ = self.image([file("var/lib/rpm/Packages", b"1")])
        two, _ = self.image([file("var/lib/rpm/Packages", b"2")])
        result = self.regtool("diff", one, two, "--only", "packages")
        self.assertEqual((result.code, result.out), (0, b""))
        self.assertIn("/var/lib/rpm/Packages: rpm's database is of an old form", result.err)

    def test_a_broken_layer_is_no_difference(self):
        one, _ = self.image([file("a", b"1")])
        made = Layout(self.home / "broken", [layer(file("a", b"2"))])
        made.blob(0).write_bytes(made.blob(0).read_bytes()[:-1] + b"!")
        self.fails(7, "diff", one, made.image)

    def test_real_images(self):
        layout = test_layout()
        names = [child.get("annotations", {}).get("org.opencontainers.image.ref.name")
                 for child in json.loads((layout / "index.json").read_text())["manifests"]]
        image = f"oci:{layout}:{[name for name in names if name][0]}"
        self.assertEqual(self.ok("diff", image, image).out, b"")
        scratch, _ = self.image([])
        report = self.differs(scratch, image, "--format", "json", "--only", "files").json()
        listed = self.ok("ls", "-R", image).lines
        self.assertEqual([row["path"] for row in report["files"] if row["change"] == "added"], listed)


if __name__ == "__main__":
    unittest.main()
