"""WebSocket over a real socket: the handshake, the text dialect, /echo and keepalive."""

import base64
import os
import struct
import time

import harness
import rfc6455
from harness import Opcode

no_mask_work = b"\0\0\0\0"  # a legal key that leaves the payload as it is: big messages stay cheap
mebibyte = 1 << 20


class Handshake(harness.ChatdCase):
    flags = ("--origin", "https://chat.example")

    def upgrade(self, path="/ws", method="GET", version="HTTP/1.1", **changes):
        """(status, headers) of an upgrade request; a changed header of None is left out."""
        client = self.connect()
        host = "localhost:%d" % self.server.address()[1]
        headers = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade",
                   "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
                   "Sec-WebSocket-Version": "13"}
        headers.update({name.replace("_", "-"): value for name, value in changes.items()})
        lines = [f"{name}: {value.replace('SELF', host)}" for name, value in headers.items()
                 if value is not None]
        client.send("\r\n".join([f"{method} {path} {version}", *lines, "", ""]))
        head = client.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        client.close()
        return int(head[0].split()[1]), fields

    def assert_status(self, wanted, *where, **changes):
        status, fields = self.upgrade(*where, **changes)
        self.assertEqual(status, wanted, (where, changes))
        return fields

    def test_paths(self):
        for path in ("/ws", "/", "/echo"):
            fields = self.assert_status(101, path)
            self.assertEqual(fields["upgrade"], "websocket")
            self.assertEqual(fields["connection"], "upgrade")
        self.assert_status(404, "/nosuch")

    def test_the_accept_key_of_rfc_6455_1_3(self):
        fields = self.assert_status(101, Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")
        self.assertEqual(fields["sec-websocket-accept"], "s3pplmbitxaq9kygzzhzrbk+xoo=")

    def test_lists_and_cases_are_read_as_http_has_them(self):
        self.assert_status(101, Connection="keep-alive, Upgrade", Upgrade="WebSocket")
        self.assert_status(101, Connection="UPGRADE", Upgrade="websocket")

    def test_method(self):
        fields = self.assert_status(405, "/ws", "POST")
        self.assertIn("get", fields["allow"])

    def test_version(self):
        for version in ("8", "14", "0", "x"):
            fields = self.assert_status(426, Sec_WebSocket_Version=version)
            self.assertEqual(fields["sec-websocket-version"], "13")

    def test_no_upgrade(self):
        for changes in ({"Upgrade": None}, {"Upgrade": None, "Connection": None}):
            fields = self.assert_status(426, "/ws", **changes)
            self.assertEqual(fields["sec-websocket-version"], "13")
            self.assertEqual(fields["upgrade"], "websocket")

    def test_key(self):
        for key in (None, "", "short", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ==x",
                    base64.b64encode(bytes(15)).decode(), base64.b64encode(bytes(17)).decode()):
            self.assert_status(400, Sec_WebSocket_Key=key)

    def test_host(self):
        self.assert_status(400, Host=None)

    def test_http_1_0_cannot_upgrade(self):
        status, _ = self.upgrade(version="HTTP/1.0")
        self.assertIn(status, (400, 426, 505))

    def test_origins_that_may(self):
        for changes in ({"Origin": "http://SELF"}, {"Origin": "https://chat.example"},
                        {"Host": "127.0.0.1:4399", "Origin": "http://127.0.0.1:4399"},
                        {"Host": "[::1]:4399", "Origin": "http://[::1]:4399"},
                        {"Host": "localhost", "Origin": "http://localhost"},
                        {"Host": "localhost", "Origin": "http://localhost:80"},
                        {"Host": "LOCALHOST:80", "Origin": "http://localhost"},
                        {"Origin": "https://chat.example", "Sec_Fetch_Site": "cross-site"},
                        {"Origin": "http://SELF", "Sec_Fetch_Site": "same-origin"}):
            self.assert_status(101, **changes)

    def test_origins_that_may_not(self):
        for changes in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": ""},
                        {"Origin": "http://localhost:1"}, {"Origin": "http://localhost"},
                        {"Host": "evil.example", "Origin": "http://evil.example"},
                        {"Host": "127.0.0.1.evil.example",
                         "Origin": "http://127.0.0.1.evil.example"},
                        {"Origin": "http://chat.example"}, {"Origin": "https://chat.example:444"},
                        {"Origin": "https://chat.example.evil"},
                        {"Sec_Fetch_Site": "cross-site"},
                        {"Origin": "http://SELF", "Sec_Fetch_Site": "cross-site"}):
            self.assert_status(403, **changes)

    def test_subprotocols(self):
        for offered, chosen in (("chatd.text.v1", "chatd.text.v1"),
                                ("nosuch, chatd.text.v1", "chatd.text.v1"),
                                ("chatd.text.v2,chatd.text.v1 , x", "chatd.text.v1"),
                                ("nosuch", None), ("nosuch, other", None), (None, None)):
            fields = self.assert_status(101, Sec_WebSocket_Protocol=offered)
            self.assertEqual(fields.get("sec-websocket-protocol"), chosen, offered)

    def test_extensions_are_declined(self):
        for offer in ("permessage-deflate", "permessage-deflate; client_max_window_bits, x-nosuch"):
            fields = self.assert_status(101, Sec_WebSocket_Extensions=offer)
            self.assertNotIn("sec-websocket-extensions", fields)

    def test_a_frame_right_behind_the_request_is_not_lost(self):
        client = self.connect()
        head = rfc6455.request_head("localhost", 1, "/echo", "dGhlIHNhbXBsZSBub25jZQ==")
        client.send(head + rfc6455.encode_frame(Opcode.text, b"early"))
        client.read_until(b"\r\n\r\n")
        self.assertEqual(client.read_exactly(7), b"\x81\x05early")


