"""A client of chatd that behaves on bad networks: JSON-RPC lines over TCP (PROTOCOL.md 13, 14).

    import chatd
    with chatd.Chat("localhost:4399", nick="ana", rooms=["lobby"]) as chat:
        chat.say("lobby", "hello")
        for event in chat:
            if event.kind == "message":
                print(event["from"], event["body"])

One file, standard library only. A Chat is one identity in some rooms across any number of
connections, which a thread of its own makes, keeps alive and makes again, with growing random waits
in between. Each line said gets a key and waits, over all outages, until the server has acknowledged
it; a repetition is recognised by its key. Each message of a room is told once, in the room's order;
what will never come is told by `gap` and `resumed`. With `state=FILE` all of that goes on in the
next run. Every method may be called from any thread.
"""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import errno
import fcntl
import itertools
import json
import os
import random
import re
import secrets
import select
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Iterator, Optional, Tuple

PENDING_LINES_MAX = 1000      # not yet acknowledged; then say() is refused
LINES_IN_FLIGHT_MAX = 16      # sent and not yet answered
CALLS_MAX = 256               # the same of other requests
KEYS_SEEN_MAX = 4096          # of lines heard, to know a double by
KEY_AGE_MAX = 90.0            # seconds; the server knows a key for two minutes
EVENTS_MAX = 10_000           # not yet taken; then nothing more is read
EVENTS_LIMIT = 100_000        # while an answer is waited for reading goes on, up to here
BODY_BYTES_MAX = 4096         # of a line, in UTF-8
REQUEST_BYTES_MAX = 65_536    # of all else that is asked
ANSWER_BYTES_MAX = 16 << 20   # one line of the server: a page of history is the longest
SAVE_INTERVAL = 0.2           # seconds between two writings of the state file
GOODBYE_WAIT = 1.0            # seconds for the server to hear it
DRAIN_WAIT = 1.0              # seconds, when a server that goes away says nothing more exact

NUMBERED = {"message", "edited", "redacted", "reacted", "topic"}
NICK_REFUSALS = {"NICK_IN_USE", "BAD_NICK"}
ROOM_REFUSALS = {"BAD_ROOM", "ROOM_LOOKS_ALIKE", "TOO_MANY_ROOMS"}
FAULTS = {-32601: "UNKNOWN_METHOD", -32602: "INVALID_PARAMS"}

Position = Tuple[int, int]  # (epoch, seq), which order as they should


class ChatError(Exception):
    """`code` is a word of PROTOCOL.md 3, or OFFLINE, LOST, CLOSED, FULL, FAULT (this client failed);
    `retry`: may go later."""

    def __init__(self, code: str, text: str, retry: bool = False, retry_after: float = 0.0,
                 detail: str = "") -> None:
        super().__init__(f"{text} ({detail})" if detail else text)
        self.code, self.retry, self.retry_after, self.detail = code, retry, retry_after, detail


class Event(dict):
    """What happened: `kind` is the name of a notification of the server, or state, resumed,
    refused; the items are its parameters. `at` is where its room is read up to with it."""

    def __init__(self, kind: str, params: dict, at: Optional[Position] = None) -> None:
        super().__init__(params)
        self.kind, self.at = kind, at


@dataclass
class Retry:
    """Attempt n waits a random part of min(cap, base * 2^(n-1)) seconds, and after `max` of them it
    is given up; a connection that held for `stable` seconds begins anew."""

    max: int = 200
    base: float = 0.25
    cap: float = 36.0
    stable: float = 5.0

    def ceiling(self, attempt: int) -> float:
        return min(self.cap, self.base * 2.0 ** min(attempt - 1, 40))


@dataclass(eq=False)
class Line:
    """A line to be said. `unsure`: it may have been, and the server may have forgotten its key."""

    key: str
    room: str
    body: str
    action: bool = False
    reply_to: Optional[dict] = None
    sent_at: float = 0.0
    flying: bool = False
    unsure: bool = False
    answer: concurrent.futures.Future = field(default_factory=concurrent.futures.Future)

    def shown(self) -> dict:
        return {"key": self.key, "room": self.room, "body": self.body, "action": self.action,
                "reply_to": self.reply_to}


