"""The Python client, clients/python/chatd.py, with the real chatd, and the bots made with it."""

import re
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import harness
import rpc

sys.path.insert(0, str(harness.clients))
import chatd  # noqa: E402

quick = chatd.Retry(base=0.02, cap=0.2, max=1000)


class LibraryCase(rpc.RpcCase):
    def where(self, server=None):
        return "%s:%d" % (server or self.server).address()

    def chat(self, nick, *rooms, connected=True, **options):
        chat = chatd.Chat(self.where(), nick=nick, rooms=rooms or ["lobby"],
                          **{"retry": quick, **options})
        self.addCleanup(chat.close)
        if connected:
            chat.connect(10)
        return chat

    def hears(self, chat, count, kind="message"):
        """The bodies of the next so many messages."""
        bodies = []
        while len(bodies) < count:
            event = chat.next_event(15)
            self.assertIsNotNone(event, f"only {bodies[-5:]}")
            if event.kind == kind:
                bodies.append(event["body"])
        return bodies


class Library(LibraryCase):
    def test_two_of_them_talk(self):
        ana, bob = self.chat("ana", "talk"), self.chat("bob", "talk")
        said = ana.say("talk", "hello").result(5)
        self.assertEqual((said["room"], said["seq"]), ("talk", 1))
        bob.say("talk", "waves", action=True,
                reply_to={"epoch": said["epoch"], "seq": said["seq"]}).result(5)
        for chat in (ana, bob):
            self.assertEqual(self.hears(chat, 2), ["hello", "waves"])
        self.assertEqual(ana.rooms, {"talk": (said["epoch"], 2)})
        self.assertEqual(ana.call("msg", nick="bob", body="psst"), {"nick": "bob", "kept": False})
        self.assertEqual(self.hears(bob, 1, "private"), ["psst"])
        self.assertEqual(bob.call("who", room="talk")["total"], 2)
        self.assertGreater(ana.rtt, 0)
        for failing, code in ((lambda: ana.say("elsewhere", "x").result(5), "NOT_IN_ROOM"),
                              (lambda: ana.call("nosuch"), "UNKNOWN_METHOD"),
                              (lambda: ana.call("nick", nick=7), "INVALID_PARAMS"),
                              (lambda: self.chat("bob"), "NICK_IN_USE")):
            with self.assertRaises(chatd.ChatError) as caught:
                failing()
            self.assertEqual(caught.exception.code, code)

    def test_what_is_said_in_a_with_block_is_said_before_it_ends(self):
        ana = self.person("ana")
        with chatd.Chat(self.where(), nick="bob") as bob:
            for number in range(100):
                bob.say("lobby", str(number))
        self.assertEqual(ana.lines(100), [f"<bob> {number}" for number in range(100)])
        self.assertEqual([event.kind for event in bob if event.kind == "resumed"], ["resumed"])
        with self.assertRaises(chatd.ChatError) as caught:
            bob.say("lobby", "too late")
        self.assertEqual(caught.exception.code, "CLOSED")
        with chatd.Chat(self.where(), nick="bob") as again:  # it said goodbye: the nick is free
            self.assertEqual(again.nick, "bob")

    def test_another_run_is_the_same_person_and_gets_what_the_last_one_had_not_taken(self):
        with tempfile.TemporaryDirectory() as folder:
            path = folder + "/state"
            cyd = self.chat("cyd", "runs", state=path)
            dan = self.chat("dan", "runs")
            for body in ("one", "two", "three"):
                dan.say("runs", body).result(5)
            self.assertEqual(self.hears(cyd, 2), ["one", "two"])
            with self.assertRaises(chatd.ChatError):
                chatd.Chat(self.where(), state=path)
            cyd.close()
            again = self.chat("cyd", state=path)
            self.assertEqual(self.hears(again, 2), ["two", "three"])
            self.assertEqual((again.nick, list(again.rooms)), ("cyd", ["runs"]))
            again.close()

    def test_a_state_file_that_cannot_be_written_is_told_and_the_chat_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            ana = self.chat("ana", state=folder + "/state")
        ana.say("lobby", "hello").result(5)
        while (event := ana.next_event(5)).kind != "notice":
            pass
        self.assertEqual(event["code"], "STATE")

    def test_many_threads_may_speak(self):
        ana, bob = self.chat("ana"), self.chat("bob")

        def speak(thread):
            for number in range(20):
                bob.say("lobby", f"{thread} {number}").result(10)
        threads = [threading.Thread(target=speak, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        heard = self.hears(ana, 160)
        for thread in threads:
            thread.join()
        for number in range(8):
            self.assertEqual([body for body in heard if body.startswith(f"{number} ")],
                             [f"{number} {index}" for index in range(20)])

    def test_a_program_that_takes_no_events_for_a_while_misses_none(self):
        writer = self.bot("writer")
        reader = self.chat("reader", slow_reader="backfill")
        reader.next_event()
        count = chatd.EVENTS_MAX + 3000
        for begin in range(0, count, 500):
            for number in range(begin, begin + 500):
                writer.notify("say", body=f"{number} " + "x" * 200)
        writer.call("ping")
        self.eventually(lambda: len(reader._session.events) >= chatd.EVENTS_MAX, "it stops reading")
        bodies = self.hears(reader, count)
        self.assertEqual([int(body.split()[0]) for body in bodies], list(range(count)))

    def test_one_that_only_speaks_is_not_held_up_by_what_it_never_takes(self):
        speaker, other = self.chat("speaker"), self.bot("other")
        for number in range(chatd.EVENTS_MAX + 100):
            other.notify("say", body=str(number))
        other.call("ping")
        self.assertGreater(speaker.say("lobby", "done").result(20)["seq"], chatd.EVENTS_MAX)

    def test_a_server_that_is_not_there_is_given_up_after_the_attempts_allowed(self):
        chat = chatd.Chat("127.0.0.1:1", nick="ana", retry=chatd.Retry(base=0.01, max=3))
        self.addCleanup(chat.close)
        with self.assertRaises(chatd.ChatError) as caught:
            chat.connect(10)
        self.assertEqual(caught.exception.code, "LOST")
        with self.assertRaises(chatd.ChatError):
            list(chat)


class Programs(LibraryCase):
    def begin(self, *words, **how):
        process = subprocess.Popen([*harness.tied, *map(str, words)], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **how)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def python(self, script, *words):
        return self.begin("/usr/bin/python3", harness.clients / script, *words, cwd=self.folder())

    def folder(self):
        """An empty one, for what a bot remembers; npm's ws is there too."""
        folder = tempfile.mkdtemp(dir=harness.states.name)
        (Path(folder) / "node_modules").symlink_to(harness.here / "node_modules")
        return folder

    def arrived(self, nick, room="lobby"):
        ana = self.chat("ana", room)
        self.eventually(lambda: nick in ana.call("who", room=room)["nicks"], f"{nick} is there")
        return ana

    def shown_in_readme(self, language):
        """The first such block, talking to this test's server."""
        readme = (harness.root / "README.md").read_text(encoding="utf-8")
        block = re.search(rf"^( *)```{language}\n(.*?)^ *```$", readme, re.M | re.S)
        return textwrap.dedent(block[2]).replace("localhost:4399", self.where())

    def test_what_readme_shows_in_python(self):
        bob = self.person("bob")
        shown = self.begin("/usr/bin/python3", "-uc", self.shown_in_readme("python"),
                           cwd=harness.clients)
        self.assertEqual(bob.line(), "<cleo> hello")
        bob.say("hi cleo")
        self.assertEqual([shown.stdout.readline() for _ in range(2)],
                         ["cleo hello\n", "bob hi cleo\n"])

    def test_what_readme_shows_in_javascript(self):
        ana = self.person("ana")
        older_node = ("import {createRequire} from 'node:module';"
                      f"globalThis.WebSocket ??= createRequire('{harness.here}/')('ws');")
        shown = self.begin("node", "--input-type=module", "-e",
                           older_node + self.shown_in_readme("js"),
                           cwd=harness.root / "clients" / "web")
        self.assertEqual(ana.line(), "<dan> hello")
        ana.say("hi dan")
        self.assertEqual([shown.stdout.readline() for _ in range(2)],
                         ["dan hello\n", "ana hi dan\n"])

    def test_the_dice_bot_rolls(self):
        self.python("dice_bot.py", self.where(), "games")
        ana = self.arrived("dice", "games")
        text = self.person("bob", "games")
        ana.say("games", "!roll 3d6")
        text.say("//roll 1d1")
        ana.say("games", "!roll 0d6").result(5)
        rolled = self.hears(ana, 5)
        self.assertIn("bob rolls 1 = 1", rolled)
        sums = [body for body in rolled if body.startswith("ana rolls")]
        self.assertRegex(sums[0], r"^ana rolls [1-6] \+ [1-6] \+ [1-6] = \d+$")
        self.assertEqual(len(sums), 1)
        terms, total = sums[0].removeprefix("ana rolls ").split(" = ")
        self.assertEqual(sum(map(int, terms.split(" + "))), int(total))

    def test_the_tail_bot_says_what_a_file_gets(self):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as file:
            file.write("before\n")
            file.flush()
            self.python("tail_bot.py", file.name, self.where(), "logs")
            ana = self.arrived("tail", "logs")
            file.write("one\n\ntw")
            file.flush()
            self.assertEqual(self.hears(ana, 1), ["one"])
            file.write("o\nthree\n")
            file.flush()
            self.assertEqual(self.hears(ana, 2), ["two", "three"])

    def test_the_echo_bot_says_it_back(self):
        self.begin("node", harness.root / "clients" / "web" / "echo_bot.mjs",
                   "ws://" + self.where(), cwd=self.folder())
        ana = self.arrived("echo")
        ana.say("lobby", "!echo hello")
        self.assertEqual(self.hears(ana, 2), ["!echo hello", "hello"])
        ana.call("msg", nick="echo", body="psst")
        self.assertEqual(self.hears(ana, 1, "private"), ["psst"])

    def test_a_bot_that_is_killed_and_started_again_is_the_same_one(self):
        folder = self.folder()
        for command in (("node", harness.root / "clients" / "web" / "echo_bot.mjs", "ws://"),
                        ("/usr/bin/python3", harness.clients / "dice_bot.py", "")):
            *words, scheme = command
            for _ in range(2):
                bot = self.begin(*words, scheme + self.where(), cwd=folder)
                nick = "dice" if scheme == "" else "echo"
                ana = self.chat("ana", state=folder + "/ana")
                self.eventually(lambda: nick in ana.call("who", room="lobby")["nicks"],
                                f"{nick} is there")
                ana.close()
                bot.kill()
                bot.wait()


if __name__ == "__main__":
    harness.main()
