"""The file system that layers make, worked out with Python's tarfile by the text of the image specification (layer.md,
"Applying Changesets"): what the program's own merge is compared with. Plain, slow, and of no use for hostile layers."""

import io
import os
import tarfile

TYPES = {tarfile.REGTYPE: "file", tarfile.AREGTYPE: "file", tarfile.GNUTYPE_SPARSE: "file",
         tarfile.DIRTYPE: "directory", tarfile.SYMTYPE: "symlink", tarfile.CHRTYPE: "char_device",
         tarfile.BLKTYPE: "block_device", tarfile.FIFOTYPE: "fifo"}
MOST_HOPS = 40


class Refused(Exception):
    """No file system: a hard link to nothing or to a folder, links in a circle."""


class Node:
    """One object. Names that are hard links of each other share it."""

    def __init__(self, kind="directory", mode=0o755, uid=0, gid=0, mtime=0, target="", content=b"", xattrs=()):
        self.kind, self.mode, self.uid, self.gid, self.mtime = kind, mode, uid, gid, mtime
        self.target, self.content, self.xattrs = target, content, xattrs
        self.children = {}

    def facts(self):
        """What can be compared, whatever the folder's place."""
        return (self.kind, self.mode, self.uid, self.gid, self.mtime, self.target, self.content, tuple(self.xattrs))


def parts_of(name):
    parts = []
    for part in name.split("/"):
        if part == "..":
            if not parts:
                raise Refused(name)
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return parts


def entries_of(tar):
    """(parts of the name, TarInfo, content) in the order of the archive."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return [(parts_of(info.name), info, archive.extractfile(info).read() if info.isreg() else b"")
                for info in archive]


class Tree:
    def __init__(self, layers):
        self.root = Node()
        for tar in layers:
            self.apply(entries_of(tar))

    def descend(self, parts, create):
        """The folder that parts lead to, links followed within the root; None where there is none and `create` is
        false. A link whose place a folder of the layer at hand takes leads nowhere then."""
        ahead, stack, hops = list(reversed(parts)), [("", self.root)], 0
        while ahead:
            part = ahead.pop()
            if part == "..":
                del stack[max(len(stack) - 1, 1):]
                continue
            above = stack[-1][1]
            node = above.children.get(part)
            if node is not None and node.kind == "symlink":
                if not create and tuple(name for name, _ in stack[1:]) + (part,) in self.own:
                    return None
                hops += 1
                if hops > MOST_HOPS:
                    raise Refused(part)
                ahead += [step for step in reversed(node.target.split("/")) if step not in ("", ".")]
                if node.target.startswith("/"):
                    del stack[1:]
                continue
            if node is None or node.kind != "directory":
                if not create:
                    return None
                node = above.children[part] = Node()
            stack.append((part, node))
        return stack[-1][1]

    def apply(self, entries):
        self.own = {tuple(parts) for parts, info, _ in entries if info.isdir()}
        # Only lower layers are there so far: nothing of this layer is hidden, wherever its whiteouts stand.
        for parts, _, _ in entries:
            if parts and parts[-1].startswith(".wh."):
                self.whiteout(parts)
        for parts, info, content in entries:
            if not any(part.startswith(".wh.") for part in parts):
                self.add(parts, info, content)

    def whiteout(self, parts):
        *above, name = parts
        if any(part.startswith(".wh.") for part in above):
            return
        folder = self.descend(above, create=False)
        if folder is None:
            return
        if name == ".wh..wh..opq":
            folder.children.clear()
        else:
            folder.children.pop(name[4:], None)

    def add(self, parts, info, content):
        if not parts:
            folder, name, old = None, None, self.root
        else:
            *above, name = parts
            folder = self.descend(above, create=True)
            old = folder.children.get(name)
        if info.isdir() and old is not None and old.kind == "directory":
            old.mode, old.uid, old.gid, old.mtime = info.mode, info.uid, info.gid, int(info.mtime)
            old.xattrs = xattrs_of(info)
            return
        folder.children[name] = self.linked(info) if info.islnk() else Node(
            TYPES[info.type], info.mode, info.uid, info.gid, int(info.mtime), info.linkname if info.issym() else "",
            content, xattrs_of(info))

    def linked(self, info):
        *above, name = parts_of(info.linkname) or [""]
        folder = self.descend(above, create=False)
        node = folder and folder.children.get(name)
        if node is None or node.kind == "directory":
            raise Refused(info.name)
        return node

    def paths(self):
        """Path to node of all below the root."""
        found, ahead = {}, [("", self.root)]
        while ahead:
            path, node = ahead.pop()
            for name, child in node.children.items():
                found[f"{path}/{name}"] = child
                if child.kind == "directory":
                    ahead.append((f"{path}/{name}", child))
        return found


def xattrs_of(info):
    prefix = "SCHILY.xattr."
    return sorted((key[len(prefix):], os.fsencode(value)) for key, value in info.pax_headers.items()
                  if key.startswith(prefix))


def merged(layers):
    """Path ("/usr/bin/env") to node."""
    return Tree(layers).paths()
