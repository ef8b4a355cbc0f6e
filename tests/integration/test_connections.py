"""`connections`: who is connected, and what the kernel knows of each, in every dialect."""

import contextlib
import json
import re
import socket

import harness
from connections import Client


def address_elsewhere():
    """An address of this machine that is not loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: nothing is sent
            name = probe.getsockname()[0]
            if not name.startswith(("127.", "0.")):
                return name
    return None


class Connections(harness.ChatdCase):
    def page(self, query="", server=None):
        status, headers, body = (server or self.server).http("/v1/connections" + query)
        self.assertEqual(status, 200)
        self.assertEqual(headers["content-type"], "application/json")
        return json.loads(body)

    def rows(self, **how):
        return {row["peer"]: row for row in self.page(**how)["connections"]}

    def local_name(self, client):
        host, port = client.local_address()
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def test_a_connection_is_listed_with_its_address_and_its_tcp(self):
        ana = self.person("ana")
        row = self.rows()[self.local_name(ana)]
        self.assertEqual(row["nick"], "ana")
        self.assertEqual(row["dialect"], "text")
        self.assertEqual(row["rooms"], ["lobby"])
        self.assertRegex(row["since"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual((row["held_bytes"], row["behind"]), (0, 0))
        tcp = row["tcp"]
        self.assertEqual(tcp["state"], "ESTAB")
        self.assertEqual(tcp["received_bytes"], len("/nick ana\n"))
        self.assertGreater(tcp["sent_bytes"], 0)
        for name in ("rtt_us", "rto_us", "mss_bytes", "cwnd"):
            self.assertGreater(tcp[name], 0, name)
        for name in ("lost", "retrans", "receive_queue_bytes", "notsent_bytes"):
            self.assertEqual(tcp[name], 0, name)

    def test_over_ipv6_and_by_any_address_it_is_the_same(self):
        wide = self.start(tcp=("0.0.0.0:0", "[::1]:0"))
        for family in (socket.AF_INET, socket.AF_INET6):
            client = self.connect(family, server=wide)
            client.say("/nick ana" + ("6" if family == socket.AF_INET6 else "4"))
            client.line()
            row = self.rows(server=wide)[self.local_name(client)]
            self.assertEqual(row["tcp"]["state"], "ESTAB")

    def test_a_reader_that_stopped_shows(self):
        ana = self.person("ana")
        slow = self.person("slow")
        name = self.local_name(slow)
        for _ in range(400):
            ana.say("x" * 4000)
        self.eventually(lambda: self.rows()[name]["tcp"]["send_queue_bytes"] > 0, "it queues")
        row = self.rows()[name]
        self.assertGreater(row["held_bytes"] + row["behind"] + row["tcp"]["notsent_bytes"], 0)

    def test_a_reader_of_events_is_listed_as_one(self):
        reader = self.connect()
        reader.send(b"GET /v1/rooms/lobby/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        name = self.local_name(reader)
        self.eventually(lambda: self.rows().get(name, {}).get("dialect") == "events", "it reads")
        self.assertEqual(self.rows()[name]["tcp"]["state"], "ESTAB")

    def test_pages_have_everybody_once(self):
        clients = [self.connect() for _ in range(130)]
        seen, after, pages = [], 0, 0
        while after is not None:
            page = self.page(f"?limit=50&after={after}")
            seen += [row["peer"] for row in page["connections"]]
            after, pages = page.get("next"), pages + 1
        names = {self.local_name(client) for client in clients}
        self.assertEqual(len(seen), len(set(seen)))
        self.assertLessEqual(names, set(seen))
        self.assertEqual(pages, 3)

    def test_udp_peers_are_listed_with_their_counts(self):
        first, second = self.joined_peers(2)
        first.send(b"abc")
        self.assertEqual(second.receive(), b"abc")
        peers = {peer["peer"]: peer for peer in self.page()["peers"]}
        host, port = first.socket.getsockname()[:2]
        row = peers[f"{host}:{port}"]
        self.assertGreaterEqual(row["received"], 1)
        self.assertGreaterEqual(row["received_bytes"], 3)
        self.assertRegex(row["id"], r"^udp:\d+$")

    def test_text_and_json_rpc_tell_the_same(self):
        ana = self.person("ana")
        ana.say("/connections")
        lines = self.expect_list(ana, "CONNECTIONS")
        self.assertRegex(lines[0], rf"^\d+ text {re.escape(self.local_name(ana))} ana #lobby since "
                                   r"\S+ held \d+ behind \d+ ESTAB in \d+ out \d+ .*rtt_us \d+ ")
        bot = self.connect()
        bot.say('{"jsonrpc":"2.0","id":1,"method":"connections"}')
        answer = json.loads(bot.line())
        self.assertEqual(len(answer["result"]["connections"]), 2)

    def test_from_elsewhere_it_is_refused(self):
        elsewhere = address_elsewhere()
        if elsewhere is None:
            self.skipTest("this machine has no address but loopback")
        wide = self.start(tcp=("0.0.0.0:0",))
        port = wide.address()[1]
        client = self.keep(Client((elsewhere, port)))
        client.send(b"GET /v1/connections HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        status, _, body = harness.parse_response(client.read_all())
        self.assertEqual(status, 403)
        problem = json.loads(body)
        self.assertEqual(problem["code"], "LOCAL_ONLY")
        self.assertIn("server's own machine", problem["detail"])
        # And who is on this machine sees them, address and all.
        far = self.keep(Client((elsewhere, port)))
        far.say("/nick far")
        far.line()
        row = self.rows(server=wide)[self.local_name(far)]
        self.assertEqual(row["nick"], "far")
        self.assertEqual(row["tcp"]["state"], "ESTAB")


if __name__ == "__main__":
    harness.main()
