"""Faults × commands: every fault at every request of every command, once and for ever, against the real binary.

After each case: the exit code is one of the fault's; the output is the whole of an undisturbed run, a part of it that
the exit code disowns, or nothing; a file or tag is the old or the new one; no secret is anywhere but in requests to the
registry; the command ends in time and memory; and the same command, undisturbed, then succeeds. Prints one line a
fault, and fails when a case was not held. `matrix.py WORD…` runs the rows whose names contain a word; with --kinds, of
a command's requests only the last of each kind is disturbed."""

import concurrent.futures
import gzip
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

from faults import FAULTS, Fault, cut, silence
from registry import CANARIES, CONFIG, LAYER, OCI, PASSWORD, USER, Registry, Stranger, sha256

REGTOOL = os.environ["REGTOOL"]
MAX_SECONDS = 20  # for a machine that does much else
# A sanitizer keeps what was freed, and more at each retry.
MAX_RSS_KIB = (2048 if any(name.endswith("SAN_OPTIONS") for name in os.environ) else 256) << 10
MAX_OUTPUT = 1 << 20  # more than any row says undisturbed
WORKERS = int(os.environ.get("REGTOOL_MATRIX_WORKERS", "16"))


def make_image():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in ("bin/a", "etc/b"):
            info = tarfile.TarInfo(name)
            info.size = 100_000
            tar.addfile(info, io.BytesIO(os.urandom(info.size)))
    layer = gzip.compress(out.getvalue(), 1, mtime=0)
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/a"]},
                         "rootfs": {"type": "layers", "diff_ids": [sha256(out.getvalue())]},
                         "history": [{"created_by": "test"}]}).encode()
    describe = lambda body, kind: {"mediaType": kind, "digest": sha256(body), "size": len(body)}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI, "config": describe(config, CONFIG),
                           "layers": [describe(layer, LAYER)]}).encode()
    return manifest, config, layer


MANIFEST, BLOB_CONFIG, BLOB_LAYER = IMAGE = make_image()
DIGEST = sha256(BLOB_LAYER)


class Command:
    """One row. `args` may hold {host}, {home} and {layer}. `streams`: a part of the output may come before a failure.
    `raw`: it hands on what comes, and only its exit code says that it was wrong (T-44). `files`: what it writes, each old or new. `tags`: names that it gives to the image.
    `codes`: how it may end besides: it looks at the target after writing, and a name that is not there then is exit 8."""

    def __init__(self, *args, streams=False, raw=False, files=(), tags=(), stdin=b"", codes=()):
        self.args, self.streams, self.raw, self.files, self.tags, self.stdin = args, streams, raw, files, tags, stdin
        self.codes = set(codes)
        self.name = " ".join(a for a in args if "{" not in a)


COMMANDS = [
    Command("manifest", "{host}/r:t"),
    Command("manifest", "head", "{host}/r:t"),
    Command("digest", "{host}/r:t"),
    Command("digest", "{host}/r:t", "{host}/r:t", "{host}/r:t", streams=True),
    Command("config", "{host}/r:t"),
    Command("exists", "{host}/r:t"),
    Command("inspect", "{host}/r:t", "--format", "json"),
    Command("history", "{host}/r:t"),
    Command("size", "{host}/r:t"),
    Command("tags", "{host}/r", streams=True),
    Command("catalog", "{host}", streams=True),
    Command("blob", "get", "{host}/r@{layer}", raw=True),
    Command("blob", "get", "{host}/r@{layer}", "-o", "{home}/file", files=["file"]),
    Command("blob", "head", "{host}/r@{layer}"),
    Command("blob", "size", "{host}/r@{layer}"),
    Command("blob", "verify", "{host}/r@{layer}", streams=True),
    Command("layer", "ls", "{host}/r:t", streams=True),
    Command("layer", "get", "{host}/r:t", "0", "-o", "{home}/file", files=["file"]),
    Command("ls", "{host}/r:t", "-R", "--no-cache"),
    Command("cat", "{host}/r:t", "/etc/b", "--no-cache"),
    Command("blame", "{host}/r:t", "/etc/b", "--no-cache"),
    Command("diff", "{host}/r:t", "{host}/r:t", "--no-cache"),
    Command("retag", "{host}/r:t", "new", tags=["new"]),
    Command("copy", "{host}/r:t", "{host}/r:new", "-q", tags=["new"], codes=[8]),
    Command("manifest", "put", "{host}/r:new", "{home}/manifest.json", tags=["new"]),
    Command("login", "{host}", "-u", USER, "--password-stdin", stdin=PASSWORD.encode()),
    Command("api", "{host}/v2/r/tags/list"),
]


class Run:
    def __init__(self, code, out, err, seconds, rss):
        self.code, self.out, self.err, self.seconds, self.rss = code, out, err, seconds, rss


