"""The servers under measurement: how each is started, bare of all but publish and subscribe, on a
loopback port of its own and pinned to one core, and how it ends.

Only processes started here are ended, each by its own id; if this program dies, the kernel ends
them (setpriv --pdeathsig).
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from kept import kept_in

here = Path(__file__).resolve().parent
root = here.parent.parent

server_core = 0
load_core = 1
start_seconds_max = 15.0
stop_seconds_max = 8.0
floor_nick_prefix = "u"  # chatload's default, so floor's lines are as long as chatd's

ready_address = re.compile(r"\b(tcp|udp)[= ]127\.0\.0\.1:(\d+)")


class Unavailable(Exception):
    """This server cannot be run here; the text says why."""


class Unready(Exception):
    """This server cannot be run yet, since another was not measured; the text says which."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_listening(port):
    """Looks without connecting: a probe would be a client like any other."""
    wanted = f":{port:04X}"
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(path).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(wanted) and fields[3] == "0A":
                return True
    return False


class Running:
    """A started server: `protocol` is chatload's, `speaking` what it is told besides of who says
    what how, `load` the workload's, `port` where the server listens."""
    poll_seconds = 0.02

    def __init__(self, command, folder, protocol, port=None, kind="tcp", speaking=(), load=None):
        self.protocol, self.speaking, self.load = protocol, tuple(speaking), load
        self.log = folder / f"{Path(command[0]).name}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", str(server_core), *command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
        self.port = port or self._announced(kind)
        if port:
            self._await(lambda: is_listening(port))

    @property
    def pid(self):
        return self.process.pid

    def _await(self, condition):
        deadline = time.monotonic() + start_seconds_max
        while time.monotonic() < deadline and self.process.poll() is None:
            found = condition()
            if found:
                return found
            time.sleep(self.poll_seconds)
        self.stop()
        raise Unavailable("did not start: " + self.log.read_text()[-300:].strip())

    def _announced(self, kind):
        """The port in the ready line."""
        def look():
            ports = dict(ready_address.findall(self.log.read_text()))
            return int(ports.get(kind, 0))
        return self._await(look)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(stop_seconds_max)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()

    def kept(self):
        """What it kept, once it has stopped (kept.py); None of one that keeps nothing."""
        return None


class RunningWithHistory(Running):
    """A chatd that keeps what is said, in a directory that is gone when it was looked at."""

    def __init__(self, command, folder, *arguments, **named):
        self.state = tempfile.TemporaryDirectory(prefix="state-", dir=folder)
        super().__init__([*command, "--history", "on", "--state", self.state.name], folder,
                         *arguments, **named)

    def kept(self):
        with self.state as directory:
            return kept_in(directory)


