"""Clients that others wrote: nc, ncat, socat, telnet, Python's websockets, npm's ws and wscat."""

import asyncio
import os
import pty
import select
import shutil
import subprocess
import time

import harness

modules = harness.here / "node_modules"


class Program:
    """A client program that runs while a test talks through it."""

    def __init__(self, *arguments, terminal=False):
        ends = pty.openpty() if terminal else None
        self.process = subprocess.Popen([*harness.tied, *map(str, arguments)],
                                        stdin=ends[1] if ends else subprocess.PIPE,
                                        stdout=ends[1] if ends else subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.input = ends[0] if ends else self.process.stdin.fileno()
        self.output = ends[0] if ends else self.process.stdout.fileno()
        if ends:
            os.close(ends[1])
        self.terminal = terminal
        self.seen = b""

    def say(self, line):
        os.write(self.input, line.encode() + b"\n")

    def read_until(self, mark, timeout=harness.timeout_default):
        """Everything up to and with `mark`, which is consumed."""
        deadline = time.monotonic() + timeout
        while (at := self.seen.find(mark)) < 0:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.output], [], [], left)[0]:
                raise AssertionError(f"timed out waiting for {mark!r}; so far {self.seen!r}")
            received = os.read(self.output, 65536)
            if not received:
                raise AssertionError(f"ended before {mark!r}; so far {self.seen!r}")
            self.seen += received
        taken, self.seen = self.seen[:at + len(mark)], self.seen[at + len(mark):]
        return taken

    def close(self):
        self.process.kill()
        self.process.wait()
        if self.terminal:
            os.close(self.input)
        else:
            self.process.stdin.close()
            self.process.stdout.close()


class ForeignCase(harness.ChatdCase):
    def run_client(self, *arguments, stdin=b""):
        """The output of a client that ends well."""
        return harness.run_program(arguments, stdin, check=0)[1].decode()

    def program(self, *arguments, terminal=False):
        if not shutil.which(arguments[0]):
            self.fail(f"{arguments[0]} is not installed")
        return self.keep(Program(*arguments, terminal=terminal))

    @property
    def where(self):
        """127.0.0.1 and the TCP port, as two arguments."""
        return [str(part) for part in self.server.address()]


class Lines(ForeignCase):
    def talk_through(self, program):
        """A person behind `program` and one on a plain socket have a conversation."""
        ana = self.person("ana")
        program.say("/nick bob")
        program.read_until(b"NOTE NICK OK bob :You are bob.")
        program.say("hello ana")
        self.assertEqual(ana.line(), "<bob> hello ana")
        ana.say("hello bob")
        program.read_until(b"<ana> hello bob")
        program.say("/quit")
        program.read_until(b"NOTE QUIT")

    def test_nc(self):
        self.talk_through(self.program("nc", *self.where))

    def test_nc_with_crlf(self):
        self.talk_through(self.program("nc", "-C", *self.where))

    def test_nc_over_ipv6(self):
        port = self.server.address("tcp", harness.socket.AF_INET6)[1]
        self.talk_through(self.program("nc", "-6", "::1", port))

    def test_ncat(self):
        self.talk_through(self.program("ncat", *self.where))

    def test_socat(self):
        self.talk_through(self.program("socat", "STDIO", "TCP:" + ":".join(self.where)))

    def test_socat_with_a_line_editor_on_a_terminal(self):
        self.talk_through(self.program("socat", "STDIO,raw,echo=0", "TCP:" + ":".join(self.where),
                                       terminal=True))

    def test_telnet(self):
        telnet = self.program("telnet", *self.where, terminal=True)
        telnet.read_until(b"Connected to")
        self.talk_through(telnet)

    def test_a_person_at_telnet_is_greeted(self):
        telnet = self.program("telnet", *self.where, terminal=True)
        telnet.read_until(b"NOTE * WELCOME #lobby :chatd, #lobby, nobody else here yet.")

    def test_piped_into_nc(self):
        ana = self.person("ana")
        for text in (b"hi\n", b"hi"):
            self.assertEqual(self.run_client("nc", "-N", *self.where, stdin=text), "")
            self.expect(ana, r"<guest-\d+> hi")

    def test_piped_into_ncat_and_socat(self):
        ana = self.person("ana")
        self.run_client("ncat", *self.where, stdin=b"from ncat\n")
        self.expect(ana, r"<guest-\d+> from ncat")
        self.run_client("ncat", "--send-only", *self.where, stdin=b"one way\n")
        self.expect(ana, r"<guest-\d+> one way")
        self.run_client("socat", "-u", "STDIN", "TCP:" + ":".join(self.where), stdin=b"from socat")
        self.expect(ana, r"<guest-\d+> from socat")

    def test_a_question_piped_into_nc_is_answered(self):
        answer = self.run_client("nc", "-N", *self.where, stdin=b"/nick ana\n/help\n/who")
        self.assertIn("NOTE NICK OK ana", answer)
        self.assertIn("NOTE HELP END", answer)
        self.assertRegex(answer, r"-- ana\b.*\nNOTE WHO END 1 :.*\n$")

    def test_a_file_through_nc(self):
        ana = self.person("ana")
        count = 5000
        self.run_client("nc", "-N", *self.where,
                        stdin=b"".join(b"line %d\n" % number for number in range(count)))
        for number in range(count):
            self.expect(ana, rf"<guest-\d+> line {number}")

    def test_curl_reads_the_pages(self):
        if not shutil.which("curl"):
            self.skipTest("curl is not installed")
        url = "http://" + ":".join(self.where)
        self.assertIn("chatd", self.run_client("curl", "-sSf", url + "/"))
        self.assertTrue(self.run_client("curl", "-sSf", url + "/healthz"))