def plain(room: str) -> str:
    """A room's name as it compares: without its mark, in one case."""
    return room.removeprefix("#").lower()


def is_guest(nick: str) -> bool:
    return nick.lower().startswith("guest-") and nick[6:].isdigit()


def refusal(error: dict) -> ChatError:
    data = error.get("data") or {}
    code = data.get("code") or FAULTS.get(error.get("code", 0), "FAULT")
    return ChatError(code, error.get("message", ""), data.get("retry", False),
                     data.get("retry_after_ms", 0) / 1000, data.get("detail", ""))


class Session:
    """Who one is and what was said and heard, without socket, thread or clock: bytes and times go
    in, bytes (`out`) and `events` come out. When `broken` is set the owner ends the connection,
    when `ended` is, for good. `now` is in seconds that only grow, `date` in the calendar's."""

    def __init__(self, nick: str = "", rooms: Iterable[str] = ("lobby",),
                 notices: Optional[bool] = None, slow_reader: Optional[str] = None,
                 guest: bool = False, kept: Optional[dict] = None) -> None:
        kept = kept or {}
        self.asked, self.guest, self.notices, self.slow_reader = nick, guest, notices, slow_reader
        self.nick: str = kept.get("nick", "") if nick in ("", kept.get("asked")) else ""
        self.token: str = kept.get("token", "")
        self.session: str = kept.get("session", "")
        self.rooms = {room: tuple(at) for room, at in kept.get("rooms", {}).items()}
        self.handled = dict(self.rooms)  # the same, as far as the program has taken its events
        self.wanted = [] if kept.get("entered") else list(dict.fromkeys(rooms))
        self.pending = [Line(**line) for line in kept.get("pending", [])]
        self.online, self.draining = False, 0.0
        self.is_new = False  # there is something of it that must be kept before anything is sent
        self.broken, self.broken_hint = "", 0.0
        self.ended: Optional[ChatError] = None
        self.out, self.events = bytearray(), collections.deque()
        self.heard, self.rtt = 0.0, None
        self.held_until = 0.0  # until then no line is sent: the server asked for it
        self._input = bytearray()
        self._calls: dict = {}
        self._ids, self._keys = itertools.count(1), itertools.count(1)
        self._word = secrets.token_hex(6)
        self._behind: dict = {}
        self._seen: collections.OrderedDict = collections.OrderedDict()
        self._now = self._date = 0.0

    def kept(self) -> dict:
        """What another run needs to go on."""
        return {"token": self.token, "session": self.session, "asked": self.asked,
                "nick": self.nick, "rooms": self.handled, "entered": not self.wanted,
                "pending": [{**line.shown(), "sent_at": line.sent_at} for line in self.pending]}

    # ---- what the owner tells -------------------------------------------------------------------

    def connected(self, now: float, date: float) -> None:
        """A nick is asked for only by a session whose token is here: an answer to `hello` that got
        lost would leave the nick to a session that nobody can resume."""
        self._now, self._date, self.heard = now, date, now
        self.broken, self.broken_hint, self.draining, self.held_until = "", 0.0, 0.0, 0.0
        if not self.token:
            self._ask("hello", {"rooms": []}, self._opened, self._entry_refused)
        elif self.asked and not self.nick:
            self._resume([], lambda session: self._take_nick(session["nick"]))
        else:
            self._enter(self.nick)

    def disconnected(self) -> None:
        """What was asked is lost, what was said will be said again."""
        self.online = False
        self.out.clear()
        self._input.clear()
        for line in self.pending:
            line.flying = False
        calls, self._calls = self._calls, {}
        for _, failed, _ in calls.values():
            failed(ChatError("LOST", "the connection ended before the answer came", retry=True))

    def received(self, data: bytes, now: float, date: float) -> None:
        self._now, self._date, self.heard = now, date, now
        begin, searched = 0, len(self._input)
        self._input += data
        while (end := self._input.find(b"\n", max(begin, searched))) >= 0 and not self.broken:
            self._text(bytes(self._input[begin:end]))
            begin = end + 1
        del self._input[:begin]
        if len(self._input) > ANSWER_BYTES_MAX:
            self.broken = "the server sent a line without an end"

    def say(self, line: Line) -> None:
        if len(line.body.encode("utf-8", "replace")) > BODY_BYTES_MAX or len(line.room) > 256:
            raise ChatError("LINE_TOO_LONG", f"a line has at most {BODY_BYTES_MAX} bytes")
        if len(self.pending) >= PENDING_LINES_MAX:
            raise ChatError("FULL", "too many lines wait; say it later", retry=True)
        self.pending.append(line)

    def handle(self, event: Event) -> None:
        """The program is done with this event; another run need not tell it again."""
        if event.at is not None and self.handled.get(event["room"], event.at) < event.at:
            self.handled[event["room"]] = event.at

    def new_key(self) -> str:
        return f"{self._word}-{next(self._keys)}"

    def call(self, method: str, params: dict, done: Callable, failed: Callable) -> None:
        if not self.online:
            return failed(ChatError("OFFLINE", "not connected; try again when online", retry=True))
        if len(self._calls) >= CALLS_MAX + LINES_IN_FLIGHT_MAX:
            return failed(ChatError("FULL", "too many calls wait for an answer", retry=True))

        def answered(result: dict) -> None:
            self._note_answer(method, params, result)
            done(result)
        self._ask(method, params, answered, failed)

    def goodbye(self) -> bytes:
        """What was not yet sent, and that one does not come back."""
        self._ask("quit", {}, lambda _: None, lambda _: None)
        return bytes(self.out)

    @property
    def awaits_answer(self) -> bool:
        return any(method != "ping" for _, _, method in self._calls.values())

    def ping(self, now: float) -> None:
        def answered(_: dict) -> None:
            self.rtt = self._now - now
        self._ask("ping", {}, answered, lambda error: None)

    def flush(self, now: float, date: float) -> None:
        """Sends the lines that can go, in the order of each room. One that is unsure waits until
        its room was read up to now: there would be its echo."""
        if not self.online or now < self.held_until:
            return
        places = LINES_IN_FLIGHT_MAX - sum(line.flying for line in self.pending)
        waiting = set()
        for line in self.pending:
            room = plain(line.room)
            if line.flying or room in waiting:
                continue
            if line.unsure and room in self._behind:
                waiting.add(room)
            elif places > 0:
                places -= 1
                self._send(line, date)

    # ---- entering -------------------------------------------------------------------------------

    def _opened(self, session: dict) -> None:
        self.token, self.is_new = session["token"], True
        self._take_nick(session["nick"])

    def _take_nick(self, given: str) -> None:
        wanted = self.nick or self.asked
        if not wanted or wanted == given or is_guest(wanted):
            return self._enter(given)

        def taken(answer: dict) -> None:
            self.nick, self.is_new = answer["nick"], True
            self._enter(self.nick)

        def refused(error: ChatError) -> None:
            if error.code not in NICK_REFUSALS:
                self._entry_refused(error)
            elif not self.guest and not self.nick:
                self.ended = error
            else:
                self.events.append(Event("notice", {"code": error.code, "text": str(error)}))
                self._enter(given)
        self._ask("nick", {"nick": wanted}, taken, refused)

    def _enter(self, nick: str) -> None:
        entries = [{"room": room, "since": {"epoch": at[0], "seq": at[1]}}
                   for room, at in self.rooms.items()]
        entered = {plain(room) for room in self.rooms}
        entries += [{"room": room} for room in self.wanted if plain(room) not in entered]

        def resumed(session: dict) -> None:
            if nick and session["nick"] != nick and is_guest(session["nick"]):  # its time was up
                return self._take_nick(session["nick"])
            self._entered(session)
        self._resume(entries, resumed)

    def _resume(self, entries: list, done: Callable) -> None:
        if self.slow_reader:
            entries = [{**entry, "slow_reader": self.slow_reader} for entry in entries]
        params: dict = {"token": self.token, "rooms": entries}
        if self.notices is not None:
            params["notices"] = self.notices
        self._ask("resume", params, done, self._entry_refused)

    def _entry_refused(self, error: ChatError) -> None:
        """A token that is no longer known is replaced; a room that cannot be entered is left."""
        if error.code == "LOST":
            return
        room = plain(error.detail) if error.code in ROOM_REFUSALS else ""
        if error.code == "BAD_TOKEN":
            self.token = self.session = ""
        elif room and room in map(plain, [*self.rooms, *self.wanted]):
            self.rooms = {name: at for name, at in self.rooms.items() if plain(name) != room}
            self.handled = {name: at for name, at in self.handled.items() if name in self.rooms}
            self.wanted = [name for name in self.wanted if plain(name) != room]
            self.events.append(Event("notice", {"code": error.code, "text": f"#{room}: {error}"}))
        elif not error.retry:
            self.ended = error
        self.broken, self.broken_hint = str(error), error.retry_after

    def _entered(self, session: dict) -> None:
        before = {plain(room): at for room, at in self.rooms.items()}
        handled, self.handled = {plain(room): at for room, at in self.handled.items()}, {}
        self.nick, self.rooms, self.wanted = session["nick"], {}, []
        self._behind.clear()
        for standing in session["rooms"]:
            room = plain(standing["room"])
            self._stands_at(standing, before.get(room))
            at = self.rooms[standing["room"]]
            self.handled[standing["room"]] = min(handled.get(room, at), at)
        same = self.session == session["session"]
        for line in self.pending:
            known = same and self._date - line.sent_at < KEY_AGE_MAX
            line.unsure = line.sent_at > 0 and not known
        self.session, self.online, self.is_new = session["session"], True, True
        self.events.append(Event("state", {"state": "online"}))
        self.events.append(Event("resumed", {"nick": self.nick, "resumed": session["resumed"],
                                             "rooms": session["rooms"]}))

    def _stands_at(self, standing: dict, since: Optional[Position]) -> None:
        at = (standing["epoch"], standing["seq"])
        read = since if since is not None and since < at else at
        self.rooms[standing["room"]] = read
        if standing.get("recovered") and read < at:
            self._behind[plain(standing["room"])] = at

    # ---- requests, answers, events --------------------------------------------------------------

    def _ask(self, method: str, params: dict, done: Callable, failed: Callable) -> None:
        number = next(self._ids)
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        text = json.dumps(request, ensure_ascii=False).encode("utf-8", "replace")
        if len(text) > REQUEST_BYTES_MAX:
            return failed(ChatError("TOO_LONG", f"{len(text)} bytes; {REQUEST_BYTES_MAX} at most"))
        self._calls[number] = (done, failed, method)
        self.out += text + b"\n"

    def _text(self, line: bytes) -> None:
        try:
            text = json.loads(line)
            told, params = text.get("method"), text.get("params")
        except (ValueError, AttributeError):
            self.broken = "the server sent something that is no JSON-RPC"
            return
        if told is not None:
            return self._told(told, params or {})
        done, failed, _ = self._calls.pop(text.get("id"), (None, None, ""))
        if done is not None and "error" in text:
            failed(refusal(text["error"]))
        elif done is not None:
            done(text["result"])

    def _note_answer(self, method: str, params: dict, result: dict) -> None:
        """What an answer says about where one is."""
        if method == "join":
            since = params.get("since")
            if since or result["room"] not in self.rooms:
                self._stands_at(result, (since["epoch"], since["seq"]) if since else None)
                self.handled[result["room"]] = self.rooms[result["room"]]
        elif method == "leave":
            self.rooms.pop(result["room"], None)
            self.handled.pop(result["room"], None)
            self._behind.pop(plain(result["room"]), None)
        elif method == "nick":
            self.nick = result["nick"]

    def _told(self, kind: str, params: dict) -> None:
        at = None
        if kind == "draining":
            self.draining = params["reconnect_after_ms"] / 1000
        elif kind == "renamed" and params["from"] == self.nick:
            self.nick = params["nick"]
        elif kind == "gap":
            at = (params["epoch"], params["to"])
            self._read_up_to(params["room"], at)
        elif kind in NUMBERED:
            at = (params["epoch"], params["seq"])
            if not self._read_up_to(params["room"], at):
                return
            if kind == "message" and params.get("key") and self._is_double(params):
                return
        self.events.append(Event(kind, params, at))

    def _read_up_to(self, room: str, at: Position) -> bool:
        """False for what was told before."""
        last = self.rooms.get(room)
        if last is not None and at <= last:
            return False
        if last is not None:
            self.rooms[room] = at
        if self._behind.get(plain(room), (0, 0)) <= at:
            self._behind.pop(plain(room), None)
        return True

    def _is_double(self, said: dict) -> bool:
        """A line that a crashed server delivered and then forgot is said again by its author."""
        echo = (said["key"], plain(said["room"]), said["body"])  # a key alone can be guessed
        for line in self.pending:
            body = line.body.encode("utf-8", "replace").decode()
            if line.unsure and (line.key, plain(line.room), body) == echo:
                self._settle(line, {name: said[name]
                                    for name in ("room", "epoch", "seq", "id", "ts")})
                break
        name = (said["room"], said["from"], said["key"])
        if self._seen.get(name) == said["body"]:
            return True
        self._seen[name] = said["body"]
        if len(self._seen) > KEYS_SEEN_MAX:
            self._seen.popitem(last=False)
        return False

    def _send(self, line: Line, date: float) -> None:
        line.flying, line.unsure, line.sent_at = True, False, line.sent_at or date

        def refused(error: ChatError) -> None:
            line.flying = False
            if error.code == "LOST":
                return
            if error.retry:
                self.held_until = self._now + (error.retry_after or DRAIN_WAIT)
                return
            self._settle(line, error)
            self.events.append(Event("refused", {**line.shown(), "error": error}))
        params = {name: value for name, value in line.shown().items() if value}
        self._ask("say", params, lambda said: self._settle(line, said), refused)

    def _settle(self, line: Line, answer: Any) -> None:
        self.pending.remove(line)
        settle(line.answer, answer)


