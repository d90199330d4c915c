#!/usr/bin/env python3
"""Each public header compiles alone, and no source file is longer than 500 lines."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

LONGEST = 500


def compiles(root: pathlib.Path, header: pathlib.Path) -> str:
    name = header.relative_to(root / "include")
    compiler = os.environ.get("CXX", "c++")
    result = subprocess.run(
        [compiler, "-std=c++20", f"-I{root}/include", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c++", "-"],
        input=f'#include "{name}"\n', text=True, capture_output=True, check=False)
    return "" if result.returncode == 0 else f"{name} does not compile alone:\n{result.stderr}"


def is_built_alone(root: pathlib.Path, header: pathlib.Path) -> bool:
    """The source of its own that includes it first has shown it already."""
    name = header.relative_to(root / "include")
    source = root / "src" / name.relative_to("regtool").with_suffix(".cpp")
    if not source.exists():
        return False
    first = next((l for l in source.read_text(encoding="utf-8").splitlines() if l.startswith("#include")), "")
    return first == f'#include "{name}"'


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    headers = sorted((root / "include").rglob("*.hpp"))
    unseen = [h for h in headers if not is_built_alone(root, h)]
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        problems = [p for p in pool.map(lambda h: compiles(root, h), unseen) if p]
    for folder in ("include", "src", "tests"):
        for path in sorted((root / folder).rglob("*.[hc]pp")):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > LONGEST:
                problems.append(f"{path.relative_to(root)} has {lines} lines, {LONGEST} is the most")
    print("\n".join(problems))
    print(f"{len(headers)} headers, {len(unseen)} of them compiled here, {len(problems)} problems")
    return 1 if problems or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
