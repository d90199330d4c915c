"""Each row of the walkthrough table, against Debian's docker-registry, its results checked by other tools."""

import gzip
import io
import json
import subprocess
import tarfile
import unittest
import urllib.request

import lab

registry = None


def setUpModule():
    global registry
    layout = lab.test_layout()
    registry = lab.DockerRegistry()
    unittest.addModuleCleanup(registry.stop)
    registry.push(f"oci:{layout}:small", "demo/app:stable")
    registry.push(f"oci:{layout}:zstd", "demo/app:zstd")
    registry.push(f"oci:{layout}:multi", "demo/app:multi", "--all")
    registry.push(f"oci:{layout}:small", "demo/app:v2s2", "--format", "v2s2")


def http_get(path, accept="application/vnd.oci.image.manifest.v1+json"):
    request = urllib.request.Request(f"http://{registry.host}{path}", headers={"Accept": accept})
    return urllib.request.urlopen(request).read()


class Walkthrough(lab.Case):
    def setUp(self):
        super().setUp()
        self.image = f"{registry.host}/demo/app:stable"
        self.repo = f"{registry.host}/demo/app"

    def manifest(self):
        return json.loads(http_get("/v2/demo/app/manifests/stable"))

    def layer_bytes(self, n):
        return http_get(f"/v2/demo/app/blobs/{self.manifest()['layers'][n]['digest']}")

    def test_MAN_04_manifest_is_byte_for_byte_what_the_registry_has(self):
        self.assertEqual(self.ok("manifest", self.image).out, http_get("/v2/demo/app/manifests/stable"))

    def test_MED_08_docker_schema_2_manifest(self):
        raw = lab.skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{self.repo}:v2s2")
        result = self.ok("manifest", f"{self.repo}:v2s2")
        self.assertEqual(result.out, raw)
        self.assertIn("docker.distribution.manifest.v2", result.text)

    def test_manifest_of_an_index_and_of_a_platform(self):
        index = self.ok("manifest", f"{self.repo}:multi")
        self.assertEqual(len(index.json()["manifests"]), 2)
        child = self.ok("manifest", f"{self.repo}:multi", "--platform", "linux/arm64")
        self.assertEqual(lab.sha256(child.out), index.json()["manifests"][1]["digest"])

    def test_manifest_jq_prints_strings_raw(self):
        self.assertEqual(self.ok("manifest", self.image, "--jq", ".layers[-1].digest").text,
                         self.manifest()["layers"][-1]["digest"] + "\n")

    def test_DIG_07_digest_equals_sha256sum_of_manifest(self):
        digest = self.ok("digest", self.image).text.strip()
        self.assertEqual(digest, lab.sha256(self.ok("manifest", self.image).out))
        self.assertEqual(self.ok("digest", "--full", self.image).text.strip(), f"{self.repo}@{digest}")

    def test_digest_of_many_in_one_run(self):
        result = self.ok("digest", self.image, f"{self.repo}:multi", f"{self.repo}:zstd")
        self.assertEqual(len(result.lines), 3)

    def test_manifest_head(self):
        head = self.ok("manifest", "head", self.image, "--format", "json").json()
        body = http_get("/v2/demo/app/manifests/stable")
        self.assertEqual(head["digest"], lab.sha256(body))
        self.assertEqual(head["size"], len(body))

    def test_config_is_byte_for_byte(self):
        digest = self.manifest()["config"]["digest"]
        config = self.ok("config", self.image)
        self.assertEqual(lab.sha256(config.out), digest)
        self.assertEqual(config.json()["author"], "demo")

    def test_history_matches_steps_with_layers(self):
        steps = self.ok("history", self.image, "--format", "json").json()["steps"]
        config = self.ok("config", self.image).json()
        self.assertEqual(len(steps), len(config["history"]))
        layers = [s for s in steps if not s["empty_layer"]]
        self.assertEqual([s["layer_digest"] for s in layers], [l["digest"] for l in self.manifest()["layers"]])
        self.assertIn("COPY tools", self.ok("history", self.image).text)

    def test_LAY_28_layer_ls_agrees_with_tar(self):
        for tag in ("stable", "zstd"):
            with self.subTest(tag):
                rows = self.ok("layer", "ls", f"{self.repo}:{tag}", 1, "--format", "json").json()
                with tarfile.open(fileobj=io.BytesIO(gzip.decompress(self.layer_bytes(1)))) as tar:
                    expected = [(m.name, m.size if m.isreg() else 0, m.mode, m.linkname) for m in tar]
                seen = [(r["path"].rstrip("/"), r["size"], int(r["mode"], 8), r.get("link_target", "")) for r in rows]
                self.assertEqual(seen, expected)

    def test_layer_ls_text_is_what_tar_tv_prints(self):
        listed = self.ok("layer", "ls", self.image, 1).lines
        tar = subprocess.run(["tar", "--utc", "-tvz"], input=self.layer_bytes(1), capture_output=True)
        self.assertEqual([l.split()[:1] + l.split()[2:] for l in listed],
                         [l.split()[:1] + l.split()[2:] for l in tar.stdout.decode().splitlines()])

    def test_layer_ls_marks_whiteouts(self):
        self.assertIn("whiteout", self.ok("layer", "ls", self.image, 2).text)

    def test_BLB_01_layer_get_and_blob_get_are_verified_bytes(self):
        wanted = self.layer_bytes(-1)
        digest = self.manifest()["layers"][-1]["digest"]
        target = self.home / "layer.tar.gz"
        self.ok("layer", "get", self.image, "-1", "-o", target)
        self.assertEqual(target.read_bytes(), wanted)
        self.assertEqual(self.ok("blob", "get", f"{self.repo}@{digest}").out, wanted)
        self.assertEqual(self.ok("layer", "get", self.image, "-1", "--decompress").out, gzip.decompress(wanted))
        self.assertEqual(list(self.home.glob(".regtool-*")), [])

    def test_blob_verify_names_the_blobs_that_are_not_there(self):
        missing, there = lab.sha256(b"nobody has this"), self.manifest()["layers"][0]["digest"]
        result = self.regtool("blob", "verify", f"{self.repo}@{missing}", f"{self.repo}@{there}", "--format", "json")
        self.assertEqual(result.code, 9)
        self.assertEqual([(row["digest"], row["ok"]) for row in result.json()],
                         [(missing, False), (there, True)])

    def test_blob_verify(self):
        for layer in self.manifest()["layers"]:
            result = self.ok("blob", "verify", f"{self.repo}@{layer['digest']}")
            self.assertEqual(result.text, f"{layer['digest']} ok {layer['size']}\n")
        self.assertIn(" ok ", self.ok("blob", "verify", self.image, "--layer", "-1").text)

    def test_blob_size_is_digits_alone(self):
        layer = self.manifest()["layers"][-1]
        self.assertEqual(self.ok("blob", "size", f"{self.repo}@{layer['digest']}").text, f"{layer['size']}\n")
        self.assertEqual(self.ok("blob", "size", self.image, "--layer", "-1").text, f"{layer['size']}\n")

    def test_PUT_14_retag_keeps_bytes_and_digest(self):
        before = self.ok("digest", self.image).text.strip()
        self.ok("retag", self.image, "again", f"{self.repo}:full")
        for tag in ("again", "full"):
            self.assertEqual(self.ok("digest", f"{self.repo}:{tag}").text.strip(), before)
        copy = self.home / "copy"
        lab.skopeo("copy", "-q", "--src-tls-verify=false", f"docker://{self.repo}:again", f"dir:{copy}")
        self.assertEqual(lab.sha256((copy / "manifest.json").read_bytes()), before)

    def test_retag_of_an_index_to_another_repository(self):
        target = f"{registry.host}/other/app:copied"
        self.ok("retag", f"{self.repo}:multi", target)
        self.assertEqual(self.ok("digest", target).text, self.ok("digest", f"{self.repo}:multi").text)
        lab.skopeo("copy", "-q", "--all", "--src-tls-verify=false", f"docker://{target}", f"dir:{self.home}/d")

    def test_PUT_10_retag_conditions(self):
        other = self.ok("digest", f"{self.repo}:multi").text.strip()
        self.fails(8, "retag", self.image, "new", "--if-digest", other)
        self.assertEqual(self.regtool("exists", f"{self.repo}:new").code, 1)
        self.fails(8, "retag", self.image, "multi", "--no-clobber")
        self.assertEqual(self.ok("digest", f"{self.repo}:multi").text.strip(), other)

    def test_manifest_put(self):
        body = self.ok("manifest", self.image).out
        (self.home / "m.json").write_bytes(body)
        self.ok("manifest", "put", f"{self.repo}:put", self.home / "m.json")
        self.assertEqual(self.ok("manifest", f"{self.repo}:put").out, body)

    def test_LST_01_tags_and_catalog(self):
        tags = self.ok("tags", self.repo).lines
        self.assertLessEqual({"stable", "zstd", "multi", "v2s2"}, set(tags))
        self.assertEqual(self.ok("tags", self.repo, "--filter", "^sta").lines, ["stable"])
        self.assertEqual(len(self.ok("tags", self.repo, "--limit", 2).lines), 2)
        self.assertIn("demo/app", self.ok("catalog", registry.host).lines)
        self.assertIn("linux/arm64", self.ok("tags", self.repo, "--long").text)

    def test_exists(self):
        self.assertEqual(self.ok("exists", self.image).out, b"")
        self.assertEqual(self.regtool("exists", f"{self.repo}:nope").code, 1)
        self.ok("exists", f"{self.repo}:multi", "--platform", "linux/amd64,linux/arm64")
        self.assertEqual(self.regtool("exists", f"{self.repo}:multi", "--platform", "linux/s390x").code, 1)

    def test_inspect_and_size(self):
        text = self.ok("inspect", f"{self.repo}:multi").text
        for word in ("linux/amd64", "linux/arm64", "/usr/bin/sh", "org.example.team=demo"):
            self.assertIn(word, text)
        manifest = self.manifest()
        size = self.ok("size", self.image, "--format", "json").json()
        self.assertEqual(size["platforms"][0]["compressed"],
                         sum(l["size"] for l in manifest["layers"]) + manifest["config"]["size"]
                         + len(self.ok("manifest", self.image).out))

    def test_RAT_05_one_request_for_a_manifest(self):
        trace = self.ok("manifest", self.image, "--trace").err
        self.assertEqual(len([l for l in trace.splitlines() if l.startswith("> GET") or l.startswith("> HEAD")]), 1)

    def test_ndjson_and_jq_of_listings(self):
        lines = self.ok("layer", "ls", self.image, 1, "--format", "ndjson").lines
        self.assertEqual(json.loads(lines[0])["layer"], 1)
        self.assertEqual(self.ok("layer", "ls", self.image, 1, "--jq", "length").text.strip(), str(len(lines)))

    def test_closed_pipe_is_quiet(self):
        command = f"{lab.REGTOOL} layer ls {self.image} 0 | head -1; echo ${{PIPESTATUS[0]}}"
        result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=self.environment())
        self.assertIn(result.stdout.splitlines()[-1], ("0", "141"))
        self.assertEqual(result.stderr, "")


if __name__ == "__main__":
    unittest.main()
