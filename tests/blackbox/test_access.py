"""Credentials, token servers, redirects and TLS: who sees which secret."""

import base64
import json
import pathlib
import shutil
import tempfile
import unittest

import lab

OCI = "application/vnd.oci.image.manifest.v1+json"
BODY = json.dumps({"schemaVersion": 2, "mediaType": OCI, "layers": [], "config": {
    "mediaType": "application/vnd.oci.empty.v1+json", "digest": lab.sha256(b"{}"), "size": 2}}).encode()
SECRET = "canary-p-7f3a"


class BasicRegistry(lab.Case):
    @classmethod
    def setUpClass(cls):
        cls.layout = lab.test_layout()
        cls.registry = lab.DockerRegistry(users={"canary-u": SECRET})
        cls.addClassCleanup(cls.registry.stop)
        cls.image = cls.registry.push(f"oci:{cls.layout}:small", "r:t", f"--dest-creds=canary-u:{SECRET}")

    def test_BAS_01_credentials_from_every_place(self):
        self.fails(4, "digest", self.image)
        self.ok("digest", self.image, "--creds", f"canary-u:{SECRET}")
        self.ok("digest", self.image, env={"REGTOOL_CREDS": f"canary-u:{SECRET}"})
        self.write_docker_config(self.registry.host, "canary-u", SECRET)
        self.ok("digest", self.image)
        self.ok("layer", "ls", self.image)
        self.ok("retag", self.image, "t2")

    def test_HLP_02_credential_helper(self):
        folder = self.home / ".docker"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({"credHelpers": {self.registry.host: "lab"}}))
        helper = self.home / "docker-credential-lab"
        helper.write_text('#!/bin/sh\nread host\nprintf \'{"ServerURL":"%s","Username":"canary-u","Secret":"'
                          + SECRET + '"}\' "$host"\n')
        helper.chmod(0o755)
        path = f"{self.home}:/usr/bin:/bin"
        self.ok("digest", self.image, env={"PATH": path})
        helper.write_text("#!/bin/sh\necho 'the vault is locked' >&2\nexit 1\n")
        self.assertIn("the vault is locked", self.fails(4, "digest", self.image, env={"PATH": path}).err)
        helper.write_text("#!/bin/sh\necho 'credentials not found in native keychain'\nexit 1\n")
        self.fails(4, "digest", self.image, env={"PATH": path})

    def test_CAJ_01_authfile_wins_alone(self):
        auth = base64.b64encode(f"canary-u:{SECRET}".encode()).decode()
        good = self.home / "auth.json"
        good.write_text(json.dumps({"auths": {f"{self.registry.host}/r": {"auth": auth}}}))
        self.ok("digest", self.image, "--authfile", good)
        self.ok("digest", self.image, env={"REGISTRY_AUTH_FILE": str(good)})
        self.write_docker_config(self.registry.host, "canary-u", SECRET)
        (self.home / "empty.json").write_text("{}")
        self.fails(4, "digest", self.image, "--authfile", self.home / "empty.json")
        self.fails(2, "digest", self.image, "--authfile", self.home / "absent.json")

    def test_CFG_01_a_broken_config_is_named(self):
        (self.home / ".docker").mkdir()
        (self.home / ".docker/config.json").write_text('{"auths": {' + SECRET)
        error = self.fails(2, "digest", self.image).err
        self.assertIn("config.json", error)
        self.assertNotIn(SECRET, error)

    def test_T_33_no_secret_in_a_trace(self):
        result = self.ok("digest", self.image, "--creds", f"canary-u:{SECRET}", "--trace", "-vv")
        encoded = base64.b64encode(f"canary-u:{SECRET}".encode()).decode()
        for canary in (SECRET, encoded):
            self.assertNotIn(canary, result.err)
        self.assertIn("Authorization: Basic (not shown)", result.err)

    def test_BAS_05_wrong_password_is_sent_once(self):
        result = self.fails(4, "digest", self.image, "--creds", "canary-u:wrong", "--trace")
        self.assertIn("regtool login", result.err)
        self.assertLessEqual(result.err.count("Authorization: Basic"), 2)  # HEAD, and GET for its words


    def test_CFG_14_login_verifies_before_it_keeps_anything(self):
        config = self.home / ".docker/config.json"
        self.fails(4, "login", self.registry.host, "-u", "canary-u", "--password-stdin", input=b"wrong\n")
        self.assertFalse(config.exists())
        (self.home / ".docker").mkdir()
        config.write_text('{"HttpHeaders": {"X": "y"}, "auths": {"other.test": {"auth": "dTpw"}}, "n": 1.50}')
        result = self.ok("login", self.registry.host, "-u", "canary-u", "--password-stdin", input=SECRET.encode() + b"\r\n")
        self.assertNotIn(SECRET, result.text + result.err)
        self.assertEqual(config.stat().st_mode & 0o777, 0o600)
        kept = json.loads(config.read_text())
        self.assertEqual(kept["auths"]["other.test"], {"auth": "dTpw"})
        self.assertEqual(kept["HttpHeaders"], {"X": "y"})
        self.ok("digest", self.image)
        self.assertEqual(self.ok("auth", "get", self.registry.host, "--jq", ".username").text, "canary-u\n")
        self.assertNotIn(SECRET, self.ok("auth", "get", self.registry.host).text)
        self.ok("logout", self.registry.host)
        self.assertEqual(list(json.loads(config.read_text())["auths"]), ["other.test"])
        self.fails(4, "digest", self.image)
        self.assertIn("no login", self.ok("logout", self.registry.host).text)
        self.assertEqual(self.regtool("auth", "get", self.registry.host).code, 1)

    def test_CFG_15_login_by_helper(self):
        folder = self.home / ".docker"
        folder.mkdir()
        (folder / "config.json").write_text('{"credsStore": "lab"}')
        helper = self.home / "docker-credential-lab"
        helper.write_text(f"""#!/bin/sh
case $1 in
store) cat > {self.home}/vault ;;
get) [ -f {self.home}/vault ] && cat {self.home}/vault || {{ echo 'credentials not found in native keychain'; exit 1; }} ;;
erase) rm -f {self.home}/vault ;;
esac
""")
        helper.chmod(0o755)
        env = {"PATH": f"{self.home}:/usr/bin:/bin"}
        self.ok("login", self.registry.host, "-u", "canary-u", "--password-stdin", input=SECRET.encode(), env=env)
        self.assertNotIn("auth\"", (folder / "config.json").read_text())
        self.ok("digest", self.image, env=env)
        self.ok("logout", self.registry.host, env=env)
        self.fails(4, "digest", self.image, env=env)

    def test_T_34_no_terminal_no_prompt(self):
        error = self.fails(2, "login", self.registry.host, input=b"")
        self.assertIn("--password-stdin", error.err)

    def doctor(self, subject, code=0, **kwargs):
        result = self.regtool("doctor", subject, "--format", "json", **kwargs)
        self.assertEqual(result.code, code, result.err)
        self.assertNotIn(SECRET, result.text)
        return {f["area"]: f for f in result.json()["findings"]}

    def test_doctor_says_which_credentials_and_what_is_offered(self):
        self.write_docker_config(self.registry.host, "canary-u", SECRET)
        findings = self.doctor(self.image)
        self.assertIn("config.json", findings["credentials"]["text"])
        self.assertEqual(findings["ranges"]["verdict"], "good")
        self.assertIn("user name and password", findings["access"]["text"])
        self.assertEqual(findings["delete"]["verdict"], "note")

    def test_doctor_says_what_is_wrong(self):
        findings = self.doctor(self.image, code=4)
        self.assertEqual(findings["access"]["verdict"], "warning")
        self.assertIn("regtool login", findings["access"]["advice"])
        self.assertEqual(self.doctor("nohost.invalid", code=5)["dns"]["verdict"], "failure")
        self.assertEqual(self.doctor("127.0.0.1:1", code=5)["connection"]["verdict"], "failure")

    def test_doctor_tries_the_password(self):
        self.write_docker_config(self.registry.host, "canary-u", "wrong")
        findings = self.doctor(self.registry.host, code=4)
        self.assertEqual(findings["access"]["verdict"], "failure")
        self.assertIn("config.json", findings["access"]["text"])
        self.assertIn("regtool login", findings["access"]["advice"])

    def test_a_refused_login_does_not_advise_to_log_in(self):
        error = self.fails(4, "login", self.registry.host, "-u", "canary-u", "--password-stdin", input=b"wrong")
        self.assertIn("check the user name and the password", error.err)
        self.assertNotIn("regtool login", error.err)

    def test_api_asks_for_manifests_of_every_kind(self):
        creds = {"REGTOOL_CREDS": f"canary-u:{SECRET}"}
        path = f"{self.registry.host}/v2/r/manifests/t"
        self.assertIn(OCI.encode(), self.ok("api", path, env=creds).out)
        # What the user says stands alone: docker-registry hides an OCI manifest from others.
        self.fails(1, "api", path, "-H", "accept: text/plain", env=creds)

    def test_api_is_curl_with_the_token_dance_done(self):
        creds = {"REGTOOL_CREDS": f"canary-u:{SECRET}"}
        host = self.registry.host
        self.assertEqual(self.ok("api", f"{host}/v2/_catalog", "--jq", ".repositories[]", env=creds).text, "r\n")
        head = self.ok("api", "-i", "HEAD", f"{host}/v2/r/manifests/t", "-H", f"Accept: {OCI}", env=creds).text
        self.assertIn("Docker-Content-Digest: sha256:", head)
        manifest = self.ok("api", "GET", f"{host}/v2/r/manifests/t", "-H", f"Accept: {OCI}", env=creds).out
        (self.home / "m.json").write_bytes(manifest)
        self.ok("api", "PUT", f"{host}/v2/r/manifests/by-api", "-H", f"Content-Type: {OCI}", "--input", self.home / "m.json", env=creds)
        self.assertEqual(self.ok("manifest", f"{host}/r:by-api", env=creds).out, manifest)
        self.fails(1, "api", f"{host}/v2/r/manifests/absent", env=creds)
        self.fails(4, "api", f"{host}/v2/_catalog")
        self.fails(2, "api", f"{host}/not-an-api")
        self.fails(2, "api", "BREW", f"{host}/v2/")


