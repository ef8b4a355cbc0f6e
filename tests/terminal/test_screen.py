"""The full-screen chatcli in a terminal of its own, against the real chatd: what is on the screen."""

import os
import re
import signal
import socket
import time
import unicodedata
import unittest

from support import LineServer, ScreenCase, Terminal, child_of, needs_chatd, needs_tmux


README = os.path.join(os.path.dirname(__file__), "..", "..", "README.md")


def timeless(row):
    """A row of the screen without what differs from one time to the next."""
    row = re.sub(r"\d\d:\d\d", "TIME", re.sub(r"online [\d.]+ ms", "online", row))
    row = re.sub(r"(─+ )?\w+day, \d+ \w+ \d+( ─+)?", "DAY", row)
    return re.sub(r" +", " ", row)


def readme_block(beginning):
    """The rows of the README's screen that begins so."""
    with open(README, encoding="utf-8") as readme:
        blocks = readme.read().split("```")
    block = next(block for block in blocks if block.startswith("text\n" + beginning))
    return [timeless(row) for row in block.splitlines()[1:]]


def columns_of(text):
    """How many columns a row takes, for the characters that are used here."""
    columns = 0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me", "Cf"):
            continue
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


@needs_tmux
@needs_chatd
class Screen(ScreenCase):
    def test_two_screens_and_nc_talk(self):
        self.serve()
        ana = self.open("--nick", "ana")
        bob = self.open("--nick", "bob", columns=200, rows=60)
        self.enter(ana, "hello bob")
        self.wait_for_text(bob, "ana hello bob")
        self.wait_for_text(ana, "ana hello bob")
        self.enter(bob, "hi ana, how are you?")
        self.wait_for_text(ana, "bob hi ana, how are you?")
        cy = self.meet("cy")
        cy.say("and I am cy")
        rows = self.wait_for_text(ana, "cy and I am cy", "3 here", "cy joined")
        self.assertEqual(len(rows), 24)
        self.assertTrue(rows[22].endswith("/help"), rows[22])
        self.assertTrue(rows[0].startswith(" #lobby"), rows[0])
        self.assertTrue(rows[22].startswith(" ● online"), rows[22])
        self.assertIn("  ana", rows[22])
        self.assertEqual(rows[23], "#lobby>")
        # Rooms, talk and members stand between their rules, in every row.
        for row in rows[1:22]:
            self.assertEqual([len(part) for part in row.split("│")][:2], [13, 52], row)
        members = [row.rpartition("│")[2].strip() for row in rows[1:5]]
        self.assertEqual(members, ["3 here", "ana", "bob", "cy"])
        wide = bob.screen()
        self.assertEqual(len(wide), 60)
        self.assertEqual([len(part) for part in wide[5].split("│")][:2], [24, 150])
        self.enter(ana, "/me waves")
        self.wait_for_text(bob, "* ana waves")
        self.assertEqual(cy.hear("waves"), "* ana waves")

    def test_unread_rooms_are_marked_and_reached(self):
        self.serve()
        bob = self.meet("bob")
        bob.say("zero")
        ana = self.open("--nick", "ana")
        self.wait_for_text(ana, "bob zero")
        self.enter(ana, "/join dev")
        self.wait_for_text(ana, " #dev  ", "#dev>")
        bob.say("one", "two", "ana: are you there?")
        rows = self.wait_for_text(ana, " #lobby    3")
        self.assertNotIn("are you there?", "\n".join(rows))
        ana.press("M-a")
        rows = self.wait_for_text(ana, "ana: are you there?", "#lobby>")
        self.assertNotIn("#lobby    3", "\n".join(rows))
        self.assertTrue(any("─ new ─" in row for row in rows), rows)
        ana.press("M-2")
        self.wait_for_text(ana, "#dev>")
        bob.say("/msg ana psst")
        self.wait_for_text(ana, " @bob      1")
        ana.press("M-Down")
        self.wait_for_text(ana, "@bob>", "bob psst")
        self.enter(ana, "only you")
        self.assertEqual(bob.hear("only you"), "@ana only you")
        self.wait_for_text(ana, "ana only you")
        # The mouse: the first row of the list is the lobby.
        ana.type("\x1b[M" + chr(32) + chr(33 + 3) + chr(33 + 1))
        self.wait_for_text(ana, "#lobby>")

    def test_tab_completes_commands_rooms_and_nicks(self):
        self.serve()
        bob = self.meet("bob")
        bob.say("/join development", "/join lobby", "hello")
        bob.hear("JOIN OK #lobby")
        ana = self.open("--nick", "ana")
        self.wait_for_text(ana, "bob hello")
        ana.type("/jo")
        ana.press("Tab")
        ana.wait_for(lambda rows: rows[-1] == "#lobby> /join")
        ana.type("dev")
        ana.press("Tab", "Enter")
        self.wait_for_text(ana, "#development>")
        ana.type("b")
        ana.press("Tab")
        ana.wait_for(lambda rows: rows[-1] == "#development> bob:")
        ana.press("C-u")
        ana.type("/s")
        ana.press("Tab", "Tab")
        rows = ana.wait_for(lambda rows: rows[-1] == "#development> /schedules")
        self.assertEqual(rows[-2].split(), ["/search", "/schedules", "/stats"])

    def test_scrolling_back_reaches_the_first_message(self):
        self.serve()
        bob = self.meet("bob")
        bob.say(*(f"line {number} of many" for number in range(1, 351)))
        bob.say("/history 1")
        bob.hear("HISTORY END")
        ana = self.open("--nick", "ana")
        self.wait_for_text(ana, "line 350 of many")
        for _ in range(60):
            ana.press("PageUp", "PageUp")
            if any("line 1 of many" in row for row in ana.screen()):
                break
            time.sleep(0.02)
        rows = self.wait_for_text(ana, "line 1 of many", "↓ End")
        seen = [int(number) for number in re.findall(r"line (\d+) of many", "\n".join(rows))]
        self.assertEqual(seen, list(range(1, len(seen) + 1)))
        bob.say("a new one")
        self.wait_for_text(ana, "↓ 1 new · End")
        ana.press("End")
        self.wait_for_text(ana, "line 350 of many", "bob a new one")
        self.enter(ana, "/search line 77")
        self.wait_for_text(ana, "found: line 77", "bob · #lobby 77 · ")
        ana.press("Enter")
        self.wait_for_text(ana, "line 77 of many", "line 80 of many", "#lobby>")
        ana.type("/reply ")
        rows = self.wait_for_text(ana, "#77", "#80")
        ana.type("77 I agree")
        ana.press("Enter")
        self.wait_for_text(ana, "↪ bob: line 77 of many", "ana I agree")

    def test_the_mouse_scrolls_and_chooses(self):
        self.serve()
        bob = self.meet("bob")
        bob.say("/join dev", "/join lobby", *(f"line {number}" for number in range(1, 61)))
        bob.say("/history 1")
        bob.hear("HISTORY END")
        ana = self.open("--nick", "ana")
        self.wait_for_text(ana, "line 60", "│ bob")
        self.enter(ana, "/join dev")
        self.wait_for_text(ana, "#dev>")
        rows = ana.screen()
        ana.mouse(0, next(row for row, text in enumerate(rows) if text.startswith(" #lobby")), 2)
        self.wait_for_text(ana, "#lobby>", "line 60")
        ana.mouse(64, 5, 30)
        ana.wait_for(lambda rows: not any("line 60" in row for row in rows))
        ana.mouse(65, 5, 30)
        self.wait_for_text(ana, "line 60")
        ana.mouse(0, next(row for row, text in enumerate(ana.screen()) if text.endswith("│ bob")), 70)
        self.wait_for_text(ana, "@bob>")

    def test_resizing_draws_everything_anew(self):
        self.serve()
        bob = self.meet("bob")
        ana = self.open("--nick", "ana")
        bob.say("a line that is a good deal longer than forty columns, so it has to wrap there")
        ana.type("half a sentence")
        self.wait_for_text(ana, "half a sentence", "good deal")
        ana.resize(40, 10)
        rows = ana.wait_for(lambda rows: len(rows) == 10 and rows[9] == "#lobby> half a sentence")
        self.assertNotIn("│", "\n".join(rows))
        self.assertTrue(all(columns_of(row) <= 40 for row in rows), rows)
        self.assertTrue(rows[0].startswith(" #lobby") and rows[0].endswith("2 here"), rows[0])
        ana.resize(200, 60)
        rows = ana.wait_for(lambda rows: len(rows) == 60 and rows[59] == "#lobby> half a sentence")
        self.assertIn("longer than forty columns, so it has to wrap there", "\n".join(rows))
        ana.resize(20, 3)
        ana.wait_for(lambda rows: len(rows) == 3 and rows[2] == "#lobby> nce")
        ana.resize(80, 24)
        ana.type("!")
        ana.wait_for(lambda rows: len(rows) == 24 and rows[23] == "#lobby> half a sentence!")

    def test_wide_characters_and_emoji_leave_the_rest_of_the_row_in_place(self):
        self.serve()
        bob = self.meet("bob")
        ana = self.open("--nick", "ana")
        texts = ["日本語のテキスト", "família e\u0301 n\u0303", "👩\u200d👩\u200d👧 family",
                 "👍🏽 thumb", "❤\ufe0f heart", "🇩🇪 flag", "zero\u200bwidth\u00ad"]
        bob.say(*texts)
        rows = self.wait_for_text(ana, "日本語のテキスト", "👩👩👧 family", "👍 thumb", "❤ heart",
                                  "🇩🇪 flag", "zerowidth")
        for row in rows[1:22]:
            parts = row.split("│")
            self.assertEqual([columns_of(part) for part in parts[:2]], [13, 52], row)
        # One press deletes one character as people count.
        ana.type("x👩\u200d👧")
        ana.wait_for(lambda rows: rows[-1] == "#lobby> x👩👧")
        ana.press("BSpace")
        ana.wait_for(lambda rows: rows[-1] == "#lobby> x")
        ana.type("日本")
        ana.press("Left", "BSpace", "Enter")
        self.assertEqual(bob.hear("<ana>"), "<ana> x本")

    def test_no_text_reaches_the_terminal_raw(self):
        self.serve()
        eve = self.meet("eve")
        ana = self.open("--nick", "ana", environment={"NO_COLOR": "1"})
        eve.say("\x1b[2J\x1b]0;owned\x07 gone? \u202eback", "/topic \x1b[31mred", "done")
        rows = self.wait_for_text(ana, "␛[2J␛]0;owned␇ gone?", "eve set the topic: ␛[31mred")
        self.assertIn("␛[31mred", rows[0])
        # Without colours, what is bold or reversed stays.
        self.assertNotRegex("\n".join(ana.screen(colours=True)), r"\x1b\[(\d+;)*[34][0-7][;m]")
        self.assertRegex("\n".join(ana.screen(colours=True)), r"\x1b\[(\d+;)*7m")
        bob = self.open("--nick", "bob")
        self.wait_for_text(bob, "eve")
        self.assertRegex("\n".join(bob.screen(colours=True)), r"\x1b\[(\d+;)*3[2-6]m")

    def test_a_restart_in_the_middle_loses_and_doubles_nothing(self):
        self.serve()
        ana = self.open("--nick", "ana")
        bob = self.open("--nick", "bob")
        self.enter(ana, "before the crash")
        self.wait_for_text(bob, "before the crash")
        self.wait_for_text(ana, "before the crash")
        self.chatd.kill()
        self.wait_for_text(ana, "○ offline")
        self.wait_for_text(bob, "○ offline")
        self.enter(ana, "typed while it was away")
        rows = self.wait_for_text(ana, "1 unsent", "typed while it was away")
        self.assertIn("…", next(row for row in rows if "typed while" in row))
        self.enter(bob, "me too")
        self.chatd.start()
        for terminal in (ana, bob):
            rows = self.wait_for_text(terminal, "● online", "typed while it was away", "me too")
            terminal.wait_for(lambda rows: "unsent" not in "\n".join(rows))
            self.enter(terminal, "after")
        for terminal in (ana, bob):
            rows = terminal.wait_for(lambda rows: len(re.findall("after", "\n".join(rows))) == 2)
            text = "\n".join(rows)
            for line in ("before the crash", "typed while it was away", "me too"):
                self.assertEqual(text.count(line), 1, text)
            self.assertNotIn("will not come", text)

    def test_who_comes_back_is_the_same_person_and_sees_what_was_missed(self):
        self.serve()
        bob = self.meet("bob")
        ana = self.open("--nick", "ana")
        bob.say("before")
        self.wait_for_text(ana, "bob before")
        ana.press("C-d")
        self.wait_for_text(ana, "[exit 0]")
        bob.say("meanwhile", "/msg ana for you alone")
        bob.hear("MSG KEPT")
        again = self.open("--nick", "ana")
        self.wait_for_text(again, "bob before", "meanwhile", "@bob      1")
        # Who says /quit is gone for good, and so is the file.
        self.enter(again, "/quit")
        self.wait_for_text(again, "[exit 0]")
        bob.say("/nick ana")
        bob.hear("NICK OK ana")
        self.assertEqual([files for _, _, files in os.walk(self.directory + "/client") if files], [])

    def test_a_paste_of_many_lines_is_said_line_by_line(self):
        self.serve()
        bob = self.meet("bob")
        ana = self.open("--nick", "ana")
        lines = [f"line {number} of the paste" for number in range(200)]
        ana.type("\n".join(lines) + "\n")
        for line in lines:
            self.assertEqual(bob.hear("<ana>"), f"<ana> {line}")

    def test_the_ends(self):
        self.serve()
        for keys, status in ((("C-c", "C-c"), 130), (("C-d",), 0)):
            terminal = self.open("--nick", "ana")
            terminal.type("a mistake")
            terminal.press("C-c")
            terminal.wait_for(lambda rows: rows[-1] == "#lobby>")
            terminal.press(*keys)
            self.wait_for_text(terminal, f"[exit {status}]")

    def test_of_several_servers_the_one_that_is_there_is_taken(self):
        self.serve()
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nobody = f"127.0.0.1:{closed.getsockname()[1]}"
        terminal = Terminal("--server", f"{nobody},{self.chatd.tcp_target()}", "--nick", "ana",
                            columns=80, rows=24, environment={"XDG_STATE_HOME": self.directory})
        self.addCleanup(terminal.__exit__)
        self.wait_for_text(terminal, "● online", "1 here")

    def test_a_taken_nick_can_be_chosen_anew(self):
        self.serve()
        self.meet("ana")
        terminal = self.open("--nick", "ana", wait=False)
        self.wait_for_text(terminal, "is taken", "/nick NAME")
        self.enter(terminal, "/nick anna")
        self.wait_for_text(terminal, "● online", "  anna")

    def test_ctrl_z_gives_the_terminal_back(self):
        self.serve()
        ana = self.open("--nick", "ana")
        ana.type("half")
        ana.wait_for(lambda rows: rows[-1] == "#lobby> half")
        child = child_of(ana)
        ana.press("C-z")
        wait_for_state(child, "T")
        os.kill(child, signal.SIGCONT)
        ana.type("!")
        ana.wait_for(lambda rows: rows[-1] == "#lobby> half!")


    def test_the_screen_of_the_readme(self):
        self.serve()
        bob = self.meet("bob")
        ana = self.open("--nick", "ana", rows=17)
        cy = self.meet("cy")
        self.wait_for_text(ana, "cy joined")
        bob.say("/topic trains and tea", "The 8:15 is late again, they say ten minutes.")
        bob.hear("TOPIC OK")
        self.wait_for_text(ana, "8:15")
        cy.say("/reply 2 Tea then? ☕ 紅茶", "/react 2 👍")
        cy.hear("REACT OK")
        cy.say("/me puts the kettle on")
        self.wait_for_text(ana, "* cy puts the kettle on")
        self.enter(ana, "/join dev")
        self.wait_for_text(ana, "#dev>")
        self.enter(ana, "/join lobby")
        self.wait_for_text(ana, "#lobby>")
        bob.say("/join dev", "the build is green", "ana: may I release?", "/msg ana psst")
        bob.hear("MSG OK")
        ana.type("On my way, b")
        ana.press("Tab")
        shown = self.wait_for_text(ana, "@bob      1", "#dev      2", "On my way, bob")
        self.assertEqual(readme_block(" #lobby  trains"), [timeless(row) for row in shown])
        ana.press("C-c")
        ana.resize(80, 8)
        self.enter(ana, "/search late")
        shown = ana.wait_for(lambda rows: len(rows) == 8 and rows[0].startswith(" 1 found: late"))
        self.assertEqual(readme_block(" 1 found: late"), [timeless(row) for row in shown])


