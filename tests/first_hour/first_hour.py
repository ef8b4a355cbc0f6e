"""A newcomer's first hour: a fresh clone, and then what README says, from its top, as it stands there.

    first_hour.py                builds as README does, on the host's own ports 4399 and 8080
    first_hour.py --built BUILD  the same with the programs of that build folder, in a network of its
                                 own where this is allowed

Somebody with nc, with the full-screen chatcli, with a browser, with curl, with a Python program, two
bots and raw datagrams meet in the rooms of one chatd, and each sees what the others say.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

tests = Path(__file__).resolve().parent.parent
root = tests.parent
patience = 20.0         # seconds, of every wait but the build's
build_time_max = 1800.0
tied = ("setpriv", "--pdeathsig", "KILL")


class Readme:
    def __init__(self, path):
        self.text = path.read_text()

    def blocks(self, heading):
        """The fenced blocks of a section, in their order."""
        section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", self.text, re.M | re.S)[1]
        fenced = re.compile(r"^( *)```\w*\n(.*?)^ *```$", re.M | re.S)
        return [re.sub(f"^{indent}", "", body, flags=re.M) for indent, body in fenced.findall(section)]

    def row(self, first_cell):
        """What stands beside it in the table of ways to talk: its commands and its links."""
        cell = re.search(rf"^\| {re.escape(first_cell)} \| (.*) \|$", self.text, re.M)[1]
        return [code or link for code, link in re.findall(r"`([^`]+)`|<(http[^>]+)>", cell)]


def hears_ctrl_c():
    """As at a terminal; what a shell starts in the background does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Program:
    """A command as README writes it; what it prints is heard line by line."""

    def __init__(self, command, environment):
        self.command = command
        self.heard = []
        self.ended = False
        self.changed = threading.Condition()
        self.process = subprocess.Popen([*tied, "bash", "-c", f"exec {command}"], env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="backslashreplace",
                                        preexec_fn=hears_ctrl_c)
        self.reader = threading.Thread(target=self._hear, daemon=True)
        self.reader.start()

    def _hear(self):
        for line in self.process.stdout:
            with self.changed:
                self.heard.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hears(self, pattern, timeout=patience):
        """The first line heard, ever, in which the pattern is found."""
        found = []

        def holds():
            found[:] = [line for line in self.heard if re.search(pattern, line)]
            return found or self.ended
        with self.changed:
            self.changed.wait_for(holds, timeout)
            if not found:
                why = "it ended" if self.ended else f"{timeout:.0f} s went by"
                raise AssertionError(f"{self.command}: {why} without a line {pattern!r}:\n"
                                     + "\n".join(self.heard[-40:]))
        return found[0]

    def next_line(self):
        with self.changed:
            self.changed.wait_for(lambda: self.heard or self.ended, patience)
            if not self.heard:
                raise AssertionError(f"{self.command}: it prints nothing" + " and ended" * self.ended)
            return self.heard.pop(0)

    def is_gone(self):
        """Nothing of it writes into what is removed next."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def end(self, number=signal.SIGTERM):
        """Its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(patience)
        self.reader.join(patience)
        return status


