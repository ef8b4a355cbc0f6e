"""Flags, addresses, the ready line and the exit codes."""

import os
import re
import socket
import subprocess

import harness


class Flags(harness.unittest.TestCase):
    def run_chatd(self, *flags):
        """(status, stdout, stderr) of a chatd that is expected to end by itself."""
        status, out, err = harness.run_program(harness.command(*flags))
        return status, out.decode(), err.decode()

    def test_help(self):
        status, out, err = self.run_chatd("--help")
        self.assertEqual((status, err), (0, ""))
        for flag in ("--tcp", "--udp", "--udp-raw", "--udp-raw-allow", "--udp-raw-max",
                     "--slow-reader",
                     "--listen-after", "--greet-after", "--ws-ping-interval", "--ws-pong-timeout",
                     "--origin", "--tcp-user-timeout", "--version", "--help"):
            self.assertRegex(out, rf"{flag}\b", flag)
        self.assertNotIn("--mask-kernel-features", out, "hidden")

    def test_version(self):
        status, out, err = self.run_chatd("--version")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^chatd \d+\.\d+\.\d+\n$")

    def test_wrong_flags_end_with_64_and_one_clear_line(self):
        for flags in (("--nosuch",), ("extra",), ("--tcp",), ("--tcp", "x"), ("--tcp", "70000"),
                      ("--tcp", "-1"), ("--tcp", "1.2.3:1"), ("--tcp", "[::1]"),
                      ("--tcp", "[::1:5"),
                      ("--udp", "host.example:1"), ("--udp-raw", "maybe"), ("--udp-raw", "any"),
                      ("--udp-raw-allow", "10.0.0.0/33"), ("--udp-raw-allow", "x"),
                      ("--udp-raw-max", "0"), ("--udp-raw-max", "1473"), ("--slow-reader", "panic"),
                      ("--ws-ping-interval", "x"), ("--listen-after", "-5"),
                      ("--greet-after", "soon")):
            with self.subTest(flags):
                status, out, err = self.run_chatd("--tcp", "0", "--udp", "0", *flags)
                self.assertEqual((status, out), (64, ""), err)
                self.assert_one_line(err)

    def assert_one_line(self, text):
        """One line says what is wrong; a second may point to --help, as GNU programs do."""
        lines = text.splitlines()
        self.assertTrue(lines and lines[0].startswith("chatd: "), text)
        self.assertEqual(lines[1:], [], text)

    def test_a_wrong_flag_is_named(self):
        self.assertIn("--nosuch", self.run_chatd("--nosuch")[2])
        self.assertIn("70000", self.run_chatd("--tcp", "70000")[2])

    def test_a_taken_port_ends_with_69_and_names_it(self):
        for kind, flag in ((socket.SOCK_STREAM, "--tcp"), (socket.SOCK_DGRAM, "--udp")):
            with socket.socket(socket.AF_INET, kind) as taken:
                taken.bind(("127.0.0.1", 0))
                if kind == socket.SOCK_STREAM:
                    taken.listen()
                where = "127.0.0.1:%d" % taken.getsockname()[1]
                status, _, err = self.run_chatd("--tcp", "0", "--udp", "0", flag, where)
                self.assertEqual(status, 69, err)
                self.assertIn(where, err)

    def test_a_second_chatd_on_the_same_port_ends_with_69(self):
        server = harness.Server()
        self.addCleanup(server.stop)
        for kind in ("tcp", "udp"):
            host, port = server.address(kind)
            status, _, err = self.run_chatd(f"--{kind}", f"{host}:{port}",
                                            "--udp" if kind == "tcp" else "--tcp", "0")
            self.assertEqual(status, 69, err)

    def test_an_address_of_another_machine_ends_with_69(self):
        self.assertEqual(self.run_chatd("--tcp", "192.0.2.1:0")[0], 69)

    def test_the_environment_sets_flags(self):
        environment = dict(os.environ, CHATD_UDP_RAW="maybe")
        done = subprocess.run(harness.command("--tcp", "0", "--udp", "0"), env=environment,
                              capture_output=True, timeout=10)
        self.assertEqual(done.returncode, 64)


