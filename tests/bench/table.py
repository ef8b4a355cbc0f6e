"""From raw measurements to one table: paired ratios, their median and spread, and a verdict.

A measurement is {"workload", "subject", "round", "result"}, `result` being what chatload --json
printed, or {"workload", "subject", "round", "error"}; an error beside a result says why that does
not count. Within a round all subjects ran one after
the other, so a ratio is taken between two measurements of one round, and what drifts with the
machine cancels out.
"""

import statistics
from dataclasses import dataclass

figures = {
    # key: (title, how to read it from a result, format)
    "us_per_delivery": ("CPU µs/delivery", lambda r: r["server"]["us_per_delivery"], "{:.3f}"),
    "ring_us_per_delivery": ("ring thread's CPU µs/delivery",
                             lambda r: r["server"]["first_thread_us_per_delivery"], "{:.3f}"),
    "us_per_message": ("CPU µs/message", lambda r: r["server"]["us_per_message"], "{:.3f}"),
    "bytes_per_delivery": ("bytes/delivery", lambda r: r["bytes_per_delivery"], "{:.1f}"),
    "deliveries_per_second": ("deliveries/s", lambda r: r["deliveries_per_second"], "{:,.0f}"),
    "p50": ("p50 µs", lambda r: r["latency_us"]["p50"], "{:,.0f}"),
    "p99": ("p99 µs", lambda r: r["latency_us"]["p99"], "{:,.0f}"),
    "p99_9": ("p99.9 µs", lambda r: r["latency_us"]["p99_9"], "{:,.0f}"),
    "rss_mib": ("memory MiB", lambda r: r["server"]["rss_bytes"] / 2**20, "{:.1f}"),
    "kib_per_connection": ("memory KiB/connection",
                           lambda r: r["server"]["rss_growth_bytes"] / 1024 / r["idle"], "{:.3f}"),
    "cpu_percent": ("CPU % of a core", lambda r: r["server"]["cpu_percent"], "{:.2f}"),
}


def figure(key, title, form):
    """One that a probe's result holds by its own name, or that not all its subjects have."""
    figures[key] = (title, lambda result: result.get(key), form)


figure("store_us", "CPU µs/message of the store's thread", "{:.2f}")
figure("messages_per_second", "messages/s", "{:,.0f}")
figure("group", "messages/commit", "{:.0f}")
figure("ready_ms", "start until ready, ms", "{:.1f}")
figure("rss_ready_mib", "memory when ready, MiB", "{:.1f}")
figure("rss_after_mib", "memory afterwards, MiB", "{:.1f}")
for asked, title in (("newest", "newest page of 100"), ("middle", "page of 100 in the middle"),
                     ("oldest", "oldest page of 100"), ("rare", "search, a rare word"),
                     ("two_words", "search, two everyday words"),
                     ("two_seldom", "search, two words that seldom meet")):
    figure(f"{asked}_p50_ms", f"{title}, p50 ms", "{:.2f}")
    figure(f"{asked}_p99_ms", f"{title}, p99 ms", "{:.2f}")
figure("caught_up_ms", "all caught up, ms", "{:,.0f}")
figure("resume_p50_ms", "one caught up, p50 ms", "{:,.0f}")
figure("resume_p99_ms", "one caught up, p99 ms", "{:,.0f}")
figure("resume_us", "CPU µs/message", "{:.3f}")
figure("sends_per_message", "sends/message", "{:.4f}")


limited_figures = ("deliveries_per_second", "caught_up_ms")  # what a busy load generator bounds

shown_names = {"chatd": "chatd", "chatd_websocket": "chatd, WebSocket", "chatd_udp": "chatd, UDP",
               "chatd_history": "chatd, history on", "chatd_json": "chatd, JSON",
               "chatd_websocket_json": "chatd, JSON in WebSocket", "chatd_sse": "chatd, events",
               "chatd_said_json": "chatd, said in JSON",
               "chatd_said_websocket_json": "chatd, said in JSON by WebSocket",
               "chatd_said_unanswered": "chatd, said in JSON without id",
               "floor_json": "floor", "floor_websocket_json": "floor", "floor_sse": "floor",
               "floor": "floor", "udp_relay": "bare relay",
               "udp_relay_trains": "bare relay in trains", "redis": "redis", "nats": "NATS",
               "chatd_store": "chatd, history", "sqlite_loop": "bare SQLite loop",
               "chatd_history_large": "chatd, 2,000,000 kept",
               "chatd_history_small": "chatd, 20,000 kept",
               "chatd_resume": "chatd, history", "resume_floor": "bare copy",
               "ncat": "ncat", "mosquitto": "mosquitto", "inspircd": "inspircd", "ws": "ws"}


