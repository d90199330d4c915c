#!/usr/bin/env python3
"""Runs two shell commands in turn and prints one row of a table: medians of wall time, processor time and memory.

Usage: measure.py [-n RUNS] [-c CPU_LIMIT] NAME OURS THEIRS [LIMIT]

OURS and THEIRS are command lines: run by bash, or directly when they begin with "exec". Memory is that of the largest process of each. LIMIT is the ratio
of wall time that OURS should not exceed, CPU_LIMIT that of processor time; the row says whether it did.
"""

import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time


def words_of(command):
    words = shlex.split(command)
    return words[1:] if words[0] == "exec" else ["bash", "-c", command]


def run(command):
    started = time.perf_counter()
    process = subprocess.Popen(words_of(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status != 0:
        sys.exit(f"failed with status {status}: {command}")
    return wall, usage.ru_utime + usage.ru_stime


def memory(command):
    """MiB of the largest process: asked of GNU time, because our own children begin with Python's memory."""
    with tempfile.NamedTemporaryFile("r") as file:
        subprocess.run(["/usr/bin/time", "-f", "%M", "-o", file.name, *words_of(command)],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return int(file.read()) / 1024


def main():
    arguments = sys.argv[1:]
    runs = 7
    if arguments[0] == "-n":
        runs, arguments = int(arguments[1]), arguments[2:]
    cpu_limit = None
    if arguments[0] == "-c":
        cpu_limit, arguments = float(arguments[1]), arguments[2:]
    name, ours, theirs = arguments[:3]
    limit = float(arguments[3]) if len(arguments) > 3 else None
    run(ours), run(theirs)  # warm caches for both
    pairs = [(run(ours), run(theirs)) for _ in range(runs)]
    a = [statistics.median(p[0][i] for p in pairs) for i in range(2)] + [memory(ours)]
    b = [statistics.median(p[1][i] for p in pairs) for i in range(2)] + [memory(theirs)]
    ratio = statistics.median(p[0][0] / p[1][0] for p in pairs)
    verdict = "" if limit is None else f"{limit:.2f} {'met' if ratio <= limit else 'MISSED'}"
    processor = f"{a[1] * 1000:.0f} / {b[1] * 1000:.0f} ms"
    if cpu_limit is not None:
        cpu_ratio = statistics.median(p[0][1] / p[1][1] for p in pairs)
        processor += f", {cpu_ratio:.2f} of {cpu_limit:.2f} {'met' if cpu_ratio <= cpu_limit else 'MISSED'}"
    print(f"| {name} | {a[0] * 1000:.1f} ms | {b[0] * 1000:.1f} ms | {ratio:.2f} | {verdict} "
          f"| {processor} | {a[2]:.1f} / {b[2]:.1f} MiB |", flush=True)


if __name__ == "__main__":
    main()
