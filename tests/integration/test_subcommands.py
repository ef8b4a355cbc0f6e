"""chatcli say, tail, msg, who, search and export, as a script runs them."""

import json
import os
import signal
import subprocess
import threading

import harness
from ports import steady_port


class SubcommandCase(harness.ChatdCase):
    def arguments(self, *words, server=None):
        host, port = (server or self.server).address()
        return [os.environ["CHATCLI"], *words, "--server", f"{host}:{port}"]

    def chatcli(self, *words, stdin=b"", server=None, timeout=30.0):
        """(status, stdout, stderr)"""
        status, out, err = harness.run_program(self.arguments(*words, server=server), stdin,
                                               timeout)
        return status, out.decode(), err.decode()

    def ok(self, *words, **how):
        """The lines that a command printed which went well."""
        status, out, err = self.chatcli(*words, **how)
        self.assertEqual((status, err), (0, ""), out)
        return out.splitlines()

    def begin(self, *words, **how):
        process = subprocess.Popen([*harness.tied, *self.arguments(*words, **how)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        for stream in (process.stdin, process.stdout, process.stderr):
            self.addCleanup(stream.close)
        return process

    def line(self, process):
        """The next line that `process` prints; never waits for ever."""
        timer = threading.Timer(20, process.kill)
        timer.start()
        try:
            return process.stdout.readline().decode().rstrip("\n")
        finally:
            timer.cancel()

    def interrupt(self, process, expected=130):
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), expected)

    def positions(self, lines):
        return [(entry["epoch"], entry["seq"]) for entry in map(json.loads, lines)]


class Say(SubcommandCase):
    def test_words_become_one_message(self):
        bob = self.person("bob", "ops")
        self.assertEqual(self.ok("say", "--room", "ops", "--nick", "ana", "deployed", "1.4"), [])
        self.assertEqual(bob.line(), "#ops <ana> deployed 1.4")
        self.assertEqual(self.ok("say", "--room", "#ops", "--nick", "ana", "--me", "waves"), [])
        self.assertEqual(bob.line(), "#ops * ana waves")

    def test_a_nick_is_free_again_at_once(self):
        bob = self.person("bob")
        for number in range(3):
            self.ok("say", "--nick", "deploy", f"again {number}")
            self.assertEqual(bob.line(), f"<deploy> again {number}")

    def test_every_line_of_the_input_once_and_in_order(self):
        bob = self.person("bob")
        count = 3000
        lines = b"".join(b"line %d\r\n\n" % number for number in range(count)) + b"last"
        self.ok("say", "--nick", "ana", "-", stdin=lines)
        for number in range(count):
            self.assertEqual(bob.line(), f"<ana> line {number}")
        self.assertEqual(bob.line(), "<ana> last")

    def test_json_tells_positions(self):
        said = self.positions(self.ok("say", "--json", "-", stdin=b"one\ntwo\n"))
        self.assertEqual(said[1], (said[0][0], said[0][1] + 1))

    def test_a_line_that_is_refused_ends_with_1(self):
        status, _, err = self.chatcli("say", "x" * 5000)
        self.assertEqual(status, 1)
        self.assertIn("4096 bytes", err)
        status, _, err = self.chatcli("say", "--room", "no room", "x")
        self.assertEqual(status, 64)
        status, _, err = self.chatcli("say", "--room", "-bad-", "x")
        self.assertEqual(status, 1)
        self.assertIn("room name", err)

    def test_a_nick_in_use_ends_with_1(self):
        self.person("bob")
        status, _, err = self.chatcli("say", "--nick", "bob", "x")
        self.assertEqual(status, 1)
        self.assertIn("taken", err)

    def test_usage_is_64_and_nobody_there_69(self):
        self.assertEqual(self.chatcli("say")[0], 64)
        self.assertEqual(self.chatcli("say", "--retry", "often", "x")[0], 64)
        self.assertEqual(self.chatcli("say", "--balance", "nearest", "x")[0], 64)
        self.assertEqual(self.chatcli("say", "--dial", "fast", "x")[0], 64)
        status, _, err = harness.run_program(
            [os.environ["CHATCLI"], "say", "--server", "127.0.0.1:1", "x"])
        self.assertEqual(status, 69)
        self.assertIn(b"connection refused", err)
        status, _, err = harness.run_program(
            [os.environ["CHATCLI"], "say", "--server", "127.0.0.1:1", "--retry",
             "max=2,base=1ms,cap=2ms", "x"])
        self.assertEqual(status, 69)

    def test_the_next_server_is_taken_when_one_is_down(self):
        host, port = self.server.address()
        bob = self.person("bob")
        for balance in ("first", "random", "two-choices"):
            status, _, err = harness.run_program(
                [os.environ["CHATCLI"], "say", "--server", f"127.0.0.1:1,{host}:{port}",
                 "--balance", balance, "--nick", "ana", balance])
            self.assertEqual((status, err), (0, b""))
            self.assertEqual(bob.line(), f"<ana> {balance}")


