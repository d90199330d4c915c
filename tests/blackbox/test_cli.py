"""What holds for every command: its streams, its files, its defaults, and what it tells of itself."""

import json
import os
import pathlib
import platform
import pty
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
import unittest

import lab

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ESCAPE = b"\x1b"

registry = None


def setUpModule():
    global registry
    registry = lab.ServedRegistry()
    unittest.addModuleCleanup(registry.stop)
    layout = lab.test_layout()
    registry.push(f"oci:{layout}:small", "app:v1")
    registry.push(f"oci:{layout}:multi", "app:multi", "--all")


class Streams(lab.Case):
    def setUp(self):
        super().setUp()
        self.image = f"{registry.host}/app:v1"

    def on_a_terminal(self, *args, env=None):
        """What a run shows whose stdout and stderr are a terminal."""
        above, below = pty.openpty()
        process = subprocess.Popen([lab.REGTOOL, *map(str, args)], stdout=below, stderr=below, cwd=self.home,
                                   env=self.environment({"TERM": "xterm", **(env or {})}))
        os.close(below)
        shown = b""
        try:
            while piece := os.read(above, 65536):
                shown += piece
        except OSError:
            pass  # the program has closed its end
        os.close(above)
        self.assertEqual(process.wait(timeout=60), 0, shown)
        return shown

    def test_PLT_size_names_the_platform_of_an_image_without_an_index(self):
        self.assertEqual(self.ok("size", self.image, "--jq", ".platforms[].platform").text,
                         self.ok("history", self.image, "--jq", ".platform").text)

    def test_CLI_01_results_on_stdout_all_else_on_stderr(self):
        for args in (["manifest", self.image], ["digest", self.image], ["inspect", self.image], ["tags", f"{registry.host}/app"],
                     ["layer", "get", self.image, "0", "-o", "-"]):
            with self.subTest(args[0]):
                self.assertEqual(self.ok(*args).err, "")
        copied = self.ok("copy", self.image, "oci:copy:v1")
        self.assertEqual(len(copied.lines), 1)
        self.assertRegex(copied.text, r"^oci:copy@sha256:[0-9a-f]{64}\n$")
        self.assertIn("moved:", copied.err)
        # No bar, no colour and no carriage return where stderr is no terminal.
        self.assertNotRegex(copied.err, r"[\x1b\r]")
        failed = self.fails(1, "manifest", f"{registry.host}/app:none")
        self.assertEqual(failed.out, b"")

    def test_CLI_02_a_reader_that_goes_away_ends_it_quietly(self):
        huge = lab.FakeRegistry()
        self.addCleanup(huge.stop)
        names = [f"v{number}" for number in range(200_000)]
        huge.answers["/v2/r/tags/list"] = (200, {"Content-Type": "application/json"},
                                           json.dumps({"name": "r", "tags": names}).encode())
        process = subprocess.Popen([lab.REGTOOL, "tags", f"{huge.host}/r"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment())
        self.assertEqual(process.stdout.readline(), b"v0\n")
        process.stdout.close()
        started = time.monotonic()
        code = process.wait(timeout=10)
        self.assertLess(time.monotonic() - started, 1)
        self.assertIn(code, (141, -signal.SIGPIPE))
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()

    def test_CLI_03_colour_is_for_terminals_that_want_it(self):
        self.assertIn(ESCAPE, self.on_a_terminal("manifest", self.image))
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            with self.subTest(env):
                self.assertNotIn(ESCAPE, self.on_a_terminal("manifest", self.image, env=env))
        self.assertNotIn(ESCAPE, self.ok("manifest", self.image).out)
        self.assertIn(ESCAPE, self.ok("manifest", self.image, "--color", "always", "--pretty").out)

    def test_CLI_03_JSON_is_one_document_of_UTF_8(self):
        for args in (["inspect", self.image], ["history", self.image], ["tags", f"{registry.host}/app"],
                     ["layer", "ls", self.image], ["copy", "--dry-run", self.image, "oci:new:v1"], ["size", self.image]):
            with self.subTest(args[0]):
                out = self.ok(*args, "--format", "json").out
                json.loads(out.decode("utf-8"))
                self.assertTrue(out.endswith(b"\n"))

    def test_CLI_04_what_it_calls_itself(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        fake.add_manifest("r", "t", lab.EMPTY_MANIFEST)
        self.ok("manifest", f"{fake.host}/r:t")
        version = self.ok("version", "--jq", ".version").text.strip()
        self.assertEqual({request[2]["User-Agent"] for request in fake.asked()}, {f"regtool/{version}"})
        asked = len(fake.asked())
        self.ok("manifest", "--user-agent", "ours/1 (nightly)", f"{fake.host}/r:t")
        self.assertEqual({request[2]["User-Agent"] for request in fake.asked()[asked:]}, {"ours/1 (nightly)"})
        self.fails(2, "manifest", "--user-agent", "a\r\nX: y", f"{fake.host}/r:t")
        sent = json.dumps([request[2] for request in fake.asked()])
        for secret in (socket.gethostname(), platform.release(), os.path.basename(str(self.home))):
            self.assertNotIn(secret, sent)

    def test_CLI_05_limits_and_their_defaults_are_told(self):
        said = self.ok("copy", "--help").text
        for option, default in (("--connect-timeout", "15s"), ("--stall-timeout", "60s"), ("--retries", "4"), ("--jobs", "6")):
            with self.subTest(option):
                told = re.search(rf"(?m)^\s+(-\w, )?{option}\b.*\n?.*", said)
                self.assertIn(default, told.group())
        self.assertIn("--timeout", said)

    def test_CLI_07_a_trace_shows_every_request_and_no_secret(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        fake.add_manifest("r", "t", lab.EMPTY_MANIFEST, headers={"Set-Cookie": "canary-cookie"})
        trace = self.ok("digest", f"{fake.host}/r:t", "--trace", "--creds", "canary-user:canary-password").err
        for method, path, _, _ in fake.asked():
            self.assertIn(f"> {method} ", trace)
            self.assertIn(path, trace)
        self.assertRegex(trace, r"(?m)^< .*200")
        self.assertNotIn("canary-password", trace)
        self.assertNotIn("canary-cookie", trace)

    def test_ANN_05_annotations_are_escaped_and_sorted_for_people_and_kept_in_the_bytes(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).encode()
        fake.add_blob("r", config)
        body = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [], "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json", "digest": lab.sha256(config), "size": len(config)},
            "annotations": {"z.last": "1", "m.evil": "\x1b[31mred\nerror: forged", "a.first": "2"}}).encode()
        fake.add_manifest("r", "t", body)
        shown = self.ok("inspect", f"{fake.host}/r:t").text
        self.assertNotIn("\x1b", shown)
        self.assertNotIn("\nerror: forged", shown)
        places = [shown.index(key) for key in ("a.first", "m.evil", "z.last")]
        self.assertEqual(places, sorted(places))
        self.assertEqual(self.ok("manifest", "--raw", f"{fake.host}/r:t").out, body)


