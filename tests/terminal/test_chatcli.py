"""chatcli with pipes: the bytes on the wire, the lines printed, the exit codes."""

import os
import signal
import socket
import subprocess
import threading
import time
import unittest

from support import CHATCLI, TIMEOUT, Chatd, LineServer, finish, needs_chatd, run, start


class Piped(unittest.TestCase):
    def setUp(self):
        self.server = LineServer()
        self.addCleanup(self.server.__exit__)

    def open(self, *arguments, **options):
        process = start(f"127.0.0.1:{self.server.port}", *arguments, **options)
        self.addCleanup(self.end, process)
        self.server.accept()
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
            process.communicate()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    def test_input_goes_out_as_it_is_then_the_fin(self):
        process = self.open()
        data = "hi\n/me waves\r\nünïcode\n\x00 \xff\n".encode("latin-1") + b"no newline"
        process.stdin.write(data)
        process.stdin.close()
        process.stdin = None
        self.assertEqual(self.server.hear_to_end(), data)
        self.server.close()
        self.assertEqual(finish(process), (0, b"", b""))

    def test_what_comes_after_the_half_close_is_printed(self):
        process = self.open()
        process.stdin.write(b"hi\n")
        process.stdin.close()
        process.stdin = None
        self.assertEqual(self.server.hear_to_end(), b"hi\n")
        self.server.say(b"<ana> hello\n<bob> last wor")
        time.sleep(0.05)
        self.server.say(b"ds\nunfinished")
        self.server.close()
        self.assertEqual(finish(process), (0, b"<ana> hello\n<bob> last words\nunfinished\n", b""))

    def test_lines_are_printed_as_soon_as_they_come(self):
        process = self.open()
        self.server.say(b"<ana> hello\n")
        self.assertEqual(process.stdout.readline(), b"<ana> hello\n")

    def test_lines_are_sent_as_soon_as_they_are_typed(self):
        process = self.open()
        for number in range(3):
            process.stdin.write(b"line %d\n" % number)
            process.stdin.flush()
            self.assertEqual(self.server.hear_until(b"\n"), b"line %d\n" % number)

    def test_a_server_cut_anywhere_changes_nothing(self):
        process = self.open()
        text = "<ana> häßlich 日本\n#dev <bob> x\n\n".encode()
        for index in range(len(text)):
            self.server.say(text[index:index + 1])
        self.server.close()
        _, out, _ = finish(process)
        self.assertEqual(out, text)

    def test_ten_megabytes_either_way_arrive_whole(self):
        data = b"".join(b"line %07d %s\n" % (number, b"x" * 80) for number in range(100_000))
        process = self.open()

        def echo():
            while chunk := self.server.connection.recv(65536):
                self.server.connection.sendall(chunk)
            self.server.connection.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=echo)
        thread.start()
        code, out, err = finish(process, data)
        thread.join(TIMEOUT)
        self.assertEqual((code, err), (0, b""))
        self.assertTrue(out == data)

    def test_nothing_is_read_ahead_while_the_server_takes_nothing(self):
        process = self.open()
        os.set_blocking(process.stdin.fileno(), False)
        written = 0
        stalled_since = time.monotonic()
        while time.monotonic() - stalled_since < 0.5:
            try:
                written += os.write(process.stdin.fileno(), b"x" * 65536)
                stalled_since = time.monotonic()
            except BlockingIOError:
                time.sleep(0.02)
            self.assertLess(written, 64 * 1024 * 1024)
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            resident = [line for line in status if line.startswith("VmRSS")][0]
        self.assertLess(int(resident.split()[1]), 32 * 1024)

    def test_nick_and_room_come_before_the_first_line(self):
        process = self.open("--nick", "ana", "--room", "#dev")
        process.stdin.write(b"hello\n")
        process.stdin.flush()
        self.assertEqual(self.server.hear_until(b"#dev\n"), b"/nick ana\n/join #dev\n")
        self.server.say(b"NOTE NICK GUEST guest-1 :You are guest-1.\nNOTE NICK OK ana :You are ana.\n")
        self.assertTrue(self.server.hears_nothing(0.2))
        self.server.say(b"NOTE JOIN OK #dev :You are in #dev.\n")
        self.assertEqual(self.server.hear_until(b"\n"), b"hello\n")
        process.stdin.close()
        process.stdin = None
        self.assertEqual(self.server.hear_to_end(), b"")
        self.server.close()
        code, out, err = finish(process)
        self.assertEqual((code, err), (0, b""))
        self.assertTrue(out.endswith(b"NOTE JOIN OK #dev :You are in #dev.\n"))

    def test_a_refused_nick_ends_it_before_anything_is_said(self):
        process = self.open("--nick", "ana")
        process.stdin.write(b"secret\n")
        process.stdin.flush()
        self.server.hear_until(b"/nick ana\n")
        self.server.say(b"FAIL NICK NICK_IN_USE :That nick is taken.\n")
        self.assertEqual(self.server.hear_to_end(), b"")
        code, out, err = finish(process)
        self.assertEqual(code, 1)
        self.assertEqual(out, b"FAIL NICK NICK_IN_USE :That nick is taken.\n")
        self.assertEqual(err, b"chatcli: --nick ana: That nick is taken.\n")

    def test_a_refused_room_ends_it_too(self):
        process = self.open("--room", "a/b")
        self.server.hear_until(b"/join #a/b\n")
        self.server.say(b"FAIL JOIN BAD_ROOM :No.\n")
        code, _, err = finish(process)
        self.assertEqual((code, err), (1, b"chatcli: --room a/b: No.\n"))

    def test_a_failing_line_is_no_failure_of_the_program(self):
        process = self.open()
        process.stdin.write(b"/nosuch\n")
        process.stdin.flush()
        self.server.hear_until(b"\n")
        self.server.say(b"FAIL NOSUCH UNKNOWN_COMMAND :No such command.\n")
        process.stdin.close()
        process.stdin = None
        self.server.hear_to_end()
        self.server.close()
        self.assertEqual(finish(process)[0], 0)

    def test_a_server_that_closes_first_is_a_failure(self):
        process = self.open()
        self.server.say(b"NOTE * CLOSING :Going down.\n")
        self.server.close()
        code = process.wait(TIMEOUT)  # its input stays open
        _, out, err = finish(process)
        self.assertEqual(code, 1)
        self.assertEqual(out, b"NOTE * CLOSING :Going down.\n")
        self.assertEqual(err, b"chatcli: the server closed the connection.\n")

    def test_quit_in_a_script_is_no_failure(self):
        process = self.open()
        process.stdin.write(b"/quit\n")
        process.stdin.flush()
        self.server.hear_until(b"/quit\n")
        self.server.say(b"NOTE QUIT OK :Goodbye.\n")
        self.server.close()
        self.assertEqual(finish(process), (0, b"NOTE QUIT OK :Goodbye.\n", b""))

    def test_a_reset_is_an_io_error(self):
        process = self.open()
        self.server.say(b"<ana> hi\n")
        process.stdout.readline()
        self.server.reset()
        code, _, err = finish(process)
        self.assertEqual(code, 74)
        self.assertIn(b"the connection broke: connection reset by peer.", err)

    def test_a_server_that_never_ends_times_out(self):
        process = self.open("--wait", "0.3")
        process.stdin.close()
        process.stdin = None
        begun = time.monotonic()
        code, _, err = finish(process)
        self.assertEqual(code, 75)
        self.assertIn(b"did not end the connection in time", err)
        self.assertLess(time.monotonic() - begun, 5)

    def test_a_silent_server_is_asked_and_left_if_it_stays_silent(self):
        process = self.open("--keepalive", "0.2")
        asked = b"/ping chatcli-keepalive\n"
        process.stdin.write(b"half")
        process.stdin.flush()
        self.server.hear_until(b"half")
        self.assertTrue(self.server.hears_nothing(0.6))  # nothing is put into the line
        process.stdin.write(b" a line\n")
        process.stdin.flush()
        self.server.hear_until(b" a line\n")
        for _ in range(2):
            self.assertEqual(self.server.hear_until(b"\n"), asked)
            self.server.say(b"<ana> hi\nNOTE PING PONG :chatcli-keepalive\n")
        self.server.say(b"NOTE PING PONG :chatcli-keepalive\n")  # nobody waits for this one
        self.assertEqual(self.server.hear_until(b"\n"), asked)
        self.assertEqual(process.wait(TIMEOUT), 74)
        self.assertEqual(process.stdout.read(),
                         b"<ana> hi\n<ana> hi\nNOTE PING PONG :chatcli-keepalive\n")
        self.assertEqual(process.stderr.read(), b"chatcli: the server is silent.\n")

    def test_a_server_that_takes_nothing_is_left_too(self):
        process = self.open("--keepalive", "0.2")
        writer = threading.Thread(target=self.write_on_and_on, args=(process.stdin,))
        writer.start()
        self.assertEqual(process.wait(TIMEOUT), 74)
        writer.join(TIMEOUT)
        self.assertEqual(process.stderr.read(), b"chatcli: the server is silent.\n")

    @staticmethod
    def write_on_and_on(stdin):
        try:
            while True:
                stdin.write(b"a line of many\n" * 1000)
        except BrokenPipeError:
            pass

    def test_a_closed_reader_ends_it_like_sigpipe(self):
        process = self.open()
        process.stdout.close()
        self.assertEqual(process.wait(TIMEOUT), 141)
        self.assertEqual(process.stderr.read(), b"")
        process.stdout = None

    def test_an_interrupt_ends_it(self):
        process = self.open()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(TIMEOUT), -signal.SIGINT)

    def test_nothing_that_commands_a_terminal_is_printed(self):
        process = self.open()
        self.server.say(b"<eve> \x1b[2J\x9b2J\x07\xe2\x80\xae\r\n")
        self.server.close()
        _, out, _ = finish(process)
        for byte in out.replace(b"\n", b""):
            self.assertGreaterEqual(byte, 0x20)
        self.assertNotIn("\u202e", out.decode())
        self.assertNotIn("\x9b", out.decode())

    def test_a_line_without_end_is_printed_in_pieces(self):
        process = self.open()
        self.server.say(b"x" * 200_000)
        self.server.close()
        _, out, _ = finish(process)
        self.assertEqual(out.replace(b"\n", b""), b"x" * 200_000)

    def test_standard_descriptors_that_are_closed_harm_nobody(self):
        process = self.open(preexec_fn=lambda: (os.close(1), os.close(2)))
        process.stdin.write(b"hi\n")
        process.stdin.flush()
        self.server.say(b"<ana> not to myself\n")
        process.stdin.close()
        process.stdin = None
        self.assertEqual(self.server.hear_to_end(), b"hi\n")


