#!/usr/bin/env python3
"""The form of the repository: who includes whom, one door per outside thing, layout, left-overs.

    form.py [ROOT]      prints `file:line: what is wrong and what to do`, one finding a line

Ends with 0 when there is nothing to say, else with 1. form_test.py plants each fault once.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import rules
from tree import Finding, Source, Tree, line_of

CLANG_FORMAT = "clang-format-19"


def include_direction(tree: Tree) -> Iterator[Finding]:
    for source in tree.cpp:
        if not source.floor:
            continue
        if source.floor not in rules.FLOORS_BELOW:
            yield source.finding(1, f"there is no floor {source.floor}; see tests/form/rules.py")
            continue
        for include in source.includes:
            yield from direction_of_one(tree, source, include)


def direction_of_one(tree: Tree, source: Source, include) -> Iterator[Finding]:
    if not include.quoted:
        if include.name.startswith("chatd/"):
            yield source.finding(include.line, f'write "{include.name}": our own headers stand in quotes')
        return
    path = tree.resolve(source, include)
    if path is None:
        yield source.finding(include.line, f"{include.name} is no file of this tree; outside things take <>")
        return
    target = Source(tree.root, path)
    if not target.floor:
        yield source.finding(include.line, f"{path} is no part of the program; move what is needed out of it")
    elif target.floor != source.floor and target.floor not in rules.FLOORS_BELOW[source.floor]:
        below = ", ".join(rules.FLOORS_BELOW[source.floor]) or "nothing"
        yield source.finding(
            include.line, f"{source.floor} includes {target.floor}; below {source.floor} stands {below}"
        )
    elif path.startswith("src/") and source.path.startswith("include/"):
        yield source.finding(include.line, f"a public header includes the private {path}; make one of them the other")
    elif path.startswith("src/") and target.floor != source.floor and source.floor != "main":
        yield source.finding(include.line, f"{path} is private to {target.floor}; use include/chatd/{target.floor}")


def one_door(tree: Tree) -> Iterator[Finding]:
    boost_file = None
    for source in tree.cpp:
        for include in source.includes:
            for names, files, who in rules.DOORS:
                if names.fullmatch(include.name) and not files.fullmatch(source.path):
                    yield source.finding(include.line, f"<{include.name}> is for {who} alone; go through it")
            if rules.BOOST.fullmatch(include.name):
                boost_file = boost_file or source.path
                if source.path != boost_file:
                    yield source.finding(include.line, f"Boost is for one file alone, {boost_file}; go through it")
        if not rules.URING_FILES.fullmatch(source.path):
            yield from matches(source, rules.URING_NAME, "io_uring is for io alone; go through it")


def matches(source: Source, pattern: re.Pattern, text: str) -> Iterator[Finding]:
    for match in pattern.finditer(source.code):
        yield source.finding(line_of(source.code, match.start()), f"{match[0].strip()}: {text}")


def kernel_line(tree: Tree) -> Iterator[Finding]:
    for source in tree.cpp:
        inside = source.floor in rules.FLOORS_BELOW
        if inside and not rules.CHRONO_CLOCK_FILES.fullmatch(source.path):
            yield from matches(source, rules.CHRONO_CLOCK, "only io/system_clock and the clients ask a clock")
        if source.floor not in rules.BELOW_KERNEL_LINE:
            continue
        for include in source.includes:
            allowed = (source.path, include.name) in rules.KERNEL_HEADER_ALLOWED
            if rules.KERNEL_HEADER.fullmatch(include.name) and not allowed:
                yield source.finding(
                    include.line, f"<{include.name}> below the kernel line; take values in, give values out"
                )
        yield from matches(source, rules.CLOCK_CALL, "below the kernel line the time is an argument")
        yield from matches(source, rules.CHANCE_CALL, "below the kernel line chance comes from a Prng and its seed")
        yield from matches(source, rules.SYSTEM_CALL, "below the kernel line nothing calls the system")


def headers(tree: Tree) -> Iterator[Finding]:
    for source in tree.cpp:
        if not source.is_header:
            continue
        first = next((line for line in source.code.splitlines() if line.strip()), "")
        if first.strip() != "#pragma once":
            yield source.finding(1, "a header begins with #pragma once; put it before the first line of code")
        lines = [line for line in source.text.splitlines() if line.strip() and line.strip() != "#pragma once"]
        if not lines or not lines[0].startswith(("//", "/*")):
            yield source.finding(1, "a header opens with a comment: what it is, who owns the memory, who may call")


def own_header_first(tree: Tree) -> Iterator[Finding]:
    for source in tree.cpp:
        if source.is_header or not source.floor or not source.includes:
            continue
        inner = source.path.partition("/")[2].rpartition(".")[0]
        own = [f"include/chatd/{inner}.hpp", source.path.rpartition(".")[0] + ".hpp"]
        own = [path for path in own if path in tree.paths]
        first = source.includes[0]
        if own and tree.resolve(source, first) not in own:
            yield source.finding(first.line, f"include the own header, {own[0]}, first: it must stand by itself")


def named_in_meson(tree: Tree) -> Iterator[str]:
    """A pattern for every file name a meson.build writes out, or puts together from two words."""
    for build in tree.sources:
        if not build.path.endswith("meson.build"):
            continue
        text = re.sub(r"#[^\n]*", "", build.text)
        words = set(re.findall(r"'([^'\n]*)'", text))
        plain = "|".join(re.escape(word) for word in words if re.fullmatch(r"[\w./-]+", word))
        prefixes = "|".join(re.escape(word) for word in words if word.endswith(("_", "/")))
        for word in words:
            path = os.path.normpath(os.path.join(build.folder, word))
            if re.search(r"@\w+@", word):
                yield re.sub(r"@\w+@", lambda _: f"(?:{plain})", re.escape(path).replace("\\@", "@"))
            elif re.fullmatch(r"_?\w*\.(cpp|c)", word) and word.startswith(("_", ".")):
                folder = re.escape(build.folder + "/" if build.folder else "")
                yield f"{folder}(?:{prefixes})(?:{plain}){re.escape(word)}"
            else:
                yield re.escape(path)


def dead_files(tree: Tree) -> Iterator[Finding]:
    built = [re.compile(pattern) for pattern in set(named_in_meson(tree))]
    included = {tree.resolve(source, include) for source in tree.cpp for include in source.includes}
    for source in tree.cpp:
        if source.is_header:
            if source.path not in included:
                yield source.finding(1, "nothing includes this header; use it or remove it")
        elif not any(pattern.fullmatch(source.path) for pattern in built):
            yield source.finding(1, "no meson.build names this file; build it or remove it")


def left_overs(tree: Tree) -> Iterator[Finding]:
    for source in tree.cpp:
        if source.floor in rules.PRINT_FLOORS and source.path not in rules.PRINT_ALLOWED:
            yield from matches(source, rules.PRINT, "a left-over print; return a value, the programs print")
        for number, line in enumerate(source.text.splitlines(), 1):
            if mark := rules.UNFINISHED.search(line):
                yield source.finding(number, f"{mark[0]}: do it now, or open an issue and remove the mark")


def lengths(tree: Tree) -> Iterator[Finding]:
    for source in tree.sources:
        count = len(source.text.splitlines())
        most = rules.FILE_LINES_ALLOWED.get(source.path, rules.FILE_LINES_MAX)
        if count > most and not source.path.endswith((".md", ".txt", ".html")):
            yield source.finding(most + 1, f"{count} lines, {most} at most: find the second noun inside")


def whitespace(tree: Tree) -> Iterator[Finding]:
    for source in tree.sources:
        for number, line in enumerate(source.text.split("\n"), 1):
            if "\t" in line:
                yield source.finding(number, "a tab; indent with spaces (and write \\t in literals)")
            if line.endswith((" ", "\r", "\t")):
                yield source.finding(number, "blanks at the end of the line; remove them")
        if source.text and not source.text.endswith("\n"):
            yield source.finding(len(source.text.splitlines()), "the last line lacks its newline; add it")


def tests_mirror(tree: Tree) -> Iterator[Finding]:
    for source in tree.cpp:
        match = re.fullmatch(r"tests/unit/(\w+)/((?:\w+/)*)(\w+)_test\.cpp", source.path)
        if not match or match[1] not in rules.FLOORS_BELOW:
            continue
        floor, name = match[1], match[3]
        stems = {other.stem for other in tree.cpp if other.floor == floor}
        # room_log_property_test.cpp is one of the tests of room_log.
        if not any(name == stem or name.startswith(stem + "_") for stem in stems):
            yield source.finding(1, f"tests nothing in {floor} by that name; name it after the file it tests")


def heading_anchors(text: str) -> set[str]:
    anchors = set()
    for heading in re.findall(r"^#+\s+(.*?)\s*#*$", text, re.MULTILINE):
        kept = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
        anchors.add(kept.replace(" ", "-"))
    return anchors


def document_links(tree: Tree) -> Iterator[Finding]:
    for source in tree.sources:
        if source.path not in rules.DOCUMENTS:
            continue
        prose = re.sub(r"^```.*?^```", lambda match: re.sub(r"[^\n]", " ", match[0]), source.text,
                       flags=re.MULTILINE | re.DOTALL)
        for match in rules.MARKDOWN_LINK.finditer(prose):
            yield from link_of_one(tree, source, line_of(prose, match.start()), match[1])
        for match in rules.PATH_IN_CODE.finditer(prose):
            # A part in capitals stands for many; the folders before it must be there.
            path = re.split(r"/[A-Z_]+(?=/|$)", match[1])[0].rstrip("/")
            # `src/chat/room_log` means the header and the source.
            there = (tree.root / path).exists() or any(known.startswith(path + ".") for known in tree.paths)
            if not there:
                yield source.finding(line_of(prose, match.start()), f"{match[1]} is not there; mend the path")


def link_of_one(tree: Tree, source: Source, line: int, link: str) -> Iterator[Finding]:
    if re.match(r"[a-z]+:", link):
        return
    name, _, anchor = link.partition("#")
    path = os.path.normpath(os.path.join(source.folder, name)) if name else source.path
    if not (tree.root / path).exists():
        yield source.finding(line, f"the link to {name} leads nowhere; mend it")
    elif anchor and path.endswith(".md"):
        if anchor not in heading_anchors((tree.root / path).read_text(encoding="utf-8")):
            yield source.finding(line, f"{path} has no heading #{anchor}; mend the link")


def scripts(tree: Tree) -> Iterator[Finding]:
    for source in tree.sources:
        if source.folder not in ("scripts", ".ci"):
            continue
        is_command = "." not in source.path.rpartition("/")[2]
        if is_command and not os.access(tree.root / source.path, os.X_OK):
            yield source.finding(1, "a command that cannot be run; chmod +x it")
        if is_command and not source.text.startswith("#!/usr/bin/env "):
            yield source.finding(1, "a command begins with #!/usr/bin/env and its interpreter")
        if source.path.endswith(".sh") or source.text.startswith("#!/usr/bin/env bash"):
            yield from shell_script(tree, source, is_command)


def shell_script(tree: Tree, source: Source, is_command: bool) -> Iterator[Finding]:
    checked = subprocess.run(["bash", "-n", tree.root / source.path], capture_output=True, text=True)
    if checked.returncode != 0:
        message = checked.stderr.strip().splitlines()[0].partition(": ")[2]
        number = re.search(r"line (\d+)", message)
        yield source.finding(int(number[1]) if number else 1, f"bash cannot read this: {message}")
    if "set -euo pipefail" not in source.text and "lib.sh" not in source.text:
        yield source.finding(1, "set -euo pipefail is missing; a failed step must end the script")
    if is_command and source.folder == "scripts" and "--help" not in source.text:
        yield source.finding(1, "no --help; say in a few lines what this does")


def layout(tree: Tree) -> Iterator[Finding]:
    if not tree.cpp:
        return
    if not shutil.which(CLANG_FORMAT):
        yield Finding(".clang-format", 1, f"{CLANG_FORMAT} is not installed; apt-get install {CLANG_FORMAT}")
        return
    command = [CLANG_FORMAT, "--dry-run", "-Werror", "--ferror-limit=1", "--style=file"]
    checked = subprocess.run(command + [source.path for source in tree.cpp], cwd=tree.root,
                             capture_output=True, text=True)
    found = False
    for match in re.finditer(r"^(\S+?):(\d+):\d+: (?:error|warning): ", checked.stderr, re.MULTILINE):
        found = True
        yield Finding(match[1], int(match[2]), "the layout is not .clang-format's; scripts/format mends it")
    if checked.returncode != 0 and not found:
        yield Finding(".clang-format", 1, f"{CLANG_FORMAT} failed: {checked.stderr.strip()[:300]}")


CHECKS = [
    include_direction, one_door, kernel_line, headers, own_header_first, dead_files, left_overs,
    lengths, whitespace, tests_mirror, document_links, scripts, layout,
]


def findings(root: Path) -> list[Finding]:
    tree = Tree(root)
    return sorted({finding for check in CHECKS for finding in check(tree)})


def main(arguments: list[str]) -> int:
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print(__doc__, file=sys.stderr)
        return 0 if arguments == ["--help"] else 64
    root = Path(arguments[0] if arguments else Path(__file__).parents[2]).resolve()
    tree = Tree(root)
    if not tree.cpp:
        print(f"{root}: no C++ source here; is this the root of the repository?")
        return 1
    found = findings(root)
    for finding in found:
        print(finding)
    print(f"{len(tree.sources)} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
