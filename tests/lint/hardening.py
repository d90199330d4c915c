"""T-52: the release binary has the mitigations that cmake/Hardening.cmake asks for.

usage: hardening.py BINARY"""

import re
import subprocess
import sys


def readelf(option, binary):
    return subprocess.run(["readelf", "--wide", option, binary], check=True, capture_output=True, text=True).stdout


def test_T_52_hardening(binary):
    header, segments, dynamic = (readelf(o, binary) for o in ("-h", "-l", "-d"))
    symbols = readelf("--dyn-syms", binary)
    checks = {
        "position-independent": re.search(r"Type:\s+DYN", header),
        "relocations read-only": "GNU_RELRO" in segments,
        "bound at start": re.search(r"BIND_NOW|Flags:.*\bNOW\b", dynamic),
        "stack not executable": re.search(r"GNU_STACK\s.*\sRW\s", segments),
        "no segment both writable and executable": not re.search(r"LOAD\s.*\sRWE\s", segments),
        "stack protector": "__stack_chk_fail" in symbols,
        "fortified": re.search(r"__\w+_chk@", symbols),
        "no search path for libraries": not re.search(r"RPATH|RUNPATH", dynamic),
    }
    return [name for name, holds in checks.items() if not holds]


if __name__ == "__main__":
    missing = test_T_52_hardening(sys.argv[1])
    for name in missing:
        print(f"{sys.argv[1]} lacks: {name}")
    sys.exit(1 if missing else 0)
