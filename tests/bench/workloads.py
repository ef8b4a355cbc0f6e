"""What is measured, against what, and what must be reached: the table of the project's speed goals
as data.

A workload is one load, the subjects that bear it, and goals. A goal compares one figure of one
subject with the same figure of another, paired round by round, or, without a reference, looks at
the figure itself.
"""

from dataclasses import dataclass, field

from commit_probe import CommitProbe
from history_probe import HistoryProbe
from resume_probe import ResumeProbe


@dataclass(frozen=True)
class Load:
    """What chatload is told."""
    listeners: int = 100
    window: int = 1         # said at once, when all of the last window has arrived ...
    sliding: bool = False   # ... or one by one, as soon as there is room for one
    coalesced: int = 1      # messages a floor takes in one block
    size: int = 64
    rate: float = 0         # messages a second; 0 = saturate
    everyone: bool = False
    idle: int = 0
    seconds: float = 1.5    # of measurement; idle: of holding
    retained: int = 0       # messages that a room's history keeps; 0 = all

    def arguments(self, seconds):
        words = ["--size", str(self.size), "--seconds", str(seconds)]
        if self.idle:
            return ["--idle", str(self.idle), "--seconds", str(seconds)]
        words += ["--listeners", str(self.listeners), "--warmup", "0.3"]
        if self.everyone:
            words.append("--everyone")
        if self.rate:
            return words + ["--rate", str(self.rate)]
        return words + ["--window", str(self.window)] + ([] if self.sliding else ["--bursts"])


@dataclass(frozen=True)
class Goal:
    figure: str                 # a key of table.figures
    most: float                 # what the ratio (without a reference the value) may be
    reference: str = ""         # a subject, "best peer", or "" for none
    subject: str = "chatd"


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    load: Load | None           # None: the probe measures
    subjects: tuple
    goals: tuple = ()
    shown: tuple = ("us_per_delivery", "deliveries_per_second", "p50", "p99", "rss_mib")
    pairs_max: int = 100        # memory does not vary: fewer rounds will do
    probe: object = None        # measures in chatload's place, see probe.py
    beside: tuple = ()          # floors that get rows of their own
    in_turn: bool = False       # in this order in every round: one takes something of the other
    long: bool = False          # minutes of preparation: in --quick only if it is named


text_subjects = ("chatd", "chatd_websocket")
quick_peers = ("redis", "nats")
peers = ("redis", "nats", "ncat", "mosquitto", "inspircd", "ws")


def without(*names):
    return tuple(peer for peer in peers if peer not in names)


def cpu(most, reference, subject="chatd"):
    return Goal("us_per_delivery", most, reference, subject)


as_lines = cpu(1.10, "chatd", "chatd_websocket")


def fan_out(name, title, load, peer_names, *goals):
    return Workload(name, title, load, text_subjects + ("floor",) + peer_names, goals + (as_lines,))


def paced(name, title, load, peer_names):
    return Workload(name, title, load, text_subjects + ("floor",) + peer_names,
                    (Goal("p50", 1.1, "best peer"), Goal("p99", 1.1, "best peer"), as_lines),
                    shown=("us_per_delivery", "p50", "p99", "p99_9", "rss_mib"))


def datagrams(peer_count, burst, most):
    kind = f"bursts of {burst}" if burst > 1 else "single"
    # Of a burst the kernel's own price in trains is shown beside: no server can be below it.
    trains = ("udp_relay_trains",) if burst > 1 else ()
    return Workload(f"udp-{peer_count}-{burst}", f"UDP relay, {peer_count} peers, {kind}",
                    Load(listeners=peer_count - 1, window=burst),
                    ("chatd_udp", "udp_relay") + trains, (cpu(most, "udp_relay", "chatd_udp"),))


def idle(count, subject, others, cpu_percent_max, seconds):
    kind = "WebSocket" if subject == "chatd_websocket" else "text"
    return Workload(f"idle-{kind.lower()}-{count}", f"{count:,} idle, {kind}",
                    Load(idle=count, seconds=seconds), (subject,) + others,
                    (Goal("kib_per_connection", 0.4, subject=subject),
                     Goal("cpu_percent", cpu_percent_max, subject=subject)),
                    shown=("kib_per_connection", "cpu_percent"), pairs_max=1)


def commit(window):
    return Workload(f"commit-{window}", f"said by key and committed, window {window:,}", None,
                    ("chatd_store", "sqlite_loop"), (Goal("store_us", 1.4, "sqlite_loop",
                                                          "chatd_store"),),
                    shown=("store_us", "messages_per_second", "group"),
                    probe=CommitProbe(window), beside=("sqlite_loop",), in_turn=True)


def history_size():
    large, small = "chatd_history_large", "chatd_history_small"
    asked = ("newest", "middle", "oldest", "rare", "two_words")
    goals = [Goal(figure, 1.5, small, large)
             for figure in ("ready_ms", *(f"{name}_p99_ms" for name in asked))]
    # Two words that seldom meet have a hundred times the hits here: shown, not comparable.
    # Within what the allocator and SQLite's cache vary by.
    goals += [Goal(figure, 1.2, small, large) for figure in ("rss_ready_mib", "rss_after_mib")]
    return Workload("history-size", "a room of 2,000,000 messages", None, (large, small),
                    tuple(goals), shown=(*(f"{name}_p50_ms" for name in asked),
                                            "two_seldom_p50_ms", "two_seldom_p99_ms"),
                    probe=HistoryProbe(), long=True)


