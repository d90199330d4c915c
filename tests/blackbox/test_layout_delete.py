"""Deleting from an OCI layout folder: what the image alone needed goes, what others need stays, whenever it is killed."""

import json
import pathlib
import random
import shutil
import time
import unittest

import lab
from lab import test_layout


class Deletion(lab.Case):
    def setUp(self):
        super().setUp()
        self.layout = self.home / "layout"
        shutil.copytree(test_layout(), self.layout)
        index = json.loads((self.layout / "index.json").read_text())
        self.digests = {entry["annotations"]["org.opencontainers.image.ref.name"]: entry["digest"]
                        for entry in index["manifests"]}

    def image(self, name):
        return f"oci:{self.layout}:{name}"

    def blobs(self):
        return {path.name for path in (self.layout / "blobs/sha256").iterdir() if not path.name.startswith(".")}

    def check_readable(self, layout, names):
        """skopeo copies every image that is left, with all its blobs, and the digest is the same."""
        self.assertEqual(sorted(self.ok("tags", f"oci:{layout}").lines), sorted(names))
        for name in names:
            target = pathlib.Path(str(layout) + f".{name}.{random.random()}")
            lab.skopeo("copy", "-q", "--all", f"oci:{layout}:{name}", f"dir:{target}")
            self.assertEqual(lab.sha256((target / "manifest.json").read_bytes()), self.digests[name])
            shutil.rmtree(target)

    def test_DEL_03_a_layout_loses_the_image_and_nothing_else(self):
        before = self.blobs()
        refused = self.fails(2, "delete", self.image("arm"))
        self.assertIn("tags that go with it: arm", refused.err)
        self.assertIn("indexes that keep it as a part: multi", refused.err)
        self.assertEqual(self.blobs(), before)
        # A part of the index `multi`: the name goes, its content stays.
        done = self.ok("rm", "--yes", "--format", "json", self.image("arm")).json()
        self.assertEqual((done["digest"], done["tags"], done["deleted"], done["freed"]),
                         (self.digests["arm"], ["arm"], True, {"blobs": 0, "bytes": 0}))
        self.assertEqual(self.blobs(), before)
        rest = [name for name in self.digests if name != "arm"]
        self.check_readable(self.layout, rest)
        done = self.ok("rm", "--yes", "--format", "json", self.image("multi")).json()
        self.assertGreater(done["freed"]["blobs"], 3)
        self.assertEqual(len(before) - len(self.blobs()), done["freed"]["blobs"])
        self.check_readable(self.layout, [name for name in rest if name != "multi"])
        self.fails(1, "delete", "--yes", self.image("multi"))
        self.ok("delete", "--yes", "--ignore-missing", self.image("multi"))

    def test_DEL_01_a_manifest_by_its_digest(self):
        digest = self.digests["zstd"]
        self.fails(2, "manifest", "delete", "--yes", self.image("zstd"))
        self.ok("manifest", "delete", "--yes", f"oci:{self.layout}@{digest}")
        self.fails(1, "manifest", f"oci:{self.layout}@{digest}")
        # A part of an index is not deleted by itself.
        child = self.ok("manifest", self.image("multi")).json()["manifests"][0]["digest"]
        for name in ("small", "arm"):
            self.ok("delete", "--yes", self.image(name))
        self.assertIn("part of another image", self.fails(2, "delete", "--yes", f"oci:{self.layout}@{child}").err)
        self.check_readable(self.layout, ["multi"])

    def test_DEL_02_a_name_alone(self):
        before = self.blobs()
        self.ok("copy", "-q", self.image("zstd"), self.image("other"))
        self.fails(2, "delete", "--untag", self.image("zstd"))
        self.fails(2, "delete", "--untag", "--yes", f"oci:{self.layout}@{self.digests['zstd']}")
        self.ok("delete", "--untag", "--yes", self.image("zstd"))
        self.fails(1, "manifest", self.image("zstd"))
        self.fails(1, "delete", "--untag", "--yes", self.image("zstd"))
        self.ok("delete", "--untag", "--yes", "--ignore-missing", self.image("zstd"))
        self.assertEqual(self.ok("digest", self.image("other")).text.strip(), self.digests["zstd"])
        self.assertEqual(self.blobs(), before)

    def test_what_nothing_can_be_deleted_from(self):
        for place in ("oci-archive:a.tar:v1", "docker-archive:a.tar:app:1", "dir:flat"):
            self.ok("copy", "-q", self.image("small"), place)
            before = {path: path.read_bytes() for path in self.home.rglob("*") if path.is_file()}
            refused = self.fails(2, "delete", "--yes", place)
            self.assertIn("written once, as a whole", refused.err)
            self.fails(2, "delete", "--untag", "--yes", place)
            self.assertEqual({path: path.read_bytes() for path in self.home.rglob("*") if path.is_file()}, before)

    def test_OCL_10_not_while_it_is_served(self):
        registry = lab.ServedRegistry("--root", self.layout)
        try:
            before = self.blobs()
            refused = self.fails(10, "delete", "--yes", self.image("zstd"))
            self.assertIn("another program", refused.err)
            self.assertEqual(self.blobs(), before)
            self.ok("delete", "--untag", "--yes", self.image("zstd"))  # a name harms nobody
        finally:
            registry.stop()
        self.ok("delete", "--yes", f"oci:{self.layout}@{self.digests['zstd']}")

    def test_F_26_killed_at_random_moments(self):
        def fresh(name):
            layout = self.home / name
            shutil.copytree(self.layout, layout)
            return layout, ["delete", "--yes", f"oci:{layout}:multi"]

        _, command = fresh("timed")
        started = time.monotonic()
        self.ok(*command)
        longest = time.monotonic() - started
        moments, killed = 30, 0
        for moment in range(moments):
            layout, command = fresh(f"killed{moment}")
            killed += self.kill_within(longest, *command)
            listed = self.ok("tags", f"oci:{layout}").lines
            self.assertLessEqual(set(self.digests) - {"multi"}, set(listed))
            for name in listed:
                self.ok("copy", "-q", f"oci:{layout}:{name}", f"oci:{layout}.copy:{name}")
            # Again: what was begun is ended, what was not is done.
            self.ok(*command, "--ignore-missing")
            self.assertNotIn("multi", self.ok("tags", f"oci:{layout}").lines)
            shutil.rmtree(f"{layout}.copy")
        self.check_readable(layout, [name for name in self.digests if name != "multi"])
        self.assertGreater(killed, moments // 4, "the moments must lie within the run")


if __name__ == "__main__":
    unittest.main()
