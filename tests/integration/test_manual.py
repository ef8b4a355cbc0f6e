"""The manual pages: well formed, and every option of every program stands in its page."""

import os
import re
import shutil
import subprocess
import sys
import unittest

import harness

sys.path.insert(0, str(harness.root / "clients" / "completions"))

import generate  # noqa: E402  (it stands beside the clients)

pages = harness.root / "man"
option = re.compile(r"^ {2,4}(?:(-\w),)?(--[\w-]+)", re.MULTILINE)
word = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")


def help_of(*command):
    return harness.run_program([*command, "--help"], check=0)[1].decode()


def subcommands_of(name, text):
    """Those that completions offer too."""
    return list(generate.subcommands_of(name, text))


@unittest.skipUnless(shutil.which("groff"), "groff is not installed")
class Pages(unittest.TestCase):
    def shown(self, name):
        ran = subprocess.run(["groff", "-mdoc", "-ww", "-Tascii", "-P-cbou", "-rLL=200n",
                              pages / f"{name}.1"], capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""), name)
        return ran.stdout

    def test_each_is_well_formed_and_has_its_sections(self):
        for name in ("chatd", "chatcli", "chatload"):
            text = self.shown(name)
            for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
                self.assertRegex(text, rf"(?m)^{section}$", name)
            if shutil.which("mandoc"):
                ran = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", pages / f"{name}.1"],
                                     capture_output=True, text=True)
                self.assertEqual(ran.stdout, "")

    def test_every_option_stands_in_its_page(self):
        for name in ("chatd", "chatcli", "chatload"):
            program = os.environ.get(name.upper())
            if not program:
                continue
            written = set(word.findall(self.shown(name)))
            text = help_of(program)
            subcommands = subcommands_of(name, text)
            for words in [[], *([each] for each in subcommands)]:
                with self.subTest(program=name, words=words):
                    said = option.findall(help_of(program, *words))
                    self.assertTrue(said)
                    wanted = {each for pair in said for each in pair if each}
                    self.assertEqual(wanted - written, set())
            for each in subcommands:
                self.assertRegex(self.shown(name), rf"{name} {each}\b")

    def test_no_page_has_an_option_that_there_is_not(self):
        for name in ("chatd", "chatcli", "chatload"):
            program = os.environ.get(name.upper())
            if not program:
                continue
            text = help_of(program)
            known = set()
            for words in [[], *([each] for each in subcommands_of(name, text))]:
                known |= {each for pair in option.findall(help_of(program, *words)) for each in pair}
            page = self.shown(name).partition("\nEXAMPLES\n")[0]
            written = {each for each in word.findall(page) if each.startswith("--")}
            self.assertEqual(written - known, set(), name)


if __name__ == "__main__":
    unittest.main()
