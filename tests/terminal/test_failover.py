"""The full-screen chatcli at two servers: one is lost, and it goes on at the other."""

import json
import os
import signal
import unittest
import urllib.request

from support import (Chatd, LineClient, ScreenCase, child_of, needs_chatd, needs_tmux, start)


def history(chatd):
    """What the lobby there has, line by line."""
    url = f"http://{chatd.tcp_target()}/v1/rooms/lobby/messages?limit=500"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return [event["body"] for event in json.load(answer)["events"]]


@needs_tmux
@needs_chatd
class FailOver(ScreenCase):
    def setUp(self):
        super().setUp()
        self.serve()
        self.other = Chatd("--state", os.path.join(self.directory, "other"))
        self.addCleanup(lambda: self.other.__exit__())

    def at_other(self, nick):
        client = LineClient(self.other.tcp_target(), nick)
        self.addCleanup(client.close)
        return client

    def begin(self):
        servers = f"{self.chatd.tcp_target()},{self.other.tcp_target()}"
        return self.open("--server", servers, "--nick", "ana", "--retry",
                         "max=1000,base=50ms,cap=100ms", columns=160, rows=40)

    def test_it_goes_on_at_the_other_one_and_says_so(self):
        old = [f"old {number}," for number in range(3)]
        bob = self.at_other("bob")
        bob.say(*old, "/ping said")
        bob.hear("PONG")
        ana = self.begin()
        self.wait_for_text(ana, f"at {self.chatd.tcp_target()}")
        first = [f"first {number}," for number in range(3)]
        for line in first:
            self.enter(ana, line)
        self.wait_for_text(ana, *first)
        ana.wait_for(lambda rows: "unsent" not in "\n".join(rows))
        # Suspended, it answers nothing: what is said now is on its way to nobody.
        self.chatd.process.send_signal(signal.SIGSTOP)
        moved = [f"moved {number}," for number in range(5)]
        for line in moved:
            self.enter(ana, line)
        self.wait_for_text(ana, "5 unsent")
        self.chatd.kill()
        rows = self.wait_for_text(ana, f"online", f"at {self.other.tcp_target()}", *moved, *old,
                                  f"You are at {self.other.tcp_target()} now; "
                                  f"{self.chatd.tcp_target()} was lost.",
                                  "This server does not know what you read before.")
        ana.wait_for(lambda rows: "unsent" not in "\n".join(rows))
        for line in moved:
            self.assertEqual(bob.hear(line), f"<ana> {line}")
        bob.say("news,")
        text = "\n".join(self.wait_for_text(ana, "news,"))
        self.assertNotIn("gone", text)
        self.assertNotIn("will not come", text)
        self.assertEqual([text.count(line) for line in (*old, *moved, "news,")], [1] * 9)
        self.assertEqual(history(self.other), [*old, *moved, "news,"])

    def test_what_is_said_there_meanwhile_comes_after_the_next_cut(self):
        for client in (self.meet("bob"), self.at_other("bob")):
            client.say("/join quiet", "something,", "/ping said")
            client.hear("PONG")
        ana = self.begin()
        self.enter(ana, "/join quiet")
        self.wait_for_text(ana, "#quiet>", "something,")
        self.chatd.kill()
        self.wait_for_text(ana, "You are at", "something,")
        # Nothing is said there before it is cut off again.
        child = child_of(ana)
        os.kill(child, signal.SIGSTOP)
        self.other.kill()
        self.other.start()
        bob = self.at_other("bob2")
        bob.say("/join quiet", "meanwhile,", "/ping said")
        bob.hear("PONG")
        os.kill(child, signal.SIGCONT)
        text = "\n".join(self.wait_for_text(ana, "bob2 meanwhile,"))
        self.assertEqual(text.count("This server does not know"), 1)

    def test_back_at_the_first_one_it_is_the_same_person(self):
        ana = self.begin()
        self.enter(ana, "before,")
        self.wait_for_text(ana, "ana before,")
        ana.wait_for(lambda rows: "unsent" not in "\n".join(rows))
        self.chatd.kill()
        self.wait_for_text(ana, f"at {self.other.tcp_target()}")
        self.enter(ana, "elsewhere,")
        self.wait_for_text(ana, "ana elsewhere,")
        ana.wait_for(lambda rows: "unsent" not in "\n".join(rows))
        self.chatd.start()
        bob = self.meet("bob")
        bob.say("missed,", "/ping said")
        bob.hear("PONG")
        self.other.kill()
        self.wait_for_text(ana, f"at {self.chatd.tcp_target()}", "bob missed,", "before,")
        self.enter(ana, "back,")
        self.assertEqual(bob.hear("back,"), "<ana> back,")
        self.assertEqual(history(self.chatd), ["before,", "missed,", "back,"])
        # Another run is the same person at both of them, too.
        ana.press("C-d")
        self.wait_for_text(ana, "[exit 0]")
        self.other.start()
        self.chatd.kill()
        again = self.begin()
        self.wait_for_text(again, f"at {self.other.tcp_target()}", "elsewhere,")
        self.enter(again, "here,")
        rows = self.wait_for_text(again, "ana elsewhere,", " here,")
        self.assertNotIn("is taken", "\n".join(rows))
        again.wait_for(lambda rows: "unsent" not in "\n".join(rows))
        self.assertEqual(history(self.other), ["elsewhere,", "here,"])

    def test_a_server_that_forgot_the_session_keeps_nobody_out(self):
        ana = self.begin()
        self.chatd.kill()
        self.wait_for_text(ana, f"at {self.other.tcp_target()}")
        self.enter(ana, "one,")
        ana.wait_for(lambda rows: "unsent" not in "\n".join(rows))
        ana.press("C-d")
        self.wait_for_text(ana, "[exit 0]")
        # The server's sessions are lost, and then two runs more have to be the same person.
        self.other.kill()
        self.other.arguments = ("--state", os.path.join(self.directory, "forgetful"))
        self.other.start()
        for line in ("two,", "three,"):
            ana = self.begin()
            self.wait_for_text(ana, f"at {self.other.tcp_target()}", "online")
            self.enter(ana, line)
            rows = self.wait_for_text(ana, f" {line}")
            ana.wait_for(lambda rows: "unsent" not in "\n".join(rows))
            self.assertNotIn("is taken", "\n".join(rows))
            ana.press("C-d")
            self.wait_for_text(ana, "[exit 0]")
        self.assertEqual(history(self.other), ["two,", "three,"])