class TokenServer(lab.Case):
    """A registry with Bearer tokens, its token server beside it."""

    def setUp(self):
        super().setUp()
        self.fake = lab.FakeRegistry()
        self.addCleanup(self.fake.stop)
        self.image = f"{self.fake.host}/r:t"
        self.realm = f"http://{self.fake.host}/token"
        self.token = "canary-at-1"
        self.fake.answers["/v2/r/manifests/t"] = self.guarded
        self.fake.answers["/token"] = lambda handler: (200, {}, json.dumps({"token": self.token}).encode())

    def guarded(self, handler):
        if handler.headers.get("Authorization") == f"Bearer {self.token}":
            return 200, {"Content-Type": OCI, "Docker-Content-Digest": lab.sha256(BODY)}, BODY
        return 401, {"WWW-Authenticate": f'Basic realm="x", Bearer realm="{self.realm}",service="reg",scope="repository:r:pull"'}, b""

    def asked_token(self):
        return [r for r in self.fake.asked() if r[1].startswith("/token")]

    def test_ATH_08_anonymous_token(self):
        self.assertEqual(self.ok("manifest", self.image).out, BODY)
        (request,) = self.asked_token()
        self.assertNotIn("Authorization", request[2])
        self.assertIn("scope=repository%3Ar%3Apull", request[1])
        self.assertIn("service=reg", request[1])

    def test_ATH_08_token_with_credentials(self):
        self.write_docker_config(self.fake.host, "canary-u", SECRET)
        self.ok("manifest", self.image)
        (request,) = self.asked_token()
        self.assertTrue(request[2]["Authorization"].startswith("Basic "))
        self.assertNotIn("Basic", "".join(r[2].get("Authorization", "") for r in self.fake.asked() if r[1].startswith("/v2/")))

    def test_ATH_10_identity_token(self):
        folder = self.home / ".docker"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({"auths": {self.fake.host: {"identitytoken": "canary-rt-1"}}}))
        self.ok("manifest", self.image)
        (request,) = self.asked_token()
        self.assertEqual(request[0], "POST")
        self.assertIn(b"grant_type=refresh_token", request[3])

    def test_ATH_18_ATH_26_one_token_for_many_requests(self):
        for i in range(40):
            self.fake.answers[f"/v2/r/manifests/t{i}"] = self.guarded
        result = self.ok("digest", *[f"{self.fake.host}/r:t{i}" for i in range(40)])
        self.assertEqual(len(result.lines), 40)
        self.assertEqual(len(self.asked_token()), 1)

    def test_auth_token_prints_the_token(self):
        self.write_docker_config(self.fake.host, "canary-u", SECRET)
        self.fake.answers["/v2/"] = (401, {"WWW-Authenticate": f'Bearer realm="{self.realm}",service="reg"'}, b"")
        self.assertEqual(self.ok("auth", "token", f"{self.fake.host}/r", "--actions", "pull,push").text, self.token + "\n")
        self.assertIn("scope=repository%3Ar%3Apull%2Cpush", self.asked_token()[0][1])

    def test_api_pages(self):
        self.fake.answers["/v2/_catalog"] = lambda handler: (200, {"Content-Type": "application/json"}, b'{"repositories":["b"]}') if "last" in handler.path \
            else (200, {"Content-Type": "application/json", "Link": '</v2/_catalog?last=a>; rel="next"'}, b'{"repositories":["a"]}')
        self.assertEqual(self.ok("api", f"{self.fake.host}/v2/_catalog", "--paginate", "--jq", ".repositories[]").text, "a\nb\n")

    def test_ATH_19_a_useless_token_ends_it(self):
        self.fake.answers["/v2/r/manifests/t"] = lambda handler: (401, {"WWW-Authenticate": f'Bearer realm="{self.realm}"'}, b"")
        self.fails(4, "manifest", self.image)
        self.assertLessEqual(len(self.asked_token()), 2)

    def test_T_06_credentials_are_not_shown_to_a_strange_realm(self):
        self.write_docker_config(self.fake.host, "canary-u", SECRET)
        stranger = lab.FakeRegistry()
        self.addCleanup(stranger.stop)
        stranger.answers["/token"] = (200, {}, json.dumps({"token": self.token}).encode())
        self.realm = f"http://localhost:{stranger.port}/token"
        result = self.ok("manifest", self.image)
        self.assertIn("not shown", result.err)
        for request in stranger.asked():
            self.assertNotIn("Authorization", request[2])

    def test_ATH_06_unusable_realms(self):
        for realm in ("file:///etc/passwd", "http://user@127.0.0.1/token", "gopher://127.0.0.1/", "http://127.0.0.1/t#x"):
            with self.subTest(realm):
                self.realm = realm
                self.assertIn(self.regtool("manifest", self.image).code, (3, 4))

    def test_T_07_hostile_token_replies(self):
        for body in (b"", b"[]", b"{}", b'{"token":"a\\r\\nX: y"}', b'{"token":7}', b"x" * (200 << 10)):
            with self.subTest(body[:20]):
                self.fake.answers["/token"] = (200, {}, body)
                self.fails(3, "manifest", self.image)

    def test_ATH_21_token_server_redirects_are_refused(self):
        self.write_docker_config(self.fake.host, "canary-u", SECRET)
        stranger = lab.FakeRegistry()
        self.addCleanup(stranger.stop)
        self.fake.answers["/token"] = (302, {"Location": f"http://{stranger.host}/token"}, b"")
        self.fails(4, "manifest", self.image)
        self.assertEqual(stranger.asked(), [])


