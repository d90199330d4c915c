"""Every ID of tests/lint/ids.txt is named by a test: a TEST_CASE, a test_… function, a fuzz target or a row of a matrix.

usage: ids.py SOURCE_FOLDER"""

import pathlib
import re
import sys

ID = re.compile(r"(?<![A-Z0-9])([A-Z]{1,3})[-_](\d\d)(?![0-9])")
NAMES = (
    ("*.cpp", re.compile(r'TEST_CASE\(\s*((?:"[^"]*"\s*)+)')),
    ("*.py", re.compile(r"def (test_\w+)")),
    ("fuzz/fuzz_*.cpp", re.compile(r"//+ (FZ-[^:]*):")),
    ("matrix/*.py", re.compile(r'(?:Fault|resumed|signal_cases)\(f?"([^"]+)"')),
)


def named(tests):
    ids = set()
    for pattern, name in NAMES:
        for path in tests.rglob(pattern):
            for found in name.findall(path.read_text()):
                ids.update(f"{area}-{number}" for area, number in ID.findall(found))
    return ids


def main(root):
    tests = pathlib.Path(root) / "tests"
    wanted = (tests / "lint/ids.txt").read_text().split()
    known = named(tests)
    missing = [i for i in wanted if i not in known]
    doubled = sorted({i for i in wanted if wanted.count(i) > 1})
    for i in missing:
        print(f"no test names {i}")
    for i in doubled:
        print(f"tests/lint/ids.txt lists {i} twice")
    return 1 if missing or doubled else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
