"""The probes of the store, small, against chatd itself; and that the programs they run notice what
they are there to notice. Argument: the build directory.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import servers
from commit_probe import CommitProbe
from history_probe import HistoryProbe
from probe import Place, share_of
from resume_probe import ResumeProbe

exit_skipped = 77
built = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else None
program_seconds_max = 20.0

greeting = '{"jsonrpc":"2.0","result":{"token":"t"},"id":0}'
recovered = '{"jsonrpc":"2.0","result":{"rooms":[{"recovered":true}]},"id":1}'


def said(seq):
    return ('{"jsonrpc":"2.0","method":"message","params":{"room":"lobby","epoch":1,'
            f'"seq":{seq},"body":"m{seq}"}}}}')


def answer(number, seq):
    return f'{{"jsonrpc":"2.0","result":{{"room":"lobby","epoch":1,"seq":{seq}}},"id":{number}}}'


class Script(threading.Thread):
    """A server that answers one connection's first lines with given ones."""

    def __init__(self, *turns):
        super().__init__(daemon=True)
        self.turns = turns
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        with self.listener:
            connection, _ = self.listener.accept()
        with connection, connection.makefile("rb") as lines:
            for turn in self.turns:
                lines.readline()
                connection.sendall("".join(line + "\n" for line in turn).encode())
            connection.shutdown(socket.SHUT_WR)
            lines.read()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="chatd-probe-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.place = Place(built, self.folder)

    def run_program(self, name, *arguments):
        done = subprocess.run([built / "tests/bench" / name, *map(str, arguments)],
                              capture_output=True, text=True, timeout=program_seconds_max)
        return done.returncode, done.stdout, done.stderr


class Probes(Case):
    def test_commit_gives_the_loop_the_group_size_of_chatd(self):
        probe = CommitProbe(window=32, count=2_000)
        with self.assertRaisesRegex(RuntimeError, "follows chatd"):
            probe.measure("sqlite_loop", self.place)
        chatd = probe.measure("chatd_store", self.place)
        loop = probe.measure("sqlite_loop", self.place)
        self.assertGreater(chatd["group"], 1)
        self.assertLessEqual(chatd["group"], 32)
        self.assertEqual(loop["group"], round(chatd["group"]))
        for result in (chatd, loop):
            self.assertGreater(result["store_us"], 0)
            self.assertGreater(result["messages_per_second"], 0)
        self.assertEqual(list(self.folder.glob("commit-*")), [])

    def test_history_is_filled_once_and_removed(self):
        probe = HistoryProbe({"chatd_history_large": 3_000, "chatd_history_small": 1_500}, asked=5,
                             settle_seconds=0)
        for subject in ("chatd_history_large", "chatd_history_small", "chatd_history_large"):
            result = probe.measure(subject, self.place)
            for figure in ("ready_ms", "newest_p99_ms", "oldest_p50_ms", "rare_p99_ms",
                           "two_words_p99_ms", "rss_ready_mib", "rss_after_mib"):
                self.assertGreater(result[figure], 0, figure)
        self.assertEqual(len(list(self.folder.glob("history-*"))), 2)
        probe.close()
        self.assertEqual(list(self.folder.glob("history-*")), [])

    def test_a_disk_that_is_too_small_is_said_so(self):
        probe = HistoryProbe({"chatd_history_large": 10**15})
        with self.assertRaisesRegex(RuntimeError, "MiB of disk"):
            probe.measure("chatd_history_large", self.place)

    def test_all_clients_of_a_storm_catch_up_by_chatd_and_by_the_bare_copy(self):
        probe = ResumeProbe(clients=60, behind=40)
        chatd = probe.measure("chatd_resume", self.place)
        floor = probe.measure("resume_floor", self.place)
        # Client i has missed 1 + i % 40.
        missed = sum(1 + client % 40 for client in range(60))
        self.assertEqual((chatd["messages"], floor["messages"]), (missed, missed))
        self.assertLess(chatd["sends_per_message"], 0.5)
        self.assertAlmostEqual(chatd["mib"] / floor["mib"], 1, delta=0.1)
        probe.close()
        self.assertEqual(list(self.folder.glob("storm-*")), [])


class Publisher(Case):
    def say_two(self, *turns):
        return self.run_program("publisher", Script([greeting], *turns).port, 0, 2, 2)

    def test_ends_well_when_all_was_answered_and_echoed(self):
        status, out, _ = self.say_two([said(7), answer(0, 7)], [said(8), answer(1, 8)])
        self.assertEqual(status, 0)
        self.assertIn('"p99_us"', out)

    def test_notices_what_is_wrong(self):
        for wrong, turn in (("not the next answer", [answer(1, 7)]),
                            ("not the next answer", [answer(0, 7), answer(1, 9)]),
                            ("neither answer nor echo", ['{"jsonrpc":"2.0","error":{},"id":0}']),
                            ("the server closed", [said(7), answer(0, 7)])):
            status, _, text = self.say_two(turn)
            self.assertEqual((status, wrong in text), (69, True), text)


class Storm(Case):
    def storm(self, *lines):
        (self.folder / "tokens").write_text("t\n")
        # Client 0 has missed the last one, so the file has one message.
        (self.folder / "lines").write_text(said(7) + "\n")
        return self.run_program("resume_storm", "storm", Script([*lines]).port, self.folder, 1)

    def test_takes_exactly_what_was_missed(self):
        status, out, _ = self.storm(recovered, said(7))
        self.assertEqual(status, 0)
        self.assertIn('"done":1,"messages":1', out)

    def test_notices_what_is_wrong(self):
        for wrong, lines in (("closed after", [recovered]),
                             ("not what was missed", [recovered, said(8)]),
                             ("not what was missed", [recovered, said(7), said(7)]),
                             ("not recovered", [recovered.replace("true", "false"), said(7)])):
            status, _, text = self.storm(*lines)
            self.assertEqual((status, wrong in text), (69, True), text)


class Shares(unittest.TestCase):
    def test_a_share_of_values(self):
        self.assertEqual(share_of(range(100), 0.5), 50)
        self.assertEqual(share_of(range(100), 0.99), 99)
        self.assertEqual(share_of([3], 0.99), 3)


if __name__ == "__main__":
    if built is None:
        sys.exit("usage: test_probes.py BUILD")
    if not {servers.server_core, servers.load_core} <= os.sched_getaffinity(0):
        sys.exit(exit_skipped)
    unittest.main()
