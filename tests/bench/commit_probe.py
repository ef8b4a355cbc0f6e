"""Acknowledged and committed: what the store's thread takes for a message, beside a bare loop that
inserts as many rows, in transactions as large, into the same tables (sqlite_loop.cpp).

The group size is not ours to set, it is what waits when the store looks. So chatd runs first in
every round, and the loop is given the mean of that run.
"""

import shutil
import tempfile

from probe import StoreServer, passed, run_json

count_whole = 100_000
quick_share = 0.4
run_seconds_max = 120.0


class CommitProbe:
    def __init__(self, window, count=count_whole):
        self.window = window
        self.count = count
        self.group = None  # of chatd's last run

    def measure(self, subject, place):
        count = int(self.count * (quick_share if place.quick else 1))
        state = tempfile.mkdtemp(prefix="commit-", dir=place.folder)
        try:
            if subject == "sqlite_loop":
                return self.measure_loop(place, state, count)
            return self.measure_chatd(place, state, count)
        finally:
            shutil.rmtree(state)

    def measure_chatd(self, place, state, count):
        server = StoreServer(place, state)
        try:
            before, cpu_before = server.metrics(), server.store_thread_seconds()
            said = run_json([place.built / "tests/bench/publisher", server.port, 0, count,
                             self.window, "keyed"], run_seconds_max)
            cpu = server.store_thread_seconds() - cpu_before
            after = server.metrics()
        finally:
            server.stop()
        commits = after["chatd_store_commits_total"] - before["chatd_store_commits_total"]
        self.group = count / commits
        return self.result(cpu, said["seconds"], count, self.group,
                           p50_us=said["p50_us"], p99_us=said["p99_us"])

    def measure_loop(self, place, state, count):
        if self.group is None:
            raise RuntimeError("the loop follows chatd, whose group size it takes")
        group = max(1, round(self.group))
        looped = run_json([place.built / "tests/bench/sqlite_loop", f"{state}/loop.db", count,
                           group], run_seconds_max)
        return self.result(looped["cpu_seconds"], looped["seconds"], count, group)

    @staticmethod
    def result(cpu, seconds, count, group, **more):
        return passed(store_us=cpu * 1e6 / count, messages_per_second=count / seconds,
                      group=group, **more)

    def summary(self, result):
        return (f"{result['store_us']:.2f} us of the store's thread each, "
                f"{result['messages_per_second']:,.0f}/s, {result['group']:.0f} in a commit")

    def close(self):
        pass
