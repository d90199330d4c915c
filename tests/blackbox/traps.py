"""Layers that other tools get wrong: each trap is an image of its own, as the tars of its layers, lowest first."""

import io
import os
import pathlib
import subprocess
import tarfile
import tempfile

from layered import DATE, entry, file, folder, hardlink, layer, symlink


def device(name):
    return entry(name, type=tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666), b""


def pipe(name):
    return entry(name, type=tarfile.FIFOTYPE, mode=0o622), b""


def gnu(*entries):
    """A layer in GNU's format: long names in entries of their own, large numbers in base 256."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def sparse(*options):
    """A file with holes as GNU tar stores it; its content is all that is in the layer."""
    with tempfile.TemporaryDirectory() as above:
        with open(pathlib.Path(above) / "holes", "wb") as holes:
            holes.truncate(3 << 20)
            for at in (0, 1 << 20, 2 << 20):
                holes.seek(at)
                holes.write(b"data" * 1024)
        os.utime(holes.name, (DATE, DATE))
        return subprocess.run(["tar", "-cS", "--owner=0", "--group=0", *options, "-C", above, "holes"], check=True,
                              capture_output=True).stdout


def entries():
    """The traps that a list of entries makes."""
    return {
        "whiteouts": [[folder("d"), file("d/a", b"1"), file("d/b", b"2"), file("c")],
                      [folder("d"), file("d/.wh.a"), file("d/new", b"3"), file(".wh.c")]],
        "whiteout and then the file": [[file("a", b"old"), file("b", b"old")],
                                       [file(".wh.a"), file("a", b"new"), file("b", b"new"), file(".wh.b")]],
        "whiteouts of nothing": [[file("a", b"1")], [file(".wh.b"), file("no/.wh.c"), file("a/.wh.d")]],
        "opaque": [[folder("d"), file("d/a"), folder("d/s"), file("d/s/x")],
                   [folder("d"), file("d/.wh..wh..opq"), file("d/n", b"n")]],
        "opaque last": [[folder("d"), file("d/a")], [folder("d"), file("d/n", b"n"), file("d/.wh..wh..opq")]],
        "twice": [[file("a", b"first"), file("b", b"x"), file("./a", b"second"), symlink("b", "a")]],
        "replaced": [[folder("a"), file("a/x"), file("b")], [file("a", b"f"), folder("b"), file("b/y")]],
        "links": [[folder("usr"), folder("usr/bin"), symlink("bin", "usr/bin"), symlink("abs", "/etc/x")],
                  [file("bin/t", b"t", mode=0o755)]],
        "link gives way to folder": [[folder("usr"), file("usr/x", b"x"), symlink("d", "usr")],
                                     [folder("d"), file("d/y", b"y")]],
        "loops": [[symlink("a", "b"), symlink("b", "a"), symlink("self", "self"), file("f", b"f")]],
        "implied folders": [[file("deep/er/file", b"z")], [folder("deep", mode=0o700)]],
        "hardlinks": [[file("a", b"one"), hardlink("b", "a"), hardlink("c", "b")], [file("a", b"two")]],
        "hardlink below": [[file("a", b"one")], [hardlink("b", "./a")], [file(".wh.a")]],
        "hidden": [[file("a", b"one"), hardlink("b", "a")], [file(".wh.a")]],
        "modes": [[file("s", b"x", mode=0o4755), folder("t", mode=0o1777), file("r", mode=0o400),
                   folder("closed", mode=0o555), file("closed/in", b"in")]],
        "xattrs": [[file("x", b"x", pax_headers={"SCHILY.xattr.user.note": "said"}), folder("d"),
                    file("n", b"n", mtime=DATE + 0.25)]],
        "devices": [[device("null"), pipe("pipe")]],
        "owners": [[file("o", b"o", uid=1234, gid=4321), symlink("l", "o"), folder("p")], [file("p/q", uid=3_000_000)]],
        "names": [[file("d" * 120 + "/" + "n" * 250, b"long"), file(os.fsdecode(b"caf\xe9"), b"l"), file("a\nb", b"n")]],
    }


def traps():
    """Name to tars."""
    made = {name: [layer(*layer_entries) for layer_entries in layers] for name, layers in entries().items()}
    made["GNU names"] = [gnu(file("d" * 120 + "/" + "n" * 250, b"long", uid=3_000_000), symlink("l", "t/" * 150))]
    made["sparse, GNU"] = [sparse("--format=gnu")]
    made["sparse, PAX 0.1"] = [sparse("--format=pax", "--sparse-version=0.1")]
    made["sparse, PAX 1.0"] = [sparse("--format=pax", "--sparse-version=1.0")]
    whole = made["whiteouts"][0].rstrip(b"\0")
    made["no end marker"] = [whole + bytes(-len(whole) % 512)]
    return made
