"""JSON-RPC for the tests: a bot on TCP lines, and what it hears."""

import itertools
import json

import harness


class Bot:
    """A JSON-RPC connection over TCP. Answers are matched by id; notifications queue up."""

    def __init__(self, client):
        self.client = client
        self.ids = itertools.count(1)
        self.events = []

    def notify(self, method, **params):
        self.client.say(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    def send(self, method, **params):
        """Sends a call without waiting; its id."""
        number = next(self.ids)
        self.client.say(json.dumps(
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
        return number

    def answer(self, number, timeout=None):
        while True:
            text = json.loads(self.client.line(timeout))
            if text.get("id") == number:
                return text
            self.events.append(text)

    def call(self, method, **params):
        """The result; AssertionError with the error if it was refused."""
        answer = self.answer(self.send(method, **params))
        if "error" in answer:
            raise AssertionError(f"{method} was refused: {answer['error']}")
        return answer["result"]

    def refusal(self, method, **params):
        """The code of the refusal."""
        answer = self.answer(self.send(method, **params))
        return answer["error"].get("data", {}).get("code") or answer["error"]["code"]

    def event(self, timeout=None):
        """The next notification as (method, params)."""
        if not self.events:
            self.events.append(json.loads(self.client.line(timeout)))
        event = self.events.pop(0)
        return event["method"], event["params"]


class RpcCase(harness.ChatdCase):
    def bot(self, nick=None, server=None, **hello):
        bot = Bot(self.connect(server=server))
        if nick is not None:
            bot.hello = bot.call("hello", nick=nick, **hello)
        return bot

    def resumed(self, token, server=None, **resume):
        bot = Bot(self.connect(server=server))
        bot.hello = bot.call("resume", token=token, **resume)
        return bot
