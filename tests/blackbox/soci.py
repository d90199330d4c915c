"""SOCI indexes, made as soci-snapshotter makes them: a zTOC for a layer has its entries, the places where unpacking can
begin, found by zlib, and the digest of what is stored from each place to the next."""

import ctypes
import datetime
import io
import json
import os
import struct
import tarfile

from lab import sha256

ANNOTATION = "com.amazon.soci.index-digest"
LAYER = "com.amazon.soci.image-layer-digest"
REFERRER_TYPE = "application/vnd.amazon.soci.index.v1+json"
NAMED_TYPE = "application/vnd.amazon.soci.index.v2+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
WINDOW = 32768
TYPES = {tarfile.REGTYPE: "reg", tarfile.AREGTYPE: "reg", tarfile.DIRTYPE: "dir", tarfile.SYMTYPE: "symlink",
         tarfile.LNKTYPE: "hardlink", tarfile.CHRTYPE: "char", tarfile.BLKTYPE: "block", tarfile.FIFOTYPE: "fifo"}


class ZStream(ctypes.Structure):
    """zlib.h's z_stream: Python's own module cannot stop at the end of a block."""
    _fields_ = [("next_in", ctypes.c_void_p), ("avail_in", ctypes.c_uint), ("total_in", ctypes.c_ulong),
                ("next_out", ctypes.c_void_p), ("avail_out", ctypes.c_uint), ("total_out", ctypes.c_ulong),
                ("msg", ctypes.c_char_p), ("state", ctypes.c_void_p), ("zalloc", ctypes.c_void_p),
                ("zfree", ctypes.c_void_p), ("opaque", ctypes.c_void_p), ("data_type", ctypes.c_int),
                ("adler", ctypes.c_ulong), ("reserved", ctypes.c_ulong)]


def points(stored, span):
    """(stored offset, unpacked offset, bits of the byte before, window) of each place."""
    zlib, z = ctypes.CDLL("libz.so.1"), ZStream()
    zlib.inflateInit2_(ctypes.byref(z), 47, b"1.2", ctypes.sizeof(z))
    held, block = ctypes.create_string_buffer(stored, len(stored)), ctypes.create_string_buffer(1 << 20)
    z.next_in, z.avail_in = ctypes.addressof(held), len(stored)
    plain, last, found = bytearray(), 0, []
    while True:
        z.next_out, z.avail_out = ctypes.addressof(block), len(block)
        code = zlib.inflate(ctypes.byref(z), 5)  # Z_BLOCK
        if code not in (0, 1, -5):
            raise ValueError(f"inflate: {code}")
        plain += block.raw[:len(block) - z.avail_out] if z.avail_out < len(block) else b""
        if code == 1:
            if not z.avail_in:
                break
            zlib.inflateReset2(ctypes.byref(z), 47)
        elif z.data_type & 0xc0 == 0x80 and (not plain or len(plain) - last > span):
            last = len(plain)
            found.append((len(stored) - z.avail_in, last, z.data_type & 7, bytes(plain[-WINDOW:]).rjust(WINDOW, b"\0")))
    zlib.inflateEnd(ctypes.byref(z))
    return found


# FlatBuffers: a value is a function that writes itself behind what is there and returns where it is.
def align(out, to):
    out += bytes(-len(out) % to)


def text(value):
    def write(out):
        align(out, 4)
        place = len(out)
        out.extend(struct.pack("<I", len(value)) + value + b"\0")
        return place
    return write


def lead(out, place, child):
    out[place:place + 4] = struct.pack("<I", child(out) - place)


def vector(children):
    def write(out):
        align(out, 4)
        place = len(out)
        out.extend(struct.pack("<I", len(children)) + bytes(4 * len(children)))
        for number, child in enumerate(children):
            lead(out, place + 4 + 4 * number, child)
        return place
    return write


