"""HTTP/1.1: the pages, the codes, keep-alive, pipelining, and heads that never end."""

import re
import time

import harness

host = "Host: localhost\r\n"
label = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
sample = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{{{label}(?:,{label})*\}})?"
                    r" (NaN|[+-]?Inf|[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)( -?[0-9]+)?")


class Pages(harness.ChatdCase):
    def test_the_page_says_what_this_is_and_how_to_come_without_scripts(self):
        status, headers, body = self.server.http("/")
        self.assertEqual(status, 200)
        self.assertRegex(headers["content-type"], r"^text/html; ?charset=utf-8$")
        page = body.decode()
        self.assertIn("<title>chatd", page)
        self.assertIn("nc localhost 4399", page)

    def test_health(self):
        for target in ("/healthz", "/readyz"):
            status, headers, body = self.server.http(target)
            self.assertEqual(status, 200, target)
            self.assertTrue(headers["content-type"].startswith("text/plain"))
            self.assertTrue(body)

    def test_a_query_is_not_part_of_the_path(self):
        self.assertEqual(self.server.http("/healthz?probe=1")[0], 200)

    def test_head_has_the_same_head_and_no_body(self):
        for target in ("/", "/healthz"):
            got, asked = self.server.http(target), self.server.http(target, "HEAD")
            self.assertEqual(asked[0], 200)
            self.assertEqual(asked[1]["content-length"], got[1]["content-length"])
            self.assertEqual(asked[2], b"")

    def test_unknown_paths(self):
        for target in ("/nosuch", "/healthz/", "/../etc/passwd", "/%2e%2e/etc/passwd", "/ws/x",
                       "//"):
            self.assertEqual(self.server.http(target)[0], 404, target)

    def test_unknown_methods(self):
        for target in ("/", "/healthz", "/metrics"):
            for method in ("POST", "DELETE", "OPTIONS", "PATCH"):
                status, headers, _ = self.server.http(target, method)
                self.assertEqual(status, 405, (target, method))
                self.assertIn("GET", headers["allow"])
        self.assertIn(self.server.http("/", "BREW")[0], (405, 501))

    def test_a_foreign_page_may_not_read(self):
        for header in ("Origin: http://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"):
            self.assertEqual(self.server.http("/metrics", headers=[header])[0], 403, header)


class Metrics(harness.ChatdCase):
    def test_it_is_prometheus_text(self):
        status, headers, body = self.server.http("/metrics")
        self.assertEqual(status, 200)
        self.assertRegex(headers["content-type"], r"^text/plain; ?version=0\.0\.4")
        self.assertTrue(body.endswith(b"\n"))
        kinds, seen = {}, set()
        for line in body.decode().splitlines():
            if match := re.fullmatch(r"# TYPE (\S+) (counter|gauge|histogram|summary|untyped)",
                                     line):
                self.assertNotIn(match[1], kinds, "one TYPE line a family")
                kinds[match[1]] = match[2]
            elif not line.startswith("#"):
                match = sample.fullmatch(line)
                self.assertIsNotNone(match, line)
                family = re.sub(r"_(bucket|sum|count)$", "", match[1])
                self.assertTrue(match[1] in kinds or family in kinds, f"no TYPE before {line!r}")
                self.assertNotIn((match[1], match[2]), seen, "one sample a series")
                seen.add((match[1], match[2]))
        self.assertTrue(all(name.startswith("chatd_") or name.startswith("process_")
                            for name in kinds), kinds)

    def test_it_counts_what_happens(self):
        before = self.server.metrics()
        ana, bob = self.person("ana"), self.person("bob")
        for _ in range(10):
            ana.say("hello")
        for _ in range(10):
            bob.line()
        after = self.server.metrics()
        grown = {name: after[name] - before.get(name, 0) for name in after}

        self.assertEqual(grown["chatd_messages_total"], 10)
        self.assertEqual(grown["chatd_deliveries_total"], 10)
        self.assertGreaterEqual(grown["chatd_sent_bytes_total"], 10 * len("<ana> hello\n"))
        for family in ("connections", "dropped", "datagrams", "ring_", "send_records"):
            self.assertTrue([name for name in after if family in name], f"nothing about {family}")

    def test_connections_by_transport(self):
        self.person("ana")
        self.text_socket("bob")
        labels = [name for name, value in self.server.metrics().items()
                  if "connections" in name and "{" in name and value >= 1]
        self.assertTrue([name for name in labels if "text" in name], labels)
        self.assertTrue([name for name in labels if "websocket" in name], labels)


