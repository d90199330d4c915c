"""Credential files, a real credential helper, logins at token servers, and where secrets must not show up."""

import base64
import json
import os
import pathlib
import pty
import signal
import stat
import subprocess
import termios
import threading
import time
import unittest
import urllib.parse

import lab

HELPERS = pathlib.Path(__file__).resolve().parent / "helpers"
SECRET = "canary-p-7f3a"
CREDS = f"canary-u:{SECRET}"
OCI = "application/vnd.oci.image.manifest.v1+json"
BODY = lab.EMPTY_MANIFEST


def spellings(secret):
    """A secret as it is, as a form has it, and as it would stand in a Basic header."""
    return [secret, urllib.parse.quote(secret, safe=""), base64.b64encode(f"canary-u:{secret}".encode()).decode()]


def wait_for(condition, seconds=10):
    """Until the condition holds; the caller's test fails when it never does."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)


class BasicCase(lab.Case):
    """A scripted registry with Basic authentication."""

    def setUp(self):
        super().setUp()
        self.fake = lab.FakeRegistry()
        self.addCleanup(self.fake.stop)
        self.image = f"{self.fake.host}/r:t"
        self.password = SECRET
        self.fake.answers["/v2/"] = self.guarded(b"{}")
        self.fake.answers["/v2/r/manifests/t"] = self.guarded(BODY)

    def guarded(self, body):
        def answer(handler):
            wanted = base64.b64encode(f"canary-u:{self.password}".encode()).decode()
            if handler.headers.get("Authorization") == f"Basic {wanted}":
                return 200, {"Content-Type": OCI, "Docker-Content-Digest": lab.sha256(body)}, body
            return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b""
        return answer

    def docker_config(self, document):
        folder = self.home / ".docker"
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(document if isinstance(document, str) else json.dumps(document))
        (folder / "config.json").chmod(0o600)
        return folder / "config.json"

    def authorizations(self):
        return [r[2]["Authorization"] for r in self.fake.asked() if "Authorization" in r[2]]


class Helper(BasicCase):
    def setUp(self):
        super().setUp()
        self.env = {"PATH": f"{HELPERS}:{os.environ['PATH']}"}

    def calls(self):
        return [json.loads(line) for line in (self.home / "vault.log").read_text().splitlines()]

    def test_HLP_03_CFG_15_login_use_logout_by_a_helper(self):
        config = self.docker_config({"credsStore": "vault", "extra": {"kept": True}})
        self.ok("login", self.fake.host, "-u", "canary-u", "--password-stdin", input=SECRET.encode(), env=self.env)
        vault = json.loads((self.home / "vault.json").read_text())
        self.assertEqual(vault[self.fake.host]["Secret"], SECRET)
        kept = json.loads(config.read_text())
        self.assertEqual(kept["auths"], {self.fake.host: {}})
        self.assertEqual(kept["extra"], {"kept": True})
        self.ok("digest", self.image, env=self.env)
        self.assertIn("docker-credential-vault", self.ok("auth", "get", self.fake.host, env=self.env).text)
        self.ok("logout", self.fake.host, env=self.env)
        self.assertEqual(json.loads((self.home / "vault.json").read_text()), {})
        self.assertIn("no login", self.ok("logout", self.fake.host, env=self.env).text)
        self.fails(4, "digest", self.image, env=self.env)
        self.assertEqual({c["arguments"] for c in self.calls()}, {2})

    def test_HLP_11_T_34_a_helper_sees_no_secret_of_ours_and_no_open_file(self):
        self.docker_config({"credsStore": "vault"})
        (self.home / "vault.json").write_text(json.dumps(
            {self.fake.host: {"ServerURL": self.fake.host, "Username": "canary-u", "Secret": SECRET}}))
        self.ok("digest", self.image, env={**self.env, "REGTOOL_SRC_CREDS": "canary-x", "REGTOOL_JOBS": "2"})
        (call,) = self.calls()
        self.assertEqual(call["verb"], "get")
        self.assertNotIn("canary", json.dumps(call["environment"]))
        self.assertFalse([name for name in call["environment"] if name.startswith("REGTOOL_")])
        self.assertLessEqual(set(call["files"]), {"0", "1", "2", "3", "4"})  # its own log and folder besides

    def test_HLP_12_one_get_a_run(self):
        self.docker_config({"credsStore": "vault"})
        (self.home / "vault.json").write_text(json.dumps(
            {self.fake.host: {"ServerURL": self.fake.host, "Username": "canary-u", "Secret": SECRET}}))
        self.ok("digest", *[self.image] * 10, env=self.env)
        self.assertEqual(len(self.calls()), 1)

    def test_HLP_05_T_32_a_failing_helper_is_an_error_and_nothing_else_is_tried(self):
        bad = self.home / "bin"
        bad.mkdir()
        env = {"PATH": f"{bad}:/usr/bin:/bin"}
        auth = base64.b64encode(CREDS.encode()).decode()
        self.docker_config({"credHelpers": {self.fake.host: "lab"}, "auths": {self.fake.host: {"auth": auth}}})
        program = bad / "docker-credential-lab"
        self.assertIn("PATH", self.fails(4, "digest", self.image, env=env).err)
        for mode, script in ((0o644, "#!/bin/sh\n"), (0o755, "#!/bin/sh\nexit 3\n"), (0o755, "#!/bin/sh\nkill -9 $$\n"),
                             (0o755, "#!/bin/sh\necho odd words\n"), (0o755, "#!/bin/sh\nhead -c 10000000 /dev/zero\n"),
                             (0o755, "#!/bin/sh\nexec 0<&-\necho {}\nexit 1\n"), (0o755, "no program at all"),
                             (0o755, "#!/bin/sh\nprintf '{\"ServerURL\":\"evil.test\",\"Username\":\"u\",\"Secret\":\"s\"}'\n"),
                             (0o755, f"#!/bin/sh\necho '{{\"Username\":\"u\",\"Secret\":\"{SECRET}\"}}'\nexit 1\n")):
            with self.subTest(script):
                program.write_text(script)
                program.chmod(mode)
                error = self.fails(4, "digest", self.image, env=env)
                self.assertIn("docker-credential-lab", error.err)
                self.assertNotIn(SECRET, error.err + error.text)
        self.assertEqual(self.authorizations(), [])

    def test_T_32_names_that_are_no_helper_are_not_run(self):
        marker = self.home / "pwned"
        for name in ("../x", f"x;touch {marker}", "-v", "a b", "x" * 300, f"$(touch {marker})", "/bin/sh"):
            with self.subTest(name):
                self.docker_config({"credsStore": name})
                self.fails(4, "digest", self.image)
        self.assertFalse(marker.exists())

    def test_T_32_the_working_folder_is_not_searched(self):
        self.docker_config({"credsStore": "vault"})
        folder = self.home / "cwd"
        folder.mkdir()
        (folder / "docker-credential-vault").symlink_to(HELPERS / "docker-credential-vault")
        for path in (":/usr/bin:/bin", ".:/usr/bin:/bin", "/usr/bin:/bin:"):
            self.fails(4, "digest", self.image, env={"PATH": path}, cwd=folder)

    def test_HLP_11_SIGINT_leaves_no_helper_behind(self):
        self.docker_config({"credsStore": "slow"})
        program = self.home / "docker-credential-slow"
        program.write_text("#!/bin/sh\necho $$ > \"$HOME/pid\"\nexec sleep 60\n")
        program.chmod(0o755)
        process = subprocess.Popen([lab.REGTOOL, "digest", self.image], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment({"PATH": f"{self.home}:/usr/bin:/bin"}))
        wait_for(lambda: (self.home / "pid").exists() and (self.home / "pid").read_text().strip())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), 130)
        process.communicate()
        pid = int((self.home / "pid").read_text())
        wait_for(lambda: not pathlib.Path(f"/proc/{pid}").exists())


class Files(BasicCase):
    def test_CFG_02_CFG_04_every_spelling_of_a_host(self):
        auth = base64.b64encode(CREDS.encode()).decode()
        for key in (self.fake.host, f"https://{self.fake.host}", f"http://{self.fake.host}/v1/",
                    f"https://{self.fake.host}/v2/", f"{self.fake.host}/r"):
            for entry in ({"auth": auth}, {"username": "canary-u", "password": SECRET}):
                with self.subTest(key):
                    self.docker_config({"auths": {key: entry}})
                    self.ok("digest", self.image)
        self.docker_config({"auths": {f"{self.fake.host}/other": {"auth": auth}, f"{self.fake.host}0": {"auth": auth}}})
        self.fails(4, "digest", self.image)

    def test_BAS_02_passwords_of_every_kind(self):
        for self.password in ("p:with:colons", "pässwörd ☃", "", " blanks ", "a%2Fb"):
            with self.subTest(self.password):
                self.fake.requests.clear()
                auth = base64.b64encode(f"canary-u:{self.password}".encode()).decode()
                self.docker_config({"auths": {self.fake.host: {"auth": auth}}})
                self.ok("digest", self.image)
        self.assertIn("colon", self.fails(2, "digest", self.image, "--authfile", self.colon_user()).err)

    def colon_user(self):
        path = self.home / "colon.json"
        path.write_text(json.dumps({"auths": {self.fake.host: {"username": "a:b", "password": "c"}}}))
        path.chmod(0o600)
        return path

    def test_BAS_05_a_wrong_password_is_shown_once(self):
        self.write_docker_config(self.fake.host, "canary-u", "wrong")
        error = self.fails(4, "digest", self.image)
        self.assertEqual(len(self.authorizations()), 1)
        self.assertIn("refuses the credentials from", error.err)
        self.assertIn("config.json", error.err)

    def test_BAS_06_CFG_14_login_takes_all_of_standard_input_but_one_line_end(self):
        for given, self.password in ((b"two\nlines\n", "two\nlines"), (b"crlf\r\n", "crlf"), (b"blank \n", "blank "),
                                     (b"none", "none")):
            with self.subTest(given):
                self.ok("login", self.fake.host, "-u", "canary-u", "--password-stdin", input=given)
                self.ok("digest", self.image)
        self.assertNotIn("--password ", self.ok("login", "--help").text)

    def test_CFG_12_T_43_the_file_is_private_at_every_moment(self):
        config = self.docker_config({"auths": {}})
        self.regtool("login", self.fake.host, "-u", "canary-u", "--password-stdin", input=SECRET.encode())
        self.assertEqual(stat.S_IMODE(config.stat().st_mode), 0o600)
        self.assertEqual(sorted(p.name for p in config.parent.iterdir()), ["config.json"])
        target = self.home / "real.json"
        config.rename(target)
        config.symlink_to(target)
        self.ok("logout", self.fake.host)
        self.assertTrue(config.is_symlink())
        self.assertEqual(json.loads(target.read_text())["auths"], {})

    def test_T_45_hostile_files(self):
        config = self.home / ".docker/config.json"
        config.parent.mkdir()
        deep = "[" * 100 + "]" * 100
        os.mkfifo(config)
        self.fails(2, "digest", self.image, timeout=20)
        config.unlink()
        config.mkdir()
        self.fails(2, "digest", self.image)
        config.rmdir()
        for text in (" " * (2 << 20), '{"auths":' + deep + "}", '{"auths":{},"auths":{}}', "\x00", '{"auths":[]}', "[]",
                     '{"auths":{"' + self.fake.host + '":7}}', '{"auths":{"' + self.fake.host + '":{"auth":"%%%"}}}'):
            with self.subTest(text[:30]):
                config.write_text(text)
                self.fails(2, "digest", self.image)
        with open(config, "w") as sparse:
            sparse.truncate(1 << 30)
        self.fails(2, "digest", self.image, timeout=20)

    def test_T_45_hostile_configuration(self):
        path = self.home / "config.toml"
        for text in ("x = " + "[" * 3000, "[host.\"a b\"]\n", "jobs = [[1]]", "no-such-option = 1", "jobs = \"many\"",
                     "\x00", "a.b.c = 1", "host = 1", "jobs = 1\njobs = 2", "[host.\"a.test\"]\nplain-http = \"yes\""):
            with self.subTest(text[:30]):
                path.write_text(text)
                self.assertIn("config.toml", self.fails(2, "digest", self.image, "--config", path).err)
        os.unlink(path)
        os.mkfifo(path)
        self.assertIn(self.regtool("digest", self.image, "--config", path, timeout=20).code, (2, 10))

    def test_T_58_T_46_nothing_is_read_from_the_working_folder(self):
        folder = self.home / "cwd"
        for name, text in ((".docker/config.json", "{"), ("auth.json", "{"), ("registries.conf", "["), (".netrc", "x"),
                           ("config.toml", "["), ("regtool/config.toml", "["), (".dockercfg", "{")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        self.fails(4, "digest", self.image, cwd=folder)
        # Without any home there are no files, and no crash.
        self.fails(4, "digest", self.image, cwd=folder, env={"HOME": "/nonexistent", "XDG_RUNTIME_DIR": ""})

    def test_CFG_10_proxies_of_dockers_file_are_for_builds(self):
        auth = base64.b64encode(CREDS.encode()).decode()
        self.docker_config({"auths": {self.fake.host: {"auth": auth}}, "proxies": {
            "default": {"httpProxy": "http://127.0.0.1:1", "httpsProxy": "http://127.0.0.1:1"}}})
        self.ok("digest", self.image)

    def test_api_with_an_authorization_of_ones_own(self):
        self.write_docker_config(self.fake.host, "canary-u", "unused")
        mine = base64.b64encode(CREDS.encode()).decode()
        result = self.ok("api", f"{self.fake.host}/v2/r/manifests/t", "-H", f"Authorization: Basic {mine}", "--trace", "--as-curl")
        self.assertEqual(result.out, BODY)
        self.assertEqual(self.authorizations(), [f"Basic {mine}"])
        self.assertNotIn(mine, result.err)

    def test_anonymous_sends_nothing(self):
        self.write_docker_config(self.fake.host, "canary-u", SECRET)
        self.fails(4, "digest", self.image, "--anonymous")
        self.assertEqual(self.authorizations(), [])
        self.fails(2, "digest", self.image, "--anonymous", "--creds", CREDS)


class TokenLogin(lab.Case):
    """Logins at a token server that hands out identity tokens."""

    def setUp(self):
        super().setUp()
        self.fake = lab.FakeRegistry()
        self.addCleanup(self.fake.stop)
        self.image = f"{self.fake.host}/r:t"
        self.forms = True
        for path, body in (("/v2/", b"{}"), ("/v2/r/manifests/t", BODY)):
            self.fake.answers[path] = self.guarded(body)
        self.fake.answers["/token"] = self.token

    def guarded(self, body):
        def answer(handler):
            if handler.headers.get("Authorization") == "Bearer canary-at-1":
                return 200, {"Content-Type": OCI, "Docker-Content-Digest": lab.sha256(body)}, body
            return 401, {"WWW-Authenticate": f'Bearer realm="http://{self.fake.host}/token",service="s"'}, b""
        return answer

    def token(self, handler):
        basic = base64.b64encode(CREDS.encode()).decode()
        if handler.command == "POST":
            if not self.forms:
                return 405, {}, b""
            form = urllib.parse.parse_qs(handler.body.decode())
            if form["grant_type"] == ["refresh_token"]:
                good = form["refresh_token"] == ["canary-rt-1"]
            else:
                good = (form["username"], form["password"], form["access_type"]) == (["canary-u"], [SECRET], ["offline"])
        else:
            good = handler.headers.get("Authorization") == f"Basic {basic}"
        if not good:
            return 401, {}, b'{"errors":[{"code":"UNAUTHORIZED","message":"wrong words"}]}'
        reply = {"access_token": "canary-at-1"}
        if "offline" in handler.path or b"offline" in handler.body or b"refresh" in handler.body:
            reply["refresh_token"] = "canary-rt-2" if b"refresh" in handler.body else "canary-rt-1"
        return 200, {}, json.dumps(reply).encode()

    def login(self, code=0, secret=SECRET, **kwargs):
        result = self.regtool("login", self.fake.host, "-u", "canary-u", "--password-stdin", input=secret.encode(), **kwargs)
        self.assertEqual(result.code, code, result.err)
        return result

    def config(self):
        return json.loads((self.home / ".docker/config.json").read_text())["auths"][self.fake.host]

    def test_ATH_09_ATH_10_ATH_20_the_identity_token_is_kept_instead_of_the_password(self):
        result = self.login()
        self.assertEqual(self.config()["identitytoken"], "canary-rt-1")
        self.assertEqual(base64.b64decode(self.config()["auth"]), b"canary-u:")
        self.assertNotIn("canary-rt", result.text + result.err)
        self.fake.requests.clear()
        self.ok("digest", self.image)
        # Used as a form, never as Basic; a rotated token of a mere pull is not kept.
        self.assertEqual([r for r in self.fake.asked() if r[2].get("Authorization", "").startswith("Basic")], [])
        self.assertEqual(self.config()["identitytoken"], "canary-rt-1")
        for request in self.fake.asked():
            if not request[1].startswith("/token"):
                self.assertNotIn("canary-rt", repr(request))

    def test_ATH_11_a_token_server_without_forms(self):
        self.forms = False
        self.login()
        self.assertEqual(self.config()["identitytoken"], "canary-rt-1")
        self.assertIn("offline_token=true", self.fake.asked("GET")[-2][1] + self.fake.asked("GET")[-1][1])
        # The refresh token must not end in a Basic header.
        self.fails(4, "digest", self.image)
        self.assertEqual([r for r in self.fake.asked() if "canary-rt" in r[2].get("Authorization", "")], [])

    def test_CFG_14_a_wrong_password_is_not_kept(self):
        error = self.login(code=4, secret="wrong")
        self.assertIn("wrong words", error.err)
        self.assertFalse((self.home / ".docker/config.json").exists())

    def test_CFG_14_a_token_server_that_ignores_the_form_does_not_vouch(self):
        by_form = self.token
        self.fake.answers["/token"] = lambda handler: (
            (200, {}, b'{"token":"canary-at-1"}') if handler.command == "POST" else by_form(handler))
        error = self.login(code=4, secret="wrong")
        self.assertNotIn("regtool login", error.err)
        self.assertFalse((self.home / ".docker/config.json").exists())
        self.login()

    def test_CFG_14_a_token_that_the_registry_refuses_is_not_kept(self):
        self.fake.answers["/v2/"] = lambda handler: (
            401, {"WWW-Authenticate": f'Bearer realm="http://{self.fake.host}/token"'}, b"")
        self.login(code=4)
        self.assertFalse((self.home / ".docker/config.json").exists())

    def test_ATH_23_refused_credentials_are_not_silently_dropped(self):
        self.write_docker_config(self.fake.host, "canary-u", "expired")
        error = self.fails(4, "digest", self.image)
        self.assertIn("--anonymous", error.err)
        self.assertEqual(len([r for r in self.fake.asked() if r[1].startswith("/token")]), 1)

    def test_ATH_29_a_challenge_on_HEAD(self):
        self.write_docker_config(self.fake.host, "canary-u", SECRET)
        self.ok("manifest", "head", self.image)
        self.assertEqual({r[0] for r in self.fake.asked() if "/manifests/" in r[1]}, {"HEAD"})

    def test_auth_token_with_a_registry_token(self):
        folder = self.home / ".docker"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({"auths": {self.fake.host: {"registrytoken": "canary-at-1"}}}))
        self.assertEqual(self.ok("auth", "token", f"{self.fake.host}/r").text, "canary-at-1\n")

    def test_T_06_auth_token_and_doctor_obey_the_realm_rule(self):
        self.write_docker_config(self.fake.host, "canary-u", SECRET)
        stranger = lab.FakeRegistry()
        self.addCleanup(stranger.stop)
        stranger.answers["/token"] = (200, {}, b'{"token":"canary-at-1"}')
        challenge = {"WWW-Authenticate": f'Bearer realm="http://localhost:{stranger.port}/token"'}
        self.fake.answers["/v2/"] = (401, challenge, b"")
        self.assertIn("anonymous", self.ok("auth", "token", f"{self.fake.host}/r").err)
        self.assertIn("not shown", self.regtool("doctor", self.fake.host).text)
        self.assertEqual([r for r in stranger.asked() if "Authorization" in r[2]], [])
        # What the configuration allows is allowed to all commands.
        (self.home / "c.toml").write_text(f'[host."{self.fake.host}"]\nrealms = ["localhost"]\n')
        self.ok("auth", "token", f"{self.fake.host}/r", "--config", self.home / "c.toml")
        self.assertEqual(len([r for r in stranger.asked() if "Authorization" in r[2]]), 1)


class Terminal(BasicCase):
    """A login by hand, on a terminal of its own."""

    def start(self, *arguments):
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.execve(lab.REGTOOL, [lab.REGTOOL, *arguments], self.environment({}))
        self.addCleanup(os.close, self.terminal)
        self.shown = ""
        return pid

    def read_until(self, words):
        while words not in self.shown:
            self.shown += os.read(self.terminal, 4096).decode()  # fails when the program ends before

    def end(self, pid):
        try:
            while more := os.read(self.terminal, 4096):
                self.shown += more.decode()
        except OSError:  # how Linux says that the other side is closed
            pass
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def echoes(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def test_BAS_06_T_34_a_password_typed_is_not_shown(self):
        pid = self.start("login", self.fake.host)
        self.read_until("User name")
        os.write(self.terminal, b"canary-u\n")
        self.read_until("Password of canary-u")
        wait_for(lambda: not self.echoes())
        os.write(self.terminal, SECRET.encode() + b"\n")
        self.assertEqual(self.end(pid), 0, self.shown)
        self.assertNotIn(SECRET, self.shown)
        self.ok("digest", self.image)

    def test_BAS_06_an_interrupt_sets_the_terminal_right(self):
        for words, typed in (("User name", b""), ("Password", b"canary-u\n")):
            with self.subTest(words):
                pid = self.start("login", self.fake.host)
                self.read_until("User name")
                os.write(self.terminal, typed)
                self.read_until(words)
                if typed:
                    wait_for(lambda: not self.echoes())
                os.write(self.terminal, b"\x03")
                wait_for(self.echoes)
                self.assertEqual(self.end(pid), 130, self.shown)
        self.assertFalse((self.home / ".docker/config.json").exists())


class Secrets(lab.Case):
    """T-33: no secret in what a run leaves behind, whatever happens to it."""

    COMMANDS = (("digest",), ("manifest",), ("config",), ("inspect",), ("history",), ("size",), ("exists",),
                ("layer", "ls"), ("blob", "size", "--config"), ("doctor",))

    def setUp(self):
        super().setUp()
        self.fake = lab.FakeRegistry()
        self.addCleanup(self.fake.stop)
        self.fake.add_image("r", "t", [])
        self.open = dict(self.fake.answers)
        self.image = f"{self.fake.host}/r:t"
        self.failure = None
        for path in list(self.open) + ["/v2/"]:
            self.fake.answers[path] = self.guarded(path)
        self.fake.answers["/token"] = lambda handler: (200, {}, b'{"token":"canary-at-1"}')

    def guarded(self, path):
        def answer(handler):
            if handler.headers.get("Authorization") != "Bearer canary-at-1":
                return 401, {"WWW-Authenticate": f'Bearer realm="http://{self.fake.host}/token"'}, b""
            if self.failure:
                return self.failure
            return self.open.get(path, (200, {}, b"{}"))
        return answer

    def test_T_33_every_command_and_every_end(self):
        echo = json.dumps({"errors": [{"code": "DENIED", "message": "no"}]}).encode()
        failures = [None, (403, {}, echo), (404, {}, echo), (500, {}, b"oops"), (429, {}, b""), (200, {}, b"nonsense"),
                    (302, {"Location": "http://127.0.0.1:1/x?X-Signature=canary-sig"}, b"")]
        canaries = spellings(SECRET) + ["canary-at-1", "canary-sig"]
        for command in self.COMMANDS:
            for self.failure in failures:
                with self.subTest(command=command, failure=self.failure):
                    result = self.regtool(*command, self.image, "--trace", "-vv", "--as-curl", "--retries", "0",
                                          env={"REGTOOL_CREDS": CREDS})
                    for canary in canaries:
                        self.assertNotIn(canary, result.text + result.err)

    def test_T_33_as_curl_has_placeholders(self):
        result = self.ok("manifest", self.image, "--as-curl", env={"REGTOOL_CREDS": CREDS})
        self.assertIn('-H "Authorization: Bearer $TOKEN"', result.err)
        self.assertIn('-u "$REGISTRY_USER:$PASSWORD"', result.err)

    def test_T_33_no_core_file(self):
        started = []
        release = threading.Event()
        self.addCleanup(release.set)

        def hang(handler):
            started.append(handler.path)
            release.wait(20)
            return 200, {}, b""

        self.fake.answers["/v2/r/manifests/t"] = hang
        process = subprocess.Popen(["sh", "-c", f"ulimit -c unlimited; exec {lab.REGTOOL} manifest {self.image}"],
                                   env=self.environment({"REGTOOL_CREDS": CREDS}), cwd=self.home,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: started)
        limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size\s+0\s+0")
        process.kill()
        process.wait()

    def test_T_34_no_secret_in_the_arguments_of_any_process(self):
        self.ok("manifest", self.image, env={"REGTOOL_CREDS": CREDS})
        warned = self.ok("manifest", self.image, "--creds", CREDS)
        self.assertIn("can be seen by other users", warned.err)
        self.assertNotIn(SECRET, warned.err)


if __name__ == "__main__":
    unittest.main()