class Text(harness.ChatdCase):
    flags = ("--greet-after", "0")

    def test_nc_and_websocket_talk_to_each_other(self):
        ana, bob = self.person("ana"), self.text_socket("bob")
        ana.say("hello bob")
        self.expect_message(bob, "<ana> hello bob")
        bob.send(Opcode.text, "gr\u00fc\u00dfe, ana".encode())
        self.assertEqual(ana.line(), "<bob> gr\u00fc\u00dfe, ana")
        bob.send(Opcode.text, b"/msg ana psst")
        self.assertEqual(ana.line(), "@bob psst")
        self.assertTrue(bob.receive()[1].startswith(b"NOTE MSG "))

    def test_two_websockets_talk_and_hear_no_echo(self):
        one, other = self.text_socket("one"), self.text_socket("other")
        for number in range(100):
            one.send(Opcode.text, b"%d" % number)
        for number in range(100):
            self.expect_message(other, f"<one> {number}")
        other.send(Opcode.text, b"done")
        self.expect_message(one, "<other> done")

    def test_a_text_message_is_one_line_and_never_ends_in_a_newline(self):
        ana, bob = self.person("ana"), self.text_socket("bob")
        bob.send(Opcode.text, b"/who")
        messages = [bob.receive()[1] for _ in range(3)]
        self.assertTrue(all(b"\n" not in message for message in messages), messages)
        bob.send(Opcode.text, b"two\nlines")
        self.assertRegex(bob.receive()[1].decode(), r"^FAIL \* NEWLINE :")
        self.expect_silence(ana)

    def test_a_message_in_fragments_is_one_line(self):
        ana, bob = self.person("ana"), self.text_socket("bob")
        payload = "\u65e5\u672c\u8a9e".encode()
        bob.send(Opcode.text, payload[:2], fin=False)
        bob.send(Opcode.continuation, payload[2:4], fin=False)
        bob.send(Opcode.ping, b"between")
        bob.send(Opcode.continuation, payload[4:])
        self.assertEqual(bob.receive(), (Opcode.pong, b"between"))
        self.assertEqual(ana.line(), "<bob> \u65e5\u672c\u8a9e")

    def test_too_long_for_a_line_and_too_big_for_a_message(self):
        ana, bob = self.person("ana"), self.text_socket("bob")
        bob.send(Opcode.text, b"x" * 4096)
        self.assertEqual(ana.line(), "<bob> " + "x" * 4096)
        for size in (4097, 65536):
            bob.send(Opcode.text, b"x" * size)
            self.assertRegex(bob.receive()[1].decode(), r"^FAIL \* LINE_TOO_LONG :")
        bob.send(Opcode.text, b"x" * 65537)
        self.expect_close(bob, 1009)
        self.expect_silence(ana)

    def test_json_as_the_first_message_is_json_rpc_from_then_on(self):
        connection = self.websocket()
        connection.send(Opcode.text, b'{"jsonrpc":"2.0","id":1,"method":"rooms"}')
        opcode, payload = connection.receive()
        while payload.startswith(b"NOTE "):
            opcode, payload = connection.receive()
        self.assertEqual(opcode, Opcode.text)
        self.assertIn(b'"result":{"rooms":', payload)
        connection.send(Opcode.text, b'{"jsonrpc":"2.0","id":2,"method":"ping"}')
        self.assertIn(b'"id":2', connection.receive()[1])

    def test_with_the_text_subprotocol_json_is_only_text(self):
        ana, bob = self.person("ana"), self.websocket(protocols=["chatd.text.v1"])
        bob.send(Opcode.text, b'{"a":1}')
        self.expect(ana, r'<guest-\d+> \{"a":1\}')

    def test_after_a_first_line_json_is_only_text(self):
        ana, bob = self.person("ana"), self.text_socket("bob")
        bob.send(Opcode.text, b'{"a":1}')
        self.assertEqual(ana.line(), '<bob> {"a":1}')

    def test_binary_is_not_text(self):
        bob = self.text_socket("bob")
        bob.send(Opcode.binary, b"\x01\x02")
        self.expect_close(bob, 1003)

    def test_quit_closes_properly(self):
        bob = self.text_socket("bob")
        bob.send(Opcode.text, b"/quit")
        self.assertTrue(bob.receive()[1].startswith(b"NOTE QUIT "))
        self.expect_close(bob, 1000)

    def test_an_end_without_close_frame_is_leaving(self):
        ana, bob = self.person("ana"), self.text_socket("bob")
        bob.socket.close()
        bob.abandon()

        def gone():
            ana.say("/who")
            return len(self.expect_list(ana, "WHO")) == 1
        self.eventually(gone, "bob is gone")


