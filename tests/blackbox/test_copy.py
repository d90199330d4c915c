"""copy, pull and push between registries, folders and archives that we did not write, results checked by skopeo."""

import gzip
import json
import os
import pathlib
import subprocess
import threading
import time
import unittest

import lab

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"

source = target = None


def setUpModule():
    global source, target
    layout = lab.test_layout()
    source, target = lab.DockerRegistry(), lab.DockerRegistry()
    unittest.addModuleCleanup(source.stop)
    unittest.addModuleCleanup(target.stop)
    for tag in ("v1.0", "v1.1", "latest"):
        source.push(f"oci:{layout}:small", f"demo/app:{tag}")
    source.push(f"oci:{layout}:arm", "demo/app:arm")
    source.push(f"oci:{layout}:multi", "demo/app:multi", "--all")


def raw(image):
    return lab.skopeo("inspect", "--raw", *(["--tls-verify=false"] if image.startswith("docker:") else []), image)


def digest_of(image):
    return lab.sha256(raw(image))


class Base(lab.Case):
    count = 0

    def setUp(self):
        super().setUp()
        Base.count += 1
        self.app = f"{source.host}/demo/app"
        self.copy_of_app = f"{target.host}/copy{Base.count}/app"

    def docker(self, image):
        return f"docker://{image}"

    def present(self, image):
        return self.regtool("exists", image).code == 0