class Files(lab.Case):
    def mode(self, path):
        return stat.S_IMODE(os.stat(path).st_mode)

    def test_CLI_08_modes_of_what_is_written(self):
        image = f"{registry.host}/app:v1"
        for umask, mode in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
            with self.subTest(oct(umask)):
                folder = self.home / oct(umask)
                folder.mkdir()
                before = os.umask(umask)
                try:
                    self.ok("copy", "-q", image, f"oci:{folder}/layout:v1")
                    self.ok("copy", "-q", image, f"docker-archive:{folder}/a.tar:app:1")
                    self.ok("layer", "get", image, "0", "-o", folder / "layer")
                    self.ok("export", image, "-o", folder / "root.tar")
                finally:
                    os.umask(before)
                files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock")]
                self.assertGreater(len(files), 8)
                self.assertEqual({self.mode(path) for path in files}, {mode})

    def test_CLI_08_credentials_are_for_the_owner_alone(self):
        locked = lab.DockerRegistry(users={"user": "password"})
        self.addCleanup(locked.stop)
        before = os.umask(0)
        try:
            self.ok("login", locked.host, "-u", "user", "--password-stdin", input=b"password")
        finally:
            os.umask(before)
        files = [path for path in self.home.rglob("*") if path.is_file()]
        self.assertEqual({self.mode(path) for path in files}, {0o600})

    def test_CLI_08_what_is_not_whole_lies_beside_its_place_and_goes_with_a_signal(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        body = os.urandom(1_000_000)
        begun = threading.Event()

        def half(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[:500_000])
            handler.wfile.flush()
            begun.set()
            time.sleep(20)

        digest = fake.add_blob("r", body)
        fake.answers[f"/v2/r/blobs/{digest}"] = half
        target = self.home / "deep" / "blob"
        target.parent.mkdir()
        process = subprocess.Popen([lab.REGTOOL, "blob", "get", f"{fake.host}/r@{digest}", "-o", str(target)],
                                   env=self.environment({"TMPDIR": str(self.home / "elsewhere")}), stderr=subprocess.DEVNULL)
        self.assertTrue(begun.wait(20))
        time.sleep(0.3)
        self.assertFalse(target.exists())
        self.assertEqual(len(list(target.parent.iterdir())), 1)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=10), 130)
        self.assertEqual(list(target.parent.iterdir()), [])


