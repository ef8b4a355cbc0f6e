"""The scriptable subcommands of chatcli against a small server that answers when a test wants."""

import os
import subprocess
import unittest

from support import CHATCLI, RpcServer

LOBBY = {"room": "lobby", "epoch": 7, "seq": 0, "others": 1, "topic": ""}


class Errand(unittest.TestCase):
    def setUp(self):
        self.server = RpcServer()
        self.addCleanup(self.server.__exit__)

    def begin(self, *arguments, **options):
        process = subprocess.Popen(
            [CHATCLI, *arguments, "--server", f"127.0.0.1:{self.server.port}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options)
        self.addCleanup(process.stdout.close)
        if process.stdin:
            self.addCleanup(process.stdin.close)
        self.server.greet(LOBBY)
        return process

    def cpu_seconds_to_the_end(self, process):
        usage = os.wait4(process.pid, 0)[2]
        process.returncode = 0  # it was waited for
        return usage.ru_utime + usage.ru_stime

    def test_whose_reader_went_away_waits_for_the_goodbye_without_work(self):
        process = self.begin("tail", "--follow", "--lines", "0")
        process.stdout.close()
        self.server.asked("quit")  # and there is no answer
        self.assertLess(self.cpu_seconds_to_the_end(process), 0.4)

    def test_whose_input_goes_on_waits_for_the_goodbye_without_work(self):
        process = self.begin("say", "-", stdin=subprocess.PIPE)
        process.stdin.write(b"hello\n")
        process.stdin.flush()
        self.server.refuse("say", "No.")
        self.server.asked("quit")
        process.stdin.write(b"more\n")
        process.stdin.flush()
        self.assertLess(self.cpu_seconds_to_the_end(process), 0.4)


if __name__ == "__main__":
    unittest.main()
