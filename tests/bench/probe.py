"""A probe measures what chatload cannot: it starts its own servers, loads them in its own way and
gives a result whose figures table.py knows how to read. This is what all probes share.

    probe.measure(subject, place)   one run, in seconds not hours; RuntimeError if it failed
    probe.summary(result)           that result in a few words
    probe.close()                   removes what it keeps between rounds
"""

import http.client
import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import servers

start_poll_seconds = 0.0005
http_seconds_max = 30.0


@dataclass(frozen=True)
class Place:
    """Where a run takes place: the programs, a scratch folder, and whether it is to be short."""
    built: Path
    folder: Path
    quick: bool = False


class StoreServer(servers.Running):
    """chatd with history in `state`; `ready_seconds` is how long it took until its ready line."""
    poll_seconds = start_poll_seconds

    def __init__(self, place, state):
        began_at = time.monotonic()
        super().__init__([str(place.built / "src/chatd"), "--history", "on", "--state", str(state),
                          "--tcp", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--udp-raw", "off"],
                         place.folder, "json")
        self.ready_seconds = time.monotonic() - began_at

    def metrics(self):
        with Browser(self.port) as browser:
            lines = browser.get("/metrics").decode().splitlines()
        values = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in values}

    def store_thread_seconds(self):
        """The CPU that the store's thread has had."""
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            if (task / "comm").read_text().strip() == "store":
                return int((task / "schedstat").read_text().split()[0]) / 1e9
        raise RuntimeError("chatd has no thread called store")

    def cpu_seconds(self):
        """The CPU of all its threads."""
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in Path(f"/proc/{self.pid}/task").iterdir()) / 1e9

    def rss_bytes(self):
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) * 1024


class Browser:
    """HTTP on one kept connection to this machine."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=http_seconds_max)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status} {body[:200].decode()}")
        return body


def run(command, seconds_max):
    """Runs a program to its end beside the servers, on the load's core; what it printed."""
    try:
        done = subprocess.run(["setpriv", "--pdeathsig", "KILL", "taskset", "-c",
                               str(servers.load_core), *map(str, command)],
                              capture_output=True, text=True, timeout=seconds_max)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{Path(command[0]).name} did not end in time") from None
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-300:] or f"exit {done.returncode}")
    return done.stdout


def run_json(command, seconds_max):
    return json.loads(run(command, seconds_max))


def share_of(values, part):
    """The value that this part of all values does not exceed: 0.99 is p99."""
    values = sorted(values)
    return values[min(len(values) - 1, int(part * len(values)))]


def passed(**figures):
    """A result that counts."""
    return {"passed": True, "verdict": "as expected", **figures}