@needs_tmux
class WithoutScreen(unittest.TestCase):
    def setUp(self):
        self.server = LineServer()
        self.addCleanup(self.server.__exit__)

    def open(self, *arguments, **options):
        terminal = Terminal(f"127.0.0.1:{self.server.port}", *arguments, **options)
        self.addCleanup(terminal.__exit__)
        return terminal

    def lines_go_in_and_out(self, terminal):
        self.server.accept()
        self.server.say(b"<ana> \x1b[2Jhi\n")
        terminal.wait_for(["<ana> ␛[2Jhi"])
        terminal.type("hello")
        terminal.press("Enter")
        self.assertEqual(self.server.hear_until(b"\n"), b"hello\n")
        terminal.press("C-d")
        self.assertEqual(self.server.hear_to_end(), b"")
        self.server.close()
        terminal.wait_for(lambda rows: rows[-1] == "[exit 0]")

    def test_a_dumb_terminal_gets_plain_lines(self):
        self.lines_go_in_and_out(self.open(environment={"TERM": "dumb"}))

    def test_plain_is_plain_at_a_terminal_too(self):
        self.lines_go_in_and_out(self.open("--plain"))

    def test_nobody_there_is_one_clear_line(self):
        self.server.listener.close()
        terminal = self.open(columns=100)
        rows = terminal.wait_for(lambda rows: "[exit 69]" in "\n".join(rows))
        self.assertIn("connection refused", "\n".join(rows))


def wait_for_state(pid, state):
    for _ in range(500):
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == state:
                return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} does not reach state {state}")


if __name__ == "__main__":
    unittest.main()
