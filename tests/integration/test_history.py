"""Rooms that remember: history, search, restarts, `kill -9`, what is kept and where."""

import bisect
import json
import os
import signal
import subprocess
import threading
import time
import unittest
from pathlib import Path

import harness
import rpc

rounds = int(os.environ.get("CHATD_CRASH_ROUNDS", "20"))
resent_max = 20  # lines of one bot before the last that survived, and behind it


class Remembering(rpc.RpcCase):
    def setUp(self):
        self.state = harness.state_directory()
        self.server = self.start("--state", self.state)

    def restart(self, crash=False):
        if crash:
            self.server.crash()
        else:
            self.server.stop()
        self.server = self.start("--state", self.state)


class Restart(Remembering):
    def test_what_was_said_is_there_after_a_restart(self):
        bot = self.bot("robo")
        for number in range(5):
            bot.call("say", body=str(number))
        self.restart()
        again = self.resumed(bot.hello["token"])
        self.assertEqual(again.hello["nick"], "robo")
        bodies = [event["body"] for event in again.call("history")["events"]]
        self.assertEqual(bodies, ["0", "1", "2", "3", "4"])
        self.assertEqual(again.call("say", body="5")["seq"], 6)

    def test_a_client_that_was_away_gets_exactly_what_it_missed(self):
        bot, ana = self.bot("robo"), self.person("ana")
        at = bot.call("say", body="seen")
        bot.client.close()
        self.expect(ana, r"<robo> seen")
        for number in range(100):
            ana.say(str(number))
        ana.say("/ping")
        self.expect(ana, r"NOTE PING .*")
        for crash in (False, True):
            self.restart(crash)
            since = {"epoch": at["epoch"], "seq": at["seq"]}
            back = self.resumed(bot.hello["token"], rooms=[{"room": "lobby", "since": since}])
            self.assertTrue(back.hello["rooms"][0]["recovered"])
            self.assertEqual([back.event()[1]["body"] for _ in range(100)],
                             [str(number) for number in range(100)])
            back.client.close()

    def test_a_key_is_known_after_kill_9(self):
        bot = self.bot("robo")
        first = bot.call("say", body="once", key="k")
        self.restart(crash=True)
        again = self.resumed(bot.hello["token"]).call("say", body="once", key="k")
        self.assertEqual((again["epoch"], again["seq"]), (first["epoch"], first["seq"]))

    def test_metrics_count_what_was_committed_and_in_how_many_transactions(self):
        bot = self.bot("robo")
        bot.call("say", body="the session itself is committed before this")
        before = self.server.metrics()
        numbers = [bot.send("say", body=str(number)) for number in range(500)]
        for number in numbers:
            self.assertIn("result", bot.answer(number))
        after = self.server.metrics()
        writes, commits = (after[name] - before[name] for name in
                           ("chatd_store_writes_total", "chatd_store_commits_total"))
        self.assertEqual(writes, 500)
        self.assertGreater(commits, 0)
        self.assertLess(commits, 500)

    def test_the_store_has_a_thread_that_tools_can_tell(self):
        self.bot("robo").call("say", body="the thread is at work")
        tasks = Path(f"/proc/{self.server.process.pid}/task")
        names = {(task / "comm").read_text().strip(): task for task in tasks.iterdir()}
        self.assertIn("store", names)
        # Delivery comes first where both want one core.
        def nice(task):
            return int((task / "stat").read_text().rpartition(")")[2].split()[16])
        self.assertEqual(nice(names["store"]), min(nice(names["chatd"]) + 5, 19))

    def test_private_messages_wait_for_their_session(self):
        bot, ana = self.bot("robo"), self.person("ana")
        bot.client.close()
        time.sleep(0.2)
        ana.say("/msg robo later")
        self.expect(ana, r"NOTE MSG KEPT robo :.*")
        self.restart()
        method, params = self.resumed(bot.hello["token"]).event()
        self.assertEqual((method, params["from"], params["body"]), ("private", "ana", "later"))

    def test_what_fell_due_while_down_is_said_at_once_and_marked(self):
        bot = self.bot("robo")
        bot.call("schedule", body="tea", when="PT3S")
        self.server.crash()
        time.sleep(5.5)
        self.server = self.start("--state", self.state)
        back = self.resumed(bot.hello["token"],
                            rooms=[{"room": "lobby", "since": {"epoch": bot.hello["rooms"][0]["epoch"],
                                                               "seq": 0}}])
        body = back.event()[1]["body"]
        self.assertRegex(body, r"^tea \(late: due \d{4}-.*\)$")
        self.assertEqual(back.call("schedules")["schedules"], [])

    def test_a_message_that_was_taken_back_is_nowhere(self):
        bot = self.bot("robo")
        at = bot.call("say", body="xyzzysecret")
        bot.call("redact", target={"epoch": at["epoch"], "seq": at["seq"]})
        self.assertEqual(bot.call("search", query="xyzzysecret")["hits"], [])
        self.server.stop()
        exported = self.export("lobby")
        self.assertNotIn("xyzzysecret", exported)
        for name in os.listdir(self.state):
            with open(os.path.join(self.state, name), "rb") as file:
                self.assertNotIn(b"xyzzysecret", file.read(), name)

    def run_export(self, room, state=None):
        return subprocess.run([os.environ["CHATD"], "export", room, "--format", "jsonl",
                               "--state", state or self.state],
                              capture_output=True, text=True, timeout=20)

    def export(self, room):
        done = self.run_export(room)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_an_export_of_what_is_not_there_says_what_is(self):
        self.bot("robo").call("say", body="x")
        done = self.run_export("lobyb")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr,
                         f"chatd: there is no room lobyb in {self.state}; there is lobby\n")
        done = self.run_export("lobby", os.path.join(self.state, "nosuch"))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("--state DIR", done.stderr)
        done = self.run_export("no room")
        self.assertEqual((done.returncode, done.stdout), (64, ""))
        self.assertIn("ROOM no room: ", done.stderr)

    def test_export_and_check(self):
        bot = self.bot("robo")
        for number in range(3):
            bot.call("say", body=f"line {number}")
        lines = [json.loads(line) for line in self.export("#lobby").splitlines()]
        self.assertEqual([line["body"] for line in lines], ["line 0", "line 1", "line 2"])
        done = subprocess.run([os.environ["CHATD"], "--check-store", "--state", self.state],
                              capture_output=True, text=True, timeout=20)
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"))

    def test_search(self):
        bot, ana = self.bot("robo"), self.person("ana")
        bot.call("say", body="the quick brown fox")
        bot.call("say", body="lazy dogs")
        ana.say("/search quick")
        self.expect(ana, r"<robo> the quick brown fox")
        self.expect(ana, r"<robo> lazy dogs")
        self.expect(ana, r"-- #lobby \d+:1 \S+ <robo> the \*quick\* brown fox")
        self.expect(ana, r"NOTE SEARCH END 1 :.*")
        self.assertEqual(bot.refusal("search", query='"open'), "BAD_QUERY")

    def test_metrics_count_what_is_kept(self):
        bot = self.bot("robo")
        for number in range(3):
            bot.call("say", body=str(number))
        metrics = self.server.metrics()
        self.assertEqual(metrics["chatd_store_events_kept_total"], 3)
        self.assertGreaterEqual(metrics["chatd_store_commits_total"], 1)
        self.assertGreater(metrics["chatd_store_database_bytes"], 0)
        self.assertEqual(metrics["chatd_store_errors_total"], 0)
        self.assertEqual(metrics["chatd_store_troubled"], 0)

    def test_a_second_chatd_on_the_same_state_names_the_first(self):
        done = subprocess.run(
            [os.environ["CHATD"], "--tcp", "0", "--udp", "0", "--state", self.state],
            capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 73)
        self.assertIn(str(self.server.pid), done.stderr)

    def test_a_slow_reader_is_backfilled(self):
        self.server.stop()
        self.server = self.start("--state", self.state, "--room-log-bytes", str(1 << 16))
        ana, bob = self.person("ana"), self.person("bob", receive_buffer=4096)
        count = 4000
        for number in range(count):
            ana.say(f"{number} " + "x" * 1000)
        ana.say("/ping")
        self.expect(ana, r"NOTE PING .*", timeout=20)
        for number in range(count):
            self.assertEqual(bob.line(20), f"<ana> {number} " + "x" * 1000)