class Closing(harness.ChatdCase):
    def test_a_close_is_answered_with_its_code(self):
        for code in (1000, 1001, 3000, 4999):
            self.assertEqual(self.websocket("/echo").close(code), code)

    def test_a_close_without_code(self):
        connection = self.websocket("/echo")
        connection.send(Opcode.close)
        self.assertEqual(connection.receive()[0], Opcode.close)
        self.assertEqual(connection.reader.read(), b"")

    def test_the_server_ends_the_stream_first(self):
        """RFC 6455 7.1.1, and the client's late bytes cause no reset that eats the answer."""
        connection = self.websocket("/echo")
        connection.send(Opcode.close, struct.pack("!H", 1000))
        for _ in range(20):
            connection.send(Opcode.text, b"late")
        self.assertEqual(connection.receive(), (Opcode.close, struct.pack("!H", 1000)))
        self.assertEqual(connection.reader.read(), b"")

    def test_protocol_errors_close_with_their_code(self):
        for sent, code in ((b"\x81\x05hello", 1002), (b"\xc1\x80\0\0\0\0", 1002),
                           (b"\x83\x80\0\0\0\0", 1002),
                           (rfc6455.encode_frame(Opcode.text, b"\xff"), 1007),
                           (rfc6455.encode_frame(Opcode.close, b"\x03\xed"), 1002),
                           (b"\x82\xff" + struct.pack("!Q", 16 * mebibyte + 1) + no_mask_work,
                            1009)):
            connection = self.websocket("/echo")
            connection.socket.sendall(sent)
            self.expect_close(connection, code)
            self.assertEqual(connection.reader.read(), b"")


