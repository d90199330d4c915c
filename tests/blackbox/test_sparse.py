"""Indexes of which the source does not have every manifest, and copies of them with --allow-missing."""

import json
import pathlib
import shutil
import unittest

import lab

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def blob_file(layout, digest):
    return pathlib.Path(layout) / "blobs" / digest.replace(":", "/")


def children(layout, root):
    """The digest of each platform's manifest."""
    index = json.loads(blob_file(layout, root).read_bytes())
    return {child["platform"]["architecture"]: child["digest"] for child in index["manifests"]}


class Sparse(lab.Case):
    """A layout with an index whose arm64 manifest was taken away."""

    def setUp(self):
        super().setUp()
        self.layout = self.home / "sparse"
        shutil.copytree(lab.test_layout(), self.layout)
        self.image = f"oci:{self.layout}:multi"
        self.root = self.ok("digest", self.image).text.strip()
        self.kept, self.lost = (children(self.layout, self.root)[name] for name in ("amd64", "arm64"))
        self.layout.joinpath("blobs/sha256").chmod(0o755)
        blob_file(self.layout, self.lost).unlink()

    def assert_warned(self, result):
        warnings = [line for line in result.err.splitlines() if line.startswith("warning:")]
        self.assertEqual(len(warnings), 1, result.err)
        self.assertIn(f"{self.lost} (linux/arm64)", warnings[0])

    def assert_absent(self, *image):
        self.assertEqual(self.regtool("exists", *image).code, 1)

    def start(self, registry):
        self.addCleanup(registry.stop)
        return registry


    def add_blobs(self, fake, repository, digest):
        manifest = json.loads(blob_file(self.layout, digest).read_bytes())
        for blob in [manifest["config"], *manifest["layers"]]:
            fake.add_blob(repository, blob_file(self.layout, blob["digest"]).read_bytes())


