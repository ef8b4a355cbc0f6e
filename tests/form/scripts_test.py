#!/usr/bin/env python3
"""The scripts in a small tree of their own: what they install, what they count, how they fail."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = sorted(path for path in (ROOT / "scripts").iterdir() if "." not in path.name)

# Stand-ins for what would change the system. Each notes how it was called in $CALLS.
DPKG_QUERY = """#!/bin/sh
for package; do case $package in
    --*) ;;
    "$ABSENT") echo "dpkg-query: no packages found matching $package" >&2; status=1 ;;
    *) echo "$package installed" ;;
esac; done
exit ${status:-0}
"""
NOTES_ITS_CALL = '#!/bin/sh\necho "${0##*/} $*" >>"$CALLS"\n'
STAND_INS = {
    "dpkg-query": DPKG_QUERY,
    "apt-get": NOTES_ITS_CALL + 'case " $* " in *" install "*) [ -z "$APT_FAILS" ] || '
    '{ echo "E: Unable to locate package $ABSENT" >&2; exit 100; } ;; esac\n',
    "sudo": NOTES_ITS_CALL + '[ -z "$SUDO_FAILS" ] || exit 1\n[ "$1" = -n ] && shift\nexec "$@"\n',
    "id": '#!/bin/sh\necho "${USER_ID:-0}"\n',
    "npm": NOTES_ITS_CALL + '[ -z "$NPM_FAILS" ] || { echo "npm ERR! code E404" >&2; exit 1; }\n',
    "node": "#!/bin/sh\n",
    # The second compiler is the first by another name: what it finds is not the matter here.
    "clang-19": '#!/bin/sh\nexec gcc "$@"\n',
    "clang++-19": '#!/bin/sh\nexec g++ "$@"\n',
    "clang-tidy-19": '#!/bin/sh\n[ -z "$TIDY_FINDS" ] || { echo "../../src/main.cpp:1:1: error: odd"; exit 1; }\n',
    "clang-format-19": '#!/bin/sh\nprintf "%s\\n" "$@" >>"$CALLS"\n',
}

# A project as small as can be, with the suites and options that the scripts ask for.
MESON_BUILD = """project('small', 'cpp')
subdir('src')
subdir('clients/terminal')
subdir('tests')
"""
MESON_OPTIONS = """option('tests', type: 'boolean', value: true)
option('costly_asserts', type: 'boolean', value: false)
option('fuzz', type: 'boolean', value: false)
"""
PROGRAM = '#include <cstdio>\nint main(int n, char** v) { std::printf("%d %s\\n", n, v[n - 1]); return 7; }\n'
SHELL_TEST = "test('{name}', find_program('sh'), args: ['-c', '{command}'], suite: {suites})\n"


def shell_test(name: str, suite: str, command: str) -> str:
    return SHELL_TEST.format(name=name, suites=suite.split(), command=command)


class InSmallTree(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        # A blank in the path: quoting is tested all along.
        self.root = Path(folder.name) / "a tree"
        self.calls = Path(folder.name) / "calls"
        self.calls.touch()
        self.bin = Path(folder.name) / "bin"
        shutil.copytree(ROOT / "scripts", self.root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / ".ci", self.root / ".ci")
        # The suites of this small tree, whatever the real one requires.
        library = self.root / "scripts/lib.sh"
        text, found = re.subn(r"^suites_required=\(.*\)$", "suites_required=(unit form)", library.read_text(),
                              flags=re.MULTILINE)
        self.assertEqual(found, 1)
        library.write_text(text)
        for name, text in STAND_INS.items():
            self.write(self.bin / name, text)
            (self.bin / name).chmod(0o755)
        self.write(self.root / "meson.build", MESON_BUILD)
        self.write(self.root / "meson_options.txt", MESON_OPTIONS)
        self.write(self.root / "src/meson.build", "executable('chatd', 'main.cpp')\n")
        self.write(self.root / "src/main.cpp", PROGRAM)
        self.write(self.root / "clients/terminal/meson.build", "executable('chatcli', 'main.cpp')\n")
        self.write(self.root / "clients/terminal/main.cpp", PROGRAM)
        self.tests(shell_test("form", "form", "true"), shell_test("base", "unit", "true"))

    @staticmethod
    def write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def tests(self, *definitions: str) -> None:
        self.write(self.root / "tests/meson.build", "".join(definitions))

    def run_script(self, *command: str, **environment: str) -> subprocess.CompletedProcess:
        quiet = {name: value for name, value in os.environ.items() if not name.startswith("MESON")}
        variables = quiet | {
            "PATH": f"{self.bin}:/usr/local/bin:/usr/bin:/bin", "CALLS": str(self.calls), "ABSENT": "",
        } | environment
        return subprocess.run([str(self.root / command[0]), *command[1:]], env=variables, cwd="/",
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=100)

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines()

    def assert_one_line(self, result: subprocess.CompletedProcess, *parts: str) -> None:
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)


class Commands(InSmallTree):
    def test_each_answers_help_without_installing(self) -> None:
        for path in COMMANDS:
            if path.name == "run":
                continue  # Its --help is chatd's as well, tested below.
            with self.subTest(path.name):
                result = self.run_script(f"scripts/{path.name}", "--help", ABSENT="g++")
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertIn(f"scripts/{path.name}", result.stdout)
        self.assertEqual(self.called(), [])

    def test_wrong_arguments_exit_64_with_one_line(self) -> None:
        for command in (["test", "--fast"], ["check", "all"], ["sanitize"], ["sanitize", "memory"], ["fuzz"],
                        ["fuzz", "line", "soon"], ["fuzz", "line", "1", "2"], ["simulate", "--seed"],
                        ["simulate", "1", "2"], ["format", "-x"], ["format", "gone.cpp"], ["tidy", "gone.cpp"]):
            with self.subTest(command):
                result = self.run_script(f"scripts/{command[0]}", *command[1:], ABSENT="g++")
                self.assertEqual(result.returncode, 64, result.stderr)
                self.assert_one_line(result, f"scripts/{command[0]}: ", "--help")
        self.assertEqual(self.called(), [])


class Installing(InSmallTree):
    def test_what_is_missing_is_named_then_installed(self) -> None:
        result = self.run_script("scripts/run", "one", ABSENT="meson")
        self.assertEqual(result.returncode, 7, result.stderr)
        self.assertEqual(result.stderr.splitlines()[0], "scripts/run: installing by apt-get: meson")
        update, install = self.called()
        self.assertTrue(update.endswith(" update"), update)
        self.assertTrue(install.endswith(" install -y --no-install-recommends meson"), install)

    def test_sudo_is_used_when_not_root(self) -> None:
        result = self.run_script("scripts/run", "one", ABSENT="meson", USER_ID="1000")
        self.assertEqual(result.returncode, 7, result.stderr)
        self.assertEqual([call.split()[0] for call in self.called()], ["sudo", "sudo", "apt-get", "sudo", "apt-get"])

    def test_one_line_when_sudo_refuses(self) -> None:
        result = self.run_script("scripts/run", ABSENT="meson", USER_ID="1000", SUDO_FAILS="yes")
        self.assertEqual(result.returncode, 1)
        self.assert_one_line(result, "sudo refused", "apt-get install meson")

    def test_one_line_when_neither_root_nor_sudo(self) -> None:
        # Everything that the script needs but sudo: the system's own folders are not on the path.
        (self.bin / "sudo").unlink()
        for name in ("bash", "env", "dirname", "basename", "cat"):
            (self.bin / name).symlink_to(shutil.which(name))
        result = self.run_script("scripts/run", ABSENT="meson", USER_ID="1000", PATH=str(self.bin))
        self.assertEqual(result.returncode, 1)
        self.assert_one_line(result, "neither root nor sudo", "apt-get install meson")

    def test_one_line_when_this_is_no_debian(self) -> None:
        for name in ("dpkg-query", "apt-get"):
            (self.bin / name).unlink()
        for name in ("bash", "env", "dirname", "basename", "cat"):
            (self.bin / name).symlink_to(shutil.which(name))
        result = self.run_script("scripts/run", PATH=str(self.bin))
        self.assertEqual(result.returncode, 1)
        self.assert_one_line(result, "no apt-get here", "liburing-dev")

    def test_apts_own_reason_is_told(self) -> None:
        result = self.run_script("scripts/run", ABSENT="meson", APT_FAILS="yes")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(len(result.stderr.splitlines()), 2, result.stderr)
        self.assertIn("E: Unable to locate package meson", result.stderr.splitlines()[1])

    def test_npm_runs_when_a_lock_changed_and_only_then(self) -> None:
        lock = self.root / "tests/integration/package-lock.json"
        self.write(lock, "{}\n")
        self.assertEqual(self.run_script("scripts/test", "--quick", NPM_FAILS="yes").returncode, 1)
        self.run_script("scripts/test", "--quick")
        self.run_script("scripts/test", "--quick")
        self.assertEqual(len(self.called()), 2, self.called())
        lock.write_text("{ }\n")
        result = self.run_script("scripts/test", "--quick")
        self.assertEqual(len(self.called()), 3, result.stderr)


class Running(InSmallTree):
    def test_the_second_time_it_only_starts_the_program(self) -> None:
        first = self.run_script("scripts/run", "--tcp", "two words")
        second = self.run_script("scripts/run", "--tcp", "two words")
        for result in (first, second):
            self.assertEqual((result.returncode, result.stdout), (7, "3 two words\n"), result.stderr)
        self.assertIn("building build/release", first.stderr)
        self.assertEqual(second.stderr, "")
        self.assertEqual(self.called(), [])

    def test_help_is_its_own_and_the_programs(self) -> None:
        result = self.run_script("scripts/run", "--help")
        self.assertEqual((result.returncode, result.stdout.splitlines()[-1]), (7, "2 --help"))
        self.assertIn("scripts/run [FLAGS", result.stdout)

    def test_a_failed_build_shows_the_compilers_error(self) -> None:
        self.write(self.root / "src/main.cpp", "int main() { return nothing; }\n")
        result = self.run_script("scripts/run")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("nothing", result.stderr)
        self.assertIn("the build failed", result.stderr)

    def test_a_failed_set_up_is_one_line(self) -> None:
        self.write(self.root / "src/meson.build", "executable('chatd', dependency('no-such-library'))\n")
        result = self.run_script("scripts/run")
        self.assertEqual(result.returncode, 1)
        self.assert_one_line(result, "no-such-library", "build/logs/release-setup.log")


class Counting(InSmallTree):
    def closing(self, *command: str, **environment: str) -> tuple[int, str, str]:
        result = self.run_script(*command, **environment)
        return result.returncode, result.stdout, result.stderr

    def test_all_passed(self) -> None:
        status, output, errors = self.closing("scripts/test", "--quick")
        self.assertEqual((status, output), (0, "2 passed, 0 failed\n"), errors)

    def test_a_failure_is_counted_named_and_shown(self) -> None:
        self.tests(shell_test("form", "form", "true"), shell_test("base", "unit", "echo the reason; exit 3"))
        status, output, errors = self.closing("scripts/test", "--quick")
        self.assertEqual((status, output), (1, "1 passed, 1 failed\n"), errors)
        self.assertIn("base", errors)
        self.assertIn("the reason", errors)

    def test_a_crash_is_a_failure(self) -> None:
        self.tests(shell_test("form", "form", "true"), shell_test("base", "unit", "kill -SEGV $$"))
        self.assertEqual(self.closing("scripts/test", "--quick")[:2], (1, "1 passed, 1 failed\n"))

    def test_a_skipped_test_is_counted_apart(self) -> None:
        self.tests(shell_test("form", "form", "true"), shell_test("base", "unit", "exit 77"))
        self.assertEqual(self.closing("scripts/test", "--quick")[:2], (0, "1 passed, 0 failed, 1 skipped\n"))

    def test_nothing_but_skipped_tests_is_no_pass(self) -> None:
        self.tests(shell_test("form", "form", "exit 77"), shell_test("base", "unit", "exit 77"))
        self.assertEqual(self.closing("scripts/test", "--quick")[:2], (1, "0 passed, 0 failed, 2 skipped\n"))

    def test_an_empty_required_suite_is_a_failure(self) -> None:
        self.tests(shell_test("base", "unit", "true"))
        status, output, errors = self.closing("scripts/test", "--quick")
        self.assertEqual((status, output), (1, "1 passed, 1 failed\n"), errors)
        self.assertIn("suite form has no test", errors)

    def test_no_test_at_all_is_a_failure(self) -> None:
        self.tests("")
        self.assertEqual(self.closing("scripts/test", "--quick")[:2], (1, "0 passed, 2 failed\n"))

    def test_a_build_that_fails_is_a_failure_with_a_closing_line(self) -> None:
        self.write(self.root / "src/main.cpp", "int main() { return nothing; }\n")
        self.assertEqual(self.closing("scripts/test")[:2], (1, "0 passed, 1 failed\n"))

    def test_a_test_program_that_does_not_build_is_a_failure(self) -> None:
        self.write(self.root / "tests/base.cpp", "int main() { return nothing; }\n")
        self.tests(shell_test("form", "form", "true"),
                   "test('base', executable('base', 'base.cpp'), suite: 'unit')\n")
        status, output, errors = self.closing("scripts/test", "--quick")
        self.assertEqual((status, output), (1, "0 passed, 1 failed\n"), errors)
        self.assertIn("nothing", errors)

    def test_the_whole_run_sanitizes_and_closes_once(self) -> None:
        self.tests(
            shell_test("form", "form", "true"), shell_test("base", "unit", "true"),
            shell_test("worlds", "simulation", "true"), shell_test("short", "simulation simulation-short", "true"),
            shell_test("nc", "integration", "true"), shell_test("line", "fuzz-replay", "exit 1"),
        )
        result = self.run_script(".ci/run")
        # Five plain, then base and both of the simulation again under the sanitizer; line only there.
        self.assertEqual((result.returncode, result.stdout), (1, "8 passed, 1 failed\n"), result.stderr)
        options = (self.root / "build/asan/meson-info/intro-buildoptions.json").read_text()
        self.assertIn('"value": "address,undefined"', options)

    def test_check_counts_each_of_its_steps(self) -> None:
        result = self.run_script("scripts/check")
        # Form, two builds, unit, tidy.
        self.assertEqual((result.returncode, result.stdout), (0, "5 passed, 0 failed\n"), result.stderr)
        result = self.run_script("scripts/check", TIDY_FINDS="yes")
        self.assertEqual((result.returncode, result.stdout), (1, "4 passed, 1 failed\n"), result.stderr)
        self.assertIn("\nsrc/main.cpp:1:1: error: odd\n", result.stderr)

    def test_sanitize_runs_unit_and_integration_under_the_sanitizer(self) -> None:
        self.tests(shell_test("base", "unit", "true"), shell_test("nc", "integration", "exit 1"),
                   shell_test("worlds", "simulation", "exit 1"))
        for sanitizer, name, value in (("address", "asan", "address,undefined"), ("thread", "tsan", "thread")):
            with self.subTest(sanitizer):
                result = self.run_script("scripts/sanitize", sanitizer)
                self.assertEqual((result.returncode, result.stdout), (1, "1 passed, 1 failed\n"), result.stderr)
                options = (self.root / f"build/{name}/meson-info/intro-buildoptions.json").read_text()
                self.assertIn(f'"value": "{value}"', options)


class OneProgram(InSmallTree):
    def program(self, folder: str, name: str, body: str) -> None:
        self.tests(f"subdir('{folder}')\n")
        self.write(self.root / f"tests/{folder}/meson.build", f"executable('{name}', '{name}.cpp')\n")
        self.write(self.root / f"tests/{folder}/{name}.cpp",
                   "#include <cstdio>\nint main(int n, char** v) {\n" + body + "}\n")

    def test_fuzz_starts_the_target_with_both_corpora(self) -> None:
        self.program("fuzz", "fuzz_line", 'std::puts("stat::number_of_executed_units: 12");\n'
                     'for (int i = 1; i < n; ++i) std::puts(v[i]);\n')
        self.write(self.root / "tests/fuzz/corpus/line/one", "x")
        result = self.run_script("scripts/fuzz", "line", "3")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("line: 12 runs in 3 s", result.stderr)
        arguments = (self.root / "build/logs/fuzz-line.log").read_text().splitlines()
        self.assertIn("-max_total_time=3", arguments)
        self.assertEqual(arguments[-2:], ["build/fuzz/corpus/line", "tests/fuzz/corpus/line"])
        result = self.run_script("scripts/fuzz", "frame")
        self.assertEqual(result.returncode, 64)
        self.assert_one_line(result, "no fuzz target is called frame", "there are: line")
        self.assertEqual(self.run_script("scripts/fuzz", "--list").stdout, "line\n")

    def test_a_broken_target_fails_and_tells_how_to_repeat_it(self) -> None:
        self.program("fuzz", "fuzz_line", 'std::puts("Test unit written to build/fuzz/found/line-crash-1");\n'
                     "return n > 0 && v ? 77 : 0;\n")
        result = self.run_script("scripts/fuzz", "line")
        self.assertEqual(result.returncode, 1)
        self.assertIn("to repeat it: build/fuzz/tests/fuzz/fuzz_line build/fuzz/found/line-crash-1", result.stderr)

    def test_simulate_hands_over_its_seed_and_the_exit_status(self) -> None:
        self.program("simulation", "simulation", 'std::printf("%s %s\\n", v[n - 2], v[n - 1]);\nreturn 3;\n')
        result = self.run_script("scripts/simulate", "1234")
        self.assertEqual((result.returncode, result.stdout), (3, "--seed 1234\n"), result.stderr)
        drawn = self.run_script("scripts/simulate")
        self.assertRegex(drawn.stdout, r"^--seed \d+\n$")

    def test_format_takes_what_it_is_given_or_every_source(self) -> None:
        self.assertEqual(self.run_script("scripts/format", "src/main.cpp").returncode, 0)
        self.assertEqual(self.called(), ["-i", "src/main.cpp"])
        self.write(self.root / "tests/integration/node_modules/ws/ws.cpp", "")
        (self.root / "include").mkdir()
        result = self.run_script("scripts/format")
        self.assertEqual(self.called()[2:], ["-i", "src/main.cpp", "clients/terminal/main.cpp"], result.stderr)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
