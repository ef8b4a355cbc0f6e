#!/usr/bin/env python3
"""Packs the files of a web page into C++ that chatd is compiled with.

    pack.py OUTPUT.cpp FILE...

index.html is served at /. Every other file is served at /assets/NAME-HASH.ENDING, HASH being that
of its content, so a browser may keep it for ever. Files name each other as './NAME' in quotes (or
url(./NAME) in a style sheet); that is replaced here, in the order of who needs whom. A name that
no FILE has, or files that name each other in a circle, end the build with a line that says so.

Each file is kept twice, as it is and compressed by gzip, unless that is no shorter. The same files
give the same bytes: no time and no path of the building machine is in them.
"""

import gzip
import hashlib
import re
import sys
from pathlib import Path

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
BINARY = {".png"}
PAGE = "index.html"
HASH_DIGITS = 16
COMMENT = re.compile(r"\s*(//|\*|/\*)")  # a line that is nothing else, in a script
REFERENCE = re.compile(r"""(?P<before>['"]|url\()\./(?P<name>[\w.-]+)(?P<after>['"]|\))""")


class Mistake(Exception):
    """What is wrong with the files, in one line."""


class Asset:
    def __init__(self, path, content_type, content):
        self.path = path
        self.content_type = content_type
        self.content = content
        self.hash = hash_of(content)
        compressed = gzip.compress(content, compresslevel=9, mtime=0)
        self.compressed = compressed if len(compressed) < len(content) else b""


def hash_of(content):
    return hashlib.sha256(content).hexdigest()[:HASH_DIGITS]


def hashed_name(name, content):
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-{hash_of(content)}{dot}{ending}"


class Packer:
    """`files` maps names to contents."""

    def __init__(self, files):
        self.files = files
        self.packed = {}  # name: Asset
        self.open = []  # whose references are being replaced

    def pack(self):
        if PAGE not in self.files:
            raise Mistake(f"there is no {PAGE}")
        for name in sorted(self.files):
            self.asset(name)
        # The page first, then by name: what is asked for the most is found at once.
        return sorted(self.packed.values(), key=lambda asset: asset.path)

    def asset(self, name):
        if name in self.packed:
            return self.packed[name]
        ending = Path(name).suffix
        if ending not in CONTENT_TYPES:
            known = ", ".join(sorted(CONTENT_TYPES))
            raise Mistake(f"{name}: no content type is known for it; there are {known}")
        if name in self.open:
            raise Mistake(f"{' -> '.join(self.open + [name])}: files name each other in a circle")
        self.open.append(name)
        content = self.files[name]
        if ending not in BINARY:
            lines = content.decode("utf-8").splitlines(keepends=True)
            content = "".join(self.with_references(name, line) for line in lines).encode("utf-8")
        self.open.pop()
        path = "/" if name == PAGE else "/assets/" + hashed_name(name, content)
        self.packed[name] = Asset(path, CONTENT_TYPES[ending], content)
        return self.packed[name]

    def with_references(self, name, line):
        if name.endswith(".js") and COMMENT.match(line):
            return line

        def replace(match):
            wanted = match["name"]
            if wanted not in self.files:
                raise Mistake(f"{name} names ./{wanted}, which is not among the files packed")
            if wanted == PAGE:
                return match["before"] + "/" + match["after"]
            return match["before"] + self.asset(wanted).path + match["after"]

        return REFERENCE.sub(replace, line)


def literal(content):
    """C++ string literals, one after the other, of exactly these bytes."""
    pieces = []
    for start in range(0, len(content), 64):
        piece = "".join(
            chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else f"\\{byte:03o}"
            for byte in content[start : start + 64]
        )
        pieces.append(f'    "{piece}"')
    return "\n".join(pieces) or '    ""'


def source_of(assets):
    lines = [
        "// Made by clients/web/pack.py; not to be edited.",
        "",
        '#include "chatd/server/web_assets.hpp"',
        "",
        "namespace chatd::server {",
        "",
        "namespace {",
        "",
        "using namespace std::string_view_literals;",
        "",
    ]
    for index, asset in enumerate(assets):
        for what, content in (("plain", asset.content), ("gzip", asset.compressed)):
            lines += [f"constexpr std::string_view {what}_{index} =", literal(content) + "sv;", ""]
    lines += [f"constexpr wire::Asset assets[] = {{"]
    for index, asset in enumerate(assets):
        lines += [
            f'    {{.path = "{asset.path}", .content_type = "{asset.content_type}",',
            f'     .hash = "{asset.hash}", .plain = plain_{index}, .gzip = gzip_{index}}},',
        ]
    lines += [
        "};",
        "",
        "}  // namespace",
        "",
        "std::span<const wire::Asset> web_assets() noexcept { return assets; }",
        "",
        "}  // namespace chatd::server",
        "",
    ]
    return "\n".join(lines)


def main(arguments):
    if len(arguments) < 2 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 0 if arguments == ["--help"] else 64
    try:
        files = {Path(name).name: Path(name).read_bytes() for name in arguments[1:]}
        Path(arguments[0]).write_text(source_of(Packer(files).pack()), encoding="ascii")
    except (Mistake, OSError, UnicodeDecodeError) as error:
        print(f"pack.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
