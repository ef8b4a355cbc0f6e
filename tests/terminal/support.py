"""Peers of chatcli for its tests: a scripted server on TCP, one on UDP, and a terminal by tmux.

Every wait here has a limit, so a test that fails ends by itself.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from ports import steady_port  # noqa: E402  (stands in tests/support)

CHATCLI = os.environ["CHATCLI"]
CHATD = os.environ.get("CHATD", "")
TIMEOUT = 10.0


class LineServer:
    """A TCP server for one connection that says and hears exactly what the test wants."""

    def __init__(self, family=socket.AF_INET):
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        self.listener.listen(4)
        self.listener.settimeout(TIMEOUT)
        self.port = self.listener.getsockname()[1]
        self.connection = None
        self.heard = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        self.listener.close()

    def accept(self):
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(TIMEOUT)
        return self

    def say(self, data):
        self.connection.sendall(data)

    def hear_until(self, wanted):
        """What came up to and with `wanted`."""
        while wanted not in self.heard:
            data = self.connection.recv(65536)
            if not data:
                raise AssertionError(f"end after {self.heard!r}, wanted {wanted!r}")
            self.heard += data
        end = self.heard.index(wanted) + len(wanted)
        taken, self.heard = self.heard[:end], self.heard[end:]
        return taken

    def hear_to_end(self):
        while True:
            data = self.connection.recv(65536)
            if not data:
                break
            self.heard += data
        taken, self.heard = self.heard, b""
        return taken

    def hears_nothing(self, seconds):
        self.connection.settimeout(seconds)
        try:
            data = self.connection.recv(65536)
        except TimeoutError:
            return True
        finally:
            self.connection.settimeout(TIMEOUT)
        self.heard += data
        return False

    def reset(self):
        """Ends with RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close()

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class RpcServer(LineServer):
    """One that speaks JSON-RPC and answers in the order a test wants."""

    def asked(self, method):
        """The next call, which must be of that method; pings are answered meanwhile."""
        while True:
            call = json.loads(self.hear_until(b"\n"))
            if call["method"] == method:
                return call
            if call["method"] != "ping":
                raise AssertionError(f"asked {call}, wanted {method}")
            self.tell({"jsonrpc": "2.0", "result": {}, "id": call["id"]})

    def answer(self, method, result, call=None):
        call = call or self.asked(method)
        self.tell({"jsonrpc": "2.0", "result": result, "id": call["id"]})

    def refuse(self, method, message):
        self.tell({"jsonrpc": "2.0", "id": self.asked(method)["id"], "error": {
            "code": -32000, "message": message, "data": {"code": "REFUSED"}}})

    def greet(self, *rooms, nick="guest-1"):
        """Takes a connection, and its hello; each of `rooms` says how it stands."""
        self.accept()
        self.answer("hello", {"version": "0", "session": "1", "nick": nick, "token": "t" * 43,
                              "resumed": False, "rooms": list(rooms)})

    def tell(self, message):
        self.say(json.dumps(message).encode() + b"\n")


class DatagramServer:
    """A UDP socket that remembers who spoke last."""

    def __init__(self, family=socket.AF_INET):
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        self.socket.settimeout(TIMEOUT)
        self.port = self.socket.getsockname()[1]
        self.peer = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def hear(self):
        data, self.peer = self.socket.recvfrom(65536)
        return data

    def say(self, data):
        self.socket.sendto(data, self.peer)

    def hears_nothing(self, seconds):
        self.socket.settimeout(seconds)
        try:
            self.socket.recvfrom(65536)
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(TIMEOUT)


