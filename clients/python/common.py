"""What the example clients share: exit codes, addresses, and steps kept in the order typed.

Exit codes are those of every chatd program: 0 fine, 1 something else arrived than was expected,
64 the command line is wrong, 69 nobody listens there, 75 nothing arrived in time.
"""

import argparse
import sys

ok, mismatch, usage, unavailable, timed_out = 0, 1, 64, 69, 75


class Failure(Exception):
    """Ends a client with an exit code and one line on stderr."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Parser(argparse.ArgumentParser):
    """argparse, but a wrong command line ends with 64."""

    def error(self, message):
        self.exit(usage, f"{self.prog}: {message} (--help shows how it is written)\n")


class Step(argparse.Action):
    """Collects options as (name, value) in the order they stand: `--send a --expect b --send c`."""

    def __call__(self, parser, namespace, value, option_string=None):
        namespace.steps = [*(namespace.steps or []), (option_string.lstrip("-"), value)]


def address(text, default_port):
    """`host`, `host:port`, `[::1]:port` or `::1` as (host, port)."""
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise argparse.ArgumentTypeError(f"{port!r} is not a port")
    return host or "localhost", int(port or default_port)


def run(main):
    """Runs main(), turning what can go wrong into one line and an exit code."""
    try:
        sys.exit(main())
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.code)
    except TimeoutError:
        print("timed out: nothing arrived", file=sys.stderr)
        sys.exit(timed_out)
    except OSError as error:
        print(f"not connected: {error}", file=sys.stderr)
        sys.exit(unavailable)
    except KeyboardInterrupt:
        sys.exit(130)