class Echo(harness.ChatdCase):
    def test_text_and_binary(self):
        connection = self.websocket("/echo")
        for opcode, payload in ((Opcode.text, b""), (Opcode.text, "\U0001f600".encode()),
                                (Opcode.binary, b""),
                                (Opcode.binary, bytes(range(256))),
                                (Opcode.binary, b"GET / HTTP/1.1\r\n\r\n")):
            connection.send(opcode, payload)
            self.assertEqual(connection.receive(), (opcode, payload))

    def test_every_length_form(self):
        connection = self.websocket("/echo")
        for size in (0, 1, 125, 126, 127, 128, 65535, 65536, mebibyte):
            payload = os.urandom(size)
            connection.send(Opcode.binary, payload)
            self.assertEqual(connection.receive(), (Opcode.binary, payload), size)

    def test_sixteen_mebibytes_and_not_a_byte_more(self):
        connection = self.websocket("/echo", timeout=20)
        payload = os.urandom(mebibyte) * 16
        connection.send(Opcode.binary, payload, mask=no_mask_work)
        self.assertEqual(connection.receive(), (Opcode.binary, payload))
        text = ("\u20ac" * 5 + "x").encode() * mebibyte
        connection.send(Opcode.text, text, mask=no_mask_work)
        self.assertEqual(connection.receive(), (Opcode.text, text))
        connection.send(Opcode.binary, payload + b"x", mask=no_mask_work)
        self.expect_close(connection, 1009)

    def test_sixteen_mebibytes_in_fragments(self):
        connection = self.websocket("/echo", timeout=20)
        part = os.urandom(65536)
        connection.send(Opcode.binary, part, fin=False, mask=no_mask_work)
        for number in range(255):
            connection.send(Opcode.continuation, part, fin=number == 254, mask=no_mask_work)
        self.assertEqual(connection.receive(), (Opcode.binary, part * 256))

    def test_the_fragments_are_counted(self):
        frame = rfc6455.encode_frame(Opcode.continuation, b"x", fin=False, mask=no_mask_work)
        first = rfc6455.encode_frame(Opcode.text, b"x", fin=False, mask=no_mask_work)
        last = rfc6455.encode_frame(Opcode.continuation, b"x", mask=no_mask_work)
        connection = self.websocket("/echo", timeout=20)
        connection.socket.sendall(first + frame * 65534 + last)
        self.assertEqual(connection.receive(), (Opcode.text, b"x" * 65536))
        connection.socket.sendall(first + frame * 65536)
        self.expect_close(connection, 1009)

    def test_unfinished_messages_share_one_budget(self):
        """64 MiB in all: the fifth of five connections with 15 MiB each is told to come back."""
        part = bytes(15 * mebibyte)
        connections = [self.websocket("/echo", timeout=20) for _ in range(5)]
        for connection in connections[:4]:
            connection.send(Opcode.binary, part, fin=False, mask=no_mask_work)
            connection.send(Opcode.ping, b"read")
            self.assertEqual(connection.receive(), (Opcode.pong, b"read"))
        try:
            connections[4].send(Opcode.binary, part, fin=False, mask=no_mask_work)
        except OSError:
            pass  # refused before all of it was sent
        self.expect_close(connections[4], 1013)
        for connection in connections[:4]:
            connection.send(Opcode.continuation, b"end")
            self.assertEqual(connection.receive(), (Opcode.binary, part + b"end"))

    def test_it_stops_reading_while_its_answer_is_unsent(self):
        connection = self.websocket("/echo", timeout=1.0)
        frame = rfc6455.encode_frame(Opcode.binary, bytes(mebibyte), mask=no_mask_work)
        before, sent = self.server.resident_kib(), 0
        with self.assertRaises(TimeoutError):
            while sent < 256 * mebibyte:
                connection.socket.sendall(frame)
                sent += len(frame)
        self.expect_growth_below(40 * 1024, before)
        self.assertLess(sent, 64 * mebibyte)
        self.expect_alive()


class Keepalive(harness.ChatdCase):
    flags = ("--ws-ping-interval", "1", "--ws-pong-timeout", "1")

    def test_who_answers_stays(self):
        connection = self.websocket("/echo")
        for _ in range(3):
            fin, opcode, payload = connection.receive_frame()
            self.assertEqual((fin, opcode), (True, Opcode.ping))
            connection.send(Opcode.pong, payload)
        connection.send(Opcode.text, b"still here")
        self.expect_message(connection, "still here")

    def test_who_is_silent_is_closed(self):
        connection = self.websocket("/echo")
        began = time.monotonic()
        self.assertEqual(connection.receive_frame()[1], Opcode.ping)
        try:
            while connection.receive_frame()[1] != Opcode.close:
                pass
        except (EOFError, ConnectionResetError):
            pass
        self.assertGreater(time.monotonic() - began, 1.5)
        self.assertLess(time.monotonic() - began, 4.5)

    def test_any_byte_counts_as_an_answer(self):
        connection = self.websocket("/echo")
        deadline = time.monotonic() + 3.5
        while time.monotonic() < deadline:
            connection.send(Opcode.text, b"busy")
            while (frame := connection.receive_frame())[1] == Opcode.ping:
                pass
            self.assertEqual(frame, (True, Opcode.text, b"busy"))
            time.sleep(0.2)

    def test_text_connections_are_not_pinged(self):
        self.expect_silence(self.person("ana"), milliseconds=1500)


if __name__ == "__main__":
    harness.main()
