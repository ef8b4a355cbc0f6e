"""The text dialect: rooms, names, private messages and every command."""

import random

import harness

commands = ("help", "nick", "join", "leave", "rooms", "who", "msg", "me", "ping", "notices", "hex",
            "dgram", "quit")


class Talk(harness.ChatdCase):
    def test_a_line_goes_to_everybody_else_and_not_back(self):
        ana, bob, cyd = (self.person(nick) for nick in ("ana", "bob", "cyd"))
        ana.say("hello")
        self.assertEqual(bob.line(), "<ana> hello")
        self.assertEqual(cyd.line(), "<ana> hello")
        self.expect_silence(ana)

    def test_everybody_sees_one_order(self):
        people = [self.person(f"p{number}") for number in range(4)]
        for turn in range(50):
            for number, person in enumerate(people):
                person.say(f"{number} {turn}")
        seen = [person.lines(150) for person in people]
        order = {}
        for lines in seen:
            for before, after in zip(lines, lines[1:]):
                order.setdefault(before, set()).add(after)
        # Each reader misses its own lines; merged, what any two share must stand in one order.
        for one in range(4):
            for other in range(one):
                shared = set(seen[one]) & set(seen[other])
                self.assertEqual([line for line in seen[one] if line in shared],
                                 [line for line in seen[other] if line in shared])

    def test_lines_end_in_lf_or_crlf_and_go_out_with_lf(self):
        ana, bob = self.person("ana"), self.person("bob")
        ana.send("one\r\ntwo\nthree\r\n")
        self.assertEqual(bob.read_until(b"three\n"), b"<ana> one\n<ana> two\n<ana> three\n")

    def test_a_line_in_pieces_is_one_line(self):
        ana, bob = self.person("ana"), self.person("bob")
        ana.send_slowly("bit by bit: \u00fc\n")
        self.assertEqual(bob.line(), "<ana> bit by bit: \u00fc")

    def test_two_slashes_say_one(self):
        ana, bob = self.person("ana"), self.person("bob")
        ana.say("//etc/passwd")
        self.assertEqual(bob.line(), "<ana> /etc/passwd")

    def test_an_action(self):
        ana, bob = self.person("ana"), self.person("bob")
        ana.say("/me waves")
        self.assertEqual(bob.line(), "* ana waves")
        self.expect_silence(ana)

    def test_utf8_arrives_unchanged(self):
        ana, bob = self.person("ana"), self.person("bob")
        for text in ("gr\u00fc\u00dfe", "\u65e5\u672c\u8a9e", "\U0001f600",
                     "\u0645\u0631\u062d\u0628\u0627"):
            ana.say(text)
            self.assertEqual(bob.line(), f"<ana> {text}")

    def test_the_longest_line_is_said_and_one_byte_more_is_not(self):
        ana, bob = self.person("ana"), self.person("bob")
        ana.say("x" * 4096)
        self.assertEqual(bob.line(), "<ana> " + "x" * 4096)
        ana.say("y" * 4097)
        self.expect_fail(ana, "*", "LINE_TOO_LONG")
        ana.say("still here")
        self.assertEqual(bob.line(), "<ana> still here")

    def test_control_characters_never_reach_a_terminal(self):
        ana, bob = self.person("ana"), self.person("bob")
        for text in ("\x1b[2Jcleared", "bell\x07", "over\rwrite", "\u009b31mred",
                     "bidi\u202egnp.exe",
                     "\u2066isolate", "del\x7f", "\u200fmark"):
            ana.say(text)
            line = bob.line()
            self.assertTrue(line.startswith("<ana> "), line)
            for bad in "\x1b\x07\r\x9b\u202e\u2066\x7f":
                self.assertNotIn(bad, line)

    def test_no_body_makes_a_line_of_another_author(self):
        ana, bob = self.person("ana"), self.person("bob")
        for text in ("a\r<root> b", "a\u2028<root> b", "a\u2029<root> b", "a\u0085<root> b",
                     "a\x0b<root> b"):
            ana.say(text)
            ana.say("/me done")
            while (line := bob.line()) != "* ana done":
                self.assertTrue(line.startswith("<ana> "), line)

    def test_nothing_random_makes_a_line_of_another_kind(self):
        """Whatever is said, done or whispered, each line shows its author and no controls."""
        controls = {chr(code) for code in [*range(32), 0x7f, *range(0x80, 0xa0)]} - {"\t", "\n",
                                                                                     "\0"}
        awkward = [*sorted(controls), "\t", "\u200e", "\u202a", "\u202e", "\u2028", "\u2029",
                   "\u2066",
                   "\ufeff", "<root> ", "* ", "@ana ", "-- ", "NOTE * ", "#dev ", "[udp:1 1B] ",
                   " ", "x"]
        generator = random.Random(7)
        ana, bob = self.person("ana"), self.person("bob", "dev")
        for number in range(600):
            body = "x" + "".join(generator.choices(awkward, k=generator.randrange(1, 12)))
            ana.say(("", "/me ", "/msg bob ")[number % 3] + body)
            ana.say("/msg bob done")
            while (line := bob.line()) != "@ana done":
                self.assertRegex(line, r"^(<ana> |\* ana |@ana )", body)
                self.assertFalse(controls & set(line), (line, body))

    def test_a_pipelined_conversation_is_answered_in_order(self):
        ana = self.connect()
        ana.send("/nick ana\n/join dev\n/nosuch\n/ping\n/leave dev\n")
        for start in ("NOTE NICK OK ana ", "NOTE JOIN ", "FAIL NOSUCH UNKNOWN_COMMAND ",
                      "NOTE PING ",
                      "NOTE LEAVE "):
            self.assertTrue((line := ana.line()).startswith(start), line)


