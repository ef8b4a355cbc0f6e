"""chatcli forward: old line clients do not notice that chatd was away."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

import harness
from connections import Client
from ports import steady_port


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ForwardCase(harness.ChatdCase):
    def forward(self, *servers, flags=(), prefix=()):
        """A forwarder to these servers; where it listens. `prefix` is a program that starts it."""
        names = [f"{host}:{port}" for host, port in (server.address() for server in servers)]
        where = f"127.0.0.1:{free_port()}"
        process = subprocess.Popen(
            [*harness.tied, *prefix, os.environ["CHATCLI"], "forward", where, ",".join(names),
             "--retry", "max=100000,base=10ms,cap=100ms", *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        ready = process.stderr.readline().decode()
        self.assertRegex(ready, rf"^chatcli: forwarding {re.escape(where)} to ")
        self.forwarder = process
        return harness.split_address(where)

    def behind(self, address, nick=None):
        """A line client that knows only the forwarder."""
        client = self.keep(Client(address))
        if nick:
            client.say(f"/nick {nick}")
            self.assertEqual(client.line(20), f"NOTE NICK OK {nick} :You are {nick}.")
        return client


class Translation(ForwardCase):
    def setUp(self):
        super().setUp()
        self.address = self.forward(self.server)

    def test_a_conversation_is_as_with_chatd(self):
        bob = self.person("bob", "dev")
        ana = self.behind(self.address, "ana")
        ana.say("/join dev")
        self.assertEqual(ana.line(),
                         "NOTE JOIN OK #dev :You are in #dev with 1 other; your lines go there.")
        ana.say("hello")
        self.assertEqual(bob.line(), "#dev <ana> hello")
        ana.say("/me waves")
        self.assertEqual(bob.line(), "#dev * ana waves")
        bob.say("hi ana")
        self.assertEqual(ana.line(), "#dev <bob> hi ana")
        bob.say("/msg ana psst")
        self.assertEqual(bob.line(), "NOTE MSG OK ana :Sent to ana alone.")
        self.assertEqual(ana.line(), "@bob psst")
        ana.say("/msg bob back")
        self.assertEqual(bob.line(), "@ana back")
        self.assertEqual(ana.line(), "NOTE MSG OK bob :Sent to bob alone.")
        ana.say("/who")
        self.assertEqual(sorted(self.expect_list(ana, "WHO")), ["ana", "bob"])
        ana.say("/leave")
        self.assertEqual(ana.line(),
                         "NOTE LEAVE OK #dev :You left #dev; your lines go to #lobby.")

    def test_what_chatd_refuses_is_refused(self):
        self.person("bob")
        ana = self.behind(self.address)
        for line, command, code in (("/nick bob", "NICK", "NICK_IN_USE"), ("/join a!b", "JOIN", "BAD_ROOM"),
                                    ("/nosuch", "NOSUCH", "UNKNOWN_COMMAND"), ("/msg", "MSG", "NEED_MORE_PARAMS"),
                                    ("/msg nobody hi", "MSG", "NO_SUCH_NICK"),
                                    ("x" * 5000, "\\*", "LINE_TOO_LONG"),
                                    ("/in 10m later", "IN", "NOT_FORWARDED")):
            ana.say(line)
            self.expect(ana, rf"FAIL {command} {code}( [^: ]\S*)* :\S.*")
        ana.say("/ping alive")
        self.assertEqual(ana.line(), "NOTE PING PONG :alive")

    def test_numbers_and_history(self):
        bob = self.person("bob")
        ana = self.behind(self.address, "ana")
        ana.say("first")
        self.assertEqual(bob.line(), "<ana> first")
        ana.say("/edit 1 better")
        self.assertEqual(ana.line(), "NOTE EDIT OK #lobby 2 :Done; it is number 2.")
        self.assertEqual(bob.line(), "NOTE * EDITED #lobby 1 ana :better")
        ana.say("/react 1 +1")
        self.expect(ana, "NOTE REACT OK #lobby 3 .*")
        self.expect(bob, "NOTE \\* REACTED .*")
        ana.say("/topic on the table")
        self.expect(ana, "NOTE TOPIC OK #lobby 4 .*")
        ana.say("/topic")
        self.assertEqual(ana.line(), "NOTE TOPIC IS #lobby ana :on the table")
        ana.say("/reply 1 so it is")
        ana.say("/history after 1 3")
        entries = []
        while (line := ana.line()).startswith("-- "):
            entries.append(re.sub(r" 20\S+Z ", " ", line))
        self.assertEqual(entries, ["-- #lobby 2 ana edited 1: better",
                                   "-- #lobby 3 ana reacted to 1: +1",
                                   "-- #lobby 4 ana set the topic: on the table"])
        self.assertEqual(line, "NOTE HISTORY END 3 more :3 shown; there are more.")

    def test_half_close_says_everything_and_ends(self):
        bob = self.person("bob")
        client = self.behind(self.address)
        client.send("/nick ana\none\ntwo\n/ping x\nlast")
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.read_all().decode(), "NOTE NICK OK ana :You are ana.\n"
                                                     "NOTE PING PONG :x\n")
        self.assertEqual([bob.line() for _ in range(3)], ["<ana> one", "<ana> two", "<ana> last"])
        # The nick is free for the next one.
        self.behind(self.address, "ana")

    def test_quit(self):
        ana = self.behind(self.address, "ana")
        ana.say("/quit")
        self.assertEqual(ana.read_all(), b"NOTE QUIT OK :Goodbye.\n")

    def test_term_ends_it_with_0(self):
        ana = self.behind(self.address, "ana")
        self.forwarder.send_signal(signal.SIGTERM)
        self.assertEqual(ana.read_all(), b"")
        self.assertEqual(self.forwarder.wait(20), 0)

    def test_a_port_that_is_taken_is_69(self):
        host, port = self.server.address()
        status, _, err = harness.run_program(
            [os.environ["CHATCLI"], "forward", f"{host}:{port}", f"{host}:{port}"])
        self.assertEqual(status, 69)
        self.assertIn(b"address already in use", err.lower())

    def test_usage(self):
        for words in (("forward",), ("forward", "4400"), ("forward", "localhost", "localhost"),
                      ("forward", "4400", "a,,b")):
            self.assertEqual(harness.run_program([os.environ["CHATCLI"], *words])[0], 64, words)


class Full(ForwardCase):
    def test_one_too_many_is_told(self):
        address = self.forward(self.server, flags=("--connections", "1"))
        ana = self.behind(address, "ana")
        other = self.behind(address)
        self.expect(other, "FAIL \\* BUSY :.*")
        self.assertEqual(other.read_all(), b"")
        ana.say("/ping x")
        self.assertEqual(ana.line(), "NOTE PING PONG :x")


    def test_without_descriptors_it_waits_until_one_is_free(self):
        address = self.forward(self.server, prefix=("prlimit", "--nofile=16"))
        clients = [self.behind(address) for _ in range(12)]
        self.eventually(lambda: len(os.listdir(f"/proc/{self.forwarder.pid}/fd")) >= 16,
                        "all descriptors are taken")
        before = self.cpu_seconds()
        time.sleep(1.0)
        self.assertLess(self.cpu_seconds() - before, 0.3)
        # Those that go make room for one who waits.
        for client in clients[:-1]:
            client.close()
        clients[-1].say("/ping x")
        self.assertEqual(clients[-1].line(20), "NOTE PING PONG :x")

    def cpu_seconds(self):
        with open(f"/proc/{self.forwarder.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Outages(ForwardCase):
    def setUp(self):
        self.state = harness.state_directory()
        self.port = str(steady_port())
        self.server = self.start("--state", self.state, tcp=(self.port,))

    def crash_and_restart(self):
        self.server.crash()
        self.server = self.start("--state", self.state, tcp=(self.port,))

    def test_a_crash_loses_and_doubles_nothing(self):
        address = self.forward(self.server)
        ana, bob = self.behind(address, "ana"), self.behind(address, "bob")
        for client in (ana, bob):
            client.say("/join dev")
            self.expect(client, "NOTE JOIN OK #dev .*")
        count = 1500
        talker = threading.Thread(
            target=lambda: [ana.say(f"line {number}") for number in range(count)])
        talker.start()
        heard = []
        for pause in (200, 700, count):
            while len(heard) < pause:
                heard.append(bob.line(30))
            if pause < count:
                self.crash_and_restart()
        talker.join(30)
        self.assertEqual(heard, [f"#dev <ana> line {number}" for number in range(count)])
        # Both are who and where they were, and nothing else was told.
        bob.say("still here?")
        self.assertEqual(ana.line(), "#dev <bob> still here?")
        ana.say("/who")
        self.assertEqual(sorted(self.expect_list(ana, "WHO")), ["ana", "bob"])
        self.expect_silence(bob)

    def test_what_is_said_and_asked_while_it_is_away_waits(self):
        address = self.forward(self.server)
        ana = self.behind(address, "ana")
        self.server.crash()
        ana.say("into the dark")
        ana.say("/ping still there")
        ana.say("/join dev")
        ana.say("in dev")
        newcomer = self.behind(address)
        newcomer.send("/nick new\n/join side\nme too\n")
        self.server = self.start("--state", self.state, tcp=(self.port,))
        self.assertEqual(ana.line(30), "NOTE PING PONG :still there")
        self.expect(ana, "NOTE JOIN OK #dev .*", 30)
        self.assertRegex(self.reply(newcomer), "^NOTE NICK OK new ")
        ana.say("/leave lobby")
        ana.say("/history")
        lines = []
        while not (line := ana.line()).startswith("NOTE HISTORY"):
            lines.append(line)
        self.assertRegex(lines[-1], "<ana> in dev$")
        self.assertRegex(self.reply(newcomer), "^NOTE JOIN OK #side ")
        newcomer.say("/ping x")
        self.assertEqual(self.reply(newcomer), "NOTE PING PONG :x")
        host, port = self.server.address()
        for room, said in (("lobby", (b"ana", b"into the dark")), ("side", (b"new", b"me too"))):
            exported = harness.run_program([os.environ["CHATCLI"], "export", room, "--server",
                                            f"{host}:{port}"], check=0)[1]
            self.assertEqual(re.findall(rb'"from":"(\w+)".*"body":"([^"]*)"', exported), [said])

    def test_another_server_takes_over(self):
        other = self.start()
        address = self.forward(self.server, other)
        ana = self.behind(address, "ana")
        self.server.crash()
        ana.say("hello there")
        ana.say("/ping x")
        self.assertEqual(ana.line(30), "NOTE PING PONG :x")
        bob = self.person("bob", server=other)
        ana.say("and again")
        self.assertEqual(bob.line(), "<ana> and again")

    def test_lines_that_could_not_be_said_are_counted_at_the_end(self):
        address = self.forward(self.server)
        ana = self.behind(address, "ana")
        self.server.crash()
        ana.say("one")
        ana.say("two")
        ana.send("/ping x\nthree\nfour")  # they wait behind the command
        self.eventually(lambda: self.unread(ana) == 0, "the forwarder has read it")
        self.forwarder.send_signal(signal.SIGTERM)
        self.assertEqual(self.forwarder.wait(20), 1)
        self.assertIn(b"5 lines were not said", self.forwarder.stderr.read())

    def test_who_asks_on_and_on_and_never_reads_has_to_wait(self):
        address = self.forward(self.server)
        ana = self.behind(address, "ana")
        asked = b"/help\n" * 10_000
        ana.socket.setblocking(False)
        sent = 0
        deadline = time.monotonic() + 30
        blocked = 0
        while blocked < 5 and time.monotonic() < deadline:
            try:
                sent += ana.socket.send(asked[sent % 6:])
                blocked = 0
            except BlockingIOError:
                blocked += 1
                time.sleep(0.1)
        self.assertEqual(blocked, 5, "the forwarder reads without end")
        with open(f"/proc/{self.forwarder.pid}/status", encoding="ascii") as status:
            resident = int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1])
        self.assertLess(resident, 64 * 1024)

    @staticmethod
    def reply(client):
        """The next line that is not what somebody says."""
        while (line := client.line(30)).startswith("<"):
            pass
        return line

    @staticmethod
    def unread(client):
        """Bytes that the other side's kernel has not acknowledged."""
        import fcntl
        import struct
        import termios
        return struct.unpack("i", fcntl.ioctl(client.socket, termios.TIOCOUTQ, b"\0" * 4))[0]


if __name__ == "__main__":
    harness.main()
