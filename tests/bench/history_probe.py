"""A room of two million messages beside one of twenty thousand: whether what one asks of it, and
the start, cost the same.

Each history is filled once, by a chatd that is told all of it, and then opened anew in every round;
first of all the last two minutes must be over, in which a start looks for keys (PROTOCOL.md 14).
Every question is asked many times, of another place or another word each time.
"""

import json
import random
import shutil
import tempfile
import time
from pathlib import Path

from probe import Browser, StoreServer, passed, run, share_of

counts = {"chatd_history_large": 2_000_000, "chatd_history_small": 20_000}
bytes_each = 1_000        # on disk with index and log, generously: what must be free
fill_window = 4_096
fill_seconds_max = 900.0
key_seconds = 125.0       # after that nothing that was said is recent any more
page_limit = 100
hits_default = 20
asked_whole = 400
quick_share = 0.4
warmup = 20               # questions that are not counted: the connection's and the caches' first
# Words of bodies.hpp. w0 and one of these are together in every fortieth message or oftener, so that
# either history has more matches than a search looks at.
everyday_words = range(1, 5)
# Two of these are each in about one message of a hundred and seldom together: what a search finds, and
# looks through, does grow with the history.
seldom_words = range(20, 400)
rare_word_each = 1_000    # the same
seed = 20


class HistoryProbe:
    def __init__(self, counts=counts, asked=asked_whole, settle_seconds=key_seconds):
        self.counts = counts
        self.asked = asked
        self.settle_seconds = settle_seconds
        self.states = {}  # of each subject, filled

    def measure(self, subject, place):
        if not self.states:
            for name in self.counts:
                self.fill(name, place)
            time.sleep(self.settle_seconds)
        if subject not in self.states:
            raise RuntimeError("it could not be filled")
        state = self.states[subject]
        asked = int(self.asked * (quick_share if place.quick else 1))
        server = StoreServer(place, state)
        try:
            with Browser(server.port) as browser:
                browser.get("/readyz")
                rss_ready = server.rss_bytes()
                figures = self.ask_all(browser, self.counts[subject], asked)
            return passed(ready_ms=server.ready_seconds * 1e3, rss_ready_mib=rss_ready / 2**20,
                          rss_after_mib=server.rss_bytes() / 2**20, **figures)
        finally:
            server.stop()

    def fill(self, subject, place):
        count = self.counts[subject]
        free = shutil.disk_usage(place.folder).free
        if free < count * bytes_each:
            raise RuntimeError(f"{count:,} messages need {count * bytes_each >> 20:,} MiB of disk, "
                               f"{free >> 20:,} are free")
        state = Path(tempfile.mkdtemp(prefix="history-", dir=place.folder))
        try:
            server = StoreServer(place, state)
            try:
                run([place.built / "tests/bench/publisher", server.port, 0, count, fill_window],
                    fill_seconds_max)
            finally:
                server.stop()
        except BaseException:
            shutil.rmtree(state)
            raise
        self.states[subject] = state

    def ask_all(self, browser, count, asked):
        chance = random.Random(seed)
        newest = json.loads(browser.get(page_path()))["events"]
        if len(newest) != page_limit or newest[-1]["seq"] != count:
            raise RuntimeError(f"the newest page ends at {newest[-1]['seq']}, not at {count}")
        epoch = newest[-1]["epoch"]
        middle = lambda: f"{epoch}:{chance.randint(count // 4, count * 3 // 4)}"
        oldest = lambda: f"{epoch}:{chance.randint(0, 2 * page_limit)}"
        rare = lambda: f"t{chance.randrange(count // rare_word_each)}"
        everyday = lambda: f"w0+w{chance.choice(everyday_words)}"
        seldom = lambda: "w{}+w{}".format(*chance.sample(seldom_words, 2))
        paths = {"newest": page_path,
                 "middle": lambda: page_path(after=middle()),
                 "oldest": lambda: page_path(after=oldest()),
                 "rare": lambda: f"/v1/search?q={rare()}",
                 "two_words": lambda: f"/v1/search?q={everyday()}",
                 "two_seldom": lambda: f"/v1/search?q={seldom()}"}
        figures = {}
        for name, path in paths.items():
            taken = [self.ask(browser, name, path()) for _ in range(warmup + asked)][warmup:]
            figures |= {f"{name}_p50_ms": share_of(taken, 0.5) * 1e3,
                        f"{name}_p99_ms": share_of(taken, 0.99) * 1e3}
        return figures

    def ask(self, browser, name, path):
        began_at = time.perf_counter()
        body = browser.get(path)
        taken = time.perf_counter() - began_at
        answer = json.loads(body)
        if name == "rare":
            good = len(answer["hits"]) == 1
        elif name == "two_words":
            good = len(answer["hits"]) == hits_default
        elif name == "two_seldom":
            good = "hits" in answer
        else:
            good = len(answer["events"]) == page_limit
        if not good:
            raise RuntimeError(f"GET {path}: not what was expected: {body[:200].decode()}")
        return taken

    def summary(self, result):
        return (f"ready {result['ready_ms']:.1f} ms; p99 of newest {result['newest_p99_ms']:.2f}, "
                f"middle {result['middle_p99_ms']:.2f}, oldest {result['oldest_p99_ms']:.2f}, "
                f"rare {result['rare_p99_ms']:.2f}, two words {result['two_words_p99_ms']:.2f} ms; "
                f"{result['rss_after_mib']:.1f} MiB")

    def close(self):
        for state in self.states.values():
            shutil.rmtree(state)
        self.states.clear()


def page_path(**where):
    words = [f"limit={page_limit}", *(f"{name}={value}" for name, value in where.items())]
    return "/v1/rooms/lobby/messages?" + "&".join(words)
