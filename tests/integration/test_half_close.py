"""How a connection ends: half-close, reset, quit, and what still arrives before it."""

import time

import harness


class HalfClose(harness.ChatdCase):
    def test_a_line_and_fin(self):
        """printf 'hi\\n' | nc -N host 4399"""
        listener, script = self.person("ana"), self.connect()
        script.send("hi\n")
        script.half_close()
        self.expect(listener, r"<guest-\d+> hi")
        self.assertEqual(script.read_all(timeout=2), b"")

    def test_an_unfinished_last_line_counts(self):
        """printf 'hi' | nc -N host 4399"""
        listener, script = self.person("ana"), self.connect()
        script.send("hi")
        script.half_close()
        self.expect(listener, r"<guest-\d+> hi")
        self.assertEqual(script.read_all(timeout=2), b"")

    def test_an_unfinished_command_counts_too(self):
        script = self.connect()
        script.send("/nick ana\n/ping 7")
        script.half_close()
        answer = script.read_all().decode().splitlines()
        self.assertEqual(answer[0], "NOTE NICK OK ana :You are ana.")
        self.assertRegex(answer[1], r"^NOTE PING .*7")
        self.assertEqual(len(answer), 2)

    def test_nothing_at_all_and_fin(self):
        script = self.connect()
        script.half_close()
        self.assertEqual(script.read_all(timeout=2), b"")

    def test_every_complete_request_is_answered(self):
        script = self.connect()
        script.send("".join(f"/ping {number}\n" for number in range(500)))
        script.half_close()
        answers = script.read_all().decode().splitlines()
        self.assertEqual(len(answers), 500)
        for number, answer in enumerate(answers):
            self.assertRegex(answer, rf"^NOTE PING \S.*\b{number}\b|^NOTE PING {number}\b")

    def test_what_the_log_held_is_delivered(self):
        """A reader with much unread output half-closes: all of it arrives, then the end."""
        writer = self.person("ana")
        reader = self.person("bob", receive_buffer=8192)
        count = 2000
        for number in range(count):
            writer.say(f"{number} " + "x" * 1000)
        writer.say("/ping")
        self.expect(writer, r"NOTE PING .*")
        reader.half_close()
        time.sleep(0.2)
        lines = reader.read_all(timeout=9).decode().splitlines()
        self.assertEqual([int(line.split()[1]) for line in lines], list(range(count)))

    def test_what_is_said_after_the_fin_does_not_hold_the_end_up(self):
        talker, reader = self.person("ana"), self.person("bob")
        reader.half_close()
        for _ in range(20):
            talker.say("still talking")
            time.sleep(0.01)
        reader.read_all(timeout=2)

    def test_who_never_reads_is_closed_after_ten_seconds(self):
        writer = self.person("ana")
        self.person("bob", receive_buffer=4096).half_close()
        stuck = self.person("cyd", receive_buffer=4096)
        for _ in range(3000):
            writer.say("y" * 4000)
        writer.say("/ping")
        self.expect(writer, r"NOTE PING .*", timeout=20)
        before = self.server.descriptor_count()
        began = time.monotonic()
        stuck.half_close()

        def gone():
            writer.say("/who")
            return not any("cyd" in line for line in self.expect_list(writer, "WHO"))
        self.eventually(gone, "the stuck reader is closed", timeout=15)
        self.assertGreater(time.monotonic() - began, 1.0, "it was given time to read")
        self.assertLessEqual(self.server.descriptor_count(), before)

    def test_half_closed_http(self):
        client = self.connect()
        client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.half_close()
        self.assertEqual(harness.parse_response(client.read_all(timeout=2))[0], 200)


class OtherEnds(harness.ChatdCase):
    def test_an_unfinished_line_is_not_said_after_a_reset(self):
        listener, client = self.person("ana"), self.person("bob")
        client.send("whole\nhalf")
        self.assertEqual(listener.line(), "<bob> whole")
        client.reset()
        self.expect_silence(listener)

    def test_a_reset_frees_the_nick(self):
        client = self.person("bob")
        client.reset()
        other = self.connect()

        def taken_over():
            other.say("/nick bob")
            return other.line().startswith("NOTE NICK OK bob ")
        self.eventually(taken_over, "the nick is free")

    def test_a_reset_while_output_is_pending_harms_nobody(self):
        writer, reader = self.person("ana"), self.person("bob")
        stuck = [self.person(f"c{number}", receive_buffer=4096) for number in range(5)]
        for number in range(500):
            writer.say(f"{number} " + "z" * 2000)
        for client in stuck:
            client.reset()
        for number in range(500):
            self.assertTrue(reader.line().startswith(f"<ana> {number} "))
        self.expect_alive()

    def test_quit_delivers_what_was_asked_before(self):
        client = self.connect()
        client.send("/help\n/ping one\n/quit\n")
        self.expect_list(client, "HELP")
        self.expect(client, r"NOTE PING .*one.*")
        self.expect(client, r"NOTE QUIT .*")
        self.assertEqual(client.read_all(timeout=2), b"")

    def test_notices_tell_the_ways_to_leave_apart(self):
        ana = self.person("ana")
        ana.say("/notices on")
        self.expect(ana, r"NOTE NOTICES .*")
        seen = []
        for nick, end in (("quitter", lambda client: client.say("/quit")),
                          ("finisher", harness.Client.half_close),
                          ("resetter", harness.Client.reset)):
            end(self.person(nick))
            while not (line := ana.line()).startswith(f"-- {nick} left"):
                self.assertTrue(line.startswith("-- "), line)
            seen.append(line)
        self.assertEqual(len(seen), 3)


if __name__ == "__main__":
    harness.main()
