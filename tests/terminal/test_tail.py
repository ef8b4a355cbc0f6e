"""chatcli tail against a small server that answers in the order a test wants."""

import unittest

from support import RpcServer, finish, start


def message(seq, body):
    return {"jsonrpc": "2.0", "method": "message", "params": {
        "room": "ops", "epoch": 7, "seq": seq, "id": f"0190f5fa-0000-7000-8000-00000000000{seq}",
        "ts": "2026-01-02T03:04:05.678Z", "from": "ana", "body": body}}


class Tail(unittest.TestCase):
    def setUp(self):
        self.server = RpcServer()
        self.addCleanup(self.server.__exit__)

    def begin(self, *arguments):
        process = start("tail", "--server", f"127.0.0.1:{self.server.port}", "--room", "ops",
                        *arguments)
        self.addCleanup(process.kill)
        self.server.greet(self.standing(seq=0))
        return process

    def standing(self, **values):
        return {"room": "ops", "epoch": 7, "others": 1, "topic": ""} | values

    def test_what_is_said_while_it_looks_for_the_beginning_is_printed(self):
        process = self.begin("--lines", "3")
        looked = self.server.asked("history")
        self.server.tell(message(1, "said meanwhile"))
        self.server.answer("history", {"room": "ops", "events": [], "more": False}, looked)
        self.server.answer("leave", {"room": "ops"})
        call = self.server.asked("join")
        self.assertEqual(call["params"]["since"], {"epoch": 7, "seq": 0})
        self.server.answer("join", self.standing(seq=1, recovered=True), call)
        self.server.tell(message(1, "said meanwhile"))
        self.goodbye(process, b"#ops <ana> said meanwhile\n")

    def test_an_empty_room_has_nothing_to_print(self):
        process = self.begin("--lines", "3")
        self.server.answer("history", {"room": "ops", "events": [], "more": False})
        self.goodbye(process, b"")

    def goodbye(self, process, printed):
        self.server.answer("quit", {})
        self.server.close()
        self.assertEqual(finish(process), (0, printed, b""))


if __name__ == "__main__":
    unittest.main()
