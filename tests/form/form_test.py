#!/usr/bin/env python3
"""Plants each fault in a tree that has none, and sees that the form test names it, file and line."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

import form
import rules

# A tree without a fault. Every planting changes or adds one file of it.
CLEAN = {
    ".clang-format": "BasedOnStyle: Google\nColumnLimit: 100\n",
    "README.md": "# chatd\nSee [the floors](ARCHITECTURE.md#the-floors) and `src/wire/line`.\n",
    "ARCHITECTURE.md": "# Architecture\n\n## The floors\n\n`include/chatd/wire` and `src/main.cpp`.\n",
    "src/meson.build": "base = ['base/address.cpp', 'wire/line.cpp', 'main.cpp']\n"
    "rest = ['server/' + 'loop.cpp', 'io/ring.cpp', 'chat/room.cpp', 'engine/core.cpp',\n"
    "  'io/system_clock.cpp', 'wire/utf8.cpp', 'base/assert.cpp', 'server/loop.cpp']\n",
    "tests/meson.build": "foreach name : ['line']\n"
    "  executable(name, 'unit/wire' / name + '_test.cpp', 'unit/wire/@0@_test.cpp'.format(name))\n"
    "endforeach\n",
    "include/chatd/base/address.hpp": "#pragma once\n// Addresses.\n",
    "include/chatd/wire/line.hpp": '#pragma once\n// Lines.\n\n#include "chatd/base/address.hpp"\n',
    "include/chatd/chat/room.hpp": '#pragma once\n// Rooms.\n\n#include "chatd/wire/line.hpp"\n',
    "src/base/address.cpp": '#include "chatd/base/address.hpp"\n\n#include <arpa/inet.h>\n',
    "src/base/assert.cpp": "#include <cstdio>\n\nvoid fails() { std::fprintf(stderr, \"x\"); }\n",
    "src/wire/line.cpp": '#include "chatd/wire/line.hpp"\n\n#include <chrono>\n',
    "src/wire/utf8.cpp": "#include <simdjson.h>\n",
    "src/chat/room.hpp": "#pragma once\n// Private to chat.\n",
    "src/chat/room.cpp": '#include "chatd/chat/room.hpp"\n\n#include "chat/room.hpp"\n',
    "src/engine/core.cpp": '#include "chatd/chat/room.hpp"\n\n'
    "// now() and printf( in a comment are no calls; nor in \"a literal: time(nullptr)\".\n"
    'const char* text = "std::cout << now() << time(nullptr)";\n'
    'const char* raw = R"x(printf("" )x";\n'
    "int many = 1'000'000;\n",
    "src/io/ring.cpp": "#include <liburing.h>\n\nvoid submit() { io_uring_submit(nullptr); }\n",
    "src/io/system_clock.cpp": "#include <chrono>\n\nauto now() { return std::chrono::steady_clock::now(); }\n",
    "src/server/loop.cpp": '#include <unistd.h>\n\n#include "chatd/chat/room.hpp"\n',
    "src/main.cpp": '#include "chatd/chat/room.hpp"\n',
    "tests/unit/wire/line_test.cpp": '#include "chatd/wire/line.hpp"\n',
    "scripts/lib.sh": "set -euo pipefail\n",
    "scripts/run": "#!/usr/bin/env bash\n. lib.sh  # --help\n",
}

# (what is planted, file, its new text or a function of the old, line, part of the finding)
PLANTED = [
    ("wire includes chat", "src/wire/line.cpp",
     lambda old: old + '#include "chatd/chat/room.hpp"\n', 4, "wire includes chat"),
    ("engine includes io", "src/engine/core.cpp",
     lambda old: old.replace("chatd/chat/room.hpp", "chatd/io/ring.hpp"), 1, "no file of this tree"),
    ("base includes wire", "include/chatd/base/address.hpp",
     lambda old: old + '\n#include "chatd/wire/line.hpp"\n', 4, "below base stands nothing"),
    ("io includes wire", "src/io/ring.cpp",
     lambda old: '#include "chatd/wire/line.hpp"\n' + old, 1, "io includes wire"),
    ("a client includes chat", "clients/terminal/main.cpp", '#include "chatd/chat/room.hpp"\n', 1,
     "clients includes chat"),
    ("another floor's private header", "src/server/loop.cpp",
     lambda old: old.replace("chatd/chat", "chat"), 3, "private to chat"),
    ("a public header includes a private one", "include/chatd/chat/room.hpp",
     lambda old: old + '#include "chat/room.hpp"\n', 5, "includes the private"),
    ("our header in angle brackets", "src/server/loop.cpp",
     lambda old: old.replace('"chatd/chat/room.hpp"', "<chatd/chat/room.hpp>"), 3, "stand in quotes"),
    ("a program includes a test's header", "src/main.cpp",
     lambda old: '#include "support/split.hpp"\n' + old, 1, "no part of the program"),
    ("an unknown floor", "src/attic/old.cpp", "int old;\n", 1, "no floor attic"),
    ("liburing in server", "src/server/loop.cpp",
     lambda old: "#include <liburing.h>\n" + old, 1, "<liburing.h> is for io alone"),
    ("the kernel's uring header in engine", "src/engine/core.cpp",
     lambda old: old + "#include <linux/io_uring.h>\n", 7, "for io alone"),
    ("a ring call in server", "src/server/loop.cpp",
     lambda old: old + "int x = io_uring_peek_cqe();\n", 4, "io_uring_peek_cqe"),
    ("sqlite in server", "src/server/loop.cpp", lambda old: "#include <sqlite3.h>\n" + old, 1, "store alone"),
    ("openssl in io", "src/io/ring.cpp", lambda old: "#include <openssl/ssl.h>\n" + old, 1, "tls alone"),
    ("simdjson in wire/line", "src/wire/line.cpp",
     lambda old: old + "#include <simdjson.h>\n", 4, "wire/json and wire/utf8"),
    ("libsodium in wire/line", "src/wire/line.cpp",
     lambda old: old + "#include <sodium.h>\n", 4, "wire/token alone"),
    ("a screen in chatload", "clients/load/main.cpp",
     "#include <curses.h>\n", 1, "clients/terminal/screen/front alone"),
    ("option parsing in engine", "src/engine/core.cpp",
     lambda old: "#include <CLI/CLI.hpp>\n" + old, 1, "programs that parse options"),
    ("Boost in a second file", "src/wire/line.cpp",
     lambda old: old + "#include <boost/beast/http.hpp>\n", 4, "one file alone, src/wire/http.cpp"),
    ("a socket header in wire", "src/wire/line.cpp", lambda old: old + "#include <sys/socket.h>\n", 4, "kernel line"),
    ("a thread in chat", "src/chat/room.cpp", lambda old: old + "#include <thread>\n", 4, "<thread> below"),
    ("a mutex in engine", "src/engine/core.cpp", lambda old: old + "#include <mutex>\n", 7, "<mutex> below"),
    ("inet.h outside address", "src/wire/line.cpp", lambda old: old + "#include <arpa/inet.h>\n", 4, "kernel line"),
    ("a log in chat", "src/chat/room.cpp",
     lambda old: old + "#include <spdlog/spdlog.h>\n", 4, "<spdlog/spdlog.h> below"),
    ("now() in engine", "src/engine/core.cpp", lambda old: old + "auto t = Clock::now();\n", 7, "an argument"),
    ("time() in chat", "src/chat/room.cpp", lambda old: old + "auto t = std::time(nullptr);\n", 4, "an argument"),
    ("clock_gettime in wire", "src/wire/line.cpp",
     lambda old: old + "int t = clock_gettime(0, nullptr);\n", 4, "an argument"),
    ("a clock in server", "src/server/loop.cpp",
     lambda old: old + "using Clock = std::chrono::steady_clock;\n", 4, "only io/system_clock"),
    ("chance in chat", "src/chat/room.cpp", lambda old: old + "std::random_device chance;\n", 4, "a Prng"),
    ("a system call in engine", "src/engine/core.cpp", lambda old: old + "int n = ::close(3);\n", 7, "calls the system"),
    ("a header without pragma", "include/chatd/wire/line.hpp",
     lambda old: old.replace("#pragma once\n", ""), 1, "#pragma once"),
    ("a header without a word", "include/chatd/wire/line.hpp",
     lambda old: old.replace("// Lines.\n", ""), 1, "opens with a comment"),
    ("own header second", "src/chat/room.cpp",
     '#include "chatd/wire/line.hpp"\n\n#include "chat/room.hpp"\n#include "chatd/chat/room.hpp"\n', 1,
     "own header, include/chatd/chat/room.hpp"),
    ("a source nobody builds", "src/wire/old.cpp", "int old;\n", 1, "no meson.build names"),
    ("a test nobody builds", "tests/unit/chat/room_test.cpp", "int old;\n", 1, "no meson.build names"),
    ("a source named in a comment", "src/wire/gone.cpp", "int old;\n", 1, "no meson.build names"),
    ("a header nobody includes", "include/chatd/wire/old.hpp", "#pragma once\n// Old.\n", 1, "nothing includes"),
    ("a print in io", "src/io/ring.cpp", lambda old: old + "int n = std::printf(\"here\");\n", 4, "left-over print"),
    ("cout in chat", "src/chat/room.cpp", lambda old: old + "auto& out = std::cout;\n", 4, "left-over print"),
    ("fmt::print in engine", "src/engine/core.cpp",
     lambda old: old + "void say() { fmt::print(\"x\"); }\n", 7, "left-over print"),
    ("a mark", "src/main.cpp", lambda old: old + "// TO" + "DO: more\n", 2, "open an issue"),
    ("a long file", "tests/unit/wire/line_test.cpp", lambda old: old + "int x();\n" * 500, 501, "second noun"),
    ("a tab", "scripts/lib.sh", lambda old: old + "\ttrue\n", 2, "a tab"),
    ("trailing blanks", "README.md", lambda old: old + "word \n", 3, "blanks at the end"),
    ("a missing newline", "src/meson.build", lambda old: old.rstrip("\n"), 3, "lacks its newline"),
    ("a test of nothing", "tests/unit/wire/frame_test.cpp", "int x;\n", 1, "tests nothing in wire"),
    ("a dead link", "README.md", lambda old: old + "[rules](RULES.md)\n", 3, "leads nowhere"),
    ("a dead anchor", "README.md", lambda old: old + "[it](ARCHITECTURE.md#doors)\n", 3, "no heading #doors"),
    ("a dead path", "ARCHITECTURE.md", lambda old: old + "`src/wire/gone.cpp`\n", 6, "is not there"),
    ("a script that is none", "scripts/lib.sh", lambda old: old + "if true; then\n", 3, "bash cannot read"),
    ("a careless script", "scripts/lib.sh", "true\n", 1, "set -euo pipefail is missing"),
    ("a silent script", "scripts/run", "#!/usr/bin/env bash\n. lib.sh\n", 1, "no --help"),
    ("a script without interpreter", "scripts/run", ". lib.sh # --help\n", 1, "#!/usr/bin/env"),
    ("a crooked layout", "src/main.cpp", lambda old: old + "int   x;\n", 2, "scripts/format mends"),
]

# Files that a planting needs beside its own.
BESIDE = {
    "Boost in a second file": {"src/wire/http.cpp": "#include <boost/beast/core.hpp>\n"},
    "a program includes a test's header": {"tests/support/split.hpp": "#pragma once\n// Cuts.\n"},
}


class Planted(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for path, text in CLEAN.items():
            self.write(path, text)
        (self.root / "scripts/run").chmod(0o755)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def found(self) -> list[str]:
        return [str(finding) for finding in form.findings(self.root)]

    def test_a_clean_tree_has_no_findings(self) -> None:
        self.assertEqual(self.found(), [])

    def test_each_planted_fault_is_named_with_its_line(self) -> None:
        self.write("src/io/meson.build", "# 'src/wire/gone.cpp', '../wire/gone.cpp'\n")
        for name, path, change, line, part in PLANTED:
            with self.subTest(name):
                before = CLEAN.get(path)
                self.write(path, change(before) if callable(change) else change)
                for extra, text in BESIDE.get(name, {}).items():
                    self.write(extra, text)
                found = self.found()
                self.assertTrue(
                    any(finding.startswith(f"{path}:{line}: ") and part in finding for finding in found),
                    f"not among {found}",
                )
                for extra in BESIDE.get(name, {}):
                    (self.root / extra).unlink()
                if before is None:
                    (self.root / path).unlink()
                else:
                    self.write(path, before)
        self.assertEqual(self.found(), [], "each fault was taken back")

    def test_a_command_that_cannot_be_run_is_named(self) -> None:
        (self.root / "scripts/run").chmod(0o644)
        self.assertEqual(len(self.found()), 1)
        self.assertIn("chmod +x", self.found()[0])

    def test_every_crooked_file_is_named_once(self) -> None:
        for path in ("src/main.cpp", "src/wire/utf8.cpp"):
            self.write(path, CLEAN[path] + "int   x;\nint   y;\n")
        self.assertEqual([text.partition(":")[0] for text in self.found()], ["src/main.cpp", "src/wire/utf8.cpp"])

    def test_a_missing_clang_format_is_a_finding_and_not_a_pass(self) -> None:
        name, form.CLANG_FORMAT = form.CLANG_FORMAT, "clang-format-0"
        self.addCleanup(setattr, form, "CLANG_FORMAT", name)
        self.assertIn("clang-format-0 is not installed", self.found()[0])

    def test_build_directories_and_corpora_are_left_alone(self) -> None:
        for folder in ("build/test", "tests/fuzz/corpus/line", "tests/integration/node_modules/ws"):
            self.write(folder + "/odd.cpp", "\tint   x; ")
        self.assertEqual(self.found(), [])

    def test_the_exit_status_tells(self) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            self.assertEqual(form.main([str(self.root)]), 0)
            self.write("src/main.cpp", "int x;\t\n")
            self.assertEqual(form.main([str(self.root)]), 1)
            self.assertEqual(form.main([str(self.root / "scripts")]), 1, "no source at all is no pass")
        self.assertIn("src/main.cpp:1: a tab", output.getvalue())

    def test_the_house_has_no_ways_around(self) -> None:
        for floor, below in rules.FLOORS_BELOW.items():
            for lower in below:
                for lowest in rules.FLOORS_BELOW[lower]:
                    self.assertIn(lowest, below, f"{floor} reaches {lowest} through {lower} only")
                self.assertNotIn(floor, rules.FLOORS_BELOW[lower], f"{floor} and {lower} include each other")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
