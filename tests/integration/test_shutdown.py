"""TERM and INT drain and end with 0; a second signal stops now."""

import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import time
import unittest

import harness
from ports import steady_port


class Drain(harness.ChatdCase):
    def test_term_and_int_end_with_zero(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = harness.Server()
            began = time.monotonic()
            server.stop(number)
            self.assertLess(time.monotonic() - began, 2)

    def test_idle_connections_do_not_hold_it_up(self):
        people = [self.person(f"p{number}") for number in range(5)]
        people.append(self.connect())
        sockets = [self.text_socket("websocket"), self.websocket("/echo")]
        began = time.monotonic()
        self.server.send_signal(signal.SIGTERM)
        for client in people:
            client.read_all(timeout=3)
        for connection in sockets:
            while connection.receive()[0] != harness.Opcode.close:
                pass
            connection.abandon()
        self.server.stop()
        self.assertLess(time.monotonic() - began, 4)

    def test_a_person_is_told(self):
        ana = self.person("ana")
        self.server.send_signal(signal.SIGTERM)
        self.assertRegex(ana.read_all().decode(), r"^(NOTE|WARN) \* [A-Z_]+( \S+)* :\S.*\n$")

    def test_a_websocket_gets_1001(self):
        for path in ("/ws", "/echo"):
            connection = self.websocket(path)
            connection.send(harness.Opcode.ping, b"ready")
            while connection.receive()[0] != harness.Opcode.pong:
                pass
            server = self.server
            if path == "/echo":
                server.send_signal(signal.SIGTERM)
                self.expect_close(connection, 1001)

    def test_a_text_websocket_gets_its_lines_and_then_1001(self):
        bob, ana = self.text_socket("bob"), self.person("ana")
        for number in range(100):
            ana.say(str(number))
        ana.say("/ping")
        self.expect(ana, r"NOTE PING .*")
        self.server.send_signal(signal.SIGTERM)
        for number in range(100):
            self.expect_message(bob, f"<ana> {number}")
        opcode, payload = bob.receive()
        while opcode == harness.Opcode.text:
            self.assertRegex(payload, rb"^(NOTE|WARN) \* ")
            opcode, payload = bob.receive()
        self.assertEqual((opcode, payload[:2]), (harness.Opcode.close, b"\x03\xe9"))

    def test_pending_lines_are_delivered(self):
        ana, reader = self.person("ana"), self.person("bob", receive_buffer=8192)
        for number in range(2000):
            ana.say(f"{number} " + "x" * 1000)
        ana.say("/ping")
        self.expect(ana, r"NOTE PING .*")
        self.server.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        lines = reader.read_all(timeout=5).decode().splitlines()
        said = [int(line.split()[1]) for line in lines if line.startswith("<ana> ")]
        self.assertEqual(said, list(range(2000)))
        self.assertEqual(len(lines) - len(said), 1, "and one line that says why")

    def test_who_never_reads_holds_it_up_for_five_seconds_at_most(self):
        ana = self.person("ana")
        self.stuck = self.person("bob", receive_buffer=4096)
        for _ in range(3000):
            ana.say("x" * 4000)
        ana.say("/ping")
        self.expect(ana, r"NOTE PING .*", timeout=20)
        began = time.monotonic()
        self.server.stop()
        self.assertLess(time.monotonic() - began, 6.5)

    def test_newcomers_are_refused_while_it_drains(self):
        ana = self.person("ana")
        self.stuck = self.person("bob", receive_buffer=4096)
        for _ in range(3000):
            ana.say("x" * 4000)
        ana.say("/ping")
        self.expect(ana, r"NOTE PING .*", timeout=20)
        self.server.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        self.assertIsNone(self.server.process.poll(), "still draining")
        try:
            newcomer = self.connect()
            newcomer.say("/nick cyd")
            self.assertNotIn(b"NOTE NICK OK", newcomer.read_all(timeout=2))
        except OSError:
            pass

    def test_an_unfinished_request_does_not_hold_it_up(self):
        half = self.connect()
        half.send("GET / HTTP/1.1\r\nHost: loc")
        line = self.connect()
        line.send("half a line")
        frame = self.websocket("/echo")
        frame.socket.sendall(b"\x82\xfe\x01")
        time.sleep(0.1)
        began = time.monotonic()
        self.server.stop()
        self.assertLess(time.monotonic() - began, 6.5)


class Now(harness.ChatdCase):
    def setUp(self):
        self.server = harness.Server()
        self.addCleanup(self.server.kill)

    def test_a_second_signal_stops_at_once_with_128_and_its_number(self):
        for first, second in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT),
                              (signal.SIGTERM, signal.SIGINT)):
            server = harness.Server()
            self.addCleanup(server.kill)
            ana = self.person("ana", server=server)
            stuck = self.person("bob", server=server, receive_buffer=4096)
            for _ in range(3000):
                ana.say("x" * 4000)
            ana.say("/ping")
            self.expect(ana, r"NOTE PING .*", timeout=20)
            server.send_signal(first)
            time.sleep(0.5)
            self.assertIsNone(server.process.poll(), "draining")
            began = time.monotonic()
            server.send_signal(second)
            server.stop(expected=128 + second)
            self.assertLess(time.monotonic() - began, 2)
            stuck.close()

    def test_who_follows_one_that_was_killed_gets_its_port(self):
        where = (f"127.0.0.1:{steady_port()}",)
        for _ in range(20):
            server = self.start(tcp=where)
            for _ in range(10):
                self.keep(harness.Client(server.address())).say("hello")
            server.crash()

    def test_the_port_is_free_again_at_once(self):
        port = steady_port()
        server = self.start(tcp=(str(port),))
        self.keep(harness.Client(server.address())).say("hello")
        server.stop()
        again = harness.Server(tcp=(f"127.0.0.1:{port}",))
        self.assertEqual(again.address()[1], port)
        again.stop()



class LogReader(unittest.TestCase):
    def test_a_log_that_nobody_reads_holds_up_neither_the_chat_nor_the_end(self):
        reading, writing = os.pipe()
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, reading)
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
            process = subprocess.Popen(
                [*harness.tied, *harness.command("--tcp", "0", "--udp", "0")],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing)
            stack.callback(process.kill)
            ready = b""
            while b"tcp=" not in ready or not ready.endswith(b"\n"):
                ready += os.read(reading, 4096)
            where = harness.split_address(re.search(rb"tcp=(127\S+)", ready)[1].decode())
            # From here on nobody reads: the pipe is filled by somebody else who writes to it.
            os.set_blocking(writing, False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(writing, b"x" * 512)
            os.set_blocking(writing, True)
            os.close(writing)
            with socket.create_connection(where, timeout=5) as ana:
                ana.sendall(b"/ping 1\n")
                self.assertIn(b"PONG", ana.recv(4096))
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(harness.stop_time_max), 0)
            self.assertLess(time.monotonic() - began, 5)


if __name__ == "__main__":
    harness.main()