def start(*arguments, **options):
    """chatcli with pipes at all ends."""
    options.setdefault("stdin", subprocess.PIPE)
    return subprocess.Popen([CHATCLI, *map(str, arguments)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **options)


def finish(process, data=None):
    """Closes its input after `data`; (exit code, standard output, standard error)."""
    try:
        out, err = process.communicate(data, timeout=TIMEOUT + 10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode, out, err


def run(*arguments, data=b"", **options):
    return finish(start(*arguments, **options), data)


class Chatd:
    """The real server on ports it picks itself; `arguments` instead of keeping nothing."""

    def __init__(self, *arguments):
        self.arguments = arguments or ("--history", "off")
        self.addresses = {"tcp": f"127.0.0.1:{steady_port()}", "udp": "127.0.0.1:0"}
        self.start()

    def start(self):
        """Starts it, after kill() anew at the same addresses."""
        self.process = subprocess.Popen(
            [CHATD, *self.arguments, "--tcp", self.addresses["tcp"], "--udp", self.addresses["udp"]],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

        try:
            self.addresses = dict(re.findall(r"\b(tcp|udp)=(\S+)", self.ready_line()))
        except BaseException:
            self.__exit__()
            raise

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        # The kernel tends to a ring, and what it listens on, a moment longer than to its process.
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline and not self.is_free():
            time.sleep(0.01)

    def is_free(self):
        host, _, port = self.addresses["tcp"].rpartition(":")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(port)))
            except OSError:
                return False
        return True

    def ready_line(self):
        """The first line that names the addresses; the pipe is read no further."""
        os.set_blocking(self.process.stdout.fileno(), False)
        seen = b""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline and self.process.poll() is None:
            seen += self.process.stdout.read() or b""
            for line in seen.decode(errors="replace").splitlines(keepends=True):
                if "ready" in line and line.endswith("\n"):
                    return line
            time.sleep(0.02)
        seen += self.process.stdout.read() or b""
        raise AssertionError(f"chatd is not ready: {seen!r}")

    def tcp_target(self):
        return self.addresses["tcp"]

    def udp_target(self):
        return self.addresses["udp"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Terminal:
    """A program in a terminal of its own: keys in, screen out, by a private tmux server."""

    def __init__(self, *arguments, columns=60, rows=15, environment=None):
        self.directory = tempfile.mkdtemp(prefix="chatcli-tmux-")
        self.socket = os.path.join(self.directory, "tmux")
        settings = {"TERM": "screen-256color", "LC_ALL": "C.UTF-8", **(environment or {})}
        assignments = " ".join(f"{name}='{value}'" for name, value in settings.items())
        command = " ".join([CHATCLI, *map(str, arguments)])
        # The exit code stays on the screen, and the shell keeps the terminal open.
        shell = f"trap : INT; env -u NO_COLOR {assignments} {command}; echo \"[exit $?]\"; exec sleep 60"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "chat",
                  "-x", str(columns), "-y", str(rows), "sh", "-c", shell)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], timeout=TIMEOUT,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def tmux(self, *arguments):
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        environment.pop("TMUX", None)
        return subprocess.run(["tmux", "-S", self.socket, *arguments], check=True,
                              timeout=TIMEOUT, capture_output=True, env=environment).stdout

    def type(self, text):
        self.tmux("send-keys", "-t", "chat", "-l", text)

    def press(self, *keys):
        self.tmux("send-keys", "-t", "chat", *keys)

    def mouse(self, button, row, column):
        """What a terminal sends for that button there (X10 encoding): 0 the left, 64 wheel up, 65 down."""
        for what in (button, 3) if button < 64 else (button,):  # a button is let go again
            report = b"\x1b[M" + bytes(32 + value for value in (what, column + 1, row + 1))
            self.tmux("send-keys", "-t", "chat", "-H", *(f"{byte:02x}" for byte in report))

    def resize(self, columns, rows):
        self.tmux("resize-window", "-t", "chat", "-x", str(columns), "-y", str(rows))

    def screen(self, colours=False):
        """The rows that are not empty, without trailing blanks."""
        options = ["-e"] if colours else []
        text = self.tmux("capture-pane", "-p", *options, "-t", "chat").decode()
        rows = [row.rstrip() for row in text.split("\n")]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def wait_for(self, wanted, patience=TIMEOUT):
        """The screen once `wanted(rows)` holds, or, given rows, once it is exactly those."""
        holds = wanted if callable(wanted) else lambda rows: rows == wanted
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            rows = self.screen()
            if holds(rows):
                return rows
            time.sleep(0.03)
        raise AssertionError("the screen stays\n" + "\n".join(self.screen())
                             + ("" if callable(wanted) else f"\nwanted\n" + "\n".join(wanted)))


class LineClient:
    """Somebody with nc: says lines, hears lines."""

    def __init__(self, target, nick):
        host, _, port = target.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), TIMEOUT)
        self.heard = b""
        self.say(f"/nick {nick}")
        self.hear("NICK OK")

    def say(self, *lines):
        self.socket.sendall("".join(line + "\n" for line in lines).encode())

    def hear(self, wanted):
        """The line that holds `wanted`."""
        while True:
            while b"\n" in self.heard:
                line, _, self.heard = self.heard.partition(b"\n")
                if wanted in line.decode():
                    return line.decode()
            data = self.socket.recv(65536)
            if not data:
                raise AssertionError(f"the end came before {wanted!r}")
            self.heard += data

    def close(self):
        self.socket.close()


class ScreenCase(unittest.TestCase):
    """chatd, and full screens at it."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="chatcli-screen-")
        self.addCleanup(shutil.rmtree, self.directory, True)

    def serve(self, *arguments):
        self.chatd = Chatd("--state", os.path.join(self.directory, "server"), *arguments)
        self.addCleanup(lambda: self.chatd.__exit__())
        return self.chatd

    def open(self, *arguments, at=None, columns=80, rows=24, environment=None, wait=True):
        """A full screen at `at`, else at chatd, unless it is told its servers."""
        settings = {"XDG_STATE_HOME": os.path.join(self.directory, "client"), "TZ": "UTC",
                    **(environment or {})}
        where = [] if "--server" in arguments else [at or self.chatd.tcp_target()]
        terminal = Terminal(*where, *arguments, columns=columns, rows=rows, environment=settings)
        self.addCleanup(terminal.__exit__)
        if wait:
            self.wait_for_text(terminal, "● online")
        return terminal

    def meet(self, nick):
        client = LineClient(self.chatd.tcp_target(), nick)
        self.addCleanup(client.close)
        return client

    def wait_for_text(self, terminal, *wanted):
        return terminal.wait_for(lambda rows: all(text in "\n".join(rows) for text in wanted))

    def enter(self, terminal, line):
        terminal.type(line)
        terminal.press("Enter")


def child_of(terminal):
    """The process id of the chatcli in it."""
    shell = int(terminal.tmux("list-panes", "-t", "chat", "-F", "#{pane_pid}"))
    with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as children:
        return int(children.read().split()[0])


needs_tmux = unittest.skipUnless(shutil.which("tmux"), "tmux is not installed")
needs_chatd = unittest.skipUnless(CHATD, "CHATD names no server")