def resume_storm():
    return Workload("resume-storm", "10,000 resume at once, 1 to 1,000 behind", None,
                    ("chatd_resume", "resume_floor"),
                    (Goal("sends_per_message", 0.1, subject="chatd_resume"),),
                    shown=("caught_up_ms", "resume_p50_ms", "resume_p99_ms", "resume_us",
                           "ready_ms", "rss_after_mib"),
                    probe=ResumeProbe())


def history(name, title, load, *goals):
    """What keeping costs those who listen: the store works on a thread of its own, on the same core
    here, and takes from it what it takes; what counts is the ring's thread."""
    return Workload(f"history-{name}", f"{title}, kept", load, ("chatd", "chatd_history"), goals,
                    shown=("ring_us_per_delivery", "us_per_delivery", "deliveries_per_second",
                           "p50", "p99", "rss_mib"))


ring_as_without = Goal("ring_us_per_delivery", 1.10, "chatd", "chatd_history")


def form(name, title, subject, window):
    """One form of delivery against a floor of as many bytes in as many sends: lines say it."""
    return Workload(f"{name}-{window}", f"1→100 {title}, window {window}",
                    Load(window=window, coalesced=window), (subject, subject.replace("chatd", "floor")),
                    (cpu(1.3, subject.replace("chatd", "floor"), subject),),
                    shown=("us_per_delivery", "deliveries_per_second", "bytes_per_delivery", "p50",
                           "p99"))


said_subjects = ("chatd_said_json", "chatd_said_websocket_json", "chatd_said_unanswered")


def said(name, title, load):
    """What it costs to say something, with one listener to its lines. In JSON it is said with an id
    and answered, and comes back to its author as well; said in lines it does neither."""
    return Workload(f"said-{name}", f"say, one listener to lines, {title}", load,
                    ("chatd",) + said_subjects,
                    tuple(Goal("us_per_message", 2.0, "chatd", subject)
                          for subject in said_subjects),
                    shown=("us_per_message", "p50", "p99"))


workloads = (
    fan_out("single", "1→100, one at a time", Load(), peers, cpu(1.15, "floor")),
    fan_out("window-16", "1→100, window 16", Load(window=16, coalesced=16), peers,
            cpu(1.3, "floor")),
    fan_out("window-64", "1→100, window 64", Load(window=64, coalesced=64), peers,
            cpu(1.3, "floor"), cpu(1 / 2.5, "redis"), cpu(1 / 3, "nats")),
    # ncat --chat selects on at most 1,024 descriptors.
    fan_out("thousand-64", "1→1,000, window 64", Load(listeners=1000, window=64, coalesced=64),
            without("ncat"), cpu(1.3, "floor")),
    fan_out("thousand-deep", "1→1,000, deep backlog (2,048)",
            Load(listeners=1000, window=2048, sliding=True, coalesced=1024), ("redis", "nats"),
            cpu(1.5, "floor")),
    # An IRC line has 512 bytes; ncat cuts a block anywhere and puts names inside the lines.
    fan_out("kib-64", "1 KiB, 1→100, window 64", Load(window=64, coalesced=64, size=1024),
            without("ncat", "inspircd"), cpu(1.3, "floor")),
    Workload("everyone", "50 all talking, 16 in flight each",
             Load(listeners=50, window=800, sliding=True, everyone=True), text_subjects + peers,
             (cpu(1 / 2, "redis"), as_lines)),
    paced("paced-100", "1,000/s → 100", Load(rate=1000, seconds=4), peers),
    paced("paced-1000", "100/s → 1,000", Load(listeners=1000, rate=100, seconds=4),
          without("ncat")),
    history("single", "1→100, one at a time", Load(), ring_as_without),
    history("64", "1→100, window 64", Load(window=64), ring_as_without),
    # Less is kept than the warm-up says: the store takes, removes and checkpoints all the while.
    history("paced", "1,000/s → 100", Load(rate=1000, seconds=4, retained=200),
            Goal("p99", 1.1, "chatd", "chatd_history")),
    said("single", "one at a time", Load(listeners=1)),
    said("64", "window 64", Load(listeners=1, window=64)),
    form("json", "in JSON", "chatd_json", 16),
    form("json", "in JSON", "chatd_json", 64),
    form("websocket-json", "in JSON by WebSocket", "chatd_websocket_json", 16),
    form("websocket-json", "in JSON by WebSocket", "chatd_websocket_json", 64),
    form("sse", "as Server-Sent Events", "chatd_sse", 16),
    form("sse", "as Server-Sent Events", "chatd_sse", 64),
    datagrams(10, 1, 1.15),
    datagrams(10, 16, 1 / 2),
    datagrams(100, 1, 1.15),
    datagrams(100, 16, 1 / 2),
    idle(10_000, "chatd", ("redis", "nats", "mosquitto"), 0.1, 10),
    idle(19_000, "chatd", (), 0.1, 10),
    # Two rounds of the default ping interval of 25 s.
    idle(10_000, "chatd_websocket", ("ws",), 3.0, 52),
    idle(19_000, "chatd_websocket", (), 3.0, 52),
    commit(64),
    commit(1024),
    history_size(),
    resume_storm(),
)
