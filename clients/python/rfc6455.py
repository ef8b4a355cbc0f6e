"""A WebSocket client by hand (RFC 6455): the handshake, masked frames, ping and close.

    connection = WebSocket("localhost", 4399, "/ws")
    connection.send(Opcode.text, b"hello")
    opcode, payload = connection.receive()
    connection.close()
"""

import base64
import enum
import hashlib
import os
import socket
import struct


class Opcode(enum.IntEnum):
    continuation, text, binary, close, ping, pong = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


class Refused(Exception):
    """The server did not upgrade, or broke the protocol."""


def encode_frame(opcode, payload, fin=True, reserved=0, mask=True):
    """One frame, RFC 6455 5.2. `mask` is True for a fresh key, a key of 4 bytes, or None."""
    key = os.urandom(4) if mask is True else mask
    bit = 0x80 if key else 0
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 65536:
        head += struct.pack("!BH", bit | 126, len(payload))
    else:
        head += struct.pack("!BQ", bit | 127, len(payload))
    return head + key + masked(payload, key) if key else head + payload


def masked(payload, key):
    """RFC 6455 5.3: octet i is XORed with octet i mod 4 of the key; here all at once."""
    pad = (key * (len(payload) // 4 + 1))[:len(payload)]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")
    return mixed.to_bytes(len(payload), "big")


def request_head(host, port, path, key, protocols=(), headers=()):
    """The upgrade request, RFC 6455 4.1."""
    name = f"[{host}]" if ":" in host else host
    lines = [f"GET {path} HTTP/1.1", f"Host: {name}:{port}", "Upgrade: websocket",
             "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    if protocols:
        lines.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
    return "\r\n".join([*lines, *headers, "", ""]).encode()


class WebSocket:
    """A connection. Pings are answered on the way; a pong or a close is returned like a message."""

    def __init__(self, host, port, path="/ws", protocols=(), headers=(), timeout=5.0):
        self.socket = socket.create_connection((host, port), timeout)
        self.reader = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(request_head(host, port, path, key, protocols, headers))
        self.status = self.reader.readline().decode("latin-1").strip()
        self.headers = {}
        while line := self.reader.readline().strip():
            field, _, value = line.decode("latin-1").partition(":")
            self.headers[field.strip().lower()] = value.strip()
        proof = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        if not self.status.startswith("HTTP/1.1 101 "):
            self.abandon()
            raise Refused(f"no upgrade: {self.status!r}")
        if self.headers.get("sec-websocket-accept") != base64.b64encode(proof).decode():
            self.abandon()
            raise Refused("a wrong Sec-WebSocket-Accept")

    def send(self, opcode, payload=b"", **how):
        self.socket.sendall(encode_frame(opcode, payload, **how))

    def exactly(self, count):
        received = self.reader.read(count)
        if len(received) < count:
            raise EOFError("the connection ended without a close frame")
        return received

    def receive_frame(self):
        """(fin, opcode, payload) of one frame as it came."""
        first, second = self.exactly(2)
        if second & 0x80 or first & 0x70:
            raise Refused("a server's frame has neither mask nor reserved bits")
        length = second & 0x7F
        if length > 125:
            length = int.from_bytes(self.exactly(2 if length == 126 else 8), "big")
        return bool(first & 0x80), Opcode(first & 0x0F), self.exactly(length)

    def receive(self):
        """(opcode, payload) of the next message, pong or close; raises TimeoutError, EOFError."""
        kind, parts = None, []
        while True:
            fin, opcode, payload = self.receive_frame()
            if opcode == Opcode.ping:
                self.send(Opcode.pong, payload)
            elif opcode in (Opcode.pong, Opcode.close):
                return opcode, payload
            else:
                kind = kind if opcode == Opcode.continuation else opcode
                parts.append(payload)
                if fin:
                    return kind, b"".join(parts)

    def close(self, code=1000):
        """The close handshake, RFC 6455 7.1.2; returns the code that came back, or None."""
        self.send(Opcode.close, struct.pack("!H", code))
        opcode, payload = self.receive()
        while opcode != Opcode.close:
            opcode, payload = self.receive()
        self.abandon()
        return struct.unpack("!H", payload[:2])[0] if payload else None

    def abandon(self):
        self.reader.close()
        self.socket.close()
