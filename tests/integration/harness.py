"""Black-box harness: the real chatd on ports of its own, and clients with a time limit.

CHATD names the program; CHATD_FLAGS is put before the flags of every server, so that the whole
suite runs again as another build would see it (`--mask-kernel-features`). A test owns what it
starts: each case stops its server by TERM and wants exit status 0, each client is closed, and if
the test dies the kernel ends the servers (setpriv --pdeathsig).
"""

import contextlib
import functools
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

here = Path(__file__).resolve().parent
root = here.parent.parent
clients = root / "clients" / "python"
sys.path[:0] = [str(clients), str(root / "tests" / "support")]

import rfc6455  # noqa: E402  (stands in clients/python)
from connections import Client, Peer, silence_default, timeout_default  # noqa: E402
from rfc6455 import Opcode  # noqa: E402

start_time_max = 15.0   # seconds; a build with sanitizers starts slowly
stop_time_max = 8.0     # seconds; a drain takes 5 at most

sanitizer_marks = ("AddressSanitizer", "ThreadSanitizer", "LeakSanitizer", "runtime error:")
ready_mark = re.compile(r"\bready\b")
ready_address = re.compile(r"\b(tcp|udp)=(\S+)")
tied = ("setpriv", "--pdeathsig", "KILL")  # a child that ends with this process


