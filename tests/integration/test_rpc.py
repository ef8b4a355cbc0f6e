"""JSON-RPC over TCP, WebSocket and POST; Server-Sent Events; everyone in one room."""

import json
import subprocess
import unittest

import harness
import rpc
from harness import Opcode


class Everyone(rpc.RpcCase):
    """Text, JSON over TCP, JSON over WebSocket, SSE and raw UDP in one room at once."""

    def stream(self, target="/v1/rooms/lobby/events"):
        client = self.connect()
        client.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = client.read_until(b"\r\n\r\n").decode()
        self.assertIn("HTTP/1.1 200 ", head)
        self.assertIn("text/event-stream", head)
        client.read_until(b"\n\n")  # retry:
        return client

    def sse(self, client):
        fields = dict(line.split(": ", 1)
                      for line in client.read_until(b"\n\n").decode().splitlines() if ": " in line)
        return fields["id"], fields["event"], json.loads(fields["data"])

    def test_each_sees_what_it_should_in_one_order(self):
        ana = self.person("ana")
        bot = self.bot("robo")
        web = self.websocket(protocols=["chatd.json.v1"])
        web.send(Opcode.text, b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"nick":"web"}}')
        self.assertIn(b'"nick":"web"', web.receive()[1])
        reader = self.stream()
        udp = self.joined_peers(2)
        ana.say("one")
        self.assertEqual(bot.event()[1]["body"], "one")
        said = bot.call("say", body="two")
        web.send(Opcode.text, b'{"jsonrpc":"2.0","id":2,"method":"say","params":{"body":"three"}}')
        status, _, body = self.server.http(
            "/v1/rooms/lobby/messages?as=cron", "POST", ["Content-Length: 4"], b"four")
        self.assertEqual(status, 201)
        udp[0].send(b"\xde\xad")
        self.assertEqual(udp[1].receive(), b"\xde\xad")

        wanted = [("ana", "one"), ("robo", "two"), ("web", "three"), ("cron", "four")]
        self.assertEqual([ana.line() for _ in range(3)],
                         [f"<{nick}> {text}" for nick, text in wanted[1:]])
        self.assertEqual([(p["from"], p["body"]) for _, p in (bot.event() for _ in range(3))],
                         wanted[1:])
        seen = []
        while len(seen) < 4:
            text = json.loads(web.receive()[1])
            if text.get("method") == "message":
                seen.append((text["params"]["from"], text["params"]["body"]))
        self.assertEqual(seen, wanted)
        events = [self.sse(reader) for _ in range(4)]
        self.assertEqual([(data["from"], data["body"]) for _, _, data in events], wanted)
        numbers = [data["seq"] for _, _, data in events]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 4)))
        self.assertEqual(events[1][0], f"{said['epoch']}:{said['seq']}")
        self.assertEqual(json.loads(body)["seq"], numbers[3])

    def test_a_stream_goes_on_after_last_event_id(self):
        bot = self.bot("robo")
        positions = [bot.call("say", body=str(number)) for number in range(3)]
        client = self.connect()
        client.send("GET /v1/rooms/lobby/events HTTP/1.1\r\nHost: localhost\r\n"
                    f"Last-Event-ID: {positions[0]['epoch']}:{positions[0]['seq']}\r\n\r\n")
        client.read_until(b"\r\n\r\n")
        client.read_until(b"\n\n")
        self.assertEqual([self.sse(client)[2]["body"] for _ in range(2)], ["1", "2"])

    def test_typing_never_enters_the_log(self):
        one, two = self.bot("one"), self.bot("two")
        one.notify("typing", on=True)
        self.assertEqual(two.event(), ("typing", {"room": "lobby", "from": "one", "on": True}))
        self.assertEqual(one.call("history")["events"], [])

    def test_edits_reactions_redactions_and_topics_reach_every_dialect(self):
        ana, bot = self.person("ana"), self.bot("robo")
        at = bot.call("say", body="frist")
        target = {"epoch": at["epoch"], "seq": at["seq"]}
        bot.call("edit", target=target, body="first")
        bot.call("react", target=target, reaction="+1")
        bot.call("topic", topic="all about firsts")
        bot.call("redact", target=target)
        self.assertEqual(ana.lines(5), [
            "<robo> frist", "NOTE * EDITED #lobby 1 robo :first",
            "NOTE * REACTED #lobby 1 robo :+1", "NOTE * TOPIC #lobby robo :all about firsts",
            "NOTE * REDACTED #lobby 1 robo :robo took message 1 back."])
        methods = [bot.event()[0] for _ in range(5)]
        self.assertEqual(methods, ["message", "edited", "reacted", "topic", "redacted"])
        self.assertEqual(bot.call("history")["events"][0]["body"], "")

    def test_the_document_describes_every_method_that_answers(self):
        document = json.loads(self.server.http("/rpc/openrpc.json")[2])
        bot = self.bot("robo")
        for method in document["methods"]:
            answer = bot.answer(bot.send(method["name"], nosuch=1)) \
                if method["name"] != "quit" else {"result": {}}
            self.assertNotEqual(answer.get("error", {}).get("code"), -32601, method["name"])

    def faults_of(self, document):
        done = subprocess.run(["node", str(harness.here / "openrpc_document.cjs")],
                              input=json.dumps(document), capture_output=True, text=True,
                              timeout=30)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def test_the_document_fits_the_specification(self):
        document = json.loads(self.server.http("/rpc/openrpc.json")[2])
        self.assertEqual(self.faults_of(document), [])
        document["methods"][0]["params"][0]["schema"]["type"] = "strin"
        self.assertIn("/methods/0/params/0/schema/type: must be equal to one of the allowed values",
                      self.faults_of(document))

    def test_a_session_may_enter_its_rooms_later(self):
        bot = self.bot()
        token = bot.call("hello", rooms=[])["token"]
        bot.call("nick", nick="robo")
        entered = bot.call("resume", token=token, rooms=["dev"])
        self.assertEqual([room["room"] for room in entered["rooms"]], ["dev"])
        self.assertEqual(bot.call("who", room="dev")["nicks"], ["robo"])
        self.assertEqual(bot.call("say", room="dev", body="here")["seq"], 1)

    def test_post_acts_for_its_bearer(self):
        bot = self.bot("robo")
        body = b'{"jsonrpc":"2.0","id":1,"method":"say","params":{"body":"by post","key":"k1"}}'
        fields = ["Content-Type: application/json", f"Content-Length: {len(body)}",
                  f"Authorization: Bearer {bot.hello['token']}"]
        first = json.loads(self.server.http("/rpc", "POST", fields, body)[2])["result"]
        again = json.loads(self.server.http("/rpc", "POST", fields, body)[2])["result"]
        self.assertEqual(again["seq"], first["seq"])
        self.assertTrue(again["repeated"])
        self.assertEqual(bot.event()[1]["from"], "robo")

    def test_a_public_client_library_speaks_to_it(self):
        ana = self.person("ana")
        host, port = self.server.address()
        for carrier in ("http", "ws"):
            done = subprocess.run(
                ["node", str(harness.here / "rpc_client.cjs"), carrier, f"{host}:{port}"],
                capture_output=True, text=True, timeout=30)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            found = json.loads(done.stdout)
            self.assertEqual(found["ping"], {"token": carrier})
            self.assertEqual(found["said"]["room"], "lobby")
            answers = {answer["id"]: answer for answer in found["batch"]}
            self.assertEqual(answers["a"]["result"], {"token": "positional"})
            self.assertEqual(answers["b"]["error"]["code"], -32601)
            self.assertEqual(found["refused"]["code"], -32000)
            self.assertEqual(found["refused"]["data"]["code"], "NO_SUCH_NICK")
            self.expect(ana, rf"<guest-\d+> by {carrier}")

    def test_problems_say_what_and_when(self):
        status, headers, body = self.server.http("/v1/rooms/a%2Fb/messages")
        self.assertEqual((status, headers["content-type"]), (400, "application/problem+json"))
        problem = json.loads(body)
        self.assertEqual((problem["code"], problem["status"]), ("BAD_ROOM", 400))
        status, headers, body = self.server.http(
            "/v1/rooms/lobby/messages", "POST",
            ["Content-Length: 2", "Authorization: Bearer " + "A" * 43], b"hi")
        self.assertEqual((status, json.loads(body)["code"]), (401, "BAD_TOKEN"))

    def test_hostile_texts_disturb_nobody(self):
        ana = self.person("ana")
        for text in ("[" * 100, '{"jsonrpc":"2.0","id":1,"method":"say","params":{"body":"\\ud800"}}',
                     "[" + ",".join(["1"] * 65) + "]", '{"a":' * 20, "{}" + "x" * 70000):
            client = self.connect()
            client.say('{"jsonrpc":"2.0","id":0,"method":"ping"}')
            client.line()
            client.say(text)
            self.assertRegex(client.line(), r'"error":\{"code":-32[67]0')
            client.say('{"jsonrpc":"2.0","id":9,"method":"ping"}')
            self.assertIn('"id":9', client.line())
        self.expect_silence(ana)


if __name__ == "__main__":
    unittest.main()
