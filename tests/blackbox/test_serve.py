"""`regtool serve` as a program: layouts that other tools wrote and read, access, TLS, limits, and its end."""

import base64
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import lab

OCI = "application/vnd.oci.image.manifest.v1+json"
SECRET = "canary-p-5c1b"


class ServeCase(lab.Case):
    def serve(self, *options):
        registry = lab.ServedRegistry(*options)
        self.addCleanup(registry.stop)
        return registry

    def url(self, registry, path, method="GET", data=None, headers=None, context=None, scheme="http"):
        request = urllib.request.Request(f"{scheme}://{registry.host}{path}", data=data, method=method,
                                         headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=20, context=context) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def put_blob(self, registry, data, repository="r"):
        digest = lab.sha256(data)
        status, _ = self.url(registry, f"/v2/{repository}/blobs/uploads/?digest={digest}", "POST", data)
        self.assertEqual(status, 201)
        return digest

    def layout_names(self, folder):
        return [entry.get("annotations", {}).get("org.opencontainers.image.ref.name")
                for entry in json.loads((folder / "index.json").read_text())["manifests"]]

    def wait_for(self, condition):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline, "it did not happen")
            time.sleep(0.01)


class Layouts(ServeCase):
    def setUp(self):
        super().setUp()
        self.layout = lab.test_layout()
        self.folder = self.home / "images"

    def test_OCL_16_what_skopeo_wrote_is_served(self):
        lab.skopeo("copy", "-q", f"oci:{self.layout}:small", f"oci:{self.folder}:v1")
        lab.skopeo("copy", "-q", f"oci:{self.layout}:zstd", f"oci:{self.folder}:team/app:v2")
        lab.skopeo("copy", "-q", "--all", f"oci:{self.layout}:multi", f"oci:{self.folder}:quay.io/org/multi:v3")
        registry = self.serve("--root", self.folder, "--read-only")
        self.assertEqual(self.ok("catalog", registry.host).lines, ["images", "org/multi", "team/app"])
        self.assertEqual(self.ok("tags", f"{registry.host}/images").lines, ["v1"])
        for name in ("images:v1", "team/app:v2", "org/multi:v3"):
            image = f"{registry.host}/{name}"
            self.ok("digest", image)
            self.ok("blob", "verify", image, "--layer", "-1", "--platform", "linux/amd64")
        target = self.home / "copy"
        lab.skopeo("copy", "-q", "--all", "--src-tls-verify=false", f"docker://{registry.host}/org/multi:v3",
                   f"dir:{target}")
        self.assertEqual(lab.sha256((target / "manifest.json").read_bytes()),
                         self.ok("digest", f"{registry.host}/org/multi:v3").text.strip())

    def test_repository_of_plain_tags(self):
        lab.skopeo("copy", "-q", f"oci:{self.layout}:small", f"oci:{self.folder}:v1")
        registry = self.serve("--root", self.folder, "--repository", "base/image")
        self.ok("digest", f"{registry.host}/base/image:v1")

    def test_OCL_16_what_umoci_made_is_served(self):
        run = lambda *a: subprocess.run(["umoci", *map(str, a)], check=True, capture_output=True)
        run("init", "--layout", self.folder)
        run("new", "--image", f"{self.folder}:first")
        run("config", "--image", f"{self.folder}:first", "--config.user", "nobody")
        registry = self.serve("--root", self.folder)
        self.assertEqual(self.ok("tags", f"{registry.host}/images").lines, ["first"])
        self.assertIn("nobody", self.ok("config", f"{registry.host}/images:first").text)

    def test_OCL_16_what_is_pushed_is_read_by_skopeo_and_umoci(self):
        registry = self.serve("--root", self.folder)
        registry.push(f"oci:{self.layout}:small", "team/app:v1")
        registry.push(f"oci:{self.layout}:multi", "team/app:multi", "--all")
        digest = self.ok("digest", f"{registry.host}/team/app:v1").text.strip()
        registry.stop()
        target = self.home / "copy"
        lab.skopeo("copy", "-q", f"oci:{self.folder}:team/app:v1", f"dir:{target}")
        self.assertEqual(lab.sha256((target / "manifest.json").read_bytes()), digest)
        lab.skopeo("copy", "-q", "--all", f"oci:{self.folder}:team/app:multi", f"dir:{self.home}/all")
        listed = subprocess.run(["umoci", "list", "--layout", str(self.folder)], check=True, capture_output=True,
                                text=True).stdout
        self.assertIn("team/app:v1", listed)
        again = self.serve("--root", self.folder)
        self.assertEqual(self.ok("digest", f"{again.host}/team/app:v1").text.strip(), digest)

    def test_OCL_09_other_entries_stay_and_a_moved_tag_keeps_its_spelling(self):
        lab.skopeo("copy", "-q", f"oci:{self.layout}:small", f"oci:{self.folder}:v1")
        lab.skopeo("copy", "-q", f"oci:{self.layout}:zstd", f"oci:{self.folder}:v2")
        index = json.loads((self.folder / "index.json").read_text())
        index["x-kept"] = {"a": 1}
        index["manifests"][1]["annotations"]["x-also"] = "kept"
        (self.folder / "index.json").write_text(json.dumps(index))
        registry = self.serve("--root", self.folder)
        registry.push(f"oci:{self.layout}:zstd", "images:v1")
        after = json.loads((self.folder / "index.json").read_text())
        self.assertEqual(after["x-kept"], {"a": 1})
        self.assertIn(index["manifests"][1], after["manifests"])
        self.assertEqual(sorted(n for n in self.layout_names(self.folder) if n), ["v1", "v2"])
        lab.skopeo("inspect", "--raw", f"oci:{self.folder}:v1")

    def test_a_layout_that_changes_is_served_as_it_is_now(self):
        registry = self.serve("--root", self.folder)
        self.assertEqual(self.ok("catalog", registry.host).lines, [])
        lab.skopeo("copy", "-q", f"oci:{self.layout}:small", f"oci:{self.folder}:late/app:v1")
        self.assertEqual(self.ok("catalog", registry.host).lines, ["late/app"])

    def test_T_38_wrong_bytes_are_not_served(self):
        registry = self.serve("--root", self.folder)
        digest = self.put_blob(registry, b"right bytes")
        self.assertEqual(self.url(registry, f"/v2/r/blobs/{digest}")[0], 200)
        path = self.folder / "blobs/sha256" / digest[7:]
        path.write_bytes(b"wrong bytes")
        self.assertEqual(self.url(registry, f"/v2/r/blobs/{digest}")[0], 404)
        self.assertEqual(self.url(registry, f"/v2/r/blobs/{digest}", "HEAD")[0], 404)
        self.put_blob(registry, b"right bytes")
        self.assertEqual(self.url(registry, f"/v2/r/blobs/{digest}"), (200, b"right bytes"))

    def test_T_39_links_and_pipes_are_not_followed(self):
        secret = self.home / "secret"
        secret.write_bytes(b"not for clients")
        registry = self.serve("--root", self.folder)
        digest = lab.sha256(b"not for clients")
        (self.folder / "blobs/sha256").mkdir(exist_ok=True)
        (self.folder / "blobs/sha256" / digest[7:]).symlink_to(secret)
        self.assertEqual(self.url(registry, f"/v2/r/blobs/{digest}")[0], 404)
        pipe = lab.sha256(b"")
        os.mkfifo(self.folder / "blobs/sha256" / pipe[7:])
        self.assertEqual(self.url(registry, f"/v2/r/blobs/{pipe}")[0], 404)
        shutil.move(self.folder / "blobs", self.home / "elsewhere")
        (self.folder / "blobs").symlink_to(self.home / "elsewhere")
        self.assertEqual(self.url(registry, f"/v2/r/blobs/{pipe}")[0], 404)

    def test_folders_that_are_no_layout(self):
        self.folder.mkdir()
        (self.folder / "notes.txt").write_text("mine")
        error = self.fails(2, "serve", "--listen", "127.0.0.1:0", "--root", self.folder)
        self.assertIn("notes.txt", error.err)
        self.assertIn("hint: name a new or an empty folder", error.err)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["notes.txt"])
        self.fails(10, "serve", "--listen", "127.0.0.1:0", "--root", self.home / "absent", "--read-only")
        self.assertFalse((self.home / "absent").exists())

    def test_read_only_writes_nothing(self):
        lab.skopeo("copy", "-q", f"oci:{self.layout}:small", f"oci:{self.folder}:v1")
        before = sorted(str(p) for p in self.folder.rglob("*"))
        registry = self.serve("--root", self.folder, "--read-only")
        self.ok("digest", f"{registry.host}/images:v1")
        for method, path in (("POST", "/v2/images/blobs/uploads/"), ("DELETE", "/v2/images/manifests/v1"),
                             ("PUT", "/v2/images/manifests/v2")):
            status, body = self.url(registry, path, method, b"")
            self.assertEqual((status, json.loads(body)["errors"][0]["code"]), (405, "UNSUPPORTED"))
        self.assertEqual(sorted(str(p) for p in self.folder.rglob("*")), before)

    def test_F_35_two_servers_on_one_layout(self):
        servers = [self.serve("--root", self.folder) for _ in range(2)]
        body = json.dumps({"schemaVersion": 2, "mediaType": OCI, "layers": [], "config": {
            "mediaType": "application/vnd.oci.empty.v1+json", "digest": self.put_blob(servers[0], b"{}"),
            "size": 2}}).encode()
        failures = []

        def push(registry, prefix):
            for i in range(40):
                status, answer = self.url(registry, f"/v2/r/manifests/{prefix}{i}", "PUT", body, {"Content-Type": OCI})
                if status != 201:
                    failures.append(answer)

        threads = [threading.Thread(target=push, args=(servers[i % 2], f"t{i}-")) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        for registry in servers:
            self.assertEqual(len(self.ok("tags", f"{registry.host}/r").lines), 160)
        self.assertEqual(len(self.layout_names(self.folder)), 160)

    def test_regtool_works_against_it(self):
        registry = self.serve("--root", self.folder)
        image = registry.push(f"oci:{self.layout}:small", "team/app:v1")
        self.ok("retag", image, "v2", f"{registry.host}/other:v1")
        self.assertEqual(self.ok("tags", f"{registry.host}/team/app").lines, ["v1", "v2"])
        self.assertEqual(self.regtool("exists", f"{registry.host}/team/app:v9").code, 1)
        for command in (["inspect"], ["history"], ["size"], ["layer", "ls"], ["manifest", "head"]):
            self.ok(*command, image)
        self.ok("doctor", image)


class Access(ServeCase):
    def htpasswd(self, users):
        text = "".join(subprocess.run(["htpasswd", "-Bbn", user, password], check=True, capture_output=True,
                                      text=True).stdout.strip() + "\n" for user, password in users.items())
        (self.home / "users").write_text(text)
        return self.home / "users"

    def test_BAS_01_users_and_passwords(self):
        registry = self.serve("--htpasswd", self.htpasswd({"canary-u": SECRET, "ü": "pä:ss"}), "-v")
        image = f"{registry.host}/r:t"
        self.assertEqual(self.url(registry, "/v2/")[0], 401)
        self.fails(4, "digest", image)
        self.fails(4, "digest", image, "--creds", "canary-u:wrong")
        self.fails(4, "digest", image, "--creds", f"nobody:{SECRET}")
        self.ok("catalog", registry.host, "--creds", f"canary-u:{SECRET}")
        self.ok("catalog", registry.host, "--creds", "ü:pä:ss")
        registry.push(f"oci:{lab.test_layout()}:small", "r:t", f"--dest-creds=canary-u:{SECRET}")
        self.ok("login", registry.host, "--username", "canary-u", "--password-stdin", input=SECRET.encode())
        self.ok("digest", image)
        for header in ("Basic", "Basic !!!", "Bearer x", "Basic " + base64.b64encode(b"canary-u").decode(),
                       "Basic " + base64.b64encode(f"canary-u:{SECRET}\0x".encode()).decode()):
            self.assertEqual(self.url(registry, "/v2/", headers={"Authorization": header})[0], 401, header)
        registry.stop()
        self.assertIn(" canary-u \"GET /v2/_catalog", registry.log)
        self.assertNotIn(SECRET, registry.log)

    def test_other_hashes_are_refused_at_the_start(self):
        (self.home / "users").write_text("a:$apr1$abcdefgh$0123456789012345678901\n")
        error = self.fails(2, "serve", "--listen", "127.0.0.1:0", "--htpasswd", self.home / "users")
        self.assertIn("htpasswd -B", error.err)
        self.assertNotIn("$apr1$", error.err)

    def test_TLS_01_https(self):
        certificates = lab.Certificates(self.home)
        registry = self.serve("--tls-cert", certificates.cert, "--tls-key", certificates.key)
        self.ok("catalog", registry.host, "--cacert", certificates.ca)
        self.fails(5, "catalog", registry.host)
        context = ssl.create_default_context(cafile=certificates.ca)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assertEqual(self.url(registry, "/v2/", context=context, scheme="https")[0], 200)

    def test_a_certificate_that_is_none(self):
        (self.home / "broken.pem").write_text("no certificate")
        self.fails(2, "serve", "--listen", "127.0.0.1:0", "--tls-cert", self.home / "broken.pem", "--tls-key",
                   self.home / "broken.pem")
        self.fails(2, "serve", "--listen", "127.0.0.1:0", "--tls-cert", self.home / "broken.pem")

    def test_an_address_is_named_before_the_network_sees_it(self):
        for address in (":5000", "5000", "localhost", "example.org:5000", "127.0.0.1:70000", "::1:5000"):
            self.fails(2, "serve", "--listen", address)
        # An address that this machine has not: the warning comes before the attempt.
        self.assertIn("--htpasswd", self.fails(10, "serve", "--listen", "192.0.2.1:5000").err)
        self.assertIn("can read all", self.fails(10, "serve", "--listen", "192.0.2.1:5000", "--read-only").err)

    def test_a_port_that_is_taken(self):
        registry = self.serve()
        error = self.fails(10, "serve", "--listen", registry.host)
        self.assertIn("--listen 127.0.0.1:0", error.err)


class Limits(ServeCase):
    def test_the_largest_blob(self):
        registry = self.serve("--max-blob", 1000)
        self.put_blob(registry, b"x" * 1000)
        digest = lab.sha256(b"x" * 1001)
        self.assertEqual(self.url(registry, f"/v2/r/blobs/uploads/?digest={digest}", "POST", b"x" * 1001)[0], 413)
        connection = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request("POST", f"/v2/r/blobs/uploads/?digest={digest}", iter([b"x" * 600] * 5),
                           encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
        self.assertEqual(connection.getresponse().status, 413)

    def test_what_memory_may_hold(self):
        registry = self.serve("--memory-limit", 10000)
        digest = self.put_blob(registry, b"a" * 9000)
        other = lab.sha256(b"b" * 2000)
        path = f"/v2/r/blobs/uploads/?digest={other}"
        self.assertEqual(self.url(registry, path, "POST", b"b" * 2000)[0], 413)
        self.assertEqual(self.url(registry, f"/v2/r/blobs/{digest}", "DELETE")[0], 202)
        self.assertEqual(self.url(registry, path, "POST", b"b" * 2000)[0], 201)

    def test_F_24_a_full_disk(self):
        folder = self.home / "images"
        command = f"ulimit -f 64; exec {lab.REGTOOL} serve --listen 127.0.0.1:0 --root {folder} --port-file {self.home}/port"
        process = subprocess.Popen(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   env=self.environment(), preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        registry = type("Registry", (), {"host": process.stdout.readline().decode().strip()})
        data = os.urandom(200_000)
        status, _ = self.url(registry, f"/v2/r/blobs/uploads/?digest={lab.sha256(data)}", "POST", data)
        self.assertEqual(status, 507)
        self.assertEqual(list(folder.glob(".regtool-upload-*")), [])
        self.put_blob(registry, b"small")

    def test_CNF_03_heads_without_end(self):
        registry = self.serve()
        for request in (b"GET /v2/ HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"y" * 300_000 + b"\r\n\r\n",
                        b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\n\r\n", b"\0\1\2\3\r\n\r\n", b"GET\r\n\r\n",
                        b"PUT /v2/r/manifests/t HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                        b"PUT /v2/r/manifests/t HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                        b"PUT /v2/r/manifests/t HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            with socket.create_connection(("127.0.0.1", registry.port), 20) as connection:
                try:
                    connection.sendall(request)
                    connection.shutdown(socket.SHUT_WR)
                    answer = connection.recv(65536)
                except ConnectionError:
                    answer = b""
                self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:100])
        self.assertEqual(self.url(registry, "/v2/")[0], 200)

    def test_Expect_is_answered_before_the_body(self):
        registry = self.serve("--max-blob", 1000)
        with socket.create_connection(("127.0.0.1", registry.port), 20) as connection:
            connection.sendall(b"POST /v2/r/blobs/uploads/?digest=" + lab.sha256(b"x").encode() +
                               b" HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n")
            self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 413"))

    def test_F_16_an_upload_that_broke_off_goes_on(self):
        registry = self.serve()
        connection = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request("POST", "/v2/r/blobs/uploads/")
        location = connection.getresponse().headers["Location"]
        with socket.create_connection(("127.0.0.1", registry.port), 20) as broken:
            broken.sendall(f"PATCH {location} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234".encode())

        def held():
            request = urllib.request.Request(f"http://{registry.host}{location}")
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return answer.headers["Range"]
            except urllib.error.HTTPError as error:
                error.close()
                return error.code

        self.wait_for(lambda: held() == "0-4")
        digest = lab.sha256(b"0123456789")
        self.assertEqual(self.url(registry, f"{location}?digest={digest}", "PUT", b"56789")[0], 201)
        self.assertEqual(self.url(registry, f"/v2/r/blobs/{digest}"), (200, b"0123456789"))


class TheEnd(ServeCase):
    def test_signals_end_it_with_their_codes(self):
        self.assertEqual(lab.ServedRegistry().stop(signal.SIGINT), 130)
        self.assertEqual(lab.ServedRegistry().stop(signal.SIGTERM), 143)
        registry = self.serve("--timeout", "100ms")
        self.assertEqual(registry.process.wait(timeout=30), 124)

    def test_port_file_and_json(self):
        port_file = self.home / "port"
        process = subprocess.Popen([lab.REGTOOL, "serve", "--listen", "127.0.0.1:0", "--port-file", str(port_file),
                                    "--format", "ndjson"], stdout=subprocess.PIPE, env=self.environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        first = json.loads(process.stdout.readline())
        self.assertEqual(port_file.read_text(), f"{first['port']}\n")
        self.assertEqual(first["url"], f"http://{first['address']}")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=30), 143)

    def test_T_43_an_upload_that_is_cut_off_leaves_nothing(self):
        folder = self.home / "images"
        registry = lab.ServedRegistry("--root", folder)
        with socket.create_connection(("127.0.0.1", registry.port), 20) as connection:
            connection.sendall(b"POST /v2/r/blobs/uploads/?digest=" + lab.sha256(b"x" * 1000).encode() +
                               b" HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nxxx")
            self.wait_for(lambda: list(folder.glob(".regtool-upload-*")))
            self.assertEqual(registry.stop(), 143)
        self.assertEqual(sorted(p.name for p in folder.iterdir()), ["blobs", "index.json", "index.json.lock", "oci-layout"])
        self.assertEqual(list((folder / "blobs").rglob("*")), [])

    def test_T_43_leftovers_of_a_killed_server_go_with_the_next(self):
        folder = self.home / "images"
        registry = lab.ServedRegistry("--root", folder)
        connection = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request("POST", "/v2/r/blobs/uploads/")
        self.assertEqual(connection.getresponse().status, 202)
        self.assertEqual(len(list(folder.glob(".regtool-upload-*"))), 1)
        other = self.serve("--root", folder)
        self.assertEqual(len(list(folder.glob(".regtool-upload-*"))), 1)  # its owner lives
        registry.stop(signal.SIGKILL)
        other.stop()
        self.serve("--root", folder)
        self.assertEqual(list(folder.glob(".regtool-upload-*")), [])


if __name__ == "__main__":
    unittest.main()
