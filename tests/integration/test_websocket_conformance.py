"""The conformance table against /echo, each case over a socket of its own, whole and in bytes.

WEBSOCKET_CASES names the program that prints the table as JSON (tests/support/websocket_cases.hpp):
what a client sends, the frames that must come back, and the code of the close frame after them
(1005: without a code; 0: the connection stays open).
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import harness
from harness import Opcode
from rfc6455 import WebSocket

byte_wise_bytes_max = 600  # longer cases are cut into 7 parts instead
big = 1 << 20  # bytes of a case


def expanded(piece):
    return bytes.fromhex(piece["hex"]) * piece["times"]


def cuts(data):
    """The ways a case is sent: whole, and in pieces."""
    yield "whole", [data]
    step = 1 if len(data) <= byte_wise_bytes_max else len(data) // 7 + 1
    yield "in pieces", [data[at:at + step] for at in range(0, len(data), step)]


def load_cases():
    status, out, err = harness.run_program([os.environ["WEBSOCKET_CASES"]], check=0)
    return json.loads(out)


class Conformance(harness.ChatdCase):
    def play(self, pieces, expected, close_code):
        """Sends one case on a connection of its own; raises AssertionError, EOFError, OSError."""
        connection = WebSocket(*self.server.address(), "/echo", timeout=20)
        try:
            self.send(connection, pieces)
            for frame in expected:
                wanted = (True, Opcode(frame["opcode"]), expanded(frame))
                found = connection.receive_frame()
                self.assertTrue(found == wanted, f"{shown(found)} instead of {shown(wanted)}")
            if close_code:
                self.expect_end(connection, close_code)
            else:
                self.expect_open(connection)
        finally:
            connection.abandon()

    def send(self, connection, pieces):
        try:
            for piece in pieces:
                connection.socket.sendall(piece)
        except OSError:
            pass  # the server may end a connection before the rest of a bad frame has left

    def expect_end(self, connection, close_code):
        fin, opcode, payload = connection.receive_frame()
        self.assertEqual((fin, opcode), (True, Opcode.close))
        code = int.from_bytes(payload[:2], "big") if payload else 1005
        self.assertEqual(code, close_code, payload)
        payload[2:].decode()
        self.assertEqual(connection.reader.read(), b"", "nothing follows a close frame")

    def expect_open(self, connection):
        connection.socket.settimeout(0.1)
        try:
            self.fail(f"unexpected {connection.reader.read(1)!r}")
        except TimeoutError:
            pass

    def test_every_case(self):
        cases = load_cases()
        self.assertGreaterEqual(len(cases), 150)
        plays = [(case, data, way, pieces) for case in cases
                 for data in [b"".join(map(expanded, case["sent"]))]
                 for way, pieces in cuts(data)]
        # Big messages go one by one: all unfinished ones together share 64 MiB.
        with ThreadPoolExecutor(8) as many, ThreadPoolExecutor(1) as one:
            runs = [((many if len(data) < big else one).submit(
                self.play, pieces, case["expected"], case["close"]), case, way)
                for case, data, way, pieces in plays]
            for run, case, way in runs:
                with self.subTest(case["name"], section=case["section"], sent=way):
                    run.result()
        self.expect_alive()


def shown(frame):
    fin, opcode, payload = frame
    return f"{opcode.name} of {len(payload)} bytes {payload[:40]!r}"


if __name__ == "__main__":
    if not os.environ.get("WEBSOCKET_CASES"):
        raise SystemExit("WEBSOCKET_CASES names no program that prints the table")
    harness.main()