class Tail(SubcommandCase):
    def setUp(self):
        super().setUp()
        self.ok("say", "--nick", "ana", "-", stdin=b"".join(b"%d\n" % n for n in range(1, 31)))

    def test_the_newest_lines(self):
        self.assertEqual(self.ok("tail"), [f"<ana> {n}" for n in range(21, 31)])
        self.assertEqual(self.ok("tail", "--lines", "2"), ["<ana> 29", "<ana> 30"])
        self.assertEqual(self.ok("tail", "--lines", "0"), [])
        self.assertEqual(self.ok("tail", "--room", "empty"), [])

    def test_since_a_position_and_since_ever(self):
        everything = self.ok("tail", "--since", "all", "--json")
        self.assertEqual([json.loads(line)["body"] for line in everything],
                         [str(n) for n in range(1, 31)])
        epoch, seq = self.positions(everything)[24]
        self.assertEqual(self.ok("tail", "--since", f"{epoch}:{seq}"),
                         [f"<ana> {n}" for n in range(26, 31)])
        self.assertEqual(self.ok("tail", "--since", f"{epoch}:{seq + 5}"), [])

    def test_what_it_prints_is_what_export_prints(self):
        tailed = [json.loads(line) for line in self.ok("tail", "--since", "all", "--json")]
        exported = [json.loads(line) for line in self.ok("export", "lobby")]
        self.assertEqual(tailed, exported)

    def test_several_rooms(self):
        self.ok("say", "--room", "ops", "--nick", "bob", "over here")
        self.assertEqual(sorted(self.ok("tail", "--room", "ops", "--room", "lobby", "--lines", "1")),
                         ["#ops <bob> over here", "<ana> 30"])
        self.assertEqual(self.chatcli("tail", "--room", "ops", "--room", "dev", "--since", "1:2")[0],
                         64)

    def test_follow_goes_on_over_a_crash_and_prints_everything_once(self):
        state = harness.state_directory()
        port = str(steady_port())
        server = self.start("--state", state, tcp=(port,))
        tail = self.begin("tail", "--follow", "--lines", "0", "--json",
                          "--retry", "max=100000,base=10ms,cap=100ms", server=server)
        self.eventually(lambda: len(self.ok("who", server=server)) == 1, "tail is there")
        heard = []
        for run in range(3):
            lines = b"".join(b"%d.%d\n" % (run, n) for n in range(200))
            self.ok("say", "--nick", "ana", "-", stdin=lines, server=server)
            while len(heard) < 200 * (run + 1):
                heard.append(json.loads(self.line(tail)))
            if run < 2:
                server.crash()
                server = self.start("--state", state, tcp=(port,))
        self.assertEqual([entry["body"] for entry in heard],
                         [f"{run}.{n}" for run in range(3) for n in range(200)])
        self.interrupt(tail)
        self.assertEqual(tail.stdout.read(), b"")

    def test_a_closed_reader_ends_it(self):
        tail = self.begin("tail", "--follow", "--lines", "1")
        self.assertEqual(self.line(tail), "<ana> 30")
        tail.stdout.close()
        self.assertEqual(tail.wait(20), 141)