class Child:
    """A process that one thread waits for while others may send it signals. Popen's own ways to do that would take the
    status that the wait is for."""

    def __init__(self, pid):
        self._pid = pid
        self._lock = threading.Lock()
        self._ended = False

    def send(self, number):
        with self._lock:
            if not self._ended:
                os.kill(self._pid, number)

    def wait(self):
        """Its status and what it used. Until then its number is nobody else's."""
        os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            self._ended = True
            _, status, usage = os.wait4(self._pid, 0)
        return status, usage


class Worker:
    """A registry, a stranger and a home, used by one thread."""

    def __init__(self):
        self.stranger = Stranger()
        self.registry = Registry(self.stranger, *IMAGE)
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="regtool-matrix-"))

    def prepare(self):
        shutil.rmtree(self.home)
        self.home.mkdir()
        (self.home / "manifest.json").write_bytes(MANIFEST)
        (self.home / "file").write_bytes(b"the old one")
        self.stranger.requests = []

    def run(self, command, *options, kill=None):
        """`kill`: a signal to send once the fault began. Returns the Run."""
        args = [a.format(host=self.registry.host, home=self.home, layer=DIGEST) for a in command.args]
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "REGTOOL_CREDS": f"{USER}:{PASSWORD}"}
        env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        started = time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([REGTOOL, *args, "--plain-http", "127.0.0.1", *options], stdin=subprocess.PIPE,
                                       stdout=out, stderr=err, env=env, cwd=self.home)
            child = Child(process.pid)
            if kill:
                # A case that never meets its fault ends by itself; then the signal finds nobody.
                threading.Thread(target=self._kill, args=(child, kill), daemon=True).start()
            deadline = threading.Timer(MAX_SECONDS, child.send, (signal.SIGKILL,))
            deadline.start()
            try:
                process.stdin.write(command.stdin)
                process.stdin.close()
            except BrokenPipeError:
                pass
            status, usage = child.wait()
            process.returncode = os.waitstatus_to_exitcode(status)
            deadline.cancel()
            out.seek(0)
            err.seek(0)
            self.registry.drop_connections()
            # Workers differ in their ports alone.
            said = out.read(MAX_OUTPUT).replace(self.registry.host.encode(), b"HOST")
            return Run(process.returncode, said, err.read(), time.monotonic() - started, usage.ru_maxrss)

    def _kill(self, child, number):
        if self.registry.reached.wait(MAX_SECONDS):
            time.sleep(0.05)
            child.send(number)

    def close(self):
        self.registry.close()
        self.stranger.close()
        shutil.rmtree(self.home, ignore_errors=True)


class Row:
    """One fault's counts."""

    def __init__(self):
        self.cases = self.held = self.healed = 0


def no_secrets(worker, run, problems):
    for canary in (c.encode() for c in CANARIES):
        if canary in run.out + run.err:
            problems.append("a secret is printed")
        if any(canary in request.raw for request in list(worker.stranger.requests)):
            problems.append("a secret went to a stranger")
    basic = [r for r in worker.registry.requests if "Basic" in r.headers.get("authorization", "") and r.kind != "token"]
    if basic:
        problems.append("the password went elsewhere than to the token server")


def sound_output(command, run, clean, problems):
    if run.code == 0 and run.out != clean.out:
        problems.append("exit 0 with another output")
    if run.code != 0 and command.streams and not clean.out.startswith(run.out):
        problems.append("the output is no part of the right one")
    if run.code != 0 and not command.streams and not command.raw and run.out not in (b"", clean.out):
        problems.append("a failure with output")
    text = run.err.decode("utf-8", "replace")
    errors = [line for line in text.splitlines() if line.startswith(("error: ", '{"kind"'))]
    if run.code > 0 and len(errors) != 1 and not (command.name == "exists" and run.code == 1):
        problems.append(f"{len(errors)} error lines")
    if any(c in text for c in "\x1b\x07\u202e\x9b"):
        problems.append("the terminal is driven")


def nothing_lost(worker, command, run, problems):
    for name in command.files:
        held = (worker.home / name).read_bytes()
        if held not in (b"the old one", BLOB_LAYER) or (run.code == 0) != (held == BLOB_LAYER):
            problems.append(f"{name} is neither old nor new")
    left = {p.name for p in worker.home.iterdir()} - {"file", "manifest.json", ".docker"}
    if left and not all(n.startswith(".regtool-") for n in left):
        problems.append(f"left behind: {left}")
    if left and run.code not in (5, -signal.SIGKILL):
        problems.append(f"left behind after {run.code}: {left}")
    for tag in command.tags:
        if worker.registry.manifests.get(tag) not in (None, MANIFEST):
            problems.append(f"tag {tag} is neither old nor new")
    if worker.registry.manifests.get("t") != MANIFEST:
        problems.append("another tag changed")