class FirstHour:
    def __init__(self, clone, built, stack):
        self.clone, self.built, self.stack = clone, built, stack
        self.readme = Readme(clone / "README.md")
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="first-hour-home-"))
        self.environment = {**os.environ, "HOME": home, "LC_ALL": "C.UTF-8", "TERM": "xterm",
                            "PYTHONDONTWRITEBYTECODE": "1"}
        for name in ("XDG_STATE_HOME", "STATE_DIRECTORY", "PYTHONPATH"):
            self.environment.pop(name, None)

    def begin(self, command):
        program = Program(command, self.environment)
        self.stack.callback(program.is_gone)
        return program

    def run(self, command):
        """What a command prints that ends by itself, and with 0."""
        done = subprocess.run([*tied, "bash", "-c", command], env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=patience)
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    # ---- the steps, in their order --------------------------------------------------------------

    def one_command_starts_it(self):
        command = self.readme.blocks("Run it")[0].strip()
        assert command == "./scripts/run --tcp 4399 --udp 8080", command
        if self.built:
            command = command.replace("./scripts/run", "build/release/src/chatd")
        self.chatd = self.begin(command)
        self.chatd.hears(r" ready tcp=\S+:4399 .*udp=\S+:8080", build_time_max)

    def nc_and_chatcli_talk_as_the_transcript_says(self):
        command, *lines = self.readme.blocks("Run it")[1].splitlines()
        self.nc = self.begin(command.removeprefix("$ "))
        for line in lines:
            if said := re.fullmatch(r"<bob> (.*)", line):
                self.chatcli().type(said[1])
                self.bob.press("Enter")
            if not line.startswith(("NOTE ", "<")):
                self.nc.say(line)
                continue
            heard = self.nc.next_line()
            assert heard == line, f"README promises {line!r}, nc shows {heard!r}"
        self.bob_sees("hi ana")

    def chatcli(self):
        """bob, at a terminal of 80 columns."""
        program, *arguments = self.readme.row("chatcli")[0].split()
        os.environ["CHATCLI"] = str(self.clone / program)
        sys.path.insert(0, str(tests / "terminal"))
        import support
        self.bob = self.stack.enter_context(support.Terminal(
            *arguments, columns=80, rows=24, environment={"HOME": self.environment["HOME"]}))
        self.bob.wait_for(lambda rows: any("online" in row and "bob" in row for row in rows))
        return self.bob

    def bob_sees(self, text):
        self.bob.wait_for(lambda rows: any(text in row for row in rows))

    def the_page_joins_them(self):
        link = next(found for found in self.readme.row("a browser") if found.startswith("http"))
        self.page = self.begin(f"node '{tests}/first_hour/browser.mjs' {link}")
        self.page.hears(r"^shown after \d+ ms$")
        self.page.say("sees hi ana")  # which was said before it came
        self.page.hears("^sees hi ana$")
        self.page.say("says hello from the page")
        self.nc.hears(r"^<guest-\d+> hello from the page$")
        self.bob_sees("hello from the page")
        self.nc.say("hello, page")
        self.page.say("sees hello, page")
        self.page.hears("^sees hello, page$")
        return self.page.heard[0]

    def curl_says_and_reads(self):
        say, read, follow = self.readme.row("`curl`")
        assert '"seq":' in self.run(say), say
        assert "deployed" in self.run(read), read
        self.bob.type("/join ops")
        self.bob.press("Enter")
        self.bob_sees("deployed")
        events = self.begin(follow)
        events.hears("retry: ")  # it is there
        self.run(say.replace("deployed", "once more"))
        events.hears("data: .*once more")
        self.bob_sees("once more")
        assert events.end() != 0
        health, metrics, *_ = self.readme.row("operators")
        assert self.run(health).strip() == "ok"
        assert "chatd_messages_total" in self.run(metrics)

    def a_script_says_and_tails(self):
        commands = self.readme.row("a script")
        with contextlib.ExitStack() as path:
            folder = path.enter_context(tempfile.TemporaryDirectory(prefix="first-hour-path-"))
            os.symlink(self.clone / "build/release/clients/terminal/chatcli", f"{folder}/chatcli")
            self.environment["PATH"] = f"{folder}:{os.environ['PATH']}"
            tail = self.begin(next(line for line in commands if "--follow" in line))
            tail.hears('"body":"once more"')
            self.run(next(line for line in commands if line.startswith("chatcli say --room")))
            tail.hears('"body":"deployed"')
            assert "bob" in self.run("chatcli who")
            assert tail.end(signal.SIGINT) in (0, 130)
            self.environment["PATH"] = os.environ["PATH"]

    def a_python_program_of_six_lines(self):
        program = next(block for block in self.readme.blocks("Write a program") if "import chatd" in block)
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="first-hour-py-")))
        shutil.copy(self.clone / "clients/python/chatd.py", folder)
        (folder / "mine.py").write_text(program)
        mine = self.begin(f"/usr/bin/python3 -u {folder}/mine.py")
        self.talk_with(mine, program)
        assert mine.end(signal.SIGINT) != 0

    def talk_with(self, mine, program):
        """A program of README's says what stands in it, and prints what ana says."""
        nick = re.search(r"""nick[=:] ?['"](\w+)""", program)[1]
        said = re.search(r"""chat\.say\(['"]lobby['"], ['"](.*)['"]\)""", program)[1]
        self.nc.hears(f"^<{nick}> {said}$")
        self.nc.say(f"hello, {nick}")
        mine.hears(f"^ana hello, {nick}$")

    def a_javascript_program_of_five_lines(self):
        program = next(block for block in self.readme.blocks("Write a program") if "import {Chat}" in block)
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="first-hour-js-")))
        web = self.clone / "clients/web"
        for file in [*web.glob("chatd*.js"), web / "package.json", web / "file_storage.mjs"]:
            shutil.copy(file, folder)
        if self.run("node -p 'typeof WebSocket'").strip() == "undefined":  # Node before 22
            (folder / "node_modules").symlink_to(tests / "integration/node_modules")  # npm install ws
            program = "import WebSocket from 'ws';\n" + program.replace("new Chat({", "new Chat({WebSocket, ")
        (folder / "mine.mjs").write_text(program)
        mine = self.begin(f"node {folder}/mine.mjs")
        self.talk_with(mine, program)
        mine.end()

    def the_dice_roll(self):
        bot = re.search(r"`(clients/python/dice_bot\.py)` rolls `(.*?)`", self.readme.text)
        dice = self.begin(bot[1])
        self.stack.callback(dice.end)

        def asks():
            self.nc.say(bot[2])
            with contextlib.suppress(AssertionError):
                return self.nc.hears(r"^<dice[^>]*> .*\d", timeout=1.0)
        end = time.monotonic() + patience
        while not (answer := asks()):
            assert time.monotonic() < end, "the dice are silent:\n" + "\n".join(dice.heard + self.nc.heard)
        return answer

    def a_bot_speaks_json(self):
        request = self.readme.row("a bot")[0]
        robot = self.begin(self.readme.row("`nc`")[0])
        robot.say(request)
        robot.hears(r'"result":\{.*"seq":\d+')
        self.nc.hears(r"^<guest-\d+> hi$")
        robot.end()

    def datagrams_meet_lines(self):
        nc, chatcli, _ = self.readme.row("raw UDP")
        show, send = self.readme.row("both worlds")
        self.nc.say(show)
        self.nc.hears("^NOTE DGRAM OK on ")
        peer = self.begin(nc)
        peer.say("left, 40")
        self.nc.hears(r"^\[udp:\d+ 9B\] 6c 65 66 74 .*\|left, 40\.\|$")
        self.nc.say(send.replace("de ad be ef", "75 70 0a"))
        peer.hears("^up$")
        self.run(chatcli.replace("chatcli", str(self.clone / "build/release/clients/terminal/chatcli"), 1))
        self.nc.hears(r"^\[udp:\d+ 4B\] de ad be ef ")
        peer.end()

    def what_was_said_stays(self):
        self.stop()
        self.nc.hears(r"^NOTE \* DRAIN ")
        self.one_command_starts_it()
        again = self.begin(self.readme.row("`nc`")[0])
        again.say("/history")
        again.hears(r"^-- #lobby \S+ \S+ <ana> hello, \w+$")
        self.bob_sees("online")  # by itself
        self.page.say("online")
        self.page.hears("^online$")
        self.stop()

    def stop(self):
        status = self.chatd.end(signal.SIGINT)
        assert status == 0, f"chatd ended with {status}:\n" + "\n".join(self.chatd.heard[-20:])

    steps = (one_command_starts_it, nc_and_chatcli_talk_as_the_transcript_says, the_page_joins_them,
             curl_says_and_reads, a_script_says_and_tails, a_python_program_of_six_lines,
             a_javascript_program_of_five_lines, the_dice_roll, a_bot_speaks_json, datagrams_meet_lines, what_was_said_stays)


def clone_of(source, folder):
    """What is committed, as somebody else gets it."""
    clone = Path(folder, "chatd")
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", source, clone], check=True)
    return clone


def copy_of(source, folder):
    """The same as it will be once this tree is committed."""
    copy = Path(folder, "chatd")
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns(".git", "build", "node_modules"))
    return copy


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--built", type=Path)
    built = parser.parse_args().built
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="first-hour-"))
        clone = copy_of(root, folder) if built else clone_of(root, folder)
        if built:
            (clone / "build").mkdir()
            (clone / "build/release").symlink_to(built.resolve())
        os.chdir(clone)
        stack.callback(os.chdir, root)
        hour = FirstHour(clone, built, stack)
        for step in FirstHour.steps:
            began = time.monotonic()
            told = step(hour)
            print(f"{time.monotonic() - began:6.1f} s  {step.__name__.replace('_', ' ')}"
                  + (f": {told}" if told else ""), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(tests / "support"))
    if "--built" in sys.argv:
        from own_network import enter_own_network
        enter_own_network()
    main()
