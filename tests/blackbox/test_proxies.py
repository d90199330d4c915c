"""Proxies from the environment, files of other programs that must not matter, and mirrors."""

import base64
import json
import pathlib
import shutil
import tempfile
import unittest

import fronts
import lab

MANIFEST = lab.EMPTY_MANIFEST
SECRET = "canary-p-7f3a"


class Proxies(lab.Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="regtool-proxies-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.certificates = lab.Certificates(cls.folder)

    def setUp(self):
        super().setUp()
        self.fake = lab.FakeRegistry(certificates=self.certificates)
        self.addCleanup(self.fake.stop)
        self.fake.add_manifest("r", "t", MANIFEST)

    def proxy(self, **kwargs):
        proxy = fronts.Proxy(("127.0.0.1", self.fake.port), **kwargs)
        self.addCleanup(proxy.stop)
        return proxy

    def test_PXY_01_PXY_04_CONNECT_with_the_proxys_own_credentials(self):
        proxy = self.proxy()
        self.write_docker_config("reg.test", "canary-u", SECRET)
        user = base64.b64encode(b"px:canary-px").decode()
        for variable in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            with self.subTest(variable):
                result = self.ok("manifest", "reg.test/r:t", "--insecure-tls", "reg.test", "--insecure-credentials",
                                 "reg.test", "--trace", env={variable: f"http://px:canary-px@{proxy.host}"})
                self.assertNotIn("canary", result.err)
                self.assertIn(f"by way of http://{proxy.host}", result.err)
        for head in proxy.heads:
            self.assertTrue(head.startswith("CONNECT reg.test:443 "))
            self.assertIn(f"Proxy-Authorization: Basic {user}", head)
            self.assertNotIn(base64.b64encode(f"canary-u:{SECRET}".encode()).decode(), head)
        for request in self.fake.asked():
            self.assertNotIn("Proxy-Authorization", request[2])

    def test_PXY_01_HTTP_PROXY_in_capitals_is_not_read(self):
        proxy = self.proxy()
        self.regtool("manifest", "reg.invalid/r:t", "--plain-http", "reg.invalid", "--retries", "0",
                     env={"HTTP_PROXY": f"http://{proxy.host}"})
        self.assertEqual(proxy.heads, [])

    def test_PXY_04_a_proxy_that_refuses(self):
        for status in ("407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway"):
            with self.subTest(status):
                proxy = self.proxy(refuse=status)
                error = self.fails(5, "manifest", "reg.test/r:t", "--retries", "0",
                                   env={"https_proxy": f"http://px:canary-px@{proxy.host}"})
                self.assertIn(f"proxy http://{proxy.host} failed", error.err)
                self.assertIn(status[:3], error.err)
                self.assertNotIn("canary", error.err)
        error = self.fails(5, "manifest", "reg.test/r:t", "--retries", "0",
                           env={"https_proxy": f"http://px:canary-px@127.0.0.1:{lab.free_port()}"})
        self.assertIn("proxy http://127.0.0.1:", error.err)
        self.assertNotIn("canary", error.err)

    def test_PXY_04_T_33_an_unusable_proxy_is_not_repeated(self):
        error = self.fails(2, "manifest", "reg.test/r:t", env={"https_proxy": "http://px:canary/px@127.0.0.1:3128"})
        self.assertIn("https_proxy", error.err)
        self.assertNotIn("canary", error.err)

    def test_PXY_02_PXY_03_who_is_not_proxied(self):
        proxy = self.proxy()
        env = {"https_proxy": f"http://{proxy.host}", "http_proxy": f"http://{proxy.host}"}
        self.ok("manifest", f"{self.fake.host}/r:t", "--cacert", self.certificates.ca, env=env)
        self.regtool("manifest", "reg.invalid/r:t", "--retries", "0", env={**env, "no_proxy": "other, .invalid"})
        self.regtool("manifest", "reg.invalid/r:t", "--retries", "0", env={**env, "NO_PROXY": "*"})
        self.assertEqual(proxy.heads, [])
        self.regtool("manifest", "reg.invalid/r:t", "--retries", "0", env={**env, "no_proxy": "x", "NO_PROXY": "*"})
        self.assertEqual(len(proxy.heads), 1)

    def test_PXY_06_literal_addresses_are_judged_through_a_proxy_too(self):
        self.fake.answers["/v2/r/manifests/t"] = (307, {"Location": "https://169.254.169.254/latest"}, b"")
        proxy = self.proxy()
        self.assertNotEqual(self.regtool("manifest", "reg.test/r:t", "--insecure-tls", "reg.test", "--retries", "0",
                                         env={"https_proxy": f"http://{proxy.host}"}).code, 0)
        self.assertFalse([head for head in proxy.heads if "169.254" in head])

    def test_PXY_05_a_socks_proxy_is_spoken_to_as_one(self):
        proxy = self.proxy()
        # The lab's proxy is none; the words must come from the attempt, and no request may go around it.
        self.fails(5, "manifest", "reg.test/r:t", "--retries", "0", "--timeout", "20s", "--connect-timeout", "2s",
                   env={"https_proxy": f"socks5h://{proxy.host}"})
        self.assertEqual(self.fake.asked(), [])

    def test_doctor_through_a_proxy(self):
        proxy = self.proxy()
        result = self.regtool("doctor", "reg.test", "--insecure-tls", "reg.test", "--format", "json",
                              env={"https_proxy": f"http://px:canary-px@{proxy.host}"})
        findings = {f["area"]: f for f in result.json()["findings"]}
        self.assertEqual(findings["proxy"]["text"], f"by way of http://{proxy.host}")
        self.assertIn("the proxy", findings["dns"]["text"])
        self.assertNotIn("canary", result.text + result.err)


class OtherPrograms(lab.Case):
    def test_PXY_07_T_05_files_of_curl_do_not_matter(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        fake.add_manifest("r", "t", MANIFEST)
        (self.home / ".netrc").write_text("default login canary-u password canary-p\n")
        (self.home / "_netrc").write_text("default login canary-u password canary-p\n")
        (self.home / ".curlrc").write_text("user = canary-u:canary-p\nproxy = http://127.0.0.1:1\nheader = \"X: canary\"\n")
        (self.home / ".curl-hsts").write_text('127.0.0.1 "20991231 00:00:00"\n')
        self.ok("manifest", f"{fake.host}/r:t", env={"CURL_HOME": str(self.home), "NETRC": str(self.home / ".netrc")})
        self.assertNotIn("canary", repr(fake.asked()))
        self.assertNotIn("Cookie", repr(fake.asked()))

    def test_PXY_07_cookies_are_not_kept(self):
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        fake.add_manifest("r", "t", MANIFEST, headers={"Set-Cookie": "canary=1"})
        self.ok("digest", *[f"{fake.host}/r:t"] * 4)
        self.assertNotIn("Cookie", "".join(name for r in fake.asked() for name in r[2]))


class Mirrors(lab.Case):
    """Credentials and writes at mirrors."""

    def setUp(self):
        super().setUp()
        self.primary, self.mirror = lab.FakeRegistry(), lab.FakeRegistry()
        for fake in (self.primary, self.mirror):
            self.addCleanup(fake.stop)
        self.digest = lab.sha256(MANIFEST)
        self.image = f"{self.primary.host}/r:t"
        self.conf = self.home / "registries.conf"
        self.conf.write_text(f'[[registry]]\nlocation = "{self.primary.host}"\n'
                             f'[[registry.mirror]]\nlocation = "{self.mirror.host}"\n')
        self.env = {"CONTAINERS_REGISTRIES_CONF": str(self.conf)}

    @staticmethod
    def basic(fake):
        def answer(handler):
            if "Authorization" in handler.headers:
                return 200, {"Content-Type": "application/vnd.oci.image.manifest.v1+json",
                             "Docker-Content-Digest": lab.sha256(MANIFEST)}, MANIFEST
            return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b""
        fake.answers["/v2/r/manifests/t"] = answer

    @staticmethod
    def shown(fake):
        return [r[2]["Authorization"] for r in fake.asked() if "Authorization" in r[2]]

    def test_MIR_06_creds_are_for_the_named_registry(self):
        self.basic(self.primary)
        self.basic(self.mirror)
        self.ok("manifest", self.image, env={**self.env, "REGTOOL_CREDS": f"canary-u:{SECRET}"})
        self.assertTrue(self.mirror.asked())
        self.assertEqual(self.shown(self.mirror), [])
        self.assertEqual(len(set(self.shown(self.primary))), 1)

    def test_MIR_06_a_mirror_has_its_own(self):
        self.basic(self.primary)
        self.basic(self.mirror)
        self.write_docker_config(self.mirror.host, "mirror-u", "mirror-p")
        self.ok("manifest", self.image, env={**self.env, "REGTOOL_CREDS": f"canary-u:{SECRET}"})
        self.assertEqual(self.shown(self.mirror), ["Basic " + base64.b64encode(b"mirror-u:mirror-p").decode()])
        self.assertEqual(self.primary.asked(), [])

    def test_MIR_05_MIR_07_what_a_mirror_may_answer(self):
        self.primary.add_manifest("r", "t", MANIFEST)
        other = MANIFEST + b" "
        self.mirror.add_manifest("r", "t", other)
        # By tag a mirror is trusted; by digest its bytes must be right, or the next place is asked.
        self.assertEqual(self.ok("manifest", self.image, env=self.env).out, other)
        self.mirror.answers[f"/v2/r/manifests/{self.digest}"] = (200, {}, other)
        self.assertEqual(self.ok("manifest", f"{self.primary.host}/r@{self.digest}", env=self.env).out, MANIFEST)
        for status in (401, 404, 500):
            with self.subTest(status):
                self.mirror.answers["/v2/r/manifests/t"] = (status, {}, b"")
                self.assertEqual(self.ok("manifest", self.image, "--retries", "0", env=self.env).out, MANIFEST)

    def test_MIR_04_login_never_goes_to_a_mirror(self):
        self.basic(self.primary)
        self.primary.answers["/v2/"] = self.primary.answers["/v2/r/manifests/t"]
        self.ok("login", self.primary.host, "-u", "canary-u", "--password-stdin", input=SECRET.encode(), env=self.env)
        self.assertEqual(self.mirror.asked(), [])

    def test_MIR_02_a_blocked_registry_is_asked_nothing(self):
        self.conf.write_text(f'[[registry]]\nlocation = "{self.primary.host}"\nblocked = true\n')
        for command in (("manifest",), ("digest",), ("tags",), ("doctor",)):
            with self.subTest(command):
                subject = f"{self.primary.host}/r" if command == ("tags",) else self.image
                self.assertEqual(self.regtool(*command, subject, env=self.env).code, 4)
        self.assertEqual(self.primary.asked(), [])

    def test_doctor_names_the_mirrors(self):
        self.primary.add_manifest("r", "t", MANIFEST)
        self.assertIn(self.mirror.host, self.regtool("doctor", self.image, env=self.env).text)


if __name__ == "__main__":
    unittest.main()
