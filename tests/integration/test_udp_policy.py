"""Who may be a raw peer, and the caps on sources that are not loopback.

The tests run in a network namespace of their own, whose loopback device also has private and
public addresses, so that other sources can be had without leaving the machine.
"""

import contextlib
import os
import subprocess
import sys
import time

import harness
from harness import Peer

private = ("10.0.0.1", "172.16.5.5", "192.168.7.1", "192.168.7.2", "169.254.3.3")
public = ("203.0.113.1", "172.32.0.1")
private_six, public_six = "fd00::1", "2001:db8::1"


class Policy(harness.ChatdCase):
    def setUp(self):
        pass  # each test starts its own

    def serve(self, *flags):
        self.server = self.start(*flags, udp=("0.0.0.0:0", "[::]:0"))
        self.ports = {":" in host: port for host, port in self.server.udp}

    def peer_at(self, host, port=0):
        """A peer whose source is this address."""
        return self.keep(Peer((host, self.ports[":" in host]), source=(host, port)))

    def assert_members(self, hosts):
        """Which of the others is relayed what a peer at the first of these addresses says."""
        peers = {host: self.peer_at(host) for host in hosts}
        for peer in peers.values():
            peer.send(b"join")
        time.sleep(0.1)
        for peer in peers.values():
            peer.pending(1)
        sender = next(iter(peers.values()))
        sender.send(b"who?")
        return [host for host, peer in peers.items() if peer is not sender and peer.pending(80)]

    def test_loopback_is_the_default(self):
        self.serve()
        members = self.assert_members(["127.0.0.1", "127.9.9.9", "::1", *private, *public,
                                       private_six, public_six])
        self.assertEqual(members, ["127.9.9.9", "::1"])

    def test_private(self):
        self.serve("--udp-raw", "private")
        members = self.assert_members(["127.0.0.1", "::1", *private, *public, private_six,
                                       public_six])
        self.assertEqual(members, ["::1", *private, private_six])

    def test_off(self):
        self.serve("--udp-raw", "off")
        self.assertEqual(self.assert_members(["127.0.0.1", "::1", *private]), [])

    def test_allowed_ranges_widen_the_policy(self):
        self.serve("--udp-raw-allow", "203.0.113.0/28", "--udp-raw-allow", "2001:db8::/32",
                   "--udp-raw-allow", "192.168.7.2/32")
        members = self.assert_members(["127.0.0.1", *private, *public, private_six, public_six])
        self.assertEqual(members, ["192.168.7.2", "203.0.113.1", public_six])

    def test_any_is_refused_with_one_line(self):
        status, _, err = harness.run_program(harness.command("--udp-raw", "any"))
        self.assertEqual(status, 64)
        complaint, *hint = err.decode().splitlines()
        self.assertIn("any", complaint)
        self.assertEqual(hint, [])

    def test_a_policy_wider_than_the_address_gets_a_warning(self):
        for flags, warned in (((), False), (("--udp-raw", "private"), True)):
            server = self.start(*flags, udp=("127.0.0.1:0",))
            found = [line for line in server.log if "warning" in line and "raw" in line]
            self.assertEqual(len(found), warned, server.log_text())

    def test_eight_peers_an_address(self):
        self.serve("--udp-raw", "private")
        listener = self.peer_at("127.0.0.1")
        listener.send(b"join")
        for number in range(12):
            self.peer_at("10.0.0.1").send(b"%d" % number)
            time.sleep(0.01)
        self.assertEqual([int(payload) for payload in listener.pending(300)], list(range(8)))
        self.peer_at("192.168.7.1").send(b"another address")
        self.assertEqual(listener.receive(), b"another address")

    def test_sixty_four_peers_that_are_not_on_loopback(self):
        self.serve("--udp-raw", "private", "--udp-raw-peers-per-address", "0")
        listener = self.peer_at("127.0.0.1")
        listener.send(b"join")
        for number in range(70):
            self.peer_at(private[number % 5]).send(b"%d" % number)
            time.sleep(0.002)
        self.assertEqual([int(payload) for payload in listener.pending(300)], list(range(64)))

    def test_the_place_of_one_who_left_is_free(self):
        self.serve("--udp-raw-peers-loopback", "3")
        one, other, third = self.joined_peers(3)
        fourth = self.peer_at("127.0.0.1")
        fourth.send(b"full")
        self.expect_silence(one)
        third.leave()
        time.sleep(0.05)
        fourth.send(b"room now")
        self.assertEqual(one.receive(), b"room now")
        self.assertEqual(other.receive(), b"room now")

    def test_loopback_is_not_capped_by_address(self):
        self.serve()
        self.assertEqual(len(self.joined_peers(40)), 40)

    def test_two_hundred_packets_a_second(self):
        self.serve("--udp-raw", "private")
        listener, talker = self.peer_at("127.0.0.1"), self.peer_at("10.0.0.1")
        listener.send(b"join")
        began = time.monotonic()
        for number in range(1500):
            talker.send(b"%d" % number)
            if number % 100 == 0:
                time.sleep(0.01)
        received = len(listener.pending(300))
        allowed = 200 * (time.monotonic() - began) + 200  # the rate, and a second's burst
        self.assertGreaterEqual(received, 150)
        self.assertLessEqual(received, allowed)
        talker.leave()

    def test_loopback_has_no_rate(self):
        self.serve()
        one, other = self.joined_peers(2)
        for _ in range(40):
            for _ in range(50):
                one.send(b"x")
            for _ in range(50):
                other.receive()

    def test_a_cap_of_0_is_none(self):
        self.serve("--udp-raw", "private", "--udp-raw-packets", "0",
                   "--udp-raw-bytes", "0", "--udp-raw-peers-per-address", "0")
        peers = [self.peer_at("10.0.0.1") for _ in range(12)]
        for number, peer in enumerate(peers):
            peer.send(b"%d" % number)
            for other in peers[:number]:
                self.assertEqual(other.receive(), b"%d" % number)
        for _ in range(20):
            for _ in range(50):
                peers[0].send(b"x")
            for _ in range(50):
                peers[1].receive()


class Idle(harness.ChatdCase):
    flags = ("--udp-raw-idle", "1")

    def test_a_silent_peer_leaves(self):
        one, other = self.joined_peers(2)
        deadline = time.monotonic() + 2.5
        while time.monotonic() < deadline:
            one.send(b"still here")
            time.sleep(0.1)
        other.pending(100)
        one.send(b"gone?")
        self.expect_silence(other)


def in_namespace():
    """True in a namespace prepared by this file."""
    return os.environ.get("CHATD_TEST_NAMESPACE") == "1"


def enter_namespace():
    """Runs this file again in a network namespace of its own; exits 77 where none can be made."""
    setup = ["ip link set lo up"]
    setup += [f"ip address add {host}/32 dev lo" for host in private + public]
    setup += [f"ip address add {host}/128 dev lo nodad" for host in (private_six, public_six)]
    script = " && ".join(setup) + ' && exec "$@"'
    for unshare in (["unshare", "--net"], ["unshare", "--net", "--user", "--map-root-user"]):
        run = [*unshare, "sh", "-c", script, "sh"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            if subprocess.run([*run, "true"], capture_output=True, timeout=10).returncode == 0:
                os.environ["CHATD_TEST_NAMESPACE"] = "1"
                os.execvp(run[0], [*run, sys.executable, *sys.argv])
    print("skipped: no network namespace can be made here")
    sys.exit(77)


if __name__ == "__main__":
    if not in_namespace():
        enter_namespace()
    harness.main()