def settle(future: concurrent.futures.Future, answer: Any) -> None:
    """Unless whoever waited has cancelled it."""
    with contextlib.suppress(concurrent.futures.InvalidStateError):
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)


def address(server: str) -> Tuple[str, int]:
    """HOST, HOST:PORT, [::1]:PORT as (host, port)."""
    match = re.fullmatch(r"(?:\[([^\[\]]+)\]|([^:\[\]]*))(?::(\d{1,5}))?", server, re.ASCII)
    if not match or not 0 < int(match[3] or 4399) < 65536:
        raise ValueError(f"{server!r} names no server; write HOST:PORT or [::1]:PORT")
    return match[1] or match[2] or "localhost", int(match[3] or 4399)


class Pulse:
    """Is anybody there? A ping each `interval`, and whatever is heard within `timeout` of it counts
    as an answer. A look that comes late tells of a computer that slept: then it asks once more."""

    def __init__(self, keepalive: Tuple[float, float], now: float) -> None:
        self.interval, self.timeout = keepalive
        self.pinged: Optional[float] = None
        self.due, self.late = now, False

    def look(self, now: float, heard: float) -> str:
        """wait, ping or dead; `heard` is when anything was last heard."""
        if now < self.due:
            return "wait"
        if self.pinged is not None and heard > self.pinged:
            self.pinged, self.late, self.due = None, False, now + self.interval
            return "wait"
        if self.pinged is not None:
            if self.late or now <= self.due + 1.0:
                return "dead"
            self.late = True
        self.pinged, self.due = now, now + self.timeout
        return "ping"


