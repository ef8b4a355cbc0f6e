"""How scripts/bench judges: ratios within a round, medians, spreads, verdicts."""

import contextlib
import dataclasses
import io
import types
import unittest

import bench
import table
import workloads
from table import Measurements, Spread, verdict_of


def result(us=1.0, passed=True, limited=False, p50=100.0, verdict="lost"):
    return {"passed": passed, "verdict": verdict, "idle": 100, "deliveries_per_second": 1e6,
            "latency_us": {"p50": p50, "p99": 2 * p50, "p99_9": 3 * p50},
            "server": {"us_per_delivery": us, "rss_bytes": 2**20, "rss_growth_bytes": 51200,
                       "cpu_percent": 0.0},
            "generator": {"limited": limited}}


def records(workload, subject, *results):
    return [{"workload": workload, "subject": subject, "round": round_, "result": each}
            for round_, each in enumerate(results)]


class Spreads(unittest.TestCase):
    def test_median_quartiles_and_ends(self):
        spread = Spread.of([5, 1, 4, 2, 3])
        self.assertEqual((spread.median, spread.low, spread.high), (3, 2, 4))
        self.assertEqual((spread.least, spread.most, spread.count), (1, 5, 5))
        self.assertEqual(spread.width, 2)

    def test_of_one_and_of_none(self):
        self.assertEqual(Spread.of([7]).width, 0)
        self.assertIsNone(Spread.of([]))


class Verdicts(unittest.TestCase):
    def test_well_under_the_target_is_met(self):
        self.assertEqual(verdict_of(Spread.of([0.9, 1.0, 1.1]), 1.3), "met")

    def test_well_over_it_is_missed(self):
        self.assertEqual(verdict_of(Spread.of([1.5, 1.6, 1.7]), 1.3), "missed")

    def test_a_spread_wider_than_the_margin_shows_nothing(self):
        self.assertEqual(verdict_of(Spread.of([0.8, 1.2, 1.6]), 1.3), "not shown")
        self.assertEqual(verdict_of(Spread.of([1.0, 1.4, 1.8]), 1.3), "not shown")

    def test_exactly_the_target_is_met_only_without_spread(self):
        self.assertEqual(verdict_of(Spread.of([1.3]), 1.3), "met")
        self.assertEqual(verdict_of(Spread.of([1.2, 1.3, 1.4]), 1.3), "not shown")

    def test_nothing_measured(self):
        self.assertEqual(verdict_of(None, 1.3), "not measured")


class Ratios(unittest.TestCase):
    def test_are_taken_within_a_round(self):
        # Both drift by ten; their ratio does not.
        found = Measurements(records("single", "chatd", result(2.0), result(20.0)) +
                             records("single", "floor", result(1.0), result(10.0)))
        spread = found.ratios("single", "chatd", "floor", "us_per_delivery")
        self.assertEqual((spread.median, spread.width, spread.count), (2.0, 0, 2))

    def test_leave_out_rounds_in_which_one_failed(self):
        found = Measurements(records("single", "chatd", result(2.0), result(9.0, passed=False)) +
                             records("single", "floor", result(1.0), result(1.0)))
        self.assertEqual(found.ratios("single", "chatd", "floor", "us_per_delivery").count, 1)
        self.assertEqual([why for _, why in found.failed_runs()], ["lost"])

    def test_a_run_with_an_error_beside_its_result_does_not_count(self):
        (record,) = records("history-paced", "chatd_history", result(2.0))
        record["error"] = "nothing was pruned"
        found = Measurements([record])
        self.assertIsNone(found.absolute("history-paced", "chatd_history", "us_per_delivery"))
        self.assertEqual([why for _, why in found.failed_runs()], ["nothing was pruned"])
        self.assertEqual(found.failure("history-paced", "chatd_history"), "nothing was pruned")

    def test_are_none_without_a_reference(self):
        found = Measurements(records("single", "chatd", result(2.0)))
        self.assertIsNone(found.ratios("single", "chatd", "floor", "us_per_delivery"))

    def test_the_best_peer_has_the_lowest_median(self):
        found = Measurements(records("paced-100", "redis", result(p50=290), result(p50=300)) +
                             records("paced-100", "nats", result(p50=100), result(p50=400)) +
                             [{"workload": "paced-100", "subject": "ws", "round": 0, "error": "x"}])
        self.assertEqual(found.best_peer("paced-100", ("redis", "nats", "ws"), "p50"), "nats")
        self.assertIsNone(found.best_peer("paced-100", ("ws",), "p50"))


