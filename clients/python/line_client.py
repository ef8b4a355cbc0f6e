#!/usr/bin/env python3
"""Talks lines over TCP, as nc does, but as a script that knows what it expects.

    line_client.py --send '/nick ana' --expect 'NOTE NICK OK' --send hello --until '<bob>'
    line_client.py --hex '68 69 0a'                         # the same as --send hi
    line_client.py localhost:4399 --expect 'NOTE \\* WELCOME' # wait to be greeted

Steps happen in the order they stand. At the end the client half-closes, as `nc -N` does, prints
what still comes, and ends with 0; 1 if another line came than expected, 64 for a wrong command
line, 69 if nobody listens, 75 if nothing came in time.
"""

import re
import socket

import common
import hexbytes


class Lines:
    """A TCP connection seen as lines. Incoming control characters are shown escaped."""

    def __init__(self, host, port, timeout):
        self.socket = socket.create_connection((host, port), timeout)
        self.reader = self.socket.makefile("rb")

    def send(self, payload):
        self.socket.sendall(payload)

    def read(self):
        """The next line without its newline, or None when the other side has closed."""
        line = self.reader.readline()
        return line.rstrip(b"\r\n").decode("utf-8", "backslashreplace") if line else None

    def half_close(self):
        """No more input from here; output still arrives."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.reader.close()
        self.socket.close()


def options():
    parser = common.Parser(description=__doc__.split("\n", 1)[0],
                           epilog=__doc__.split("\n", 2)[2],
                           formatter_class=common.argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", nargs="?", default="localhost", metavar="HOST[:PORT]")
    parser.add_argument("--send", dest="steps", action=common.Step, metavar="LINE",
                        help="send this line and a newline")
    parser.add_argument("--hex", dest="steps", action=common.Step, metavar="HEX",
                        help="send these bytes, nothing added")
    parser.add_argument("--expect", dest="steps", action=common.Step, metavar="REGEX",
                        help="the next line begins so, else exit 1")
    parser.add_argument("--until", dest="steps", action=common.Step, metavar="REGEX",
                        help="read lines until one begins so")
    parser.add_argument("--timeout", type=float, default=5.0, metavar="SECONDS",
                        help="longest wait for a line (5)")
    chosen = parser.parse_args()
    try:
        chosen.server = common.address(chosen.server, 4399)
        chosen.steps = [prepare(kind, value) for kind, value in chosen.steps or []]
    except (hexbytes.HexError, re.error, common.argparse.ArgumentTypeError) as error:
        parser.error(str(error))
    return chosen


def prepare(kind, value):
    """Turns a step's text into what it is used as, so that mistakes show before connecting."""
    if kind == "send":
        return kind, value.encode("utf-8", "surrogateescape") + b"\n"
    return kind, hexbytes.parse(value) if kind == "hex" else re.compile(value)


def next_line(lines):
    line = lines.read()
    if line is not None:
        print(line, flush=True)
    return line


def main():
    chosen = options()
    lines = Lines(*chosen.server, chosen.timeout)
    for kind, value in chosen.steps:
        if kind in ("send", "hex"):
            lines.send(value)
            continue
        line = next_line(lines)
        while kind == "until" and line is not None and not value.match(line):
            line = next_line(lines)
        if line is None:
            raise common.Failure(common.mismatch, f"closed before a line like {value.pattern!r}")
        if not value.match(line):
            raise common.Failure(common.mismatch, f"expected a line like {value.pattern!r}")
    lines.half_close()
    while next_line(lines) is not None:
        pass
    lines.close()
    return common.ok


if __name__ == "__main__":
    common.run(main)
