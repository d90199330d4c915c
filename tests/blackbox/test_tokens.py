"""Bearer tokens that a real registry verifies: what is asked for must be what it needs."""

import unittest

import lab

CREDS = "canary-u:canary-p-7f3a"


class RealTokens(lab.Case):
    @classmethod
    def setUpClass(cls):
        cls.tokens = lab.TokenServer(users=dict([CREDS.split(":")]))
        cls.addClassCleanup(cls.tokens.stop)
        cls.registry = lab.DockerRegistry(tokens=cls.tokens)
        cls.addClassCleanup(cls.registry.stop)
        source = f"oci:{lab.test_layout()}:small"
        cls.public = cls.registry.push(source, "public/app:t", f"--dest-creds={CREDS}")
        cls.private = cls.registry.push(source, "private/app:t", f"--dest-creds={CREDS}")

    def setUp(self):
        super().setUp()
        self.tokens.lifetime = 300
        self.tokens.requests.clear()

    def test_ATH_08_anybody_pulls_what_is_public(self):
        self.ok("layer", "ls", self.public)
        self.assertEqual(len(self.tokens.requests), 1)
        self.assertNotIn("Authorization", self.tokens.requests[0][2])

    def test_what_is_private_needs_credentials(self):
        self.fails(4, "digest", self.private)
        self.fails(4, "digest", self.private, "--creds", "canary-u:wrong")
        self.ok("digest", self.private, "--creds", CREDS)

    def test_pushing_asks_for_push(self):
        self.fails(4, "retag", self.public, "t2")
        self.ok("retag", self.public, "t2", "--creds", CREDS)
        self.assertEqual(self.ok("digest", f"{self.public}2").text, self.ok("digest", self.public).text)

    def test_a_mount_asks_for_both_repositories(self):
        target = f"{self.registry.host}/private/copy:t"
        self.ok("retag", self.public, target, "--creds", CREDS)
        self.assertEqual(self.ok("digest", target, "--creds", CREDS).text, self.ok("digest", self.public).text)
        self.ok("layer", "get", target, "-1", "-o", self.home / "layer", "--creds", CREDS)

    def test_catalog_and_tags(self):
        refused = self.regtool("catalog", self.registry.host)
        self.assertNotEqual(refused.code, 0)
        self.assertIn("regtool login", refused.err)
        self.assertIn("private/app", self.ok("catalog", self.registry.host, "--creds", CREDS).lines)
        self.assertIn("t", self.ok("tags", f"{self.registry.host}/public/app").lines)

    def test_ATH_14_a_token_that_allows_less_than_was_asked_for(self):
        private = self.private.removesuffix(":t")
        token = self.ok("auth", "token", private, "--format", "json")
        self.assertEqual(token.json()["granted"], [])
        self.assertIn("allows less than was asked for: nothing", token.err)
        token = self.ok("auth", "token", private, "--creds", CREDS, "--actions", "pull,push", "--format", "json")
        self.assertEqual(token.json()["granted"], ["repository:private/app:pull,push"])
        self.assertNotIn("less", token.err)
        doctor = self.regtool("doctor", self.private)
        self.assertEqual(doctor.code, 4)
        self.assertIn("the token allows nothing", doctor.text)
        self.assertIn("the token allows repository:private/app:pull", self.ok("doctor", self.private, "--creds", CREDS).text)

    def test_api_deletes_by_digest_only(self):
        path = f"{self.registry.host}/v2/private/app/manifests/t"
        self.fails(3, "api", "DELETE", path, "--creds", CREDS)
        self.ok("api", path, "--creds", CREDS, "--jq", ".schemaVersion")

    def test_ATH_19_tokens_that_are_over_do_not_loop(self):
        self.tokens.lifetime = -400
        self.fails(4, "digest", self.public)
        self.assertLessEqual(len(self.tokens.requests), 4)


if __name__ == "__main__":
    unittest.main()
