"""eStargz layers, made as stargz-snapshotter makes them: each piece of a file begins a gzip member, a JSON table of
all entries follows, and a footer leads to it."""

import base64
import gzip
import io
import json
import struct
import tarfile
import time

from lab import sha256

TOC_DIGEST = "containerd.io/snapshot/stargz/toc.digest"
LAYER_DIGEST = "containerd.io/snapshot/stargz/layer.digest"
TYPES = {tarfile.REGTYPE: "reg", tarfile.DIRTYPE: "dir", tarfile.SYMTYPE: "symlink", tarfile.LNKTYPE: "hardlink",
         tarfile.CHRTYPE: "char", tarfile.BLKTYPE: "block", tarfile.FIFOTYPE: "fifo"}


class Packer:
    def __init__(self):
        self.out = bytearray()
        self.member = b""

    def cut(self):
        if self.member:
            self.out += gzip.compress(self.member, 1, mtime=0)
            self.member = b""
        return len(self.out)


def facts(info):
    found = {"name": info.name, "type": TYPES[info.type], "size": info.size, "mode": info.mode, "uid": info.uid,
             "gid": info.gid, "linkName": info.linkname, "devMajor": info.devmajor, "devMinor": info.devminor,
             "modtime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(info.mtime))}
    attributes = {key.removeprefix("SCHILY.xattr."): base64.b64encode(value.encode()).decode()
                  for key, value in info.pax_headers.items() if key.startswith("SCHILY.xattr.")}
    if attributes:
        found["xattrs"] = attributes
    return {key: value for key, value in found.items() if value}


def footer(text):
    extra = b"SG" + struct.pack("<H", len(text)) + text
    return (b"\x1f\x8b\x08\x04\0\0\0\0\0\xff" + struct.pack("<H", len(extra)) + extra + b"\x01\0\0\xff\xff" + bytes(8))


def packed_table(entries):
    """(the table as a packed tar, its digest)."""
    table = json.dumps({"version": 1, "entries": entries}, indent="\t").encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        info = tarfile.TarInfo("stargz.index.json")
        info.size, info.mode = len(table), 0
        tar.addfile(info, io.BytesIO(table))
    return gzip.compress(out.getvalue(), 6, mtime=0), sha256(table)


def with_table(data, entries):
    """A layer of packed data and a table that may say anything, with the annotation that vouches for the table."""
    packed, digest = packed_table(entries)
    return data + packed + footer(b"%016xSTARGZ" % len(data)), {TOC_DIGEST: digest}


def with_table_elsewhere(data, entries):
    """The same with the table in a layer of its own: (layer, annotations, the other layer, its annotations)."""
    packed, digest = packed_table(entries)
    stored = data + footer(b"STARGZEXTERNALTOC")
    return stored, {TOC_DIGEST: digest}, packed, {LAYER_DIGEST: sha256(stored)}


def estargz(entries, chunk=100_000):
    """(packed data, table entries) of what layered.file() and its like give."""
    packer, table, names = Packer(), [], {}
    for info, content in entries:
        packer.member += info.tobuf(tarfile.PAX_FORMAT)
        row = facts(info)
        for key, name, number in (("userName", info.uname, info.uid), ("groupName", info.gname, info.gid)):
            if name and names.get((key, number)) != name:  # a name stands only where it is another
                names[key, number] = row[key] = name
        if info.isreg() and content:
            whole = sha256(content)
            for at in range(0, len(content), chunk):
                piece = content[at:at + chunk]
                row["offset"] = packer.cut()
                row["chunkDigest"] = sha256(piece)
                if at:
                    row["chunkOffset"] = at
                else:
                    row["digest"] = whole
                if len(content) - at >= chunk:
                    row["chunkSize"] = len(piece)
                packer.member += piece
                table.append(row)
                row = {"name": info.name, "type": "chunk"}
            packer.member += bytes(-len(content) % 512)
        else:
            table.append(row)
    packer.cut()
    return bytes(packer.out), table
