"""A reader that stops costs the others nothing, and is told exactly what it missed."""

import re
import threading

import harness

body = "x" * 4000
window = 50  # lines that ana may be ahead of a reader that keeps up, times two: less than any log


class Slow(harness.ChatdCase):
    def flood(self, writer, reader, count):
        """ana says `count` numbered lines, as fast as `reader` can follow; all of them arrive."""
        failures, windows_read = [], threading.Semaphore(1)  # the writer is one window ahead

        def follow():
            try:
                for number in range(1, count + 1):
                    line = reader.line(timeout=20)
                    if not line.startswith(f"<ana> {number} "):
                        raise AssertionError(f"{line[:60]!r} instead of number {number}")
                    if number % window == 0:
                        windows_read.release()
            except Exception as failure:  # handed to the test's own thread
                failures.append(failure)
        follower = threading.Thread(target=follow)
        follower.start()
        for number in range(1, count + 1):
            writer.say(f"{number} {body}")
            if number % window == 0:
                writer.say("/ping")
                self.expect(writer, r"NOTE PING .*", timeout=20)
                self.assertTrue(windows_read.acquire(timeout=20), failures)
        follower.join(60)
        self.assertEqual(failures, [])
        self.assertFalse(follower.is_alive())

    def read_numbers(self, next_line, count):
        """(numbers of the lines read, ranges of the gaps told), up to the line `the end`."""
        numbers, gaps = [], []
        while (line := next_line()) != "<ana> the end":
            if match := re.fullmatch(r"NOTE \* GAP #lobby (\d+)-(\d+) :\S.*", line):
                gaps.append((int(match[1]), int(match[2])))
                numbers += range(gaps[-1][0], gaps[-1][1] + 1)
            else:
                match = re.fullmatch(rf"<ana> (\d+) {body}", line)
                self.assertIsNotNone(match, line[:80])
                numbers.append(int(match[1]))
        # A fresh server numbers a room from 1, as this test does its lines.
        self.assertEqual(numbers, list(range(1, count + 1)), gaps)
        return gaps


class Oldest(Slow):
    flags = ("--slow-reader", "oldest")

    """With the default log of 16 MiB a room."""

    def test_the_gap_is_declared_with_exact_numbers(self):
        count = 8000  # 32 MB
        writer, reader = self.person("ana"), self.person("bob")
        slow = self.person("cyd", receive_buffer=4096)
        before = self.server.resident_kib()
        self.flood(writer, reader, count)
        # One room: 16 MiB of records, as much of encoded runs, and trimmed segments still flying.
        self.expect_growth_below(80 * 1024, before)
        writer.say("the end")
        gaps = self.read_numbers(lambda: slow.line(timeout=10), count)
        self.assertGreater(sum(last - first + 1 for first, last in gaps), 1000)
        self.expect_alive()


class SmallLog(Slow):
    flags = ("--slow-reader", "oldest", "--room-log-bytes", str(1 << 20))

    def test_a_slow_websocket_is_told_too(self):
        writer, reader = self.person("ana"), self.person("bob")
        slow = self.text_socket("cyd")
        self.flood(writer, reader, 5000)  # 20 MB: more than the kernel's buffers and the log hold
        writer.say("the end")
        self.assertTrue(self.read_numbers(lambda: slow.receive()[1].decode(), 5000))

    def test_two_stops_are_two_gaps(self):
        writer, slow = self.person("ana"), self.person("bob", receive_buffer=4096)
        first = self.gaps_of_a_stop(writer, slow, 1, 3000)
        second = self.gaps_of_a_stop(writer, slow, 3001, 6000)
        self.assertTrue(first and second and first[-1][1] < 3000 < second[0][0], (first, second))

    def gaps_of_a_stop(self, writer, slow, first, last):
        """The gaps told to a reader that reads nothing while these numbers are said, then all."""
        for number in range(first, last + 1):
            writer.say(f"{number} {body}")
            if number % 100 == 0:
                writer.say("/ping")
                self.expect(writer, r"NOTE PING .*", timeout=20)
        gaps, expected = [], first
        while expected <= last:
            line = slow.line(timeout=10)
            if match := re.fullmatch(r"NOTE \* GAP #lobby (\d+)-(\d+) :\S.*", line):
                self.assertEqual(int(match[1]), expected)
                gaps.append((int(match[1]), int(match[2])))
                expected = gaps[-1][1] + 1
            else:
                self.assertTrue(line.startswith(f"<ana> {expected} "), line[:60])
                expected += 1
        return gaps

    def test_fifty_stopped_readers_cost_no_more_than_one(self):
        writer, reader = self.person("ana"), self.person("bob")
        for number in range(50):
            self.person(f"slow-{number}", receive_buffer=4096)
        before = self.server.resident_kib()
        self.flood(writer, reader, 2000)
        self.expect_growth_below(50 * 1024, before)
        self.expect_alive()

    def test_a_pause_within_the_log_misses_nothing(self):
        writer, slow = self.person("ana"), self.person("bob", receive_buffer=4096)
        for number in range(1500):
            writer.say(f"{number} " + "y" * 500)
        writer.say("/ping")
        self.expect(writer, r"NOTE PING .*")
        for number in range(1500):
            self.assertTrue(slow.line().startswith(f"<ana> {number} "))


class Replies(harness.ChatdCase):
    def test_one_that_asks_and_never_reads_is_read_no_more(self):
        greedy = self.person("ana", receive_buffer=4096, timeout=1.0)
        before, sent = self.server.resident_kib(), 0
        block = b"/help\n" * 1000
        with self.assertRaises(TimeoutError):
            while sent < 200_000_000:
                greedy.send(block)
                sent += len(block)
        self.expect_growth_below(16 * 1024, before)
        self.expect_alive()

    def test_and_goes_on_where_it_stopped(self):
        greedy = self.person("ana", receive_buffer=4096)
        count = 60000
        questions = "".join(f"/ping {number}\n" for number in range(count))
        greedy.socket.settimeout(30)
        thread = threading.Thread(target=greedy.send, args=(questions,))
        thread.start()
        for number in range(count):
            self.assertTrue((line := greedy.line(timeout=20)).endswith(f":{number}"), line)
        thread.join(10)

    def test_a_private_message_to_a_full_reader_is_refused_and_not_dropped(self):
        ana, bob = self.person("ana"), self.person("bob", receive_buffer=4096)
        accepted = refused = 0
        while not refused:
            ana.say(f"/msg bob {accepted} {body[:3000]}")
            refused = ana.line().startswith("FAIL MSG RECIPIENT_FULL ")
            accepted += not refused
            self.assertLess(accepted, 20000)
        for number in range(accepted):
            self.assertTrue(bob.line().startswith(f"@ana {number} "))
        self.expect_silence(bob)


class Close(Slow):
    flags = ("--slow-reader", "close", "--room-log-bytes", str(1 << 20))

    def test_it_closes_instead(self):
        count = 4000
        writer, reader = self.person("ana"), self.person("bob")
        slow = self.person("cyd", receive_buffer=4096)
        self.flood(writer, reader, count)
        received = slow.read_all(timeout=10)  # what was on its way when it fell behind
        self.assertLess(received.count(b"\n"), count)
        self.assertNotIn(b" GAP ", received)
        writer.say("/who")
        self.assertFalse([line for line in self.expect_list(writer, "WHO") if "cyd" in line])


if __name__ == "__main__":
    harness.main()