class Datagrams(ForeignCase):
    @property
    def where_udp(self):
        return [str(part) for part in self.server.address("udp")]

    def test_nc_talks_to_nc(self):
        one, other = (self.program("nc", "-u", *self.where_udp) for _ in range(2))
        one.say("one is here")
        time.sleep(0.1)
        other.say("other is here")
        one.read_until(b"other is here\n")
        one.say("hello")
        other.read_until(b"hello\n")

    def test_xxd_through_nc_and_ncat_and_socat(self):
        peer = self.joined_peers(1)[0]
        payload = bytes.fromhex("deadbeef0a00ff")
        raw = harness.run_program(["xxd", "-r", "-p"], b"deadbeef0a00ff", check=0)[1]
        self.assertEqual(raw, payload)
        harness.run_program(["nc", "-u", "-w", "1", *self.where_udp], raw)
        self.assertEqual(peer.receive(), payload)
        harness.run_program(["ncat", "-u", "--send-only", *self.where_udp], raw, check=0)
        self.assertEqual(peer.receive(), payload)
        harness.run_program(["socat", "-u", "STDIN", "UDP:" + ":".join(self.where_udp)], raw,
                            check=0)
        self.assertEqual(peer.receive(), payload)


class PythonWebsockets(ForeignCase):
    """Debian's python3-websockets."""

    def setUp(self):
        super().setUp()
        try:
            import websockets
        except ImportError:
            self.fail("python3-websockets is not installed for this interpreter")
        self.connect_socket = websockets.connect

    def url(self, path):
        return "ws://" + ":".join(self.where) + path

    def test_it_talks_to_nc(self):
        nc = self.program("nc", *self.where)
        nc.say("/nick ana")
        nc.read_until(b"NOTE NICK OK ana")

        async def talk():
            async with self.connect_socket(self.url("/ws"), subprotocols=["chatd.text.v1"]) as bob:
                self.assertEqual(bob.subprotocol, "chatd.text.v1")
                await bob.send("/nick bob")
                while await bob.recv() != "NOTE NICK OK bob :You are bob.":
                    pass
                await bob.send("hello ana")
                await asyncio.to_thread(nc.read_until, b"<bob> hello ana\n")
                nc.say("hello bob")
                self.assertEqual(await bob.recv(), "<ana> hello bob")
            self.assertEqual(bob.close_code, 1000)
        asyncio.run(asyncio.wait_for(talk(), 10))

    def test_it_is_echoed(self):
        async def echo():
            async with self.connect_socket(self.url("/echo"), max_size=None) as connection:
                for payload in ("", "gr\u00fc\u00dfe", b"", b"\0\xff", "x" * 70000,
                                os.urandom(3 << 20)):
                    await connection.send(payload)
                    self.assertEqual(await connection.recv(), payload)
                await connection.send(["in ", "three ", "parts"])
                self.assertEqual(await connection.recv(), "in three parts")
                await asyncio.wait_for(await connection.ping(), 5)
        asyncio.run(asyncio.wait_for(echo(), 20))

    def test_fifty_of_them_talk(self):
        async def crowd():
            connections = [await self.connect_socket(self.url("/ws")) for _ in range(50)]
            for number, connection in enumerate(connections):
                await connection.send(f"/nick p{number}")
                while not (await connection.recv()).startswith("NOTE NICK OK"):
                    pass
            for number, connection in enumerate(connections):
                await connection.send(f"I am {number}")
            for number, connection in enumerate(connections):
                heard = {await connection.recv() for _ in range(49)}
                self.assertEqual(heard, {f"<p{other}> I am {other}" for other in range(50)
                                         if other != number})
            for connection in connections:
                await connection.close()
        asyncio.run(asyncio.wait_for(crowd(), 20))


class Npm(ForeignCase):
    """npm's ws and wscat, installed by `npm ci` in this directory."""

    def setUp(self):
        super().setUp()
        if not (modules / "ws").is_dir():
            self.skipTest("run `npm ci` in tests/integration first")

    def node(self, *arguments, **how):
        return self.run_client("node", harness.here / "ws_client.cjs", *arguments, **how)

    def url(self, path):
        return "ws://" + ":".join(self.where) + path

    def test_ws_talks_to_nc(self):
        nc = self.program("nc", *self.where)
        nc.say("/nick ana")
        nc.read_until(b"NOTE NICK OK ana")
        bob = self.program("node", harness.here / "ws_client.cjs", self.url("/ws"), "talk")
        bob.say("/nick bob")
        bob.read_until(b"NOTE NICK OK bob")
        bob.say("hello ana")
        nc.read_until(b"<bob> hello ana\n")
        nc.say("hello bob")
        bob.read_until(b"<ana> hello bob\n")
        bob.say("/quit")
        bob.read_until(b"NOTE QUIT")

    def test_ws_is_echoed(self):
        self.assertRegex(self.node(self.url("/echo"), "echo"), r"^echo ok, closed 3000\b")

    def test_ws_offers_compression_in_vain(self):
        self.assertEqual(self.node(self.url("/ws"), "deflate"), "extensions ''\n")

    def test_wscat(self):
        ana = self.person("ana")
        wscat = self.program("node", modules / "wscat" / "bin" / "wscat", "--connect",
                             self.url("/ws"))
        wscat.read_until(b"NOTE * WELCOME #lobby")
        wscat.say("/nick bob")
        wscat.read_until(b"You are bob.")
        wscat.say("hello from wscat")
        self.assertEqual(ana.line(), "<bob> hello from wscat")
        ana.say("hello back")
        wscat.read_until(b"<ana> hello back")


if __name__ == "__main__":
    harness.main()