def in_bounds(run, problems):
    if run.seconds > MAX_SECONDS - 1:
        problems.append(f"took {run.seconds:.0f} s")
    if run.rss > MAX_RSS_KIB:
        problems.append(f"took {run.rss >> 10} MiB")


def done(worker, command):
    return all((worker.home / n).read_bytes() == BLOB_LAYER for n in command.files) and \
        all(worker.registry.manifests.get(t) == MANIFEST for t in command.tags)


def play(worker, command, clean, fault, at, forever, kill=None, codes=None):
    """One case; returns (what was wrong, whether it healed)."""
    problems = []
    worker.prepare()
    worker.registry.reset(fault, at, forever)
    retries = "0" if forever or not fault.heals else "3"
    # Faults that wait for a timer wait shortly.
    run = worker.run(command, "--retries", retries, "--stall-timeout", "1s", "--trace", kill=kill)
    no_secrets(worker, run, problems)
    sound_output(command, run, clean, problems) if run.code >= 0 else None
    nothing_lost(worker, command, run, problems)
    in_bounds(run, problems)
    allowed = {0} | command.codes | (codes or fault.codes) if forever or kill or not fault.heals else {0}
    if worker.registry.reached.is_set() and run.code not in allowed:
        problems.append(f"exit {run.code}, not one of {sorted(allowed)}")
    if run.code == 0 and not done(worker, command):
        problems.append("exit 0 and not done")
    if run.code != 0:
        worker.registry.forget_fault()
        again = worker.run(command)
        # Naming what already has the name may be told otherwise.
        same = again.out == clean.out or command.tags
        if again.code != 0 or not same or not done(worker, command):
            problems.append(f"the repeat ends with {again.code}: {again.err[-200:]!r}")
    if problems:
        problems.append(f"stderr: {run.err[-400:].decode('utf-8', 'replace')}")
    return problems, run.code == 0


def signal_cases(name, number, code):
    stop = Fault(name, [code], cut(0.5, silence))
    return stop, number, {code}


SIGNALS = [signal_cases("F-23 SIGINT in the middle", signal.SIGINT, 130),
           signal_cases("F-23 SIGTERM in the middle", signal.SIGTERM, 143),
           signal_cases("F-25 F-26 SIGKILL in the middle", signal.SIGKILL, -signal.SIGKILL)]


def last_of_each_kind(requests):
    return sorted({(request.method, request.kind): at for at, request in enumerate(requests, 1)}.values())


def cases(command, places):
    for at in places:
        for fault in FAULTS:
            if command.name in fault.spares:
                continue
            # Met once, a fault that no repeat mends is the same as met for ever.
            for forever in (False, True) if fault.heals else (True,):
                yield command, fault, at, forever, None, None
        for fault, number, codes in SIGNALS:
            yield command, fault, at, True, number, codes


def main(words):
    kinds, words = "--kinds" in words, [w for w in words if w != "--kinds"]
    local = threading.local()
    workers = []

    def worker():
        if not hasattr(local, "worker"):
            local.worker = Worker()
            workers.append(local.worker)
        return local.worker

    rows, failures, worst = {}, [], 0
    clean = {}
    try:
        every = []
        for command in COMMANDS:
            worker().prepare()
            worker().registry.reset()
            clean[command] = worker().run(command)
            if clean[command].code != 0:
                raise SystemExit(f"{command.name} fails undisturbed: {clean[command].err.decode()}")
            requests = worker().registry.requests
            every += cases(command, last_of_each_kind(requests) if kinds else range(1, len(requests) + 1))
        every = [c for c in every if not words or any(w in c[0].name or w in c[1].name for w in words)]

        def one(case):
            command, fault, at, forever, kill, codes = case
            problems, healed = play(worker(), command, clean[command], fault, at, forever, kill, codes)
            met = worker().registry.reached.is_set()
            return case, problems, healed, met

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for (command, fault, at, forever, *_), problems, healed, met in pool.map(one, every):
                if not met:
                    continue  # the fault does not concern this request
                row = rows.setdefault(fault.name, Row())
                row.cases += 1
                row.held += not problems
                row.healed += healed
                if problems:
                    failures.append((command.name, fault.name, at, forever, problems))
    finally:
        for one_worker in workers:
            one_worker.close()
    print(f"{'fault':44} {'cases':>6} {'held':>6} {'ended well':>11}")
    for name, row in rows.items():
        print(f"{name:44} {row.cases:6} {row.held:6} {row.healed:11}")
    total, held = sum(r.cases for r in rows.values()), sum(r.held for r in rows.values())
    print(f"{len(COMMANDS)} commands, {len(rows)} faults: {total} cases, {held} held")
    for command, fault, at, forever, problems in failures[:50]:
        print(f"NOT HELD: {command} | {fault} | request {at}{' and on' if forever else ''}: {'; '.join(problems)}")
    return 1 if failures or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
