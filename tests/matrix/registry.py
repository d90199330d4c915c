"""A registry of raw sockets that misbehaves as a fault says: on one of its answers, or on all from there on."""

import base64
import contextlib
import hashlib
import json
import socket
import struct
import threading

OCI = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
USER, PASSWORD, TOKEN = "canary-u", "canary-p-7f3a", "canary-at-41c9"
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
# What must never be seen where it does not belong.
CANARIES = (PASSWORD, TOKEN, BASIC)


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class HangUp(Exception):
    """Ends the connection in order."""


class Request:
    def __init__(self, method, target, headers, body, raw):
        self.method, self.target, self.headers, self.body, self.raw = method, target, headers, body, raw
        self.path, _, self.query = target.partition("?")

    @property
    def kind(self):
        """token, manifest, blob, upload, tags, catalog or other."""
        parts = self.path.split("/")
        for name, kind in (("manifests", "manifest"), ("uploads", "upload"), ("blobs", "blob"), ("tags", "tags"),
                           ("_catalog", "catalog"), ("token", "token")):
            if name in parts:
                return kind
        return "other"


class Answer:
    def __init__(self, status, headers, body=b""):
        self.status, self.headers, self.body = status, list(headers), body

    def head(self, length=True):
        lines = [f"HTTP/1.1 {self.status} X"] + [f"{n}: {v}" for n, v in self.headers]
        if length:
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Server:
    """Connections of 127.0.0.1, each on a thread. Everything that was asked is in `requests`."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.lock = threading.Lock()
        self.requests = []
        self.connections = set()
        self.stopped = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError, HangUp, ValueError), connection:
            reader = connection.makefile("rb")
            while request := self._read(reader):
                with self.lock:
                    self.requests.append(request)
                    index = len(self.requests)
                self.handle(connection, request, index)
        with self.lock:
            self.connections.discard(connection)

    @staticmethod
    def _read(reader):
        line = reader.readline(65536)
        if not line:
            return None
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers, raw = {}, line
        while (line := reader.readline(65536)) not in (b"\r\n", b""):
            raw += line
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        if "chunked" in headers.get("transfer-encoding", ""):
            body = b""
            while size := int(reader.readline(), 16):
                body += reader.read(size)
                reader.readline()
            reader.readline()
        else:
            body = reader.read(int(headers.get("content-length", 0)))
        return Request(method, target, headers, body, raw + body)

    def handle(self, connection, request, index):
        raise NotImplementedError

    def drop_connections(self):
        """What hangs is let go."""
        self.stopped.set()
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.stopped = threading.Event()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.drop_connections()


class Stranger(Server):
    """Another host: offers what the registry offers to anybody, and must never see a secret."""

    def __init__(self):
        super().__init__()
        self.other_name = self.host.replace("127.0.0.1", "localhost")
        self.content = {}

    def handle(self, connection, request, index):
        answer = self.content.get(request.path) or Answer(404, [], b"{}")
        connection.sendall(answer.head() + (b"" if request.method == "HEAD" else answer.body))


class Registry(Server):
    """One repository `r` with one image `t`, behind a token server of its own."""

    def __init__(self, stranger, manifest, config, layer):
        self.stranger = stranger
        self.blobs = {sha256(config): config, sha256(layer): layer}
        self.original = manifest
        self.fault = None
        self.reset()
        super().__init__()
        for digest, blob in self.blobs.items():
            stranger.content[f"/v2/r/blobs/{digest}"] = Answer(200, [], blob)
        for name in ("t", sha256(manifest)):
            stranger.content[f"/v2/r/manifests/{name}"] = self._manifest(manifest)

    def reset(self, fault=None, at=0, forever=False):
        self.fault, self.at, self.forever = fault, at, forever
        self.manifests = {"t": self.original, sha256(self.original): self.original}
        self.held = dict(self.blobs)
        self.uploads = {}
        self.reached = threading.Event()  # the fault began
        self.requests = []

    def forget_fault(self):
        self.fault = None
        self.requests = []

    def handle(self, connection, request, index):
        fault = self.fault
        hit = fault and fault.concerns(request) and (index == self.at or self.forever and index >= self.at)
        if not hit and not (fault and fault.follows and fault.follows(request) and index > self.at):
            return self.send(connection, request, self.answer(request))
        self.reached.set()
        return (fault.act if hit else fault.act_after)(self, connection, request)

    @staticmethod
    def send(connection, request, answer, share=1.0):
        """`share` of the body; a HEAD gets none."""
        body = b"" if request.method == "HEAD" else answer.body
        connection.sendall(answer.head() + body[:int(len(body) * share)])

    @staticmethod
    def _manifest(body):
        return Answer(200, [("Content-Type", OCI), ("Docker-Content-Digest", sha256(body))], body)

    def challenge(self, realm=None):
        return Answer(401, [("WWW-Authenticate", f'Bearer realm="{realm or f"http://{self.host}/token"}",service="s"')])

    def answer(self, request):
        """What a good registry says; changes what is stored."""
        if request.kind == "token":
            good = request.headers.get("authorization") in (None, f"Basic {BASIC}")
            return Answer(200, [], json.dumps({"token": TOKEN}).encode()) if good else Answer(401, [])
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.challenge()
        return getattr(self, "_answer_" + request.kind)(request)

    def _answer_manifest(self, request):
        name = request.path.rpartition("/")[2]
        if request.method == "PUT":
            self.manifests[name] = self.manifests[sha256(request.body)] = request.body
            return Answer(201, [("Docker-Content-Digest", sha256(request.body)), ("Location", request.path)])
        if request.method == "DELETE":
            gone = self.manifests.pop(name, None)
            self.manifests = {n: m for n, m in self.manifests.items() if sha256(m) != name}
            return Answer(202 if gone else 404, [])
        body = self.manifests.get(name)
        return self._manifest(body) if body else Answer(404, [], b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')

    def _answer_blob(self, request):
        digest = request.path.rpartition("/")[2]
        if request.method == "DELETE":
            return Answer(202 if self.held.pop(digest, None) else 404, [])
        blob = self.held.get(digest)
        if blob is None:
            return Answer(404, [], b'{"errors":[{"code":"BLOB_UNKNOWN"}]}')
        wanted = request.headers.get("range")
        if not wanted:
            return Answer(200, [("Accept-Ranges", "bytes")], blob)
        first, _, last = wanted[6:].partition("-")
        if int(first) >= len(blob):
            return Answer(416, [("Content-Range", f"bytes */{len(blob)}")])
        first, last = int(first), min(int(last or len(blob) - 1), len(blob) - 1)
        return Answer(206, [("Content-Range", f"bytes {first}-{last}/{len(blob)}")], blob[first:last + 1])

    def _answer_upload(self, request):
        place = f"/v2/r/blobs/uploads/{len(self.uploads) + 1}"
        query = dict(part.partition("=")[::2] for part in request.query.split("&") if part)
        digest = query.get("digest", "").replace("%3A", ":")
        if request.method == "POST" and digest:
            return self._close_upload(digest, request.body)
        if request.method == "POST":
            if query.get("mount", "").replace("%3A", ":") in self.held:
                return Answer(201, [("Location", f"/v2/r/blobs/{query['mount']}")])
            self.uploads[place] = b""
            return Answer(202, [("Location", place), ("Range", "0-0")])
        if request.path not in self.uploads:
            return Answer(404, [], b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}')
        if request.method == "DELETE":
            del self.uploads[request.path]
            return Answer(204, [])
        if request.method in ("PATCH", "PUT"):
            self.uploads[request.path] += request.body
        held = self.uploads[request.path]
        if request.method == "PUT":
            del self.uploads[request.path]
            return self._close_upload(digest, held)
        return Answer(202 if request.method == "PATCH" else 204,
                      [("Location", request.path), ("Range", f"0-{max(len(held) - 1, 0)}")])

    def _close_upload(self, digest, body):
        if sha256(body) != digest:
            return Answer(400, [], b'{"errors":[{"code":"DIGEST_INVALID"}]}')
        self.held[digest] = body
        return Answer(201, [("Location", f"/v2/r/blobs/{digest}"), ("Docker-Content-Digest", digest)])

    def _answer_tags(self, request):
        tags = sorted(n for n in self.manifests if ":" not in n)
        return Answer(200, [("Content-Type", "application/json")], json.dumps({"name": "r", "tags": tags}).encode())

    def _answer_catalog(self, request):
        return Answer(200, [("Content-Type", "application/json")], b'{"repositories":["a","r"]}')

    def _answer_other(self, request):
        return Answer(200, [], b"{}")


def reset_connection(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise HangUp


def hang(registry):
    """Until the case is over."""
    registry.stopped.wait(30)
    raise HangUp


def drip(registry, connection, piece, pause):
    stopped = registry.stopped
    while not stopped.wait(pause):
        connection.sendall(piece)
    raise HangUp


def flood(connection, piece, pieces):
    for _ in range(pieces):
        connection.sendall(piece)
    raise HangUp