class Sources(Sparse):
    def test_MED_28_without_the_option_the_copy_names_what_is_missing_and_the_option(self):
        result = self.fails(7, "copy", self.image, f"oci:{self.home}/out:v1")
        self.assertIn(self.lost, result.err)
        self.assertIn("hint:", result.err)
        self.assertIn("--allow-missing", result.err)
        self.assertFalse(self.home.joinpath("out").exists())

    def test_MED_28_from_a_layout_to_each_local_form_byte_for_byte(self):
        for place in (f"oci:{self.home}/out", f"oci-archive:{self.home}/out.tar"):
            with self.subTest(place):
                result = self.ok("copy", "--allow-missing", self.image, f"{place}:v1")
                self.assertEqual(result.lines, [f"{place}@{self.root}"])
                self.assert_warned(result)
                self.assertEqual(lab.sha256(self.ok("manifest", f"{place}:v1").out), self.root)
        self.assert_warned(self.ok("copy", "--allow-missing", self.image, f"dir:{self.home}/flat"))
        self.assertTrue(blob_file(self.home / "out", self.kept).exists())
        self.assertFalse(blob_file(self.home / "out", self.lost).exists())

    def test_MED_28_pull_from_serve(self):
        served = self.start(lab.ServedRegistry("--root", self.layout, "--read-only"))
        name = f"{served.host}/{self.served_name(served)}"
        self.assertIn(self.lost, self.fails(7, "pull", name, self.home / "out").err)
        result = self.ok("pull", "--allow-missing", name, self.home / "out")
        self.assert_warned(result)
        self.assertEqual(result.lines, [f"oci:{self.home}/out@{self.root}"])

    def served_name(self, served):
        for repository in self.ok("catalog", served.host).lines:
            if "multi" in self.ok("tags", f"{served.host}/{repository}").lines:
                return f"{repository}:multi"
        self.fail("serve does not show the image")

    def test_MED_28_the_plan_shows_what_is_missing_and_changes_nothing(self):
        plan = self.ok("copy", "--allow-missing", "--dry-run", self.image, f"oci:{self.home}/out:v1")
        self.assertIn("missing", plan.text)
        self.assertIn(self.lost, plan.text)
        self.assertIn("linux/arm64", plan.text)
        self.assert_warned(plan)
        plan = self.ok("copy", "--allow-missing", "--dry-run", "--format", "json", self.image, f"oci:{self.home}/out:v1")
        self.assertEqual(plan.json()["missing"],
                         [{"digest": self.lost, "media_type": MANIFEST, "size": plan.json()["missing"][0]["size"],
                           "platform": "linux/arm64", "index": self.root, "source": self.image}])
        self.assertEqual(plan.json()["manifests"], {"moved": 2, "present": 0})
        self.assertFalse(self.home.joinpath("out").exists())

    def test_MED_28_a_missing_layer_is_an_error_all_the_same(self):
        manifest = json.loads(blob_file(self.layout, self.kept).read_bytes())
        blob_file(self.layout, manifest["layers"][0]["digest"]).unlink()
        result = self.fails(7, "copy", "--allow-missing", self.image, f"oci:{self.home}/out:v1")
        self.assertIn("which its manifest lists, is not there", result.err)

    def test_MED_28_a_platform_that_was_asked_for_must_be_there(self):
        result = self.fails(7, "copy", "--allow-missing", "--platform", "linux/arm64", self.image, f"oci:{self.home}/out:v1")
        self.assertIn(self.lost, result.err)
        self.ok("copy", "--platform", "linux/amd64", self.image, f"oci:{self.home}/out:v1")

    def test_MED_28_what_would_change_the_index_excludes_it(self):
        for option in (("--compress", "zstd"), ("--manifest-format", "docker")):
            self.fails(2, "copy", "--allow-missing", *option, self.image, f"oci:{self.home}/out:v1")

    def test_MED_28_a_conversion_names_what_is_missing_and_what_mends_it(self):
        for option in (("--compress", "zstd"), ("--manifest-format", "docker")):
            result = self.fails(7, "copy", *option, self.image, f"oci:{self.home}/out:v1")
            self.assertIn(f"manifest {self.lost}, which its index lists, is not there", result.err)
            self.assertIn("--platform converts one that is there", result.err)
            self.ok("copy", *option, "--platform", "linux/amd64", self.image, f"oci:{self.home}/out:v1")


