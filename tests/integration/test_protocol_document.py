"""PROTOCOL.md is true: its transcripts happen as written, its tables name all there is."""

import email.utils
import re
import time

import harness

root = harness.root
document = (root / "PROTOCOL.md").read_text()
block = re.compile(r"^```transcript ?(crlf)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Who (C client, S server, U datagram out, V datagram in; which one), how, and what.
step = re.compile(r"([CSUV])(\d*)(?:([:=]) ?(.*)|(#) ([0-9a-f ]+)|(!))")


def transcripts():
    """(number of its first line, line end, its lines) of each block."""
    for match in block.finditer(document):
        first = document.count("\n", 0, match.start(2)) + 1
        yield first, b"\r\n" if match[1] else b"\n", match[2].splitlines()


class Transcripts(harness.ChatdCase):
    def setUp(self):
        pass  # each transcript has a server of its own

    def play(self, line_end, lines, first):
        server = self.start()
        connections, peers = {}, {}
        for number, line in enumerate(lines, first):
            side, which, kind, text, hex_mark, digits, _ = step.fullmatch(line).groups()
            if side in "UV" and which not in peers:
                peers[which] = self.peer(server=server)
            elif side in "CS" and which not in connections:
                connections[which] = self.connect(server=server)
            data = bytes.fromhex(digits) if hex_mark else None
            if kind:
                data = text.encode() + (line_end if kind == ":" else b"")
            try:
                if side in "UV":
                    self.play_datagram(peers[which], side, data)
                else:
                    self.play_bytes(connections[which], side, data)
            except (AssertionError, EOFError, OSError) as error:
                self.fail(f"PROTOCOL.md:{number}: {line}\n{error}")
        open_clients = [client for client in connections.values() if not client.ended]
        self.expect_silence(*open_clients, *peers.values(), milliseconds=100)

    def play_datagram(self, peer, side, payload):
        if side == "U":
            peer.send(payload)
        else:
            self.assertEqual(peer.receive(), payload)

    def play_bytes(self, client, side, data):
        """Sends `data`, or wants it; None is the end of the stream."""
        if side == "C":
            client.half_close() if data is None else client.send(data)
        elif data is None:
            self.assertEqual(client.read_all(), b"")
        elif data.startswith(b"Date: "):  # RFC 9110 6.6.1: of its length always, now
            got = client.read_exactly(len(data)).decode().rstrip()
            then = email.utils.parsedate_to_datetime(got.removeprefix("Date: "))
            self.assertLess(abs(then.timestamp() - time.time()), 60, got)
        else:
            self.assertEqual(client.read_exactly(len(data)), data)

    def test_every_transcript(self):
        blocks = list(transcripts())
        self.assertGreater(len(blocks), 8)
        for first, line_end, lines in blocks:
            with self.subTest(line=first):
                self.play(line_end, lines, first)


class Tables(harness.ChatdCase):
    def test_every_refusal_is_listed_with_its_sentence(self):
        source = (root / "src" / "wire" / "errc.cpp").read_text()
        # Behind them stand those of methods, where they differ.
        commands = source.partition("std::string_view method_text_of")[0]
        codes, texts = commands.split("std::string_view text_of")
        listed = " ".join(document.split())
        returned = re.compile(r'return ((?:"[^"]*"\s*)+);')

        def values(text):
            pairs = zip(re.findall(r"case Errc::(\w+):", text), returned.findall(text))
            return {name: " ".join(re.sub(r'"\s*"', "", value).strip('" \n').split())
                    for name, value in pairs if name != "none"}
        sentences = values(texts)
        self.assertGreater(len(sentences), 15)
        for name, code in values(codes).items():
            self.assertIn(f"{code} {sentences[name]}", listed)

    def test_every_metric_is_listed(self):
        body = self.server.http("/metrics")[2].decode()
        names = re.findall(r"^# TYPE chatd_(\w+) ", body, re.MULTILINE)
        self.assertGreater(len(names), 30)
        labels = set(re.findall(r'="([a-z_ ]+)"', body))
        for name in names:
            self.assertRegex(document, rf"`{name}[`{{]")
        for label in labels:
            self.assertIn(f"`{label}`", document)

    def test_every_command_is_listed(self):
        client = self.connect()
        client.say("/help")
        for line in self.expect_list(client, "HELP"):
            command = line.split()[0]
            self.assertIn("`//`" if command.startswith("//") else f"| `{command}", document)


if __name__ == "__main__":
    harness.main()