class Offline(lab.Case):
    @unittest.skipUnless(shutil.which("strace") and
                         subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0,
                         "a network of one's own needs rights, and strace must be there")
    def test_CLI_06_what_needs_no_network_asks_for_none(self):
        layout = lab.test_layout()
        alone = lambda *args: subprocess.run(["unshare", "-n", "strace", "-f", "-qq", "-e", "trace=socket,connect", "-o",
                                              str(self.home / "calls"), lab.REGTOOL, *map(str, args)],
                                             capture_output=True, env=self.environment(), cwd=self.home, timeout=120)
        for args in (["copy", f"oci:{layout}:multi", "oci-archive:a.tar:v1"], ["copy", "oci-archive:a.tar:v1", "oci:b:v1"],
                     ["copy", f"oci:{layout}:small", "docker-archive:d.tar:x:1"], ["digest", "docker-archive:d.tar"],
                     ["inspect", "oci:b:v1"], ["blob", "verify", "oci:b:v1", "--layer", "-1"], ["ls", "docker-archive:d.tar", "/etc"],
                     ["tags", "oci:b"], ["delete", "--yes", "oci:b:v1"]):
            with self.subTest(args):
                result = alone(*args)
                self.assertEqual(result.returncode, 0, result.stderr)
                calls = [line for line in (self.home / "calls").read_text().splitlines() if "AF_UNIX" not in line]
                self.assertEqual(calls, [])


class DefaultPlatform(lab.Case):
    def test_PLT_10_which_image_of_an_index_is_meant(self):
        image = f"{registry.host}/app:multi"
        children = {entry["platform"]["architecture"]: entry["digest"]
                    for entry in self.ok("manifest", image).json()["manifests"]}
        here = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine())
        other = "arm64" if here == "amd64" else "amd64"
        architecture = lambda *args, **env: self.ok("config", *args, image, env=env).json()["architecture"]
        self.assertEqual(architecture(), here)
        self.assertEqual(architecture(REGTOOL_PLATFORM=f"linux/{other}"), other)
        self.assertEqual(architecture(DOCKER_DEFAULT_PLATFORM=f"linux/{other}"), other)
        self.assertEqual(architecture("--platform", f"linux/{here}", DOCKER_DEFAULT_PLATFORM=f"linux/{other}"), here)
        self.assertIn("DOCKER_DEFAULT_PLATFORM",
                      self.fails(2, "config", image, env={"DOCKER_DEFAULT_PLATFORM": "a/b/c/d"}).err)
        # Docker's variable chooses; it leaves no part of a copy out.
        copied = self.ok("copy", "-q", image, "oci:all:v1", env={"DOCKER_DEFAULT_PLATFORM": f"linux/{other}"})
        self.assertEqual(copied.text.strip().partition("@")[2], self.ok("digest", image).text.strip())
        self.assertEqual(set(children), {"amd64", "arm64"})


if __name__ == "__main__":
    unittest.main()
