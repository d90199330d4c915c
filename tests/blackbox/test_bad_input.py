"""What hostile or broken registries and arguments draw: the right exit code, one clear error, nothing half-written."""

import gzip
import io
import json
import os
import signal
import socket
import struct
import subprocess
import tarfile
import threading
import time
import unittest

import lab

OCI = "application/vnd.oci.image.manifest.v1+json"


def tar_of(*names, content=b"text"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


class BadInput(lab.Case):
    def setUp(self):
        super().setUp()
        self.fake = lab.FakeRegistry()
        self.addCleanup(self.fake.stop)
        self.image = f"{self.fake.host}/r:t"

    def answer(self, status=200, body=b"", kind=OCI, **headers):
        self.fake.answers["/v2/r/manifests/t"] = (status, {"Content-Type": kind, **headers}, body)

    def one_error(self, result):
        self.assertEqual(len([l for l in result.err.splitlines() if l.startswith("error: ")]), 1, result.err)

    def test_REF_09_malformed_references(self):
        for bad in ("", "Alpine", "a" * 64, "a//b", "x:", "x@sha256:12", "https://h/r", "h.com:99999/x", "x y", "-h.com/x",
                    "x@sha256:" + "A" * 64, "r:" + "t" * 129, "../etc", "x\x1b[31m"):
            with self.subTest(bad):
                self.one_error(self.fails(2, "digest", bad))
        self.assertEqual(self.fake.asked(), [])

    def test_DIG_04_unknown_algorithm_is_not_verified(self):
        self.fails(7, "blob", "get", f"{self.fake.host}/r@blake3:abcdef")

    def test_usage_errors(self):
        for args in (["nonsense"], ["digest"], ["digest", "--nope", "x"], ["layer", "ls"], ["manifest", "x", "--platform", "///"],
                     ["manifest", "x", "--format", "yaml"], ["manifest", self.image, "--timeout", "soon"]):
            with self.subTest(args):
                self.fails(2, *args)

    def test_T_24_broken_documents(self):
        deep = b"[" * 100 + b"]" * 100
        for body in (b"", b"{", b"null", b"[]", deep, b'{"a":1,"a":2}', b"\xff\xfe", b"\xef\xbb\xbf{}",
                     b'{"schemaVersion":2}', b'{"schemaVersion":2,"config":{},"layers":[]}',
                     b'{"schemaVersion":2,"mediaType":"' + OCI.encode() + b'","config":{"mediaType":"x/y","digest":'
                     b'"sha256:../../x","size":1},"layers":[]}'):
            with self.subTest(body[:40]):
                self.answer(body=body)
                for command in ("inspect", "config", "history", "size"):
                    self.one_error(self.fails(3, command, self.image))

    def test_MED_23_ambiguous_document(self):
        body = json.dumps({"schemaVersion": 2, "mediaType": OCI, "manifests": [], "layers": [],
                           "config": {"mediaType": "x/y", "digest": lab.sha256(b""), "size": 0}}).encode()
        self.answer(body=body)
        self.assertIn(self.regtool("inspect", self.image).code, (3, 7))

    def test_MAN_04_oversized_manifest(self):
        self.answer(body=b" " * (4 * 1024 * 1024 + 1))
        self.one_error(self.fails(3, "manifest", self.image))

    def test_MAN_15_html_instead_of_json(self):
        self.answer(body=b"<html>Please log in</html>", kind="text/html")
        self.assertIn("web page", self.fails(3, "manifest", self.image).err)

    def test_MAN_03_content_encoding(self):
        self.answer(body=gzip.compress(b"{}"), **{"Content-Encoding": "gzip"})
        self.fails(3, "manifest", self.image)

    def test_DIG_07_wrong_manifest_for_a_digest(self):
        digest = self.fake.add_manifest("r", "t", b'{"schemaVersion":2}')
        body = b'{"other":1}'
        self.fake.answers[f"/v2/r/manifests/{digest}"] = (200, {"Content-Type": OCI, "Docker-Content-Digest": lab.sha256(body)}, body)
        self.fails(7, "manifest", f"{self.fake.host}/r@{digest}")

    def test_DIG_08_header_disagrees_with_the_body(self):
        self.answer(body=b'{"schemaVersion":2}', **{"Docker-Content-Digest": "sha256:" + "0" * 64})
        self.fails(7, "manifest", self.image)

    def test_error_statuses_have_their_exit_codes(self):
        for status, code in ((400, 3), (401, 4), (403, 4), (404, 1), (418, 3), (500, 3), (503, 3), (429, 6)):
            with self.subTest(status):
                self.answer(status=status, body=b'{"errors":[{"code":"TEST","message":"words of the registry"}]}')
                text = self.fails(code, "manifest", self.image, "--retries", "0")
                self.assertIn("words of the registry", text.err)
                error = self.fails(code, "manifest", self.image, "--retries", "0", "--format", "json").error()
                self.assertEqual((error["exit_code"], error["http_status"], error["code"]), (code, status, "TEST"))

    def test_ERR_02_error_bodies_of_any_shape(self):
        for body in (b"", b"<html>", b"{", b"{}", b'{"errors":null}', b'{"errors":{}}', b'{"error":"x"}', b'{"errors":[1]}', b"[[]]"):
            with self.subTest(body):
                self.answer(status=500, body=body)
                self.one_error(self.fails(3, "manifest", self.image, "--retries", "0"))

    def test_T_29_words_of_a_registry_are_escaped(self):
        evil = "\x1b]0;owned\x07 \u202e \x9b31m\nerror: forged"
        self.answer(status=403, body=json.dumps({"errors": [{"code": "X", "message": evil, "detail": evil}]}).encode())
        for extra in ([], ["--format", "json"]):
            error = self.fails(4, "manifest", self.image, *extra).err
            for forbidden in ("\x1b", "\x07", "\u202e", "\x9b"):
                self.assertNotIn(forbidden, error)

    def test_wrong_blob_bytes(self):
        layer = gzip.compress(tar_of("a", content=os.urandom(3000)))
        for name, body in (("bit flip", layer[:-1] + bytes([layer[-1] ^ 1])), ("short", layer[:-5]), ("long", layer + b"x"), ("empty", b"")):
            with self.subTest(name):
                self.fake.add_image("r", "t", [layer])
                digest = lab.sha256(layer)
                self.fake.answers[f"/v2/r/blobs/{digest}"] = (200, {}, body)
                target = self.home / "out"
                target.write_text("the old one")
                self.fails(7, "layer", "get", self.image, 0, "-o", target)
                self.assertEqual(target.read_text(), "the old one")
                self.fails(7, "blob", "verify", self.image, "--layer", 0)
                self.fails(7, "layer", "ls", self.image)
                self.fails(7, "blob", "get", f"{self.fake.host}/r@{digest}")
                self.assertEqual([p.name for p in self.home.iterdir()], ["out"])

    def test_LAY_26_corrupt_layers_with_a_right_digest(self):
        good = gzip.compress(tar_of("a", content=os.urandom(30000)))
        broken = bytearray(good)
        broken[len(broken) // 2] ^= 0xff
        for name, layer in (("cut gzip", good[:-100]), ("corrupt gzip", bytes(broken)), ("cut tar", gzip.compress(tar_of("a", content=b"x" * 3000)[:1500])),
                            ("noise", os.urandom(2048)), ("html", b"<html>" * 200), ("cut zstd", b"\x28\xb5\x2f\xfd\x04\x00")):
            with self.subTest(name):
                self.fake.add_image("r", "t", [layer])
                result = self.regtool("layer", "ls", self.image)
                self.assertIn(result.code, (3, 7), result.err)
                self.one_error(result)

    def test_T_29_hostile_names_in_layers(self):
        self.fake.add_image("r", "t", [gzip.compress(tar_of("a\x1b[2Jb", "line\nbreak", "\u202egpj.exe", "../../etc/passwd"))])
        result = self.ok("layer", "ls", self.image)
        self.assertEqual(len(result.lines), 4)
        for forbidden in (b"\x1b", "\u202e".encode()):
            self.assertNotIn(forbidden, result.out)
        paths = [r["path"] for r in self.ok("layer", "ls", self.image, "--format", "json").json()]
        self.assertEqual(paths, ["a\x1b[2Jb", "line\nbreak", "\u202egpj.exe", "../../etc/passwd"])

    def test_T_20_decompression_bomb_runs_in_flat_memory(self):
        bomb = gzip.compress(tar_of("zeros", content=b"\0" * (256 << 20)), 9)
        self.fake.add_image("r", "t", [bomb])
        self.ok("layer", "ls", self.image)

    def test_BLB_03_a_cut_download_is_resumed(self):
        layer = os.urandom(3 << 20)
        digest = lab.sha256(layer)
        cuts = []

        def answer(handler):
            first = int((handler.headers.get("Range") or "bytes=0-")[6:-1])
            handler.send_response(206 if first else 200)
            handler.send_header("Content-Length", str(len(layer) - first))
            if first:
                handler.send_header("Content-Range", f"bytes {first}-{len(layer) - 1}/{len(layer)}")
            handler.end_headers()
            part = layer[first:first + (1 << 20)]
            handler.wfile.write(part)
            handler.close_connection = True
            cuts.append(first)

        self.fake.answers[f"/v2/r/blobs/{digest}"] = answer
        self.assertEqual(self.ok("blob", "get", f"{self.fake.host}/r@{digest}").out, layer)
        self.assertGreater(len(cuts), 2)

    def slow_blob(self, size):
        """A blob whose first answer stops half-way until the client is gone; later ones honour Range."""
        blob = os.urandom(size)
        digest = lab.sha256(blob)
        self.first_answers = 0

        def answer(handler):
            first = int((handler.headers.get("Range") or "bytes=0-")[6:-1])
            handler.send_response(206 if first else 200)
            handler.send_header("Content-Length", str(len(blob) - first))
            if first:
                handler.send_header("Content-Range", f"bytes {first}-{len(blob) - 1}/{len(blob)}")
            handler.end_headers()
            if first == 0:
                self.first_answers += 1
            if self.first_answers == 1 and first == 0:
                handler.wfile.write(blob[:size // 2])
                handler.wfile.flush()
                time.sleep(3)
                handler.close_connection = True
            else:
                handler.wfile.write(blob[first:])

        self.fake.answers[f"/v2/r/blobs/{digest}"] = answer
        return blob, f"{self.fake.host}/r@{digest}"

    def test_BLB_08_F_25_a_killed_download_goes_on_in_the_next_run(self):
        blob, name = self.slow_blob(8 << 20)
        target = self.home / "out"
        process = subprocess.Popen([lab.REGTOOL, "blob", "get", name, "-o", str(target)], env=self.environment())
        part = next(iter(self.wait_for_part(2 << 20)))
        process.kill()
        process.wait()
        self.assertFalse(target.exists())
        held = part.stat().st_size
        self.ok("blob", "get", name, "-o", target)
        self.assertEqual(target.read_bytes(), blob)
        self.assertIn(f"bytes={held}-", [r[2].get("Range") for r in self.fake.asked("GET")])
        self.assertEqual([p.name for p in self.home.iterdir()], ["out"])

    def wait_for_part(self, size):
        for _ in range(100):
            parts = [p for p in self.home.glob(".regtool-*.part") if p.stat().st_size >= size]
            if parts:
                return parts
            time.sleep(0.05)
        self.fail("no partial file appeared")

    def test_BLB_08_a_spoilt_part_is_started_over(self):
        blob = os.urandom(1 << 20)
        digest = self.fake.add_blob("r", blob)
        part = self.home / f".regtool-{digest[7:]}.part"
        for spoilt in (b"x" * 1000, b"y" * (2 << 20), blob, b""):
            part.write_bytes(spoilt)
            self.ok("blob", "get", f"{self.fake.host}/r@{digest}", "-o", self.home / "out")
            self.assertEqual((self.home / "out").read_bytes(), blob)
            self.assertFalse(part.exists())

    def test_F_23_a_signal_removes_the_partial_file(self):
        blob, name = self.slow_blob(8 << 20)
        process = subprocess.Popen([lab.REGTOOL, "blob", "get", name, "-o", str(self.home / "out")],
                                   env=self.environment(), stderr=subprocess.PIPE)
        self.wait_for_part(2 << 20)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
        self.assertEqual(process.returncode, 143)
        self.assertEqual(list(self.home.iterdir()), [])

    def ranged_blob(self, size, honour=True, cut_at=None):
        blob = os.urandom(size)
        digest = lab.sha256(blob)
        cuts = []

        def answer(handler):
            wanted = handler.headers.get("Range")
            if not wanted or not honour:
                return 200, {}, blob
            first, last = (int(n or size - 1) for n in wanted[6:].split("-"))
            part = blob[first:last + 1]
            handler.send_response(206)
            handler.send_header("Content-Length", str(len(part)))
            handler.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            handler.end_headers()
            if cut_at == first and not cuts:
                cuts.append(first)
                handler.wfile.write(part[:len(part) // 2])
                handler.close_connection = True
            else:
                handler.wfile.write(part)

        self.fake.answers[f"/v2/r/blobs/{digest}"] = answer
        return blob, f"{self.fake.host}/r@{digest}"

    def test_parallel_ranges_give_the_same_bytes(self):
        for options in ({}, {"honour": False}, {"cut_at": 4 << 20}):
            with self.subTest(options):
                blob, name = self.ranged_blob((17 << 20) + 5, **options)
                self.ok("blob", "get", name, "--parallel-ranges", 4, "-o", self.home / "out")
                self.assertEqual((self.home / "out").read_bytes(), blob)
                self.assertEqual(self.ok("blob", "get", name, "--parallel-ranges", 3).out, blob)
                self.ok("blob", "verify", name, "--parallel-ranges", 16)
        ranges = [r[2]["Range"] for r in self.fake.asked("GET") if "Range" in r[2]]
        self.assertIn("bytes=4194304-8388607", ranges)

    def test_parallel_ranges_find_wrong_bytes(self):
        blob, name = self.ranged_blob(17 << 20)
        path = "/v2/r/blobs/" + name.split("@")[1]
        right = self.fake.answers[path]
        self.ranged_blob(17 << 20)
        wrong = [a for p, a in self.fake.answers.items() if p.startswith("/v2/r/blobs/") and p != path][0]
        self.fake.answers[path] = wrong
        self.fails(7, "blob", "get", name, "--parallel-ranges", 4, "-o", self.home / "out")
        self.assertFalse((self.home / "out").exists())
        self.fake.answers[path] = right
        self.ok("blob", "get", name, "--parallel-ranges", 4, "-o", self.home / "out")

    def test_a_slow_connection_is_helped_by_others(self):
        blob = os.urandom(1 << 20) * 36
        digest = lab.sha256(blob)
        asked = []

        def answer(handler):
            wanted = handler.headers.get("Range")
            asked.append(wanted)
            if wanted:
                first, last = (int(n) if n else len(blob) - 1 for n in wanted[6:].split("-"))
                return 206, {"Content-Range": f"bytes {first}-{last}/{len(blob)}"}, blob[first:last + 1]
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(blob)))
            handler.send_header("Accept-Ranges", "bytes")
            handler.end_headers()
            # A server that limits each connection: a hundredth of a second for every 8 KiB.
            for at in range(0, len(blob), 8192):
                time.sleep(0.01)
                handler.wfile.write(blob[at:at + 8192])
            return None

        self.fake.answers[f"/v2/r/blobs/{digest}"] = answer
        name = f"{self.fake.host}/r@{digest}"
        self.ok("blob", "get", name, "-o", self.home / "out")
        self.assertEqual((self.home / "out").read_bytes(), blob)
        self.assertIsNone(asked[0])
        self.assertGreater(len([a for a in asked if a]), 4)

    def test_a_device_is_written_and_not_replaced(self):
        # A terminal of our own: nothing can be put in its place, so a failure here costs the machine no device.
        ours, theirs = os.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        digest = self.fake.add_blob("r", b"x")
        self.ok("blob", "get", f"{self.fake.host}/r@{digest}", "-o", os.ttyname(theirs))
        self.assertEqual(os.read(ours, 16), b"x")

    def test_F_37_wrong_answers_to_a_range(self):
        layer = os.urandom(2 << 20)
        digest = lab.sha256(layer)
        for wrong, code in (("bytes 0-99/100", 3), ("nonsense", 3), (None, 0)):
            def answer(handler, wrong=wrong):
                ranged = handler.headers.get("Range")
                if ranged and wrong is not None:
                    return 206, {"Content-Range": wrong}, layer[:100]
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(layer)))
                handler.end_headers()
                handler.wfile.write(layer if ranged else layer[:1 << 20])
                handler.close_connection = True
                return None
            with self.subTest(wrong):
                self.fake.answers[f"/v2/r/blobs/{digest}"] = answer
                result = self.regtool("blob", "get", f"{self.fake.host}/r@{digest}")
                self.assertEqual(result.code, code, result.err)
                if code == 0:
                    self.assertEqual(result.out, layer)

    def test_F_08_a_server_that_hangs_up(self):
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connection.recv(65536)
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        host = f"127.0.0.1:{server.getsockname()[1]}"
        self.one_error(self.fails(5, "manifest", f"{host}/r:t", "--plain-http", host, "--retries", "1"))

    def test_F_09_a_server_that_stalls(self):
        self.fake.answers["/v2/r/manifests/t"] = lambda handler: time.sleep(20)
        started = time.monotonic()
        self.fails(5, "manifest", self.image, "--stall-timeout", "1s", "--retries", "0")
        self.fails(124, "manifest", self.image, "--timeout", "1s", "--retries", "0")
        self.assertLess(time.monotonic() - started, 12)

    def test_F_23_signals_end_it_within_a_second(self):
        self.fake.answers["/v2/r/manifests/t"] = lambda handler: time.sleep(20)
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = subprocess.Popen([lab.REGTOOL, "manifest", self.image], env=self.environment(),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(0.7)
            sent = time.monotonic()
            process.send_signal(number)
            process.communicate(timeout=10)
            self.assertLess(time.monotonic() - sent, 2)
            self.assertIn(process.returncode, (code, -number))

    def test_F_12_retry_after(self):
        body = b'{"schemaVersion":2,"mediaType":"' + OCI.encode() + b'","config":{"mediaType":"x/y","digest":"' + lab.sha256(b"").encode() + b'","size":0},"layers":[]}'
        count = []

        def answer(handler):
            count.append(time.monotonic())
            return (429, {"Retry-After": "1"}, b"") if len(count) == 1 else (200, {"Content-Type": OCI}, body)

        self.fake.answers["/v2/r/manifests/t"] = answer
        self.assertEqual(self.ok("manifest", self.image).out, body)
        self.assertGreaterEqual(count[1] - count[0], 1)
        count.clear()
        self.fake.answers["/v2/r/manifests/t"] = lambda handler: (count.append(1), (429, {"Retry-After": "3600"}, b""))[1]
        self.fails(6, "manifest", self.image)
        self.assertEqual(len(count), 1)

    def test_T_26_endless_pages(self):
        self.fake.answers["/v2/r/tags/list"] = (200, {"Link": '</v2/r/tags/list?n=1>; rel="next"'}, b'{"tags":["a"]}')
        self.fails(3, "tags", f"{self.fake.host}/r")
        self.assertLess(len(self.fake.asked()), 10)

    def test_T_11_a_next_page_elsewhere(self):
        other = lab.FakeRegistry()
        self.addCleanup(other.stop)
        self.fake.answers["/v2/r/tags/list"] = (200, {"Link": f'<http://{other.host}/v2/r/tags/list>; rel="next"'}, b'{"tags":["a"]}')
        self.assertEqual(self.fails(3, "tags", f"{self.fake.host}/r").lines, ["a"])
        self.assertEqual(other.asked(), [])

    def test_LST_08_odd_entries_are_left_out(self):
        self.fake.answers["/v2/r/tags/list"] = (200, {}, b'{"tags":["ok",null,7,"not valid","-x"]}')
        self.assertEqual(self.ok("tags", f"{self.fake.host}/r").lines, ["ok"])
        for empty in (b'{"tags":null}', b'{"tags":[]}', b'{}'):
            self.fake.answers["/v2/r/tags/list"] = (200, {}, empty)
            self.assertEqual(self.ok("tags", f"{self.fake.host}/r").out, b"")

    def test_F_21_disk_full_leaves_the_old_file(self):
        layer = gzip.compress(os.urandom(1 << 20))
        digest = self.fake.add_blob("r", layer)
        self.fails(10, "blob", "get", f"{self.fake.host}/r@{digest}", "-o", "/nonexistent/folder/file")
        with open("/dev/full", "wb") as full:
            process = subprocess.run([lab.REGTOOL, "blob", "get", f"{self.fake.host}/r@{digest}"], stdout=full,
                                     stderr=subprocess.PIPE, env=self.environment())
        self.assertEqual(process.returncode, 10)


if __name__ == "__main__":
    unittest.main()
