"""The Python client's Session against a scripted server: no network, no time goes by."""

import contextlib
import json
import os
import resource
import socket
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "clients" / "python"))
import chatd  # noqa: E402


class World:
    """A Session, the requests it wrote, and what the server answers."""

    def __init__(self, **options):
        self.session = chatd.Session(**{"nick": "ana", **options})
        self.requests = []
        self.now = 1000.0
        self.token, self.number = "token-1", "1"
        self.standing = (1, 0)

    def connect(self):
        self.session.disconnected()
        self.requests.clear()
        self.session.connected(self.now, self.now)

    def take(self, method):
        self.session.flush(self.now, self.now)
        self.requests += map(json.loads, self.session.out.splitlines())
        self.session.out.clear()
        request = self.requests.pop(0)
        assert request["method"] == method, request
        return request

    def waiting(self):
        """The bodies, or methods, of what was not taken yet."""
        self.session.flush(self.now, self.now)
        self.requests += map(json.loads, self.session.out.splitlines())
        self.session.out.clear()
        return [request["params"].get("body", request["method"]) for request in self.requests]

    def receive(self, **text):
        data = json.dumps({"jsonrpc": "2.0", **text}).encode() + b"\n"
        self.session.received(data[:7], self.now, self.now)
        self.session.received(data[7:], self.now, self.now)

    def answer(self, request, result):
        self.receive(id=request["id"], result=result)

    def refuse(self, request, code, **more):
        data = {"code": code, "retry": False, **more}
        self.receive(id=request["id"], error={"code": -32000, "message": code + ".", "data": data})

    def tell(self, method, **params):
        self.receive(method=method, params=params)

    def hello(self, nick="ana"):
        self.connect()
        self.answer(self.take("hello"), self.of("guest-1"))
        if nick:
            self.answer(self.take("nick"), {"nick": nick})

    def enter(self, nick="ana", **verdict):
        request = self.take("resume")
        rooms = [{"room": entry["room"], "epoch": self.standing[0], "seq": self.standing[1],
                  "others": 0, "topic": "", **({"recovered": True, **verdict}
                                               if "since" in entry else {})}
                 for entry in request["params"]["rooms"]]
        self.answer(request, self.of(nick, rooms))
        return request["params"]

    def of(self, nick, rooms=()):
        return {"version": "0", "session": self.number, "nick": nick, "token": self.token,
                "resumed": True, "rooms": list(rooms)}

    def online(self):
        self.hello()
        self.enter()
        self.session.events.clear()
        return self

    def say(self, body, room="lobby"):
        line = chatd.Line(self.session.new_key(), room, body)
        self.session.say(line)
        return line.answer

    def message(self, seq, body, epoch=1, **more):
        self.tell("message", room="lobby", epoch=epoch, seq=seq, id=f"id-{seq}", ts="now",
                  **{"from": "bob", "body": body, **more})

    def said(self, request, seq):
        self.answer(request, {"room": "lobby", "epoch": 1, "seq": seq, "id": "x", "ts": "now"})

    def bodies(self):
        return [event["body"] for event in self.session.events if event.kind == "message"]