class Addresses(harness.unittest.TestCase):
    def start(self, **how):
        server = harness.Server(**how)
        self.addCleanup(server.stop)
        return server

    def test_a_bare_port_is_both_loopback_addresses_with_one_number(self):
        server = self.start()
        for kind in ("tcp", "udp"):
            where = getattr(server, kind)
            self.assertEqual([host for host, _ in where], ["127.0.0.1", "::1"])
            self.assertEqual(where[0][1], where[1][1])
            self.assertNotEqual(where[0][1], 0)

    def test_a_port_by_number(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = self.start(tcp=(str(port),), udp=(str(port),))
        self.assertEqual(server.tcp, [("127.0.0.1", port), ("::1", port)])
        self.assertEqual(server.udp, [("127.0.0.1", port), ("::1", port)])

    def test_several_addresses(self):
        server = self.start(tcp=("127.0.0.1:0", "127.0.0.2:0", "[::1]:0"), udp=("[::1]:0",))
        self.assertEqual([host for host, _ in server.tcp], ["127.0.0.1", "127.0.0.2", "::1"])
        self.assertEqual([host for host, _ in server.udp], ["::1"])
        people = [harness.Client(where) for where in server.tcp]
        for number, person in enumerate(people):
            self.addCleanup(person.close)
            person.say(f"/nick p{number}")
            person.line()
        people[0].say("hello everywhere")
        for person in people[1:]:
            self.assertEqual(person.line(), "<p0> hello everywhere")

    def test_all_addresses(self):
        for anywhere, host in (("0.0.0.0:0", "127.0.0.1"), ("[::]:0", "::1")):
            server = self.start(tcp=(anywhere,))
            client = harness.Client((host, server.tcp[0][1]))
            self.addCleanup(client.close)
            client.say("/nick ana")
            self.assertTrue(client.line().startswith("NOTE NICK OK ana "))

    def test_one_ready_line_names_every_address(self):
        server = self.start(tcp=("127.0.0.1:0", "[::1]:0"), udp=("127.0.0.1:0",))
        ready = [line for line in server.log if harness.ready_mark.search(line)]
        self.assertEqual(len(ready), 1, server.log)
        self.assertEqual(len(re.findall(r"\b(?:tcp|udp)=\S+:\d+", ready[0])), 3)

    def test_without_ipv6_it_is_ipv4_alone_and_a_line_saying_so(self):
        script = ("ip link set lo up && echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 "
                  "&& exec \"$@\"")
        prefix = ("unshare", "--net", "sh", "-c", script, "sh")
        if subprocess.run([*prefix, "true"], capture_output=True, timeout=10).returncode:
            self.skipTest("a network namespace wants a privilege")
        server = self.start(prefix=prefix)
        self.assertEqual([host for host, _ in server.tcp], ["127.0.0.1"])
        self.assertEqual([host for host, _ in server.udp], ["127.0.0.1"])
        self.assertRegex(server.log_text(), "(?i)ipv6")

    def test_it_says_nothing_per_connection(self):
        server = self.start()
        for _ in range(20):
            client = harness.Client(server.address())
            client.say("/quit")
            client.read_all()
            client.close()
        self.assertLessEqual(len(server.log), 3, server.log)


class DefaultPorts(harness.unittest.TestCase):
    def test_without_flags_it_is_4399_and_8080(self):
        """In a network namespace of its own, where nobody has these ports."""
        prefix = ("unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh")
        if subprocess.run([*prefix, "true"], capture_output=True, timeout=10).returncode:
            self.skipTest("a network namespace wants a privilege")
        server = harness.Server(tcp=(), udp=(), prefix=prefix)
        self.addCleanup(server.stop)
        self.assertEqual(server.tcp[0], ("127.0.0.1", 4399))
        self.assertEqual(server.udp[0], ("127.0.0.1", 8080))


if __name__ == "__main__":
    harness.main()
