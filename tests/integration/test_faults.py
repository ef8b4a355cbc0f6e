"""Every client on a bad network: nothing is lost, nothing doubled, and nobody storms the server.

Each client speaks and listens in a room of its own, through a fault proxy of its own, while somebody
else speaks there too, straight to the server. After every fault all that was said must be in the
room's history exactly once, in its author's order, and the client must have heard exactly that.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import harness

sys.path[:0] = [str(harness.root / "tests" / folder) for folder in ("support", "terminal")]
import support  # noqa: E402  (stands in tests/terminal)
from fault_proxy import Chaos, FaultProxy  # noqa: E402
from ports import steady_port  # noqa: E402

patience = 20.0  # seconds, of every wait
hurry = ("--retry", "max=10000,base=20ms,cap=200ms", "--keepalive", "0.5")  # of chatcli


class Speaker:
    """Somebody who says numbered lines, and what they heard, behind a proxy of their own."""

    hears_itself = True   # as JSON-RPC clients do
    acknowledges = True   # it tells what the server has for sure
    connections = 1       # how many it has open

    def __init__(self, kind, server_address):
        self.kind, self.room, self.nick = kind, f"room-{kind}", f"a-{kind}"
        self.proxy = FaultProxy(server_address)
        self.where = "%s:%d" % self.proxy.address
        self.heard, self.acknowledged, self.states = [], [], []
        self.count = 0
        self.changed = threading.Condition()
        self.processes, self.readers = [], []
        self.begin()

    def launch(self, *command, take=None):
        """A process of it; `take` gets each line that it prints."""
        process = subprocess.Popen([*harness.tied, *map(str, command)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        self.read(process.stdout, take)
        return process

    def read(self, lines, take):
        def run():
            for line in lines:
                with self.changed:
                    take(line.rstrip("\n"))
                    self.changed.notify_all()
        self.readers.append(threading.Thread(target=run, daemon=True))
        self.readers[-1].start()

    def say(self, lines):
        for _ in range(lines):
            self.input.write(f"{self.nick} {self.count}\n")
            self.count += 1
        self.input.flush()

    def signal(self, number):
        for process in self.processes:
            process.send_signal(number)

    def wait(self, condition, what):
        with self.changed:
            fine = self.changed.wait_for(lambda: condition(self), patience)
        assert fine, (f"{self.kind}: waited {patience} s until {what}; {self.count} said, "
                      f"{len(self.acknowledged)} acknowledged, {len(self.heard)} heard, the last "
                      f"{self.heard[-3:]}, states {self.states[-6:]}")

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        for reader in self.readers:
            reader.join()
        for process in self.processes:
            process.stdout.close()
        self.proxy.close()


class Program(Speaker):
    """A library, in a program of {"heard"}, {"said"} and {"state"} lines."""

    commands = {
        "js": ("node", harness.here / "fault_client.mjs"),
        "python": ("/usr/bin/python3", harness.here / "fault_client.py"),
        "cpp": (os.environ["FAULT_CLIENT"],),
    }

    def begin(self):
        process = self.launch(*self.commands[self.kind], self.where, self.nick, self.room,
                              take=self.take)
        self.input = process.stdin
        self.wait(lambda it: "online" in it.states, "it is online")

    def take(self, line):
        for kind, text in json.loads(line).items():
            into = {"heard": self.heard, "said": self.acknowledged, "state": self.states}.get(kind)
            if into is not None:
                into.append(text)


class Scripted(Speaker):
    """`chatcli say -` speaks, `chatcli tail --follow` listens."""

    connections = 2

    def begin(self):
        how = ("--room", self.room, "--json", "--server", self.where, "--wait", "60", *hurry)
        say = self.launch(os.environ["CHATCLI"], "say", "-", "--nick", self.nick, *how,
                          take=self.acknowledged.append)
        self.input = say.stdin
        self.say(1)
        self.wait(lambda it: it.acknowledged, "its first line is acknowledged")
        self.launch(os.environ["CHATCLI"], "tail", "--lines", "500", "--follow", *how,
                    take=self.take)
        self.wait(lambda it: it.heard, "it hears its first line")

    def take(self, line):
        event = json.loads(line)
        if event["kind"] == "message":
            self.heard.append(event["body"])


class Forwarded(Speaker):
    """An old line client behind `chatcli forward`, which notices nothing."""

    hears_itself = acknowledges = False

    def begin(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = probe.getsockname()[:2]
        self.launch(os.environ["CHATCLI"], "forward", "%s:%d" % address, self.where, *hurry,
                    take=lambda line: None)
        deadline = time.monotonic() + patience
        while True:
            try:
                self.client = socket.create_connection(address)
                break
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, "chatcli forward does not listen"
                time.sleep(0.02)
        self.input = self.client.makefile("w")
        self.input.write(f"/nick {self.nick}\n/join {self.room}\n")
        self.input.flush()
        self.read(self.client.makefile("r"), self.take)
        self.wait(lambda it: "joined" in it.states, "it is in its room")

    def take(self, line):
        if line.startswith("NOTE JOIN OK"):
            self.states.append("joined")
        elif line.startswith(f"#{self.room} <"):
            self.heard.append(line.partition("> ")[2])

    def close(self):
        self.client.shutdown(socket.SHUT_RDWR)
        super().close()
        self.client.close()


class FullScreen(Speaker):
    """chatcli at a terminal of 60 rows; what it heard is what stands there."""

    acknowledges = False

    def begin(self):
        self.terminal = support.Terminal("--nick", self.nick, "--room", self.room, self.where,
                                         *hurry, columns=100, rows=60)
        self.terminal.wait_for(lambda rows: any(self.room in row for row in rows))
        self.closed = threading.Event()
        self.read(self.pictures(), self.take)

    def pictures(self):
        while not self.closed.wait(0.05):
            yield "\n".join(self.terminal.screen())

    def take(self, picture):
        self.heard = re.findall(rf"\b((?:other|{self.nick}) \d+) *\u2502", picture)

    def say(self, lines):
        for _ in range(lines):
            self.terminal.type(f"{self.nick} {self.count}")
            self.terminal.press("Enter")
            self.count += 1

    def signal(self, number):
        os.kill(support.child_of(self.terminal), number)

    def close(self):
        self.closed.set()
        super().close()
        self.terminal.__exit__()


class Faults(harness.ChatdCase):
    speaker_types = {**{kind: Program for kind in Program.commands},
                     "chatcli": Scripted, "forward": Forwarded}

    def setUp(self):
        super().setUp()
        self.speakers, self.others = [], {}

    def start_again(self):
        """The same server, as after a crash: its address and what it keeps."""
        host, port = self.server.address()
        self.server = self.start("--state", self.state, tcp=[f"{host}:{port}"])

    def start(self, *flags, **how):
        if "--state" not in flags:
            self.state = harness.state_directory()
            flags = ("--state", self.state, *flags)
            how.setdefault("tcp", (str(steady_port()),))
        return super().start(*flags, **how)

    def begin(self, **more):
        for kind, speaker_type in {**self.speaker_types, **more}.items():
            self.others[kind] = 0
            self.speakers.append(self.keep(speaker_type(kind, self.server.address())))

    def other_says(self, speaker):
        """Somebody else says a line in that room, straight to the server."""
        number = self.others[speaker.kind]
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "say", "params": {
            "room": speaker.room, "body": f"other {number}"}}).encode()
        request = urllib.request.Request("http://%s:%d/rpc" % self.server.address(), body,
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            self.assertIn(b'"seq"', answer.read())
        self.others[speaker.kind] += 1

    def everyone_says(self, lines=10):
        for speaker in self.speakers:
            speaker.say(lines)
            self.other_says(speaker)

    def all_arrives(self):
        """Everything said so far is acknowledged, heard, and in the history, once and in order."""
        for speaker in self.speakers:
            if speaker.acknowledges:
                speaker.wait(lambda it: len(it.acknowledged) >= it.count, "all is acknowledged")
            wanted = {"other": self.numbered("other", self.others[speaker.kind]),
                      speaker.nick: self.numbered(speaker.nick, speaker.count)}
            self.eventually(lambda it=speaker, all=wanted: len(self.history(it.room)) >= sum(
                map(len, all.values())), f"{speaker.kind}: all is in the history", patience)
            heard = [author for author in wanted if author == "other" or speaker.hears_itself]
            total = sum(len(wanted[author]) for author in heard)
            speaker.wait(lambda it, total=total: len(it.heard) >= total, "all is heard")
            speaker.wanted = wanted
        time.sleep(0.1)  # for a double, if there is one
        for speaker in self.speakers:
            kept = self.history(speaker.room)
            for author, lines in speaker.wanted.items():
                self.assertEqual(self.of(author, kept), lines, f"{speaker.kind}: the history")
                if author == "other" or speaker.hears_itself:
                    self.assertEqual(self.of(author, speaker.heard), lines,
                                     f"{speaker.kind}: what it heard")
            if speaker.acknowledges:
                self.assertEqual(len(speaker.acknowledged), speaker.count, speaker.kind)

    @staticmethod
    def numbered(author, count):
        return [f"{author} {number}" for number in range(count)]

    @staticmethod
    def of(author, bodies):
        return [body for body in bodies if body.startswith(author + " ")]

    def history(self, room):
        url = "http://%s:%d/v1/rooms/%s/messages?limit=500" % (*self.server.address(), room)
        with urllib.request.urlopen(url, timeout=10) as answer:
            page = json.load(answer)
        self.assertFalse(page["more"])
        return [event["body"] for event in page["events"]]

    # ---- the faults -----------------------------------------------------------------------------

    def test_cuts_between_and_inside_of_messages(self):
        self.begin()
        for how in ("fin", "rst"):
            for after, direction in ((None, "down"), (1, "down"), (150, "down"), (70, "up"),
                                     (333, "up")):
                for speaker in self.speakers:
                    speaker.proxy.cut(how, after, direction)
                self.everyone_says(4)
        self.all_arrives()

    def test_half_open_connections_and_a_server_that_answers_nobody(self):
        self.begin(screen=FullScreen)
        self.everyone_says()
        for speaker in self.speakers:
            speaker.proxy.accepted.clear()
            speaker.proxy.mode = "stall"
            speaker.proxy.freeze()
        self.everyone_says()
        for speaker in self.speakers:
            self.notices(speaker)
            speaker.proxy.calm()
        self.everyone_says()
        self.all_arrives()

    def test_a_server_that_is_suspended(self):
        self.begin(screen=FullScreen)
        self.everyone_says()
        for speaker in self.speakers:
            speaker.proxy.accepted.clear()
        self.server.process.send_signal(signal.SIGSTOP)
        try:
            for speaker in self.speakers:
                speaker.say(10)
            for speaker in self.speakers:
                self.notices(speaker)
                self.assertLess(len(speaker.proxy.accepted), 50 * speaker.connections, speaker.kind)
        finally:
            self.server.process.send_signal(signal.SIGCONT)
        self.everyone_says()
        self.all_arrives()

    def test_plain_lines_end_where_the_server_is_gone_without_a_word(self):
        for how in ("half-open", "suspended"):
            proxy = FaultProxy(self.server.address())
            self.addCleanup(proxy.close)
            with subprocess.Popen(
                    [*harness.tied, os.environ["CHATCLI"], "%s:%d" % proxy.address, "--plain",
                     "--room", "plain", "--keepalive", "0.5"], stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                while not process.stdout.readline().startswith(b"NOTE JOIN OK"):
                    pass
                time.sleep(1.2)  # it is asked, and answers
                self.assertIsNone(process.poll(), how)
                if how == "half-open":
                    proxy.freeze()
                    self.assertEqual(process.wait(patience), 74, how)
                else:
                    self.server.process.send_signal(signal.SIGSTOP)
                    try:
                        self.assertEqual(process.wait(patience), 74, how)
                    finally:
                        self.server.process.send_signal(signal.SIGCONT)
                self.assertEqual(process.stdout.read(), b"", how)
                self.assertEqual(process.stderr.read(), b"chatcli: the server is silent.\n", how)

    def notices(self, speaker):
        """Every connection of it is given up, and dialled anew."""
        self.eventually(lambda: len(speaker.proxy.accepted) >= speaker.connections,
                        f"{speaker.kind} notices", patience)

    def test_slow_lines_that_break_by_chance(self):
        self.begin()
        for speaker in self.speakers:
            speaker.proxy.chaos = Chaos(seed=4, bytes_min=600, bytes_max=6000,
                                        freezes=6)
            speaker.proxy.bandwidth = 50_000
            speaker.proxy.cut("rst")
        for _ in range(6):
            self.everyone_says(6)
            time.sleep(0.1)
        for speaker in self.speakers:
            speaker.wait(lambda it: len(it.proxy.accepted) > 2 * it.connections, "some break")
            speaker.proxy.calm()
        self.all_arrives()

    def test_a_full_screen_that_is_cut_off_twice_and_loses_its_server(self):
        screen = self.keep(FullScreen("screen", self.server.address()))
        self.speakers.append(screen)
        self.others["screen"] = 0
        for cut in (("rst",), ("fin", 150)):
            self.everyone_says(4)
            screen.proxy.cut(*cut)
            self.everyone_says(4)
            self.all_arrives()
        self.server.crash()
        screen.say(4)
        self.start_again()
        self.everyone_says(4)
        self.all_arrives()

    def test_a_server_that_is_killed_and_started_again(self):
        self.begin()
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            self.everyone_says()
            for speaker in self.speakers:
                speaker.say(10)
            self.server.crash() if number == signal.SIGKILL else self.server.stop()
            for speaker in self.speakers:
                speaker.say(3)
            self.start_again()
        self.everyone_says()
        self.all_arrives()

    def test_a_client_that_is_suspended_while_the_server_is_started_again(self):
        self.begin(screen=FullScreen)
        self.everyone_says()
        for speaker in self.speakers:
            speaker.signal(signal.SIGSTOP)
        self.everyone_says()
        self.server.crash()
        self.start_again()
        for speaker in self.speakers:
            self.other_says(speaker)
        time.sleep(1.0)  # longer than any of them waits for an answer
        for speaker in self.speakers:
            speaker.signal(signal.SIGCONT)
        self.everyone_says()
        self.all_arrives()

    def test_nobody_reconnects_more_often_than_the_waits_allow(self):
        self.begin(screen=FullScreen)
        for speaker in self.speakers:
            speaker.proxy.mode = "reject"
            speaker.proxy.accepted.clear()
            speaker.proxy.cut("rst")
        time.sleep(2.0)
        for speaker in self.speakers:
            # Waits are random up to 20, 40, 80, 160, then 200 ms: 100 ms on average, about 24 in
            # all; 50 of them would have to be half as long as they are.
            self.assertIn(len(speaker.proxy.accepted), range(5, 50 * speaker.connections),
                          speaker.kind)
            speaker.proxy.calm()
        self.everyone_says()
        self.all_arrives()

    def test_whoever_gives_up_has_tried_as_often_as_it_was_told(self):
        for kind, command in Program.commands.items():
            proxy = FaultProxy(self.server.address(), mode="reject")
            self.addCleanup(proxy.close)
            with subprocess.Popen(
                    [*harness.tied, *map(str, command), "%s:%d" % proxy.address, "ana", "lobby", "4"],
                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
                self.assertEqual(process.wait(patience), 1)
            self.assertEqual(len(proxy.accepted), 5, kind)


if __name__ == "__main__":
    harness.main()
