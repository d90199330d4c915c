"""What the distribution specification asks of a registry, asked of `regtool serve` (folder and memory) and of Debian's
docker-registry alike. What the latter, older than version 1.1, does otherwise is in a class of its own."""

import http.client
import json
import pathlib
import shutil
import tempfile
import unittest
import urllib.parse

import lab

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY = b"{}"
ABSENT = lab.sha256(b"nobody has this")


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def code(self):
        return self.json()["errors"][0]["code"]


class Contract:
    """Each test works in a repository of its own."""

    def setUp(self):
        self.repo = "contract/" + self.id().rsplit(".", 1)[-1].lower().replace("__", "_").strip("_")[-80:].strip("_")

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.registry.port, timeout=20)
        try:
            path = path if path.startswith("/v2") or "://" in path else f"/v2/{self.repo}/{path}"
            if "://" in path:
                parts = urllib.parse.urlsplit(path)
                path = parts.path + ("?" + parts.query if parts.query else "")
            connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def expect(self, status, method, path, body=None, **headers):
        answer = self.ask(method, path, body, **headers)
        self.assertEqual(answer.status, status, f"{method} {path}: {answer.body[:300]}")
        return answer

    @staticmethod
    def with_digest(location, digest):
        return location + ("&" if "?" in location else "?") + "digest=" + digest

    def start(self):
        return self.expect(202, "POST", "blobs/uploads/", Content_Length="0").headers["Location"]

    def push_blob(self, data):
        digest = lab.sha256(data)
        self.expect(201, "PUT", self.with_digest(self.start(), digest), data, Content_Type="application/octet-stream")
        return digest

    def manifest(self, layers=(), **more):
        config = self.push_blob(EMPTY)
        return json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 2},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": lab.sha256(layer),
                        "size": len(layer)} for layer in layers], **more}).encode()

    def push_manifest(self, reference, body, media_type=MANIFEST):
        return self.expect(201, "PUT", f"manifests/{reference}", body, Content_Type=media_type)

    def push_image(self, tag, layer=b"layer"):
        self.push_blob(layer)
        body = self.manifest([layer])
        self.push_manifest(tag, body)
        return lab.sha256(body), body

    # --- the base

    def test_end_1_the_version_is_answered(self):
        answer = self.expect(200, "GET", "/v2/")
        self.assertEqual(answer.headers["Docker-Distribution-API-Version"], "registry/2.0")

    def test_unknown_paths_and_methods(self):
        self.assertEqual(self.ask("GET", "/v2/x/nothing/there").status, 404)
        self.assertEqual(self.ask("POST", "tags/list").status, 405)

    # --- pull

    def test_end_2_blobs(self):
        digest = self.push_blob(b"hello blob")
        got = self.expect(200, "GET", f"blobs/{digest}")
        self.assertEqual(got.body, b"hello blob")
        self.assertEqual(got.headers["Docker-Content-Digest"], digest)
        head = self.expect(200, "HEAD", f"blobs/{digest}")
        self.assertEqual((head.headers["Content-Length"], head.body), ("10", b""))
        self.assertEqual(self.expect(404, "GET", f"blobs/{ABSENT}").code(), "BLOB_UNKNOWN")
        self.expect(404, "HEAD", f"blobs/{ABSENT}")

    def test_end_2_a_digest_that_is_none(self):
        self.assertIn(self.ask("GET", "blobs/sha256:abc").status, (400, 404))

    def test_BLB_04_ranges(self):
        digest = self.push_blob(b"0123456789")
        part = self.expect(206, "GET", f"blobs/{digest}", Range="bytes=2-5")
        self.assertEqual((part.body, part.headers["Content-Range"]), (b"2345", "bytes 2-5/10"))
        self.assertEqual(self.expect(206, "GET", f"blobs/{digest}", Range="bytes=7-").body, b"789")
        self.assertEqual(self.expect(206, "GET", f"blobs/{digest}", Range="bytes=-3").body, b"789")
        self.assertEqual(self.expect(206, "GET", f"blobs/{digest}", Range="bytes=8-99").body, b"89")

    def test_If_Range(self):
        digest = self.push_blob(b"0123456789")
        etag = self.expect(200, "HEAD", f"blobs/{digest}").headers["ETag"]
        self.expect(206, "GET", f"blobs/{digest}", Range="bytes=2-5", If_Range=etag)
        self.assertEqual(self.expect(200, "GET", f"blobs/{digest}", Range="bytes=2-5", If_Range='"other"').body,
                         b"0123456789")

    def test_end_3_manifests(self):
        digest, body = self.push_image("v1")
        for reference in ("v1", digest):
            got = self.expect(200, "GET", f"manifests/{reference}", Accept=MANIFEST)
            self.assertEqual(got.body, body)
            self.assertEqual(got.headers["Content-Type"], MANIFEST)
            self.assertEqual(got.headers["Docker-Content-Digest"], digest)
            head = self.expect(200, "HEAD", f"manifests/{reference}", Accept=MANIFEST)
            self.assertEqual((head.headers["Content-Length"], head.body), (str(len(body)), b""))
        self.assertEqual(self.expect(404, "GET", "manifests/v2").code(), "MANIFEST_UNKNOWN")
        self.expect(404, "HEAD", f"manifests/{ABSENT}")
        self.expect(404, "GET", "manifests/.not-a-tag")

    # --- push

    def test_CNF_02_one_put(self):
        location = self.start()
        digest = lab.sha256(b"monolithic")
        created = self.expect(201, "PUT", self.with_digest(location, digest), b"monolithic")
        self.assertEqual(self.expect(200, "GET", created.headers["Location"]).body, b"monolithic")

    def test_CNF_02_chunks(self):
        first = self.expect(202, "PATCH", self.start(), b"0123", Content_Range="0-3",
                            Content_Type="application/octet-stream")
        self.assertEqual(first.headers["Range"], "0-3")
        second = self.expect(202, "PATCH", first.headers["Location"], b"456789", Content_Range="4-9",
                             Content_Type="application/octet-stream")
        self.assertEqual(second.headers["Range"], "0-9")
        digest = lab.sha256(b"0123456789")
        self.expect(201, "PUT", self.with_digest(second.headers["Location"], digest))
        self.assertEqual(self.expect(200, "GET", f"blobs/{digest}").body, b"0123456789")

    def test_CNF_02_the_last_chunk_in_the_put(self):
        first = self.expect(202, "PATCH", self.start(), b"0123", Content_Range="0-3")
        digest = lab.sha256(b"012345")
        self.expect(201, "PUT", self.with_digest(first.headers["Location"], digest), b"45", Content_Range="4-5")
        self.assertEqual(self.expect(200, "GET", f"blobs/{digest}").body, b"012345")

    def test_CNF_02_a_stream(self):
        def pieces():
            yield b"chunked "
            yield b"coding"
        answer = self.expect(202, "PATCH", self.start(), pieces(), Content_Type="application/octet-stream")
        digest = lab.sha256(b"chunked coding")
        self.expect(201, "PUT", self.with_digest(answer.headers["Location"], digest))

    def test_end_13_state_of_an_upload(self):
        location = self.start()
        self.assertEqual(self.expect(204, "GET", location).headers["Range"], "0-0")
        answer = self.expect(202, "PATCH", location, b"01234", Content_Type="application/octet-stream")
        self.assertEqual(self.expect(204, "GET", answer.headers["Location"]).headers["Range"], "0-4")

    def test_end_14_an_upload_is_called_off(self):
        location = self.start()
        self.assertIn(self.ask("DELETE", location).status, (202, 204))
        self.assertEqual(self.expect(404, "GET", location).code(), "BLOB_UPLOAD_UNKNOWN")

    def test_an_upload_that_nobody_began(self):
        self.assertEqual(self.ask("PATCH", "blobs/uploads/nothing", b"x").status, 404)

    def test_DIG_05_other_bytes_than_the_digest_says(self):
        answer = self.expect(400, "PUT", self.with_digest(self.start(), ABSENT), b"something")
        self.assertEqual(answer.code(), "DIGEST_INVALID")
        self.expect(404, "HEAD", f"blobs/{ABSENT}")
        self.assertEqual(self.ask("PUT", self.start(), b"x").status, 400)

    def test_CNF_01_an_empty_blob(self):
        digest = self.push_blob(b"")
        answer = self.expect(200, "GET", f"blobs/{digest}")
        self.assertEqual((answer.body, answer.headers["Content-Length"]), (b"", "0"))

    def test_end_11_mount(self):
        source = self.repo
        digest = self.push_blob(b"mounted")
        self.push_image("v1", b"mounted")
        self.repo += "-to"
        answer = self.expect(201, "POST", f"blobs/uploads/?mount={digest}&from={source}")
        self.assertIn(digest, answer.headers["Location"])
        self.assertEqual(self.expect(200, "GET", f"blobs/{digest}").body, b"mounted")
        self.expect(202, "POST", f"blobs/uploads/?mount={ABSENT}&from={source}")

    def test_end_11_a_mount_that_cannot_be_done_is_an_upload(self):
        digest = lab.sha256(b"sent after all")
        answer = self.expect(202, "POST", f"blobs/uploads/?mount={digest}&from=contract/nowhere")
        self.expect(201, "PUT", self.with_digest(answer.headers["Location"], digest), b"sent after all")
        self.assertEqual(self.expect(200, "GET", f"blobs/{digest}").body, b"sent after all")

    def test_end_7_manifest_is_answered_with_its_place(self):
        body = self.manifest()
        answer = self.push_manifest("v1", body)
        self.assertEqual(answer.headers["Docker-Content-Digest"], lab.sha256(body))
        self.assertEqual(self.expect(200, "GET", answer.headers["Location"], Accept=MANIFEST).body, body)

    def test_PUT_05_by_digest(self):
        body = self.manifest()
        self.push_manifest(lab.sha256(body), body)
        self.assertEqual(self.expect(200, "GET", f"manifests/{lab.sha256(body)}", Accept=MANIFEST).body, body)
        answer = self.ask("PUT", f"manifests/{ABSENT}", body, Content_Type=MANIFEST)
        self.assertEqual((answer.status, answer.code()), (400, "DIGEST_INVALID"))

    def test_MED_20_the_bytes_stay_as_they_are(self):
        body = b" \n" + self.manifest(annotations={"k": "\u00e9"}).replace(b", ", b" ,\t") + b"\n"
        self.push_manifest("v1", body)
        self.assertEqual(self.expect(200, "GET", "manifests/v1", Accept=MANIFEST).body, body)

    def test_manifests_that_are_none(self):
        for body in (b"", b"{", b"[]", b'{"schemaVersion": 2}', b"\xff\xfe"):
            answer = self.ask("PUT", "manifests/v1", body, Content_Type=MANIFEST)
            self.assertEqual(answer.status, 400, body)
            self.assertIn(answer.code(), ("MANIFEST_INVALID", "DIGEST_INVALID"))

    def test_PUT_07_a_manifest_without_its_blobs(self):
        body = self.manifest([b"this was never pushed"])
        answer = self.ask("PUT", "manifests/v1", body, Content_Type=MANIFEST)
        self.assertEqual((answer.status, answer.code()), (400, "MANIFEST_BLOB_UNKNOWN"))
        self.expect(404, "GET", "manifests/v1")

    def test_CNF_01_an_index_and_its_children(self):
        digest, body = self.push_image("child")
        entry = {"mediaType": MANIFEST, "digest": digest, "size": len(body)}
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).encode()
        self.push_manifest("multi", index, INDEX)
        got = self.expect(200, "GET", "manifests/multi", Accept=INDEX)
        self.assertEqual((got.body, got.headers["Content-Type"]), (index, INDEX))
        entry["digest"] = ABSENT
        sparse = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).encode()
        self.assertEqual(self.ask("PUT", "manifests/sparse", sparse, Content_Type=INDEX).status, 400)

    def test_a_tag_moves(self):
        first, _ = self.push_image("v1", b"one")
        second, _ = self.push_image("v1", b"two")
        self.assertNotEqual(first, second)
        self.assertEqual(self.expect(200, "HEAD", "manifests/v1", Accept=MANIFEST).headers["Docker-Content-Digest"],
                         second)
        self.expect(200, "HEAD", f"manifests/{first}", Accept=MANIFEST)

    # --- content discovery

    def test_LST_01_tags(self):
        for tag in ("v1", "v2", "a", "z"):
            self.push_image(tag)
        self.assertEqual(sorted(self.expect(200, "GET", "tags/list").json()["tags"]), ["a", "v1", "v2", "z"])
        self.assertEqual(self.expect(404, "GET", "/v2/contract/nowhere/tags/list").code(), "NAME_UNKNOWN")

    def test_LST_02_tags_from_one_on(self):
        for tag in ("v1", "v2", "v3"):
            self.push_image(tag)
        self.assertEqual(self.expect(200, "GET", "tags/list?n=100").json()["tags"], ["v1", "v2", "v3"])

    def follow(self, path):
        """All pages, each from the Link of the one before."""
        pages = []
        while path:
            answer = self.expect(200, "GET", path)
            pages.append(answer)
            link = answer.headers["Link"]
            path = link[link.index("<") + 1:link.index(">")] if link else None
            if path and not path.startswith("/v2"):
                path = "/v2/" + path.split("/v2/", 1)[1]
        return pages

    def test_catalog_and_its_pages(self):
        self.repo += "-a"
        self.push_image("v1")
        self.repo = self.repo[:-1] + "b"
        self.push_image("v1")
        names = [name for page in self.follow("/v2/_catalog?n=1") for name in page.json()["repositories"]]
        self.assertEqual(names, sorted(set(names)))
        self.assertIn(self.repo, names)

    # --- content management

    def test_DEL_01_a_manifest(self):
        digest, _ = self.push_image("v1")
        self.expect(202, "DELETE", f"manifests/{digest}")
        self.expect(404, "GET", f"manifests/{digest}", Accept=MANIFEST)
        self.expect(404, "GET", "manifests/v1", Accept=MANIFEST)
        self.expect(404, "DELETE", f"manifests/{digest}")

    def test_DEL_01_others_stay(self):
        digest, _ = self.push_image("v1", b"one")
        other, body = self.push_image("v2", b"two")
        self.expect(202, "DELETE", f"manifests/{digest}")
        self.assertEqual(self.expect(200, "GET", "manifests/v2", Accept=MANIFEST).body, body)
        self.assertEqual(self.expect(200, "GET", f"blobs/{lab.sha256(b'two')}").body, b"two")
        # What was deleted can be put again.
        self.assertEqual(self.push_image("v1", b"one")[0], digest)
        self.expect(200, "HEAD", f"manifests/{digest}", Accept=MANIFEST)

    def test_DEL_05_a_blob(self):
        digest = self.push_blob(b"to be deleted")
        self.expect(202, "DELETE", f"blobs/{digest}")
        self.expect(404, "HEAD", f"blobs/{digest}")
        self.expect(404, "DELETE", f"blobs/{digest}")