class StateFile:
    """What a Session keeps between runs, as JSON in a file that one process at a time may use."""

    def __init__(self, path: str) -> None:
        self.path, self.text = path, ""
        self.lock = open(path + ".lock", "w", encoding="utf-8")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.lock.close()
            raise ChatError("IN_USE", f"another program uses {path}; give each its own") from None

    def read(self) -> dict:
        try:
            with open(self.path, encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return {}
        except ValueError:
            raise ChatError("BAD_STATE", f"{self.path} holds no state; remove it") from None

    def write(self, kept: dict) -> None:
        text = json.dumps(kept)
        if text == self.text:
            return
        beside = self.path + ".new"
        with open(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w",
                  encoding="utf-8") as file:
            file.write(text)
        os.replace(beside, self.path)
        self.text = text

    def close(self) -> None:
        self.lock.close()


class Chat:
    """A Session kept on the way by a thread. `keepalive` is (seconds between pings, seconds for an
    answer, and anything heard is one); `state` a file for the next run. The others: see Session."""

    def __init__(self, server: str = "localhost:4399", *, nick: str = "",
                 rooms: Iterable[str] = ("lobby",), notices: Optional[bool] = None,
                 slow_reader: Optional[str] = None, guest: bool = False,
                 state: Optional[str] = None, retry: Optional[Retry] = None,
                 keepalive: Tuple[float, float] = (15.0, 10.0), dial_timeout: float = 10.0) -> None:
        self.address = address(server)
        self.retry, self.keepalive, self.dial_timeout = retry or Retry(), keepalive, dial_timeout
        self._file = StateFile(state) if state else None
        self._session = Session(nick, rooms, notices, slow_reader, guest,
                                self._file.read() if self._file else None)
        self.state, self.error = "closed", None
        self._changed = threading.Condition(threading.RLock())
        self._taken: Optional[Event] = None
        self._goodbye = b""
        self._listens = False  # whether anybody takes events at all
        self._saved_at, self._to_save, self._held = 0.0, False, False
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._thread: Optional[threading.Thread] = None

    # ---- for the program ------------------------------------------------------------------------

    nick = property(lambda self: self._session.nick or self._session.asked)
    rtt = property(lambda self: self._session.rtt, doc="Seconds there and back; None at first.")

    @property
    def rooms(self) -> dict:
        """Room -> (epoch, seq), the last message that came; a copy."""
        with self._changed:
            return dict(self._session.rooms)

    @property
    def pending(self) -> list:
        """The lines not yet acknowledged, oldest first; copies."""
        with self._changed:
            return [line.shown() for line in self._session.pending]

    def start(self) -> None:
        """Begins to connect, and stays connected until close()."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="chatd", daemon=True)
            self._thread.start()

    def connect(self, timeout: Optional[float] = None) -> None:
        """start(), and waits until online. ChatError when it is given up, TimeoutError when that
        takes longer; then it goes on trying."""
        self.start()
        with self._changed:
            self._changed.wait_for(lambda: self.state == "online" or self.error, timeout)
            if self.error:
                raise self.error
            if self.state != "online":
                raise TimeoutError("not online yet")

    def say(self, room: str, body: str, *, action: bool = False,
            reply_to: Optional[dict] = None) -> concurrent.futures.Future:
        """Says `body` once, however often that takes. The future has {room, epoch, seq, id, ts}
        when the server has acknowledged it, or the ChatError it was refused with. Raises FULL,
        LINE_TOO_LONG, or what ended the Chat."""
        with self._changed:
            if self.error:
                raise self.error
            line = Line(self._session.new_key(), room, body, action, reply_to)
            self._session.say(line)
        self._wake()
        return line.answer

    def call(self, method: str, timeout: Optional[float] = 10.0, **params: Any) -> dict:
        """Any other method of the server; its result. ChatError: its refusal, OFFLINE, or LOST
        (nobody knows whether it was done)."""
        answer: concurrent.futures.Future = concurrent.futures.Future()
        with self._changed:
            self._session.call(method, params, lambda result: settle(answer, result),
                               lambda error: settle(answer, error))
        self._wake()
        return answer.result(timeout)

    def next_event(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event; None when none came in time, or after close(). Raises what ended it."""
        with self._changed:
            self._listens = True
            if self._taken is not None:
                self._session.handle(self._taken)
                self._taken = None
                if self._file and not self._to_save:
                    self._wake()
            events = self._session.events
            self._changed.wait_for(lambda: events or self.error, timeout)
            if events:
                self._taken = events.popleft()
                if len(events) in (EVENTS_MAX - 1, EVENTS_LIMIT - 1):
                    self._wake()
            elif self.error and self.error.code != "CLOSED":
                raise self.error
            return self._taken

    def __iter__(self) -> Iterator[Event]:
        while (event := self.next_event()) is not None:
            yield event

    def flush(self, timeout: Optional[float] = None) -> bool:
        """Waits until every line is acknowledged or refused; False if some are not in time."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._session.pending or self.error, timeout) is True

    def close(self) -> None:
        """Ends the connection; whoever waits for an answer gets CLOSED. With a state file the next
        run is the same person and says what was not yet said; without one nobody can come back, so
        this says goodbye, and the nick is free."""
        with self._changed:
            if self._session.online and not self._file:
                self._goodbye = self._session.goodbye()
            self._end(ChatError("CLOSED", "closed by this program", retry=True))
        self._wake()
        if self._thread is None:
            self._let_go()
        elif self._thread is not threading.current_thread():
            self._thread.join()

    def __enter__(self) -> Chat:
        self.connect()
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self.flush(10.0)
        self.close()

    # ---- the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._stay_connected()
        except Exception as error:  # whoever waits must not wait for ever
            text = f"this client failed: {type(error).__name__}: {error}"
            with self._changed:
                self._end(ChatError("FAULT", text))
        finally:
            self._let_go()

    def _stay_connected(self) -> None:
        attempt = 0
        while self.error is None:
            self._held = False
            reason, hint = self._connection()
            attempt = 1 if self._held else attempt + 1
            with self._changed:
                if attempt > self.retry.max:
                    self._end(ChatError("LOST", f"given up after {attempt - 1} attempts: {reason}"))
                if self.error is not None:
                    break
                delay = hint + random.random() * max(hint, self.retry.ceiling(attempt))
                self._set_state("offline", attempt=attempt, retry_in=delay, reason=reason)
                self._save()
            self._sleep(delay)

    def _let_go(self) -> None:
        with self._changed:
            self._save()
            self._waker.close()
            self._woken.close()
            if self._file:
                self._file.close()
                self._file = None

    def _connection(self) -> Tuple[str, float]:
        """One connection to its end: why, and for how long it should rest."""
        self._set_state("connecting")
        try:
            with socket.create_connection(self.address, self.dial_timeout) as connection:
                # A local port that nobody listens at may have been given to this very connection.
                if connection.getsockname() == connection.getpeername():
                    raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.setblocking(False)
                with self._changed:
                    self._session.connected(time.monotonic(), time.time())
                return self._serve(connection)
        except OSError as error:
            return str(error), self._session.draining
        finally:
            with self._changed:
                self._session.disconnected()

    def _serve(self, connection: socket.socket) -> Tuple[str, float]:
        session, began, pulse = self._session, time.monotonic(), None
        while True:
            with self._changed:
                now, reads = time.monotonic(), self._may_read()
                if session.online and pulse is None:
                    self.state, began, pulse = "online", now, Pulse(self.keepalive, now)
                self._held = pulse is not None and now - began >= self.retry.stable
                if session.ended:
                    self._end(session.ended)
                if self.error or session.broken:
                    self._part(connection)
                    return session.broken, session.broken_hint
                beat = pulse.look(now, session.heard if reads else now) if pulse else "wait"
                if beat == "dead" or (pulse is None and now > began + self.dial_timeout):
                    return "the server does not answer", 0.0
                if beat == "ping":
                    session.ping(now)
                session.flush(now, time.time())
                self._drop_untaken()
                self._save(every=0.0 if session.is_new else SAVE_INTERVAL)
                session.is_new = False
                self._changed.notify_all()
                due = pulse.due if pulse else began + self.dial_timeout
                if session.pending and session.held_until > now:
                    due = min(due, session.held_until)
                wait = min(due - now, SAVE_INTERVAL if self._to_save else due - now)
                writes = bool(session.out)
            if not self._move(connection, reads, writes, max(wait, 0.0)):
                return "the server ended the connection", session.draining

    def _part(self, connection: socket.socket) -> None:
        """Sends the goodbye, if there is one, and waits a moment until the server has it."""
        if self._goodbye:
            connection.settimeout(GOODBYE_WAIT)
            connection.sendall(self._goodbye)
            connection.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + GOODBYE_WAIT
            while connection.recv(1 << 16) and time.monotonic() < deadline:
                pass

    def _move(self, connection: socket.socket, reads: bool, writes: bool, wait: float) -> bool:
        """Waits, then moves what can be moved; False at the end of the stream."""
        poll, wanted = select.poll(), select.POLLIN * reads | select.POLLOUT * writes
        poll.register(self._woken, select.POLLIN)
        if wanted:  # an end is told even to those who want nothing
            poll.register(connection, wanted)
        ready = dict(poll.poll(wait * 1000))
        if self._woken.fileno() in ready:
            self._woken.recv(4096)
        moves = ready.get(connection.fileno(), 0)
        if writes and moves & ~select.POLLIN:
            with self._changed:
                del self._session.out[:connection.send(self._session.out)]
        if not (reads and moves & ~select.POLLOUT):
            return True
        data = connection.recv(1 << 16)
        with self._changed:
            self._to_save = self._file is not None
            self._session.received(data, time.monotonic(), time.time())
        return bool(data)

    def _may_read(self) -> bool:
        """Not while the program has enough to take, unless it waits for an answer."""
        session = self._session
        awaited = session.pending or session.awaits_answer or not self._listens
        return len(session.events) < (EVENTS_LIMIT if awaited else EVENTS_MAX)

    def _sleep(self, delay: float) -> None:
        deadline = time.monotonic() + delay
        with self._changed:
            self._changed.wait_for(lambda: self.error or time.monotonic() >= deadline, delay)

    def _drop_untaken(self) -> None:
        """A program that only speaks keeps no events; what it did not take counts as handled."""
        while not self._listens and len(self._session.events) > EVENTS_MAX:
            self._session.handle(self._session.events.popleft())

    def _wake(self) -> None:
        self._to_save = self._file is not None
        with contextlib.suppress(OSError):  # full, which wakes as well, or over
            self._waker.send(b"x")

    def _set_state(self, state: str, **more: Any) -> None:
        with self._changed:
            self.state = state
            if len(self._session.events) < EVENTS_LIMIT:
                self._session.events.append(Event("state", {"state": state, **more}))
            self._changed.notify_all()

    def _end(self, error: ChatError) -> None:
        if self.error is not None:
            return
        self.error = error
        self._session.disconnected()
        for line in self._session.pending:
            settle(line.answer, error)
        self._set_state("closed", reason=str(error))

    def _save(self, every: float = 0.0) -> None:
        if not self._file or time.monotonic() - self._saved_at < every:
            return
        self._saved_at, self._to_save = time.monotonic(), False
        try:
            self._file.write(self._session.kept())
        except (OSError, TypeError, ValueError) as error:
            text = f"not kept for the next run: {error}"
            self._session.events.append(Event("notice", {"code": "STATE", "text": text}))
