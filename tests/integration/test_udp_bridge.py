"""The bridge: text users see datagrams after /dgram on, and post them by /hex."""

import os
import time

import harness


class Bridge(harness.ChatdCase):
    def subscribed(self, nick, rate=""):
        person = self.person(nick)
        person.say(f"/dgram on {rate}".rstrip())
        self.expect(person, r"NOTE DGRAM \S+.* :.*")
        return person

    def test_datagrams_are_shown_as_hex(self):
        ana, quiet = self.subscribed("ana"), self.person("bob")
        peer = self.peer()
        peer.send(bytes.fromhex("deadbeef"))
        number = self.expect(ana, r"\[udp:(\d+) 4B\] de ad be ef \|\.\.\.\.\|")[1]
        peer2 = self.peer()
        peer2.send(b"Hi \x1b[2J~")
        other = self.expect(ana, r"\[udp:(\d+) 8B\] 48 69 20 1b 5b 32 4a 7e \|Hi \.\[2J~\|")[1]
        self.assertNotEqual(number, other)
        self.expect_silence(quiet)

    def test_long_datagrams_are_shown_cut_with_their_length(self):
        ana, peer = self.subscribed("ana"), self.peer()
        peer.send(bytes([0x41]) * 64)
        self.expect(ana, r"\[udp:\d+ 64B\] (41 ){63}41 \|A{64}\|")
        time.sleep(0.2)
        peer.send(bytes([0x41]) * 65)
        line = ana.line()
        self.assertRegex(line, r"^\[udp:\d+ 65B\] (41 ){64}")
        self.assertLess(line.count("41"), 66)

    def test_hex_reaches_raw_peers_and_subscribers(self):
        ana, bob, cyd = self.subscribed("ana"), self.subscribed("bob"), self.person("cyd")
        peers = self.joined_peers(2)
        for person in (ana, bob):
            person.pending(150)
        for line in ("/hex de ad be ef", r"/hex \xde\xad 0xbeef", "/hex DE:AD-be_ef"):
            ana.say(line)
            for peer in peers:
                self.assertEqual(peer.receive(), bytes.fromhex("deadbeef"))
            self.assertEqual(bob.line(), "[ana 4B] de ad be ef |....|")
            time.sleep(0.15)
        self.expect_silence(ana, cyd)

    def test_bad_hex_is_refused(self):
        ana = self.person("ana")
        for line, code in (("/hex", "NEED_MORE_PARAMS"), ("/hex abc", "BAD_HEX"),
                           ("/hex zz", "BAD_HEX"),
                           ("/hex " + "00" * 1201, "BAD_HEX")):
            ana.say(line)
            self.expect_fail(ana, "HEX", code)

    def test_off_is_off(self):
        ana, peer = self.subscribed("ana"), self.peer()
        ana.say("/dgram off")
        self.expect(ana, r"NOTE DGRAM \S+.* :.*")
        peer.send(b"x")
        self.expect_silence(ana)

    def test_a_fast_sender_is_shown_at_the_rate_asked_for_and_newest_wins(self):
        ana, peer = self.subscribed("ana", "5"), self.peer()
        began = time.monotonic()
        number = 0
        while time.monotonic() - began < 2:
            peer.send(b"%06d" % number)
            number += 1
            time.sleep(0.002)
        text = ana.pending(500).decode()
        shown = [int(bytes.fromhex(line.split("] ")[1].split(" |")[0]))
                 for line in text.splitlines()]
        self.assertEqual(shown, sorted(set(shown)))
        self.assertTrue(6 <= len(shown) <= 15, shown)
        self.assertEqual(shown[-1], number - 1, "the newest is shown in the end")

    def test_rates_outside_the_range_are_refused(self):
        ana = self.person("ana")
        for argument in ("on 0", "on -1", "on x", "maybe", "on 100000"):
            ana.say(f"/dgram {argument}")
            self.expect_fail(ana, "DGRAM", "BAD_ARGUMENT")

    def test_a_websocket_sees_and_posts_them_too(self):
        bob, peer = self.text_socket("bob"), self.joined_peers(1)[0]
        bob.send(harness.Opcode.text, b"/dgram on")
        self.assertTrue(bob.receive()[1].startswith(b"NOTE DGRAM "))
        peer.send(b"\x01")
        self.assertRegex(bob.receive()[1].decode(), r"^\[udp:\d+ 1B\] 01 \|\.\|$")
        bob.send(harness.Opcode.text, b"/hex ff")
        self.assertEqual(peer.receive(), b"\xff")

    def test_lines_do_not_wait_behind_datagrams(self):
        ana, bob = self.subscribed("ana", "1000"), self.person("bob")
        peers = self.joined_peers(4)
        for number in range(200):
            for peer in peers:
                peer.send(os.urandom(64))
            bob.say(f"line {number}")
        said = []
        while len(said) < 200:
            if (line := ana.line()).startswith("<bob> "):
                said.append(int(line.split()[-1]))
        self.assertEqual(said, list(range(200)))


if __name__ == "__main__":
    harness.main()
