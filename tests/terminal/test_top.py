"""chatcli top: a table when piped, JSON for scripts, and a screen that follows what happens."""

import contextlib
import json
import socket
import subprocess
import unittest

import support
from support import Chatd, LineServer, Terminal, needs_chatd, needs_tmux, run


class Talker:
    """A text client of chatd, by its nick."""

    def __init__(self, target, nick):
        host, _, port = target.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), support.TIMEOUT)
        self.say(f"/nick {nick}")
        self.socket.recv(65536)

    def say(self, line):
        self.socket.sendall(line.encode() + b"\n")

    def name(self):
        return ":".join(map(str, self.socket.getsockname()))

    def close(self):
        self.socket.close()


@needs_chatd
class Piped(unittest.TestCase):
    def setUp(self):
        self.server = Chatd()
        self.addCleanup(self.server.__exit__)

    def talker(self, nick):
        talker = Talker(self.server.tcp_target(), nick)
        self.addCleanup(talker.close)
        return talker

    def top(self, *arguments):
        return run("top", self.server.tcp_target(), *arguments)

    def test_a_pipe_gets_one_table(self):
        ana, bob = self.talker("ana"), self.talker("bob")
        bob.say("/join dev")
        bob.socket.recv(65536)
        status, out, err = self.top("--sort", "nick")
        self.assertEqual((status, err), (0, b""))
        head, *rows = out.decode().splitlines()
        names = head.split()
        for wanted in ("NICK", "PEER", "STATE", "RTTms", "RETR", "QUEUE", "BEHIND", "ROOMS"):
            self.assertIn(wanted, names)
        table = [dict(zip(names, row.split())) for row in rows]
        self.assertEqual([row["NICK"] for row in table], ["-", "ana", "bob"])
        self.assertEqual(table[0]["DIALECT"], "http")
        self.assertEqual(table[1]["PEER"], ana.name())
        self.assertEqual(table[1]["STATE"], "ESTAB")
        self.assertEqual(table[1]["ROOMS"], "#lobby")
        self.assertEqual(table[2]["ROOMS"], "#dev,#lobby")
        self.assertEqual(table[2]["BEHIND"], "0")

    def test_udp_peers_are_rows_too(self):
        host, _, port = self.server.udp_target().rpartition(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.sendto(b"hello", (host, int(port)))
            name = ":".join(map(str, (host, peer.getsockname()[1])))
            rows = self.top()[1].decode().splitlines()
        row = next(row.split() for row in rows if row.startswith("udp:1"))
        self.assertEqual(row[1:3], ["udp", name])

    def test_json_has_everybody_on_all_pages(self):
        with contextlib.ExitStack() as stack:
            names = {stack.enter_context(contextlib.closing(
                Talker(self.server.tcp_target(), f"p{number}"))).name() for number in range(120)}
            status, out, _ = self.top("--json")
        self.assertEqual(status, 0)
        self.assertEqual(out.count(b"\n"), 1)
        moment = json.loads(out)
        self.assertEqual(moment["total"], len(moment["connections"]))
        self.assertLessEqual(names, {row["peer"] for row in moment["connections"]})
        self.assertEqual(moment["connections"][0]["tcp"]["state"], "ESTAB")

    def test_with_an_interval_it_goes_on_over_one_connection(self):
        process = support.start("top", self.server.tcp_target(), "--json", "--interval", "0.1")
        self.addCleanup(process.communicate)
        self.addCleanup(process.terminate)
        moments = [json.loads(process.stdout.readline()) for _ in range(3)]
        own = [[row["id"] for row in moment["connections"] if row["dialect"] == "http"]
               for moment in moments]
        self.assertEqual(len(own[0]), 1)
        self.assertEqual(own[0], own[2])

    def test_exit_codes(self):
        self.assertEqual(self.top("--sort", "size")[0], 64)
        status, _, err = run("top", "127.0.0.1:1", "--once")
        self.assertEqual(status, 69)
        self.assertIn(b"refused", err)
        status, out, _ = run("top", "--help")
        self.assertEqual(status, 0)
        self.assertIn(b"--interval", out)
        with open("/dev/full", "wb") as full:
            process = subprocess.run([support.CHATCLI, "top", self.server.tcp_target()], stdout=full,
                                     stderr=subprocess.PIPE, timeout=support.TIMEOUT)
        self.assertEqual(process.returncode, 74)


class Strangers(unittest.TestCase):
    def answer(self, reply):
        with LineServer() as server:
            process = support.start("top", f"127.0.0.1:{server.port}", "--once")
            server.accept()
            server.hear_until(b"\r\n\r\n")
            server.say(reply)
            if not reply.endswith(b"}"):
                server.close()
            return support.finish(process)

    def test_what_is_no_chatd_is_said_so(self):
        status, out, err = self.answer(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.assertEqual((status, out), (1, b""))
        self.assertIn(b"does not speak HTTP", err)
        status, _, err = self.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        self.assertEqual(status, 1)
        self.assertIn(b"not chatd", err)

    def test_a_refusal_is_told_in_the_words_of_the_server(self):
        problem = b'{"code":"LOCAL_ONLY","detail":"That is told elsewhere.\\u001b[2J"}'
        status, _, err = self.answer(b"HTTP/1.1 403 Forbidden\r\nContent-Length: "
                                     + str(len(problem)).encode() + b"\r\n\r\n" + problem)
        self.assertEqual(status, 77)
        self.assertIn(b"That is told elsewhere.", err)
        self.assertNotIn(b"\x1b", err)

    def test_an_answer_that_breaks_off_is_an_input_error(self):
        self.assertEqual(self.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")[0], 74)


@needs_tmux
@needs_chatd
class Screen(unittest.TestCase):
    def setUp(self):
        self.server = Chatd()
        self.addCleanup(self.server.__exit__)

    def open(self, *arguments, columns=80, rows=24):
        terminal = Terminal("top", self.server.tcp_target(), "--interval", "0.2", *arguments,
                            columns=columns, rows=rows)
        self.addCleanup(terminal.__exit__)
        terminal.wait_for(lambda rows: any("NICK" in row for row in rows))
        return terminal

    def test_it_follows_who_comes_and_goes_and_ends_on_q(self):
        terminal = self.open()
        self.assertIn("1 connections", terminal.screen()[0])
        ana = Talker(self.server.tcp_target(), "ana")
        rows = terminal.wait_for(lambda rows: any(row.startswith("ana ") for row in rows))
        self.assertLessEqual(max(map(len, rows)), 80)
        self.assertIn("2 connections", rows[0])
        ana.close()
        terminal.wait_for(lambda rows: not any(row.startswith("ana ") for row in rows))
        terminal.press("q")
        self.assertEqual(terminal.wait_for(lambda rows: any("[exit" in row for row in rows)),
                         ["[exit 0]"])

    def test_keys_change_the_order(self):
        for nick in ("cid", "ana", "bob"):
            self.addCleanup(Talker(self.server.tcp_target(), nick).close)
        terminal = self.open("--sort", "nick", columns=200, rows=60)

        def nicks(rows):
            return [row.split()[0] for row in rows[2:]]
        terminal.wait_for(lambda rows: nicks(rows) == ["-", "ana", "bob", "cid"])
        terminal.press("r")
        terminal.wait_for(lambda rows: nicks(rows) == ["cid", "bob", "ana", "-"])
        self.assertIn("by nick reversed", terminal.screen()[0])
        terminal.press("s")
        terminal.wait_for(lambda rows: "by peer" in rows[0])

    def test_a_narrower_terminal_has_fewer_columns(self):
        terminal = self.open(columns=200, rows=60)
        self.assertIn("ROOMS", terminal.screen()[1])
        terminal.resize(60, 10)
        rows = terminal.wait_for(lambda rows: len(rows) > 1 and "ROOMS" not in rows[1])
        self.assertLessEqual(max(map(len, rows)), 60)
        self.assertIn("QUEUE", rows[1])

    def test_a_server_that_goes_away_is_told_and_waited_for(self):
        terminal = self.open()
        self.server.process.terminate()
        self.server.process.wait(support.TIMEOUT)
        terminal.wait_for(lambda rows: rows and rows[0].startswith("as it was; "))
        terminal.press("C-c")
        terminal.wait_for(["[exit 130]"])


if __name__ == "__main__":
    unittest.main()
