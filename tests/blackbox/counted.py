"""A registry that serves ranges of layers, and counts what it sends of them."""

import json

from lab import Case, FakeRegistry, sha256

CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"


class CountedRegistry(FakeRegistry):
    """`sent` are the bytes of layers that went out, `layers` the layers of the image that was added last: a test may
    replace them by others. With `ranges` False whole layers answer whatever is asked."""

    def __init__(self):
        super().__init__()
        self.layers = []
        self.sent = 0
        self.ranges = True

    def add_counted(self, repository, tag, layers, annotations=None, layer_type=LAYER_TYPE, named=None):
        """An image of these stored layers, each with its annotations, and `named` those of the manifest; returns its
        name."""
        self.layers = list(layers)
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                             "rootfs": {"type": "layers", "diff_ids": [sha256(b"")] * len(layers)}}).encode()
        describe = lambda body, kind: {"mediaType": kind, "digest": sha256(body), "size": len(body)}
        self.add_blob(repository, config)
        descriptors = []
        for number, stored in enumerate(layers):
            descriptor = describe(stored, layer_type)
            if annotations and annotations[number]:
                descriptor["annotations"] = annotations[number]
            descriptors.append(descriptor)
            self.answers[("GET", f"/v2/{repository}/blobs/{descriptor['digest']}")] = self._layer(number)
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": describe(config, CONFIG_TYPE),
                    "layers": descriptors, **({"annotations": named} if named else {})}
        self.add_manifest(repository, tag, json.dumps(manifest).encode())
        return f"{self.host}/{repository}:{tag}"

    def _layer(self, number):
        def answer(handler):
            body, wanted = self.layers[number], handler.headers.get("Range")
            if not wanted or not self.ranges:
                self.sent += len(body)
                return 200, {}, body
            first, last = map(int, wanted.removeprefix("bytes=").split("-"))
            part = body[first:last + 1]
            self.sent += len(part)
            return 206, {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(body)}"}, part
        return answer


class CountedCase(Case):
    """A case with such a registry of its own."""

    def setUp(self):
        super().setUp()
        self.registry = CountedRegistry()
        self.addCleanup(self.registry.stop)

    def moved(self, *args, **kwargs):
        """What the command did, which succeeds, and the bytes of layers that went out for it."""
        self.registry.sent = 0
        return self.ok(*args, **kwargs), self.registry.sent
