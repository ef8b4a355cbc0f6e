"""chatcli at a terminal: what is on the screen, cell by cell."""

import os
import signal
import time
import unittest

from support import LineServer, Terminal, needs_tmux


@needs_tmux
class Interactive(unittest.TestCase):
    def setUp(self):
        self.server = LineServer()
        self.addCleanup(self.server.__exit__)

    def open(self, *arguments, wait_for_prompt=True, **options):
        terminal = Terminal(f"127.0.0.1:{self.server.port}", *arguments, **options)
        self.addCleanup(terminal.__exit__)
        self.server.accept()
        if wait_for_prompt:
            terminal.wait_for([">"])
        return terminal

    def test_a_typed_line_goes_out_when_enter_is_pressed(self):
        terminal = self.open()
        terminal.type("hello there")
        terminal.wait_for(["> hello there"])
        self.assertTrue(self.server.hears_nothing(0.1))
        terminal.press("Enter")
        self.assertEqual(self.server.hear_until(b"\n"), b"hello there\n")

    def test_incoming_lines_stand_above_what_is_being_typed(self):
        terminal = self.open()
        terminal.type("half a sen")
        terminal.wait_for(["> half a sen"])
        self.server.say(b"<ana> hi\n<bob> hello ana\n")
        terminal.wait_for(["<ana> hi", "<bob> hello ana", "> half a sen"])
        terminal.type("tence")
        self.server.say(b"<ana> bye\n")
        terminal.wait_for(["<ana> hi", "<bob> hello ana", "<ana> bye", "> half a sentence"])
        terminal.press("Enter")
        self.assertEqual(self.server.hear_until(b"\n"), b"half a sentence\n")

    def test_the_cursor_keeps_its_place_in_the_middle_of_a_line(self):
        terminal = self.open()
        terminal.type("held")
        terminal.press("Left")
        self.server.say(b"<ana> hi\n")
        terminal.wait_for(["<ana> hi", "> held"])
        terminal.type("lo worl")
        terminal.wait_for(["<ana> hi", "> hello world"])
        terminal.press("Enter")
        self.assertEqual(self.server.hear_until(b"\n"), b"hello world\n")

    def test_a_line_that_wraps_is_drawn_anew_as_a_whole(self):
        terminal = self.open(columns=20)
        typed = "a line of more than two rows, forty columns"
        terminal.type(typed)
        drawn = ["> a line of more tha", "n two rows, forty co", "lumns"]
        terminal.wait_for(drawn)
        self.server.say(b"<ana> hi\n")
        terminal.wait_for(["<ana> hi", *drawn])
        terminal.press("C-a")
        self.server.say(b"<ana> again\n")
        terminal.wait_for(["<ana> hi", "<ana> again", *drawn])
        terminal.press("Enter")
        self.assertEqual(self.server.hear_until(b"\n"), typed.encode() + b"\n")

    def test_a_line_exactly_as_wide_as_the_screen(self):
        terminal = self.open(columns=20)
        terminal.type("x" * 18)
        terminal.wait_for(["> " + "x" * 18])
        self.server.say(b"<ana> hi\n")
        terminal.wait_for(["<ana> hi", "> " + "x" * 18])
        terminal.type("y")
        terminal.wait_for(["<ana> hi", "> " + "x" * 18, "y"])

    def test_wide_characters_take_two_columns(self):
        terminal = self.open(columns=20)
        typed = "日本語の行がここで折り返す"
        terminal.type(typed)
        drawn = ["> 日本語の行がここで", "折り返す"]
        terminal.wait_for(drawn)
        self.server.say("<ana> 日本\n".encode())
        terminal.wait_for(["<ana> 日本", *drawn])
        terminal.press("BSpace")
        terminal.wait_for(["<ana> 日本", drawn[0], "折り返"])
        terminal.press("Enter")
        self.assertEqual(self.server.hear_until(b"\n").decode(), typed[:-1] + "\n")

    def test_a_wide_character_never_straddles_two_rows(self):
        terminal = self.open(columns=20)
        terminal.type("a日本語の行がここで折り返す")
        drawn = ["> a日本語の行がここ", "で折り返す"]
        terminal.wait_for(drawn)
        self.server.say(b"<ana> hi\n")
        terminal.wait_for(["<ana> hi", *drawn])

    def test_after_a_resize_the_line_is_drawn_for_the_new_width(self):
        terminal = self.open(columns=40)
        self.server.say(b"<ana> hi\n")
        terminal.wait_for(["<ana> hi", ">"])
        terminal.type("a line of thirty columns, no 1")
        terminal.wait_for(["<ana> hi", "> a line of thirty columns, no 1"])
        terminal.resize(20, 15)
        # tmux may scroll what stood above out of sight, so only the last rows count.
        drawn = ["> a line of thirty c", "olumns, no 1"]
        terminal.wait_for(lambda rows: rows[-2:] == drawn)
        self.server.say(b"<bob> oh\n")
        terminal.wait_for(lambda rows: rows[-3:] == ["<bob> oh", *drawn])
        terminal.resize(60, 15)
        drawn = ["<ana> hi", "<bob> oh", "> a line of thirty columns, no 1"]
        terminal.wait_for(lambda rows: rows[-3:] == drawn)
        terminal.type("!")
        terminal.press("Enter")
        self.assertEqual(self.server.hear_until(b"\n"), b"a line of thirty columns, no 1!\n")

    def test_the_prompt_shows_nick_and_room_once_they_are_known(self):
        terminal = self.open("--nick", "ana", "--room", "dev")
        self.assertEqual(self.server.hear_until(b"#dev\n"), b"/nick ana\n/join #dev\n")
        self.server.say(b"NOTE NICK OK ana :You are ana.\n")
        terminal.wait_for(["NOTE NICK OK ana :You are ana.", "ana>"])
        self.server.say(b"NOTE JOIN OK #dev :You are in #dev.\n")
        terminal.wait_for(lambda rows: rows[-1] == "ana #dev>")
        terminal.type("still here")
        self.server.say(b"NOTE LEAVE OK #dev :You left #dev.\n")
        terminal.wait_for(lambda rows: rows[-1] == "ana #lobby> still here")

    def test_up_and_down_recall_lines(self):
        terminal = self.open()
        for line in ("first", "second"):
            terminal.type(line)
            terminal.press("Enter")
            self.server.hear_until(line.encode() + b"\n")
        terminal.press("Up", "Up")
        terminal.wait_for(lambda rows: rows[-1] == "> first")
        terminal.press("Down", "Enter")
        self.assertEqual(self.server.hear_until(b"\n"), b"second\n")

    def test_a_paste_of_many_lines_arrives_whole(self):
        terminal = self.open()
        lines = [f"line {number} of the paste" for number in range(200)]
        terminal.type("\n".join(lines) + "\n")
        heard = self.server.hear_until(b"line 199 of the paste\n")
        self.assertEqual(heard.decode().splitlines(), lines)

    def test_ctrl_d_half_closes_and_shows_what_still_comes(self):
        terminal = self.open()
        terminal.type("bye")
        terminal.press("Enter", "C-d")
        self.assertEqual(self.server.hear_to_end(), b"bye\n")
        self.server.say(b"<ana> see you\n")
        self.server.close()
        terminal.wait_for(lambda rows: rows[-2:] == ["<ana> see you", "[exit 0]"])

    def test_ctrl_c_clears_the_line_and_twice_quits(self):
        terminal = self.open()
        terminal.type("a mistake")
        terminal.wait_for(["> a mistake"])
        terminal.press("C-c")
        hint = "(Ctrl-C again quits, Ctrl-D says goodbye)"
        terminal.wait_for([hint, ">"])
        terminal.type("fine")
        terminal.press("Enter")
        self.assertEqual(self.server.hear_until(b"\n"), b"fine\n")
        terminal.press("C-c")
        terminal.wait_for([hint, "> fine", hint, ">"])
        terminal.press("C-c")
        terminal.wait_for(lambda rows: rows[-1] == "[exit 130]")

    def test_quit_ends_with_0(self):
        terminal = self.open()
        terminal.type("/quit")
        terminal.press("Enter")
        self.server.hear_until(b"/quit\n")
        self.server.say(b"NOTE QUIT OK :Goodbye.\n")
        self.server.close()
        terminal.wait_for(["> /quit", "NOTE QUIT OK :Goodbye.", ">", "[exit 0]"])

    def test_a_server_that_goes_away_is_one_clear_line(self):
        terminal = self.open()
        terminal.type("unsent")
        terminal.wait_for(["> unsent"])
        self.server.close()
        terminal.wait_for(["> unsent", "chatcli: the server closed the connection.", "[exit 1]"])

    def test_a_reset_is_an_io_error(self):
        terminal = self.open()
        self.server.reset()
        terminal.wait_for([">", "chatcli: the connection broke: connection reset by peer.",
                           "[exit 74]"])

    def test_escape_sequences_never_reach_the_terminal(self):
        terminal = self.open()
        self.server.say(b"<eve> \x1b[2J\x1b]0;owned\x07\x9b31m gone?\r<ana> forged\n")
        terminal.wait_for(lambda rows: rows[:1] != [">"] and rows[-1] == ">")
        rows = terminal.screen()
        self.assertEqual(len(rows), 2)
        self.assertTrue(rows[0].startswith("<eve> ␛[2J␛]0;owned␇"), rows[0])
        self.assertTrue(rows[0].endswith("gone?␍<ana> forged"), rows[0])

    def test_colours_mark_nicks_and_failures(self):
        terminal = self.open()
        self.server.say(b"<ana> hi\nFAIL NICK NICK_IN_USE :Taken.\n")
        terminal.wait_for(["<ana> hi", "FAIL NICK NICK_IN_USE :Taken.", ">"])
        coloured = "\n".join(terminal.screen(colours=True))
        self.assertIn("\x1b[31mFAIL", coloured)
        self.assertRegex(coloured, r"<\x1b\[[0-9;]+m(\x1b\[[0-9;]+m)?ana\x1b")

    def test_no_color_is_respected_and_editing_stays(self):
        terminal = self.open(environment={"NO_COLOR": "1"})
        terminal.type("half")
        self.server.say(b"<ana> hi\nFAIL NICK NICK_IN_USE :Taken.\n")
        terminal.wait_for(["<ana> hi", "FAIL NICK NICK_IN_USE :Taken.", "> half"])
        self.assertNotIn("\x1b", "\n".join(terminal.screen(colours=True)))

    def test_a_dumb_terminal_gets_plain_lines(self):
        terminal = self.open(wait_for_prompt=False, environment={"TERM": "dumb"})
        self.server.say(b"<ana> hi\n")
        terminal.wait_for(["<ana> hi"])
        terminal.type("hello")
        terminal.press("Enter")
        self.assertEqual(self.server.hear_until(b"\n"), b"hello\n")
        terminal.press("C-d")
        self.assertEqual(self.server.hear_to_end(), b"")
        self.server.close()
        terminal.wait_for(lambda rows: rows[-1] == "[exit 0]")

    def test_ctrl_z_gives_the_terminal_back_and_fg_returns_to_the_line(self):
        terminal = self.open()
        terminal.type("half")
        terminal.wait_for(["> half"])
        pid = terminal.tmux("list-panes", "-t", "chat", "-F", "#{pane_pid}").decode().strip()
        self.assertTrue(pid.isdigit())
        terminal.press("C-z")
        child = child_of(int(pid))
        wait_for_state(child, "T")
        resume(child)
        terminal.wait_for(lambda rows: rows[-1] == "> half")
        terminal.press("Enter")
        self.assertEqual(self.server.hear_until(b"\n"), b"half\n")


def child_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        return int(children.read().split()[0])


def wait_for_state(pid, state):
    for _ in range(500):
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == state:
                return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} does not reach state {state}")


def resume(pid):
    os.kill(pid, signal.SIGCONT)


if __name__ == "__main__":
    unittest.main()
