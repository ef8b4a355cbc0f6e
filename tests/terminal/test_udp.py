"""chatcli udp: the bytes of every datagram, what is printed of the replies, the exit codes."""

import json
import os
import signal
import socket
import tempfile
import time
import unittest

from support import Chatd, DatagramServer, finish, needs_chatd, run, start


class Udp(unittest.TestCase):
    def setUp(self):
        self.server = DatagramServer()
        self.addCleanup(self.server.__exit__)
        self.target = f"127.0.0.1:{self.server.port}"

    def start(self, *arguments, **options):
        process = start("udp", self.target, *arguments, **options)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
            process.communicate()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    def run_udp(self, *arguments, **options):
        return run("udp", self.target, *arguments, **options)

    def expect(self, *datagrams):
        for datagram in datagrams:
            self.assertEqual(self.server.hear(), datagram)

    # -- payloads -----------------------------------------------------------------------------

    def test_every_spelling_of_hex_sends_the_same_bytes_and_then_leaves(self):
        for spelling in ("de ad be ef", "deadbeef", "DE:AD-be_ef", "0xde,0xad,0xbe,0xef",
                         "\\xde\\xad\\xbe\\xef", "0xdeadbeef"):
            with self.subTest(spelling):
                self.assertEqual(self.run_udp("--hex", spelling), (0, b"", b""))
                self.expect(b"\xde\xad\xbe\xef", b"")

    def test_wrong_hex_names_the_column(self):
        for wrong, column in (("de ad b", 7), ("xx", 1), ("de a g", 4), ("", 1)):
            with self.subTest(wrong):
                code, out, err = self.run_udp("--hex", wrong)
                self.assertEqual((code, out), (64, b""))
                self.assertTrue(err.startswith(f"chatcli: --hex, column {column}: ".encode()), err)
        self.assertTrue(self.server.hears_nothing(0.1))

    def test_text_goes_as_it_is(self):
        self.assertEqual(self.run_udp("--text", "häl\\n lo")[0], 0)
        self.expect("häl\\n lo".encode(), b"")

    def test_a_file_goes_as_it_is(self):
        data = bytes(range(256)) * 4
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            self.assertEqual(self.run_udp("--file", file.name)[0], 0)
        self.expect(data, b"")

    def test_a_missing_file_is_an_io_error(self):
        code, _, err = self.run_udp("--file", "/no/such/file")
        self.assertEqual(code, 74)
        self.assertIn(b"--file /no/such/file: no such file", err)

    def test_1200_bytes_go_and_1201_are_refused_never_cut(self):
        self.assertEqual(self.run_udp("--text", "x" * 1200)[0], 0)
        self.expect(b"x" * 1200, b"")
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x" * 1201)
            file.flush()
            for arguments in (["--text", "x" * 1201], ["--hex", "78" * 1201],
                              ["--file", file.name]):
                code, _, err = self.run_udp(*arguments)
                self.assertEqual(code, 64, arguments)
        code, _, err = self.run_udp("--stdin", "raw", data=b"x" * 100_000)
        self.assertEqual(code, 64)
        self.assertIn(b"1200", err)
        self.assertTrue(self.server.hears_nothing(0.1))

    def test_an_empty_datagram_must_be_meant(self):
        self.assertEqual(self.run_udp("--text", "")[0], 64)
        self.assertTrue(self.server.hears_nothing(0.1))
        self.assertEqual(self.run_udp("--text", "", "--allow-empty")[0], 0)
        self.expect(b"")
        self.assertTrue(self.server.hears_nothing(0.1))  # it has left already

    def test_standard_input_whole(self):
        self.assertEqual(self.run_udp("--stdin", "raw", data=b"\x00raw\n\xff")[0], 0)
        self.expect(b"\x00raw\n\xff", b"")

    def test_standard_input_line_by_line_is_the_default(self):
        script = b"de ad\n\n# a comment\n   # another\r\n0xbeef\r\nff"
        for arguments in ([], ["--stdin", "hex-lines"]):
            self.assertEqual(self.run_udp(*arguments, data=script), (0, b"", b""))
            self.expect(b"\xde\xad", b"\xbe\xef", b"\xff", b"")

    def test_a_wrong_line_names_line_and_column(self):
        code, _, err = self.run_udp(data=b"de ad\n# fine\nbe e\n")
        self.assertEqual(code, 64)
        self.assertTrue(err.startswith(b"chatcli: line 3, column 4: "), err)

    def test_lines_are_sent_as_they_come_and_replies_shown_meanwhile(self):
        process = self.start("--print", "hex")
        process.stdin.write(b"01\n")
        process.stdin.flush()
        self.expect(b"\x01")
        self.server.say(b"\xa1")
        self.assertEqual(process.stdout.readline(), b"a1\n")
        process.stdin.write(b"02\n")
        process.stdin.flush()
        self.expect(b"\x02")
        self.server.say(b"\xa2")
        self.assertEqual(process.stdout.readline(), b"a2\n")
        self.assertEqual(finish(process)[0], 0)
        self.expect(b"")

    # -- how often, how fast, leaving -----------------------------------------------------------

    def test_count(self):
        self.assertEqual(self.run_udp("--hex", "07", "--count", 20)[0], 0)
        self.expect(*[b"\x07"] * 20, b"")

    def test_count_repeats_each_line(self):
        self.assertEqual(self.run_udp("--count", 2, data=b"01\n02\n")[0], 0)
        self.expect(b"\1", b"\1", b"\2", b"\2", b"")

    def test_rate_keeps_its_pace(self):
        begun = time.monotonic()
        self.assertEqual(self.run_udp("--hex", "07", "--count", 11, "--rate", 20)[0], 0)
        seconds = time.monotonic() - begun
        self.assertGreater(seconds, 0.49)  # ten intervals of 50 ms
        self.assertLess(seconds, 2)
        self.expect(*[b"\7"] * 11, b"")

    def test_without_end_until_interrupted(self):
        process = self.start("--hex", "07", "--count", 0, "--rate", 100)
        self.expect(b"\7", b"\7", b"\7")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), 130)
        while self.server.hear() != b"":
            pass

    def test_stay_does_not_leave(self):
        self.assertEqual(self.run_udp("--hex", "07", "--stay")[0], 0)
        self.expect(b"\7")
        self.assertTrue(self.server.hears_nothing(0.1))

    # -- replies --------------------------------------------------------------------------------

    def reply_with(self, *replies, arguments):
        process = self.start(*arguments)
        self.assertEqual(self.server.hear(), b"ping")
        for reply in replies:
            self.server.say(reply)
        return finish(process)

    def test_the_expected_reply(self):
        arguments = ["--text", "ping", "--expect-hex", "70 6f 6e 67"]
        self.assertEqual(self.reply_with(b"pong", arguments=arguments), (0, b"pong\n", b""))
        self.expect(b"")

    def test_other_traffic_in_between_is_shown_and_passed_over(self):
        arguments = ["--text", "ping", "--expect-hex", "01", "--expect-hex", "02", "--print", "hex"]
        self.assertEqual(self.reply_with(b"\3", b"\1", b"\4", b"\2", arguments=arguments),
                         (0, b"03\n01\n04\n02\n", b""))

    def test_expected_replies_come_in_order(self):
        arguments = ["--text", "ping", "--expect-hex", "01", "--expect-hex", "02",
                     "--wait-reply", 200, "--print", "hex"]
        code, out, err = self.reply_with(b"\2", b"\1", arguments=arguments)
        self.assertEqual((code, out), (1, b"02\n01\n"))
        self.assertEqual(err, b"chatcli: expected 02, other datagrams came.\n")

    def test_another_reply_is_a_mismatch(self):
        arguments = ["--text", "ping", "--expect-hex", "de ad", "--wait-reply", 200]
        code, out, err = self.reply_with(b"\xde\xad\x00", arguments=arguments)
        self.assertEqual(code, 1)
        self.assertTrue(out.startswith(b"00000000: dead 00"), out)
        self.assertEqual(err, b"chatcli: expected de ad, other datagrams came.\n")

    def test_no_reply_is_a_time_out(self):
        for arguments in (["--wait-reply", 150], ["--expect-hex", "01", "--wait-reply", 150]):
            begun = time.monotonic()
            code, out, _ = self.run_udp("--text", "ping", *arguments)
            self.assertEqual((code, out), (75, b""))
            self.assertGreaterEqual(time.monotonic() - begun, 0.15)

    def test_several_replies(self):
        arguments = ["--text", "ping", "--wait-reply", 3000, "--replies", 2]
        self.assertEqual(self.reply_with(b"a", b"b", arguments=arguments), (0, b"a\nb\n", b""))
        arguments = ["--text", "ping", "--wait-reply", 200, "--replies", 3]
        self.server.hear()  # the leave
        code, _, err = self.reply_with(b"a", b"b", arguments=arguments)
        self.assertEqual((code, err), (75, b"chatcli: 2 of 3 replies came in time.\n"))

    def test_all_replies_of_a_time(self):
        arguments = ["--text", "ping", "--wait-reply", 300, "--replies", 0]
        self.assertEqual(self.reply_with(b"a", b"b", b"c", arguments=arguments),
                         (0, b"a\nb\nc\n", b""))

    def test_listening_ends_well_by_time_or_interrupt(self):
        self.assertEqual(self.run_udp("--text", "ping", "--listen", "--wait-reply", 150)[0], 0)
        self.expect(b"ping", b"")
        process = self.start("--text", "ping", "--listen")
        self.expect(b"ping")
        self.server.say(b"one")
        self.assertEqual(process.stdout.readline(), b"one\n")
        process.send_signal(signal.SIGINT)
        self.assertEqual(finish(process)[0], 0)
        self.expect(b"")

    def test_nobody_there_is_said_at_once(self):
        self.server.socket.close()
        begun = time.monotonic()
        for arguments in ([], ["--wait-reply", 5000]):
            code, _, err = self.run_udp("--text", "ping", *arguments)
            self.assertEqual(code, 69)
            self.assertIn(b"nobody listens there. Is chatd running?", err)
        self.assertLess(time.monotonic() - begun, 4)

    def test_the_second_address_is_tried_when_nobody_is_at_the_first(self):
        families = {family for family, *_ in socket.getaddrinfo("localhost", 1)}
        if len(families) < 2:
            self.skipTest("localhost has one family here")
        for family in families:
            with DatagramServer(family) as server:
                code, _, _ = run("udp", f"localhost:{server.port}", "--hex", "01")
                self.assertEqual(code, 0)
                self.assertEqual((server.hear(), server.hear()), (b"\1", b""))

    # -- printing -------------------------------------------------------------------------------

    def shown(self, reply, *arguments):
        process = self.start("--text", "ping", "--wait-reply", 3000, *arguments)
        while self.server.hear() != b"ping":
            pass
        self.server.say(reply)
        code, out, _ = finish(process)
        self.assertEqual(code, 0)
        return out

    def test_auto_shows_text_as_text_and_all_else_as_a_dump(self):
        self.assertEqual(self.shown("grüß\tdich".encode()), "grüß\tdich\n".encode())
        self.assertTrue(self.shown(b"\x1b[2J").startswith(b"00000000: 1b5b 324a"))
        self.assertTrue(self.shown(b"\xff\xfe").startswith(b"00000000: fffe"))

    def test_escape_sequences_never_come_through(self):
        for style in ("auto", "text", "hex", "dump", "json"):
            out = self.shown(b"\x1b]0;owned\x07\x9b1m\xc2\x9b1m", "--print", style)
            for byte in out.replace(b"\n", b""):
                self.assertGreaterEqual(byte, 0x20, style)
            self.assertNotIn("\x9b", out.decode(), style)

    def test_styles(self):
        self.assertEqual(self.shown(b"\x00\xffA", "--print", "hex"), b"00 ff 41\n")
        self.assertEqual(self.shown(b"\x00\xff\n", "--print", "raw"), b"\x00\xff\n")
        self.assertEqual(self.shown(b"a\x07\nb", "--print", "text"), "a␇\nb\n".encode())
        self.assertTrue(self.shown(b"A", "--print", "dump").startswith(b"00000000: 41"))
        self.assertTrue(self.shown(b"A", "--print", "dump").endswith(b"  A\n"))

    def test_json_is_one_object_a_line(self):
        shown = json.loads(self.shown(bytes(range(256)), "--print", "json"))
        self.assertEqual(shown["length"], 256)
        self.assertEqual(bytes.fromhex(shown["hex"]), bytes(range(256)))
        self.assertGreater(shown["after_ms"], 0)

    def test_the_time_of_a_reply(self):
        self.assertRegex(self.shown(b"hi", "--time"), rb"^\+\d+\.\d{3}ms 2B hi\n$")

    def test_an_empty_reply(self):
        self.assertEqual(self.shown(b"", "--print", "hex"), b"\n")
        self.assertEqual(self.shown(b""), b"\n")

    # -- the command line -----------------------------------------------------------------------

    def test_a_wrong_command_line(self):
        for arguments in (["--hex", "01", "--text", "a"], ["--stdin", "x"], ["--rate", "0"],
                          ["--print", "loud"], ["--count", "-1"], ["--wait-reply", "0"],
                          ["--replies", "2"], ["--expect-hex", "0"], ["--bogus"]):
            with self.subTest(arguments):
                code, out, err = self.run_udp(*arguments)
                self.assertEqual((code, out), (64, b""))
                self.assertTrue(err.startswith(b"chatcli"), err)
        self.assertTrue(self.server.hears_nothing(0.1))

    def test_help(self):
        code, out, _ = run("udp", "--help")
        self.assertEqual(code, 0)
        for word in (b"--hex", b"--expect-hex", b"--wait-reply", b"Exit codes", b"localhost:8080"):
            self.assertIn(word, out)


@needs_chatd
class WithChatd(unittest.TestCase):
    def test_two_peers_and_leaving(self):
        with Chatd() as chatd:
            target = chatd.udp_target()
            listener = start("udp", target, "--text", "join", "--listen", "--print", "hex",
                             "--replies", "2", "--wait-reply", "8000")
            self.addCleanup(Udp.end, listener)
            # Whoever joins says so to those who are there: try until the listener has answered.
            time.sleep(0.3)
            for payload in ("de ad be ef", "00"):
                self.assertEqual(run("udp", target, "--hex", payload)[0], 0)
            code, out, _ = finish(listener)
            self.assertEqual((code, out), (0, b"de ad be ef\n00\n"))


if __name__ == "__main__":
    unittest.main()
