"""Memory follows the number of a layer's entries, slowly, and nothing else."""

import subprocess
import sys
import tarfile
import unittest

from lab import REGTOOL, Case
from layered import DATE, Layout

FILES = 200_000
PER_FOLDER = 200
LIMIT_MIB = 40  # what is measured is 25 to 35

# In a process of its own, so that Python's memory, which a child begins with, is small.
MEASURE = """
import os, sys
out = os.open(os.devnull, os.O_WRONLY)
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
_, status, used = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss)
"""


def headers(kind, prefix, size=0):
    """A function from names to tar headers, made from one: tarfile takes a minute for as many."""
    info = tarfile.TarInfo("x" * 100)
    info.type, info.size, info.mtime, info.uname, info.gname = kind, size, DATE, "root", "root"
    model = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    model[:100] = bytes(100)
    model[148:156] = b" " * 8
    rest = sum(model)

    def header(name):
        name = prefix + name
        made = model.copy()
        made[:len(name)] = name
        made[148:156] = b"%06o\0 " % (rest + sum(name))
        return bytes(made)

    return header


def large_layer():
    folder, file = headers(tarfile.DIRTYPE, b"usr/share/"), headers(tarfile.REGTYPE, b"usr/share/", 7)
    content = b"content".ljust(512, b"\0")
    parts = []
    for i in range(FILES):
        if i % PER_FOLDER == 0:
            name = b"folder-%04d/" % (i // PER_FOLDER)
            parts.append(folder(name))
        parts += [file(b"%sa-file-of-some-name-%07d" % (name, i)), content]
    return b"".join(parts) + bytes(1024)


class Memory(Case):
    def peak(self, *args):
        """MiB of the command at its largest."""
        process = subprocess.run([sys.executable, "-S", "-c", MEASURE, REGTOOL, *map(str, args)], text=True,
                                 env=self.environment(), capture_output=True, timeout=300, check=True)
        code, kib = map(int, process.stdout.split())
        self.assertEqual(code, 0, process.stderr)
        return kib / 1024

    def test_T_21_a_layer_of_200000_entries_takes_40_MiB(self):
        image = Layout(self.home / "image", [large_layer()]).image
        some = f"/usr/share/folder-0500/a-file-of-some-name-{500 * PER_FOLDER:07}"
        for name, *args in (("read", "ls", "-R", "--no-cache"), ("index", "ls", "-lR"), ("ls", "ls", "-lR"),
                            ("find", "find"), ("cat", "cat", some), ("export", "export"), ("waste", "waste")):
            with self.subTest(name):
                flags = [a for a in args[1:] if a.startswith("-")]
                paths = [a for a in args[1:] if not a.startswith("-")]
                self.assertLess(self.peak(args[0], *flags, image, *paths), LIMIT_MIB)
        listed = self.ok("find", image, "--type", "f").lines
        self.assertEqual(len(listed), FILES)
        self.assertEqual(self.ok("cat", image, some).out, b"content")


if __name__ == "__main__":
    unittest.main()