class Version11:
    """What version 1.1 of the specification adds, what Docker's registry does otherwise, and what is left open."""

    def test_CNF_02_chunks_out_of_order(self):
        location = self.start()
        self.expect(416, "PATCH", location, b"4567", Content_Range="4-7")
        first = self.expect(202, "PATCH", location, b"0123", Content_Range="0-3")
        self.expect(416, "PATCH", first.headers["Location"], b"0123", Content_Range="0-3")
        status = self.expect(204, "GET", first.headers["Location"])
        self.assertEqual(status.headers["Range"], "0-3")
        self.assertIn("Location", status.headers)

    def test_repository_names(self):
        self.assertEqual(self.expect(400, "GET", "/v2/UPPER/tags/list").code(), "NAME_INVALID")

    def test_BLB_04_a_range_outside_the_blob(self):
        digest = self.push_blob(b"0123456789")
        beyond = self.expect(416, "GET", f"blobs/{digest}", Range="bytes=10-")
        self.assertEqual(beyond.headers["Content-Range"], "bytes */10")

    def test_CNF_02_one_post(self):
        digest = lab.sha256(b"single post")
        answer = self.expect(201, "POST", f"blobs/uploads/?digest={digest}", b"single post")
        self.assertEqual(self.expect(200, "GET", answer.headers["Location"]).body, b"single post")
        self.assertEqual(self.ask("POST", f"blobs/uploads/?digest={ABSENT}", b"x").code(), "DIGEST_INVALID")

    def test_CNF_01_sha512(self):
        import hashlib
        digest = "sha512:" + hashlib.sha512(b"long digest").hexdigest()
        self.expect(201, "PUT", self.with_digest(self.start(), digest), b"long digest")
        self.assertEqual(self.expect(200, "GET", f"blobs/{digest}").body, b"long digest")
        location = self.expect(202, "POST", "blobs/uploads/?digest-algorithm=sha512").headers["Location"]
        self.expect(201, "PUT", self.with_digest(location, digest), b"long digest")
        body = self.manifest()
        by_digest = "sha512:" + hashlib.sha512(body).hexdigest()
        self.push_manifest(by_digest, body)
        self.assertEqual(self.expect(200, "GET", f"manifests/{by_digest}").body, body)

    def test_end_11_mount_from_anywhere(self):
        digest = self.push_blob(b"anonymous mount")
        self.repo += "-to"
        self.expect(201, "POST", f"blobs/uploads/?mount={digest}")
        self.expect(202, "POST", f"blobs/uploads/?mount={ABSENT}")

    def test_chunk_lengths_that_disagree(self):
        answer = self.ask("PATCH", self.start(), b"012345", Content_Range="0-3")
        self.assertEqual((answer.status, answer.code()), (400, "SIZE_INVALID"))
        self.expect(416, "PATCH", self.start(), b"0123", Content_Range="nonsense")

    def test_sizes_in_a_manifest_are_checked(self):
        self.push_blob(b"layer")
        body = json.loads(self.manifest([b"layer"]))
        body["layers"][0]["size"] = 6
        answer = self.ask("PUT", "manifests/v1", json.dumps(body).encode(), Content_Type=MANIFEST)
        self.assertEqual((answer.status, answer.code()), (400, "SIZE_INVALID"))

    def test_F_08_too_large_a_manifest(self):
        answer = self.ask("PUT", "manifests/v1", b" " * (4 * 1024 * 1024 + 1), Content_Type=MANIFEST)
        self.assertEqual(answer.status, 413)

    def test_PUT_12_subject_and_RFR_01_referrers(self):
        subject, body = self.push_image("v1")
        self.assertEqual(self.expect(200, "GET", f"referrers/{subject}").json()["manifests"], [])
        descriptor = {"mediaType": MANIFEST, "digest": subject, "size": len(body)}
        signature = self.manifest(subject=descriptor, artifactType="application/x.signature+json",
                                  annotations={"by": "us"})
        answer = self.push_manifest(lab.sha256(signature), signature)
        self.assertEqual(answer.headers["OCI-Subject"], subject)
        by_config = self.manifest(subject=descriptor)
        self.push_manifest("with-config-type", by_config)
        listed = self.expect(200, "GET", f"referrers/{subject}")
        self.assertEqual(listed.headers["Content-Type"], INDEX)
        entries = {entry["digest"]: entry for entry in listed.json()["manifests"]}
        self.assertEqual(entries[lab.sha256(signature)], {
            "mediaType": MANIFEST, "digest": lab.sha256(signature), "size": len(signature),
            "artifactType": "application/x.signature+json", "annotations": {"by": "us"}})
        self.assertEqual(entries[lab.sha256(by_config)]["artifactType"], "application/vnd.oci.image.config.v1+json")
        filtered = self.expect(200, "GET", f"referrers/{subject}?artifactType=application%2Fx.signature%2Bjson")
        self.assertEqual(filtered.headers["OCI-Filters-Applied"], "artifactType")
        self.assertEqual([e["digest"] for e in filtered.json()["manifests"]], [lab.sha256(signature)])
        self.assertEqual(self.expect(200, "GET", f"referrers/{ABSENT}").json()["manifests"], [])
        self.expect(400, "GET", "referrers/v1")

    def test_RFR_01_an_index_refers_too_and_what_is_deleted_is_listed_no_more(self):
        subject, body = self.push_image("v1")
        descriptor = {"mediaType": MANIFEST, "digest": subject, "size": len(body)}
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [], "subject": descriptor,
                            "artifactType": "application/x.bundle", "annotations": {"k": "v"}}).encode()
        self.assertEqual(self.push_manifest(lab.sha256(index), index, INDEX).headers["OCI-Subject"], subject)
        plain = self.manifest(subject=descriptor, artifactType="application/x.other")
        self.push_manifest(lab.sha256(plain), plain)
        listed = self.expect(200, "GET", f"referrers/{subject}").json()["manifests"]
        self.assertIn({"mediaType": INDEX, "digest": lab.sha256(index), "size": len(index),
                       "artifactType": "application/x.bundle", "annotations": {"k": "v"}}, listed)
        self.assertEqual(len(listed), 2)
        # The subject's going changes nothing of what is said about it.
        self.expect(202, "DELETE", f"manifests/{subject}")
        self.assertEqual(len(self.expect(200, "GET", f"referrers/{subject}").json()["manifests"]), 2)
        self.expect(202, "DELETE", f"manifests/{lab.sha256(index)}")
        left, = self.expect(200, "GET", f"referrers/{subject}").json()["manifests"]
        self.assertEqual(left["digest"], lab.sha256(plain))

    def test_PUT_13_a_subject_may_be_missing(self):
        body = self.manifest(subject={"mediaType": MANIFEST, "digest": ABSENT, "size": 5})
        self.assertEqual(self.push_manifest("v1", body).headers["OCI-Subject"], ABSENT)
        self.assertEqual(len(self.expect(200, "GET", f"referrers/{ABSENT}").json()["manifests"]), 1)

    def test_LST_02_pages_of_tags(self):
        for tag in ("v1", "v2", "v3", "v4", "v5"):
            self.push_image(tag)
        pages = self.follow(f"/v2/{self.repo}/tags/list?n=2")
        self.assertEqual([page.json()["tags"] for page in pages], [["v1", "v2"], ["v3", "v4"], ["v5"]])
        self.assertEqual(self.expect(200, "GET", "tags/list?last=v3").json()["tags"], ["v4", "v5"])
        self.assertEqual(self.expect(200, "GET", "tags/list?n=1&last=v2x").json()["tags"], ["v3"])
        none = self.expect(200, "GET", "tags/list?n=0")
        self.assertEqual((none.json()["tags"], none.headers["Link"]), ([], None))
        self.assertEqual(self.expect(400, "GET", "tags/list?n=-1").code(), "PAGINATION_NUMBER_INVALID")

    def test_DEL_02_a_tag(self):
        digest, _ = self.push_image("v1")
        self.push_image("v2")
        self.expect(202, "DELETE", "manifests/v1")
        self.expect(404, "GET", "manifests/v1")
        self.expect(200, "GET", f"manifests/{digest}")
        self.expect(200, "GET", "manifests/v2")
        self.expect(202, "DELETE", "manifests/v2")
        self.expect(200, "GET", f"manifests/{digest}")
        self.assertEqual(self.expect(200, "GET", "tags/list").json()["tags"], [])
        self.expect(404, "DELETE", "manifests/v2")

    def test_what_is_needed_is_not_deleted(self):
        layer = lab.sha256(b"needed")
        digest, body = self.push_image("child", b"needed")
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
            {"mediaType": MANIFEST, "digest": digest, "size": len(body)}]}).encode()
        self.push_manifest("multi", index, INDEX)
        self.assertEqual(self.expect(405, "DELETE", f"blobs/{layer}").code(), "UNSUPPORTED")
        self.assertEqual(self.expect(405, "DELETE", f"manifests/{digest}").code(), "UNSUPPORTED")
        self.expect(202, "DELETE", f"manifests/{lab.sha256(index)}")
        self.expect(202, "DELETE", f"manifests/{digest}")
        self.expect(202, "DELETE", f"blobs/{layer}")

    def test_conditional_reads(self):
        digest, _ = self.push_image("v1")
        for path in (f"blobs/{lab.sha256(b'layer')}", "manifests/v1"):
            etag = self.expect(200, "GET", path).headers["ETag"]
            self.expect(304, "GET", path, If_None_Match=etag)

    def test_web_pages_change_nothing(self):
        self.assertEqual(self.expect(403, "POST", "blobs/uploads/", Origin="https://page.example").code(), "DENIED")

    def test_path_tricks(self):
        for path in ("/v2/../etc/passwd", "/v2/a/../../b/tags/list", "/v2/%2e%2e/blobs/uploads/", "/v2/a//tags/list",
                     "/v2/a/blobs/..%2f..%2foci-layout", "/v2/a/blobs/sha256:..%2f..%2findex.json", "/v2/a%00b/tags/list",
                     "/v2/a/manifests/%zz", "/v2/", "//v2/a/tags/list", "/v2/" + "a" * 300 + "/tags/list",
                     "/v2/a/tags/list?" + "x" * 9000):
            with self.subTest(path[:60]):
                answer = self.ask("PUT", path, b"")
                self.assertIn(answer.status, (400, 404, 405, 414))
                self.assertTrue(answer.code())


class DockerRegistry(Contract, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registry = lab.DockerRegistry()
        cls.addClassCleanup(cls.registry.stop)


class ServedFolder(Contract, Version11, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="regtool-serve-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.registry = lab.ServedRegistry("--root", folder / "layout")
        cls.addClassCleanup(cls.registry.stop)


class ServedMemory(Contract, Version11, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registry = lab.ServedRegistry()
        cls.addClassCleanup(cls.registry.stop)


if __name__ == "__main__":
    unittest.main()
