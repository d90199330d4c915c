#!/usr/bin/env python3
"""Makes an OCI layout with one image of COUNT layers of SIZE random bytes, each a gzip of a tar of one file.
Usage: layers_image.py LAYOUT NAME COUNT SIZE"""

import gzip
import hashlib
import io
import json
import os
import pathlib
import sys
import tarfile

LAYOUT, NAME, COUNT, SIZE = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
BLOBS = LAYOUT / "blobs/sha256"


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def put(data, media_type):
    (BLOBS / sha256(data).split(":")[1]).write_bytes(data)
    return {"mediaType": media_type, "digest": sha256(data), "size": len(data)}


def layer(number):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo(f"file{number}")
        entry.size = SIZE
        tar.addfile(entry, io.BytesIO(os.urandom(SIZE)))
    return buffer.getvalue()


BLOBS.mkdir(parents=True)
plain = [layer(n) for n in range(COUNT)]
layers = [put(gzip.compress(data, 1, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip") for data in plain]
config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {
    "type": "layers", "diff_ids": [sha256(data) for data in plain]}}).encode(), "application/vnd.oci.image.config.v1+json")
manifest = put(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                           "config": config, "layers": layers}).encode(),
               "application/vnd.oci.image.manifest.v1+json")
manifest["annotations"] = {"org.opencontainers.image.ref.name": NAME}
(LAYOUT / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
(LAYOUT / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
