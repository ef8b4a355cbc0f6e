#!/usr/bin/env python3
"""A TCP proxy on loopback that behaves as bad networks do, at a test's word or by a seed.

    proxy = FaultProxy(("127.0.0.1", 4399))
    proxy.address                  # where clients connect to
    proxy.cut("rst")               # ends what is open; "fin": by FIN
    proxy.cut("fin", after=100)    # ... 100 bytes from the server later, in the middle of a message
    proxy.freeze()                 # what is open stays so, and nothing passes: half-open
    proxy.mode = "stall"           # what comes is accepted, and nothing passes
    proxy.mode = "reject"          # what comes is ended by RST; "refuse": nobody listens
    proxy.delay = 0.05             # seconds, each way
    proxy.bandwidth = 20_000       # bytes a second, each way and connection
    proxy.chaos = Chaos(seed)      # each new connection gets faults of its own
    proxy.accepted                 # when each connection came, time.monotonic()
    proxy.close()

As a program, for tests in other languages: `fault_proxy.py HOST:PORT` prints its own address, then
does what each line of stdin says (`cut rst 100`, `freeze`, `mode stall`, `delay 0.05`, `bandwidth
20000`, `chaos 7`, `calm`, `accepted`, which prints how many came) until stdin ends.
"""

import collections
import contextlib
import random
import selectors
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass

PIPE_BYTES_MAX = 64 * 1024   # read from one side and not yet passed on
PIECE_BYTES_MAX = 16 * 1024
LINKS_MAX = 1000             # open at a time; more are rejected
MODES = ("pass", "stall", "reject", "refuse")


@dataclass
class Chaos:
    """Faults by chance: the n-th connection of a seed always gets the same ones. It is cut after
    some bytes of one direction, by FIN or RST, and one in `freezes` freezes instead."""

    seed: int
    bytes_min: int = 100
    bytes_max: int = 4000
    delay_max: float = 0.02
    freezes: int = 0  # 0: none

    def plan(self, number):
        """(delay, which pipe, bytes until it happens, what happens)"""
        chance = random.Random(self.seed * 1_000_003 + number)
        what = chance.choice(["fin", "rst"])
        if self.freezes and chance.randrange(self.freezes) == 0:
            what = "freeze"
        return (chance.uniform(0, self.delay_max), chance.choice(["up", "down"]),
                chance.randint(self.bytes_min, self.bytes_max), what)


class Pipe:
    """One direction of a link: pieces with the time from which they may pass."""

    def __init__(self, source, target):
        self.source, self.target = source, target
        self.pieces = collections.deque()
        self.bytes = 0
        self.ended = False              # the source has ended its stream
        self.fault_after = None         # so many bytes more, then `fault` happens
        self.fault = ""
        self.free_at = 0.0              # bandwidth: when the next piece may go

    def push(self, data, due):
        self.pieces.append((due, data))
        self.bytes += len(data)

    def next_due(self):
        return max(self.pieces[0][0], self.free_at) if self.pieces else None


class Link:
    """A client's connection and the one to the server that belongs to it."""

    def __init__(self, client, server, delay):
        self.client, self.server, self.delay = client, server, delay
        self.down = Pipe(server, client)  # from the server
        self.up = Pipe(client, server)
        self.frozen = False

    def pipes(self):
        return (self.down, self.up)


