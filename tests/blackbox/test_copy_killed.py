"""copy and pull, killed at random moments and run again."""

import hashlib
import json
import time
import unittest

import lab
import test_copy

setUpModule = test_copy.setUpModule


class Killed(test_copy.Base):
    """Kill -9 at random moments, then run again: the result is always right (F-25, F-26)."""

    moments = 50

    def kill_at_random_moments(self, arguments, check_killed, check_done):
        started = time.monotonic()
        self.ok(*arguments(0))
        longest = time.monotonic() - started
        killed = 0
        for i in range(1, self.moments + 1):
            command = arguments(i)
            killed += self.kill_within(longest, *command)
            check_killed(i)
            self.ok(*command)
            check_done(i)
        self.assertGreater(killed, self.moments // 4, "the moments must lie within the run")

    def test_C6_copy(self):
        expected = test_copy.raw(f"docker://{self.app}:multi")
        repository = lambda i: f"{test_copy.target.host}/killed{i}/app"

        def check_killed(i):
            # The tag is not there, or all of it is: docker-registry keeps no manifest without its parts.
            found = self.regtool("manifest", f"{repository(i)}:v1")
            self.assertIn(found.code, (0, 1))
            if found.code == 0:
                self.assertEqual(found.out, expected)

        def check_done(i):
            self.assertEqual(self.ok("manifest", f"{repository(i)}:v1").out, expected)
            for child in json.loads(expected)["manifests"]:
                manifest = self.ok("manifest", f"{repository(i)}@{child['digest']}").json()
                blobs = [manifest["config"], *manifest["layers"]]
                self.ok("blob", "verify", *[f"{repository(i)}@{b['digest']}" for b in blobs])

        self.kill_at_random_moments(
            lambda i: ["copy", "--limit-rate", "64M", f"{self.app}:multi", f"{repository(i)}:v1"],
            check_killed, check_done)

    def test_C3_pull(self):
        expected = test_copy.raw(f"docker://{self.app}:multi")
        folder = lambda i: self.home / f"layout{i}"

        def whole(path):
            return hashlib.sha256(path.read_bytes()).hexdigest() == path.name

        def check_killed(i):
            blobs = folder(i) / "blobs/sha256"
            for path in blobs.iterdir() if blobs.exists() else []:
                if not path.name.startswith("."):
                    self.assertTrue(whole(path), path)
            index = folder(i) / "index.json"
            if index.exists() and json.loads(index.read_text())["manifests"]:
                check_done(i)

        def check_done(i):
            entry, = json.loads((folder(i) / "index.json").read_text())["manifests"]
            self.assertEqual((folder(i) / "blobs" / entry["digest"].replace(":", "/")).read_bytes(), expected)
            for child in json.loads(expected)["manifests"]:
                text = (folder(i) / "blobs" / child["digest"].replace(":", "/")).read_bytes()
                for blob in [json.loads(text)["config"], *json.loads(text)["layers"]]:
                    self.assertTrue(whole(folder(i) / "blobs" / blob["digest"].replace(":", "/")))

        self.kill_at_random_moments(
            lambda i: ["pull", "--limit-rate", "64M", f"{self.app}:multi", folder(i)], check_killed, check_done)


if __name__ == "__main__":
    unittest.main()
