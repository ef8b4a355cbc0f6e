"""The repository as the form test sees it: its files, their floors, their code without comments."""

import functools
import os
import re
from pathlib import Path
from typing import NamedTuple

CPP_ENDINGS = (".cpp", ".hpp", ".c", ".h")
TEXT_ENDINGS = CPP_ENDINGS + (".py", ".sh", ".js", ".mjs", ".md", ".txt", ".html", "meson.build")
FOLDERS_SKIPPED = {"build", ".git", "node_modules", "__pycache__"}
CORPUS = "tests/fuzz/corpus/"

# One lexical element that may hold something which only looks like code. Numbers and words are
# listed so that 1'000 opens no character literal and uR"( )" is seen whole.
ELEMENT = re.compile(
    r"""
    (?P<comment> //[^\n]* | /\*.*?\*/ )
  | (?P<literal> (?:u8|[uUL])?R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"
               | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+' )
  | \d(?:'?[\w.])* | [A-Za-z_]\w*
    """,
    re.VERBOSE | re.DOTALL,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


class Finding(NamedTuple):
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class Include(NamedTuple):
    line: int
    quoted: bool
    name: str


def blank(text: str) -> str:
    """As many lines as before, nothing on them."""
    return re.sub(r"[^\n]", " ", text)


class Source:
    """One file. `path` is relative to the root, with forward slashes."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self.text = (root / path).read_text(encoding="utf-8", errors="replace")

    @property
    def is_cpp(self) -> bool:
        return self.path.endswith(CPP_ENDINGS)

    @property
    def is_header(self) -> bool:
        return self.path.endswith((".hpp", ".h"))

    @property
    def stem(self) -> str:
        return self.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @functools.cached_property
    def floor(self) -> str:
        """Which floor of the house this is; "" for what stands outside it (tests, documents)."""
        parts = self.path.split("/")
        if parts[:2] == ["include", "chatd"] and len(parts) > 3:
            return parts[2]
        if parts[0] == "src":
            return parts[1] if len(parts) > 2 else "main"
        return "clients" if parts[0] == "clients" else ""

    def stripped(self, literals_too: bool) -> str:
        def replace(match: re.Match) -> str:
            if match["comment"] or (literals_too and match["literal"]):
                return blank(match[0])
            return match[0]

        return ELEMENT.sub(replace, self.text)

    @functools.cached_property
    def code(self) -> str:
        """The text with comments and literals blanked; line numbers stay."""
        return self.stripped(literals_too=True)

    @functools.cached_property
    def includes(self) -> list[Include]:
        text = self.stripped(literals_too=False)
        return [
            Include(line_of(text, match.start(1)), match[1] == '"', match[2])
            for match in INCLUDE.finditer(text)
        ]

    def finding(self, line: int, text: str) -> Finding:
        return Finding(self.path, line, text)


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


class Tree:
    """Every text file of the repository, build directories and fuzz corpora left out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths: set[str] = set()
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(set(folders) - FOLDERS_SKIPPED)
            for name in files:
                path = (Path(folder) / name).relative_to(root).as_posix()
                if not path.startswith(CORPUS):
                    self.paths.add(path)
        self.sources = [Source(root, path) for path in sorted(self.paths) if self.is_text(path)]
        self.cpp = [source for source in self.sources if source.is_cpp]

    @staticmethod
    def is_text(path: str) -> bool:
        if path.endswith(TEXT_ENDINGS):
            return True
        folder, _, name = path.rpartition("/")
        return folder in ("scripts", ".ci") and "." not in name

    def resolve(self, source: Source, include: Include) -> str | None:
        """The file a quoted include means, or None. Of NAME that Meson writes there is NAME.in."""
        for folder in (source.folder, "include", "src", "clients", "tests"):
            path = os.path.normpath(os.path.join(folder, include.name))
            for written in (path, f"{path}.in"):
                if written in self.paths:
                    return written
        return None
