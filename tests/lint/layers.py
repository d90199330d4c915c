#!/usr/bin/env python3
"""Fails when a file includes a room above its own, a neighbour on its floor, or a third-party header that belongs
to another room. The tables below are the house's plan; docs/architecture.md draws it."""

import pathlib
import re
import sys

FLOORS = {
    "base": 0,
    "model": 1, "stream": 1,
    "http": 2, "layer": 2,
    "auth": 3,
    "registry": 4,
    "store": 5,
    "ops": 6, "serve": 6,
    "ui": 7,
    "cli": 8,
}

# Neighbours that may be seen, and the parts of lower rooms that alone may be seen.
ALLOWED_NEIGHBOURS = {("stream", "model"): {"digest.hpp"}}
RESTRICTED = {("ui", "ops"): re.compile(r".*_report\.hpp$|^progress\.hpp$")}
# The terminal side knows result structs and streams, not the network.
FORBIDDEN = {("ui", "http"), ("ui", "auth"), ("ui", "registry"), ("ui", "store"), ("ui", "layer"),
             ("ops", "http"), ("ops", "auth"), ("serve", "registry"), ("serve", "auth"), ("serve", "http")}

THIRD_PARTY = [
    (re.compile(r"^curl/"), {"http"}),
    (re.compile(r"^archive(_entry)?\.h$"), {"layer"}),
    (re.compile(r"^(zlib|zstd|isa-l|isa-l/.*)(\.h)?$"), {"stream"}),
    (re.compile(r"^CLI/"), {"cli"}),
    (re.compile(r"^openssl/"), {"base", "http"}),
    (re.compile(r"^(jq|jv)\.h$"), {"ui"}),
    (re.compile(r"^toml"), {"cli"}),
    (re.compile(r"^(microhttpd|crypt)\.h$"), {"serve"}),
    (re.compile(r"^sqlite3\.h$"), {"ops"}),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def room_of(path: pathlib.Path, root: pathlib.Path) -> str:
    parts = path.relative_to(root).parts
    return parts[2] if parts[0] == "include" else parts[1]


def own_include(target: str, room: str):
    """(room, file) of an include of ours, else None."""
    parts = target.split("/")
    if parts[0] == "regtool" and len(parts) >= 3:
        return parts[1], "/".join(parts[2:])
    if parts[0] in FLOORS and len(parts) >= 2:
        return parts[0], "/".join(parts[1:])
    return None


def check(path: pathlib.Path, root: pathlib.Path):
    room = room_of(path, root)
    public = path.relative_to(root).parts[0] == "include"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match.group(1)
        where = f"{path.relative_to(root)}:{number}"
        for pattern, rooms in THIRD_PARTY:
            if pattern.match(target) and room not in rooms:
                yield f"{where}: <{target}> belongs in {', '.join(sorted(rooms))}"
        if public and target == "nlohmann/json.hpp":
            yield f"{where}: public headers include json_fwd.hpp only"
        own = own_include(target, room)
        if own is None or own[0] == room:
            continue
        other, name = own
        if other not in FLOORS:
            yield f"{where}: unknown room {other}"
        elif FLOORS[other] > FLOORS[room]:
            yield f"{where}: {room} (floor {FLOORS[room]}) sees {other} (floor {FLOORS[other]})"
        elif FLOORS[other] == FLOORS[room] and name not in ALLOWED_NEIGHBOURS.get((room, other), set()):
            yield f"{where}: {room} sees its neighbour {other}"
        elif (room, other) in FORBIDDEN:
            yield f"{where}: {room} must not see {other}"
        elif (room, other) in RESTRICTED and not RESTRICTED[(room, other)].match(name):
            yield f"{where}: {room} may not see {other}/{name}"


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    files = sorted(p for folder in ("include/regtool", "src") for p in (root / folder).rglob("*.[hc]*")
                   if p.suffix in {".hpp", ".cpp", ".c", ".h"} and len(p.relative_to(root).parts) > 2)
    problems = [problem for path in files for problem in check(path, root)]
    for problem in problems:
        print(problem)
    print(f"{len(files)} files, {len(problems)} forbidden includes")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