class Entering(unittest.TestCase):
    def test_a_nick_is_asked_for_by_a_session_whose_token_is_known(self):
        world = World(rooms=["lobby", "dev", "lobby"], notices=True, slow_reader="latest")
        world.connect()
        hello = world.take("hello")
        self.assertEqual((hello["params"], world.waiting()), ({"rooms": []}, []))
        world.answer(hello, world.of("guest-1"))
        world.answer(world.take("nick"), {"nick": "ana"})
        self.assertEqual(world.enter(), {
            "token": "token-1", "notices": True,
            "rooms": [{"room": "lobby", "slow_reader": "latest"},
                      {"room": "dev", "slow_reader": "latest"}]})
        self.assertTrue(world.session.online)
        self.assertEqual([event.kind for event in world.session.events], ["state", "resumed"])

    def test_a_nick_that_another_of_the_same_person_took_stays(self):
        world = World()
        world.hello()
        world.enter()
        world.connect()
        world.enter("nell")
        self.assertEqual((world.session.nick, world.waiting()), ("nell", []))
        world.connect()
        world.enter("guest-7")  # the session lost its nick: its time was up
        self.assertEqual(world.take("nick")["params"], {"nick": "nell"})

    def test_a_nick_that_is_taken_ends_the_first_attempt_or_makes_a_guest(self):
        for guest in (False, True):
            world = World(guest=guest)
            world.hello(nick="")
            world.refuse(world.take("nick"), "NICK_IN_USE")
            if guest:
                world.enter("guest-1")
                self.assertEqual(world.session.nick, "guest-1")
                self.assertEqual(world.session.events[0]["code"], "NICK_IN_USE")
            else:
                self.assertEqual(world.session.ended.code, "NICK_IN_USE")

    def test_a_token_that_is_no_longer_known_is_replaced_and_places_are_kept(self):
        world = World().online()
        world.message(6, "a")
        world.connect()
        world.refuse(world.take("resume"), "BAD_TOKEN")
        self.assertEqual(world.session.broken, "BAD_TOKEN.")
        world.token = "token-2"
        world.hello()
        self.assertEqual(world.enter(), {
            "token": "token-2",
            "rooms": [{"room": "lobby", "since": {"epoch": 1, "seq": 6}}]})

    def test_a_room_that_cannot_be_entered_is_left_out(self):
        world = World(rooms=["lobby", "Dev"])
        world.hello()
        world.refuse(world.take("resume"), "ROOM_LOOKS_ALIKE", detail="Dev")
        world.connect()
        self.assertEqual(world.enter()["rooms"], [{"room": "lobby"}])

    def test_rooms_joined_and_left_later_are_those_of_the_next_connection(self):
        world = World().online()
        world.session.call("join", {"room": "dev"}, lambda _: None, self.fail)
        world.answer(world.take("join"), {"room": "Dev", "epoch": 1, "seq": 4, "others": 0})
        world.session.call("leave", {"room": "lobby"}, lambda _: None, self.fail)
        world.answer(world.take("leave"), {"room": "lobby"})
        world.connect()
        self.assertEqual(world.enter()["rooms"],
                         [{"room": "Dev", "since": {"epoch": 1, "seq": 4}}])