class Copy(Base):
    def test_PUT_03_MED_20_single_and_index_keep_their_digest(self):
        for tag in ("v1.0", "multi"):
            result = self.ok("copy", f"{self.app}:{tag}", f"{self.copy_of_app}:{tag}")
            expected = digest_of(f"docker://{self.app}:{tag}")
            self.assertEqual(result.lines, [f"{self.copy_of_app}@{expected}"])
            self.assertEqual(raw(f"docker://{self.copy_of_app}:{tag}"), raw(f"docker://{self.app}:{tag}"))
            # Another tool gets all of it.
            lab.skopeo("copy", "-q", "--all", "--src-tls-verify=false", f"docker://{self.copy_of_app}:{tag}",
                       f"dir:{self.home}/out-{tag}")

    def test_F_26_a_second_copy_moves_nothing_and_says_so(self):
        self.ok("copy", f"{self.app}:multi", f"{self.copy_of_app}:multi")
        again = self.ok("copy", "--format", "json", f"{self.app}:multi", f"{self.copy_of_app}:multi").json()
        self.assertTrue(again["images"][0]["unchanged"])
        other = self.ok("copy", "--format", "json", f"{self.app}:multi", f"{self.copy_of_app}:other").json()
        self.assertEqual(other["moved"]["count"], 0)
        self.assertGreater(other["present"]["count"], 0)

    def test_MNT_01_within_a_registry_blobs_are_mounted(self):
        report = self.ok("copy", "--format", "json", f"{self.app}:multi", f"{source.host}/mounted/app:v1").json()
        self.assertEqual(report["moved"]["count"], 0)
        self.assertEqual(report["mounted"]["count"], len(report["blobs"]))
        self.assertEqual(raw(f"docker://{source.host}/mounted/app:v1"), raw(f"docker://{self.app}:multi"))

    def test_dry_run_tells_and_changes_nothing(self):
        plan = self.ok("copy", "--dry-run", "--format", "json", f"{self.app}:multi", f"{self.copy_of_app}:v1").json()
        self.assertTrue(plan["dry_run"])
        self.assertEqual(plan["moved"]["count"], len(plan["blobs"]))
        self.assertFalse(self.present(f"{self.copy_of_app}:v1"))
        text = self.ok("copy", "--dry-run", f"{self.app}:multi", f"{self.copy_of_app}:v1")
        self.assertIn("to move:", text.text)
        done = self.ok("copy", "--format", "json", f"{self.app}:multi", f"{self.copy_of_app}:v1").json()
        self.assertEqual(done["moved"], plan["moved"])

    def test_PLT_13_platforms(self):
        one = self.ok("copy", "--platform", "linux/arm64", f"{self.app}:multi", f"{self.copy_of_app}:arm")
        children = json.loads(raw(f"docker://{self.app}:multi"))["manifests"]
        self.assertEqual(one.lines, [f"{self.copy_of_app}@{children[1]['digest']}"])
        self.assertIn("the digest changed", one.err)
        both = self.ok("copy", "--platform", "linux/arm64,linux/amd64", f"{self.app}:multi", f"{self.copy_of_app}:all")
        self.assertNotIn("the digest changed", both.err)
        failed = self.fails(2, "copy", "--platform", "linux/s390x", f"{self.app}:multi", f"{self.copy_of_app}:no")
        self.assertIn("linux/amd64", failed.err)
        self.assertFalse(self.present(f"{self.copy_of_app}:no"))

    def test_also_and_digest_file(self):
        self.ok("copy", f"{self.app}:v1.0", f"{self.copy_of_app}:a", "--also", "b", "--also", "c", "--digest-file", "d")
        expected = digest_of(f"docker://{self.app}:v1.0")
        self.assertEqual((self.home / "d").read_text(), expected + "\n")
        for tag in "abc":
            self.assertEqual(digest_of(f"docker://{self.copy_of_app}:{tag}"), expected)

    def test_REF_05_a_destination_by_digest(self):
        digest = digest_of(f"docker://{self.app}:v1.0")
        self.ok("copy", f"{self.app}:v1.0", f"{self.copy_of_app}@{digest}")
        self.assertTrue(self.present(f"{self.copy_of_app}@{digest}"))
        self.assertFalse(self.present(f"{self.copy_of_app}:latest"))
        self.fails(7, "copy", f"{self.app}:arm", f"{self.copy_of_app}@{digest}")

    def test_PUT_10_no_clobber_and_if_digest(self):
        self.ok("copy", f"{self.app}:v1.0", f"{self.copy_of_app}:v1")
        self.ok("copy", "--no-clobber", f"{self.app}:v1.1", f"{self.copy_of_app}:v1")  # the same image
        self.fails(8, "copy", "--no-clobber", f"{self.app}:arm", f"{self.copy_of_app}:v1")
        self.assertEqual(digest_of(f"docker://{self.copy_of_app}:v1"), digest_of(f"docker://{self.app}:v1.0"))
        self.fails(8, "copy", "--if-digest", "sha256:" + "0" * 64, f"{self.app}:arm", f"{self.copy_of_app}:v1")
        self.ok("copy", "--if-digest", digest_of(f"docker://{self.app}:arm"), f"{self.app}:arm",
                f"{self.copy_of_app}:v1")

    def test_F_40_all_tags(self):
        result = self.ok("copy", "--all-tags", "--filter", "^v1[.]", self.app, self.copy_of_app)
        self.assertEqual(len(result.lines), 2)
        self.assertEqual(sorted(self.ok("tags", self.copy_of_app).lines), ["v1.0", "v1.1"])
        self.ok("copy", "--all-tags", self.app, self.copy_of_app)
        self.assertEqual(sorted(self.ok("tags", self.copy_of_app).lines), sorted(self.ok("tags", self.app).lines))
        self.ok("copy", f"{self.app}:arm", f"{self.copy_of_app}:v1.0")
        kept = digest_of(f"docker://{self.copy_of_app}:v1.0")
        self.ok("copy", "--all-tags", "--no-clobber", self.app, self.copy_of_app)
        self.assertEqual(digest_of(f"docker://{self.copy_of_app}:v1.0"), kept)
        self.fails(1, "copy", "--all-tags", "--filter", "nothing", self.app, self.copy_of_app)
        self.fails(2, "copy", "--all-tags", f"{self.app}:v1.0", self.copy_of_app)

    def test_errors_that_say_what_to_do(self):
        self.fails(1, "copy", f"{self.app}:missing", f"{self.copy_of_app}:v1")
        self.fails(2, "copy", "--compress-level", "5", f"{self.app}:v1.0", f"{self.copy_of_app}:v1")
        self.fails(2, "copy", "--compress", "gzip", "--compress-level", "11", f"{self.app}:v1.0",
                   f"{self.copy_of_app}:v1")
        self.fails(2, "push", f"{self.app}:v1.0", f"{self.copy_of_app}:v1")
        self.fails(2, "pull", f"{self.app}:v1.0", f"docker://{self.copy_of_app}:v1")


