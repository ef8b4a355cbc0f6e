"""The proxy that the fault tests trust: it does what it says, and nothing else."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
import unittest

import harness

sys.path.insert(0, str(harness.root / "tests" / "support"))
from fault_proxy import Chaos, FaultProxy  # noqa: E402


class Echo:
    """A server that says everything back, until it is closed."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()[:2]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=self.listener.accept()[:1],
                                 daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            while data := connection.recv(65536):
                connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)

    def close(self):
        self.listener.close()


class Proxy(unittest.TestCase):
    def setUp(self):
        self.echo = Echo()
        self.addCleanup(self.echo.close)
        self.proxy = FaultProxy(self.echo.address)
        self.addCleanup(self.proxy.close)

    def connect(self):
        client = harness.Client(self.proxy.address)
        self.addCleanup(client.close)
        return client

    def connected(self):
        client = self.connect()
        client.say("hello")
        self.assertEqual(client.line(), "hello")
        return client

    def test_what_goes_in_comes_out_and_ends_when_it_ends(self):
        client = self.connected()
        data = bytes(range(256)) * 4000
        sender = threading.Thread(target=client.send, args=(data,))
        sender.start()
        self.assertEqual(client.read_exactly(len(data)), data)
        sender.join()
        client.half_close()
        self.assertEqual(client.read_all(), b"")
        self.assertEqual(len(self.proxy.accepted), 1)

    def test_a_cut_is_a_fin_or_a_reset(self):
        client = self.connected()
        self.assertEqual(self.proxy.cut("fin"), 1)
        self.assertEqual(client.read_all(), b"")
        client = self.connected()
        self.proxy.cut("rst")
        self.assertRaises(ConnectionResetError, client.read_all)
        self.assertEqual(self.proxy.cut(), 0)

    def test_a_cut_may_come_in_the_middle_of_a_message(self):
        for direction in ("down", "up"):
            client = self.connected()
            self.proxy.cut("fin", after=4, direction=direction)
            client.say("a longer line")
            self.assertIn(client.read_all(), (b"a lo", b""))

    def test_what_is_frozen_stays_open_and_passes_nothing(self):
        client = self.connected()
        self.proxy.freeze()
        client.say("anybody?")
        self.assertEqual((client.pending(150), client.ended, self.proxy.open), (b"", False, 0))
        self.connected()

    def test_modes_are_of_what_comes(self):
        stays = self.connected()
        self.proxy.mode = "stall"
        stalled = self.connect()
        stalled.say("anybody?")
        self.assertEqual((stalled.pending(150), stalled.ended), (b"", False))
        self.proxy.mode = "reject"
        with self.assertRaises(ConnectionError):
            rejected = self.connect()
            rejected.read_all()
        self.proxy.mode = "refuse"
        self.assertRaises(ConnectionRefusedError, self.connect)
        self.assertEqual(len(self.proxy.accepted), 3)
        stays.say("still here")
        self.assertEqual(stays.line(), "still here")
        self.proxy.calm()
        self.connected()

    def test_a_server_that_is_not_there_is_a_reset(self):
        self.proxy.target = ("127.0.0.1", 1)
        with self.assertRaises(ConnectionError):
            self.connect().read_all()

    def test_delay_and_bandwidth_take_their_time(self):
        self.proxy.delay = 0.1
        began = time.monotonic()
        self.connected()
        self.assertGreaterEqual(time.monotonic() - began, 0.2)
        self.proxy.calm()
        client = self.connected()
        self.proxy.bandwidth = 10_000
        began = time.monotonic()
        client.send(b"x" * 4000)
        client.read_exactly(4000)
        self.assertGreaterEqual(time.monotonic() - began, 0.3)

    def test_a_seed_is_a_world(self):
        plans = [[Chaos(seed, freezes=4).plan(number) for number in range(200)]
                 for seed in (1, 1, 2)]
        self.assertEqual(plans[0], plans[1])
        self.assertNotEqual(plans[0], plans[2])
        self.assertEqual({what for _, _, _, what in plans[0]}, {"fin", "rst", "freeze"})
        self.proxy.chaos = Chaos(1, bytes_min=10, bytes_max=50)
        client = self.connect()
        with contextlib.suppress(ConnectionError, BrokenPipeError):
            client.send(b"x" * 100)
            self.assertLess(len(client.read_all()), 51)

    def test_it_is_a_program_too(self):
        host, port = self.echo.address
        program = subprocess.Popen(
            [*harness.tied, "/usr/bin/python3", harness.root / "tests/support/fault_proxy.py",
             f"{host}:{port}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with program:
            client = harness.Client(harness.split_address(program.stdout.readline().strip()))
            client.say("hello")
            self.assertEqual(client.line(), "hello")
            program.stdin.write("accepted\ncut fin\n")
            program.stdin.flush()
            self.assertEqual(program.stdout.readline(), "1\n")
            self.assertEqual(client.read_all(), b"")
            client.close()
            program.stdin.close()
        self.assertEqual(program.returncode, 0)


if __name__ == "__main__":
    harness.main()