class Names(harness.ChatdCase):
    def test_a_taken_nick_is_refused_whatever_its_case(self):
        self.person("Ana")
        other = self.connect()
        for taken in ("Ana", "ana", "ANA"):
            other.say(f"/nick {taken}")
            self.expect_fail(other, "NICK", "NICK_IN_USE")

    def test_a_nick_that_looks_like_another_is_refused(self):
        self.person("paul-1")
        other = self.connect()
        for alike in ("pauI-1", "paul-l", "PAUL-I"):
            other.say(f"/nick {alike}")
            self.expect_fail(other, "NICK", "NICK_IN_USE")
        other.say("/nick p\u0430ul-1")  # a Cyrillic letter
        self.expect(other, r"FAIL NICK (BAD_NICK|NICK_IN_USE) .*")

    def test_rules(self):
        ana = self.connect()
        for bad in ("-ana", "1ana", "a" * 33, "a,b", "a<b", "a:b", "a@b", "#ana", "an\u202ea",
                    "a\x1bb"):
            ana.say(f"/nick {bad}")
            self.expect_fail(ana, "NICK", "BAD_NICK")
        for good in ("a", "a" * 32, "ana_1", "A-n.a"):
            ana.say(f"/nick {good}")
            self.assertEqual(ana.line(), f"NOTE NICK OK {good} :You are {good}.")
        ana.say("/nick")
        self.expect_fail(ana, "NICK", "NEED_MORE_PARAMS")

    def test_a_guest_name_belongs_to_its_guest(self):
        listener = self.person("ana")
        guest = self.connect()
        guest.say("hello")
        name = self.expect(listener, r"<(guest-\d+)> hello")[1]
        listener.say(f"/nick {name}")
        self.expect(listener, r"FAIL NICK (BAD_NICK|NICK_IN_USE) .*")

    def test_a_nick_is_free_again_after_its_owner_left(self):
        self.person("ana").close()
        other = self.connect()

        def taken_over():
            other.say("/nick ana")
            return other.line().startswith("NOTE NICK OK ana ")
        self.eventually(taken_over, "the nick is free")

    def test_changing_only_the_case_of_ones_own_nick_is_fine(self):
        ana = self.person("ana")
        ana.say("/nick Ana")
        self.assertEqual(ana.line(), "NOTE NICK OK Ana :You are Ana.")


