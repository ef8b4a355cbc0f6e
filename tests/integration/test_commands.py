"""Every command that README and the manual pages show is run as it stands there, and works.

They name the ports that chatd has by default, so all of this runs in a network of its own, where
these are free: the test starts itself again under `unshare`, and where that is not allowed does
without, once the ports are free.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import harness
from own_network import enter_own_network

root = harness.root
endless_seconds = 1.5   # what runs longer is one that waits for more, and is ended
command_time_max = 20.0
programs = {name: os.environ[name.upper()] for name in ("chatd", "chatcli", "chatload")
            if name.upper() in os.environ}
# What stands in documents with these first words is a command.
first_words = ("nc", "printf", "echo", "make", "curl", "chatcli", "chatd", "chatload", "python3", "node",
               "clients/", "build/release/")
# What a reader has and this test has not.
stand_ins = {
    "build/release/clients/terminal/chatcli": "chatcli",
    "make 2>&1": "echo made",
    "a,b:4400,c": "127.0.0.1:4401,localhost,[::1]",
    "chat.example.org": "localhost",
}
# Servers of their own, and those who need more than a minute, a build or a browser.
not_here = re.compile(r"^(\./)?scripts/|<|^chatd( --|$)|^chatd export ROOM$")


def is_command(text):
    if not text.startswith(first_words) or not_here.search(text):
        return False
    return " " in text or (text.startswith("clients/") and os.access(root / text, os.X_OK)
                           and (root / text).is_file())


def readme_commands():
    """Those in code marks and in shell blocks, in their order, each once."""
    text = (root / "README.md").read_text()
    block = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
    found = [line.strip().removeprefix("$ ") for language, body in block.findall(text)
             if language in ("", "sh", "console") for line in body.splitlines()]
    found += [span.replace("\\|", "|") for span in re.findall(r"`([^`\n]+)`", block.sub("", text))]
    return [line for line in dict.fromkeys(found) if is_command(line)]


def manual_examples(page):
    """What follows `$` in EXAMPLES, as a reader sees it."""
    shown = subprocess.run(["groff", "-mdoc", "-Tascii", "-P-cbou", "-rLL=400n", page],
                           capture_output=True, text=True, check=True).stdout
    examples = shown.partition("\nEXAMPLES\n")[2].partition("\nSEE ALSO\n")[0]
    return [line.strip()[2:] for line in examples.splitlines() if line.strip().startswith("$ ")]


class Commands(harness.ChatdCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="chatd-commands-")
        for name, program in programs.items():
            os.symlink(program, Path(cls.folder.name, name))
        # The tree as its reader has it, but what a command leaves behind lies beside it.
        cls.tree = Path(cls.folder.name, "tree")
        cls.tree.mkdir()
        for entry in root.iterdir():
            (cls.tree / entry.name).symlink_to(entry)
        cls.log = Path(cls.folder.name, "syslog")
        cls.log.write_text("a line\n")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.state = harness.state_directory()
        self.eventually(self.ports_are_free, "the ports 4399 and 8080 are free", 60)
        self.server = self.start("--state", self.state, tcp=("4399",), udp=("8080",))
        ana = self.person("ana", room="ops")
        ana.say("deployed; the disk is full")
        self.eventually(lambda: b"disk" in self.server.http("/v1/search?q=disk")[2], "it is kept")

    @staticmethod
    def ports_are_free():
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            try:
                tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tcp.bind(("127.0.0.1", 4399))
                udp.bind(("127.0.0.1", 8080))
            except OSError:
                return False
        return True

    def environment(self):
        return {**os.environ, "PATH": f"{self.folder.name}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
                "CHATD_STATE": self.state, "XDG_STATE_HOME": self.folder.name, "TERM": "dumb"}

    def run_command(self, line):
        """Its output. One that ends must end with 0; one that does not is ended, and must be well."""
        for written, here in stand_ins.items():
            line = line.replace(written, here)
        line = line.replace("/var/log/syslog", str(self.log))
        process = subprocess.Popen([*harness.tied, "bash", "-c", line], cwd=self.tree,
                                   env=self.environment(), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True)
        began = time.monotonic()
        try:
            waits_for_input = re.match(r"(nc|chatcli --nick|chatcli udp)", line)
            if waits_for_input:
                process.stdin.close()
                process.stdin = None
            out, err = process.communicate(timeout=endless_seconds)
        except subprocess.TimeoutExpired:
            ends_by_itself = re.search(r"chatload|--seconds", line)
            try:
                if not ends_by_itself:
                    os.killpg(process.pid, 15)
                out, err = process.communicate(timeout=command_time_max)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.communicate()
                self.fail(f"{line}: still there after {time.monotonic() - began:.0f} s")
            if not ends_by_itself:
                self.assertNotIn(b"Traceback", err, line)
                return out
        self.assertEqual(process.returncode, 0, f"{line}\n{out.decode()}{err.decode()}")
        return out

    def missing(self, line):
        """The program of a command that this machine lacks, if it does."""
        for written, here in stand_ins.items():
            line = line.replace(written, here)
        words = [part.split()[0] for part in line.split("|")]
        return [word for word in words if "/" not in word and not shutil.which(
            word, path=self.environment()["PATH"])]

    @contextlib.contextmanager
    def somebody(self, nick):
        """That person is there meanwhile."""
        if not nick:
            yield
            return
        with contextlib.closing(self.person(nick)):
            yield
        self.eventually(lambda: nick.encode() not in self.server.http("/v1/connections")[2], "gone")

    def check_all(self, lines):
        for line in lines:
            with self.subTest(command=line):
                if missing := self.missing(line):
                    self.skipTest(f"{missing} is not installed")
                if line.startswith("node "):
                    continue  # its module of WebSockets is what npm installs elsewhere
                with self.somebody("bob" if " msg bob " in line else ""):
                    self.run_command(line)
        self.expect_alive(self.server)

    def test_readme(self):
        lines = readme_commands()
        self.assertGreater(len(lines), 10, lines)
        self.check_all(lines)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_manual_of_chatcli(self):
        self.check_all(manual_examples(root / "man" / "chatcli.1"))

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_manual_of_chatload(self):
        self.check_all(manual_examples(root / "man" / "chatload.1"))

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_manual_of_chatd(self):
        lines = manual_examples(root / "man" / "chatd.1")
        servers = [line for line in lines if re.match(r"chatd( --|$)", line)]
        self.check_all([line for line in lines if line not in servers])
        self.server.stop()
        self.assertGreater(len(servers), 1)
        for line in servers:
            with self.subTest(command=line):
                process = subprocess.Popen([*harness.tied, "bash", "-c", f"exec {line}"], cwd=self.tree,
                                           env=self.environment(), stdout=subprocess.PIPE,
                                           stderr=subprocess.STDOUT, text=True)
                self.assertIn(" ready tcp=", process.stdout.readline())
                process.terminate()
                rest = process.communicate(timeout=harness.stop_time_max)[0]
                self.assertEqual(process.returncode, 0, rest)


if __name__ == "__main__":
    enter_own_network()
    harness.main()