class Dialling(unittest.TestCase):
    def test_nobody_there_names_every_address_and_what_to_do(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            code, out, err = run(f"localhost:{port}")
        self.assertEqual((code, out), (69, b""))
        self.assertIn(f"chatcli: localhost:{port}: ".encode(), err)
        self.assertIn(b"127.0.0.1 connection refused", err)
        self.assertTrue(err.endswith(b" Is chatd running? ./scripts/run --tcp 4399 --udp 8080\n"))
        self.assertEqual(err.count(b"\n"), 1)

    def test_a_name_that_does_not_exist(self):
        code, _, err = run("no-such-host.invalid")
        self.assertEqual(code, 69)
        self.assertTrue(err.startswith(b"chatcli: no-such-host.invalid:4399: "), err)

    def test_the_second_address_is_tried_when_the_first_refuses(self):
        addresses = socket.getaddrinfo("localhost", 1, type=socket.SOCK_STREAM)
        families = {family for family, *_ in addresses}
        if len(families) < 2:
            self.skipTest("localhost has one family here")
        for family in families:
            with LineServer(family) as server:
                process = start(f"localhost:{server.port}")
                server.accept().close()
                self.assertEqual(finish(process)[0], 1)

    def test_an_ipv6_literal(self):
        try:
            server = LineServer(socket.AF_INET6)
        except OSError:
            self.skipTest("no IPv6 here")
        with server:
            process = start(f"[::1]:{server.port}")
            server.accept()
            process.stdin.write(b"six\n")
            process.stdin.flush()
            self.assertEqual(server.hear_until(b"\n"), b"six\n")
            server.close()
            finish(process)

    def test_a_wrong_command_line(self):
        for arguments in (["--bogus"], ["a", "b"], ["host:"], ["host:0"], ["host:65536"],
                          ["[::1"], ["[::1]x"], ["1:2:3x"], ["--nick"], ["--nick", "a b"],
                          ["--nick", "a\n/quit"], ["--room", "a b"], ["--wait", "-1"],
                          ["a host"], ["http://localhost"]):
            with self.subTest(arguments):
                code, out, err = run(*arguments)
                self.assertEqual((code, out), (64, b""))
                self.assertTrue(err.startswith(b"chatcli: "), err)

    def test_help_and_version(self):
        code, out, err = run("--help")
        self.assertEqual((code, err), (0, b""))
        for word in (b"--nick", b"--room", b"--plain", b"forward, top and udp", b"Exit codes"):
            self.assertIn(word, out)
        code, out, _ = run("--version")
        self.assertEqual(code, 0)
        self.assertRegex(out, rb"^chatcli \d+\.\d+")

    def test_standard_output_full(self):
        with LineServer() as server, open("/dev/full", "wb") as full:
            process = subprocess.Popen([CHATCLI, f"127.0.0.1:{server.port}"],
                                       stdin=subprocess.PIPE, stdout=full, stderr=subprocess.PIPE)
            server.accept().say(b"<ana> hi\n")
            code, _, err = finish(process)
            self.assertEqual((code, err), (74, b"chatcli: cannot write standard output.\n"))


@needs_chatd
class WithChatd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.chatd = Chatd()
        cls.addClassCleanup(cls.chatd.__exit__)
        cls.target = cls.chatd.tcp_target()

    def test_two_talk(self):
        listener = start(self.target, "--nick", "listener")
        self.addCleanup(Piped.end, listener)
        self.assertEqual(listener.stdout.readline(), b"NOTE NICK OK listener :You are listener.\n")
        code, out, err = run(self.target, "--nick", "speaker", data=b"hello\nwithout newline")
        self.assertEqual((code, err), (0, b""))
        self.assertEqual(out, b"NOTE NICK OK speaker :You are speaker.\n")
        self.assertEqual(listener.stdout.readline(), b"<speaker> hello\n")
        self.assertEqual(listener.stdout.readline(), b"<speaker> without newline\n")

    def test_a_taken_nick_is_refused(self):
        first = start(self.target, "--nick", "holder")
        self.addCleanup(Piped.end, first)
        first.stdout.readline()
        code, out, err = run(self.target, "--nick", "Holder", data=b"never said\n")
        self.assertEqual(code, 1)
        self.assertTrue(out.startswith(b"FAIL NICK NICK_IN_USE :"), out)
        self.assertTrue(err.startswith(b"chatcli: --nick Holder: "), err)

    def test_rooms_are_joined_before_speaking(self):
        listener = start(self.target, "--nick", "reader", "--room", "dev")
        self.addCleanup(Piped.end, listener)
        listener.stdout.readline()
        self.assertTrue(listener.stdout.readline().startswith(b"NOTE JOIN OK #dev :"))
        self.assertEqual(run(self.target, "--nick", "writer", "--room", "#dev",
                             data=b"to dev\n")[0], 0)
        self.assertEqual(listener.stdout.readline(), b"#dev <writer> to dev\n")

    def test_quit(self):
        code, out, _ = run(self.target, data=b"/quit\n")
        self.assertEqual(code, 0)
        self.assertIn(b"NOTE QUIT OK :", out)


if __name__ == "__main__":
    unittest.main()
