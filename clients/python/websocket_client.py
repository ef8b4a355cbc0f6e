#!/usr/bin/env python3
"""Speaks WebSocket to chatd: talks in /ws, or sends text, binary and pings to /echo.

    websocket_client.py localhost:4399/ws --text hello --until '<bob>'
    websocket_client.py localhost:4399/echo --hex 'de ad' --expect-hex 'de ad' --ping 01

Steps happen in the order they stand, then comes the close handshake. Text is shown as it is,
binary and pongs as hex. Exit codes: 0 fine, 1 another message than expected or a refused
handshake, 64 wrong command line, 69 nobody listens, 75 nothing came in time. The protocol itself
is in rfc6455.py.
"""

import re

import common
import hexbytes
from rfc6455 import Opcode, Refused, WebSocket

steps = [("text", "TEXT", "send a text message"),
         ("hex", "HEX", "send a binary message"),
         ("ping", "HEX", "send a ping and wait for its pong"),
         ("expect", "REGEX", "the next message begins so, else exit 1"),
         ("until", "REGEX", "show messages until one begins so"),
         ("expect-hex", "HEX", "the next message is this, else exit 1")]


def options():
    parser = common.Parser(description=__doc__.split("\n", 1)[0],
                           epilog=__doc__.split("\n", 2)[2],
                           formatter_class=common.argparse.RawDescriptionHelpFormatter)
    parser.add_argument("where", nargs="?", default="localhost", metavar="HOST[:PORT][/PATH]")
    parser.add_argument("--protocol", action="append", default=[], metavar="NAME",
                        help="offer this subprotocol; may be repeated")
    parser.add_argument("--header", action="append", default=[], metavar="'NAME: VALUE'",
                        help="add this to the request; may be repeated")
    parser.add_argument("--timeout", type=float, default=5.0, metavar="SECONDS",
                        help="longest wait for a message (5)")
    for name, metavar, what in steps:
        parser.add_argument("--" + name, dest="steps", action=common.Step, metavar=metavar,
                            help=what)
    chosen = parser.parse_args()
    server, slash, path = chosen.where.removeprefix("ws://").partition("/")
    try:
        chosen.server = common.address(server, 4399)
        chosen.path = slash + path if path else "/ws"
        chosen.steps = [prepare(kind, value) for kind, value in chosen.steps or []]
    except (hexbytes.HexError, re.error, common.argparse.ArgumentTypeError) as error:
        parser.error(str(error))
    return chosen


def prepare(kind, value):
    """Turns a step's text into what it is used as, so that mistakes show before connecting."""
    if kind in ("hex", "ping", "expect-hex"):
        return kind, hexbytes.parse(value)
    return kind, value.encode() if kind == "text" else re.compile(value.encode())


def next_message(connection):
    """(opcode, payload), shown; a close that comes instead is a mismatch."""
    opcode, payload = connection.receive()
    if opcode == Opcode.close:
        code = int.from_bytes(payload[:2], "big") if payload else "without code"
        raise common.Failure(common.mismatch, f"closed {code} {payload[2:].decode()}")
    print(payload.decode() if opcode == Opcode.text else hexbytes.show(payload), flush=True)
    return opcode, payload


def take(connection, kind, value):
    """Does one step; raises common.Failure when something else arrives than it wants."""
    if kind in ("text", "hex"):
        connection.send(Opcode.text if kind == "text" else Opcode.binary, value)
        return
    if kind == "ping":
        connection.send(Opcode.ping, value)
    opcode, payload = next_message(connection)
    while (kind == "ping" and opcode != Opcode.pong) or (kind == "until"
                                                         and not value.match(payload)):
        opcode, payload = next_message(connection)
    if not (payload == value if kind in ("ping", "expect-hex") else value.match(payload)):
        raise common.Failure(common.mismatch, f"--{kind}: something else came")


def main():
    chosen = options()
    try:
        connection = WebSocket(*chosen.server, chosen.path, chosen.protocol, chosen.header,
                               chosen.timeout)
        for kind, value in chosen.steps:
            take(connection, kind, value)
        connection.close()
    except (EOFError, Refused) as error:
        raise common.Failure(common.mismatch, str(error)) from error
    return common.ok


if __name__ == "__main__":
    common.run(main)
