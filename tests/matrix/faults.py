"""What a registry can do wrong: one row a fault."""

import json
import time

from registry import Answer, HangUp, drip, flood, hang, reset_connection

NETWORK, REGISTRY, ACCESS, LIMITED, INTEGRITY = 5, 3, 4, 6, 7
# Faults in an answer that a command may do without (what a HEAD did not tell, a GET does) may also end well: exit 0
# with the very output of an undisturbed run is always right.


class Fault:
    def __init__(self, name, codes, act, heals=False, kinds=None, methods=None, follows=None, act_after=None, spares=()):
        """`codes`: how a command may end that meets it for ever; `heals`: met once, a repeat mends it;
        `spares`: commands for which it is no fault."""
        self.name, self.codes, self.act, self.heals = name, set(codes), act, heals
        self.kinds, self.methods, self.follows, self.act_after = kinds, methods, follows, act_after
        self.spares = spares

    def concerns(self, request):
        return (not self.kinds or request.kind in self.kinds) and (not self.methods or request.method in self.methods)


def close(registry, connection, request):
    raise HangUp


def reset(registry, connection, request):
    reset_connection(connection)


def silence(registry, connection, request):
    hang(registry)


def lost(registry, connection, request):
    """Done, but nobody hears of it."""
    registry.answer(request)
    reset_connection(connection)


def bytes_then(text, end=close):
    def act(registry, connection, request):
        connection.sendall(text)
        end(registry, connection, request)
    return act


def cut(share, end=close):
    """The answer up to a share of its body."""
    def act(registry, connection, request):
        registry.send(connection, request, registry.answer(request), share)
        end(registry, connection, request)
    return act


def body_to_a_head(registry, connection, request):
    answer = registry.answer(request)
    connection.sendall(answer.head() + (answer.body or b"x" * 100))


