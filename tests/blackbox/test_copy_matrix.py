"""Every store to every store, for a single image, an index, an index in an index and an artifact with referrers: the
digest stays, and skopeo says so. A docker-archive holds single images only, and names them by their configuration."""

import hashlib
import json
import pathlib
import unittest
import urllib.request

import lab

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY = b"{}"

registry = None


def put(path, body, media_type):
    request = urllib.request.Request(f"http://{registry.host}/v2/matrix/{path}", data=body, method="PUT",
                                     headers={"Content-Type": media_type})
    urllib.request.urlopen(request).read()
    return {"mediaType": media_type, "digest": lab.sha256(body), "size": len(body)}


def put_blob(body):
    post = urllib.request.Request(f"http://{registry.host}/v2/matrix/blobs/uploads/", data=b"", method="POST")
    location = urllib.request.urlopen(post).headers["Location"]
    separator = "&" if "?" in location else "?"
    request = urllib.request.Request(f"{location}{separator}digest={lab.sha256(body)}", data=body, method="PUT",
                                     headers={"Content-Type": "application/octet-stream"})
    urllib.request.urlopen(request).read()


def artifact(text, subject=None):
    """An artifact manifest with one file of text; its blobs are put."""
    put_blob(EMPTY)
    put_blob(text)
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/vnd.test.thing",
                "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": lab.sha256(EMPTY), "size": 2},
                "layers": [{"mediaType": "text/plain", "digest": lab.sha256(text), "size": len(text)}]}
    if subject:
        manifest["subject"] = subject
    return json.dumps(manifest, indent=1).encode()


def setUpModule():
    global registry
    layout = lab.test_layout()
    registry = lab.DockerRegistry()
    unittest.addModuleCleanup(registry.stop)
    registry.push(f"oci:{layout}:small", "matrix:single")
    registry.push(f"oci:{layout}:multi", "matrix:index", "--all")
    index = lab.skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{registry.host}/matrix:index")
    inner = {"mediaType": INDEX, "digest": lab.sha256(index), "size": len(index)}
    nested = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [inner]}).encode()
    put("manifests/nested", nested, INDEX)
    subject = put("manifests/artifact", artifact(b"the thing"), MANIFEST)
    signature = artifact(b"a signature", subject)
    entry = put(f"manifests/{lab.sha256(signature)}", signature, MANIFEST)
    # docker-registry has no referrers API: the tag keeps the list.
    entry["artifactType"] = "application/vnd.test.thing"
    listing = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).encode()
    put(f"manifests/{subject['digest'].replace(':', '-')}", listing, INDEX)


class Matrix(lab.Case):
    stores = ("docker", "oci", "oci-archive", "dir", "docker-archive")

    def place(self, store, kind, number):
        """The same place as regtool and as skopeo name it."""
        if store == "docker":
            name = f"{registry.host}/made{number}/{kind}:v1"
            return name, f"docker://{name}"
        path = self.home / f"{number}-{store}-{kind}"
        if store == "dir":
            return f"dir:{path}", f"dir:{path}"
        if store == "docker-archive":
            return f"docker-archive:{path}.tar:made/{kind}:v1", f"docker-archive:{path}.tar"
        path = f"{path}.tar" if store == "oci-archive" else path
        return f"{store}:{path}:v1", f"{store}:{path}:v1"

    def raw(self, image):
        return lab.skopeo("inspect", "--raw", *(["--tls-verify=false"] if image.startswith("docker:") else []), image)

    def check_kind(self, kind):
        origin = f"{registry.host}/matrix:{kind}"
        expected = self.raw(f"docker://{origin}")
        left_out = {"docker-archive", "dir"} if kind == "artifact" else {"docker-archive"}  # dir: holds one image
        stores = [s for s in self.stores if s not in left_out]
        number = 0
        for first in stores:
            number += 1
            ours, theirs = self.place(first, kind, number)
            self.ok("copy", *self.options(kind), origin, ours)
            self.assertEqual(self.raw(theirs), expected, f"registry to {first}")
            for second in stores:
                number += 1
                next_ours, next_theirs = self.place(second, kind, number)
                with self.subTest(kind=kind, source=first, target=second):
                    self.ok("copy", *self.options(kind), ours, next_ours)
                    self.assertEqual(self.raw(next_theirs), expected)
                    if kind == "artifact":
                        self.assertEqual(len(self.ok("referrers", "--format", "json", next_ours).json()["referrers"]), 1)
                        if second in ("docker", "oci"):
                            self.check_referrers(second, next_theirs, lab.sha256(expected))

    def options(self, kind):
        return ["--referrers"] if kind == "artifact" else []

    def check_referrers(self, store, image, subject):
        """The signature is there, and it can be found by what it signs."""
        if store == "docker":
            listed = json.loads(self.raw(image.replace(":v1", ":" + subject.replace(":", "-"))))["manifests"]
        else:
            folder = pathlib.Path(image.split(":")[1])
            listed = json.loads((folder / "index.json").read_text())["manifests"]
        manifests = [json.loads(self.raw(image.replace(":v1", "@" + entry["digest"]))) if store == "docker" else
                     json.loads((folder / "blobs" / entry["digest"].replace(":", "/")).read_text()) for entry in listed]
        found = [m for m in manifests if m.get("subject", {}).get("digest") == subject]
        self.assertEqual(len(found), 1, image)
        self.assertEqual(found[0]["layers"][0]["digest"], lab.sha256(b"a signature"))

    def test_single(self):
        self.check_kind("single")

    def test_index(self):
        self.check_kind("index")

    def test_MED_27_nested(self):
        self.check_kind("nested")

    def test_RFR_12_artifact_with_referrers(self):
        self.check_kind("artifact")

    def test_DAR_08_docker_archive_keeps_the_configuration(self):
        config = self.ok("config", f"{registry.host}/matrix:single").out
        archive, theirs = self.place("docker-archive", "single", 0)
        self.ok("copy", f"{registry.host}/matrix:single", archive)
        for number, store in enumerate(self.stores, 1):
            with self.subTest(target=store):
                ours, skopeos = self.place(store, "single", number)
                self.ok("copy", archive, ours)
                options = ["--tls-verify=false"] if store == "docker" else []
                self.assertEqual(hashlib.sha256(lab.skopeo("inspect", "--config", "--raw", *options, skopeos)).digest(),
                                 hashlib.sha256(config).digest())


if __name__ == "__main__":
    unittest.main()