@dataclass(frozen=True)
class Spread:
    """Some values of one kind: their median, quartiles and ends."""
    median: float
    low: float      # first quartile
    high: float     # third quartile
    least: float
    most: float
    count: int

    @staticmethod
    def of(values):
        values = sorted(values)
        if not values:
            return None
        if len(values) == 1:
            low = high = values[0]
        else:
            low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return Spread(statistics.median(values), low, high, values[0], values[-1], len(values))

    @property
    def width(self):
        return self.high - self.low


def verdict_of(spread, most):
    """met or missed, but "not shown" when the spread is wider than the margin to the target."""
    if spread is None:
        return "not measured"
    if spread.width > abs(most - spread.median):
        return "not shown"
    return "met" if spread.median <= most else "missed"


def passed(record):
    """Everything arrived once and in order, and nothing else was wrong with the run."""
    return "error" not in record and record["result"]["passed"]


class Measurements:
    def __init__(self, records):
        self.records = records

    def _good(self, workload, subject):
        """Round → result, of the runs in which everything arrived once and in order."""
        return {record["round"]: record["result"] for record in self.records
                if record["workload"] == workload and record["subject"] == subject
                and passed(record)}

    def values(self, workload, subject, figure):
        read = figures[figure][1]
        values = {round_: read(result) for round_, result in self._good(workload, subject).items()}
        return {round_: value for round_, value in values.items() if value is not None}

    def absolute(self, workload, subject, figure):
        return Spread.of(self.values(workload, subject, figure).values())

    def ratios(self, workload, subject, reference, figure):
        ours = self.values(workload, subject, figure)
        theirs = self.values(workload, reference, figure)
        return Spread.of(ours[round_] / theirs[round_] for round_ in ours
                         if theirs.get(round_, 0) > 0)

    def best_peer(self, workload, peers, figure):
        medians = {peer: spread.median for peer in peers
                   if (spread := self.absolute(workload, peer, figure))}
        return min(medians, key=medians.get, default=None)

    def generator_limited(self, workload, subject):
        results = self._good(workload, subject).values()
        return sum(r.get("generator", {}).get("limited", False)
                   for r in results) * 2 > len(results)

    def failure(self, workload, subject):
        """Why no run of this subject counts; empty when some do or none was tried."""
        if self._good(workload, subject):
            return ""
        for record in self.records:
            if record["workload"] == workload and record["subject"] == subject:
                return record.get("error") or record["result"]["verdict"]
        return ""

    def failed_runs(self):
        for record in self.records:
            if not passed(record):
                yield record, record.get("error") or record["result"]["verdict"]


def ratio_cell(spread):
    if spread is None:
        return "–"
    if spread.count == 1:
        return f"{spread.median:.2f}"
    return f"{spread.median:.2f} ({spread.low:.2f}–{spread.high:.2f})"


def absolute_cell(spread, figure, limited=False):
    if spread is None:
        return "–"
    text = figures[figure][2].format(spread.median)
    return text + ("*" if limited and figure in limited_figures else "")


