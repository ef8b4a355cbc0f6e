"""The full-screen chatcli killed by `kill -9`: its next run says what was typed once, and misses nothing."""

import json
import os
import re
import signal
import sys
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from fault_proxy import FaultProxy  # noqa: E402  (stands in tests/support)
from support import ScreenCase, child_of, needs_chatd, needs_tmux  # noqa: E402


@needs_tmux
@needs_chatd
class Killed(ScreenCase):
    def setUp(self):
        super().setUp()
        self.serve()
        host, _, port = self.chatd.tcp_target().rpartition(":")
        self.proxy = FaultProxy((host, int(port)))
        self.addCleanup(self.proxy.close)

    def begin(self, **how):
        return self.open("--nick", "ana", "--retry", "max=1000,base=50ms,cap=100ms",
                         "--keepalive", "3",
                         at="%s:%d" % self.proxy.address, rows=50, **how)

    def kill(self, terminal):
        os.kill(child_of(terminal), signal.SIGKILL)
        self.wait_for_text(terminal, "[exit 137]")

    def say(self, terminal, lines):
        """Types them, until they stand on the screen."""
        for line in lines:
            self.enter(terminal, line)
        self.wait_for_text(terminal, *lines)

    def all_is_said(self, terminal):
        self.wait_for_text(terminal, "● online")
        # A room that has begun anew and says nothing is searched for ten seconds.
        terminal.wait_for(lambda rows: "unsent" not in "\n".join(rows), patience=30)

    def history(self):
        url = f"http://{self.chatd.tcp_target()}/v1/rooms/lobby/messages?limit=500"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return [event["body"] for event in json.load(answer)["events"]]

    def test_lines_on_their_way_are_said_once_although_the_server_dies_too(self):
        bob = self.meet("bob")
        ana = self.begin()
        before = [f"before {number}," for number in range(3)]
        self.say(ana, before)
        self.all_is_said(ana)
        # They arrive, and the answers do not.
        lines = [f"line {number}," for number in range(5)]
        self.proxy.cut("rst", 1)
        self.proxy.mode = "reject"
        self.say(ana, lines)
        self.wait_for_text(ana, "○ offline")
        missed = [f"missed {number}," for number in range(4)]
        bob.say(*missed)
        bob.say("/ping heard")
        bob.hear("PONG")
        self.kill(ana)
        self.chatd.kill()
        self.chatd.start()
        self.proxy.calm()
        again = self.begin()
        self.wait_for_text(again, *before, *missed, *lines)
        self.all_is_said(again)
        said = self.history()
        self.assertEqual([body for body in said if body not in missed], before + lines)
        self.assertEqual([body for body in said if body in missed], missed)
        text = "\n".join(again.screen())
        self.assertEqual({line: text.count(line) for line in said}, dict.fromkeys(said, 1))

    def test_what_was_typed_while_the_server_was_away_is_said_by_the_next_run(self):
        ana = self.begin()
        self.chatd.kill()
        self.wait_for_text(ana, "○ offline")
        lines = [f"line {number}," for number in range(5)]
        self.say(ana, lines)
        self.kill(ana)
        self.chatd.start()
        again = self.begin()
        self.wait_for_text(again, *lines)
        self.all_is_said(again)
        self.assertEqual(self.history(), lines)

    def test_a_kill_at_any_moment_loses_and_doubles_nothing(self):
        bob = self.meet("bob")
        lines, others = [], []
        for number in range(6):
            ana = self.begin()
            mine = [f"line {number}-{part}," for part in range(4)]
            self.say(ana, mine)
            lines += mine
            if number % 2:  # sometimes all is answered, sometimes it has just left
                self.all_is_said(ana)
            self.kill(ana)
            others.append(f"other {number},")
            bob.say(others[-1])
        ana = self.begin()
        self.wait_for_text(ana, *lines, *others)
        self.all_is_said(ana)
        said = self.history()
        self.assertEqual([body for body in said if body.startswith("line")], lines)
        shown = re.findall(r"(?:line|other) [\d-]+,", "\n".join(ana.screen()))
        self.assertEqual(shown, said)


if __name__ == "__main__":
    unittest.main()