class SayAcrossARestart(SubcommandCase):
    def test_nothing_is_lost_or_doubled(self):
        state = harness.state_directory()
        port = str(steady_port())
        server = self.start("--state", state, tcp=(port,))
        count = 3000
        say = self.begin("say", "--nick", "ana", "--json", "--retry", "max=100000,base=10ms,cap=100ms",
                         "--wait", "60", "-", server=server)
        feeder = threading.Thread(target=self.feed, args=(say, count))
        feeder.start()
        for at in (300, 900):
            while at > 0:
                self.assertTrue(self.line(say))
                at -= 1
            server.crash()
            server = self.start("--state", state, tcp=(port,))
        feeder.join(30)
        while self.line(say):
            pass
        self.assertEqual(say.wait(30), 0, say.stderr.read())
        bodies = [json.loads(line)["body"] for line in self.ok("export", "lobby", server=server)]
        self.assertEqual(bodies, [str(number) for number in range(count)])

    @staticmethod
    def feed(process, count):
        for number in range(count):
            process.stdin.write(b"%d\n" % number)
        process.stdin.close()


class Questions(SubcommandCase):
    def test_msg_reaches_one_person(self):
        bob = self.person("bob")
        self.assertEqual(self.ok("msg", "--nick", "ana", "bob", "just", "you"), [])
        self.assertEqual(bob.line(), "@ana just you")
        self.assertEqual(json.loads(self.ok("msg", "bob", "hi", "--json")[0]),
                         {"nick": "bob", "kept": False})
        status, _, err = self.chatcli("msg", "nobody-here", "hi")
        self.assertEqual(status, 1)
        self.assertIn("Nobody here has that nick", err)

    def test_who_lists_the_others(self):
        self.person("bob", "ops")
        self.person("ana", "ops")
        self.assertEqual(self.ok("who", "--room", "ops"), ["ana", "bob"])
        self.assertEqual(json.loads(self.ok("who", "--room", "ops", "--json")[0]),
                         {"room": "ops", "nicks": ["ana", "bob"], "total": 2})
        self.assertEqual(self.ok("who", "--room", "empty"), [])

    def test_search_finds_or_ends_with_1(self):
        self.ok("say", "--nick", "ana", "--room", "ops", "the disk is full")
        self.ok("say", "--nick", "ana", "all is well")
        found = self.ok("search", "disk")
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], r"^#ops \d+:1 20\S+Z <ana> the \*disk\* is full$")
        hit = json.loads(self.ok("search", "--json", "--room", "lobby", "well")[0])
        self.assertEqual(hit["event"]["body"], "all is well")
        status, out, err = self.chatcli("search", "nothing-like-it")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("nothing was found", err)
        self.assertEqual(self.chatcli("search", 'before:never')[0], 1)

    def test_search_reads_on_to_the_limit(self):
        self.ok("say", "-", stdin=b"".join(b"apple %d\n" % n for n in range(150)))
        self.assertEqual(len(self.ok("search", "apple", "--limit", "130")), 130)
        self.assertEqual(len(self.ok("search", "apple", "--limit", "1000")), 150)

    def test_export_pages_through_a_whole_room(self):
        count = 1200
        self.ok("say", "--room", "ops", "--nick", "ana", "-",
                stdin=b"".join(b"%d\n" % n for n in range(count)))
        exported = self.ok("export", "ops")
        self.assertEqual([json.loads(line)["body"] for line in exported],
                         [str(n) for n in range(count)])
        epoch, seq = self.positions(exported)[-3]
        self.assertEqual(self.ok("export", "#ops", "--since", f"{epoch}:{seq}"), exported[-2:])
        status, out, err = self.chatcli("export", "empty")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("no messages", err)

    def test_help_is_there_for_each(self):
        for name in ("say", "tail", "msg", "who", "search", "export", "forward", "udp"):
            status, out, err = harness.run_program([os.environ["CHATCLI"], name, "--help"])
            self.assertEqual((status, err), (0, b""), name)
            self.assertIn(b"Exit codes:", out)


if __name__ == "__main__":
    harness.main()