class Convert(Base):
    def test_MED_40_compress_and_format(self):
        result = self.ok("copy", "--compress", "zstd", f"{self.app}:multi", f"{self.copy_of_app}:zstd")
        self.assertIn("the digest changed", result.err)
        children = json.loads(raw(f"docker://{self.copy_of_app}:zstd"))["manifests"]
        self.assertEqual(len(children), 2)
        old = json.loads(raw(f"docker://{self.app}:multi"))["manifests"]
        for child, before in zip(children, old):
            made = json.loads(raw(f"docker://{self.copy_of_app}@{child['digest']}"))
            was = json.loads(raw(f"docker://{self.app}@{before['digest']}"))
            self.assertEqual(made["config"], was["config"])
            self.assertTrue(all(layer["mediaType"].endswith("+zstd") for layer in made["layers"]))
        # skopeo's own decoder: what it unpacks must be the diffIDs.
        lab.skopeo("copy", "-q", "--src-tls-verify=false", "--dest-decompress", f"docker://{self.copy_of_app}:zstd",
                   f"dir:{self.home}/plain")
        plain = json.loads((self.home / "plain/manifest.json").read_text())
        config = json.loads((self.home / "plain" / plain["config"]["digest"].split(":")[1]).read_text())
        self.assertEqual([layer["digest"] for layer in plain["layers"]], config["rootfs"]["diff_ids"])
        self.ok("copy", "--manifest-format", "docker", f"{self.app}:multi", f"{self.copy_of_app}:docker")
        docker = json.loads(raw(f"docker://{self.copy_of_app}:docker"))
        self.assertEqual(docker["mediaType"], "application/vnd.docker.distribution.manifest.list.v2+json")
        lab.skopeo("copy", "-q", "--all", "--src-tls-verify=false", f"docker://{self.copy_of_app}:docker",
                   f"dir:{self.home}/out")
        self.ok("copy", "--format", "docker", f"{self.app}:multi", f"{self.copy_of_app}:docker2")
        self.assertEqual(self.ok("digest", f"{self.copy_of_app}:docker2").out,
                         self.ok("digest", f"{self.copy_of_app}:docker").out)
        self.fails(2, "copy", "--format", "docker", "--referrers", f"{self.app}:multi", f"{self.copy_of_app}:docker3")
        back = self.ok("copy", "--manifest-format", "oci", f"{self.copy_of_app}:docker", f"{self.copy_of_app}:oci")
        self.assertEqual(json.loads(raw(f"docker://{self.copy_of_app}:oci"))["mediaType"], INDEX)
        self.assertTrue(back.lines)


