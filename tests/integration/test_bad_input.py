"""Everything wrong that a client can send: each has its answer and disturbs nobody else."""

import os
import random
import socket
import struct
import threading
import time

import harness
from harness import Client, Opcode
from rfc6455 import encode_frame

endless_line_bytes = 200_000_000  # 10 GB by hand: the code has no path that depends on the length


class BadInput(harness.ChatdCase):
    """While a test runs, two bystanders talk; every line of theirs arrives, in order."""

    def setUp(self):
        super().setUp()
        self.one, self.other = self.person("one", "bystanders"), self.person("other", "bystanders")
        for bystander in (self.one, self.other):
            bystander.say("/leave lobby")
            self.expect(bystander, r"NOTE LEAVE OK #lobby .*")
        self.resident_before = self.server.resident_kib()
        self.descriptors_before = self.server.descriptor_count()

    def expect_undisturbed(self, growth_kib_max=16 * 1024):
        """Bystanders still talk, nothing leaked."""
        for number in range(20):
            self.one.say(str(number))
            self.assertEqual(self.other.line(), f"#bystanders <one> {number}")
        self.expect_silence(self.one, self.other, milliseconds=50)
        self.expect_growth_below(growth_kib_max, self.resident_before)

    def expect_nothing_left(self):
        self.eventually(lambda: self.server.descriptor_count() <= self.descriptors_before,
                        "all connections are gone")

    def test_an_endless_line(self):
        client = self.person("long")
        client.send(b"x" * 4097)
        self.expect_fail(client, "*", "LINE_TOO_LONG")  # at once, before any newline
        block, sent = b"x" * (1 << 20), 0
        client.socket.settimeout(30)
        while sent < endless_line_bytes:
            client.send(block)
            sent += len(block)
        client.send("\nhere again\n/ping\n")
        self.expect(client, r"NOTE PING .*", timeout=20)
        self.expect_undisturbed()

    def test_an_endless_line_as_the_first_one(self):
        client = self.connect()
        client.send(b"y" * 5000)
        self.expect_fail(client, "*", "LINE_TOO_LONG")
        client.send(b"y" * 5000 + b"\n/ping\n")
        self.expect(client, r"NOTE PING .*")
        self.expect_undisturbed()

    def test_nul_bytes(self):
        client, listener = self.person("nul"), self.person("listener")
        for line in (b"\0", b"a\0b", b"\0" * 4096, b"/nick a\0b"):
            client.send(line + b"\n")
            self.expect_fail(client, "*", "NUL")
        self.expect_silence(listener)
        self.expect_undisturbed()

    def test_invalid_utf8(self):
        client, listener = self.person("bytes"), self.person("listener")
        for line in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"caf\xe9",
                     b"\xe2\x82",
                     b"\x80", b"/me \xfe", b"/nick \xff"):
            client.send(line + b"\n")
            self.expect_fail(client, "*", "BAD_UTF8")
        client.send(b"\xe2\x82")
        client.half_close()
        self.assertRegex(client.read_all(), rb"^FAIL \* BAD_UTF8 :[^\n]+\n$")
        self.expect_silence(listener)
        self.expect_undisturbed()

    def test_unknown_commands(self):
        client = self.person("curious")
        generator = random.Random(2)
        letters = "abcdefghijklmnopqrstuvwxyz"
        for _ in range(500):
            word = "x" + "".join(generator.choices(letters, k=generator.randrange(1, 12)))
            client.say(f"/{word} {'a ' * generator.randrange(3)}")
            self.expect_fail(client, word.upper(), "UNKNOWN_COMMAND")
        for line in ("/", "/ ", "/<b>", "/\x1b[2J", "/" + "x" * 4000):
            client.say(line)
            self.expect(client, r"FAIL \S+ UNKNOWN_COMMAND :[^\x1b]+")
        self.expect_undisturbed()

    def test_empty_and_blank_lines(self):
        client, listener = self.person("blank"), self.person("listener")
        client.send(b"\n\r\n\n" * 1000 + b"after\n")
        self.assertEqual(listener.line(), "<blank> after")
        self.expect_undisturbed()

    def test_random_bytes(self):
        generator = random.Random(1)
        for _ in range(200):
            client = self.connect()
            client.send(generator.randbytes(generator.randrange(1, 3000)))
            client.reset() if generator.random() < 0.5 else client.close()
        self.expect_undisturbed()
        self.expect_nothing_left()

    def test_half_a_frame_and_silence(self):
        for half in (b"\x81", b"\x81\xfe", b"\x81\xff\0\0\0", b"\x82\x85\1\2",
                     b"\x82\x85\1\2\3\4ab"):
            connection = self.websocket("/echo")
            connection.socket.sendall(half)
        self.expect_undisturbed()

    def test_half_a_frame_and_the_end(self):
        for half in (b"\x81", b"\x82\x85\1\2\3\4ab"):
            connection = self.websocket("/echo")
            connection.socket.sendall(half)
            connection.socket.shutdown(socket.SHUT_WR)
            connection.reader.read()
            connection.abandon()
        self.expect_undisturbed()
        self.expect_nothing_left()

    def test_unmasked_frames(self):
        for path in ("/ws", "/echo"):
            connection = self.websocket(path)
            connection.socket.sendall(encode_frame(Opcode.text, b"hello", mask=None))
            opcode, payload = connection.receive()
            while opcode == Opcode.text:
                opcode, payload = connection.receive()
            self.assertEqual((opcode, payload[:2]), (Opcode.close, struct.pack("!H", 1002)))
        self.expect_undisturbed()

    def test_lengths_nobody_can_have(self):
        for length, code in (((1 << 63) - 1, 1009), (1 << 40, 1009), (1 << 63, 1002),
                             ((1 << 64) - 1, 1002)):
            connection = self.websocket("/echo")
            connection.socket.sendall(b"\x82\xff" + struct.pack("!Q",
                                                                length) + b"\1\2\3\4" + b"x" * 100)
            self.expect_close(connection, code)
        self.expect_undisturbed()

    def test_five_thousand_connects_and_resets(self):
        address = self.server.address()
        for number in range(5000):
            client = Client(address)
            if number % 3 == 1:
                client.send("hal")
            elif number % 3 == 2:
                client.send("/nick x\n/join dev\n")
            client.reset()
        self.expect_undisturbed()
        self.expect_nothing_left()

    def test_connects_and_closes_from_four_sides(self):
        def storm():
            for _ in range(300):
                with socket.create_connection(self.server.address()) as client:
                    client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        threads = [threading.Thread(target=storm) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.expect_undisturbed()
        self.expect_nothing_left()

    def test_one_byte_a_second(self):
        client, listener = self.connect(), self.person("listener")
        for byte in b"slow\n":
            client.send(bytes([byte]))
            time.sleep(1)
        self.expect(listener, r"<guest-\d+> slow")
        self.expect_undisturbed()

    def test_oversized_headers(self):
        for head in (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: " + b"y" * 100_000,
                     b"GET /" + b"y" * 100_000, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000):
            client = self.connect()
            client.send(head)
            self.assertRegex(client.read_all()[:12], rb"^HTTP/1\.1 4(14|31|00)")
        self.expect_undisturbed()

    def test_datagrams_of_all_sizes_and_random_ones(self):
        stranger = self.peer()
        generator = random.Random(3)
        for size in (0, 1201, 65507, 0, 1, 1200):
            stranger.send(generator.randbytes(size))
        for _ in range(5000):
            stranger.send(generator.randbytes(generator.randrange(0, 80)))
        self.expect_silence(stranger)
        self.expect_undisturbed()

    def test_a_full_descriptor_table_costs_newcomers_only(self):
        server = self.start(prefix=("prlimit", "--nofile=128:128"))
        one, other = self.person("one", server=server), self.person("other", server=server)
        crowd = []
        for _ in range(300):
            try:
                crowd.append(self.connect(server=server, timeout=1.0))
            except OSError:
                break
        began = server.cpu_seconds()
        time.sleep(1)
        self.assertLess(server.cpu_seconds() - began, 0.5, "no busy loop while the table is full")
        one.say("hello")
        self.assertEqual(other.line(), "<one> hello")
        for client in crowd:
            client.close()

        def served():
            client = Client(server.address(), timeout=1.0)
            try:
                client.say("/ping")
                return client.line().startswith("NOTE PING ")
            except (AssertionError, EOFError, OSError):
                return False
            finally:
                client.close()
        self.eventually(served, "newcomers are served again")


class Flood(harness.ChatdCase):
    def test_a_datagram_flood_holds_up_no_line(self):
        ana, bob = self.person("ana"), self.person("bob")
        peers = self.joined_peers(8)
        stop = threading.Event()

        def flood():
            while not stop.is_set():
                peers[0].send(os.urandom(200))
        thread = threading.Thread(target=flood)
        thread.start()
        try:
            worst = 0.0
            for number in range(100):
                began = time.monotonic()
                ana.say(str(number))
                self.assertEqual(bob.line(), f"<ana> {number}")
                worst = max(worst, time.monotonic() - began)
        finally:
            stop.set()
            thread.join()
        self.assertLess(worst, 1.0)


if __name__ == "__main__":
    harness.main()