class Row:
    """One figure of one subject in one workload, with all its ratios."""

    def __init__(self, workload, subject, figure, measurements, peers):
        self.workload, self.subject, self.figure = workload, subject, figure
        self.measurements, self.peers = measurements, peers
        self.goals = [goal for goal in workload.goals
                      if goal.figure == figure and goal.subject == subject]

    def references(self):
        return [name for name in self.workload.subjects if name != self.subject]

    def judged(self):
        """(goal, reference's name, spread, verdict) of each goal."""
        for goal in self.goals:
            reference = goal.reference
            if reference == "best peer":
                reference = self.measurements.best_peer(self.workload.name, self.peers, self.figure)
            if not goal.reference:
                spread = self.measurements.absolute(self.workload.name, self.subject, self.figure)
            elif reference is None:
                spread = None
            else:
                spread = self.measurements.ratios(self.workload.name, self.subject, reference,
                                                  self.figure)
            yield goal, reference or goal.reference, spread, verdict_of(spread, goal.most)

    def cells(self, columns):
        name = self.workload.name
        own = self.measurements.absolute(name, self.subject, self.figure)
        limited = self.measurements.generator_limited(name, self.subject)
        cells = [self.workload.title, shown_names[self.subject], figures[self.figure][0],
                 absolute_cell(own, self.figure, limited)]
        for column in columns:
            spread = None
            for reference in column:
                if reference in self.references():
                    spread = spread or self.measurements.ratios(name, self.subject, reference,
                                                                self.figure)
            cells.append(ratio_cell(spread))
        targets, verdicts = [], []
        for goal, reference, spread, verdict in self.judged():
            bound = f"≤ {goal.most:.2f}" if goal.most >= 0.1 else f"≤ {goal.most:g}"
            targets.append(bound + (f" × {shown_names.get(reference, reference)}"
                                    if reference else ""))
            verdicts.append(verdict)
        return cells + ["; ".join(targets), "; ".join(verdicts)]


# The columns of ratios: lines stand beside the floors, since WebSocket is measured against both.
ratio_columns = (("÷ floor", ("floor", "udp_relay", "floor_json", "floor_websocket_json", "floor_sse",
                              "sqlite_loop", "resume_floor")),
                 ("÷ trains", ("udp_relay_trains",)),
                 ("÷ lines", ("chatd",)),
                 ("÷ redis", ("redis",)), ("÷ NATS", ("nats",)), ("÷ ncat", ("ncat",)),
                 ("÷ mosquitto", ("mosquitto",)), ("÷ inspircd", ("inspircd",)), ("÷ ws", ("ws",)),
                 ("÷ 20,000 kept", ("chatd_history_small",)))

legend = (
    "The middle column is the measured value (median). A ratio is the median of paired ratios with "
    "its quartiles in brackets; below 1 is less than the reference. Verdict: \"not shown\" when the "
    "quartiles lie further apart than the median lies from the target. A figure counts only from "
    "runs in which every delivery arrived once, in order and unchanged. * = limited by the load "
    "generator, not by the server."
)


def rows_of(workloads, measurements, peers, goals_only=False):
    for workload in workloads:
        tried = {r["subject"] for r in measurements.records if r["workload"] == workload.name}
        own = [name for name in workload.subjects if name in tried and
               (name.startswith("chatd") or name in workload.beside)]
        for subject in own:
            judged = [goal.figure for goal in workload.goals if goal.subject == subject]
            for figure in dict.fromkeys([*judged, *(() if goals_only else workload.shown)]):
                yield Row(workload, subject, figure, measurements, peers)


def markdown(workloads, records, peers, goals_only=False):
    """The table, its legend, and what failed."""
    measurements = Measurements(records)
    headers = ["workload", "server", "figure", "value", *(title for title, _ in ratio_columns),
               "target", "verdict"]
    lines = ["| " + " | ".join(headers) + " |", "|" + " --- |" * len(headers)]
    columns = [names for _, names in ratio_columns]
    for row in rows_of(workloads, measurements, peers, goals_only):
        lines.append("| " + " | ".join(row.cells(columns)) + " |")
    lines += ["", legend]
    failures = {}
    for record, why in measurements.failed_runs():
        key = (record["workload"], record["subject"], why)
        failures[key] = failures.get(key, 0) + 1
    if failures:
        lines += ["", "Runs that do not count:"]
        lines += [f"- {workload}, {shown_names[subject]}: {count} × {why}"
                  for (workload, subject, why), count in failures.items()]
    return "\n".join(lines)


def counts(workloads, records, peers):
    """How many goals were met, missed, not shown, not measured."""
    totals = {}
    for row in rows_of(workloads, Measurements(records), peers, goals_only=True):
        for *_, verdict in row.judged():
            totals[verdict] = totals.get(verdict, 0) + 1
    return totals
