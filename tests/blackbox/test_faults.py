"""Faults of the network and of the machine, one test each; tests/matrix tries those of a registry on every command."""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import lab

SANITIZED = any(name.endswith("SAN_OPTIONS") for name in os.environ)
OCI = "application/vnd.oci.image.manifest.v1+json"
BODY = json.dumps({"schemaVersion": 2, "mediaType": OCI, "layers": [], "config": {
    "mediaType": "application/vnd.oci.empty.v1+json", "digest": lab.sha256(b"{}"), "size": 2}}).encode()


class RawServer:
    """Gives each connection to `serve` on a thread of its own, with its number; counts them and keeps what `read` read."""

    def __init__(self, serve):
        self.serve = serve
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.connections = 0
        self.seen = b""
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._one, args=(connection, self.connections), daemon=True).start()

    def _one(self, connection, number):
        with contextlib.suppress(OSError), connection:
            self.serve(self, connection, number)

    def read(self, connection):
        data = connection.recv(65536)
        self.seen += data
        return data

    def stop(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Faults(lab.Case):
    def setUp(self):
        super().setUp()
        self.fake = lab.FakeRegistry()
        self.addCleanup(self.fake.stop)
        self.image = f"{self.fake.host}/r:t"
        self.fake.add_manifest("r", "t", BODY)

    def raw_server(self, serve):
        server = RawServer(serve)
        self.addCleanup(server.stop)
        return server

    def limited(self, *args, **limits):
        """A run under resource limits, named as resource.RLIMIT_… without its prefix."""
        if SANITIZED:
            limits.pop("AS", None)  # sanitizers map terabytes

        def set_limits():
            for name, value in limits.items():
                resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
        return lab.Result(subprocess.run([lab.REGTOOL, *map(str, args)], capture_output=True, timeout=60, cwd=self.home,
                                         env=self.environment(), preexec_fn=set_limits))

    # The way to a host

    def test_F_01_a_name_that_is_not_there(self):
        error = self.fails(5, "digest", "no-such-host.invalid/r:t", "--retries", 0).err
        self.assertIn("no-such-host.invalid", error)
        error = self.fails(5, "digest", "no-such-host.invalid/r:t", "--retries", 0,
                           env={"HTTPS_PROXY": "http://user:canary-px@no-such-proxy.invalid:3128"}).err
        self.assertIn("no-such-proxy.invalid", error)
        self.assertNotIn("canary-px", error)

    def test_F_03_a_host_that_swallows_connections(self):
        hole = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.addCleanup(hole.close)
        waiting = []
        for _ in range(8):  # the queue of connections that nobody accepts is full after a few
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(hole.getsockname())
            waiting.append(s)
            self.addCleanup(s.close)
        host = f"127.0.0.1:{hole.getsockname()[1]}"
        self.fails(5, "digest", f"{host}/r:t", "--plain-http", host, "--connect-timeout", "300ms", "--retries", 1, timeout=20)

    def test_F_04_an_address_family_that_is_dead(self):
        # localhost is ::1 too, where nobody listens.
        name = f"localhost:{self.fake.port}/r:t"
        self.assertEqual(self.ok("manifest", name, timeout=20).out, BODY)

    def test_F_05_T_18_a_handshake_that_fails_leads_to_no_clear_text(self):
        def alert(server, connection, number):
            server.read(connection)
            connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")

        def hang_up(server, connection, number):
            server.read(connection)

        for serve in (alert, hang_up):
            with self.subTest(serve.__name__):
                server = self.raw_server(serve)
                self.fails(5, "digest", f"{server.host}/r:t", "--retries", 0)
                self.assertNotIn(b"HTTP/1.1", server.seen)
        server = self.raw_server(alert)
        self.fails(5, "digest", f"{server.host}/r:t")
        self.assertLessEqual(server.connections, 2, "an alert is final: one look and one try")

    def test_F_36_proxies_that_fail(self):
        def answering(text):
            def serve(server, connection, number):
                server.read(connection)
                connection.sendall(text)
            return serve

        def die_in_the_tunnel(server, connection, number):
            server.read(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            server.read(connection)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        for serve, tries in ((answering(b"HTTP/1.1 407 X\r\nContent-Length: 0\r\n\r\n"), 1),
                             (answering(b"HTTP/1.1 502 X\r\nContent-Length: 0\r\n\r\n"), 2),
                             (answering(b""), 2), (die_in_the_tunnel, 2)):
            with self.subTest(tries=tries):
                proxy = self.raw_server(serve)
                error = self.fails(5, "digest", "registry.invalid/r:t", "--retries", 1,
                                   env={"HTTPS_PROXY": f"http://canary-u:canary-px@{proxy.host}"}).err
                self.assertNotIn("canary-px", error)
                self.assertEqual(proxy.connections, tries)
        dead = self.raw_server(answering(b""))
        dead.stop()
        self.assertIn("proxy", self.fails(5, "digest", "registry.invalid/r:t", "--retries", 0,
                                          env={"HTTPS_PROXY": f"http://{dead.host}"}).err)

    # What a registry does

    def test_F_12_too_long_a_wait_ends_at_once_and_says_when_to_come_back(self):
        self.fake.answers["/v2/r/manifests/t"] = (429, {"Retry-After": "3600"}, b"")
        self.assertIn("3600 s", self.fails(6, "manifest", self.image).err)
        self.assertEqual(len(self.fake.asked()), 1)

    def test_RAT_03_max_requests_is_a_budget(self):
        self.ok("digest", self.image, "--max-requests", 1)
        self.assertIn("--max-requests", self.fails(6, "digest", self.image, self.image, "--max-requests", 1).err)
        self.fake.requests.clear()
        self.fake.answers["/v2/r/manifests/t"] = (503, {}, b"")
        self.fails(6, "manifest", self.image, "--max-requests", 2)
        self.assertEqual(len(self.fake.asked()), 2)

    def test_F_13_a_token_that_runs_out_in_the_middle_of_a_blob_is_not_noticed(self):
        blob = os.urandom(2 << 20)
        digest = lab.sha256(blob)
        tokens = ["first", "second"]
        good = [None]

        def token(handler):
            good[0] = tokens.pop(0)
            return 200, {}, json.dumps({"token": good[0]}).encode()

        def answer(handler):
            if handler.headers.get("Authorization") != f"Bearer {good[0]}":
                return 401, {"WWW-Authenticate": f'Bearer realm="http://{self.fake.host}/token"'}, b""
            if "Range" not in handler.headers:
                good[0] = "none"
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(blob)))
                handler.end_headers()
                handler.wfile.write(blob[:1 << 20])
                handler.close_connection = True
                return None
            first = int(handler.headers["Range"][6:-1])
            return 206, {"Content-Range": f"bytes {first}-{len(blob) - 1}/{len(blob)}"}, blob[first:]

        self.fake.answers["/token"] = token
        self.fake.answers[f"/v2/r/blobs/{digest}"] = answer
        result = self.ok("blob", "get", f"{self.fake.host}/r@{digest}", "-o", self.home / "out")
        self.assertEqual((self.home / "out").read_bytes(), blob)
        self.assertEqual(result.err, "")
        self.assertEqual(tokens, [])

    def test_F_31_an_expired_address_is_asked_for_anew(self):
        blob = b"bytes of a layer"
        digest = lab.sha256(blob)
        signatures = []

        def registry(handler):
            signatures.append(len(signatures))
            return 307, {"Location": f"http://localhost:{self.storage.port}/store?sig={len(signatures)}"}, b""

        self.storage = lab.FakeRegistry()
        self.addCleanup(self.storage.stop)
        self.storage.answers["/store"] = lambda handler: (200, {}, blob) if handler.path.endswith("sig=2") else (403, {}, b"expired")
        self.fake.answers[f"/v2/r/blobs/{digest}"] = registry
        self.assertEqual(self.ok("blob", "get", f"{self.fake.host}/r@{digest}").out, blob)
        self.assertEqual(len(signatures), 2)
        self.storage.answers["/store"] = (403, {}, b"expired")
        signatures.clear()
        self.fails(4, "blob", "get", f"{self.fake.host}/r@{digest}")
        self.assertEqual(len(signatures), 4)

    def test_T_55_a_failing_registry_is_not_hammered(self):
        self.fake.answers["/v2/r/manifests/t"] = (503, {}, b"")
        result = self.regtool("digest", *[self.image] * 60, "--retries", 0)
        self.assertIn(result.code, (3, 9))
        self.assertLess(len(self.fake.asked()), 150)

    def test_T_09_foreign_urls_are_not_followed(self):
        stranger = lab.FakeRegistry()
        self.addCleanup(stranger.stop)
        layer = b"foreign layer"
        digest = lab.sha256(layer)
        stranger.answers["/layer"] = (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")
        manifest = {"schemaVersion": 2, "mediaType": OCI, "config": {"mediaType": "application/vnd.oci.empty.v1+json",
                    "digest": lab.sha256(b"{}"), "size": 2}, "layers": [
                    {"mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar", "digest": digest,
                     "size": len(layer), "urls": [f"http://localhost:{stranger.port}/layer", "http://169.254.169.254/latest"]}]}
        self.fake.add_manifest("r", "t", json.dumps(manifest).encode())
        self.fails(1, "layer", "get", self.image, 0, "-o", self.home / "out", "--creds", "canary-u:canary-p")
        for request in stranger.asked():
            self.assertNotIn("Authorization", request[2])

    def test_T_37_the_digest_decides_and_the_repository_stays(self):
        digest = lab.sha256(BODY)
        self.fake.add_manifest("r", "t", b'{"schemaVersion":2,"other":1}')
        self.fake.answers[f"/v2/r/manifests/{digest}"] = (200, {"Content-Type": OCI}, BODY)
        self.assertEqual(self.ok("manifest", f"{self.image}@{digest}").out, BODY)
        self.fails(1, "manifest", f"{self.fake.host}/other@{digest}")
        self.assertEqual([r[1] for r in self.fake.asked("GET")], [f"/v2/r/manifests/{digest}", f"/v2/other/manifests/{digest}"])
        self.fails(2, "manifest", "\u0430lpine")  # a Cyrillic letter

    def test_T_41_schema_1_is_no_image(self):
        body = json.dumps({"schemaVersion": 1, "name": "r", "tag": "t", "architecture": "amd64",
                           "fsLayers": [{"blobSum": lab.sha256(b"x")}], "history": [{"v1Compatibility": "{}"}],
                           "signatures": []}).encode()
        self.fake.answers["/v2/r/manifests/t"] = (200, {"Content-Type": "application/vnd.docker.distribution.manifest.v1+prettyjws"}, body)
        for command in ("config", "history", "size"):
            with self.subTest(command):
                self.fails(2, command, self.image)
        altered = body.replace(b"amd64", b"arm64")
        self.fake.answers[f"/v2/r/manifests/{lab.sha256(body)}"] = (200, {"Content-Type": "application/vnd.docker.distribution.manifest.v1+json"}, altered)
        self.fails(7, "manifest", f"{self.fake.host}/r@{lab.sha256(body)}")

    def test_T_28_nothing_ends_a_line_of_a_request(self):
        for creds in ("a\r\nX-Evil: 1:b", "a:b\r\nX-Evil: 1"):
            self.fake.answers["/v2/r/manifests/t"] = lambda handler: (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")
            self.assertIn(self.regtool("manifest", self.image, env={"REGTOOL_CREDS": creds}).code, (2, 4))
        for target in ("/v2/r/manifests/t%0d%0aX-Evil:1", "/x\ty"):
            self.fake.answers["/v2/r/manifests/t"] = (302, {"Location": target}, b"")
            self.assertNotEqual(self.regtool("manifest", self.image).code, 0)
        self.assertEqual([r for r in self.fake.asked() if "X-Evil" in r[2]], [])

    def test_T_51_numbers_that_are_too_large(self):
        for size in ("9223372036854775808", "-1", "1e300", "4611686018427387904", '"5"', "1.5"):
            body = BODY.replace(b'"size": 2', b'"size": ' + size.encode())
            self.fake.answers["/v2/r/manifests/t"] = (200, {"Content-Type": OCI}, body)
            with self.subTest(size):
                self.assertIn(self.limited("config", self.image, AS=512 << 20).code, (1, 3, 7))
        self.fake.answers["/v2/r/manifests/t"] = lambda handler: (200, {"Content-Type": OCI}, BODY) if "Authorization" in handler.headers \
            else (401, {"WWW-Authenticate": f'Bearer realm="http://{self.fake.host}/token"'}, b"")
        for lifetime in ("1e300", "-5", "99999999999999999999", '"x"', "null"):
            self.fake.answers["/token"] = (200, {}, b'{"token":"t","expires_in":' + lifetime.encode() + b"}")
            with self.subTest(lifetime):
                self.assertIn(self.regtool("manifest", self.image).code, (0, 3))

    def test_T_56_an_annotation_forges_no_line(self):
        body = json.loads(BODY)
        body["annotations"] = {"a": "x\nstatus=ok", "b\nc": "y"}
        self.fake.add_manifest("r", "t", json.dumps(body).encode())
        self.assertNotIn("status=ok", [line.strip() for line in self.ok("inspect", self.image).lines])

    def test_T_44_a_stream_that_turns_out_wrong_says_so(self):
        blob = os.urandom(100_000)
        digest = self.fake.add_blob("r", blob[:-1] + bytes([blob[-1] ^ 1]), lab.sha256(blob))
        self.fails(7, "blob", "get", f"{self.fake.host}/r@{digest}")

    # This machine

    def test_F_24_a_closed_pipe_ends_quietly(self):
        self.fake.answers["/v2/r/tags/list"] = (200, {}, json.dumps({"tags": [f"t{i}" for i in range(200_000)]}).encode())
        for args in (["tags", f"{self.fake.host}/r"], ["manifest", self.image]):
            with self.subTest(args[0]):
                read, write = os.pipe()
                os.close(read)
                process = subprocess.run([lab.REGTOOL, *args], stdout=write, stderr=subprocess.PIPE, env=self.environment(), timeout=60)
                os.close(write)
                self.assertEqual((process.returncode, process.stderr), (141, b""))

    def test_F_21_a_full_disk_behind_the_output(self):
        for args in (["digest", self.image], ["inspect", self.image, "--format", "json"], ["--version"], ["--help"]):
            with self.subTest(args), open("/dev/full", "wb") as full:
                process = subprocess.run([lab.REGTOOL, *args], stdout=full, stderr=subprocess.PIPE, env=self.environment(), timeout=60)
                self.assertEqual(process.returncode, 10, process.stderr)

    def test_F_21_an_output_that_was_closed_before(self):
        for args in (["digest", self.image], ["manifest", self.image], ["inspect", self.image]):
            for closed in (">&-", "<&- >&-", "<&- >&- 2>&-"):
                with self.subTest(args, closed=closed):
                    run = subprocess.run(["bash", "-c", f'"$@" {closed}', "bash", lab.REGTOOL, "--trace", *args],
                                         env=self.environment(), capture_output=True, timeout=60)
                    self.assertEqual((run.returncode, run.stdout), (10, b""))
        asked = [request for request in self.fake.requests if not request[1].startswith("/v2/")]
        self.assertEqual(asked, [], "no output was sent to the registry")

    def test_F_22_a_file_that_may_not_grow(self):
        blob = os.urandom(1 << 20)
        digest = self.fake.add_blob("r", blob)
        (self.home / "out").write_text("the old one")
        result = self.limited("blob", "get", f"{self.fake.host}/r@{digest}", "-o", self.home / "out", FSIZE=100_000)
        # The kernel's own signal for it, or its error.
        self.assertIn(result.code, (10, -signal.SIGXFSZ))
        self.assertEqual((self.home / "out").read_text(), "the old one")

    @unittest.skipIf(SANITIZED, "sanitizers map terabytes")
    def test_F_28_little_memory_is_a_clean_end(self):
        layer = os.urandom(30 << 20)
        digest = self.fake.add_blob("r", layer)
        self.assertEqual(self.limited("blob", "verify", f"{self.fake.host}/r@{digest}", AS=256 << 20).code, 0)
        for megabytes in (12, 16, 20, 24, 32, 48):
            with self.subTest(megabytes):
                result = self.limited("blob", "get", f"{self.fake.host}/r@{digest}", "-o", self.home / "out", AS=megabytes << 20)
                # 127: the loader itself found no room.
                self.assertIn(result.code, (0, 5, 10, 70, 127), result.err)
                self.assertEqual([p.name for p in self.home.iterdir() if p.name != "out" and not p.name.endswith(".part")], [])

    def test_F_29_few_descriptors_are_enough(self):
        images = [self.image] * 50
        self.assertEqual(len(self.limited("digest", *images, NOFILE=32).lines), 50)
        blob = os.urandom(17 << 20)
        digest = self.fake.add_blob("r", blob)
        result = self.limited("blob", "get", f"{self.fake.host}/r@{digest}", "--parallel-ranges", 16, "-o", self.home / "out", NOFILE=32)
        self.assertEqual(result.code, 0, result.err)

    def test_F_23_signals_while_a_layer_stands_still(self):
        layer = os.urandom(200_000)
        self.fake.add_image("r", "still", [layer])
        silence = threading.Event()
        self.addCleanup(silence.set)

        def stand_still(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", "200000")
            handler.end_headers()
            handler.wfile.write(bytes(10))
            silence.wait(60)

        path = f"/v2/r/blobs/{lab.sha256(layer)}"
        self.fake.answers[path] = stand_still
        image = f"{self.fake.host}/r:still"
        for args in (["pull", image, "lay"], ["copy", image, "docker-archive:a.tar"], ["ls", image], ["cat", image, "/f"], ["export", image, "-o", "t.tar"], ["layer", "get", image, "0", "-o", "l"]):
            for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
                with self.subTest(args, code=code):
                    self.fake.requests.clear()
                    process = subprocess.Popen([lab.REGTOOL, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.home,
                                               env=self.environment())
                    for _ in range(200):
                        if path in (request[1] for request in self.fake.requests):
                            break
                        time.sleep(0.05)
                    time.sleep(0.2)
                    process.send_signal(number)
                    process.communicate(timeout=8)  # the process would be ended after ten seconds
                    self.assertEqual(process.returncode, code)

    def test_F_23_a_filter_without_end(self):
        self.fails(124, "digest", self.image, "--jq", "def f: f; f", "--timeout", "500ms")

    def test_a_listing_that_fails_is_no_half_of_an_array(self):
        for args in (["tags", f"{self.fake.host}/none"], ["catalog", self.fake.host]):
            with self.subTest(args):
                result = self.regtool(*args, "--format", "json")
                self.assertNotEqual(result.code, 0)
                self.assertEqual(result.out, b"")

    def test_limit_rate_holds_from_the_first_byte(self):
        digest = self.fake.add_blob("r", os.urandom(20 << 20))
        result = self.fails(124, "blob", "get", f"{self.fake.host}/r@{digest}", "--limit-rate", "500k", "--timeout", "2s", "-o", "-")
        self.assertLess(len(result.out), 3_000_000)
        # What waits for the rate does not stand still.
        small = os.urandom(150_000)
        digest = self.fake.add_blob("r", small)
        self.assertEqual(self.ok("blob", "get", f"{self.fake.host}/r@{digest}", "--limit-rate", "50k", "--stall-timeout", "1s",
                                 "--retries", 0, "-o", "-").out, small)

    def test_F_23_signals_while_waiting_for_another_try(self):
        self.fake.answers["/v2/r/manifests/t"] = (429, {"Retry-After": "200"}, b"")
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(code):
                self.fake.requests.clear()
                process = subprocess.Popen([lab.REGTOOL, "manifest", self.image], stderr=subprocess.PIPE, env=self.environment())
                for _ in range(200):
                    if self.fake.asked():
                        break
                    time.sleep(0.05)
                process.send_signal(number)
                process.communicate(timeout=10)
                self.assertEqual(process.returncode, code)

    def test_T_46_hostile_environments(self):
        for extra in ({"HOME": ""}, {"HOME": "/nonexistent"}, {"XDG_RUNTIME_DIR": "x" * 5000}, {"XDG_CONFIG_HOME": "relative"}, {"TERM": "\x1b["},
                      {"LC_ALL": "xx_YY.BAD", "LC_NUMERIC": "de_DE.UTF-8"}, {"TMPDIR": "/nonexistent"}, {"PATH": ".:"},
                      {"REGTOOL_JOBS": ""}, {"COLUMNS": "-1"}, {"DOCKER_CONFIG": "/dev/null"}):
            with self.subTest(extra):
                self.assertEqual(self.ok("manifest", self.image, env=extra).out, BODY)
        # A web server hands a request's own header on as HTTP_PROXY.
        self.ok("manifest", f"localhost:{self.fake.port}/r:t", env={"HTTP_PROXY": "http://127.0.0.1:9"})
        environment = {"PATH": os.environ["PATH"]}
        process = subprocess.run([lab.REGTOOL, "manifest", self.image], capture_output=True, env=environment, cwd=self.home)
        self.assertEqual(process.stdout, BODY)

    def test_T_58_nothing_is_read_from_the_working_directory(self):
        folder = self.home / "work"
        (folder / ".docker").mkdir(parents=True)
        home = self.home / "home"
        home.mkdir()
        evil = json.dumps({"credsStore": "evil", "auths": {self.fake.host: {"auth": "Y2FuYXJ5OmNhbmFyeQ=="}}, "proxies": {"default": {"httpProxy": "http://127.0.0.1:9"}}})
        for name in (".docker/config.json", "config.json", "auth.json", ".dockercfg", ".netrc", ".curlrc"):
            (folder / name).write_text(evil)
        (folder / "registries.conf").write_text('[[registry]]\nprefix = "127.0.0.1"\nblocked = true\n')
        (folder / "config.toml").write_text("nonsense = = =")
        helper = folder / "docker-credential-evil"
        helper.write_text(f"#!/bin/sh\ntouch {self.home}/ran\n")
        helper.chmod(0o755)
        self.assertEqual(self.ok("manifest", self.image, cwd=folder, env={"HOME": str(home)}).out, BODY)
        self.assertFalse((self.home / "ran").exists())
        self.assertEqual([r for r in self.fake.asked() if "Authorization" in r[2]], [])

    def test_T_53_long_words_take_no_stack(self):
        for word in ("a" * 100_000, "a/" * 50_000, "a:" + "t" * 100_000, "a@sha256:" + "0" * 100_000, "[" * 100_000):
            self.assertEqual(self.limited("digest", word, STACK=512 << 10).code, 2)
        self.fake.answers["/v2/r/manifests/t"] = (401, {"WWW-Authenticate": "Bearer " + 'a="b",' * 15_000}, b"")
        self.assertEqual(self.limited("manifest", self.image, STACK=512 << 10).code, 4)
        for body in (b"[" * 1_000_000, b'{"a":' * 500_000):
            self.fake.answers["/v2/r/manifests/t"] = (200, {"Content-Type": OCI}, body)
            self.assertEqual(self.limited("inspect", self.image, STACK=512 << 10).code, 3)


class Http2Server(RawServer):
    """Enough of HTTP/2 over TLS to answer HEAD and GET of one manifest, and to break off as `misbehave` says: it gets
    the server, the connection, its number and the stream, and returns true when it has dealt with the request."""

    HEADERS, RST_STREAM, SETTINGS, GOAWAY, DATA = 1, 3, 4, 7, 0

    def __init__(self, certificates, misbehave):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificates.cert, certificates.key)
        self.context.set_alpn_protocols(["h2"])
        self.misbehave = misbehave
        self.spoken = 0  # connections that went beyond the handshake
        self.streams = 0
        super().__init__(Http2Server.converse)

    @staticmethod
    def frame(kind, flags, stream, payload=b""):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

    @staticmethod
    def field(name, value):
        return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value

    def answer(self, stream, body=b""):
        fields = b"\x88" + self.field(b"content-type", OCI.encode()) + self.field(b"content-length", str(len(BODY)).encode()) + \
            self.field(b"docker-content-digest", lab.sha256(BODY).encode())
        head = self.frame(self.HEADERS, 0x4 if body else 0x5, stream, fields)
        return head + (self.frame(self.DATA, 0x1, stream, body) if body else b"")

    def converse(self, raw, number):
        with contextlib.suppress(ssl.SSLError), self.context.wrap_socket(raw, server_side=True) as connection:
            reader = connection.makefile("rb")
            if not reader.read(24):
                return
            self.spoken += 1
            number = self.spoken
            connection.sendall(self.frame(self.SETTINGS, 0, 0))
            while head := reader.read(9):
                size, kind, flags, stream = int.from_bytes(head[:3], "big"), head[3], head[4], int.from_bytes(head[5:], "big")
                payload = reader.read(size)
                if kind == self.SETTINGS and not flags & 1:
                    connection.sendall(self.frame(self.SETTINGS, 1, 0))
                elif kind == self.HEADERS:
                    self.streams += 1
                    if not self.misbehave(self, connection, number, stream):
                        # The method's first field is GET (index 2) or a literal.
                        connection.sendall(self.answer(stream, BODY if b"\x82" in payload[:8] else b""))


class Http2(lab.Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="regtool-h2-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.certificates = lab.Certificates(cls.folder)

    def server(self, misbehave):
        server = Http2Server(self.certificates, misbehave)
        self.addCleanup(server.stop)
        return server

    def run_many(self, server, count=5, *options):
        return self.regtool("digest", *[f"{server.host}/r:t{i}" for i in range(count)], "--cacert", self.certificates.ca, *options)

    def test_F_30_a_good_server(self):
        server = self.server(lambda *_: False)
        self.assertEqual(len(self.run_many(server).lines), 5)
        self.assertEqual(self.ok("manifest", f"{server.host}/r:t", "--cacert", self.certificates.ca).out, BODY)

    def test_F_30_goaway_before_anything_was_done(self):
        def goaway(server, connection, number, stream):
            if number > 1:
                return False
            connection.sendall(server.frame(server.GOAWAY, 0, 0, struct.pack(">II", 0, 0)))
            return True

        result = self.run_many(self.server(goaway))
        self.assertEqual((result.code, len(result.lines)), (0, 5), result.err)

    def test_F_30_refused_streams(self):
        refused = []

        def refuse(server, connection, number, stream):
            if len(refused) >= 3:
                return False
            refused.append(stream)
            connection.sendall(server.frame(server.RST_STREAM, 0, stream, struct.pack(">I", 7)))
            return True

        result = self.run_many(self.server(refuse))
        self.assertEqual((result.code, len(result.lines)), (0, 5), result.err)

    def test_F_30_a_reset_in_the_body(self):
        def reset(server, connection, number, stream):
            whole = server.answer(stream, BODY)
            connection.sendall(whole[:-len(BODY) - 9] + server.frame(server.DATA, 0, stream, BODY[:20]) +
                               server.frame(server.RST_STREAM, 0, stream, struct.pack(">I", 2)))
            return True

        server = self.server(reset)
        result = self.fails(5, "manifest", f"{server.host}/r:t", "--cacert", self.certificates.ca, "--retries", 1)
        self.assertEqual(result.out, b"")
        self.assertEqual(server.streams, 2)


class Identity(lab.Case):
    """T-47, T-48: certificates that must not be believed."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="regtool-identity-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.authority = lab.Certificates(cls.folder)

    def certificate(self, subject="/CN=server", names="IP:127.0.0.1", days=2, digest="-sha256"):
        """Signed by the authority; `names` may be empty."""
        made = lab.Certificates.__new__(lab.Certificates)
        made.ca, made.cert, made.key = self.authority.ca, self.home / "made.pem", self.authority.key
        run = lambda *a: subprocess.run(["openssl", *map(str, a)], check=True, capture_output=True)
        run("req", "-new", "-key", made.key, "-subj", subject, "-out", self.home / "made.csr")
        (self.home / "ext").write_text(f"subjectAltName={names}\n" if names else "basicConstraints=CA:FALSE\n")
        run("x509", "-req", digest, "-in", self.home / "made.csr", "-CA", self.authority.ca, "-CAkey", self.folder / "ca.key",
            "-CAcreateserial", "-days", days, "-extfile", self.home / "ext", "-out", made.cert)
        return made

    def refused(self, certificate):
        fake = lab.FakeRegistry(certificate)
        self.addCleanup(fake.stop)
        fake.add_manifest("r", "t", BODY)
        error = self.fails(5, "digest", f"{fake.host}/r:t", "--cacert", self.authority.ca, "--retries", 0).err
        self.assertEqual(fake.asked(), [])
        self.assertIn("certificate", error)
        return error

    def test_T_47_the_right_one_is_believed(self):
        fake = lab.FakeRegistry(self.certificate())
        self.addCleanup(fake.stop)
        fake.add_manifest("r", "t", BODY)
        self.ok("digest", f"{fake.host}/r:t", "--cacert", self.authority.ca)

    def test_T_47_names_that_do_not_fit(self):
        for subject, names in (("/CN=server", "DNS:other.test"), ("/CN=127.0.0.1", "DNS:other.test"), ("/CN=server", "IP:127.0.0.2"),
                               ("/CN=server", "DNS:*.0.0.1")):
            with self.subTest(names):
                self.refused(self.certificate(subject, names))

    def test_T_48_an_expired_one_may_be_a_wrong_clock(self):
        self.assertIn("clock", self.refused(self.certificate(days=-1)))

    def test_T_47_self_signed(self):
        made = self.certificate()
        subprocess.run(["openssl", "req", "-x509", "-key", str(made.key), "-days", "2", "-subj", "/CN=self", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-out", str(made.cert)], check=True, capture_output=True)
        self.refused(made)


if __name__ == "__main__":
    unittest.main()
