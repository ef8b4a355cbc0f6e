"""Completions: what bash, zsh and fish offer is what the programs say in --help."""

import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "clients" / "completions"))

import generate  # noqa: E402  (it stands beside the clients)

completions = Path(os.environ["COMPLETIONS"])
programs = {name: os.environ[name.upper()] for name in ("chatd", "chatcli", "chatload")}
option = re.compile(r"^ {2,4}(?:(-\w),)?(--[\w-]+)", re.MULTILINE)


def help_of(name, *words):
    return subprocess.run([programs[name], *words, "--help"], capture_output=True, text=True,
                          check=True).stdout


def options_of(name, *words):
    return {long for _, long in option.findall(help_of(name, *words))}


def subcommands_of(name):
    """Each that answers --help as itself."""
    words = generate.subcommands_of(name, help_of(name))
    for word in words:
        assert f"Usage: {name} {word}" in help_of(name, word), word
    return set(words)


class Bash(unittest.TestCase):
    def complete(self, name, *words):
        """What is offered for the last of the words."""
        script = f'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _{name}; ' \
                 'printf "%s\\n" "${COMPREPLY[@]}"'
        ran = subprocess.run(["bash", "--norc", "-uc", script, "bash", completions / f"{name}.bash",
                              name, *words], capture_output=True, text=True, check=True)
        self.assertEqual(ran.stderr, "")
        return set(ran.stdout.split())

    def test_every_option_is_offered(self):
        for name in programs:
            self.assertLessEqual(options_of(name), self.complete(name, "--"))
            self.assertIn("-h", self.complete(name, "-"))

    def test_a_subcommand_has_its_own_options(self):
        self.assertLessEqual({"udp", "top"}, subcommands_of("chatcli"))
        for name in programs:
            for each in subcommands_of(name):
                self.assertIn(each, self.complete(name, ""))
                self.assertEqual(self.complete(name, each, "--"), options_of(name, each))
        self.assertNotIn("--hex", self.complete("chatcli", "--"))

    def test_words_are_completed_from_their_beginning(self):
        self.assertEqual(self.complete("chatcli", "to"), {"top"})
        self.assertEqual(self.complete("chatcli", "udp", "--he"), {"--help", "--hex"})
        self.assertEqual(self.complete("chatcli", "top", "x"), set())

    def test_values_that_are_words_are_offered(self):
        self.assertEqual(self.complete("chatd", "--history", ""), {"on", "off"})
        self.assertEqual(self.complete("chatd", "--slow-reader", "l"), {"latest"})
        self.assertEqual(self.complete("chatcli", "--nick", ""), set())

    def test_directories_are_offered_where_one_is_wanted(self):
        self.assertIn("/usr", self.complete("chatd", "--state", "/us"))


class Others(unittest.TestCase):
    def test_zsh_can_read_them_and_finds_every_option(self):
        for name in programs:
            path = completions / f"_{name}"
            text = path.read_text()
            self.assertTrue(text.startswith(f"#compdef {name}\n"))
            for each in options_of(name).union(*(options_of(name, word) for word in subcommands_of(name))):
                self.assertRegex(text, rf"{each}['\[}}]")
            if shutil.which("zsh"):
                subprocess.run(["zsh", "-n", path], check=True)

    def test_fish_can_read_them_and_offers_every_option(self):
        for name in programs:
            path = completions / f"{name}.fish"
            text = path.read_text()
            for each in options_of(name).union(*(options_of(name, word) for word in subcommands_of(name))):
                self.assertRegex(text, rf" -l {each[2:]}\b")
            if shutil.which("fish"):
                offered = subprocess.run(
                    ["fish", "--no-config", "-c", f"source {path}; complete -C '{name} --'"],
                    capture_output=True, text=True, check=True).stdout
                self.assertLessEqual(options_of(name), {line.split()[0] for line in offered.splitlines()})

    def test_quotes_are_balanced(self):
        for name in programs:
            for file in (f"{name}.bash", f"_{name}", f"{name}.fish"):
                text = (completions / file).read_text()
                for number, line in enumerate(text.splitlines(), 1):
                    self.assertEqual(line.count("'") % 2, 0, f"{file}:{number}: {line}")


if __name__ == "__main__":
    unittest.main()