def split_address(text):
    """`127.0.0.1:80` or `[::1]:80` as (host, port)."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


states = tempfile.TemporaryDirectory(prefix="chatd-test-")  # of this process, gone with it


def state_directory():
    """A new, empty directory for what one chatd keeps."""
    return tempfile.mkdtemp(dir=states.name)


def command(*flags):
    """The command line of a chatd. What it keeps is its own, unless the flags say where."""
    own = () if {"--state", "--history"} & set(flags) else ("--state", state_directory())
    return [os.environ["CHATD"], *shlex.split(os.environ.get("CHATD_FLAGS", "")), *own, *flags]


@functools.cache
def sanitized():
    """True if chatd was built with a sanitizer."""
    program = Path(os.environ["CHATD"]).read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program


class Server:
    """One running chatd; `tcp` and `udp` list its (host, port) pairs as the ready line named them.

    `prefix` is a program that starts it, such as prlimit.
    """

    def __init__(self, *flags, tcp=("0",), udp=("0",), prefix=()):
        ports = [word for value in tcp for word in ("--tcp", value)]
        ports += [word for value in udp for word in ("--udp", value)]
        self.process = subprocess.Popen(
            [*tied, *prefix, *command(*ports, *flags)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="backslashreplace")
        self.signalled = False
        self.crashed = False
        self.log = []
        self.ready = threading.Event()
        self.readers = [threading.Thread(target=self._collect, args=(stream,), daemon=True)
                        for stream in (self.process.stderr, self.process.stdout)]
        for reader in self.readers:
            reader.start()
        if not self.ready.wait(start_time_max) or self.process.poll() is not None:
            self.kill()
            raise AssertionError("chatd did not become ready:\n" + self.log_text())
        line = next(line for line in self.log if ready_address.search(line))
        found = [(kind, split_address(where)) for kind, where in ready_address.findall(line)]
        self.tcp = [where for kind, where in found if kind == "tcp"]
        self.udp = [where for kind, where in found if kind == "udp"]

    def _collect(self, stream):
        for line in stream:
            self.log.append(line.rstrip("\n"))
            if ready_mark.search(line) and ready_address.search(line):
                self.ready.set()
        if self.process.wait() is not None:
            self.ready.set()

    @property
    def pid(self):
        return self.process.pid

    def log_text(self):
        return "\n".join(self.log)

    def address(self, kind="tcp", family=socket.AF_INET):
        """The first bound address of that kind and family."""
        colon = family == socket.AF_INET6
        return next(where for where in getattr(self, kind) if (":" in where[0]) == colon)

    def send_signal(self, number):
        self.process.send_signal(number)
        self.signalled = True

    def wait(self, timeout=stop_time_max):
        """The exit status as a shell shows it: 128+n when signal n ended the process."""
        status = self.process.wait(timeout)
        for reader in self.readers:
            reader.join(timeout)
        return 128 - status if status < 0 else status

    def kill(self):
        self.process.kill()
        self.process.wait()

    def crash(self):
        """`kill -9`, as something that the test wants."""
        self.crashed = True
        self.kill()

    def stop(self, number=signal.SIGTERM, expected=0):
        """Ends the server by a signal, unless the test has sent one, and checks how it ended."""
        if self.crashed:
            expected = 128 + signal.SIGKILL
        elif self.process.poll() is None and not self.signalled:
            self.send_signal(number)
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"chatd did not end within {stop_time_max} s of its signal:\n"
                                 + self.log_text()) from None
        finally:
            for stream in (self.process.stdout, self.process.stderr):
                stream.close()
        if status != expected:
            raise AssertionError(f"chatd ended with {status}, not {expected}:\n" + self.log_text())
        if any(mark in line for line in self.log for mark in sanitizer_marks):
            raise AssertionError("a sanitizer spoke:\n" + self.log_text())

    def resident_kib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())[1])

    def descriptor_count(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def http(self, target, method="GET", headers=(), body=b""):
        """(status, headers, body) of one request on a connection of its own."""
        with contextlib.closing(Client(self.address())) as client:
            lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
            client.send("\r\n".join([*lines, *headers, "", ""]).encode() + body)
            return parse_response(client.read_all(), method)

    def metrics(self):
        """/metrics as {"name{labels}": value}."""
        samples = {}
        for line in self.http("/metrics")[2].decode().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples


class ChatdCase(unittest.TestCase):
    """A test with a server of its own, started with `flags`. Clients are closed at the end."""

    flags = ()

    def setUp(self):
        self.server = self.start(*self.flags)

    def start(self, *flags, **how):
        """A server that is stopped, and judged, when the test is over."""
        server = Server(*flags, **how)
        self.addCleanup(server.stop)
        return server

    def keep(self, client):
        self.addCleanup(client.close)
        return client

    def connect(self, family=socket.AF_INET, server=None, **how):
        return self.keep(Client((server or self.server).address("tcp", family), **how))

    def person(self, nick, room=None, **how):
        """A text connection that speaks at once, has this nick, and is in `room` too."""
        client = self.connect(**how)
        client.say(f"/nick {nick}")
        self.assertEqual(client.line(), f"NOTE NICK OK {nick} :You are {nick}.")
        if room:
            client.say(f"/join {room}")
            self.expect(client, rf"NOTE JOIN \S+ #{room} .*")
        return client

    def peer(self, family=socket.AF_INET, server=None, **how):
        return self.keep(Peer((server or self.server).address("udp", family), **how))

    def joined_peers(self, count, **how):
        """Raw UDP peers that are in the room for sure: each has seen the next one's first one."""
        peers = []
        for number in range(count):
            peers.append(self.peer(**how))
            peers[-1].send(b"joined %d" % number)
            for other in peers[:-1]:
                self.assertEqual(other.receive(), b"joined %d" % number)
        return peers

    def websocket(self, path="/ws", server=None, **how):
        connection = rfc6455.WebSocket(*(server or self.server).address(), path, **how)
        self.addCleanup(connection.abandon)
        return connection

    def text_socket(self, nick, **how):
        """A WebSocket in the text dialect with this nick, its greeting read."""
        connection = self.websocket(**how)
        connection.send(Opcode.text, f"/nick {nick}".encode())
        wanted = f"NOTE NICK OK {nick} :You are {nick}."
        while (message := connection.receive()[1].decode()) != wanted:
            self.assertRegex(message, r"^NOTE ")
        return connection

    def expect(self, client, pattern, timeout=None):
        """The next line matches the whole pattern; returns the match."""
        line = client.line(timeout)
        match = re.fullmatch(pattern, line)
        self.assertIsNotNone(match, f"expected {pattern!r}, got {line!r}")
        return match

    def expect_fail(self, client, name, code):
        """FAIL COMMAND CODE [context...] :text"""
        return self.expect(client, rf"FAIL {re.escape(name)} {code}( [^: ]\S*)* :\S.*")

    def expect_list(self, client, name):
        """The lines of a list, without their `-- `, closed by its count."""
        found = []
        while (line := client.line()).startswith("-- "):
            found.append(line[3:])
        match = re.fullmatch(rf"NOTE {name} END (\d+) :\S.*", line)
        self.assertIsNotNone(match, f"a list ended by {line!r}")
        self.assertEqual(int(match[1]), len(found), f"{line!r} after {found!r}")
        return found

    def expect_message(self, connection, wanted, opcode=Opcode.text):
        self.assertEqual(connection.receive(), (opcode, wanted.encode()))

    def expect_close(self, connection, code):
        """The next message is a close with this code; then the stream ends."""
        opcode, payload = connection.receive()
        self.assertEqual(opcode, Opcode.close, payload)
        self.assertEqual(int.from_bytes(payload[:2], "big"), code, payload)
        payload[2:].decode()  # a reason is UTF-8, RFC 6455 5.5.1
        return payload[2:].decode()

    def expect_silence(self, *clients_, milliseconds=silence_default):
        """Nothing arrives at any of them."""
        deadline = time.monotonic() + milliseconds / 1000
        for client in clients_:
            left = max(1, (deadline - time.monotonic()) * 1000)
            self.assertFalse(client.pending(left), "expected silence")
            if isinstance(client, Client):
                self.assertFalse(client.ended, "expected silence, not the end")

    def expect_alive(self, server=None):
        """Two newcomers can still talk to each other."""
        one, other = self.connect(server=server), self.connect(server=server)
        other.say("/join alive-check")
        self.expect(other, r"NOTE JOIN .*")
        one.say("/join alive-check")
        self.expect(one, r"NOTE JOIN .*")
        one.say("are you there")
        self.expect(other, r"#alive-check <guest-\d+> are you there")
        one.close()
        other.close()

    def expect_growth_below(self, kib_max, before):
        """The server's memory has grown by less since it was `before` KiB."""
        if not sanitized():  # sanitizers keep freed memory for a while
            self.assertLess(self.server.resident_kib() - before, kib_max)

    def eventually(self, condition, what, timeout=timeout_default):
        """Waits until condition() is true."""
        deadline = time.monotonic() + timeout
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"waited {timeout} s until {what}")
            time.sleep(0.02)