class Saying(unittest.TestCase):
    def test_what_was_not_acknowledged_is_sent_again_under_its_key_and_the_rest_is_not(self):
        world = World()
        answers = [world.say(body) for body in ("one", "two")]
        world.online()
        one, two = world.take("say"), world.take("say")
        world.said(one, 1)
        world.connect()
        world.enter()
        again = world.take("say")
        self.assertEqual((again["params"], world.waiting()), (two["params"], []))
        world.said(again, 2)
        self.assertEqual([answer.result(0)["seq"] for answer in answers], [1, 2])
        self.assertNotEqual(one["params"]["key"], two["params"]["key"])

    def test_a_bounded_number_is_in_flight_and_a_bounded_number_waits(self):
        world = World().online()
        for number in range(chatd.PENDING_LINES_MAX):
            world.say(str(number))
        self.assertEqual(len(world.waiting()), chatd.LINES_IN_FLIGHT_MAX)
        with self.assertRaises(chatd.ChatError) as caught:
            world.say("too many")
        self.assertEqual((caught.exception.code, caught.exception.retry), ("FULL", True))
        world.said(world.take("say"), 1)
        self.assertEqual(world.waiting()[-1], str(chatd.LINES_IN_FLIGHT_MAX))

    def test_what_no_server_would_take_is_refused_at_once(self):
        world = World().online()
        with self.assertRaises(chatd.ChatError) as caught:
            world.say("\u00e4" * (chatd.BODY_BYTES_MAX // 2) + "x")
        self.assertEqual(caught.exception.code, "LINE_TOO_LONG")
        errors = []
        world.session.call("search", {"q": "x" * chatd.REQUEST_BYTES_MAX}, self.fail,
                           errors.append)
        self.assertEqual([error.code for error in errors], ["TOO_LONG"])
        world.say("half a pair: \ud83d")
        self.assertEqual(world.waiting(), ["half a pair: ?"])

    def test_a_line_refused_for_the_moment_is_said_later_and_one_refused_for_good_is_not(self):
        world = World().online()
        one, two = world.say("one"), world.say("two")
        world.refuse(world.take("say"), "STORE_BEHIND", retry=True, retry_after_ms=700)
        world.refuse(world.take("say"), "NOT_IN_ROOM", detail="#lobby")
        self.assertEqual(world.waiting(), [])
        self.assertEqual(str(two.exception(0)), "NOT_IN_ROOM. (#lobby)")
        self.assertEqual([event["error"].code for event in world.session.events], ["NOT_IN_ROOM"])
        world.now += 0.7
        world.said(world.take("say"), 1)
        self.assertEqual(one.result(0)["seq"], 1)

    def test_where_keys_may_be_forgotten_the_echo_decides_what_is_sent_again(self):
        world = World().online()
        answers = [world.say(body) for body in ("one", "two")]
        key = world.take("say")["params"]["key"]
        world.connect()
        world.refuse(world.take("resume"), "BAD_TOKEN")
        world.number, world.standing = "2", (1, 3)
        world.hello()
        world.enter()
        world.say("three")
        self.assertEqual(world.waiting(), [])
        world.message(1, "under a guessed key", key=key)
        self.assertFalse(answers[0].done())
        world.message(2, "one", key=key, **{"from": "ana"})
        self.assertEqual(answers[0].result(0)["seq"], 2)
        world.message(3, "of another")
        self.assertEqual(world.waiting(), ["two", "three"])

    def test_a_key_of_the_last_minute_needs_no_echo_and_an_older_one_does(self):
        world = World().online()
        world.say("one")
        world.take("say")
        world.standing = (1, 9)
        for waited, wanted in ((chatd.KEY_AGE_MAX - 1, ["one"]), (1, [])):
            world.now += waited
            world.connect()
            world.enter()
            self.assertEqual(world.waiting(), wanted)
        world.message(9, "of another")
        self.assertEqual(world.waiting(), ["one"])

    def test_calls_need_a_connection_and_are_bounded_and_may_be_lost(self):
        world, errors = World(), []
        world.session.call("who", {}, self.fail, errors.append)
        world.online()
        for _ in range(chatd.CALLS_MAX + chatd.LINES_IN_FLIGHT_MAX):
            world.session.call("rooms", {}, self.fail, errors.append)
        world.session.call("rooms", {}, self.fail, errors.append)
        world.session.disconnected()
        self.assertEqual([error.code for error in errors],
                         ["OFFLINE", "FULL"]
                         + ["LOST"] * (chatd.CALLS_MAX + chatd.LINES_IN_FLIGHT_MAX))


class Hearing(unittest.TestCase):
    def test_each_message_is_told_once_and_in_order(self):
        world = World().online()
        world.message(1, "a")
        world.message(2, "b", key="k")
        world.message(2, "b", key="k")
        world.connect()
        self.assertEqual(world.enter()["rooms"][0]["since"], {"epoch": 1, "seq": 2})
        world.message(2, "b", key="k")
        world.tell("gap", room="lobby", epoch=1, **{"from": 3, "to": 6})
        world.message(5, "never")
        world.message(7, "c")
        world.tell("edited", room="lobby", epoch=1, seq=7, body="told before")
        world.tell("read", room="lobby", epoch=1, seq=1, **{"from": "bob"})
        self.assertEqual(world.bodies(), ["a", "b", "c"])
        self.assertEqual([event.kind for event in world.session.events],
                         ["message", "message", "state", "resumed", "gap", "message", "read"])
        self.assertEqual(world.session.rooms, {"lobby": (1, 7)})

    def test_a_line_that_comes_again_after_a_crash_under_its_key_is_no_second_one(self):
        world = World().online()
        world.message(5, "hello", key="k1")
        world.message(1, "hello", epoch=2, key="k1")
        world.message(2, "hello", epoch=2, key="k2")
        world.message(3, "another", epoch=2, key="k1")
        self.assertEqual(world.bodies(), ["hello", "hello", "another"])

    def test_a_server_that_stands_before_what_one_has_read_is_followed_from_there(self):
        world = World().online()
        world.message(5, "a")
        world.connect()
        world.standing = (1, 2)
        world.enter(recovered=False)
        world.message(3, "b")
        self.assertEqual(world.bodies(), ["a", "b"])

    def test_what_is_no_json_rpc_and_what_never_ends_break_the_connection(self):
        for data in (b"<html>\n", b"[]\n", b"x" * (chatd.ANSWER_BYTES_MAX + 1)):
            world = World().online()
            world.session.received(data, 0.0, 0.0)
            self.assertNotEqual(world.session.broken, "")


class Keeping(unittest.TestCase):
    def test_the_next_run_goes_on_where_the_program_had_come_to(self):
        world = World().online()
        world.message(1, "a")
        world.message(2, "b")
        world.say("one")
        key = world.take("say")["params"]["key"]
        world.session.handle(world.session.events.popleft())
        after = World(kept=json.loads(json.dumps(world.session.kept())))
        self.assertEqual(after.session.nick, "ana")
        after.connect()
        self.assertEqual(after.enter(), {
            "token": "token-1",
            "rooms": [{"room": "lobby", "since": {"epoch": 1, "seq": 1}}]})
        self.assertEqual(after.take("say")["params"], {"key": key, "room": "lobby", "body": "one"})

    def test_another_nick_is_asked_for_by_the_session_that_is_there(self):
        world = World().online()
        after = World(nick="eve", kept=world.session.kept())
        after.connect()
        resume = after.take("resume")
        self.assertEqual(resume["params"]["rooms"], [])
        after.answer(resume, after.of("ana"))
        self.assertEqual(after.take("nick")["params"], {"nick": "eve"})

    def test_a_file_is_for_one_program_and_says_when_it_is_none(self):
        with tempfile.TemporaryDirectory() as folder:
            path = folder + "/state"
            file = chatd.StateFile(path)
            self.assertEqual(file.read(), {})
            file.write({"token": "x"})
            self.assertEqual(Path(path).stat().st_mode & 0o777, 0o600)
            with self.assertRaises(chatd.ChatError) as caught:
                chatd.StateFile(path)
            self.assertEqual(caught.exception.code, "IN_USE")
            file.close()
            again = chatd.StateFile(path)
            self.assertEqual(again.read(), {"token": "x"})
            Path(path).write_text("broken", encoding="utf-8")
            self.assertRaises(chatd.ChatError, again.read)
            again.close()


class Addresses(unittest.TestCase):
    def test_a_server_is_a_host_and_perhaps_a_port(self):
        for text, wanted in (("here", ("here", 4399)), ("here:80", ("here", 80)),
                             ("[::1]:80", ("::1", 80)), (":80", ("localhost", 80))):
            self.assertEqual(chatd.address(text), wanted)
        for text in ("here:0", "here:65536", "here:http", "::1", "a:b:1"):
            self.assertRaises(ValueError, chatd.address, text)


class Failing(unittest.TestCase):
    def test_a_fault_of_the_thread_ends_the_chat_for_whoever_waits(self):
        chat = chatd.Chat("a..b")  # no name that could be looked up: UnicodeError
        answer = chat.say("lobby", "hello")
        with self.assertRaisesRegex(chatd.ChatError, "UnicodeError") as caught:
            chat.connect(30.0)
        self.assertEqual(caught.exception.code, "FAULT")
        self.assertIs(answer.exception(30.0), caught.exception)
        with self.assertRaises(chatd.ChatError):
            while chat.next_event(30.0):
                pass
        chat.close()

    def test_more_descriptors_than_select_takes_are_no_hindrance(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        if limit[1] < 1200:
            self.skipTest("too few descriptors may be open")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(limit[0], 1200), limit[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        with contextlib.ExitStack() as opened:
            for _ in range(1050):
                opened.enter_context(open(os.devnull, "rb"))
            listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
            chat = chatd.Chat(f"127.0.0.1:{listener.getsockname()[1]}")
            chat.start()
            server = opened.enter_context(listener.accept()[0])
            server.settimeout(30.0)
            self.assertIn(b'"hello"', server.recv(4096))
            chat.close()


class Waiting(unittest.TestCase):
    def test_waits_double_up_to_their_cap(self):
        retry = chatd.Retry(base=0.1, cap=0.35)
        self.assertEqual([retry.ceiling(attempt) for attempt in (1, 2, 3, 4, 4000)],
                         [0.1, 0.2, 0.35, 0.35, 0.35])

    def test_a_silent_server_is_dead_and_one_that_says_anything_is_not(self):
        pulse = chatd.Pulse((15.0, 10.0), 100.0)
        self.assertEqual(pulse.look(100.0, 100.0), "ping")
        self.assertEqual(pulse.look(109.0, 100.0), "wait")
        self.assertEqual(pulse.look(110.0, 105.0), "wait")
        self.assertEqual(pulse.due, 125.0)
        self.assertEqual(pulse.look(125.0, 105.0), "ping")
        self.assertEqual(pulse.look(135.0, 105.0), "dead")

    def test_a_look_that_comes_late_asks_once_more(self):
        for heard, wanted in ((4000.5, "wait"), (100.0, "dead")):
            pulse = chatd.Pulse((15.0, 10.0), 100.0)
            pulse.look(100.0, 100.0)
            self.assertEqual(pulse.look(4000.0, 100.0), "ping")
            self.assertEqual(pulse.look(4010.0, heard), wanted)


if __name__ == "__main__":
    unittest.main()
