"""libchatd-client as a stranger finds it: installed, found by pkg-config, and linked by a bot."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import harness

compiler = os.environ.get("CXX", "g++")
source = harness.root / "clients/examples/echo_bot.cpp"


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Installed:
    """The library below a directory of its own, and a bot that was built against it."""

    def __init__(self):
        self.top = Path(tempfile.mkdtemp())
        self.prefix = self.top / "root"
        run(shutil.which("meson"), "install", "-C", os.environ["BUILD"], "--no-rebuild", "--quiet",
            "--tags", "devel,runtime", "--destdir", self.prefix)
        description, = self.prefix.rglob("chatd-client.pc")
        self.libraries = description.parent.parent
        self.environment = {**os.environ, "PKG_CONFIG_PATH": str(description.parent),
                            "PKG_CONFIG_SYSROOT_DIR": str(self.prefix)}
        self.flags = run("pkg-config", "--cflags", "--libs", "chatd-client",
                         env=self.environment).split()

    def compile(self, text_path, program):
        # Optimising costs the test more than it gives.
        run(compiler, "-O0", "-Wall", "-Wextra", "-Werror", text_path, *self.flags, "-o", program)


class Library(harness.ChatdCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if harness.sanitized():
            raise unittest.SkipTest("a stranger's program has no sanitizer to share")
        cls.installed = Installed()
        cls.addClassCleanup(shutil.rmtree, cls.installed.top)
        cls.bot_program = cls.installed.top / "echo_bot"
        cls.installed.compile(source, cls.bot_program)

    def setUp(self):
        super().setUp()
        self.home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.home)

    def bot(self):
        process = subprocess.Popen(
            [*harness.tied, str(self.bot_program), "%s:%d" % self.server.address("tcp")],
            cwd=self.home, text=True, stdout=subprocess.PIPE,
            env={**os.environ, "LD_LIBRARY_PATH": str(self.installed.libraries)})
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def is_there(self, person, nick):
        person.say("/who")
        return f"-- {nick}\n" in person.pending(100).decode()

    def hears(self, person, line):
        self.eventually(lambda: line in person.pending(100).decode(), line)

    def test_the_headers_that_are_installed_are_all_that_is_needed(self):
        include = self.installed.prefix / "usr/local/include"
        if not include.is_dir():
            include = next(self.installed.prefix.rglob("chatd/client")).parent.parent
        names = sorted(path.relative_to(include) for path in include.rglob("*.hpp"))
        self.assertGreater(len(names), 20)
        text = self.installed.top / "all.cpp"
        text.write_text("".join(f"#include <{name}>\n" for name in names) + "int main() {}\n")
        flags = [flag for flag in self.installed.flags if not flag.startswith("-l")]
        run(compiler, "-fsyntax-only", "-Wall", "-Wextra", "-Werror", text, *flags)

    def test_the_bot_echoes_and_is_the_same_after_a_restart(self):
        ana = self.person("ana")
        first = self.bot()
        self.eventually(lambda: self.is_there(ana, "echo"), "the bot is there")
        ana.say("!echo hello")
        self.hears(ana, "<echo> hello")
        first.kill()
        first.wait()
        # What is said meanwhile it finds when it is back, and as the same person.
        ana.say("!echo while you were away")
        second = self.bot()
        self.hears(ana, "<echo> while you were away")
        self.assertIsNone(second.poll())

    def test_nobody_ends_the_bot_by_what_it_cannot_say(self):
        ana = self.person("ana")
        bot = self.bot()
        self.eventually(lambda: self.is_there(ana, "echo"), "the bot is there")
        ana.say("!echo ")
        ana.say("!echo hello")
        self.hears(ana, "<echo> hello")
        self.assertIsNone(bot.poll())

    def test_a_bot_that_is_refused_says_why(self):
        taken = self.person("echo")
        bot = self.bot()
        out, _ = bot.communicate(timeout=20)
        self.assertEqual(bot.returncode, 1)
        self.assertIn("nick", out.lower())
        taken.close()


if __name__ == "__main__":
    harness.main()
