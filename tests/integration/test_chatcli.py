"""chatcli, run as a person or a script runs it."""

import json
import os
import pty
import select
import subprocess
import tempfile
import time

import harness


class ChatcliCase(harness.ChatdCase):
    def setUp(self):
        super().setUp()
        self.assertTrue(os.access(os.environ.get("CHATCLI", ""), os.X_OK),
                        "CHATCLI names no program")

    def arguments(self, *words):
        return [os.environ["CHATCLI"], *words]

    def chatcli(self, *words, stdin=b""):
        """(status, stdout, stderr)"""
        status, out, err = harness.run_program(self.arguments(*words), stdin)
        return status, out, err.decode()

    def begin(self, *words, **how):
        how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
               **how}
        process = subprocess.Popen([*harness.tied, *self.arguments(*words)], **how)
        self.addCleanup(process.kill)
        return process

    def where(self, kind="tcp", family=harness.socket.AF_INET):
        host, port = self.server.address(kind, family)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Piped(ChatcliCase):
    def test_lines_in_lines_out_and_0(self):
        bob = self.person("bob")
        status, out, err = self.chatcli(self.where(), stdin=b"/nick ana\nhello\n/who\n")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(bob.line(), "<ana> hello")
        self.assertIn(b"NOTE NICK OK ana :You are ana.\n", out)
        self.assertRegex(out, rb"NOTE WHO END 2 :.*\n$")

    def test_an_unfinished_last_line_counts(self):
        bob = self.person("bob")
        self.assertEqual(self.chatcli(self.where(), stdin=b"hi")[0], 0)
        self.expect(bob, r"<guest-\d+> hi")

    def test_nick_and_room(self):
        bob = self.person("bob", "dev")
        for room in ("dev", "#dev"):
            status, _, err = self.chatcli(self.where(), "--nick", "ana", "--room", room,
                                          stdin=b"hello\n")
            self.assertEqual((status, err), (0, ""))
            self.assertEqual(bob.line(), "#dev <ana> hello")

    def test_ipv6_and_names(self):
        self.assertEqual(self.chatcli(self.where(family=harness.socket.AF_INET6),
                                      stdin=b"/ping\n")[0], 0)
        port = self.server.address()[1]
        self.assertEqual(self.chatcli(f"localhost:{port}", stdin=b"/ping\n")[0], 0)

    def test_many_lines_arrive_once_and_in_order(self):
        bob = self.person("bob")
        count = 20000
        lines = b"".join(b"%d\n" % number for number in range(count))
        process = self.begin(self.where(), "--nick", "ana")
        process.stdin.write(lines)
        process.stdin.close()
        for number in range(count):
            self.assertEqual(bob.line(), f"<ana> {number}")
        self.assertEqual(process.wait(10), 0)
        process.stdout.close(), process.stderr.close()

    def test_it_shows_what_others_say_meanwhile(self):
        process = self.begin(self.where(), "--nick", "ana")
        process.stdin.write(b"/ping 1\n")
        process.stdin.flush()
        while b"PING" not in process.stdout.readline():
            pass
        self.person("bob").say("hi ana")
        self.assertEqual(process.stdout.readline(), b"<bob> hi ana\n")
        out, err = process.communicate(b"", timeout=10)
        self.assertEqual((process.returncode, out, err), (0, b"", b""))

    def test_a_refused_nick_is_a_failure(self):
        self.person("ana")
        self.assertEqual(self.chatcli(self.where(), "--nick", "ana", stdin=b"hello\n")[0], 1)

    def test_exit_codes(self):
        self.assertEqual(self.chatcli("--help")[0], 0)
        self.assertEqual(self.chatcli("--version")[0], 0)
        for words in (("--nosuch",), ("host:port",), ("localhost:99999",), ("a", "b"), ("--nick",)):
            status, out, err = self.chatcli(*words)
            self.assertEqual((status, out), (64, b""), words)
            self.assertTrue(err)
        status, out, err = self.chatcli("saay", "hi", "there")
        self.assertEqual((status, out), (64, b""))
        self.assertIn("saay is no command: there are say, tail, ", err)
        self.assertEqual(self.chatcli("127.0.0.1:1")[0], 69)


class Interactive(ChatcliCase):
    """The full screen, as far as it can be told without a terminal's eyes (tests/terminal has them)."""

    def terminal(self, *words):
        ours, theirs = pty.openpty()
        process = self.begin(*words, stdin=theirs, stdout=theirs, stderr=theirs,
                             env=dict(os.environ, TERM="xterm"), start_new_session=True)
        os.close(theirs)
        self.addCleanup(os.close, ours)
        return process, ours

    def read_until(self, terminal, mark, timeout=harness.timeout_default):
        deadline, seen = time.monotonic() + timeout, b""
        while mark not in seen:
            left = deadline - time.monotonic()
            self.assertTrue(left > 0 and select.select([terminal], [], [], left)[0],
                            f"waiting for {mark!r}; so far {seen!r}")
            seen += os.read(terminal, 65536)
        return seen

    def test_what_is_being_typed_is_not_broken_by_incoming_lines(self):
        bob = self.person("bob")
        process, terminal = self.terminal(self.where(), "--nick", "ana")
        self.read_until(terminal, b"online")
        os.write(terminal, b"hel")
        self.read_until(terminal, b"hel")
        bob.say("interrupting")
        self.read_until(terminal, b"interrupting")
        os.write(terminal, b"lo\r")
        self.assertEqual(bob.line(), "<ana> hello")
        os.write(terminal, b"\x04")
        self.assertEqual(process.wait(5), 0)

    def test_quit(self):
        process, terminal = self.terminal(self.where(), "--nick", "ana")
        self.read_until(terminal, b"online")
        os.write(terminal, b"/quit\r")
        self.assertEqual(process.wait(5), 0)
        self.person("ana")  # whose nick is free again at once


