"""The full-screen chatcli at two servers: one is lost, and it goes on at the other."""

import os
import signal
import unittest

from support import Chatd, LineClient, ScreenCase, child_of, needs_chatd, needs_tmux


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
        self.assertEqual([bob.heard.count(line.encode()) for line in moved], [0] * 5)

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


if __name__ == "__main__":
    unittest.main()
