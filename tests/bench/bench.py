"""Measures chatd, the bare floors and its peers in turn, and prints one table. Started by
scripts/bench, which builds and installs; see `scripts/bench --help`.

A round runs every subject of a workload once, one after the other, each freshly started on one
core with chatload on the other; the next round runs them in the opposite order.
"""

import argparse
import datetime
import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import servers
import table
from kept import fault_of
from probe import Place
from workloads import peers, quick_peers, workloads

exit_usage = 64
quick_share = 0.4  # of the usual time, but for idle connections, which need their ping interval
run_seconds_extra = 60.0  # what connecting, warming up and draining may take besides
pairs_default = 5


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        say(f"{message}; see scripts/bench --help")
        sys.exit(exit_usage)


def parsed_arguments():
    parser = Parser(add_help=False, allow_abbrev=False)
    names = [workload.name for workload in workloads]
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=names, default=[])
    parser.add_argument("--peer", action="append", choices=peers, default=[])
    parser.add_argument("--pairs", type=int, default=0)
    parser.add_argument("--fifo", action="store_true")
    parser.add_argument("--goals", action="store_true")
    parser.add_argument("--print", dest="print_file")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--build", default="build/bench")  # where the programs are
    parser.add_argument("--parse-only", action="store_true")  # before anything is built
    arguments = parser.parse_args()
    if arguments.pairs < 0 or arguments.pairs > 1000:
        parser.error("--pairs is a number from 1 to 1000")
    arguments.pairs = arguments.pairs or (2 if arguments.quick else pairs_default)
    return arguments


def machine_line(build):
    """What was measured on: results from other machines are other results."""
    def first_line(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
        except (OSError, IndexError):
            return "unknown"
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), platform.machine())
    compiler = first_line(os.environ.get("CXX", "g++"), "--version")
    commit = first_line("git", "-c", f"safe.directory={servers.root}", "-C", str(servers.root),
                        "rev-parse", "--short", "HEAD")
    return (f"Linux {platform.release()}, {os.cpu_count()} cores ({model}), {compiler}, "
            f"release build of {commit}, {datetime.date.today()}")


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.build = Path(arguments.build).resolve()
        self.records = []
        self.unavailable = {}
        self.started = time.monotonic()
        self.peers = tuple(arguments.peer) or (quick_peers if arguments.quick else peers)
        self.chosen = [w for w in workloads if w.name in arguments.only or
                       not (arguments.only or arguments.quick and w.long)]

    def run(self, folder):
        self.place = Place(self.build, folder, self.arguments.quick)
        self.servers = servers.Servers(self.build, folder)
        for workload in self.chosen:
            self.run_workload(workload)

    def run_workload(self, workload):
        subjects = [s for s in workload.subjects if s not in peers or s in self.peers]
        rounds = min(self.arguments.pairs, workload.pairs_max)
        for round_ in range(rounds):
            turned = round_ % 2 == 1 and not workload.in_turn
            order = subjects[::-1] if turned else subjects
            for subject in order:
                if subject not in self.unavailable:
                    self.measure(workload, subject, round_, rounds)
        if workload.probe:
            workload.probe.close()

    def measure(self, workload, subject, round_, rounds):
        record = {"workload": workload.name, "subject": subject, "round": round_}
        if workload.probe:
            self.probe(workload, record)
        elif not self.load_server(workload, record):
            return
        self.records.append(record)
        self.tell(workload, record, round_, rounds)

    def probe(self, workload, record):
        try:
            record["result"] = workload.probe.measure(record["subject"], self.place)
        except (RuntimeError, OSError, servers.Unavailable) as why:
            record["error"] = str(why)

    def load_server(self, workload, record):
        """False: this server cannot be run here."""
        subject = record["subject"]
        try:
            server = self.servers.start(subject, workload.load)
        except servers.Unavailable as why:
            self.unavailable[subject] = str(why)
            say(f"{table.shown_names[subject]} is left out: {why}")
            return False
        except servers.Unready as why:
            record["error"] = str(why)
        else:
            self.measure_started(workload, server, record)
        return True

    def measure_started(self, workload, server, record):
        """Adds to the record what the load found, and what the server kept of it."""
        try:
            result = record["result"] = self.load(workload, server)
            self.servers.bytes_heard[record["subject"], workload.load] = result["bytes_per_delivery"]
        except RuntimeError as why:
            record["error"] = str(why)
        finally:
            server.stop()
        try:
            kept = server.kept()
        except sqlite3.Error as why:
            record["error"] = f"its history: {why}"
            return
        if kept:
            record["kept"] = kept
            if fault := fault_of(kept, workload.load.retained):
                record["error"] = fault

    def load(self, workload, server):
        load = server.load or workload.load
        seconds = load.seconds
        if self.arguments.quick and not load.idle:
            seconds *= quick_share
        fifo = ["chrt", "--fifo", "10"] if self.arguments.fifo else []
        if fifo:
            subprocess.run(["chrt", "--fifo", "-a", "-p", "10", str(server.pid)], check=True)
        command = ["setpriv", "--pdeathsig", "KILL", *fifo, "taskset", "-c", str(servers.load_core),
                   str(self.build / "clients/load/chatload"), "--json",
                   "--protocol", server.protocol, *server.speaking,
                   "--server-pid", str(server.pid), *load.arguments(seconds),
                   f"127.0.0.1:{server.port}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True,
                                  timeout=seconds + run_seconds_extra)
        except subprocess.TimeoutExpired:
            raise RuntimeError("chatload did not end in time") from None
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise RuntimeError(done.stderr.strip()[-200:] or f"exit {done.returncode}") from None

    def tell(self, workload, record, round_, rounds):
        result = record.get("result")
        if "error" in record:
            summary = record["error"]
        elif workload.probe:
            summary = workload.probe.summary(result)
        elif not result["passed"]:
            summary = f"{result['verdict']} ({result['lost']} lost, {result['late']} late)"
        elif workload.load.idle:
            summary = (f"{result['server']['rss_growth_bytes'] / 1024 / workload.load.idle:.3f} "
                       f"KiB each, {result['server']['cpu_percent']:.2f} % CPU")
        else:
            summary = (f"{result['server']['us_per_delivery']:.4f} us, "
                       f"{result['deliveries_per_second']:,.0f}/s, p50 "
                       f"{result['latency_us']['p50']:,.0f} us")
            if "kept" in record:
                summary += ", {kept:,} kept, {unkept:,} unkept, {pruned:,} pruned".format(
                    **record["kept"])
        say(f"{time.monotonic() - self.started:5.0f} s  {workload.title}, round "
            f"{round_ + 1}/{rounds}, {table.shown_names[record['subject']]}: {summary}")

    def document(self, machine):
        return {"machine": machine, "seconds": round(time.monotonic() - self.started),
                "pairs": self.arguments.pairs, "unavailable": self.unavailable,
                "records": self.records}


