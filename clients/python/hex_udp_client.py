#!/usr/bin/env python3
"""Sends datagrams written in hex to chatd's raw UDP port and shows what comes back.

    hex_udp_client.py 'de ad be ef'                     # join the room by sending, then leave
    hex_udp_client.py --listen 10 ca:fe                 # send, then show what others send for 10 s
    hex_udp_client.py 01 --expect 0x02                  # wait for a datagram; another one: exit 1
    hex_udp_client.py localhost:8080 01 02 --interval 0.1

There is no header and no handshake: what you send is what every other raw peer receives, byte for
byte, and you get no copy of your own. The first datagram joins; an empty one leaves. Exit codes:
0 fine, 1 another datagram than expected, 64 wrong command line, 69 nobody listens, 75 too late.
"""

import socket
import sys
import time

import common
import hexbytes

payload_bytes_max = 1472  # the most that chatd's --udp-raw-max takes


class Datagrams:
    """A connected UDP socket, so that only the server's datagrams and errors arrive."""

    def __init__(self, host, port):
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        self.socket = socket.socket(family, kind)
        self.socket.connect(where)

    def send(self, payload):
        self.socket.send(payload)

    def receive(self, timeout):
        """The next datagram; raises TimeoutError."""
        self.socket.settimeout(max(timeout, 0.001))
        return self.socket.recv(65536)

    def leave(self):
        """An empty datagram: chatd forgets this peer at once."""
        self.socket.send(b"")

    def close(self):
        self.socket.close()


def options():
    parser = common.Parser(description=__doc__.split("\n", 1)[0],
                           epilog=__doc__.split("\n", 2)[2],
                           formatter_class=common.argparse.RawDescriptionHelpFormatter)
    parser.add_argument("payloads", nargs="*", metavar="[HOST[:PORT]] HEX...",
                        help="where to (localhost:8080), and datagrams to send in this order")
    parser.add_argument("--server", metavar="HOST[:PORT]",
                        help="where to, when the host's name could be read as hex")
    parser.add_argument("--interval", type=float, default=0.0, metavar="SECONDS",
                        help="between two datagrams")
    parser.add_argument("--count", type=int, default=1, help="how often to send them all")
    parser.add_argument("--expect", action="append", default=[], metavar="HEX",
                        help="then wait for exactly this datagram; may be repeated")
    parser.add_argument("--listen", type=float, default=0.0, metavar="SECONDS",
                        help="then show whatever arrives for so long")
    parser.add_argument("--timeout", type=float, default=5.0, metavar="SECONDS",
                        help="longest wait for an expected datagram (5)")
    parser.add_argument("--stay", action="store_true", help="do not leave the room at the end")
    chosen = parser.parse_args()
    try:
        if chosen.server is None and chosen.payloads and not is_hex(chosen.payloads[0]):
            chosen.server = chosen.payloads.pop(0)
        chosen.server = common.address(chosen.server or "localhost", 8080)
        chosen.payloads = [hexbytes.parse(text) for text in chosen.payloads]
        chosen.expect = [hexbytes.parse(text) for text in chosen.expect]
    except (hexbytes.HexError, common.argparse.ArgumentTypeError) as error:
        parser.error(str(error))
    if any(not 1 <= len(payload) <= payload_bytes_max for payload in chosen.payloads):
        parser.error(f"a datagram has 1 to {payload_bytes_max} bytes")
    return chosen


def is_hex(text):
    try:
        return bool(hexbytes.parse(text))
    except hexbytes.HexError:
        return False


def receive(peer, deadline):
    payload = peer.receive(deadline - time.monotonic())
    print(hexbytes.show(payload), flush=True)
    return payload


def main():
    chosen = options()
    peer = Datagrams(*chosen.server)
    for number, payload in enumerate(chosen.payloads * chosen.count):
        if number:
            time.sleep(chosen.interval)
        peer.send(payload)
    for expected in chosen.expect:
        if receive(peer, time.monotonic() + chosen.timeout) != expected:
            raise common.Failure(common.mismatch, f"expected {hexbytes.show(expected)}")
    deadline = time.monotonic() + chosen.listen
    try:
        while time.monotonic() < deadline:
            receive(peer, deadline)
    except TimeoutError:
        pass
    if not chosen.stay:
        peer.leave()
    peer.close()
    return common.ok


if __name__ == "__main__":
    common.run(main)