class Udp(ChatcliCase):
    def udp(self, *words, stdin=b""):
        return self.chatcli("udp", self.where("udp"), *words, stdin=stdin)

    def test_hex_text_and_files(self):
        peer = self.joined_peers(1)[0]
        self.assertEqual(self.udp("--hex", "de ad be ef")[0], 0)
        self.assertEqual(peer.receive(), b"\xde\xad\xbe\xef")
        self.assertEqual(self.udp("--text", "gr\u00fc\u00dfe")[0], 0)
        self.assertEqual(peer.receive(), "gr\u00fc\u00dfe".encode())
        with tempfile.NamedTemporaryFile() as file:
            file.write(bytes(range(256)))
            file.flush()
            self.assertEqual(self.udp("--file", file.name)[0], 0)
        self.assertEqual(peer.receive(), bytes(range(256)))

    def test_it_leaves_at_the_end(self):
        peer = self.joined_peers(1)[0]
        self.udp("--hex", "01")
        peer.receive()
        peer.send(b"gone?")
        self.expect_silence(peer)

    def test_hex_lines_from_standard_input(self):
        peer = self.joined_peers(1)[0]
        self.assertEqual(self.udp("--stdin", "hex-lines", stdin=b"01\n\n0x02,0x03\n")[0], 0)
        self.assertEqual([peer.receive(), peer.receive()], [b"\1", b"\2\3"])

    def test_count_and_rate(self):
        peer = self.joined_peers(1)[0]
        began = time.monotonic()
        self.assertEqual(self.udp("--text", "tick", "--count", "5", "--rate", "10")[0], 0)
        self.assertGreater(time.monotonic() - began, 0.35)
        self.assertEqual([peer.receive() for _ in range(5)], [b"tick"] * 5)

    def test_a_reply_is_awaited_and_compared(self):
        peer = self.joined_peers(1)[0]
        for answer, expected, status in ((b"\2\3", "02 03", 0), (b"\7", "02 03", 1)):
            process = self.begin("udp", self.where("udp"), "--hex", "01", "--wait-reply", "1500",
                                 "--expect-hex", expected)
            self.assertEqual(peer.receive(), b"\1")
            peer.send(answer)
            process.communicate(timeout=10)
            self.assertEqual(process.returncode, status)
        self.assertEqual(self.udp("--hex", "01", "--wait-reply", "200", "--expect-hex", "02")[0],
                         75)

    def test_ways_to_print(self):
        peer = self.joined_peers(1)[0]
        for way, payload, wanted in (("hex", b"Hi", b"48 69"), ("text", b"Hi", b"Hi"),
                                     ("auto", b"Hi", b"Hi"),
                                     ("auto", b"\xff\0", b"00000000: ff00"),
                                     ("dump", b"Hi", b"00000000: 4869"),
                                     ("text", b"\x1b[2J", b"[2J")):
            process = self.begin("udp", self.where("udp"), "--hex", "01", "--wait-reply", "3000",
                                 "--print", way)
            peer.receive()
            peer.send(payload)
            out, _ = process.communicate(timeout=10)
            self.assertIn(wanted, out, way)
            self.assertNotIn(b"\x1b", out)

    def test_json(self):
        peer = self.joined_peers(1)[0]
        process = self.begin("udp", self.where("udp"), "--hex", "01", "--wait-reply", "3000",
                             "--print", "json")
        peer.receive()
        peer.send(b"\xde\xad")
        out, _ = process.communicate(timeout=10)
        self.assertEqual(json.loads(out)["hex"].replace(" ", ""), "dead")

    def test_exit_codes(self):
        for words in (("--hex", "abc"), ("--hex", "zz"), ("--hex", ""), ("--print", "x"),
                      ("--count", "-1"),
                      ("--hex", "01", "--text", "a"), ("--hex", "00" * 1201), ("--nosuch",)):
            status, out, err = self.udp(*words)
            self.assertEqual((status, out), (64, b""), words)
            self.assertTrue(err)
        self.assertEqual(self.chatcli("udp", "127.0.0.1:1", "--hex", "01", "--wait-reply",
                                      "500")[0], 69)

    def test_a_bad_hex_names_its_column(self):
        self.assertIn("4", self.udp("--hex", "de zz")[2])


if __name__ == "__main__":
    harness.main()
