#!/usr/bin/env python3
"""Reads what Meson knows about tests, for the scripts beside this file.

    results.py suites BUILD_DIRECTORY   the suites that hold a test, one a line
    results.py count RESULTS_JSON       "passed failed skipped"; failing tests, with the end of
                                        their output, on stderr
"""

import json
import sys
from pathlib import Path

OUTPUT_LINES_MAX = 40
OUTPUT_COLUMNS_MAX = 500


def suites(build: Path) -> int:
    tests = json.loads((build / "meson-info" / "intro-tests.json").read_text())
    # Meson writes a test's suites as "project:suite", or "project" alone for a test without.
    names = {suite.partition(":")[2] for test in tests for suite in test["suite"]}
    print("\n".join(sorted(names - {""})))
    return 0


def tail(output: str) -> str:
    lines = output.rstrip().splitlines()[-OUTPUT_LINES_MAX:]
    return "\n".join("    " + line[:OUTPUT_COLUMNS_MAX] for line in lines)


def count(results: Path) -> int:
    passed = failed = skipped = 0
    for line in results.read_text(errors="replace").splitlines():
        test = json.loads(line)
        outcome = test["result"]
        if outcome in ("OK", "EXPECTEDFAIL"):
            passed += 1
        elif outcome == "SKIP":
            skipped += 1
        else:
            failed += 1
            print(f"{test['name']}: {outcome}, exit status {test.get('returncode')}", file=sys.stderr)
            for stream in ("stdout", "stderr"):
                if test.get(stream, "").strip():
                    print(tail(test[stream]), file=sys.stderr)
            command = " ".join(test.get("command") or [])
            print(f"    to repeat it: {command}", file=sys.stderr)
    print(passed, failed, skipped)
    return 0


def main(arguments: list[str]) -> int:
    commands = {"suites": suites, "count": count}
    if len(arguments) != 2 or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        return commands[arguments[0]](Path(arguments[1]))
    except (OSError, ValueError, KeyError) as error:
        print(f"results.py: {arguments[1]}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
