"""Indexes that one machine publishes beside an image spare another one the reading."""

import gzip
import json
import pathlib
import random
import tempfile
import unittest

from lab import Case, DockerRegistry, FakeRegistry, ServedRegistry, sha256
from layered import Layout, file, folder, layer

TYPE = "application/vnd.regtool.layer-index.v1"


def large_layer(name, seed):
    noise = random.Random(seed)
    return layer(folder(name), *(file(f"{name}/f{i}", noise.randbytes(60_000)) for i in range(40)))


class Publishing:
    """The same against each kind of registry."""

    def setUp(self):
        super().setUp()
        self.layout = Layout(self.home / "image", [large_layer("d", 1), layer(file("top", b"of all"))])
        self.registry = self.start()
        self.addCleanup(self.registry.stop)
        self.image = self.registry.push(self.layout.image, "app:1")
        self.machines = 0

    def machine(self, *args, code=0):
        """A run with a home of its own: nothing is known of any layer."""
        home = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        env = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
        return self.ok(*args, env=env) if code == 0 else self.fails(code, *args, env=env)

    def published(self):
        report = self.machine("referrers", "--format", "json", self.image).json()
        return [row for row in report["referrers"] if row["artifact_type"] == TYPE]

    def test_another_machine_reads_by_it(self):
        listed = self.machine("ls", "-lR", self.image).out
        report = self.ok("warm", "--publish", "--format", "json", self.image).json()
        self.assertEqual([row["digest"] for row in self.published()], [report["published"]["digest"]])
        for args in (("ls", "-lRv", self.image), ("find", "-v", self.image), ("blame", "-v", self.image, "/d/f1"),
                     ("waste", "-v", self.image)):
            with self.subTest(args[0]):
                result = self.machine(*args)
                self.assertIn("layer 0", result.err)
                self.assertIn("published beside the image", result.err)
                self.assertIn("0 B of", result.err)
                if args[0] == "ls":
                    self.assertEqual(result.out, listed)
        result = self.machine("cat", "-v", self.image, "/d/f7")
        noise = random.Random(1)
        self.assertEqual(result.out, [noise.randbytes(60_000) for _ in range(8)][7])
        self.assertIn("by its publisher's word", result.err)

    def test_publishing_again_leaves_one(self):
        first = self.ok("warm", "--publish", "--format", "json", self.image).json()["published"]
        again = self.ok("warm", "--publish", "--format", "json", self.image).json()["published"]
        self.assertEqual((again["digest"], again["replaced"]), (first["digest"], []))
        # Another machine may have found other places to begin at: then its artifact is the one.
        first = self.machine("warm", "--publish", "--format", "json", self.image).json()["published"]
        self.assertIn(first["replaced"], ([], [again["digest"]]))
        self.assertEqual([row["digest"] for row in self.published()], [first["digest"]])
        # What an older version left is replaced.
        artifact = json.loads(self.ok("manifest", f"{self.registry.host}/app@{first['digest']}").out)
        artifact["layers"] = artifact["layers"][:1]
        old = self.home / "old.json"
        old.write_text(json.dumps(artifact))
        digest = sha256(old.read_bytes())
        self.ok("manifest", "put", f"{self.registry.host}/app@{digest}", old)
        self.assertEqual(len(self.published()), 2)
        third = self.ok("warm", "--publish", "--format", "json", self.image).json()["published"]
        self.assertEqual(third["digest"], again["digest"])
        self.assertEqual(set(third["replaced"]), {digest, first["digest"]} - {third["digest"]})
        self.assertEqual([row["digest"] for row in self.published()], [third["digest"]])

    def test_T_42_an_image_that_is_named_by_its_digest_believes_nobody(self):
        self.ok("warm", "--publish", self.image)
        digest = self.ok("digest", self.image).text.strip()
        for args in (("ls", "-v", f"{self.registry.host}/app@{digest}"), ("ls", "-v", "--verify", self.image),
                     ("ls", "-v", "--no-cache", self.image), ("export", "-v", self.image, "-o", self.home / "tar")):
            with self.subTest(args[0]):
                result = self.machine(*args)
                self.assertNotIn("published", result.err)
                if args[0] == "ls":
                    self.assertEqual(result.err.count("digest verified"), 2)


class Served(Publishing, Case):
    def start(self):
        return ServedRegistry("--root", ":memory:")


class Docker(Publishing, Case):
    def start(self):
        return DockerRegistry()


class Elsewhere(Case):
    def test_only_a_registry_is_published_to(self):
        layout = Layout(self.home / "image", [layer(file("f", b"x"))])
        self.assertIn("registry", self.fails(2, "warm", "--publish", layout.image).err)

    def test_T_42_where_an_index_and_the_layer_differ_the_layer_is_read(self):
        """The registry sends parts of another layer, which are not what the index says."""
        registry = FakeRegistry()
        self.addCleanup(registry.stop)
        stored = gzip.compress(large_layer("d", 2), 1, mtime=0)
        subject = registry.add_image("app", "1", [stored])
        served = ServedRegistry("--root", ":memory:")
        self.addCleanup(served.stop)
        layout = Layout(self.home / "image", [large_layer("d", 2)])
        self.assertEqual(layout.blob(0).read_bytes(), stored)
        report = self.ok("warm", "--publish", "--format", "json", served.push(layout.image, "app:1")).json()
        artifact = json.loads(self.ok("manifest", f"{served.host}/app@{report['published']['digest']}").out)
        index = self.ok("blob", "get", f"{served.host}/app@{artifact['layers'][0]['digest']}").out
        manifest = registry.answers["/v2/app/manifests/1"][2]
        artifact["subject"] = {"mediaType": artifact["subject"]["mediaType"], "digest": subject, "size": len(manifest)}
        registry.add_blob("app", index)
        listed = {"mediaType": artifact["mediaType"], "artifactType": TYPE, "size": len(json.dumps(artifact)),
                  "digest": registry.add_manifest("app", "x", json.dumps(artifact).encode())}
        registry.answers[f"/v2/app/referrers/{subject}"] = (
            200, {"Content-Type": "application/vnd.oci.image.index.v1+json"},
            json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                        "manifests": [listed]}).encode())
        (self.home / ".cache").rename(self.home / "warmed")
        image = f"{registry.host}/app:1"
        spoiled = gzip.compress(large_layer("e", 3), 1, mtime=0)

        def ranges(handler):
            wanted = handler.headers.get("Range")
            if not wanted:
                return 200, {}, stored
            first, last = map(int, wanted.removeprefix("bytes=").split("-"))
            part = spoiled[first:last + 1]
            return 206, {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(stored)}"}, part

        registry.answers[("GET", f"/v2/app/blobs/{sha256(stored)}")] = ranges
        noise = random.Random(2)
        result = self.ok("cat", "-v", image, "/d/f7")
        self.assertEqual(result.out, [noise.randbytes(60_000) for _ in range(8)][7])
        self.assertIn("of no use", result.err)
        self.assertIn("digest verified", result.err)


if __name__ == "__main__":
    unittest.main()
