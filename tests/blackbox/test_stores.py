"""Images in folders and files of this machine: what other tools wrote is read."""

import gzip
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from lab import REGTOOL, Case, ServedRegistry, sha256, skopeo, test_layout


def umoci(*args):
    return subprocess.run(["umoci", *map(str, args)], check=True, capture_output=True, text=True).stdout


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

    def test_OCL_16_umoci_reads_and_extends_what_is_written(self):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        ours = folder / "ours"
        self.ok("copy", "-q", self.image("small"), f"oci:{ours}:v1")
        self.assertEqual(umoci("list", "--layout", ours), "v1\n")
        umoci("stat", "--image", f"{ours}:v1")
        rootless = [] if os.geteuid() == 0 else ["--rootless"]
        umoci("unpack", *rootless, "--image", f"{ours}:v1", folder / "bundle")
        umoci("unpack", *rootless, "--image", f"{self.layout}:small", folder / "expected")
        seen = [sorted(str(path.relative_to(folder / bundle / "rootfs")) for path in (folder / bundle / "rootfs").rglob("*"))
                for bundle in ("bundle", "expected")]
        self.assertGreater(len(seen[0]), 50)
        self.assertEqual(*seen)
        # What umoci made of it is read again, and what it calls garbage is none of ours.
        umoci("config", "--image", f"{ours}:v1", "--tag", "v2", "--config.user", "nobody")
        umoci("gc", "--layout", ours)
        self.assertIn("nobody", self.ok("config", f"oci:{ours}:v2").text)
        self.assertEqual(self.ok("digest", f"oci:{ours}:v1").text.strip(), self.entries["small"]["digest"])
        self.ok("blob", "verify", f"oci:{ours}:v2", "--layer", "0")

    def test_OCL_09_OCL_16_a_layout_of_umoci_is_extended(self):
        layout = self.home / "umoci"
        umoci("init", "--layout", layout)
        umoci("new", "--image", f"{layout}:made")
        made = self.ok("digest", f"oci:{layout}:made").text
        self.ok("copy", "-q", self.image("multi"), f"oci:{layout}:multi")
        self.ok("copy", "-q", self.image("small"), f"oci:{layout}:small")
        self.assertEqual(sorted(umoci("list", "--layout", layout).split()), ["made", "multi", "small"])
        umoci("stat", "--image", f"{layout}:small")
        umoci("config", "--image", f"{layout}:made", "--config.user", "nobody")
        self.assertNotEqual(self.ok("digest", f"oci:{layout}:made").text, made)
        self.ok("delete", "--yes", f"oci:{layout}:small")
        self.assertEqual(sorted(umoci("list", "--layout", layout).split()), ["made", "multi"])
        skopeo("copy", "-q", "--all", f"oci:{layout}:multi", f"dir:{self.home}/multi")
        self.assertEqual(sha256((self.home / "multi/manifest.json").read_bytes()), self.entries["multi"]["digest"])

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

    def test_DAR_08_what_docker_load_looks_for(self):
        archive = self.home / "saved.tar"
        self.ok("copy", "-q", self.image("small"), f"docker-archive:{archive}:registry.example/team/app:1")
        shown = json.loads(skopeo("inspect", f"docker-archive:{archive}"))
        self.assertEqual(shown["Architecture"], "amd64")
        with tarfile.open(archive) as tar:
            read = lambda name: tar.extractfile(name).read()
            names = tar.getnames()
            self.assertEqual(len(names), len(set(names)))
            self.assertEqual(names[-1], "manifest.json")
            entry, = json.loads(read("manifest.json"))
            self.assertEqual(entry["RepoTags"], ["registry.example/team/app:1"])
            config = read(entry["Config"])
            self.assertEqual(sha256(config), "sha256:" + entry["Config"].rpartition("/")[2])
            unpacked = [sha256(gzip.decompress(read(layer))) for layer in entry["Layers"]]
            self.assertEqual(unpacked, json.loads(config)["rootfs"]["diff_ids"])
            top = entry["Layers"][-1].rpartition("/")[2]
            self.assertEqual(json.loads(read("repositories")), {"registry.example/team/app": {"1": top}})
            self.assertEqual({(member.mtime, member.uid, member.gid) for member in tar}, {(0, 0, 0)})

    def test_DAR_05_all_tags_in_one_archive(self):
        layout = self.home / "named"
        for name, tag in (("small", "example.org/team/app:1"), ("small", "example.org/team/app:latest"), ("zstd", "app:z")):
            self.ok("copy", "-q", self.image(name), f"oci:{layout}:{tag}")
        archive = self.home / "all.tar"
        self.ok("copy", "-q", "--all-tags", f"oci:{layout}", f"docker-archive:{archive}")
        with tarfile.open(archive) as tar:
            listed = json.loads(tar.extractfile("manifest.json").read())
        self.assertEqual([sorted(entry["RepoTags"]) for entry in listed],
                         [["example.org/team/app:1", "example.org/team/app:latest"], ["docker.io/library/app:z"]])
        for tag in ("example.org/team/app:latest", "docker.io/library/app:z"):
            skopeo("inspect", f"docker-archive:{archive}:{tag}")
        # And on, each under its tag.
        registry = ServedRegistry()
        self.addCleanup(registry.stop)
        self.ok("copy", "-q", "--all-tags", f"docker-archive:{archive}", f"{registry.host}/app")
        self.assertEqual(sorted(self.ok("tags", f"{registry.host}/app").lines), ["1", "latest", "z"])
        self.ok("copy", "-q", "--all-tags", f"{registry.host}/app", f"docker-archive:{self.home}/back.tar")
        self.assertEqual(sorted(self.ok("tags", f"docker-archive:{self.home}/back.tar").lines),
                         [f"{registry.host}/app:{tag}" for tag in ("1", "latest", "z")])
        # A layout that knows tags alone does not say of which repository.
        self.assertIn("REPO:TAG", self.fails(2, "copy", "--all-tags", f"oci:{self.layout}",
                                             f"docker-archive:{self.home}/no.tar").err)

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