class Requests(harness.ChatdCase):
    def responses(self, client, count):
        """The status codes of so many responses on one connection."""
        codes = []
        for _ in range(count):
            head = client.read_until(b"\r\n\r\n").decode("latin-1")
            codes.append(int(head.split()[1]))
            length = re.search(r"(?i)content-length: (\d+)", head)
            client.read_exactly(int(length[1]) if length else 0)
        return codes

    def test_keep_alive(self):
        client = self.connect()
        for target, code in (("/healthz", 200), ("/nosuch", 404), ("/", 200)):
            client.send(f"GET {target} HTTP/1.1\r\n{host}\r\n")
            self.assertEqual(self.responses(client, 1), [code])

    def test_pipelining_answers_in_order(self):
        client = self.connect()
        client.send("".join(f"GET {target} HTTP/1.1\r\n{host}\r\n"
                            for target in ["/healthz", "/nosuch", "/readyz"] * 50))
        self.assertEqual(self.responses(client, 150), [200, 404, 200] * 50)

    def test_one_byte_at_a_time(self):
        client = self.connect()
        client.send_slowly(f"GET /healthz HTTP/1.1\r\n{host}\r\nGET /nosuch HTTP/1.1\r\n{host}\r\n")
        self.assertEqual(self.responses(client, 2), [200, 404])

    def test_close_closes(self):
        client = self.connect()
        client.send(f"GET /healthz HTTP/1.1\r\n{host}Connection: close\r\n\r\n")
        self.assertEqual(harness.parse_response(client.read_all())[0], 200)

    def test_http_1_0_closes(self):
        client = self.connect()
        client.send("GET /healthz HTTP/1.0\r\n\r\n")
        self.assertEqual(harness.parse_response(client.read_all())[0], 200)

    def test_a_websocket_may_follow_a_page(self):
        client = self.connect()
        client.send(f"GET /healthz HTTP/1.1\r\n{host}\r\n")
        self.assertEqual(self.responses(client, 1), [200])
        client.send(harness.rfc6455.request_head("localhost", 1, "/echo",
                                                 "dGhlIHNhbXBsZSBub25jZQ=="))
        self.assertIn(b" 101 ", client.read_until(b"\r\n\r\n"))
        client.send(harness.rfc6455.encode_frame(harness.Opcode.text, b"hi"))
        self.assertEqual(client.read_exactly(4), b"\x81\x02hi")

    def test_bad_heads(self):
        for head in (f"GET / HTTP/1.1\r\n\r\n", f"GET / HTTP/1.1\r\n{host}{host}\r\n",
                     f"GET / HTTP/1.1\r\n{host}no colon\r\n\r\n",
                     f"GET / HTTP/1.1\r\n{host} folded: x\r\n\r\n",
                     f"GET / HTTP/1.1\r\n{host}X: a\0b\r\n\r\n",
                     f"POST / HTTP/1.1\r\n{host}Content-Length: x\r\n\r\n",
                     f"POST / HTTP/1.1\r\n{host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
                     f"POST / HTTP/1.1\r\n{host}Content-Length: 4\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
            client = self.connect()
            client.send(head)
            with self.subTest(head):
                self.assertEqual(harness.parse_response(client.read_all())[0], 400)

    def test_a_body_is_never_taken_for_a_request(self):
        hidden = f"GET /nosuch HTTP/1.1\r\n{host}\r\n"
        for head in (f"GET /healthz HTTP/1.1\r\n{host}Content-Length: {len(hidden)}\r\n\r\n",
                     f"POST /healthz HTTP/1.1\r\n{host}Content-Length: {len(hidden)}\r\n\r\n"):
            client = self.connect()
            client.send(head + hidden)
            client.half_close()
            self.assertEqual(client.read_all().count(b"HTTP/1.1 "), 1)

    def test_a_head_may_have_16_kib(self):
        client = self.connect()
        client.send(f"GET /healthz HTTP/1.1\r\n{host}X-Long: {'x' * 15000}\r\n\r\n")
        self.assertEqual(self.responses(client, 1), [200])

    def test_a_larger_head_is_refused(self):
        for oversized in (f"X-Long: {'x' * 20000}\r\n", "X: y\r\n" * 4000):
            client = self.connect()
            client.send(f"GET /healthz HTTP/1.1\r\n{host}{oversized}")
            self.assertEqual(harness.parse_response(client.read_all())[0], 431)
        client = self.connect()
        client.send(f"GET /{'x' * 20000} HTTP/1.1\r\n{host}\r\n")
        self.assertIn(harness.parse_response(client.read_all())[0], (414, 431))

    def test_the_answer_to_an_error_is_not_eaten_by_a_reset(self):
        for _ in range(20):
            client = self.connect()
            client.send(f"GET /healthz HTTP/1.1\r\n{host}X: " + "x" * 200_000)
            self.assertEqual(harness.parse_response(client.read_all())[0], 431)
            client.close()


class SlowHeads(harness.ChatdCase):
    """Slow-loris: a head has ten seconds, and one byte a second does not prolong them."""

    def test_four_kinds_of_slow(self):
        beginnings = ("GET /heal", f"GET /healthz HTTP/1.1\r\n{host}", "POST ",
                      f"GET /healthz HTTP/1.1\r\n{host}X-Slow: ")
        slow = [self.connect() for _ in beginnings]
        began = time.monotonic()
        for client, head in zip(slow, beginnings):
            client.send(head)
        for _ in range(7):
            time.sleep(1)
            for client in slow:
                client.send("x")
                self.assertFalse(client.pending(1), "ten seconds are not over")
        for client in slow:
            self.assertEqual(harness.parse_response(client.read_all(timeout=8))[0], 408)
        self.assertGreater(time.monotonic() - began, 9.5)
        self.assertLess(time.monotonic() - began, 13)
        self.expect_alive()


if __name__ == "__main__":
    harness.main()
