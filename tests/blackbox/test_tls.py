"""TLS: who is believed, who sees a client certificate, and that nothing ever falls back to plain http."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import fronts
import lab

MANIFEST = lab.EMPTY_MANIFEST


class Authority:
    """A certificate authority that makes certificates of every kind, good and bad."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca = self.folder / "ca.pem"
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=lab authority",
                 "-keyout", self.folder / "ca.key", "-out", self.ca)

    def run(self, *args):
        subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)

    def issue(self, name, alt="IP:127.0.0.1,DNS:localhost", subject="/CN=server", days=(("-days", "2")), client=False,
              self_signed=False):
        made = Issued(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        if made.cert.exists():
            return made
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-keyout", made.key, "-out", self.folder / "csr")
        usage = "clientAuth" if client else "serverAuth"
        (self.folder / "ext").write_text(f"extendedKeyUsage={usage}\n" + (f"subjectAltName={alt}\n" if alt else ""))
        signer = ("-signkey", made.key) if self_signed else ("-CA", self.ca, "-CAkey", self.folder / "ca.key", "-CAcreateserial")
        self.run("x509", "-req", "-in", self.folder / "csr", *signer, *days, "-extfile", self.folder / "ext", "-out", made.cert)
        return made

    def issue_between(self, name, start, end):
        """By `openssl ca`, which alone can choose both dates."""
        made = Issued(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        if made.cert.exists():
            return made
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=server", "-keyout", made.key, "-out", self.folder / "csr")
        (self.folder / "index.txt").write_text("")
        (self.folder / "ca.conf").write_text(f"""
[ca]\ndefault_ca = lab\n[lab]\ndatabase = {self.folder}/index.txt\nnew_certs_dir = {self.folder}\nrand_serial = yes
default_md = sha256\npolicy = any\nx509_extensions = ext\n[any]\ncommonName = supplied\n[ext]
subjectAltName = IP:127.0.0.1\n""")
        self.run("ca", "-batch", "-notext", "-config", self.folder / "ca.conf", "-cert", self.ca, "-keyfile",
                 self.folder / "ca.key", "-in", self.folder / "csr", "-startdate", start, "-enddate", end, "-out", made.cert)
        return made


class Issued:
    def __init__(self, cert, key):
        self.cert = cert
        self.key = key


class TlsCase(lab.Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="regtool-tls-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.authority = Authority(cls.folder)

    def server(self, certificates):
        fake = lab.FakeRegistry(certificates=certificates)
        self.addCleanup(fake.stop)
        fake.add_manifest("r", "t", MANIFEST)
        return fake

    def nginx(self, *args, **kwargs):
        front = fronts.Nginx(*args, **kwargs)
        self.addCleanup(front.stop)
        return front


class Identity(TlsCase):
    def test_T_47_TLS_01_certificates_that_must_not_be_believed(self):
        cases = {
            "expired": (self.authority.issue_between("expired", "20200101000000Z", "20200201000000Z"), "expired"),
            "not yet": (self.authority.issue_between("notyet", "20900101000000Z", "20910101000000Z"), "not yet valid"),
            "self-signed": (self.authority.issue("selfsigned", self_signed=True), "self-signed"),
            "wrong name": (self.authority.issue("wrongname", alt="DNS:other.test"), "127.0.0.1"),
            "another name in CN": (self.authority.issue("cn", alt=None, subject="/CN=other.test"), ""),
            "two labels under a wildcard": (self.authority.issue("wild", alt="DNS:*.test", subject="/CN=x"), ""),
            "IP as a DNS name": (self.authority.issue("ipasdns", alt="DNS:127.0.0.1"), ""),
        }
        for name, (certificate, words) in cases.items():
            with self.subTest(name):
                fake = self.server(certificate)
                error = self.fails(5, "manifest", f"{fake.host}/r:t", "--cacert", self.authority.ca, "--retries", "0", "--trace")
                self.assertIn("does not verify", error.err)
                self.assertIn(words, error.err)
                self.assertNotIn("http://", error.err)
                self.assertEqual(fake.asked(), [])

    def test_TLS_11_names_and_addresses(self):
        fake = self.server(self.authority.issue("good"))
        for host in (fake.host, f"localhost:{fake.port}"):
            self.ok("manifest", f"{host}/r:t", "--cacert", self.authority.ca)
        only_name = self.server(self.authority.issue("onlyname", alt="DNS:localhost"))
        self.ok("manifest", f"localhost:{only_name.port}/r:t", "--cacert", self.authority.ca)
        self.fails(5, "manifest", f"{only_name.host}/r:t", "--cacert", self.authority.ca)

    def test_T_18_INS_03_no_clear_text_where_TLS_fails(self):
        # A port that speaks http only, under a name that is not loopback's and not named: https or nothing.
        fake = lab.FakeRegistry()
        self.addCleanup(fake.stop)
        fake.add_manifest("r", "t", MANIFEST)
        proxy = fronts.Proxy(("127.0.0.1", fake.port))
        self.addCleanup(proxy.stop)
        error = self.fails(5, "manifest", "reg.test/r:t", "--retries", "0", env={"https_proxy": proxy.host, "http_proxy": proxy.host})
        self.assertIn("--plain-http reg.test", error.err)
        self.assertEqual(fake.asked(), [])
        self.assertTrue(all(head.startswith("CONNECT reg.test:443") for head in proxy.heads))
        # Named, it is spoken to in the clear, and says so with credentials.
        result = self.regtool("manifest", "reg.test/r:t", "--plain-http", "reg.test", env={"http_proxy": proxy.host})
        self.assertTrue(proxy.heads[-1].startswith("GET http://reg.test/"), result.err)

    def test_TLS_08_certificate_files_that_are_of_no_use(self):
        fake = self.server(self.authority.issue("good"))
        missing = self.home / "missing.pem"
        error = self.fails(10, "manifest", f"{fake.host}/r:t", "--cacert", missing)
        self.assertIn(str(missing), error.err)
        (self.home / "odd.pem").write_text("no certificate")
        error = self.fails(5, "manifest", f"{fake.host}/r:t", "--cacert", self.home / "odd.pem")
        self.assertIn("PEM", error.err)
        self.assertEqual(fake.asked(), [])

    def test_TLS_08_the_table_of_a_host_beats_the_rest_of_the_file(self):
        fake = self.server(self.authority.issue("good"))
        (self.home / "c.toml").write_text(f'cacert = "{self.home}/missing.pem"\n'
                                          f'[host."{fake.host}"]\ncacert = "{self.authority.ca}"\n')
        self.ok("manifest", f"{fake.host}/r:t", "--config", self.home / "c.toml")
        self.fails(10, "manifest", f"{fake.host}/r:t", "--config", self.home / "c.toml", "--cacert", self.home / "missing.pem")

    def test_TLS_12_T_33_SSLKEYLOGFILE_is_ignored(self):
        fake = self.server(self.authority.issue("good"))
        keys = self.home / "keys.log"
        self.ok("manifest", f"{fake.host}/r:t", "--cacert", self.authority.ca, env={"SSLKEYLOGFILE": str(keys)})
        self.assertFalse(keys.exists())

    def test_TLS_09_an_unverified_host_is_said_so_once(self):
        fake = self.server(self.authority.issue("good"))
        result = self.ok("digest", *[f"{fake.host}/r:t"] * 3, "--insecure-tls", fake.host)
        self.assertEqual(result.err.count("is not verified"), 1)


class ClientCertificates(TlsCase):
    def setUp(self):
        super().setUp()
        self.client = self.authority.issue("client", alt=None, subject="/CN=client", client=True)
        self.fake = lab.FakeRegistry()
        self.addCleanup(self.fake.stop)
        self.fake.add_manifest("r", "t", MANIFEST)
        self.demands = f"ssl_client_certificate {self.authority.ca}; ssl_verify_client on;"
        self.asks = f"ssl_client_certificate {self.authority.ca}; ssl_verify_client optional;"
        self.server_certificate = self.authority.issue("good")

    def test_TLS_04_TLS_02_a_client_certificate_by_flag_file_and_folder(self):
        front = self.nginx(self.server_certificate, backend=self.fake.host, extra=self.demands)
        image = f"{front.host}/r:t"
        self.assertNotEqual(self.regtool("manifest", image, "--cacert", self.authority.ca).code, 0)
        self.ok("manifest", image, "--cacert", self.authority.ca, "--cert", self.client.cert, "--key", self.client.key)
        (self.home / "c.toml").write_text(f'[host."{front.host}"]\ncacert = "{self.authority.ca}"\n'
                                          f'cert = "{self.client.cert}"\nkey = "{self.client.key}"\n')
        self.ok("manifest", image, "--config", self.home / "c.toml")
        for root in (".config/containers/certs.d", ".config/docker/certs.d"):
            with self.subTest(root):
                folder = self.home / root / front.host
                folder.mkdir(parents=True)
                shutil.copy(self.authority.ca, folder / "ca.crt")
                shutil.copy(self.client.cert, folder / "me.cert")
                shutil.copy(self.client.key, folder / "me.key")
                self.ok("manifest", image)
                # TLS-05: half a pair is an error with a hint.
                (folder / "me.key").unlink()
                self.assertIn(".crt", self.fails(2, "manifest", image).err)
                shutil.rmtree(folder)

    def test_TLS_07_T_47_no_client_certificate_behind_a_redirect_or_at_a_token_server(self):
        store = self.nginx(self.server_certificate, backend=self.fake.host, extra=self.asks)
        location = f"https://localhost:{store.port}/v2/r/manifests/t"
        front = self.nginx(self.server_certificate, backend=self.fake.host,
                           extra=self.demands + f"location /v2/r/manifests/ {{ return 307 {location}; }}")
        result = self.regtool("manifest", f"{front.host}/r:t", "--cacert", self.authority.ca, "--cert", self.client.cert,
                              "--key", self.client.key, env={"SSL_CERT_FILE": str(self.authority.ca)})
        self.assertEqual(result.code, 0, result.err)
        self.assertTrue(front.seen() and all(line.startswith("SUCCESS") for line in front.seen()), front.seen())
        self.assertTrue(store.seen() and all(line.startswith("NONE") for line in store.seen()), store.seen())

    def test_TLS_06_an_encrypted_key_is_no_prompt(self):
        locked = self.folder / "locked.key"
        self.authority.run("rsa", "-aes128", "-passout", "pass:x", "-in", self.client.key, "-out", locked)
        front = self.nginx(self.server_certificate, backend=self.fake.host, extra=self.demands)
        self.fails(5, "manifest", f"{front.host}/r:t", "--cacert", self.authority.ca, "--cert", self.client.cert, "--key", locked,
                   timeout=20)


class Fronts(TlsCase):
    """A real registry behind nginx: what users have."""

    def setUp(self):
        super().setUp()
        self.registry = lab.DockerRegistry()
        self.addCleanup(self.registry.stop)
        self.registry.push(f"oci:{lab.test_layout()}:small", "r:t")

    def test_TLS_13_http2_and_all_commands_through_a_front(self):
        front = self.nginx(self.authority.issue("good"), backend=self.registry.host)
        image = f"{front.host}/r:t"
        trust = ("--cacert", self.authority.ca)
        self.ok("digest", *[image] * 20, *trust)
        self.assertTrue(any("HTTP/2.0" in line for line in front.seen()), front.seen())
        self.ok("layer", "ls", image, *trust)
        self.ok("blob", "verify", image, "--layer", "-1", *trust)
        self.ok("retag", image, "t2", *trust)
        doctor = self.ok("doctor", image, *trust).text
        self.assertIn("HTTP/2", doctor)

    def test_INS_04_insecure_of_registries_conf_is_tried_in_order(self):
        front = self.nginx(self.authority.issue("good"), backend=self.registry.host)
        conf = self.home / "registries.conf"
        conf.write_text(f'[[registry]]\nlocation = "{front.host}"\ninsecure = true\n')
        verified = self.ok("digest", f"{front.host}/r:t", "--registries-conf", conf, "--cacert", self.authority.ca)
        self.assertNotIn("is not verified", verified.err)
        unverified = self.ok("digest", f"{front.host}/r:t", "--registries-conf", conf)
        self.assertIn("is not verified", unverified.err)
        conf.write_text(f'[[registry]]\nlocation = "{self.registry.host}"\ninsecure = true\n')
        self.ok("digest", f"{self.registry.host}/r:t", "--registries-conf", conf)

    def test_doctor_shows_whose_certificate_was_refused(self):
        front = self.nginx(self.authority.issue("good"), backend=self.registry.host)
        result = self.regtool("doctor", front.host)
        self.assertEqual(result.code, 5)
        self.assertIn("lab authority", result.text)
        self.assertIn("localhost", result.text)
        self.assertIn("--cacert", result.text)


if __name__ == "__main__":
    unittest.main()
