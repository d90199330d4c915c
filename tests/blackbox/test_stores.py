"""Images in folders and files of this machine: what other tools wrote is read."""

import gzip
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from lab import REGTOOL, Case, sha256, skopeo, test_layout


def umoci(*args):
    subprocess.run(["umoci", *map(str, args)], check=True, capture_output=True)


class Reading(Case):
    """Every command that takes an IMAGE takes one of a layout."""

    @classmethod
    def setUpClass(cls):
        cls.layout = test_layout()
        index = json.loads((cls.layout / "index.json").read_text())
        cls.entries = {entry["annotations"]["org.opencontainers.image.ref.name"]: entry
                       for entry in index["manifests"]}

    def image(self, name):
        return f"oci:{self.layout}:{name}"

    def test_OCL_05_names_and_digests(self):
        self.assertEqual(sorted(self.ok("tags", f"oci:{self.layout}").lines), sorted(self.entries))
        for name, entry in self.entries.items():
            with self.subTest(name):
                self.assertEqual(self.ok("digest", self.image(name)).text.strip(), entry["digest"])
                raw = self.ok("manifest", self.image(name)).out
                self.assertEqual(sha256(raw), entry["digest"])
                self.assertEqual(raw, self.ok("manifest", f"oci:{self.layout}@{entry['digest']}").out)

    def test_OCL_06_several_without_a_name(self):
        error = self.fails(2, "manifest", f"oci:{self.layout}").err
        self.assertIn("say which one", error)
        self.fails(1, "manifest", self.image("no-such"))
        self.fails(1, "exists", "-v", self.image("no-such"))
        self.ok("exists", self.image(next(iter(self.entries))))

    def test_OCL_05_every_command_that_reads(self):
        for name in self.entries:
            with self.subTest(name):
                image = self.image(name)
                platform = ["--platform", "linux/arm64" if name == "arm" else "linux/amd64"]
                for words in (["inspect"], ["config"], ["history"], ["size"], ["manifest", "head"],
                              ["layer", "ls"], ["tags", "--long"]):
                    words = words + [f"oci:{self.layout}" if words[0] == "tags" else image]
                    self.ok(*words, *platform)
                verified = self.ok("blob", "verify", image, "--layer", "-1", *platform).text
                self.assertIn(" ok ", verified)
                layer = self.ok("layer", "get", image, "-1", "-o", "-", *platform).out
                self.assertIn(sha256(layer), verified)

    def test_REF_24_what_only_a_registry_can_do(self):
        image = self.image(next(iter(self.entries)))
        self.assertIn("registry", self.fails(2, "retag", image, "new").err)
        self.assertIn("registry", self.fails(2, "manifest", "put", image, "/dev/null").err)

    def test_OCL_16_layouts_of_umoci_and_skopeo(self):
        name = next(iter(self.entries))
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        umoci("init", "--layout", folder / "umoci")
        self.assertEqual(self.ok("tags", f"oci:{folder}/umoci").text, "")
        umoci("new", "--image", f"{folder}/umoci:made")
        self.ok("inspect", f"oci:{folder}/umoci")
        skopeo("copy", "-q", f"oci:{self.layout}:{name}", f"oci:{folder}/umoci:docker.io/library/app:1")
        for wanted in ("docker.io/library/app:1", "app:1", "1"):
            self.ok("manifest", f"oci:{folder}/umoci:{wanted}")
        skopeo("copy", "-q", f"oci:{self.layout}:{name}", f"oci:{folder}/bare")
        self.ok("manifest", f"oci:{folder}/bare")

    def test_DAR_02_archives_and_folders_of_skopeo(self):
        name = next(iter(self.entries))
        source = f"oci:{self.layout}:{name}"
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        skopeo("copy", "-q", source, f"oci-archive:{folder}/oci.tar:v1")
        skopeo("copy", "-q", source, f"docker-archive:{folder}/docker.tar:app:1")
        skopeo("copy", "-q", source, f"dir:{folder}/dir")
        digest = self.entries[name]["digest"]
        for image in (f"oci-archive:{folder}/oci.tar:v1", f"oci-archive:{folder}/oci.tar", f"dir:{folder}/dir"):
            self.assertEqual(self.ok("digest", image).text.strip(), digest)
        docker = f"docker-archive:{folder}/docker.tar:app:1"
        self.assertEqual(self.ok("tags", f"docker-archive:{folder}/docker.tar").text, "docker.io/library/app:1\n")
        self.assertEqual(self.ok("config", docker).out, skopeo("inspect", "--config", "--raw", docker))
        subprocess.run(["gzip", "-k", folder / "docker.tar"], check=True)
        for image in (f"oci-archive:{folder}/oci.tar", docker, f"docker-archive:{folder}/docker.tar.gz", f"dir:{folder}/dir"):
            with self.subTest(image):
                for words in (["inspect"], ["config"], ["history"], ["size"], ["manifest", "head"], ["layer", "ls"]):
                    self.ok(*words, image)
                self.assertIn(" ok ", self.ok("blob", "verify", image, "--layer", "-1").text)

    def test_DAR_08_OCL_16_what_is_written_is_read_by_skopeo(self):
        for name in ("small", "zstd", "multi"):
            source = f"oci:{self.layout}:{name}"
            digest = self.entries[name]["digest"]
            kinds = ["oci-archive:{}/i.tar:v1", "dir:{}/image"]
            kinds += [] if name == "multi" else ["docker-archive:{}/d.tar:app:1"]
            for kind in kinds:
                with self.subTest(name + " " + kind):
                    folder = pathlib.Path(tempfile.mkdtemp(dir=self.home))
                    image = kind.format(folder)
                    self.ok("copy", "-q", source, image)
                    self.assertEqual(self.ok("digest", image).text.strip(), digest)
                    skopeo("copy", "-q", "--all", image, f"oci:{folder}/back:x")
                    if not kind.startswith("docker"):
                        self.assertEqual(self.ok("digest", f"oci:{folder}/back:x").text.strip(), digest)
                    self.ok("copy", "-q", image, f"oci:{folder}/again:x")
                    self.assertEqual(self.ok("digest", f"oci:{folder}/again:x").text.strip(), digest)

    def test_DAR_10_archives_from_standard_input(self):
        name = next(iter(self.entries))
        path = self.home / "docker.tar"
        skopeo("copy", "-q", f"oci:{self.layout}:{name}", f"docker-archive:{path}:app:1")
        archive = path.read_bytes()
        wanted = self.ok("digest", f"docker-archive:{path}").text
        self.assertEqual(self.ok("digest", "docker-archive:-", input=archive).text, wanted)
        self.assertEqual(self.ok("digest", "docker-archive:-", input=gzip.compress(archive)).text, wanted)
        with path.open("rb") as file:
            result = subprocess.run([REGTOOL, "digest", "docker-archive:-"], stdin=file, capture_output=True,
                                    env=self.environment(), timeout=60)
        self.assertEqual(result.stdout.decode(), wanted)
        self.fails(3, "digest", "docker-archive:-", input=archive[:len(archive) // 2])
        self.fails(3, "digest", "docker-archive:-", input=b"")
        self.assertEqual(list(self.home.glob(".regtool-*")), [])

    def test_T_39_a_layout_that_leads_elsewhere(self):
        name = next(iter(self.entries))
        folder = self.home / "hostile"
        shutil.copytree(self.layout, folder, symlinks=True)
        digest = self.entries[name]["digest"].split(":")[1]
        blob = folder / "blobs/sha256" / digest
        blob.unlink()
        blob.symlink_to("/etc/passwd")
        result = self.fails(7, "manifest", f"oci:{folder}:{name}")
        self.assertNotIn(b"root:", result.out)


if __name__ == "__main__":
    unittest.main()