class Redirects(lab.Case):
    def test_RDR_02_credentials_stay_with_their_origin(self):
        self.write_docker_config_for = None
        storage = lab.FakeRegistry()
        self.addCleanup(storage.stop)
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        self.write_docker_config(fake.host, "canary-u", SECRET)
        blob = b"bytes of a layer"
        digest = lab.sha256(blob)

        def registry(handler):
            if "Authorization" not in handler.headers:
                return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b""
            return 307, {"Location": f"http://{storage.host}/store?signature=canary-sig"}, b""

        fake.answers[f"/v2/r/blobs/{digest}"] = registry
        storage.answers["/store"] = (200, {}, blob)
        result = self.ok("blob", "get", f"{fake.host}/r@{digest}", "--trace")
        self.assertEqual(result.out, blob)
        self.assertNotIn("canary-sig", result.err)
        (request,) = storage.asked()
        self.assertNotIn("Authorization", request[2])

    def test_RDR_01_loops_end(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        fake.answers["/v2/r/manifests/t"] = (302, {"Location": "/v2/r/manifests/t"}, b"")
        self.fails(3, "manifest", f"{fake.host}/r:t")
        self.assertLess(len(fake.asked()), 13)

    def test_T_19_other_schemes(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        for target in ("file:///etc/passwd", "ftp://127.0.0.1/x", "http://a@b/x", "", "http://x y/"):
            fake.answers["/v2/r/manifests/t"] = (302, {"Location": target}, b"")
            with self.subTest(target):
                self.fails(3, "manifest", f"{fake.host}/r:t")


class Tls(lab.Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="regtool-tls-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.certificates = lab.Certificates(cls.folder)
        cls.registry = lab.DockerRegistry(certificates=cls.certificates)
        cls.addClassCleanup(cls.registry.stop)
        cls.image = cls.registry.push(f"oci:{lab.test_layout()}:small", "r:t")

    def test_TLS_01_an_unknown_authority_is_refused(self):
        error = self.fails(5, "digest", self.image)
        self.assertIn("--cacert", error.err)
        self.assertIn("certificate", error.err)

    def test_TLS_08_cacert_and_SSL_CERT_FILE(self):
        self.ok("digest", self.image, "--cacert", self.certificates.ca)
        self.ok("digest", self.image, env={"SSL_CERT_FILE": str(self.certificates.ca)})
        self.ok("layer", "ls", self.image, "--cacert", self.certificates.ca)

    def test_TLS_02_certs_d(self):
        for root, args in ((self.home / ".config/containers/certs.d", []), (self.home / "named", ["--certs-dir", self.home / "named"])):
            with self.subTest(root):
                folder = root / self.registry.host
                folder.mkdir(parents=True)
                shutil.copy(self.certificates.ca, folder / "ca.crt")
                self.ok("digest", self.image, *args)
                shutil.rmtree(root)
                self.fails(5, "digest", self.image, *args)

    def test_TLS_09_insecure_is_for_the_named_host_only(self):
        self.ok("digest", self.image, "--insecure-tls", self.registry.host)
        self.fails(5, "digest", self.image, "--insecure-tls", "127.0.0.2")

    def test_INS_03_a_certificate_error_never_leads_to_http(self):
        self.assertNotIn("http://", self.fails(5, "digest", self.image, "--trace").err)

    def test_doctor_reads_the_certificate(self):
        result = self.ok("doctor", self.image, "--cacert", self.certificates.ca)
        self.assertRegex(result.text, "ends in [12] days")
        self.assertIn("renew the certificate", result.text)
        self.assertIn("--cacert", self.fails_quietly(5, "doctor", self.registry.host).text)

    def fails_quietly(self, code, *args):
        result = self.regtool(*args)
        self.assertEqual(result.code, code)
        return result

    def test_metadata_over_http2_for_many(self):
        self.ok("digest", *[self.image] * 20, "--cacert", self.certificates.ca)

    def test_T_18_plain_http_must_be_said(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        fake.add_manifest("r", "t", BODY)
        # A loopback literal may speak http unasked; a host that must speak TLS may not.
        self.ok("manifest", f"{fake.host}/r:t")


if __name__ == "__main__":
    unittest.main()
