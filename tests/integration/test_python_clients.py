"""The example clients in clients/python, run as the scripts they are."""

import random
import subprocess
import sys
import time

import harness

sys.path.insert(0, str(harness.clients))
import hexbytes  # noqa: E402


class ClientCase(harness.ChatdCase):
    script = ""

    def arguments(self, *words):
        return ["/usr/bin/python3", harness.clients / self.script, *words]

    def run_script(self, *words, stdin=b""):
        """(status, stdout lines, stderr)"""
        status, out, err = harness.run_program(self.arguments(*words), stdin)
        return status, out.decode().splitlines(), err.decode()

    def begin(self, *words):
        """The script, running; its output is read by communicate()."""
        process = subprocess.Popen([*harness.tied, *map(str, self.arguments(*words))], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        return process

    def where(self, kind="tcp"):
        return "%s:%d" % self.server.address(kind)

    def assert_common_exit_codes(self, nowhere):
        self.assertEqual(self.run_script("--help")[0], 0)
        for words in (("--nosuch",), ("--timeout", "x"), ("localhost:0",), ("localhost:99999",)):
            status, out, err = self.run_script(*words)
            self.assertEqual((status, out, len(err.splitlines())), (64, [], 1), words)
        self.assertEqual(self.run_script(*nowhere)[0], 69)


class Lines(ClientCase):
    script = "line_client.py"

    def test_a_conversation(self):
        ana = self.begin(self.where(), "--send", "/nick ana", "--expect", "NOTE NICK OK ana",
                         "--until", "<bob> hi", "--send", "hi bob")
        bob = self.person("bob")
        self.eventually(lambda: self.said_hi(bob), "ana answers")
        out, err = ana.communicate(timeout=10)
        self.assertEqual((ana.returncode, err), (0, ""))
        self.assertIn("<bob> hi ana", out)

    def said_hi(self, bob):
        bob.say("hi ana")
        return "<ana> hi bob" in bob.pending(100).decode()

    def test_hex_is_bytes_as_they_are(self):
        bob = self.person("bob")
        self.assertEqual(self.run_script(self.where(), "--hex", "68 69 0a")[0], 0)
        self.expect(bob, r"<guest-\d+> hi")

    def test_it_prints_what_still_comes(self):
        status, out, _ = self.run_script(self.where(), "--send", "/help")
        self.assertEqual(status, 0)
        self.assertRegex(out[-1], r"^NOTE HELP END \d+ :")

    def test_another_line_than_expected(self):
        status, out, err = self.run_script(self.where(), "--send", "/ping", "--expect", "NOTE NICK")
        self.assertEqual((status, len(out), len(err.splitlines())), (1, 1, 1))

    def test_nothing_in_time(self):
        self.assertEqual(self.run_script(self.where(), "--send", "hello", "--expect", "never",
                                         "--timeout", "0.3")[0], 75)

    def test_exit_codes(self):
        self.assert_common_exit_codes(("127.0.0.1:1",))
        self.assertEqual(self.run_script(self.where(), "--hex", "abc")[0], 64)


class Datagrams(ClientCase):
    script = "hex_udp_client.py"

    def test_it_sends_what_it_was_told_and_leaves(self):
        peer = self.joined_peers(1)[0]
        status, out, _ = self.run_script(self.where("udp"), "de ad be ef", "CA:FE", "--interval",
                                         "0.05")
        self.assertEqual((status, out), (0, []))
        self.assertEqual([peer.receive(), peer.receive()], [b"\xde\xad\xbe\xef", b"\xca\xfe"])
        peer.send(b"gone?")
        self.expect_silence(peer)

    def test_two_of_them_talk(self):
        waiting = self.begin(self.where("udp"), "01", "--expect", "02 03", "--listen", "0.5")
        peer = self.peer()
        time.sleep(0.5)
        peer.send(b"\2\3")
        peer.send(b"\4")
        out, err = waiting.communicate(timeout=10)
        self.assertEqual((waiting.returncode, out.splitlines(), err), (0, ["02 03", "04"], ""))

    def test_another_datagram_than_expected_and_none(self):
        waiting = self.begin(self.where("udp"), "01", "--expect", "02")
        time.sleep(0.5)
        self.peer().send(b"\7")
        waiting.communicate(timeout=10)
        self.assertEqual(waiting.returncode, 1)
        self.assertEqual(self.run_script(self.where("udp"), "01", "--expect", "02",
                                         "--timeout", "0.3")[0], 75)

    def test_exit_codes(self):
        self.assert_common_exit_codes(("127.0.0.1:1", "aa", "--expect", "bb"))
        for words in (("abc",), ("",), ("00" * 1473,)):
            self.assertEqual(self.run_script(self.where("udp"), *words)[0], 64, words)


class WebSockets(ClientCase):
    script = "websocket_client.py"

    def test_it_talks_to_a_person(self):
        bob = self.person("bob")
        waiting = self.begin(self.where(), "--protocol", "chatd.text.v1", "--text", "/nick ana",
                             "--until", "NOTE NICK OK ana", "--text", "hello", "--until",
                             "<bob> hi ana")
        self.assertEqual(bob.line(), "<ana> hello")
        bob.say("hi ana")
        out, err = waiting.communicate(timeout=10)
        self.assertEqual((waiting.returncode, err), (0, ""))

    def test_it_is_echoed(self):
        status, out, _ = self.run_script(self.where() + "/echo", "--hex", "de ad", "--expect-hex",
                                         "dead",
                                         "--text", "gr\u00fc\u00dfe", "--expect",
                                         "gr\u00fc\u00dfe$",
                                         "--ping", "01")
        self.assertEqual((status, out), (0, ["de ad", "gr\u00fc\u00dfe", "01"]))

    def test_a_mismatch_a_refusal_and_a_time_out(self):
        echo = self.where() + "/echo"
        self.assertEqual(self.run_script(echo, "--text", "a", "--expect", "b")[0], 1)
        self.assertEqual(self.run_script(self.where() + "/nosuch")[0], 1)
        self.assertEqual(self.run_script(self.where(), "--header", "Origin: null")[0], 1)
        self.assertEqual(self.run_script(echo, "--expect", "b", "--timeout", "0.3")[0], 75)

    def test_exit_codes(self):
        self.assert_common_exit_codes(("127.0.0.1:1",))


class Hex(harness.unittest.TestCase):
    """The hex grammar of PROTOCOL.md 10, as chatcli and /hex have it."""

    accepted = {"de ad be ef": "deadbeef", "deadbeef": "deadbeef", "DEADBEEF": "deadbeef",
                "DE:AD-be ef": "deadbeef", "0xdeadbeef": "deadbeef", "0xde,0xad": "dead",
                r"\xde\xad": "dead",
                "0xde0xad": "dead", "0XDE": "de", "0xA": "0a", "0xa 0xb": "0a0b",
                "de,ad;be:ef": "deadbeef",
                "de_ad": "dead", "de\tad\nbe\r\nef": "deadbeef", "  de  ": "de", "00": "00", "": "",
                " ,;:-_ ": "", "0x00ff": "00ff", "dead be": "deadbe", r"\xdead": "dead",
                "0123456789": "0123456789"}
    refused = {"a": 1, "abc": 3, "zz": 1, "de zz": 4, "de a": 4, "0x": 3, "0xABC": 5, r"\x": 3,
               r"\xA": 3,
               "deg": 3, "00000000: dead |..|": 16, "de.ad": 3, "0xg": 3, "xde": 1,
               "\u0664\u0664": 1}

    def test_what_is_accepted(self):
        for text, wanted in self.accepted.items():
            self.assertEqual(hexbytes.parse(text).hex(), wanted, text)

    def test_what_is_refused_names_its_column(self):
        for text, column in self.refused.items():
            with self.assertRaises(hexbytes.HexError, msg=text) as caught:
                hexbytes.parse(text)
            self.assertEqual(caught.exception.column, column, text)

    def test_printed_and_parsed_is_the_same(self):
        generator = random.Random(4)
        for size in range(1201):
            payload = generator.randbytes(size)
            self.assertEqual(hexbytes.parse(hexbytes.show(payload)), payload)


if __name__ == "__main__":
    harness.main()
