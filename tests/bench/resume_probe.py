"""A storm of resumes: chatd is restarted, and all clients come back at once, each with its session
and from one message to a thousand behind. Beside it a bare copy of the same bytes to as many fresh
connections (resume_floor.c). The clients (resume_storm.cpp) compare every byte they get with what
was said.
"""

import os
import shutil
import tempfile
from pathlib import Path

import servers
from probe import StoreServer, passed, run, run_json

prepare_seconds_max = 120.0
storm_seconds_max = 90.0
generator_busy = 0.93     # of a core: then it is the clients who take the time


class ResumeProbe:
    def __init__(self, clients=10_000, behind=1_000):
        self.clients = clients
        self.behind = behind
        self.folder = None  # tokens and messages of chatd's last run

    def measure(self, subject, place):
        if subject == "resume_floor":
            return self.measure_floor(place)
        state = tempfile.mkdtemp(prefix="resume-", dir=place.folder)
        try:
            return self.measure_chatd(place, state)
        finally:
            shutil.rmtree(state)

    def measure_chatd(self, place, state):
        self.close()
        self.folder = Path(tempfile.mkdtemp(prefix="storm-", dir=place.folder))
        server = StoreServer(place, state)
        try:
            run([place.built / "tests/bench/resume_storm", "prepare", server.port, self.folder,
                 self.clients, self.behind], prepare_seconds_max)
        finally:
            server.stop()
        server = StoreServer(place, state)
        try:
            before, cpu_before = server.metrics(), server.cpu_seconds()
            caught_up = self.storm(place, server)
            cpu = server.cpu_seconds() - cpu_before
            after = server.metrics()
            rss = server.rss_bytes()
        finally:
            server.stop()
        sends = after["chatd_sends_total"] - before["chatd_sends_total"]
        return self.result(caught_up, cpu, sends_per_message=sends / caught_up["messages"],
                           ready_ms=server.ready_seconds * 1e3, rss_after_mib=rss / 2**20)

    def measure_floor(self, place):
        if self.folder is None:
            raise RuntimeError("the bare copy follows chatd, whose messages it sends")
        floor = Floor([str(place.built / "tests/bench/resume_floor"), "0",
                       str(self.folder / "lines"), str(self.clients)], place.folder, "floor")
        try:
            caught_up = self.storm(place, floor)
            cpu = floor.ended_cpu_seconds()
        finally:
            floor.stop()
        return self.result(caught_up, cpu)

    def storm(self, place, server):
        return run_json([place.built / "tests/bench/resume_storm", "storm", server.port,
                         self.folder, self.clients], storm_seconds_max)

    @staticmethod
    def result(caught_up, cpu, **more):
        messages = caught_up["messages"]
        busy = caught_up["cpu_seconds"] / caught_up["seconds"]
        return passed(caught_up_ms=caught_up["seconds"] * 1e3,
                      resume_p50_ms=caught_up["p50_ms"], resume_p99_ms=caught_up["p99_ms"],
                      resume_us=cpu * 1e6 / messages, messages=messages,
                      mib=caught_up["bytes"] / 2**20,
                      generator={"limited": busy > generator_busy}, **more)

    def summary(self, result):
        sends = result.get("sends_per_message")
        return (f"all caught up in {result['caught_up_ms']:,.0f} ms, {result['messages']:,} "
                f"messages, {result['mib']:,.0f} MiB, {result['resume_us']:.3f} us CPU each" +
                (f", {sends:.4f} sends each" if sends is not None else ""))

    def close(self):
        if self.folder:
            shutil.rmtree(self.folder)
        self.folder = None


class Floor(servers.Running):
    """Ends by itself when its last connection is closed."""

    def ended_cpu_seconds(self):
        _, status, usage = os.wait4(self.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != 0:
            raise RuntimeError(f"resume_floor ended with {self.process.returncode}")
        return usage.ru_utime + usage.ru_stime
