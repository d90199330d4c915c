"""What is made of a registry's answers: manifests, blobs, lists, errors and limits."""

import json
import os
import pty
import subprocess
import time
import unittest

import lab

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
PORTAL = (200, {"Content-Type": "text/html"}, b"<html>log in</html>")


class Answers(lab.Case):
    def setUp(self):
        super().setUp()
        self.fake = lab.FakeRegistry()
        self.addCleanup(self.fake.stop)
        self.image = f"{self.fake.host}/r:t"

    def add_index(self, comment):
        """An index of one image, under `comment` as a tag; returns its answer."""
        config = json.dumps({"architecture": "amd64", "os": "linux", "author": comment,
                             "rootfs": {"type": "layers", "diff_ids": []}}).encode()
        self.fake.add_blob("r", config)
        child = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [], "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json", "digest": lab.sha256(config),
            "size": len(config)}}).encode()
        digest = self.fake.add_manifest("r", f"{comment}-child", child)
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
            {"mediaType": MANIFEST, "digest": digest, "size": len(child),
             "platform": {"os": "linux", "architecture": "amd64"}}]}).encode()
        self.fake.add_manifest("r", comment, index, INDEX)
        return self.fake.answers[f"/v2/r/manifests/{comment}"]

    # Manifests

    def test_MAN_02_one_accept_line_for_head_and_get(self):
        self.fake.answers["/v2/r/manifests/t"] = self.add_index("t")
        self.ok("digest", self.image)
        self.ok("manifest", self.image)
        lines = {method: {r[2]["Accept"] for r in self.fake.asked(method)} for method in ("HEAD", "GET")}
        self.assertEqual(len(lines["HEAD"]), 1)
        self.assertEqual(lines["HEAD"], lines["GET"])

    def test_MAN_09_MAN_13_a_tag_that_moves_between_requests(self):
        first, second = self.add_index("first"), self.add_index("second")
        for command in (["config"], ["inspect", "--format", "json"], ["manifest", "--platform", "linux/amd64"],
                        ["digest", "--platform", "linux/amd64"], ["history"], ["size"]):
            with self.subTest(command=command):
                said = []
                for answer in (first, second):
                    self.fake.answers["/v2/r/manifests/t"] = answer
                    said.append(self.ok(*command, self.image).out)
                turns = iter([first] + [second] * 100)
                self.fake.answers["/v2/r/manifests/t"] = lambda handler, turns=turns: next(turns)
                self.assertIn(self.ok(*command, self.image).out, said)

    def test_MAN_11_the_base_is_not_what_decides(self):
        self.fake.answers["/v2/r/manifests/t"] = self.add_index("t")
        for base in (PORTAL, (404, {}, b"")):
            self.fake.answers["/v2/"] = base
            self.ok("digest", self.image)
        self.fake.answers["/v2/r/manifests/t"] = PORTAL
        self.assertIn("web page", self.fails(3, "manifest", self.image).err)

    # Blobs

    def test_BLB_10_a_blob_without_a_length(self):
        body = os.urandom(300_000)

        def chunked(whole):
            def answer(handler):
                handler.send_response(200)
                handler.send_header("Transfer-Encoding", "chunked")
                handler.end_headers()
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(body), body) + (b"0\r\n\r\n" if whole else b""))
                handler.close_connection = True
            return answer

        name = f"{self.fake.host}/r@{lab.sha256(body)}"
        self.fake.answers[f"/v2/r/blobs/{lab.sha256(body)}"] = chunked(True)
        self.assertEqual(self.ok("blob", "get", name).out, body)
        # All bytes came, but the message did not end.
        self.fake.answers[f"/v2/r/blobs/{lab.sha256(body)}"] = chunked(False)
        self.fails(5, "blob", "get", name, "-o", self.home / "file", "--retries", 0)
        self.assertFalse((self.home / "file").exists())

    def test_BLB_11_a_file_stands_only_when_verified(self):
        name = f"{self.fake.host}/r@{self.fake.add_blob('r', b'wrong', lab.sha256(b'right'))}"
        (self.home / "file").write_bytes(b"the old one")
        self.fails(7, "blob", "get", name, "-o", self.home / "file")
        self.assertEqual((self.home / "file").read_bytes(), b"the old one")
        self.fails(7, "blob", "get", name)

    # Lists

    def test_LST_10_a_list_that_breaks_off(self):
        for broken, code in (((500, {}, b""), 3), ((200, {}, b"{"), 3), (PORTAL, 3)):
            self.fake.answers["/v2/r/tags/list"] = lambda handler, broken=broken: (
                broken if "last=" in handler.path else
                (200, {"Link": '</v2/r/tags/list?last=b&n=2>; rel="next"'}, b'{"name":"r","tags":["a","b"]}'))
            result = self.fails(code, "tags", f"{self.fake.host}/r", "--retries", 0)
            self.assertEqual(result.lines, ["a", "b"])
            self.assertIn("incomplete", result.err)

    def test_LST_11_tags_that_are_none(self):
        tags = ["good", "x" * 129, "\x1b[31mred", "a b", "new\nline", ""]
        self.fake.answers["/v2/r/tags/list"] = (200, {}, json.dumps({"name": "r", "tags": tags}).encode())
        result = self.ok("tags", f"{self.fake.host}/r")
        self.assertEqual(result.text, "good\n")
        self.assertNotIn("\x1b", result.err)
        huge = b'{"name":"r","tags":["a"], "x":"' + b"x" * (65 << 20) + b'"}'
        self.fake.answers["/v2/r/tags/list"] = (200, {}, huge)
        self.fails(3, "tags", f"{self.fake.host}/r")

    # Errors, warnings and limits

    def test_WRN_01_WRN_05_a_warning_is_told_and_changes_nothing(self):
        self.fake.add_manifest("r", "t", b'{"schemaVersion":2,"mediaType":"%s","layers":[],"config":{"mediaType":"a/b",'
                               b'"digest":"%s","size":2}}' % (MANIFEST.encode(), lab.sha256(b"{}").encode()),
                               headers={"Warning": '299 - "this \\"repository\\" moves"'})
        result = self.ok("manifest", self.image)
        self.assertEqual(result.err, f"warning: registry warning ({self.fake.host}): this \"repository\" moves\n")
        self.assertNotIn(b"moves", result.out)
        self.assertEqual(self.ok("manifest", self.image, "--quiet").err, "")

    def on_a_terminal(self, *args):
        main, side = pty.openpty()
        process = subprocess.Popen([lab.REGTOOL, *map(str, args)], stdin=side, stdout=side, stderr=side,
                                   env=self.environment(), cwd=self.home)
        os.close(side)
        try:
            while os.read(main, 4096):
                pass
        except OSError:
            pass  # the program has closed its end
        finally:
            os.close(main)
        return process.wait(20)

    def test_ERR_10_one_failure_one_exit_code(self):
        self.fake.answers["/v2/r/manifests/web"] = PORTAL
        self.fake.answers["/v2/r/manifests/denied"] = (403, {}, b"")
        self.fake.answers["/v2/r/manifests/limited"] = (429, {"Retry-After": "3600"}, b"")
        self.fake.answers["/v2/r/manifests/bad"] = (200, {"Content-Type": MANIFEST}, b"{}")
        for tag in ("absent", "web", "denied", "limited", "bad"):
            args = ("config", f"{self.fake.host}/r:{tag}")
            with self.subTest(tag):
                text = self.regtool(*args).code
                self.assertNotEqual(text, 0)
                self.assertEqual(self.regtool(*args, "--format", "json").code, text)
                self.assertEqual(self.on_a_terminal(*args), text)

    def test_RAT_04_a_limit_of_hours_is_not_waited_for(self):
        self.fake.answers["/v2/r/manifests/t"] = (429, {"Retry-After": "21600"}, json.dumps(
            {"errors": [{"code": "TOOMANYREQUESTS", "message": "You have reached your pull rate limit."}]}).encode())
        started = time.monotonic()
        error = self.fails(6, "manifest", self.image)
        self.assertLess(time.monotonic() - started, 10)
        self.assertEqual(len(self.fake.asked()), 1)
        self.assertIn("pull rate limit", error.err)


if __name__ == "__main__":
    unittest.main()