class Tables(unittest.TestCase):
    def setUp(self):
        self.single = next(w for w in workloads.workloads if w.name == "single")

    def table(self, measured, goals_only=False):
        return table.markdown([self.single], measured, workloads.peers, goals_only)

    def test_a_row_bears_value_ratios_target_and_verdict(self):
        text = self.table(records("single", "chatd", result(2.2), result(2.2)) +
                          records("single", "floor", result(2.0), result(2.0)) +
                          records("single", "redis", result(4.4), result(4.4)))
        row = next(line for line in text.splitlines() if "CPU µs/delivery" in line)
        self.assertIn("| 2.200 | 1.10 (1.10–1.10) | – | – | 0.50 (0.50–0.50) |", row)
        self.assertTrue(row.endswith("| ≤ 1.15 × floor | met |"), row)

    def test_all_rows_have_as_many_cells_as_the_head(self):
        lines = [line for line in self.table(records("single", "chatd", result())).splitlines()
                 if line.startswith("|")]
        self.assertEqual(len({line.count("|") for line in lines}), 1)
        self.assertGreater(len(lines), 3)

    def test_what_the_generator_limits_is_marked(self):
        text = self.table(records("single", "chatd", result(limited=True)))
        self.assertIn("| 1,000,000* |", text)

    def test_failed_runs_are_listed_and_not_counted(self):
        text = self.table(records("single", "chatd", result(passed=False, verdict="7 lost")))
        self.assertIn("single, chatd: 1 × 7 lost", text)
        self.assertIn("not measured", text)

    def test_only_goals(self):
        text = self.table(records("single", "chatd", result()), goals_only=True)
        self.assertNotIn("deliveries/s |", text)


class Probing(unittest.TestCase):
    def setUp(self):
        self.commit = next(w for w in workloads.workloads if w.name == "commit-64")

    def measured(self, chatd, loop):
        return records("commit-64", "chatd_store", *chatd) + records("commit-64", "sqlite_loop",
                                                                     *loop)

    def table(self, measured):
        return table.markdown([self.commit], measured, workloads.peers)

    def test_a_floor_beside_has_rows_of_its_own(self):
        result = {"passed": True, "store_us": 5.0, "messages_per_second": 1e4, "group": 8}
        text = self.table(self.measured([result], [result | {"store_us": 4.0}]))
        self.assertIn("| bare SQLite loop | messages/s | 10,000 | – |", text)
        self.assertIn("| 5.00 | 1.25 |", text)

    def test_a_figure_that_a_subject_lacks_is_no_ratio(self):
        whole = {"passed": True, "store_us": 5.0, "messages_per_second": 1e4, "group": 8}
        text = self.table(self.measured([whole], [{"passed": True, "store_us": 4.0}]))
        self.assertIn("| chatd, history | messages/s | 10,000 | – |", text)

    def run_probe(self, measure, **changes):
        probe = types.SimpleNamespace(measure=measure, summary=lambda result: "done",
                                      close=lambda: self.closed.append(True))
        self.closed = []
        running = bench.Bench(types.SimpleNamespace(build=".", peer=[], quick=False, only=[],
                                                    pairs=2))
        running.place = None
        with contextlib.redirect_stderr(io.StringIO()):
            running.run_workload(dataclasses.replace(self.commit, probe=probe, **changes))
        self.assertEqual(self.closed, [True])
        return running.records

    def test_every_second_round_is_turned_unless_one_takes_from_the_other(self):
        order = lambda **changes: [record["subject"] for record in self.run_probe(
            lambda subject, place: {"passed": True}, **changes)]
        self.assertEqual(order(), ["chatd_store", "sqlite_loop"] * 2)
        self.assertEqual(order(in_turn=False),
                         ["chatd_store", "sqlite_loop", "sqlite_loop", "chatd_store"])

    def test_a_probe_that_fails_is_a_run_that_does_not_count(self):
        def fail(subject, place):
            raise RuntimeError("it broke")
        failed = self.run_probe(fail)
        self.assertEqual([record["error"] for record in failed], ["it broke"] * 4)
        self.assertIn("commit-64, bare SQLite loop: 2 × it broke", self.table(failed))

    def test_what_takes_minutes_to_prepare_is_not_quick(self):
        def chosen(**given):
            arguments = types.SimpleNamespace(build=".", peer=[], pairs=1, **given)
            return [workload.name for workload in bench.Bench(arguments).chosen]
        self.assertIn("history-size", chosen(quick=False, only=[]))
        self.assertNotIn("history-size", chosen(quick=True, only=[]))
        self.assertEqual(chosen(quick=True, only=["history-size"]), ["history-size"])


class Workloads(unittest.TestCase):
    def test_names_differ_and_goals_name_what_is_measured(self):
        names = [workload.name for workload in workloads.workloads]
        self.assertEqual(len(names), len(set(names)))
        for workload in workloads.workloads:
            for goal in workload.goals:
                self.assertIn(goal.subject, workload.subjects)
                self.assertIn(goal.figure, table.figures)
                if goal.reference not in ("", "best peer"):
                    self.assertIn(goal.reference, workload.subjects)
            for subject in workload.subjects:
                self.assertIn(subject, table.shown_names)

    def test_every_load_is_bounded(self):
        for workload in workloads.workloads:
            if workload.load is None:
                self.assertIsNotNone(workload.probe)
            else:
                self.assertIn("--seconds", workload.load.arguments(1.0))


if __name__ == "__main__":
    unittest.main()