class WithoutHistory(harness.ChatdCase):
    flags = ("--history", "off")

    def test_a_pure_relay_needs_no_directory_and_says_so(self):
        ana = self.person("ana")
        ana.say("hi")
        ana.say("/history")
        self.expect(ana, r"-- #lobby 1 \S+ <ana> hi")
        self.expect(ana, r"NOTE HISTORY END 1 :.*")
        ana.say("/search hi")
        self.expect_fail(ana, "SEARCH", "NO_HISTORY")


class Load:
    """One bot that says lines under keys until the server is gone, and what it knows then."""

    def __init__(self, bot, acknowledged):
        self.bot = bot
        self.name = bot.hello["nick"]
        self.acknowledged = acknowledged
        self.answered = []    # keys
        self.unanswered = {}  # id of the call: key

    def run(self, stop):
        number = 0
        try:
            while not stop.is_set():
                key = f"{self.name}-{number}"
                self.unanswered[self.bot.send("say", body=key, key=key)] = key
                number += 1
                if len(self.unanswered) >= 8:
                    self.read()
        except (OSError, EOFError, AssertionError, ValueError):
            pass  # the server is gone
        try:
            while True:
                self.read()  # what it had sent before
        except (OSError, EOFError, AssertionError, ValueError):
            pass

    def read(self):
        text = json.loads(self.bot.client.line(2))
        if "id" in text:
            result = text["result"]
            key = self.unanswered.pop(text["id"])
            self.acknowledged[key] = position_of(result)
            self.answered.append(key)