def program(name, *elsewhere):
    """The path of a program, or Unavailable."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    for path in elsewhere:
        found = found or (str(path) if Path(path).exists() else None)
    if not found:
        raise Unavailable(f"{name} is not installed")
    return found


class Servers:
    """Starts any of them by name. `built` is the build directory, `folder` a scratch one."""

    def __init__(self, built, folder):
        self.built = Path(built)
        self.folder = Path(folder)
        self.bytes_heard = {}  # (name, load) -> bytes a delivery, of what was measured before

    def start(self, name, load):
        """`load` is the workload's Load; floor has to know the size of a block from it."""
        return getattr(self, "_" + name)(load)

    def _chatd_command(self):
        return [str(self.built / "src/chatd"), "--tcp", "127.0.0.1:0", "--udp", "127.0.0.1:0"]

    def _chatd_as(self, protocol, kind="tcp", speaking=()):
        return Running([*self._chatd_command(), "--history", "off"], self.folder, protocol,
                       kind=kind, speaking=speaking)

    def _chatd(self, load):
        return self._chatd_as("chatd")

    def _chatd_websocket(self, load):
        return self._chatd_as("websocket")

    def _chatd_udp(self, load):
        return self._chatd_as("udp", "udp")

    def _chatd_history(self, load):
        command = [*self._chatd_command(), "--retain-count", str(load.retained)]
        return RunningWithHistory(command, self.folder, "chatd")

    # -- lines say, other forms are heard --
    def _chatd_json(self, load):
        return self._chatd_as("json", speaking=["--publish-as", "chatd"])

    def _chatd_websocket_json(self, load):
        return self._chatd_as("websocket_json", speaking=["--publish-as", "chatd"])

    def _chatd_sse(self, load):
        return self._chatd_as("sse", speaking=["--publish-as", "chatd"])

    # -- lines are heard, other dialects say --
    def _chatd_said_json(self, load):
        return self._chatd_as("chatd", speaking=["--publish-as", "json"])

    def _chatd_said_websocket_json(self, load):
        return self._chatd_as("chatd", speaking=["--publish-as", "websocket_json"])

    def _chatd_said_unanswered(self, load):
        return self._chatd_as("chatd", speaking=["--publish-as", "json", "--unanswered"])

    def _floor(self, load):
        name = f"<{floor_nick_prefix}{load.listeners + 1}> "
        block_bytes = load.coalesced * (len(name) + load.size + 1)
        command = [str(self.built / "tests/bench/floor"), "0", str(load.listeners),
                   str(block_bytes)]
        return Running(command, self.folder, "floor", load=load)

    def _floor_of(self, subject, load):
        """A floor whose lines are as long as what listeners to `subject` got on average: bodies
        grow by what that form has more than a line."""
        heard = self.bytes_heard.get((subject, load))
        if heard is None:
            raise Unready(f"{subject} has to be measured first")
        name = f"<{floor_nick_prefix}{load.listeners + 1}> "
        return self._floor(replace(load, size=round(heard) - len(name) - 1))

    def _floor_json(self, load):
        return self._floor_of("chatd_json", load)

    def _floor_websocket_json(self, load):
        return self._floor_of("chatd_websocket_json", load)

    def _floor_sse(self, load):
        return self._floor_of("chatd_sse", load)

    def _udp_relay(self, load):
        command = [str(self.built / "tests/bench/udp_relay"), "0"]
        return Running(command, self.folder, "udp", kind="udp")

    def _udp_relay_trains(self, load):
        command = [str(self.built / "tests/bench/udp_relay"), "0", "trains"]
        return Running(command, self.folder, "udp", kind="udp")

    def _redis(self, load):
        port = free_port()
        command = [program("redis-server"), "--bind", "127.0.0.1", "--port", str(port),
                   "--save", "", "--appendonly", "no", "--maxclients", "19900",
                   "--tcp-backlog", "4096", "--client-output-buffer-limit", "pubsub 0 0 0"]
        return Running(command, self.folder, "redis", port)

    def _nats(self, load):
        port = free_port()
        command = [program("nats-server"), "-a", "127.0.0.1", "-p", str(port)]
        return Running(command, self.folder, "nats", port)

    def _ncat(self, load):
        port = free_port()
        command = [program("ncat"), "--chat", "-l", "127.0.0.1", str(port), "-m", "2000"]
        return Running(command, self.folder, "ncat", port)

    def _mosquitto(self, load):
        port = free_port()
        settings = self.folder / "mosquitto.conf"
        settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
                            "set_tcp_nodelay true\nmax_queued_messages 0\nlog_type error\n"
                            "user root\n")
        return Running([program("mosquitto"), "-c", str(settings)], self.folder, "mqtt", port)

    def _inspircd(self, load):
        port = free_port()
        settings = self.folder / "inspircd.conf"
        settings.write_text(inspircd_settings.format(port=port))
        command = [program("inspircd"), "--nofork", "--nopid", "--config", str(settings)]
        if os.geteuid() == 0:
            command.append("--runasroot")
        return Running(command, self.folder, "irc", port)

    def _ws(self, load):
        modules = root / "tests/integration/node_modules"
        if not (modules / "ws").exists():
            raise Unavailable("npm's ws is not installed")
        port = free_port()
        command = [program("node"), str(here / "ws_server.mjs"), str(port), str(modules)]
        return Running(command, self.folder, "websocket", port)


# No flood protection, no reverse look-ups, nothing logged: what remains is the fan-out.
inspircd_settings = """\
<config format="xml">
<server name="irc.bench.test" description="bench" id="1BN" network="bench">
<admin name="bench" nick="bench" email="bench@localhost">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="main" allow="*" maxchans="20" timeout="20" pingfreq="1h" hardsendq="1000000000"
 softsendq="100000000" recvq="10000000" threshold="2000000" commandrate="2000000000" fakelag="no"
 localmax="20000" globalmax="20000" resolvehostnames="no" useident="no" limit="20000">
<class name="none" commands="">
<type name="none" classes="none">
<files motd="/dev/null">
<dns server="127.0.0.1" timeout="1">
<performance nouserdns="yes" somaxconn="4096" softlimit="20000" quickstart="yes"
 netbuffersize="65534" timeskipwarn="0s">
"""
