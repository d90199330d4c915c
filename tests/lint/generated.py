#!/usr/bin/env python3
"""The checked-in completions and manual pages are what the program prints today, and every command's help is whole."""

import json
import pathlib
import subprocess
import sys


def output(binary: str, *arguments: str) -> str:
    return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout


def main() -> int:
    root, binary = pathlib.Path(sys.argv[1]), sys.argv[2]
    commands = json.loads(output(binary, "--dump-cli"))["commands"]
    pages = ["regtool"] + ["regtool-" + c["path"].replace(" ", "-") for c in commands]
    expected = {root / "man" / f"{page}.1": output(binary, "--dump-man", page) for page in pages}
    for shell, name in (("bash", "regtool.bash"), ("zsh", "_regtool"), ("fish", "regtool.fish")):
        expected[root / "completions" / name] = output(binary, "completion", shell)

    problems = []
    for path, text in expected.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            problems.append(f"{path.relative_to(root)} is not what the program prints: run script/generate")
    for path in (root / "man").glob("*"):
        if path not in expected:
            problems.append(f"{path.relative_to(root)} belongs to no command")
    for command in commands:
        text = output(binary, *command["path"].split(), "--help")
        for line in text.splitlines():
            # Example lines are typed by people and kept whole.
            if len(line) > 80 and not line.startswith("  "):
                problems.append(f"{command['path']} --help: wider than 80 columns: {line}")
        if "Examples:" not in text or not 2 <= len(command["examples"]) <= 4:
            problems.append(f"{command['path']} --help: two to four examples are due")
    print("\n".join(problems))
    print(f"{len(expected)} generated files, {len(commands)} commands, {len(problems)} problems")
    return 1 if problems or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
