"""Uploading, mounting, referrers and deletion, against registries that we did not write and one that is scripted."""

import contextlib
import hashlib
import http.server
import json
import os
import pty
import subprocess
import threading
import time
import unittest

import lab

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
SBOM = "application/vnd.example.sbom"


def empty_descriptor():
    return {"mediaType": "application/vnd.oci.empty.v1+json", "digest": lab.sha256(b"{}"), "size": 2}


def image(note="", subject=None, artifact_type=None):
    body = {"schemaVersion": 2, "mediaType": MANIFEST, "config": empty_descriptor(), "layers": [],
            "annotations": {"note": note}}
    if artifact_type:
        body["artifactType"] = artifact_type
    if subject:
        body["subject"] = {"mediaType": MANIFEST, "digest": lab.sha256(subject), "size": len(subject)}
    return json.dumps(body).encode()


class OnRegistry:
    """What must work on every registry: `registry` has a host."""

    def setUp(self):
        super().setUp()
        self.repo = f"{self.registry.host}/t{self._testMethodName.lower().replace('_', '-')}"
        self.ok("blob", "put", self.repo, input=b"{}")

    def put(self, body, name):
        self.ok("manifest", "put", name, input=body)
        return lab.sha256(body)

    def gone(self, name):
        self.assertEqual(self.regtool("exists", name).code, 1)

    def test_MED_33_what_is_wrong_with_a_file_or_option_is_said_of_it(self):
        body = lab.EMPTY_MANIFEST
        for media_type in ("foo bar", "x", "application/vnd.docker.distribution.manifest.v2+json"):
            with self.subTest(media_type):
                result = self.fails(2, "manifest", "put", f"{self.repo}:t", "--media-type", media_type, input=body)
                self.assertIn("--media-type", result.err)
        for document in (b"nonsense", b"{}", b""):
            with self.subTest(document):
                self.assertIn("standard input", self.fails(10, "manifest", "put", f"{self.repo}:t", input=document).err)
        self.gone(f"{self.repo}:t")

    # --- blobs

    def test_UPL_02_a_file_is_put_and_comes_back(self):
        data = os.urandom(3 << 20)
        file = self.home / "data"
        file.write_bytes(data)
        put = self.ok("blob", "put", self.repo, file)
        self.assertEqual(put.text, f"{self.repo}@{lab.sha256(data)}\n")
        self.assertEqual(self.ok("blob", "get", put.text.strip()).out, data)
        again = self.ok("blob", "put", "--format", "json", self.repo, file).json()
        self.assertEqual((again["action"], again["size"]), ("present", len(data)))

    def test_UPL_12_standard_input(self):
        put = self.ok("blob", "put", self.repo, input=b"piped", env={"TMPDIR": str(self.home)})
        self.assertEqual(self.ok("blob", "get", put.text.strip()).out, b"piped")
        self.assertEqual([p for p in self.home.iterdir() if p.name.startswith("regtool-")], [])

    def test_UPL_19_nothing_at_all(self):
        put = self.ok("blob", "put", self.repo, input=b"")
        self.assertEqual(self.ok("blob", "get", put.text.strip()).out, b"")

    def test_UPL_23_sha512(self):
        digest = "sha512:" + hashlib.sha512(b"long").hexdigest()
        put = self.ok("blob", "put", self.repo, "--digest", digest, input=b"long")
        self.assertEqual(self.ok("blob", "get", put.text.strip()).out, b"long")

    def test_UPL_17_other_bytes_than_announced_are_not_sent(self):
        self.fails(7, "blob", "put", self.repo, "--digest", lab.sha256(b"that"), input=b"this")
        self.fails(1, "blob", "head", f"{self.repo}@{lab.sha256(b'this')}")

    def test_MNT_01_mount(self):
        blob = self.ok("blob", "put", self.repo, input=b"shared").text.strip()
        other = self.repo + "-other"
        mounted = self.ok("blob", "mount", blob, other, "--format", "json").json()
        self.assertEqual(mounted["action"], "mounted")
        self.assertEqual(self.ok("blob", "get", f"{other}@{lab.sha256(b'shared')}").out, b"shared")
        self.fails(1, "blob", "mount", f"{self.repo}@{lab.sha256(b'absent')}", other)
        self.fails(2, "blob", "mount", blob, "elsewhere.test/other")

    def test_MNT_05_copy_within_and_between_registries(self):
        blob = self.ok("blob", "put", self.repo, input=b"copied").text.strip()
        within = self.ok("blob", "copy", blob, self.repo + "-to", "--format", "json").json()
        self.assertIn(within["action"], ("mounted", "present"))  # some share blobs between repositories
        layout = f"oci:{lab.test_layout()}:small"
        between = self.ok("blob", "copy", layout, "--layer", "0", self.repo, "--format", "json").json()
        self.assertEqual(between["action"], "uploaded")
        self.ok("blob", "verify", between["reference"])
        self.assertEqual(self.ok("blob", "copy", layout, "--layer", "0", self.repo, "--format", "json").json()["action"],
                         "present")

    def test_DEL_05_blob_delete(self):
        blob = self.ok("blob", "put", self.repo, input=b"to go").text.strip()
        self.fails(2, "blob", "delete", blob)
        self.ok("blob", "get", blob)
        self.ok("blob", "delete", "--yes", blob)
        self.fails(1, "blob", "head", blob)
        self.fails(1, "blob", "delete", "--yes", blob)
        self.ok("blob", "delete", "--yes", "--ignore-missing", blob)

    # --- referrers

    def test_RFR_07_referrers_are_listed_after_a_push(self):
        subject = image("subject")
        name = f"{self.repo}@{self.put(subject, self.repo + ':v1')}"
        self.assertEqual(self.ok("referrers", f"{self.repo}:v1").text, name + "\n")
        bodies = [image(str(i), subject, kind) for i, kind in enumerate((SBOM, SBOM, "application/x"))]
        for body in bodies:
            self.put(body, f"{self.repo}@{lab.sha256(body)}")
        found = self.ok("referrers", f"{self.repo}:v1", "--strict", "--format", "json").json()
        self.assertEqual(found["subject"], name)
        self.assertEqual({r["digest"] for r in found["referrers"]}, {lab.sha256(b) for b in bodies})
        self.assertEqual({r["annotations"]["note"] for r in found["referrers"]}, {"0", "1", "2"})
        some = self.ok("referrers", f"{self.repo}:v1", "--artifact-type", SBOM, "--jq", ".referrers | length")
        self.assertEqual(some.text.strip(), "2")
        self.ok("manifest", "delete", "--yes", f"{self.repo}@{lab.sha256(bodies[0])}")
        self.assertNotIn(lab.sha256(bodies[0]), self.ok("referrers", f"{self.repo}:v1").text)

    def test_RFR_09_two_writers_lose_nothing(self):
        subject = image("subject")
        self.put(subject, self.repo + ":v1")
        bodies = [image(f"{i}", subject, SBOM) for i in range(16)]
        running = []
        for body in bodies:
            process = subprocess.Popen(
                [lab.REGTOOL, "manifest", "put", f"{self.repo}@{lab.sha256(body)}"], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment())
            process.stdin.write(body)
            process.stdin.close()
            running.append(process)
            if len(running) % 2 == 0:
                codes = [p.wait() for p in running[-2:]]
                self.assertEqual(codes, [0, 0])
        found = self.ok("referrers", f"{self.repo}:v1", "--format", "json").json()["referrers"]
        self.assertEqual(sorted(r["digest"] for r in found), sorted(map(lab.sha256, bodies)))

    # --- deletion

    def test_DEL_03_delete_names_the_tags_that_go(self):
        digest = self.put(image("a"), self.repo + ":v1")
        self.put(image("a"), self.repo + ":v2")
        self.put(image("b"), self.repo + ":other")
        refused = self.fails(2, "delete", self.repo + ":v1")
        self.assertIn("v1, v2", refused.err)
        self.assertIn("--yes", refused.err)
        self.ok("exists", self.repo + ":v1")
        done = self.ok("rm", "--yes", self.repo + ":v1", "--format", "json").json()
        self.assertEqual((done["digest"], done["tags"], done["tags_complete"], done["deleted"]),
                         (digest, ["v1", "v2"], True, True))
        self.gone(self.repo + ":v2")
        self.ok("exists", self.repo + ":other")

    def answer(self, answer, *args):
        """Runs it on a terminal of its own, answers its question, and returns what was shown and the exit code."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(lab.REGTOOL, [lab.REGTOOL, *args], self.environment())
        shown = b""
        try:
            while piece := os.read(terminal, 4096):
                shown += piece
                if piece.endswith(b"[y/N] "):
                    os.write(terminal, answer)
        except OSError:
            pass  # the program has closed its end
        finally:
            os.close(terminal)
        return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_DEL_03_on_a_terminal_it_asks(self):
        self.put(image("a"), self.repo + ":v1")
        for no in (b"\n", b"n\n", b"what\n"):
            shown, code = self.answer(no, "delete", self.repo + ":v1")
            self.assertEqual(code, 2, shown)
            self.assertIn("tags that go with it: v1", shown)
        self.ok("exists", self.repo + ":v1")
        shown, code = self.answer(b"y\n", "delete", self.repo + ":v1")
        self.assertEqual(code, 0, shown)
        self.gone(self.repo + ":v1")

    def test_DEL_06_what_is_not_there(self):
        self.put(image("a"), self.repo + ":v1")
        self.fails(1, "delete", "--yes", self.repo + ":nothing")
        self.ok("delete", "--yes", "--ignore-missing", self.repo + ":nothing")
        self.fails(2, "manifest", "delete", "--yes", self.repo + ":v1")

    def test_DEL_03_an_index_that_would_lose_it_is_named(self):
        child = image("child")
        digest = self.put(child, self.repo + ":child")
        entry = {"mediaType": MANIFEST, "digest": digest, "size": len(child)}
        self.put(json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).encode(), self.repo + ":multi")
        self.put(image("sbom", child, SBOM), f"{self.repo}@{lab.sha256(image('sbom', child, SBOM))}")
        refused = self.fails(2, "delete", self.repo + ":child")
        self.assertIn("indexes that would lose it: multi", refused.err)
        self.assertIn("what refers to it and stays: 1", refused.err)

    def test_DEL_04_by_dummy_leaves_the_other_tags(self):
        digest = self.put(image("a"), self.repo + ":v1")
        self.put(image("a"), self.repo + ":v2")
        self.ok("delete", "--untag", "--by-dummy", "--yes", self.repo + ":v1")
        self.gone(self.repo + ":v1")
        self.assertEqual(self.ok("digest", self.repo + ":v2").text.strip(), digest)


class DockerRegistryUploads(OnRegistry, lab.Case):
    @classmethod
    def setUpClass(cls):
        cls.registry = lab.DockerRegistry()
        cls.addClassCleanup(cls.registry.stop)

    def test_DEL_02_a_registry_that_deletes_no_tags_says_so(self):
        digest = self.put(image("a"), self.repo + ":v1")
        self.fails(2, "delete", "--untag", self.repo + ":v1")
        refused = self.fails(3, "delete", "--untag", "--yes", self.repo + ":v1")
        self.assertIn("--by-dummy", refused.err)
        self.assertEqual(self.ok("digest", self.repo + ":v1").text.strip(), digest)


class ServedUploads(OnRegistry, lab.Case):
    @classmethod
    def setUpClass(cls):
        cls.registry = lab.ServedRegistry("--root", ":memory:")
        cls.addClassCleanup(cls.registry.stop)

    def test_DEL_02_untag_leaves_the_image_and_its_other_tags(self):
        digest = self.put(image("a"), self.repo + ":v1")
        self.put(image("a"), self.repo + ":v2")
        self.fails(2, "delete", "--untag", self.repo + ":v1")
        self.ok("delete", "--untag", "--yes", self.repo + ":v1")
        self.gone(self.repo + ":v1")
        self.assertEqual(self.ok("digest", self.repo + ":v2").text.strip(), digest)


class LockedRegistry(lab.Case):
    """A token for everything, or a password over TLS."""

    def test_UPL_25_ATH_16_upload_and_mount_with_tokens(self):
        tokens = lab.TokenServer({"user": "secret"})
        self.addCleanup(tokens.stop)
        registry = lab.DockerRegistry(tokens=tokens)
        self.addCleanup(registry.stop)
        self.write_docker_config(registry.host, "user", "secret")
        blob = self.ok("blob", "put", f"{registry.host}/private/app", input=b"x" * 100000).text.strip()
        self.ok("blob", "mount", blob, f"{registry.host}/private/other")
        self.fails(4, "blob", "put", f"{registry.host}/private/app", input=b"y", env={"HOME": "/nonexistent"})


    def test_UPL_06_with_a_password_over_tls(self):
        certificates = lab.Certificates(self.home)
        registry = lab.DockerRegistry(users={"user": "secret"}, certificates=certificates)
        self.addCleanup(registry.stop)
        trust = ["--cacert", certificates.ca]
        data = os.urandom(3 << 20)
        put = self.ok("blob", "put", f"{registry.host}/app", *trust, input=data,
                      env={"REGTOOL_CREDS": "user:secret"})
        got = self.ok("blob", "get", put.text.strip(), "--cacert", certificates.ca, env={"REGTOOL_CREDS": "user:secret"})
        self.assertEqual(got.out, data)


class Scripted(lab.Case):
    def setUp(self):
        super().setUp()
        self.fake = lab.FakeRegistry()
        self.addCleanup(self.fake.stop)
        self.repo = f"{self.fake.host}/r"

    def test_T_10_a_foreign_upload_location_gets_bytes_but_no_credentials(self):
        other = lab.FakeRegistry()
        self.addCleanup(other.stop)
        self.write_docker_config(self.fake.host, "user", "secret")

        def start(handler):
            if "Authorization" not in handler.headers:
                return 401, {"WWW-Authenticate": 'Basic realm="r"'}, b""
            return 202, {"Location": f"http://{other.host}/store/1?sig=a%2Bb"}, b""
        self.fake.answers[("POST", "/v2/r/blobs/uploads/")] = start
        other.answers[("PUT", "/store/1")] = (201, {}, b"")
        self.ok("blob", "put", self.repo, input=b"data")
        method, path, headers, body = other.asked()[0]
        self.assertEqual((method, body), ("PUT", b"data"))
        self.assertIn("sig=a%2Bb&digest=sha256%3A", path)
        self.assertNotIn("Authorization", headers)

    def test_F_15_UPL_21_chunks_where_a_proxy_takes_only_so_much(self):
        stored = bytearray()
        data = os.urandom(5 << 20)

        def body(handler):
            if len(handler.body) > 2 << 20:
                return 413, {}, b""
            if handler.command == "PUT":
                stored.extend(handler.body)
                return 201, {"Docker-Content-Digest": lab.sha256(bytes(stored))}, b""
            stored.extend(handler.body)
            return 202, {"Location": "/upload/1", "Range": f"0-{len(stored) - 1}"}, b""
        self.fake.answers[("POST", "/v2/r/blobs/uploads/")] = (202, {"Location": "/upload/1"}, b"")
        self.fake.answers["/upload/1"] = body
        self.ok("blob", "put", self.repo, input=data)
        self.assertEqual(bytes(stored), data)

    def test_UPL_24_no_question_before_the_body_and_an_early_answer_ends_it(self):
        blob = os.urandom(1 << 20) * 48
        drained, expected = [], []

        class Refusing(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, **headers):
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def do_HEAD(self):
                self.answer(404)

            def do_POST(self):
                self.answer(202, Location="/v2/r/blobs/uploads/1")

            def do_DELETE(self):
                self.answer(204)

            def refuse(self):
                expected.append(self.headers.get("Expect"))
                self.answer(413)
                left = int(self.headers["Content-Length"])
                with contextlib.suppress(OSError):
                    while left and (piece := self.rfile.read1(min(left, 1 << 16))):
                        left -= len(piece)
                drained.append(int(self.headers["Content-Length"]) - left)
                self.close_connection = left > 0

            do_PUT = do_PATCH = refuse

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        started = time.monotonic()
        refused = self.fails(3, "blob", "put", f"127.0.0.1:{server.server_address[1]}/r", input=blob)
        self.assertIn("413", refused.err)
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(set(expected), {None})
        self.assertLess(drained[0], len(blob) // 2)

    def test_T_42_what_is_about_something_else_is_left_out(self):
        subject = image("subject")
        self.fake.add_manifest("r", "v1", subject)
        honest, liar = image("1", subject, SBOM), image("2", image("another"), SBOM)
        entries = []
        for body in (honest, liar):
            self.fake.add_manifest("r", lab.sha256(body), body)
            entries.append({"mediaType": MANIFEST, "digest": lab.sha256(body), "size": len(body), "artifactType": "x/y"})
        listing = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
        self.fake.answers[f"/v2/r/referrers/{lab.sha256(subject)}"] = (200, {"Content-Type": INDEX}, listing)
        self.assertEqual(len(self.ok("referrers", f"{self.repo}:v1").lines), 3)
        strict = self.ok("referrers", "--strict", f"{self.repo}:v1")
        self.assertIn(lab.sha256(honest), strict.text)
        self.assertNotIn(lab.sha256(liar), strict.text)
        self.assertIn(lab.sha256(liar), strict.err)
        self.assertIn(SBOM, strict.text)  # the manifest's own word, not the list's

    def test_DEL_10_reading_deletes_nothing(self):
        self.fake.add_manifest("r", "v1", image("a"))
        self.fake.answers["/v2/r/tags/list"] = (200, {}, b'{"name":"r","tags":["v1"]}')
        self.fails(2, "delete", f"{self.repo}:v1")
        self.assertEqual({method for method, *_ in self.fake.asked()} - {"GET", "HEAD"}, set())


if __name__ == "__main__":
    unittest.main()