class Rooms(harness.ChatdCase):
    def test_join_makes_current_and_other_rooms_are_named_on_each_line(self):
        ana, bob = self.person("ana"), self.person("bob")
        for person in (ana, bob):
            person.say("/join #dev")
            self.expect(person, r"NOTE JOIN \S+ #dev .*")
        ana.say("in dev")
        self.assertEqual(bob.line(), "#dev <ana> in dev")
        ana.say("/me works")
        self.assertEqual(bob.line(), "#dev * ana works")
        ana.say("/join lobby")
        self.expect(ana, r"NOTE JOIN \S+ #lobby .*")
        ana.say("back in the lobby")
        self.assertEqual(bob.line(), "<ana> back in the lobby")
        bob.say("bob is still in dev")
        self.assertEqual(ana.line(), "#dev <bob> bob is still in dev")

    def test_only_members_hear_a_room(self):
        ana, bob, cyd = self.person("ana", "dev"), self.person("bob", "dev"), self.person("cyd")
        ana.say("secret")
        self.assertEqual(bob.line(), "#dev <ana> secret")
        self.expect_silence(cyd)

    def test_after_leaving_the_current_room_the_lobby_is_current(self):
        ana, bob = self.person("ana", "dev"), self.person("bob")
        ana.say("/leave")
        self.expect(ana, r"NOTE LEAVE \S+ #dev .*")
        ana.say("hello")
        self.assertEqual(bob.line(), "<ana> hello")

    def test_nothing_of_a_room_arrives_after_leaving_it(self):
        ana, bob = self.person("ana", "dev"), self.person("bob", "dev")
        bob.say("/leave dev")
        self.expect(bob, r"NOTE LEAVE \S+ #dev .*")
        ana.say("gone?")
        self.expect_silence(bob)

    def test_with_no_room_left_a_line_is_refused(self):
        ana = self.person("ana")
        ana.say("/leave lobby")
        self.expect(ana, r"NOTE LEAVE \S+ #lobby .*")
        ana.say("hello?")
        self.expect_fail(ana, r"*", "NO_ROOM")
        ana.say("/join lobby")
        self.expect(ana, r"NOTE JOIN \S+ #lobby .*")

    def test_room_names_fold_case(self):
        ana, bob = self.person("ana", "dev"), self.person("bob")
        bob.say("/join DEV")
        self.expect(bob, r"NOTE JOIN \S+ #dev .*|NOTE JOIN \S+ #DEV .*")
        ana.say("same room")
        self.expect(bob, r"#(dev|DEV) <ana> same room")

    def test_refusals(self):
        ana = self.person("ana")
        for line, name, code in (("/join a,b", "JOIN", "BAD_ROOM"),
                                 ("/join " + "r" * 33, "JOIN", "BAD_ROOM"),
                                 ("/join", "JOIN", "NEED_MORE_PARAMS"),
                                 ("/leave nowhere", "LEAVE", "NOT_IN_ROOM")):
            ana.say(line)
            self.expect_fail(ana, name, code)

    def test_64_rooms_and_no_more(self):
        ana = self.person("ana")
        for number in range(63):  # the lobby is the first
            ana.say(f"/join r{number}")
            self.expect(ana, rf"NOTE JOIN \S+ #r{number} .*")
        ana.say("/join one-more")
        self.expect_fail(ana, "JOIN", "TOO_MANY_ROOMS")

    def test_rooms_lists_rooms(self):
        self.person("bob", "dev")
        ana = self.person("ana")
        ana.say("/rooms")
        text = "\n".join(self.expect_list(ana, "ROOMS"))
        self.assertIn("#lobby", text)
        self.assertIn("#dev", text)

    def test_who_lists_the_members_of_a_room(self):
        ana, _ = self.person("ana"), self.person("bob")
        self.person("cyd", "dev")
        ana.say("/who")
        listed = self.expect_list(ana, "WHO")
        self.assertEqual(len(listed), 3, listed)
        for nick in ("ana", "bob", "cyd"):
            self.assertTrue(any(nick in line for line in listed), listed)
        ana.say("/who dev")
        self.expect_fail(ana, "WHO", "NOT_IN_ROOM")
        ana.say("/join dev")
        self.expect(ana, r"NOTE JOIN OK #dev .*")
        ana.say("/who #dev")
        listed = self.expect_list(ana, "WHO")
        self.assertEqual(len(listed), 2, listed)