def parse_response(data, method="GET"):
    """(status, {header: value}, body) of the one HTTP response that `data` holds."""
    head, mark, body = data.partition(b"\r\n\r\n")
    assert mark, f"no HTTP response: {data[:200]!r}"
    lines = head.decode("latin-1").split("\r\n")
    match = re.fullmatch(r"HTTP/1\.1 (\d{3}) .+", lines[0])
    assert match, f"no status line: {lines[0]!r}"
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    if method != "HEAD":
        assert len(body) == length, f"{len(body)} bytes of body, Content-Length {length}"
    return int(match[1]), headers, body


def run_program(arguments, stdin=b"", timeout=10.0, check=None):
    """Runs a client program to its end; (status, stdout, stderr). It never outlives its time."""
    process = subprocess.Popen([*tied, *map(str, arguments)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"{arguments} ran longer than {timeout} s: {out!r} {err!r}") from None
    if check is not None and process.returncode != check:
        raise AssertionError(f"{arguments} ended with {process.returncode}: {out!r} {err!r}")
    return process.returncode, out, err


def main():
    """unittest.main, refusing clearly when there is nothing to test."""
    program = os.environ.get("CHATD", "")
    if not os.access(program, os.X_OK):
        sys.exit(f"CHATD names no program that can be run: {program!r}")
    unittest.main(verbosity=2)
