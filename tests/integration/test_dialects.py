"""One port, several dialects: the first bytes decide, however they are cut (PROTOCOL.md)."""

import json
import time

import harness

# A TLS record of 47 bytes that holds the beginning of a ClientHello of 43.
client_hello = bytes.fromhex("16 0301 002f 01 00002b 0303") + bytes(41)
proxy_v2 = b"\r\n\r\n\0\r\nQUIT\n"

text_lines = ("hello", "GET me a coffee", "GET", "GET /", "GET / HTTP/2", "POST it", "PROXY war",
              "PROXY TCP5 x", "PROXY TCP4", "proxy TCP4 x", "[deploy] done", "[1, 2]", '["a"]',
              "{hello}", "{ 'a': 1 }", "{", "[", "[ x", "SSH-2.0-OpenSSH", "  GET / HTTP/1.1",
              "HTTP/1.1 200 OK", "<xml/>", "#dev hi", "@ana hi")
json_lines = ('{"jsonrpc":"2.0","id":1,"method":"rooms"}', "{}", '{ \t"a":1}', "[]", '[ {"a":1}]',
              "[{", '{"')
proxy_heads = (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", b"PROXY TCP6 ::1 ::1 1 2\r\n",
               b"PROXY UNKNOWN\r\n", proxy_v2 + bytes([0x21, 0x11, 0, 12]) + bytes(12))


class FirstBytes(harness.ChatdCase):
    def ways(self, data):
        """The same bytes all at once and one at a time, each on a connection of its own."""
        whole = self.connect()
        whole.send(data)
        yield whole
        slow = self.connect()
        slow.send_slowly(data)
        yield slow

    def test_what_is_text_is_said(self):
        listener = self.person("ana")
        for text in text_lines:
            for client in self.ways((text + "\n").encode()):
                with self.subTest(text):
                    self.expect(listener, r"<guest-\d+> " + harness.re.escape(text))
                    client.close()

    def test_http(self):
        rest = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        for client in self.ways(b"GET /healthz" + rest):
            self.assertEqual(harness.parse_response(client.read_all())[0], 200)
        for client in self.ways(b"BREW /pot" + rest):
            self.assertIn(harness.parse_response(client.read_all())[0], (404, 405, 501))

    def test_tls_gets_a_handshake_failure_alert(self):
        for client in self.ways(client_hello):
            alert = client.read_all()
            # RFC 8446 6: type alert (21), any legacy version, length 2, fatal, handshake_failure.
            self.assertRegex(alert, rb"^\x15\x03[\x00-\x04]\x00\x02\x02\x28$")

    def test_json_is_answered_as_json_rpc(self):
        for text in json_lines:
            for client in self.ways((text + "\n").encode()):
                with self.subTest(text):
                    answer = json.loads(client.line())
                    answer = answer[0] if isinstance(answer, list) else answer
                    self.assertEqual(answer["jsonrpc"], "2.0")
                    self.assertIn("result" if "method" in text else "error", answer)

    def test_proxy_headers_are_refused_with_a_reason(self):
        for head in proxy_heads:
            for client in self.ways(head):
                with self.subTest(head):
                    self.assertRegex(client.read_all(), rb"^FAIL \* [A-Z_]+ :[^\n]+\n$")

    def test_nothing_of_a_refused_dialect_is_said(self):
        listener = self.person("ana")
        for data in (client_hello + b"\nhello\n", *(head + b"hello\n" for head in proxy_heads)):
            client = self.connect()
            client.send(data)
            client.read_all()
        self.expect_silence(listener)

    def test_the_dialect_never_changes(self):
        ana, bob = self.person("ana"), self.person("bob")
        for line in ("GET / HTTP/1.1", '{"jsonrpc":"2.0"}', "PROXY UNKNOWN", "[]"):
            ana.say(line)
            self.assertEqual(bob.line(), f"<ana> {line}")

    def test_an_unfinished_first_line_is_text_at_the_end(self):
        listener = self.person("ana")
        for text in ("GET me", "PROXY", "{", "[", "G"):
            client = self.connect()
            client.send(text)
            client.half_close()
            self.expect(listener, r"<guest-\d+> " + harness.re.escape(text))
            self.assertEqual(client.read_all(), b"")


class Preconnect(harness.ChatdCase):
    """Browsers open connections ahead of need and say nothing on them for a while."""

    flags = ("--listen-after", "100", "--greet-after", "0")
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    def silent_connection(self):
        silent = self.connect()
        self.expect_silence(silent, milliseconds=300)
        return silent

    def test_a_request_after_silence_is_answered_while_nothing_was_said(self):
        silent = self.silent_connection()
        silent.send(self.request)
        self.assertEqual(harness.parse_response(silent.read_all())[0], 200)

    def test_any_dialect_begins_normally_while_nothing_was_said(self):
        tls, rpc = self.silent_connection(), self.silent_connection()
        tls.send(client_hello)
        self.assertEqual(tls.read_all()[:2], b"\x15\x03")
        rpc.send("{}\n")
        self.assertEqual(json.loads(rpc.line())["error"]["code"], -32600)

    def test_after_lines_were_handed_out_foreign_bytes_close_at_once_and_nothing_is_said(self):
        ana = self.person("ana")
        for data in (self.request, client_hello, *proxy_heads):
            silent = self.silent_connection()
            ana.say("a line for listeners")
            self.assertEqual(silent.line(), "<ana> a line for listeners")
            began = time.monotonic()
            silent.send(data)
            try:
                self.assertEqual(silent.read_all(), b"")
            except ConnectionResetError:
                pass
            self.assertLess(time.monotonic() - began, 1.0)
            self.expect_silence(ana)

    def test_after_lines_were_handed_out_text_is_still_text(self):
        ana = self.person("ana")
        silent = self.silent_connection()
        ana.say("one")
        self.assertEqual(silent.line(), "<ana> one")
        silent.say("GET me a coffee")
        self.expect(ana, r"<guest-\d+> GET me a coffee")


class Greeted(harness.ChatdCase):
    flags = ("--listen-after", "100", "--greet-after", "200")

    def test_the_greeting_counts_as_lines_handed_out(self):
        ana = self.person("ana")
        silent = self.connect()
        self.expect(silent, r"NOTE \* WELCOME .*")
        silent.send(Preconnect.request)
        try:
            self.assertEqual(silent.read_all(), b"")
        except ConnectionResetError:
            pass
        self.expect_silence(ana)


class LogOfRefusals(harness.ChatdCase):
    def test_tls_refusals_log_at_most_one_line_a_second(self):
        before, began = len(self.server.log), time.monotonic()
        for _ in range(200):
            client = self.connect()
            client.send(client_hello)
            client.read_all()
            client.close()
        lines = len(self.server.log) - before
        self.assertLessEqual(lines, 2 + (time.monotonic() - began))


if __name__ == "__main__":
    harness.main()