class Local(Base):
    def test_C3_pull_to_a_layout_and_push_from_it(self):
        self.ok("pull", f"{self.app}:multi", "layout")
        self.assertEqual(raw(f"oci:{self.home}/layout:multi"), raw(f"docker://{self.app}:multi"))
        self.ok("pull", f"{self.app}:v1.0", f"{self.app}:arm", "layout")
        names = sorted(self.ok("tags", "oci:layout").lines)
        self.assertEqual(names, sorted([f"{self.app}:arm", f"{self.app}:v1.0", "multi"]))
        self.ok("push", "layout:multi", f"{self.copy_of_app}:multi", "--also", "two")
        for tag in ("multi", "two"):
            self.assertEqual(raw(f"docker://{self.copy_of_app}:{tag}"), raw(f"docker://{self.app}:multi"))

    def test_C4_pull_to_a_docker_archive(self):
        self.ok("pull", "--platform", "linux/arm64", f"{self.app}:multi", "a.tar")
        inspected = json.loads(lab.skopeo("inspect", f"docker-archive:{self.home}/a.tar"))
        self.assertEqual(inspected["Architecture"], "arm64")
        self.ok("push", "a.tar", f"{self.copy_of_app}:from-tar")
        self.assertTrue(self.present(f"{self.copy_of_app}:from-tar"))

    def test_C4_push_what_skopeo_wrote(self):
        """Archives and folders: those that keep manifests keep the digest, a docker-archive the configuration."""
        expected = raw(f"docker://{self.app}:v1.0")
        config = self.ok("config", f"{self.app}:v1.0").out
        for number, (place, given) in enumerate((("oci-archive:a.tar:v1", "oci-archive:a.tar"), ("dir:flat", "flat"),
                                                 ("docker-archive:d.tar:x:v1", "d.tar"), ("", "-"))):
            if place:
                lab.skopeo("copy", "-q", "--src-tls-verify=false", f"docker://{self.app}:v1.0",
                           place.replace(":", f":{self.home}/", 1))
            pushed = f"{self.copy_of_app}:{number}"
            with self.subTest(given=given):
                self.ok("push", given, pushed, input=None if place else (self.home / "d.tar").read_bytes())
                if place.startswith("docker-archive") or not place:
                    self.assertEqual(self.ok("config", pushed).out, config)
                else:
                    self.assertEqual(raw(f"docker://{pushed}"), expected)

    def test_T_38_a_planted_blob_in_a_layout_is_replaced(self):
        self.ok("pull", f"{self.app}:v1.0", "layout")
        layers = json.loads(raw(f"docker://{self.app}:v1.0"))["layers"]
        blob = self.home / "layout/blobs" / layers[0]["digest"].replace(":", "/")
        good = blob.read_bytes()
        blob.chmod(0o644)
        blob.write_bytes(bytes(len(good)))
        report = self.ok("pull", "--format", "json", f"{self.app}:v1.0", "layout").json()
        self.assertEqual(report["moved"]["count"], 1)
        self.assertEqual(blob.read_bytes(), good)

    def test_F_07_a_killed_pull_goes_on_inside_the_blob(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        layer = os.urandom(4_000_000)
        fake.add_image("demo/app", "v1", [layer])
        path = f"/v2/demo/app/blobs/{lab.sha256(layer)}"
        stopped = threading.Event()
        asked = []

        def serve(handler):
            asked.append(handler.headers.get("Range"))
            first = 0
            if handler.headers.get("Range"):
                first = int(handler.headers["Range"].split("=")[1].split("-")[0])
                handler.send_response(206)
                handler.send_header("Content-Range", f"bytes {first}-{len(layer) - 1}/{len(layer)}")
            else:
                handler.send_response(200)
            handler.send_header("Content-Length", str(len(layer) - first))
            handler.end_headers()
            if not stopped.is_set():
                handler.wfile.write(layer[first:2_500_000])
                handler.wfile.flush()
                stopped.wait(30)
                return None
            handler.wfile.write(layer[first:])
            return None

        fake.answers[("GET", path)] = serve
        command = [lab.REGTOOL, "pull", f"{fake.host}/demo/app:v1", "layout"]
        process = subprocess.Popen(command, env=self.environment(), cwd=self.home, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        partial = lambda: [p for p in (self.home / "layout").rglob("*.part") if p.stat().st_size >= 2_000_000]
        for _ in range(300):
            if partial():
                break
            time.sleep(0.05)
        self.assertTrue(partial())
        process.kill()
        process.wait()
        stopped.set()
        self.ok("pull", f"{fake.host}/demo/app:v1", "layout")
        blob = self.home / "layout/blobs" / lab.sha256(layer).replace(":", "/")
        self.assertEqual(blob.read_bytes(), layer)
        self.assertIsNone(asked[0])
        self.assertGreaterEqual(int(asked[1].split("=")[1].split("-")[0]), 2_000_000)
        self.assertEqual(len(asked), 2)


class Lies(Base):
    """A registry that lies, forgets or moves: 7 or 8, never success, and nothing gets a name."""

    def setUp(self):
        super().setUp()
        self.fake = lab.FakeRegistry()
        self.addCleanup(self.fake.stop)
        self.layers = [gzip.compress(os.urandom(2000)) for _ in range(3)]
        self.digest = self.fake.add_image("demo/app", "v1", self.layers)

    def refuses(self, code, *args):
        self.fails(code, "copy", *args, f"{self.fake.host}/demo/app:v1", f"{self.copy_of_app}:v1")
        self.assertFalse(self.present(f"{self.copy_of_app}:v1"))

    def blob_path(self, n):
        return f"/v2/demo/app/blobs/{lab.sha256(self.layers[n])}"

    def test_T_01_wrong_layer(self):
        self.fake.answers[self.blob_path(1)] = (200, {}, bytes(len(self.layers[1])))
        self.refuses(7)

    def test_T_01_short_layer(self):
        self.fake.answers[self.blob_path(1)] = (200, {}, self.layers[1][:-1])
        self.refuses(7, "--retries", "0")

    def test_T_02_manifest_that_is_not_its_digest(self):
        body = self.fake.answers["/v2/demo/app/manifests/v1"][2]
        headers = {"Content-Type": MANIFEST, "Docker-Content-Digest": self.digest}
        self.fake.answers[f"/v2/demo/app/manifests/{self.digest}"] = (200, headers, body.replace(b"2", b"2 ", 1))
        self.refuses(7)

    def test_a_lost_layer(self):
        del self.fake.answers[self.blob_path(2)]
        self.refuses(7)

    def test_a_lost_child(self):
        lost = {"mediaType": MANIFEST, "digest": "sha256:" + "1" * 64, "size": 7,
                "platform": {"os": "linux", "architecture": "arm64"}}
        kept = {"mediaType": MANIFEST, "digest": self.digest, "platform": {"os": "linux", "architecture": "amd64"},
                "size": len(self.fake.answers["/v2/demo/app/manifests/v1"][2])}
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [kept, lost]}).encode()
        self.fake.add_manifest("demo/app", "v1", index, INDEX)
        self.refuses(7)
        self.ok("copy", "--platform", "linux/amd64", f"{self.fake.host}/demo/app:v1", f"{self.copy_of_app}:v1")

    def test_MAN_13_a_tag_that_moves_while_it_is_read(self):
        """HEAD says one digest, which is gone when it is asked for."""
        del self.fake.answers[f"/v2/demo/app/manifests/{self.digest}"]
        self.refuses(8)

    def test_F_39_a_target_whose_tag_stands_for_something_else_afterwards(self):
        other = "sha256:" + "2" * 64
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        put = []

        def manifest(handler):
            if handler.command == "PUT":
                put.append(handler.path)
                return 201, {"Docker-Content-Digest": self.digest, "Location": "/x"}, b""
            if not put:
                return 404, {}, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}'
            return 200, {"Content-Type": MANIFEST, "Docker-Content-Digest": other}, b"{}"

        fake.answers["/v2/to/app/manifests/v1"] = manifest
        for body in self.layers + [self.fake_config()]:
            fake.add_blob("to/app", body)
        self.fails(8, "copy", f"{self.fake.host}/demo/app:v1", f"{fake.host}/to/app:v1")
        self.assertEqual(len(put), 1)

    def cut_target(self, after):
        """A registry that stores the first manifest that is put as v1, does `after` to its tags, and hangs up without
        an answer."""
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        stored, tags, puts = {}, {}, []

        def manifest(handler):
            name = handler.path.rpartition("/")[2]
            if handler.command == "PUT":
                puts.append(name)
                stored[lab.sha256(handler.body)] = handler.body
                tags[name] = lab.sha256(handler.body)
                if len(puts) == 1:
                    after(tags)
                    handler.close_connection = True
                    return None
                return 201, {"Docker-Content-Digest": tags[name], "Location": "/x"}, b""
            digest = tags.get(name, name if name in stored else None)
            if not digest:
                return 404, {}, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}'
            return 200, {"Content-Type": MANIFEST, "Docker-Content-Digest": digest}, stored.get(digest, b"{}")

        for name in ("v1", self.digest):
            fake.answers[f"/v2/to/app/manifests/{name}"] = manifest
        for body in self.layers + [self.fake_config()]:
            fake.add_blob("to/app", body)
        return fake, tags, puts

    def test_PUT_11_an_answer_that_was_lost_is_settled_by_asking(self):
        fake, tags, puts = self.cut_target(lambda tags: None)
        self.ok("copy", f"{self.fake.host}/demo/app:v1", f"{fake.host}/to/app:v1")
        self.assertEqual((puts, tags["v1"]), (["v1"], self.digest))
        fake, tags, puts = self.cut_target(lambda tags: tags.clear())
        self.ok("copy", f"{self.fake.host}/demo/app:v1", f"{fake.host}/to/app:v1")
        self.assertEqual((puts, tags["v1"]), (["v1", "v1"], self.digest))

    def test_PUT_11_a_tag_that_another_writer_moved_meanwhile_stays_where_it_is(self):
        other = "sha256:" + "2" * 64
        fake, tags, puts = self.cut_target(lambda tags: tags.update(v1=other))
        result = self.fails(8, "copy", f"{self.fake.host}/demo/app:v1", f"{fake.host}/to/app:v1")
        self.assertIn(other, result.err)
        self.assertEqual((puts, tags["v1"]), (["v1"], other))

    def fake_config(self):
        manifest = json.loads(self.fake.answers["/v2/demo/app/manifests/v1"][2])
        return self.fake.answers[f"/v2/demo/app/blobs/{manifest['config']['digest']}"][2]

    def test_PUT_09_a_tag_that_has_the_digest_costs_one_request_to_each_side(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        fake.add_manifest("to/app", "v1", self.fake.answers["/v2/demo/app/manifests/v1"][2])
        result = self.ok("copy", f"{self.fake.host}/demo/app:v1", f"{fake.host}/to/app:v1")
        self.assertIn("unchanged", result.err)
        self.assertEqual([r[0] for r in self.fake.requests], ["HEAD"])
        self.assertEqual([r[0] for r in fake.requests], ["HEAD"])

    def test_C6_T_12_credentials_stay_on_their_side(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        auths = {}
        for host, user in ((self.fake.host, "reader"), (fake.host, "writer")):
            import base64
            auths[host] = {"auth": base64.b64encode(f"{user}:secret-{user}".encode()).decode()}
        (self.home / "auth.json").write_text(json.dumps({"auths": auths}))

        def guard(server):
            for path, answer in list(server.answers.items()):
                def guarded(handler, answer=answer):
                    if "Authorization" not in handler.headers:
                        return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b""
                    return answer
                server.answers[path] = guarded

        fake.add_manifest("to/app", "v1", self.fake.answers["/v2/demo/app/manifests/v1"][2])
        guard(self.fake)
        guard(fake)
        self.ok("copy", "--authfile", self.home / "auth.json", f"{self.fake.host}/demo/app:v1",
                f"{fake.host}/to/app:v1")
        for server, own in ((self.fake, auths[self.fake.host]["auth"]), (fake, auths[fake.host]["auth"])):
            sent = {r[2]["Authorization"] for r in server.requests if "Authorization" in r[2]}
            self.assertEqual(sent, {f"Basic {own}"})


class Progress(Base):
    def test_events_one_a_line(self):
        result = self.ok("copy", "--progress", "json", f"{self.app}:multi", f"{self.copy_of_app}:v1")
        events = [json.loads(line) for line in result.err.splitlines() if line.startswith("{")]
        self.assertEqual(events[0]["event"], "planned")
        finished = [e for e in events if e["event"] == "finished"]
        self.assertEqual(len(finished), events[0]["items"])
        self.assertEqual(sum(e["total"] for e in finished), events[0]["bytes"])
        self.assertEqual({e["result"] for e in finished}, {"done"})

    def test_quiet_says_nothing_but_the_result(self):
        result = self.ok("copy", "-q", f"{self.app}:v1.0", f"{self.copy_of_app}:v1")
        self.assertEqual(result.err, "")
        self.assertEqual(len(result.lines), 1)


if __name__ == "__main__":
    unittest.main()