def headers_that_drip(registry, connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    drip(registry, connection, b"X: y\r\n", 0.05)


def body_that_drips(registry, connection, request):
    answer = registry.answer(request)
    connection.sendall(answer.head() + answer.body[:len(answer.body) // 2])
    drip(registry, connection, b"x", 0.3)


def status(number, headers=(), body=b'{"errors":[{"code":"TEST","message":"words"}]}'):
    return lambda registry, connection, request: registry.send(connection, request, Answer(number, headers, body))


def dated(offset):
    def act(registry, connection, request):
        when = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + offset))
        registry.send(connection, request, Answer(429, [("Retry-After", when)]))
    return act


def endless(head):
    return lambda registry, connection, request: (connection.sendall(head), flood(connection, b"10000\r\n" + b" " * 65536 + b"\r\n", 1100))


def with_headers(change):
    """The right answer with its header lines changed."""
    def act(registry, connection, request):
        answer = registry.answer(request)
        lines = change([f"{n}: {v}" for n, v in answer.headers] + [f"Content-Length: {len(answer.body)}"], answer)
        head = f"HTTP/1.1 {answer.status} X\r\n" + "\r\n".join(lines) + "\r\n\r\n"
        connection.sendall(head.encode("latin-1") + (b"" if request.method == "HEAD" else answer.body))
        raise HangUp
    return act


def lengths(make):
    return with_headers(lambda lines, answer: lines[:-1] + make(len(answer.body)))


def chunked(text):
    def act(registry, connection, request):
        answer = registry.answer(request)
        connection.sendall(answer.head(length=False)[:-2] + b"Transfer-Encoding: chunked\r\n\r\n" + text)
        raise HangUp
    return act


def altered(change):
    def act(registry, connection, request):
        answer = registry.answer(request)
        answer.body = change(answer.body) if answer.status < 400 else answer.body
        registry.send(connection, request, answer)
    return act


def flip(body):
    return body[:len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1:]


def redirect(make):
    return lambda registry, connection, request: registry.send(
        connection, request, Answer(307, [("Location", make(registry, request))]))


def strange_realm(registry, connection, request):
    registry.send(connection, request, registry.challenge(f"http://{registry.stranger.other_name}/token"))


def no_challenge(registry, connection, request):
    registry.send(connection, request, Answer(401, []))


def expired(registry, connection, request):
    registry.send(connection, request, registry.challenge())


def next_page_elsewhere(registry, connection, request):
    answer = registry.answer(request)
    answer.headers.append(("Link", f'<http://{registry.stranger.host}/v2/r/tags/list>; rel="next"'))
    registry.send(connection, request, answer)


def same_page_again(registry, connection, request):
    answer = registry.answer(request)
    answer.headers.append(("Link", f'<{request.target}>; rel="next"'))
    registry.send(connection, request, answer)


EVIL = "\x1b]0;owned\x07\u202e\x9b31m\r\nerror: forged"
EVIL_BODY = json.dumps({"errors": [{"code": EVIL, "message": EVIL, "detail": EVIL}]}).encode()
DOCUMENTS = ("manifest", "blob")
is_resumed = lambda request: request.kind == "blob" and "range" in request.headers


def resumed(name, act, codes, heals=False):
    """A blob that is cut half-way, and an odd answer to the wish for its rest."""
    return Fault(name, codes, cut(0.5), heals, kinds=("blob",), methods=("GET",), follows=is_resumed, act_after=act)


def wrong_range(value):
    def act(registry, connection, request):
        answer = registry.answer(request)
        answer.headers = [(n, v) for n, v in answer.headers if n != "Content-Range"] + ([("Content-Range", value)] if value else [])
        registry.send(connection, request, answer)
    return act


def whole_again(registry, connection, request):
    request.headers.pop("range")
    registry.send(connection, request, registry.answer(request))


FAULTS = [
    Fault("F-06 closed before the answer", [NETWORK], close, heals=True),
    Fault("F-06 reset before the answer", [NETWORK], reset, heals=True),
    Fault("F-06 closed in the status line", [NETWORK, REGISTRY], bytes_then(b"HTTP/1.1 20"), heals=True),
    Fault("F-06 reset in the headers", [NETWORK], bytes_then(b"HTTP/1.1 200 OK\r\nContent-Le", reset), heals=True),
    Fault("F-17 done, but the answer is lost", [NETWORK], lost, heals=True),
    Fault("F-08 T-25 closed in the body", [NETWORK, INTEGRITY], cut(0.5), heals=True),
    Fault("F-07 reset in the body", [NETWORK, INTEGRITY], cut(0.5, reset), heals=True),
    Fault("F-07 closed before the last byte", [NETWORK, INTEGRITY], cut(0.9999), heals=True),
    Fault("F-10 no answer", [NETWORK], silence, heals=True),
    Fault("F-10 T-30 headers that drip", [NETWORK, REGISTRY], headers_that_drip, heals=True),
    Fault("F-09 a body that stalls", [NETWORK, INTEGRITY], cut(0.5, silence), heals=True),
    Fault("T-30 a body that drips", [NETWORK, INTEGRITY, REGISTRY], body_that_drips, methods=("GET",), kinds=("blob",)),
    *[Fault(f"F-11 status {n}", [REGISTRY], status(n), heals=True) for n in (500, 503)],
    *[Fault(f"F-14 status {n}", [REGISTRY], status(n), heals=True) for n in (408, 425)],
    Fault("F-12 429 without a word", [LIMITED], status(429), heals=True),
    Fault("F-12 429 for a second", [LIMITED], status(429, [("Retry-After", "1")]), heals=True),
    Fault("F-12 429 until a date", [LIMITED], dated(1), heals=True),
    Fault("F-12 429 until a date that is over", [LIMITED], dated(-3600), heals=True),
    Fault("F-12 429 with nonsense", [LIMITED], status(429, [("Retry-After", "soon")]), heals=True),
    Fault("F-12 429 for an hour", [LIMITED], status(429, [("Retry-After", "3600")])),
    Fault("T-51 429 for ever", [LIMITED], status(429, [("Retry-After", "9" * 30)])),
    Fault("F-13 a token that ran out", [ACCESS], expired, kinds=("manifest", "blob", "tags", "catalog", "upload")),
    Fault("F-13 401 without a challenge", [ACCESS], no_challenge),
    Fault("F-13 403", [ACCESS], status(403)),
    Fault("ERR-05 404", [1, REGISTRY, ACCESS], status(404)),
    Fault("MAN-15 a web page", [REGISTRY, INTEGRITY], status(200, [("Content-Type", "text/html")], b"<html>log in</html>"),
          methods=("GET", "PUT", "POST", "PATCH"), spares=("api",)),
    Fault("T-29 words that drive a terminal", [ACCESS], status(403, body=EVIL_BODY)),
    Fault("T-23 an error without end", [REGISTRY, NETWORK], endless(b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n")),
    Fault("T-23 a body without end", [REGISTRY, INTEGRITY, NETWORK], endless(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"), methods=("GET",)),
    Fault("T-23 a length of 2^63-1", [REGISTRY, NETWORK, INTEGRITY], lengths(lambda n: ["Content-Length: 9223372036854775807"]), methods=("GET",)),
    Fault("T-23 T-36 too many headers", [REGISTRY], bytes_then(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 400 + b"\r\n")),
    Fault("T-23 T-36 a long header", [REGISTRY], bytes_then(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n")),
    Fault("T-36 HTTP/0.9", [REGISTRY, NETWORK], bytes_then(b"just text")),
    Fault("T-36 a body to a HEAD", [REGISTRY, NETWORK], body_to_a_head, methods=("HEAD",)),
    Fault("T-36 a NUL in a header", [REGISTRY], with_headers(lambda lines, a: ["X: a\0b"] + lines)),
    Fault("T-36 a folded header", [REGISTRY], with_headers(lambda lines, a: lines + ["X: a", " b: c"])),
    Fault("T-36 two digests", [REGISTRY, INTEGRITY], with_headers(
        lambda lines, a: lines + ["Docker-Content-Digest: sha256:" + "0" * 64]), kinds=("manifest",)),
    Fault("T-30 interim answers without end", [REGISTRY], bytes_then(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)),
    Fault("T-25 two lengths", [REGISTRY, NETWORK], lengths(lambda n: [f"Content-Length: {n}", f"Content-Length: {n + 1}"])),
    Fault("T-25 a negative length", [REGISTRY], lengths(lambda n: ["Content-Length: -5"])),
    Fault("T-25 a length with a sign", [REGISTRY], lengths(lambda n: [f"Content-Length: +{n}"])),
    Fault("T-25 T-51 a length of many digits", [REGISTRY], lengths(lambda n: ["Content-Length: " + "9" * 30])),
    Fault("T-25 a bad chunk", [NETWORK, REGISTRY, INTEGRITY], chunked(b"zz\r\nabc"), methods=("GET", "POST", "PUT", "PATCH")),
    Fault("T-25 no last chunk", [NETWORK, REGISTRY, INTEGRITY], chunked(b"3\r\nabc\r\n"), methods=("GET",)),
    Fault("T-31 encoded", [REGISTRY], with_headers(lambda lines, a: lines + ["Content-Encoding: gzip"])),
    Fault("T-01 a flipped bit", [INTEGRITY, REGISTRY], altered(flip), kinds=DOCUMENTS, methods=("GET",)),
    Fault("T-01 a byte more", [INTEGRITY, REGISTRY], altered(lambda b: b + b"x"), kinds=DOCUMENTS, methods=("GET",)),
    Fault("T-01 a byte less", [INTEGRITY, REGISTRY], altered(lambda b: b[:-1]), kinds=DOCUMENTS, methods=("GET",)),
    Fault("T-02 a digest of its own", [INTEGRITY, REGISTRY], with_headers(
        lambda lines, a: [l for l in lines if not l.startswith("Docker")] + ["Docker-Content-Digest: sha256:" + "0" * 64]), kinds=("manifest",), methods=("GET", "PUT")),
    Fault("T-05 redirected to a stranger", [1, REGISTRY, ACCESS], redirect(lambda r, q: f"http://{r.stranger.host}{q.target}")),
    Fault("T-05 redirected to another name", [1, REGISTRY, ACCESS], redirect(lambda r, q: f"http://{r.stranger.other_name}{q.target}")),
    Fault("RDR-01 redirected in a circle", [REGISTRY, ACCESS], redirect(lambda r, q: q.target)),
    Fault("T-19 redirected to a file", [REGISTRY, ACCESS], redirect(lambda r, q: "file:///etc/passwd")),
    Fault("T-57 redirected to a twisted URL", [REGISTRY, ACCESS], redirect(lambda r, q: f"http://{r.host}\\@{r.stranger.host}/")),
    Fault("T-06 a strange realm", [ACCESS, REGISTRY, 1], strange_realm),
    Fault("T-11 the next page elsewhere", [REGISTRY], next_page_elsewhere, kinds=("tags", "catalog")),
    Fault("T-26 the same page again", [REGISTRY], same_page_again, kinds=("tags", "catalog")),
    resumed("F-37 200 to a Range", whole_again, [NETWORK, INTEGRITY], heals=True),
    resumed("F-37 206 of another part", wrong_range("bytes 0-99/100"), [REGISTRY, NETWORK]),
    resumed("F-37 206 without Content-Range", wrong_range(None), [REGISTRY, NETWORK]),
    resumed("F-37 416 to a Range", status(416), [REGISTRY, INTEGRITY, NETWORK]),
    resumed("T-01 F-37 another object after the cut", altered(flip), [INTEGRITY, NETWORK]),
]