class Private(harness.ChatdCase):
    def test_it_reaches_the_right_person_only(self):
        ana, bob, cyd = (self.person(nick) for nick in ("ana", "bob", "cyd"))
        ana.say("/msg bob psst, bob")
        self.assertEqual(bob.line(), "@ana psst, bob")
        self.expect(ana, r"NOTE MSG \S+.* :.*")
        self.expect_silence(ana, bob, cyd)

    def test_it_follows_a_renamed_person(self):
        ana, bob = self.person("ana"), self.person("bob")
        bob.say("/nick robert")
        bob.line()
        ana.say("/msg bob hello")
        self.expect_fail(ana, "MSG", "NO_SUCH_NICK")
        ana.say("/msg Robert hello")
        self.assertEqual(bob.line(), "@ana hello")

    def test_refusals(self):
        ana = self.person("ana")
        ana.say("/msg nobody hello")
        self.expect_fail(ana, "MSG", "NO_SUCH_NICK")
        for line in ("/msg", "/msg bob"):
            ana.say(line)
            self.expect(ana, r"FAIL MSG (NEED_MORE_PARAMS|EMPTY)( \S+)* :.*")

    def test_to_oneself(self):
        ana = self.person("ana")
        ana.say("/msg ana note to self")
        self.assertEqual(sorted(line[:5] for line in ana.lines(2)), ["@ana ", "NOTE "])


class Commands(harness.ChatdCase):
    def test_help_names_every_command(self):
        ana = self.person("ana")
        ana.say("/help")
        text = "\n".join(self.expect_list(ana, "HELP"))
        for command in commands:
            self.assertIn("/" + command, text)

    def test_every_command_but_me_and_hex_answers(self):
        ana = self.person("ana")
        for command in commands:
            if command != "quit":
                ana.say("/" + command)
                ana.say("/ping marker")
                first = ana.line()
                self.assertRegex(first, rf"^(NOTE|FAIL) {command.upper()} |^-- ")
                while not ana.line().startswith("NOTE PING"):
                    pass

    def test_command_names_fold_case(self):
        ana = self.connect()
        ana.say("/NICK ana")
        self.assertEqual(ana.line(), "NOTE NICK OK ana :You are ana.")

    def test_ping_answers_with_what_it_was_given(self):
        ana = self.person("ana")
        ana.say("/ping 12345")
        self.assertIn("12345", self.expect(ana, r"NOTE PING \S+.*")[0])

    def test_notices_show_who_comes_and_goes(self):
        ana = self.person("ana")
        ana.say("/notices on")
        self.expect(ana, r"NOTE NOTICES \S+.* :.*")
        bob = self.person("bob", "dev")
        ana.say("/join dev")
        lines = [ana.line()]
        while not lines[-1].startswith("NOTE JOIN"):
            lines.append(ana.line())
        bob.say("/nick robert")
        bob.line()
        bob.close()
        while not any("robert left #dev" in line for line in lines):
            lines.append(ana.line())
        for line in lines:
            self.assertRegex(line, r"^(-- \S+ .*|NOTE JOIN .*)$")
        ana.say("/notices off")
        while not ana.line().startswith("NOTE NOTICES"):
            pass
        self.person("cyd").close()
        self.expect_silence(ana)

    def test_notices_are_off_at_first(self):
        ana = self.person("ana")
        bob = self.person("bob")
        bob.say("/join dev")
        bob.line()
        bob.close()
        self.expect_silence(ana)

    def test_quit_is_answered_and_ends_the_connection(self):
        ana, bob = self.person("ana"), self.person("bob")
        ana.send("last words\n/quit\nnot said\n")
        self.expect(ana, r"NOTE QUIT \S+.* :.*")
        self.assertEqual(ana.read_all(), b"")
        self.assertEqual(bob.line(), "<ana> last words")
        self.expect_silence(bob)

    def test_unknown_commands(self):
        ana = self.person("ana")
        for word in ("nosuch", "x", "NICKNAME", "helpme", "42"):
            ana.say(f"/{word} and more")
            self.expect_fail(ana, word.upper(), "UNKNOWN_COMMAND")


if __name__ == "__main__":
    harness.main()