@needs_chatd
class TailOver(unittest.TestCase):
    def test_tail_tells_what_it_did_not_read_at_the_other_one_and_goes_on(self):
        for ahead in (3, 30):  # the room there may have come less far, and farther
            with Chatd() as one, Chatd() as other:
                self.tail(one, other, ahead)

    def tail(self, one, other, ahead):
        here, there = (LineClient(chatd.tcp_target(), "bob") for chatd in (one, other))
        self.addCleanup(here.close)
        self.addCleanup(there.close)
        here.say(*(f"here {number}," for number in range(10)), "/ping said")
        here.hear("PONG")
        there.say(*(f"there {number}," for number in range(ahead)), "/ping said")
        there.hear("PONG")
        tail = start("tail", "--follow", "--server", f"{one.tcp_target()},{other.tcp_target()}",
                     "--room", "lobby", "--lines", "2", "--retry", "max=1000,base=50ms,cap=100ms")
        self.addCleanup(tail.communicate)
        self.addCleanup(tail.kill)
        self.assertIn(b"here 8,", tail.stdout.readline())
        self.assertIn(b"here 9,", tail.stdout.readline())
        one.kill()
        unread = tail.stderr.readline().decode()
        self.assertRegex(unread, rf"#lobby \d+:1-\d+:{ahead} was not read: ")
        there.say("news,")
        self.assertIn(b"news,", tail.stdout.readline())


if __name__ == "__main__":
    unittest.main()
