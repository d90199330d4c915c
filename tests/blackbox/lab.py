"""What the black-box tests share: registries that we did not write, a scriptable one, and the binary under test."""

import base64
import contextlib
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGTOOL = os.environ.get("REGTOOL", str(ROOT / "build/release/src/cli/regtool"))


class Result:
    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr.decode(errors="replace")

    @property
    def text(self):
        return self.out.decode()

    @property
    def lines(self):
        return self.text.splitlines()

    def json(self):
        return json.loads(self.out)

    def error(self):
        """The error object of a run with --format json: the last line of stderr."""
        return json.loads(self.err.strip().splitlines()[-1])


class Case(unittest.TestCase):
    """A test with a home of its own: no configuration of the machine reaches the binary."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="regtool-test-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)

    def environment(self, extra=None):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TERM": "dumb",
               "XDG_RUNTIME_DIR": str(self.home / "run")}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LD_LIBRARY_PATH"):
            if name in os.environ:
                env[name] = os.environ[name]
        env.update(extra or {})
        return env

    def regtool(self, *args, input=None, env=None, timeout=60, cwd=None):
        process = subprocess.run([REGTOOL, *map(str, args)], input=input, capture_output=True,
                                 env=self.environment(env), timeout=timeout, cwd=cwd or self.home)
        result = Result(process)
        # A sanitizer's report is never what a test wants.
        self.assertNotIn("Sanitizer", result.err)
        self.assertNotIn("runtime error:", result.err)
        return result

    def ok(self, *args, **kwargs):
        result = self.regtool(*args, **kwargs)
        self.assertEqual(result.code, 0, f"{args}: {result.err}")
        return result

    def kill_within(self, seconds, *args):
        """Starts the command and kills it at a random moment of these; returns whether it still ran."""
        process = subprocess.Popen([REGTOOL, *args], env=self.environment(), cwd=self.home,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(random.uniform(0, seconds))
            return False
        except subprocess.TimeoutExpired:
            return True
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def fails(self, code, *args, **kwargs):
        result = self.regtool(*args, **kwargs)
        self.assertEqual(result.code, code, f"{args}: {result.out[:200]} {result.err}")
        self.assertTrue(result.err.strip(), "an error must say something")
        return result

    def write_docker_config(self, host, user, password):
        folder = self.home / ".docker"
        folder.mkdir(exist_ok=True)
        auth = base64.b64encode(f"{user}:{password}".encode()).decode()
        (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
        (folder / "config.json").chmod(0o600)


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


# A manifest that is whole and needs no blob.
EMPTY_MANIFEST = json.dumps({
    "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [],
    "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(b"{}"), "size": 2}}).encode()


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def skopeo(*args):
    return subprocess.run(["skopeo", *map(str, args)], check=True, capture_output=True).stdout


_images = {}


def test_layout():
    """An OCI layout of real images, made once a run (or found in REGTOOL_TEST_IMAGES)."""
    if "layout" not in _images:
        folder = os.environ.get("REGTOOL_TEST_IMAGES")
        if not folder:
            folder = tempfile.mkdtemp(prefix="regtool-images-")
            unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
        subprocess.run([str(ROOT / "script/test-image"), folder], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        _images["layout"] = pathlib.Path(folder) / "layout"
    return _images["layout"]


class Certificates:
    """A certificate authority of our own and a server certificate for 127.0.0.1 and localhost."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.ca = folder / "ca.pem"
        self.cert = folder / "server.pem"
        self.key = folder / "server.key"
        run = lambda *a: subprocess.run(["openssl", *map(str, a)], check=True, capture_output=True)
        run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test ca",
            "-keyout", folder / "ca.key", "-out", self.ca)
        run("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=server", "-keyout", self.key,
            "-out", folder / "server.csr")
        (folder / "ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        run("x509", "-req", "-in", folder / "server.csr", "-CA", self.ca, "-CAkey", folder / "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", folder / "ext", "-out", self.cert)


class DockerRegistry:
    """Debian's docker-registry on a free port of 127.0.0.1, open, or with Basic `users` or Bearer `tokens`."""

    def __init__(self, users=None, certificates=None, tokens=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="regtool-registry-"))
        options = []
        if certificates:
            options += ["  tls:", f"    certificate: {certificates.cert}", f"    key: {certificates.key}"]
        if users:
            htpasswd = "".join(
                subprocess.run(["htpasswd", "-Bbn", user, password], check=True, capture_output=True,
                               text=True).stdout.strip() + "\n" for user, password in users.items())
            (self.folder / "htpasswd").write_text(htpasswd)
            options += ["auth:", f"  htpasswd: {{realm: test, path: {self.folder}/htpasswd}}"]
        if tokens:
            options += ["auth:", "  token:", f"    realm: {tokens.realm}", f"    service: {tokens.service}",
                        f"    issuer: {tokens.issuer}", f"    rootcertbundle: {tokens.cert}"]
        # Between our choice of a port and its use another program may take it: then the registry ends, and we choose anew.
        for _ in range(5):
            self.port = free_port()
            self.host = f"127.0.0.1:{self.port}"
            self._start(options)
            if self._answers():
                return
        self.stop()
        raise RuntimeError("docker-registry does not start")

    def _start(self, options):
        config = [
            "version: 0.1", "log: {level: error, accesslog: {disabled: true}}",
            "storage:", f"  filesystem: {{rootdirectory: {self.folder}/data}}", "  delete: {enabled: true}",
            "http:", f"  addr: {self.host}", *options]
        (self.folder / "config.yml").write_text("\n".join(config) + "\n")
        self.process = subprocess.Popen(["docker-registry", "serve", str(self.folder / "config.yml")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _answers(self):
        for _ in range(200):
            if self.process.poll() is not None:
                return False
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self.process.poll() is None
            time.sleep(0.05)
        self.process.kill()
        self.process.wait()
        return False

    def push(self, source, name, *options):
        skopeo("copy", "-q", "--dest-tls-verify=false", *options, source, f"docker://{self.host}/{name}")
        return f"{self.host}/{name}"

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class ServedRegistry:
    """`regtool serve` on a free port of 127.0.0.1. Its stderr is in `log` after stop()."""

    def __init__(self, *options):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="regtool-served-"))
        self.log_path = self.folder / "log"
        env = {name: os.environ[name] for name in
               ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LD_LIBRARY_PATH") if name in os.environ}
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([REGTOOL, "serve", "--listen", "127.0.0.1:0", *map(str, options)],
                                            stdout=subprocess.PIPE, stderr=log, env={**env, "HOME": str(self.folder)})
        self.host = self.process.stdout.readline().decode().strip()  # the line says that it answers
        if not self.host:
            self.process.wait()
            raise RuntimeError(f"serve does not start: {self.log_path.read_text()}")
        self.port = int(self.host.rpartition(":")[2])

    def push(self, source, name, *options):
        skopeo("copy", "-q", "--dest-tls-verify=false", *options, source, f"docker://{self.host}/{name}")
        return f"{self.host}/{name}"

    def stop(self, sig=signal.SIGTERM):
        """Ends it and returns its exit code."""
        if self.process.stdout.closed:
            return self.process.returncode
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
        self.log = self.log_path.read_text(errors="replace")
        shutil.rmtree(self.folder, ignore_errors=True)
        if "Sanitizer" in self.log or "runtime error:" in self.log:
            raise AssertionError(self.log)
        return code


class FakeRegistry:
    """A registry whose every answer a test can choose. `answers` maps (method, path) or path to a function that gets
    the handler, or to (status, headers, body). Everything that was asked is in `requests`."""

    def __init__(self, certificates=None):
        fake = self
        self.requests = []
        self.answers = {}
        self.lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                path = self.path.split("?")[0]
                size = int(self.headers.get("Content-Length") or 0)
                self.body = self.rfile.read(size) if size else b""
                with fake.lock:
                    fake.requests.append((self.command, self.path, dict(self.headers), self.body))
                answer = fake.answers.get((self.command, path), fake.answers.get(path))
                if answer is None:
                    answer = (404, {}, b'{"errors":[{"code":"NAME_UNKNOWN","message":"no such thing"}]}')
                if callable(answer):
                    answer = answer(self)
                if answer is not None:
                    self.reply(*answer)

            def reply(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # clients that hang up are part of the tests

        self.server = Server(("127.0.0.1", 0), Handler)
        if certificates:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificates.cert, certificates.key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def add_manifest(self, repository, tag, body, media_type="application/vnd.oci.image.manifest.v1+json",
                     headers=None):
        digest = sha256(body)
        answer = (200, {"Content-Type": media_type, "Docker-Content-Digest": digest, **(headers or {})}, body)
        self.answers[f"/v2/{repository}/manifests/{tag}"] = answer
        self.answers[f"/v2/{repository}/manifests/{digest}"] = answer
        return digest

    def add_blob(self, repository, body, digest=None):
        digest = digest or sha256(body)
        self.answers[f"/v2/{repository}/blobs/{digest}"] = (200, {"Content-Type": "application/octet-stream"}, body)
        return digest

    def add_image(self, repository, tag, layers, layer_type="application/vnd.oci.image.layer.v1.tar+gzip"):
        config = json.dumps({"architecture": "amd64", "os": "linux",
                             "rootfs": {"type": "layers", "diff_ids": [sha256(b"")] * len(layers)}}).encode()
        descriptor = lambda body, kind: {"mediaType": kind, "digest": self.add_blob(repository, body), "size": len(body)}
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": descriptor(config, "application/vnd.oci.image.config.v1+json"),
                    "layers": [descriptor(layer, layer_type) for layer in layers]}
        return self.add_manifest(repository, tag, json.dumps(manifest).encode())

    def asked(self, method=None):
        with self.lock:
            return [r for r in self.requests if method is None or r[0] == method]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class TokenServer:
    """A token server whose RS256 tokens docker-registry accepts. Anybody may pull what is under public/; a user of
    `users` may do everything. `lifetime` is in seconds, and negative for tokens that are over before they are used.
    What was asked is in `requests`."""

    service = "registry.test"
    issuer = "issuer.test"

    def __init__(self, users):
        self.users = users
        self.lifetime = 300
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="regtool-tokens-"))
        self.cert = self.folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=issuer",
                        "-keyout", self.folder / "key.pem", "-out", self.cert], check=True, capture_output=True)
        self.server = FakeRegistry()
        self.server.answers["/token"] = self._answer
        self.requests = self.server.requests
        self.realm = f"http://{self.server.host}/token"

    def _user(self, handler):
        """The user of the request's Basic header, "" without one, None when the password is wrong."""
        kind, _, encoded = handler.headers.get("Authorization", "").partition(" ")
        if kind != "Basic":
            return ""
        user, _, password = base64.b64decode(encoded).decode().partition(":")
        return user if self.users.get(user) == password else None

    def _answer(self, handler):
        user = self._user(handler)
        if user is None:
            return 401, {}, b'{"errors":[{"code":"UNAUTHORIZED","message":"wrong user or password"}]}'
        query = urllib.parse.parse_qs(handler.path.partition("?")[2])
        access = []
        for scope in " ".join(query.get("scope", [])).split():
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            allowed = {"pull"} if name.startswith("public/") else set()
            granted = [a for a in actions.split(",") if user or a in allowed]
            access.append({"type": kind, "name": name, "actions": granted})
        return 200, {"Content-Type": "application/json"}, json.dumps(
            {"token": self.token(user, access), "expires_in": max(self.lifetime, 60)}).encode()

    def token(self, user, access):
        encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
        certificate = "".join(self.cert.read_text().split("-----")[2].split())
        now = int(time.time())
        header = {"typ": "JWT", "alg": "RS256", "x5c": [certificate]}
        claims = {"iss": self.issuer, "sub": user, "aud": self.service, "nbf": now - 600, "iat": now - 600,
                  "exp": now + self.lifetime, "jti": os.urandom(8).hex(), "access": access}
        signed = b".".join(encode(json.dumps(part).encode()) for part in (header, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.folder / "key.pem"], input=signed,
                                   check=True, capture_output=True).stdout
        return (signed + b"." + encode(signature)).decode()

    def stop(self):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