class FaultProxy:
    def __init__(self, target, mode="pass"):
        self.target = target
        self.delay, self.bandwidth, self.chaos = 0.0, 0, None
        self.accepted = []
        self._mode, self._links, self._stalled = mode, [], []
        self._lock = threading.RLock()
        self._closed = False
        self._waker, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._listener = self._listen(0)
        self.address = self._listener.getsockname()[:2]
        self._thread = threading.Thread(target=self._run, name="fault proxy", daemon=True)
        self._thread.start()

    @staticmethod
    def _listen(port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        listener.setblocking(False)
        return listener

    # ---- what a test says -----------------------------------------------------------------------

    @property
    def mode(self):
        return self._mode

    @mode.setter
    def mode(self, mode):
        assert mode in MODES, mode
        with self._lock:
            self._mode = mode
            if mode == "refuse" and self._listener:
                self._listener.close()
                self._listener = None
            elif mode != "refuse" and not self._listener:
                self._listener = self._listen(self.address[1])
        self._wake()

    @property
    def open(self):
        """How many connections are open and pass something."""
        with self._lock:
            return sum(not link.frozen for link in self._links)

    def cut(self, how="fin", after=None, direction="down"):
        """Ends what is open: now, or so many bytes of one direction later. How many that were."""
        with self._lock:
            links = list(self._links)
            for link in links:
                if after is None:
                    self._end(link, how)
                else:
                    pipe = getattr(link, direction)
                    pipe.fault_after, pipe.fault = after, how
        self._wake()
        return len(links)

    def freeze(self):
        with self._lock:
            for link in self._links:
                link.frozen = True
        self._wake()

    def calm(self):
        """From now on what comes passes as it is."""
        self.delay, self.bandwidth, self.chaos = 0.0, 0, None
        self.mode = "pass"

    def close(self):
        self._closed = True
        self._wake()
        self._thread.join()
        with self._lock:
            for link in list(self._links):
                self._end(link, "fin")
            for stalled in self._stalled:
                stalled.close()
            if self._listener:
                self._listener.close()
            self._waker.close()
            self._woken.close()

    def _wake(self):
        with contextlib.suppress(OSError):
            self._waker.send(b"x")

    # ---- the thread -----------------------------------------------------------------------------

    def _run(self):
        while not self._closed:
            with self._lock:
                selector, timeout = self._interests(time.monotonic())
            with selector:
                ready = selector.select(timeout)
            with self._lock:
                for key, events in ready:
                    self._happened(key, events)

    def _interests(self, now):
        """What to wait for, and how long: data where there is room, room where data is due."""
        wanted, dues = {self._woken: (selectors.EVENT_READ, None)}, []
        if self._listener:
            wanted[self._listener] = (selectors.EVENT_READ, None)
        for link in self._links:
            if link.frozen:
                continue
            for pipe in link.pipes():
                if not pipe.ended and pipe.bytes < PIPE_BYTES_MAX:
                    add(wanted, pipe.source, selectors.EVENT_READ, link)
                due = pipe.next_due()
                if due is not None and due <= now:
                    add(wanted, pipe.target, selectors.EVENT_WRITE, link)
                elif due is not None:
                    dues.append(due - now)
        selector = selectors.DefaultSelector()
        for sock, (events, link) in wanted.items():
            selector.register(sock, events, link)
        return selector, min(dues, default=None)

    def _happened(self, key, events):
        if key.fileobj is self._woken:
            self._woken.recv(4096)
        elif key.fileobj is self._listener:
            self._accept()
        elif key.data in self._links and not key.data.frozen:
            link = key.data
            try:
                for pipe in link.pipes():
                    if events & selectors.EVENT_READ and pipe.source is key.fileobj:
                        self._read(link, pipe)
                    if events & selectors.EVENT_WRITE and pipe.target is key.fileobj:
                        self._write(link, pipe)
            except BlockingIOError:
                pass
            except OSError:
                self._end(link, "rst")

    def _accept(self):
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        self.accepted.append(time.monotonic())
        if self._mode == "stall":
            self._stalled.append(client)
            return
        if self._mode == "reject" or len(self._links) >= LINKS_MAX:
            return reset(client)
        try:
            server = socket.create_connection(self.target, 5)
        except OSError:
            return reset(client)
        for sock in (client, server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
        link = Link(client, server, self.delay)
        if self.chaos:
            delay, direction, after, what = self.chaos.plan(len(self.accepted))
            link.delay += delay
            pipe = getattr(link, direction)
            pipe.fault_after, pipe.fault = after, what
        self._links.append(link)

    def _read(self, link, pipe):
        data = pipe.source.recv(PIECE_BYTES_MAX)
        pipe.ended = not data
        pipe.push(data, time.monotonic() + link.delay)

    def _write(self, link, pipe):
        now = time.monotonic()
        while pipe.pieces and pipe.next_due() <= now:
            due, data = pipe.pieces.popleft()
            pipe.bytes -= len(data)
            if not data:
                return self._half_close(link, pipe)
            allowed = data[:max(1, self.bandwidth // 20)] if self.bandwidth else data
            if pipe.fault_after is not None:
                allowed = allowed[:pipe.fault_after]
            try:
                sent = pipe.target.send(allowed) if allowed else 0
            except BlockingIOError:
                sent = 0  # the piece is put back below
            if self.bandwidth:
                pipe.free_at = now + sent / self.bandwidth
            if pipe.fault_after is not None:
                pipe.fault_after -= sent
                if pipe.fault_after == 0:
                    return self._fault(link, pipe.fault)
            if sent < len(data):
                pipe.pieces.appendleft((due, data[sent:]))
                pipe.bytes += len(data) - sent
                if sent < len(allowed):
                    return

    def _fault(self, link, what):
        if what == "freeze":
            link.frozen = True
        else:
            self._end(link, what)

    def _half_close(self, link, pipe):
        pipe.target.shutdown(socket.SHUT_WR)
        if all(each.ended and not each.pieces for each in link.pipes()):
            self._end(link, "fin")

    def _end(self, link, how):
        if link in self._links:
            self._links.remove(link)
        for sock in (link.client, link.server):
            if how == "rst":
                reset(sock)
            else:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()


def add(wanted, sock, event, link):
    wanted[sock] = (wanted.get(sock, (0, link))[0] | event, link)


def reset(sock):
    """Ends by RST rather than FIN."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def obey(proxy, words):
    """One line of stdin."""
    name, *values = words
    if name == "cut":
        how, after = (*values, "fin", "")[:2] if values else ("fin", "")
        proxy.cut(how, int(after) if after.isdigit() else None)
    elif name == "chaos":
        proxy.chaos = Chaos(int(values[0]))
    elif name == "mode":
        proxy.mode = values[0]
    elif name in ("delay", "bandwidth"):
        setattr(proxy, name, float(values[0]) if name == "delay" else int(values[0]))
    elif name in ("freeze", "calm"):
        getattr(proxy, name)()
    elif name == "accepted":
        print(len(proxy.accepted), flush=True)
    else:
        sys.exit(f"no such fault: {name}")


def main():
    if len(sys.argv) != 2 or ":" not in sys.argv[1]:
        sys.exit(__doc__)
    host, _, port = sys.argv[1].rpartition(":")
    proxy = FaultProxy((host, int(port)))
    print("%s:%d" % proxy.address, flush=True)
    for line in sys.stdin:
        if line.strip():
            obey(proxy, line.split())
    proxy.close()


if __name__ == "__main__":
    main()
