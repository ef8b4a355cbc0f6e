"""Names of a hostile server: whatever is in them, nothing that a terminal obeys is printed."""

import json
import socket
import unittest

from support import RpcServer, finish, start

EVIL = "e\x1b[2Jv\x9be\nFAIL \u202e"
SHOWN = "e␛[2Jv\ufffde␊FAIL \ufffd"
ROOM = {"room": EVIL, "epoch": 7, "seq": 4, "others": 1, "topic": EVIL}


def event(kind, seq, **values):
    return {"kind": kind, "room": EVIL, "epoch": 7, "seq": seq, "from": EVIL, "body": f"{EVIL}!",
            "id": f"0190f5fa-0000-7000-8000-00000000000{seq}", "ts": "2026-01-02T03:04:05.678Z",
            **values}


class Hostile(unittest.TestCase):
    def setUp(self):
        self.server = RpcServer()
        self.addCleanup(self.server.__exit__)

    def begin(self, *arguments, standing=ROOM):
        process = start(*arguments, "--server", f"127.0.0.1:{self.server.port}")
        self.addCleanup(process.kill)
        self.server.greet(standing)
        return process

    def end(self, process):
        """The lines of standard output, then those of standard error."""
        self.server.answer("quit", {})
        self.server.close()
        _, out, err = finish(process)
        for text in (out.decode(), err.decode()):
            self.assertNotRegex(text, r"[^\n\x20-\x7e\xa1-\u2027\u2030-\u2065\u206a-\uffff]")
        return out.decode().splitlines(), err.decode().splitlines()

    def test_tail(self):
        process = self.begin("tail", "--room", "ops", "--since", "7:1", standing={
            **ROOM, "recovered": False, "missing": {"from": {"epoch": 7, "seq": 2},
                                                    "to": {"epoch": 7, "seq": 2}}})
        for kind, seq, more in (("message", 3, {}), ("topic", 4, {"topic": EVIL})):
            self.server.tell({"jsonrpc": "2.0", "method": kind, "params": event(kind, seq, **more)})
        out, err = self.end(process)
        self.assertEqual(out[0], f"#{SHOWN} <{SHOWN}> e␛[2Jv\ufffde")
        self.assertTrue(out[2].startswith(f"NOTE * TOPIC #{SHOWN} {SHOWN} :"), out)
        self.assertEqual(err, [f"chatcli: #{SHOWN} 7:2 is gone for good."])

    def test_tail_in_json_has_the_names_as_they_are(self):
        process = self.begin("tail", "--room", "ops", "--since", "7:3", "--json",
                             standing={**ROOM, "recovered": True})
        self.server.tell({"jsonrpc": "2.0", "method": "message", "params": event("message", 4)})
        self.server.answer("quit", {})
        self.server.close()
        told = json.loads(finish(process)[1])
        self.assertEqual((told["room"], told["from"]), (EVIL, EVIL))

    def test_who(self):
        process = self.begin("who")
        self.server.answer("who", {"room": EVIL, "nicks": [EVIL, "bob"], "total": 3})
        self.assertEqual(self.end(process), (["bob", SHOWN], []))

    def test_search(self):
        process = self.begin("search", "x")
        self.server.answer("search", {"hits": [{"event": event("message", 2), "excerpt": EVIL}],
                                      "more": False})
        out, err = self.end(process)
        self.assertEqual(out, [f"#{SHOWN} 7:2 2024-07-27T20:55:20.320Z <{SHOWN}> "
                               "e␛[2Jv\ufffde FAIL \ufffd"])
        self.assertEqual(err, [])

    def test_export_escapes_what_a_terminal_obeys(self):
        process = self.begin("export", "ops")
        self.server.answer("history", {"room": EVIL, "events": [event("message", 2)], "more": False})
        self.server.answer("quit", {})
        self.server.close()
        out = finish(process)[1]
        self.assertEqual(json.loads(out)["from"], EVIL)
        self.assertNotIn(b"\x1b", out)

    def test_complaints(self):
        for words, method in ((["say", "x"], "say"), (["msg", "bob", "x"], "msg"), (["who"], "who")):
            with self.subTest(words):
                process = self.begin(*words)
                self.server.refuse(method, EVIL)
                self.assertEqual(self.end(process), ([], [f"chatcli: {SHOWN}"]))

    def test_forward(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = start("forward", port, f"127.0.0.1:{self.server.port}")
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertIn(b"forwarding", process.stderr.readline())
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            heard = client.makefile(encoding="utf-8", newline="\n")
            self.server.greet({**ROOM, "room": "lobby"})
            for method, params in (("message", event("message", 5)),
                                   ("private", {"from": EVIL, "body": "x",
                                                "ts": "2026-01-02T03:04:05.678Z"})):
                self.server.tell({"jsonrpc": "2.0", "method": method, "params": params})
            self.assertEqual(heard.readline(), f"#{SHOWN} <{SHOWN}> e␛[2Jv\ufffde\n")
            self.assertEqual(heard.readline(), f"#{SHOWN} <{SHOWN}> FAIL \ufffd!\n")
            self.assertEqual(heard.readline(), f"@{SHOWN} x\n")
            client.sendall(b"/who\n")
            self.server.answer("who", {"room": EVIL, "nicks": [EVIL], "total": 1})
            self.assertEqual(heard.readline(), f"-- {SHOWN}\n")
            self.assertRegex(heard.readline(), "^NOTE WHO END ")
            client.sendall(b"/join ops\n")
            self.server.answer("join", ROOM)
            self.assertEqual(heard.readline(), f"NOTE JOIN OK #{SHOWN} :You are in #{SHOWN} with "
                                               "1 other; your lines go there.\n")
            client.sendall(b"/topic\n")
            self.server.refuse("topic", EVIL)
            self.assertEqual(heard.readline(), f"FAIL TOPIC REFUSED :{SHOWN}\n")


if __name__ == "__main__":
    unittest.main()