def show(document, goals_only):
    tried = {record["workload"] for record in document["records"]}
    chosen = [workload for workload in workloads if workload.name in tried]
    print(document["machine"])
    print()
    print(table.markdown(chosen, document["records"], peers, goals_only))
    for subject, why in document["unavailable"].items():
        print(f"\n{table.shown_names[subject]} was left out: {why}")
    totals = table.counts(chosen, document["records"], peers)
    print("\nTargets: " + ", ".join(f"{count} {verdict}" for verdict, count in totals.items()) +
          f". {document['pairs']} rounds, {document['seconds']} s in all.")


def save(document, build):
    folder = build / "results"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / datetime.datetime.now().strftime("bench-%Y%m%d-%H%M%S.json")
    path.write_text(json.dumps(document, indent=1))
    latest = folder / "latest.json"
    latest.unlink(missing_ok=True)
    latest.symlink_to(path.name)
    return path


def main():
    arguments = parsed_arguments()
    if arguments.parse_only:
        return 0
    if arguments.list:
        for workload in workloads:
            print(f"{workload.name:20} {workload.title}")
        return 0
    if arguments.print_file:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` is no failure
        show(json.loads(Path(arguments.print_file).read_text()), arguments.goals)
        return 0
    # TERM ends us as INT does, so that what was started is stopped and what was measured is kept.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.sched_setaffinity(0, {servers.load_core})
    bench = Bench(arguments)
    machine = machine_line(bench.build)
    status = 0
    with tempfile.TemporaryDirectory(prefix="chatd-bench-") as folder:
        os.chmod(folder, 0o755)
        try:
            bench.run(Path(folder))
        except KeyboardInterrupt:
            say("interrupted; what was measured so far follows")
            status = 130
    document = bench.document(machine)
    path = save(document, bench.build)
    show(document, arguments.goals)
    say(f"raw results: {path}")
    return status


if __name__ == "__main__":
    sys.exit(main())