def table(*fields):
    """Fields: None, (format, number), or what an offset leads to."""
    def write(out):
        align(out, 8)
        slots = len(out)
        out.extend(bytes(4 + 2 * len(fields)))
        align(out, 8)
        place = len(out)
        out.extend(struct.pack("<i", place - slots))
        children = []
        for number, field in enumerate(fields):
            if field is None:
                continue
            body = struct.pack("<" + field[0], field[1]) if isinstance(field, tuple) else bytes(4)
            align(out, len(body))
            out[slots + 4 + 2 * number:slots + 6 + 2 * number] = struct.pack("<H", len(out) - place)
            if not isinstance(field, tuple):
                children.append((len(out), field))
            out.extend(body)
        out[slots:slots + 4] = struct.pack("<HH", 4 + 2 * len(fields), len(out) - place)
        for at, child in children:
            lead(out, at, child)
        return place
    return write


def document(root):
    out = bytearray(4)
    lead(out, 0, root)
    return bytes(out)


def moment(seconds):
    """As Go writes it; nothing for a year that it does not write."""
    try:
        return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(seconds // 1))).isoformat() + "Z"
    except OverflowError:
        return ""


def file_table(info):
    name = os.fsencode(info.name) + (b"/" if info.isdir() and not info.name.endswith("/") else b"")
    pax = [table(text(os.fsencode(key)), text(os.fsencode(value))) for key, value in sorted(info.pax_headers.items())]
    return table(text(name), text(TYPES[info.type].encode()), ("q", info.offset_data), ("q", info.size),
                 text(os.fsencode(info.linkname)), ("q", info.mode), ("I", info.uid % (1 << 32)),
                 ("I", info.gid % (1 << 32)), text(os.fsencode(info.uname)), text(os.fsencode(info.gname)),
                 text(moment(info.mtime).encode()), ("q", info.devmajor), ("q", info.devminor), vector(pax))


def ztoc(stored, tar, span=4 << 20, first_form=False, change=lambda digests: digests):
    """The zTOC of a layer; None where SOCI makes none. `first_form` leaves out the first place; `change` may lie."""
    gzip = stored[:2] == b"\x1f\x8b"
    with tarfile.open(fileobj=io.BytesIO(tar), encoding="utf-8", errors="surrogateescape") as archive:
        infos = archive.getmembers()
        if archive.pax_headers or any(info.type not in TYPES for info in infos) or not (gzip or stored == tar):
            return None
        end = max((info.offset_data + (info.size + 511) // 512 * 512 if info.isreg() else info.offset_data
                   for info in infos), default=0)
    if gzip:
        found = points(stored, span)
        packed = struct.pack("<iq", len(found), span)
        packed += b"".join(struct.pack("<qqB", *point[:3]) + point[3] for point in found[first_form:])
        begins = [at - (bits > 0) for at, _, bits, _ in found]
        ends = [at for at, *_ in found[1:]] + [len(stored)]
    else:
        packed = document(table(("i", 2), ("q", span), ("q", len(tar))))
        begins = list(range(0, len(tar), span))
        ends = begins[1:] + [len(tar)]
    digests = change([sha256(stored[a:b]) for a, b in zip(begins, ends)])
    info = table(None if gzip else ("b", 2), ("i", len(digests) - 1), vector([text(d.encode()) for d in digests]),
                 text(packed))
    return document(table(text(b"0.9"), text(b"AWS SOCI CLI v0.2"), ("q", len(stored)), ("q", min(end + 1024, len(tar))),
                          table(vector([file_table(info) for info in infos])), info))


def index(ztocs, subject=None):
    """The manifest of an index: `ztocs` by the layer's digest. With a subject it is of the first version, which is found
    among the referrers, else of the second, which the image's manifest names."""
    describe = lambda kind, body: {"mediaType": kind, "digest": sha256(body), "size": len(body)}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE,
                "config": describe(REFERRER_TYPE if subject else NAMED_TYPE, b"{}"),
                "layers": [{**describe("application/octet-stream", body), "annotations": {LAYER: layer}}
                           for layer, body in ztocs.items()],
                "annotations": {"com.amazon.soci.build-tool-identifier": "AWS SOCI CLI v0.2"}}
    if subject:
        manifest["subject"] = subject
    return json.dumps(manifest).encode()
