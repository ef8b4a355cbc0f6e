"""What somebody sees who connects with nc and knows nothing: the greeting, line by line."""

import time

import harness
from harness import Opcode

welcome = (r"NOTE \* WELCOME #lobby :chatd, #lobby, {here}\. "
           r"Type a line to talk; /help; /nick NAME\.")
alone = welcome.format(here="nobody else here yet")


class Transcript(harness.ChatdCase):
    """The README's first transcript, with the default timing."""

    def test_each_line_a_newcomer_sees(self):
        ana = self.connect()
        began = time.monotonic()
        self.assertEqual(ana.line(), "NOTE * WELCOME #lobby :chatd, #lobby, nobody else here yet. "
                                     "Type a line to talk; /help; /nick NAME.")
        self.assertGreaterEqual(time.monotonic() - began, 0.9, "greeted before a second of silence")
        ana.say("hello")
        self.assertEqual(ana.line(),
                         "NOTE NICK GUEST guest-1 :You are guest-1; /nick NAME changes it.")
        ana.say("/nick ana")
        self.assertEqual(ana.line(), "NOTE NICK OK ana :You are ana.")
        bob = self.person("bob")
        bob.say("hi ana")
        self.assertEqual(ana.line(), "<bob> hi ana")
        ana.say("/nosuch")
        self.assertEqual(ana.line(),
                         "FAIL NOSUCH UNKNOWN_COMMAND :No such command; /help lists them, "
                                     "// begins a line with a slash.")
        self.expect_silence(ana, bob)


class Greeting(harness.ChatdCase):
    flags = ("--listen-after", "100", "--greet-after", "300")

    def test_it_counts_who_is_here(self):
        people = [self.person("ana"), self.person("bob")]
        newcomer = self.connect()
        match = self.expect(newcomer, welcome.format(here=r"(\d+) here"))
        self.assertEqual(int(match[1]), len(people))
        self.expect_silence(*people)

    def test_it_comes_once(self):
        newcomer = self.connect()
        self.expect(newcomer, alone)
        self.expect_silence(newcomer, milliseconds=700)
        newcomer.say("hello")
        self.expect(newcomer, r"NOTE NICK GUEST guest-1 :.*")
        newcomer.say("hello again")
        self.expect_silence(newcomer, milliseconds=500)

    def test_who_speaks_at_once_is_a_script_and_gets_no_notes(self):
        listener = self.person("ana")
        script = self.connect()
        script.say("hello")
        self.expect(listener, r"<guest-\d+> hello")
        self.expect_silence(script, milliseconds=700)
        script.say("again")
        self.expect(listener, r"<guest-\d+> again")
        self.expect_silence(script)

    def test_half_a_line_is_not_silence(self):
        listener = self.person("ana")
        typist = self.connect()
        typist.send("hel")
        self.expect_silence(typist, milliseconds=700)
        typist.say("lo")
        self.expect(listener, r"<guest-\d+> hello")
        self.expect_silence(typist)

    def test_guests_are_numbered(self):
        listener = self.person("ana")
        names = []
        for _ in range(3):
            self.connect().say("hello")
            names.append(self.expect(listener, r"<(guest-\d+)> hello")[1])
        self.assertEqual(len(set(names)), 3, names)

    def test_a_websocket_is_greeted_at_once_with_its_nick(self):
        began = time.monotonic()
        connection = self.websocket()
        messages = [connection.receive()[1].decode()]
        self.assertRegex(messages[0], r"^NOTE \* WELCOME #lobby :chatd, #lobby, ")
        connection.send(Opcode.text, b"/ping")
        while not messages[-1].startswith("NOTE PING"):
            messages.append(connection.receive()[1].decode())
        self.assertLess(time.monotonic() - began, harness.timeout_default)
        self.assertTrue(any("guest-" in message for message in messages), messages)


class Listeners(harness.ChatdCase):
    """A silent connection hears the lobby before it has a name."""

    flags = ("--listen-after", "100", "--greet-after", "0")

    def listener(self):
        silent = self.connect()
        self.expect_silence(silent, milliseconds=300)
        return silent

    def test_it_hears_the_lobby_and_is_never_greeted(self):
        ana = self.person("ana")
        silent = self.listener()
        ana.say("anybody there?")
        self.assertEqual(silent.line(), "<ana> anybody there?")
        self.expect_silence(silent, milliseconds=500)

    def test_it_hears_no_other_room(self):
        ana = self.person("ana", room="dev")
        silent = self.listener()
        ana.say("only here")
        self.expect_silence(silent)

    def test_it_has_no_nick_and_causes_no_notice(self):
        ana = self.person("ana")
        ana.say("/notices on")
        self.expect(ana, r"NOTE NOTICES .*")
        silent = self.listener()
        ana.say("/who")
        self.assertEqual(len(self.expect_list(ana, "WHO")), 1)
        silent.close()
        self.expect_silence(ana)

    def test_it_becomes_a_guest_by_its_first_line(self):
        ana = self.person("ana")
        silent = self.listener()
        ana.say("one")
        self.assertEqual(silent.line(), "<ana> one")
        silent.say("I am here")
        self.expect(ana, r"<guest-\d+> I am here")
        ana.say("two")
        self.assertEqual(silent.line(), "<ana> two")


class NeverListening(harness.ChatdCase):
    flags = ("--listen-after", "0", "--greet-after", "0")

    def test_a_silent_connection_stays_silent(self):
        ana = self.person("ana")
        silent = self.connect()
        self.expect_silence(silent, milliseconds=500)
        ana.say("hello")
        self.expect_silence(silent, milliseconds=500)
        silent.say("hi")
        self.expect(ana, r"<guest-\d+> hi")


if __name__ == "__main__":
    harness.main()
