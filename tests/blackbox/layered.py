"""OCI layouts of one image whose layers a test writes entry by entry, with Python's tarfile."""

import gzip
import io
import json
import tarfile

from lab import sha256

DATE = 1_600_000_000


def folder(name, mode=0o755):
    return entry(name, type=tarfile.DIRTYPE, mode=mode), b""


def file(name, content=b"", mode=0o644, **facts):
    return entry(name, mode=mode, size=len(content), **facts), content


def symlink(name, target):
    return entry(name, type=tarfile.SYMTYPE, linkname=target, mode=0o777), b""


def hardlink(name, target):
    return entry(name, type=tarfile.LNKTYPE, linkname=target), b""


def entry(name, **facts):
    info = tarfile.TarInfo(name)
    info.mtime = DATE
    for key, value in facts.items():
        setattr(info, key, value)
    return info


def layer(*entries):
    """The tar of a layer. A flat one: names are written as they are."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


class Layout:
    """DIR:1 is an image of these layers, lowest first."""

    def __init__(self, path, layers, commands=None, pack=None,
                 media_type="application/vnd.oci.image.layer.v1.tar+gzip"):
        """`pack` makes of a tar what is stored, and media_type says what that is."""
        self.path = path
        self.blobs = path / "blobs/sha256"
        self.blobs.mkdir(parents=True)
        self.layers = []
        for tar in layers:
            self.layers.append(self.put(pack(tar) if pack else gzip.compress(tar, 1, mtime=0), media_type))
        history = [{"created_by": command} for command in commands or [f"step {i}" for i in range(len(layers))]]
        config = {"architecture": "amd64", "os": "linux", "config": {}, "history": history,
                  "rootfs": {"type": "layers", "diff_ids": [sha256(tar) for tar in layers]}}
        self.config = self.put(json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json")
        self.write(self.layers)

    def put(self, body, media_type):
        digest = sha256(body)
        (self.blobs / digest.split(":")[1]).write_bytes(body)
        return {"mediaType": media_type, "digest": digest, "size": len(body)}

    def write(self, layers, annotations=None):
        """The image anew with these layers, and these annotations of its manifest."""
        media_type = "application/vnd.oci.image.manifest.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": media_type, "config": self.config, "layers": layers,
                    **({"annotations": annotations} if annotations else {})}
        top = self.put(json.dumps(manifest).encode(), media_type)
        top["annotations"] = {"org.opencontainers.image.ref.name": "1"}
        (self.path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        (self.path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))

    @property
    def image(self):
        return f"oci:{self.path}:1"

    def blob(self, number):
        return self.blobs / self.layers[number]["digest"].split(":")[1]