class Watch:
    """A bot that only reads: the last position it got before the server was gone."""

    def __init__(self, bot):
        self.bot = bot
        self.at = position_of(bot.hello["rooms"][0])

    def run(self):
        try:
            while True:
                method, params = self.bot.event(5)
                if method == "message":
                    self.at = position_of(params)
        except (OSError, EOFError, AssertionError, ValueError):
            pass  # the server is gone


def position_of(values):
    return (values["epoch"], values["seq"])


def since(position):
    return [{"room": "lobby", "since": {"epoch": position[0], "seq": position[1]}}]


class Crash(Remembering):
    """`kill -9` at random moments under load: what was acknowledged is there, no number was given
    twice, every verdict is true, and what is said again under its key is said once."""

    def test_rounds(self):
        self.acknowledged = {}  # key: position, of all that was, ever
        self.fresh = {}  # key: position, of what this round is the first to look for
        self.said_again = {}  # the same for the next round
        self.kept = []   # every position that the store gave, in order
        self.keys = {}   # key: position, of all that the store gave
        self.lasts = {}  # epoch: its last number that the store gave
        self.read_from = 0  # the epoch that this round's load speaks in
        self.verdicts = {True: 0, False: 0}
        self.resent = {True: 0, False: 0}
        rng = __import__("random").Random(int(os.environ.get("CHATD_CRASH_SEED", "1")))
        for number in range(rounds):
            stop = threading.Event()
            self.fresh, self.said_again = self.said_again, {}
            loads = [Load(self.bot(f"load{number}x{which}"), self.fresh) for which in range(3)]
            watch = Watch(self.bot(f"watch{number}"))
            threads = [threading.Thread(target=load.run, args=(stop,)) for load in loads]
            threads.append(threading.Thread(target=watch.run))
            for thread in threads:
                thread.start()
            time.sleep(0.02 + rng.random() * 0.25)
            self.server.crash()
            stop.set()
            for thread in threads:
                thread.join()
            self.server = self.start("--state", self.state)
            self.check(number, loads, watch)
            if (number + 1) % 20 == 0:
                print(f"{number + 1} of {rounds} rounds, {len(self.kept)} messages", flush=True)
        self.check_all()
        self.assertGreater(len(self.acknowledged), rounds)
        self.assertGreater(self.verdicts[True], 0)
        # How often a crash takes numbers that somebody saw is chance, never over so many rounds.
        if rounds >= 100: self.assertGreater(self.verdicts[False], 0)
        print(f"verdicts: {self.verdicts[True]} true, {self.verdicts[False]} false; resent: "
              f"{self.resent[True]} known, {self.resent[False]} said anew", flush=True)

    def history(self, bot, epoch=0):
        """All that was said since the epoch began."""
        pages, before = [], None
        while True:
            page = bot.call("history", limit=500, **({"before": before} if before else {}))
            pages.append(page["events"])
            if not page["more"] or page["events"][0]["epoch"] < epoch:
                return [event for events in reversed(pages) for event in events
                        if event["epoch"] >= epoch]
            before = {"epoch": page["events"][0]["epoch"], "seq": page["events"][0]["seq"]}

    def check_numbers(self, positions):
        """Each number once, from 1 on, none left out. Returns the last one of each epoch."""
        self.assertEqual(positions, sorted(set(positions)), "a number was given twice")
        lasts = dict(positions)
        self.assertEqual(positions, [(epoch, seq) for epoch, last in sorted(lasts.items())
                                     for seq in range(1, last + 1)], "a number is not there")
        return lasts

    def check(self, number, loads, watch):
        """Reads what this round said; what earlier ones did is read again by `check_all`."""
        bot = self.bot(f"checker{number}")
        events = self.history(bot, self.read_from)
        positions = [position_of(event) for event in events]
        self.lasts |= self.check_numbers(positions)
        self.kept += positions
        found = {event["key"]: position_of(event) for event in events if "key" in event}
        self.assertEqual([key for key in found if self.keys.get(key, found[key]) != found[key]],
                         [], "what an earlier round kept was said again")
        self.keys |= found
        self.acknowledged |= self.fresh
        for key, at in self.fresh.items():
            self.assertEqual(found.get(key), at, f"{key} was acknowledged")
        present = position_of(bot.hello["rooms"][0])[0]
        self.assertGreater(present, max(self.lasts, default=0), "no new epoch")
        if self.fresh:
            # A client that had just read the last acknowledged message gets the rest.
            last = max(self.fresh.values())
            reader = self.bot(f"reader{number}", rooms=since(last))
            self.check_verdict(reader, last)
            reader.client.close()
        reader = self.resumed(watch.bot.hello["token"], rooms=since(watch.at))
        self.check_verdict(reader, watch.at)
        for load in loads:
            self.resend(load, found, present, reader)
        anew = [event["key"] for event in self.history(bot, present)]
        self.assertEqual(len(anew), len(set(anew)), "a key was said twice")
        self.assertEqual(set(anew) & set(self.keys), set(), "what survived was said again")
        self.read_from = present
        bot.client.close()
        reader.client.close()

    def check_all(self):
        """After the last crash, what every round found is still there, and nothing else is."""
        events = self.history(self.bot("reckoner"))
        positions = [position_of(event) for event in events]
        self.check_numbers(positions)
        self.assertEqual(positions[:len(self.kept)], self.kept)
        found = [(event["key"], position_of(event)) for event in events]
        self.assertEqual(len(found), len(dict(found)), "a key was said twice")
        lost = (self.acknowledged | self.said_again).items() - dict(found).items()
        self.assertEqual(lost, set(), "what was acknowledged")

    def check_verdict(self, reader, at):
        """What the returning reader is told is true, and it gets all that is left after `at`."""
        standing = reader.hello["rooms"][0]
        last = self.lasts.get(at[0], 0)
        self.verdicts[standing["recovered"]] += 1
        self.assertEqual(standing["recovered"], at[1] <= last, (at, last, standing))
        if not standing["recovered"] and at[0] in self.lasts:
            # It had what did not survive: it is told which number is the last that did.
            self.assertEqual(position_of(standing["missing"]["from"]), (at[0], last + 1))
            self.assertEqual(position_of(standing["missing"]["to"]), at)
        later = self.kept[bisect.bisect_right(self.kept, at):]
        self.assertEqual([position_of(reader.event()[1]) for _ in later], later)

    def resend(self, load, found, present, reader):
        """What was not answered before the crash is said again: known if it survived, else new. The
        reader goes on in the new epoch with those."""
        load.bot.client.close()
        try:
            again = self.resumed(load.bot.hello["token"])
        except AssertionError:
            known = [key for key in found if key.startswith(f"{load.name}-")]
            self.assertEqual(known, [], "its session is gone, not what it said")
            return
        # Around the last line that survived, where it is decided.
        keys = load.answered[-1:] + list(load.unanswered.values())
        border = next((at for at, key in enumerate(keys) if key not in found), len(keys))
        for key in keys[max(0, border - resent_max):border + resent_max]:
            result = again.call("say", body=key, key=key)
            self.resent[key in found] += 1
            if key in found:
                self.assertEqual((position_of(result), result.get("repeated")), (found[key], True))
                continue
            self.assertNotIn("repeated", result)
            self.assertEqual(result["epoch"], present)
            params = reader.event()[1]
            self.assertEqual((position_of(params), params["key"]), (position_of(result), key))
            self.said_again[key] = position_of(result)
        again.client.close()


if __name__ == "__main__":
    unittest.main()
