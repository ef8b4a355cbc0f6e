"""What tests speak through: a TCP connection and a raw UDP peer, each wait with a time limit."""

import select
import socket
import struct
import time

timeout_default = 5.0   # seconds, of every wait for something that must come
silence_default = 250   # milliseconds, of every wait for something that must not come


class Client:
    """A TCP connection with a time limit on every wait and a memory of what came."""

    def __init__(self, address, timeout=timeout_default, receive_buffer=None, source=None):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind(source)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.timeout = timeout
        self.buffer = bytearray()
        self.ended = False

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def say(self, line):
        self.send(line + "\n")

    def send_slowly(self, data, pause=0.002):
        """One byte at a time, each in a segment of its own."""
        for byte in data.encode() if isinstance(data, str) else data:
            self.socket.sendall(bytes([byte]))
            time.sleep(pause)

    def _receive(self, deadline, what):
        """Adds what comes to the buffer; TimeoutError past the deadline, False after the end."""
        left = deadline - time.monotonic()
        if self.ended:
            return False
        if left <= 0 or not select.select([self.socket], [], [], left)[0]:
            raise AssertionError(f"timed out waiting for {what}; "
                                 f"so far {bytes(self.buffer[-400:])!r}")
        received = self.socket.recv(1 << 18)
        self.ended = not received
        self.buffer += received
        return bool(received)

    def read_until(self, mark, timeout=None):
        """Everything up to and with `mark`."""
        deadline = time.monotonic() + (timeout or self.timeout)
        searched = 0
        while (at := self.buffer.find(mark, searched)) < 0:
            searched = max(0, len(self.buffer) - len(mark) + 1)
            if not self._receive(deadline, repr(mark)):
                raise EOFError(f"closed before {mark!r}; so far {bytes(self.buffer[-400:])!r}")
        taken = bytes(self.buffer[:at + len(mark)])
        del self.buffer[:at + len(mark)]
        return taken

    def read_exactly(self, count, timeout=None):
        deadline = time.monotonic() + (timeout or self.timeout)
        while len(self.buffer) < count:
            if not self._receive(deadline, f"{count} bytes"):
                raise EOFError(f"closed after {len(self.buffer)} of {count} bytes")
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def line(self, timeout=None):
        """The next line, without its newline."""
        return self.read_until(b"\n", timeout)[:-1].decode()

    def lines(self, count):
        return [self.line() for _ in range(count)]

    def read_all(self, timeout=None):
        """Everything until the other side ends its stream."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while self._receive(deadline, "the end"):
            pass
        taken = bytes(self.buffer)
        self.buffer.clear()
        return taken

    def pending(self, milliseconds=silence_default):
        """What arrives within that time."""
        deadline = time.monotonic() + milliseconds / 1000
        while not self.ended and (left := deadline - time.monotonic()) > 0:
            if select.select([self.socket], [], [], left)[0]:
                self._receive(deadline + 1, "pending bytes")
        taken = bytes(self.buffer)
        self.buffer.clear()
        return taken

    def local_address(self):
        return self.socket.getsockname()[:2]

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Ends the connection by RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


class Peer:
    """A raw UDP peer, connected, so that only the server's datagrams and ICMP errors arrive."""

    def __init__(self, address, timeout=timeout_default, source=None):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        if source:
            self.socket.bind(source)
        self.socket.connect(address)
        self.timeout = timeout

    def send(self, payload):
        self.socket.send(payload)

    def leave(self):
        self.socket.send(b"")

    def receive(self, timeout=None):
        self.socket.settimeout(timeout or self.timeout)
        try:
            return self.socket.recv(65536)
        except TimeoutError:
            raise AssertionError("timed out waiting for a datagram") from None

    def pending(self, milliseconds=silence_default):
        """The datagrams that arrive within that time."""
        deadline = time.monotonic() + milliseconds / 1000
        received = []
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.socket], [], [], left)[0]:
                received.append(self.socket.recv(65536))
        return received

    def close(self):
        self.socket.close()