class Answers(Sparse):
    """A registry that answers for the child in other ways than with 404."""

    def setUp(self):
        super().setUp()
        self.fake = self.start(lab.FakeRegistry())
        self.fake.add_manifest("r", "t", blob_file(self.layout, self.root).read_bytes(), INDEX)
        self.fake.add_manifest("r", self.kept, blob_file(self.layout, self.kept).read_bytes())
        self.add_blobs(self.fake, "r", self.kept)
        self.child = f"/v2/r/manifests/{self.lost}"
        self.from_fake = f"{self.fake.host}/r:t"

    def test_MED_28_404_is_missing(self):
        for body in (b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}', b""):
            self.fake.answers[self.child] = (404, {}, body)
            self.assert_warned(self.ok("copy", "--allow-missing", self.from_fake, f"oci:{self.home}/out:v1"))

    def test_MED_28_no_other_answer_is(self):
        for code, answer in ((4, (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")), (4, (403, {}, b"")),
                             (3, (410, {}, b"")), (3, (500, {}, b"")), (3, (503, {}, b"")), (6, (429, {}, b"")),
                             (7, (200, {"Content-Type": MANIFEST}, lab.EMPTY_MANIFEST))):
            with self.subTest(answer):
                self.fake.answers[self.child] = answer
                self.fails(code, "copy", "--allow-missing", "--retries", "0", self.from_fake, f"oci:{self.home}/out:v1")
                self.assertFalse(self.home.joinpath("out/index.json").exists())


class Destinations(Sparse):
    def refused_by(self, registry):
        result = self.fails(3, "push", "--allow-missing", f"{self.layout}:multi", f"{registry.host}/copy/app:v1")
        self.assertIn("MANIFEST_BLOB_UNKNOWN", result.err)
        self.assertIn("takes no index whose children are missing", result.err)
        self.assertIn(f"{self.lost} (linux/arm64)", result.err)
        self.assertIn("hint:", result.err)
        self.assert_absent(f"{registry.host}/copy/app:v1")

    def test_MED_28_docker_registry_refuses_it_and_the_error_says_why(self):
        self.refused_by(self.start(lab.DockerRegistry()))

    def test_MED_28_serve_refuses_it_and_the_error_says_why(self):
        root = self.home / "root"
        self.refused_by(self.start(lab.ServedRegistry("--root", root)))

    def test_MED_28_push_to_a_registry_that_takes_it(self):
        fake = self.start(lab.FakeRegistry())
        stored = {}

        def manifests(handler):
            name = handler.path.rpartition("/")[2]
            if handler.command == "PUT":
                stored[name] = stored[lab.sha256(handler.body)] = (handler.headers["Content-Type"], handler.body)
                return 201, {"Docker-Content-Digest": lab.sha256(handler.body), "Location": handler.path}, b""
            if name not in stored:
                return 404, {}, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}'
            kind, body = stored[name]
            return 200, {"Content-Type": kind, "Docker-Content-Digest": lab.sha256(body)}, body

        for name in ("v1", self.root, self.kept, self.lost):
            fake.answers[f"/v2/copy/app/manifests/{name}"] = manifests
        self.add_blobs(fake, "copy/app", self.kept)
        result = self.ok("push", "--allow-missing", f"{self.layout}:multi", f"{fake.host}/copy/app:v1")
        self.assert_warned(result)
        self.assertEqual(set(stored), {"v1", self.root, self.kept})
        self.assertEqual(lab.sha256(stored["v1"][1]), self.root)
        # Found again later, the child is brought, though the name has the digest already.
        shutil.copy(blob_file(lab.test_layout(), self.lost), blob_file(self.layout, self.lost))
        self.add_blobs(fake, "copy/app", self.lost)
        result = self.ok("push", "--allow-missing", f"{self.layout}:multi", f"{fake.host}/copy/app:v1")
        self.assertNotIn("warning:", result.err)
        self.assertIn(self.lost, stored)


class Copies(Sparse):
    """What other commands make of the copy."""

    def setUp(self):
        super().setUp()
        self.copy = f"oci:{self.home}/copy:v1"
        self.ok("copy", "--allow-missing", self.image, self.copy)

    def test_MED_28_what_is_there_can_be_read(self):
        shown = self.ok("inspect", self.copy).text
        self.assertIn("linux/arm64", shown)
        self.assertIn("linux/amd64", shown)
        self.ok("exists", self.copy)
        self.ok("exists", "--platform", "linux/amd64", self.copy)
        self.ok("ls", "--platform", "linux/amd64", self.copy)
        self.ok("size", "--platform", "linux/amd64", self.copy)

    def test_MED_28_what_is_not_is_named(self):
        self.assert_absent("--platform", "linux/arm64", self.copy)
        for command in (("history", "--platform", "linux/arm64"), ("size",)):
            self.assertIn(self.lost, self.fails(1, *command, self.copy).err)
        result = self.fails(7, "copy", self.copy, f"oci:{self.home}/again:v1")
        self.assertIn(self.lost, result.err)
        self.assertIn("--allow-missing", result.err)

    def test_MED_28_copied_on_it_keeps_its_digest(self):
        result = self.ok("copy", "--allow-missing", self.copy, f"oci-archive:{self.home}/again.tar:v1")
        self.assert_warned(result)
        self.assertEqual(result.lines, [f"oci-archive:{self.home}/again.tar@{self.root}"])
        self.assertEqual(lab.sha256(lab.skopeo("inspect", "--raw", f"oci-archive:{self.home}/again.tar:v1")), self.root)

    def test_MED_28_it_can_be_deleted(self):
        self.ok("delete", "--yes", self.copy)
        self.assert_absent(self.copy)
        self.assertFalse(blob_file(self.home / "copy", self.kept).exists())


if __name__ == "__main__":
    unittest.main()
