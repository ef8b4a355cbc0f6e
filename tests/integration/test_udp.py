"""Raw datagrams: relayed byte for byte to every other peer, nothing added, nothing trusted."""

import os
import socket
import struct
import time
from collections import Counter

import harness
from harness import Peer

session_first_byte = 0x0C  # with a high nibble 1 in the second byte: a session's datagram (CDG/1)


def udp_packet(source, target, payload):
    """An IPv4 packet with a source of our choice; the kernel fills in the checksums it can."""
    length = 8 + len(payload)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0, 64, socket.IPPROTO_UDP, 0,
                       socket.inet_aton(source[0]), socket.inet_aton(target[0]))
    return head + struct.pack("!HHHH", source[1], target[1], length, 0) + payload


class Relay(harness.ChatdCase):
    def assert_relayed(self, sender, others, payloads):
        """Each of the others receives exactly these bytes, the sender nothing."""
        for begin in range(0, len(payloads), 50):
            part = payloads[begin:begin + 50]
            for payload in part:
                sender.send(payload)
            for other in others:
                self.assertEqual(Counter(other.receive() for _ in part), Counter(part))

    def test_every_byte_value_and_every_size(self):
        ana, bob, cyd = self.joined_peers(3)
        self.assert_relayed(ana, [bob, cyd], [bytes([value]) for value in range(256)])
        self.assert_relayed(bob, [ana, cyd], [bytes(range(256))] * 3)
        self.assert_relayed(cyd, [ana, bob], [os.urandom(size) for size in range(1, 1201)])
        self.expect_silence(ana, bob, cyd)

    def test_a_member_may_send_what_looks_like_a_session(self):
        ana, bob = self.joined_peers(2)
        forged = [bytes([session_first_byte, 0x10 | kind]) + os.urandom(size)
                  for kind in range(16) for size in (0, 8, 11, 12, 13, 1198)]
        self.assert_relayed(ana, [bob], forged + [bytes([session_first_byte])])

    def test_the_first_datagram_joins_and_is_itself_relayed(self):
        ana = self.peer()
        ana.send(b"first")
        self.expect_silence(ana)
        bob = self.peer()
        bob.send(b"second")
        self.assertEqual(ana.receive(), b"second")
        self.expect_silence(ana, bob)

    def test_the_server_adds_nothing_of_its_own(self):
        peers = self.joined_peers(2)
        self.person("ana").say("chat lines stay on TCP")
        self.expect_silence(*peers, milliseconds=700)

    def test_two_senders_from_one_address_are_two_peers(self):
        peers = self.joined_peers(10)
        peers[3].send(b"x")
        for peer in peers[:3] + peers[4:]:
            self.assertEqual(peer.receive(), b"x")
        self.expect_silence(*peers)

    def test_ipv4_and_ipv6_share_one_room(self):
        four, six = self.peer(), self.peer(socket.AF_INET6)
        four.send(b"four")
        six.send(b"six")
        self.assertEqual(four.receive(), b"six")
        four.send(b"back")
        self.assertEqual(six.receive(), b"back")


class Membership(harness.ChatdCase):
    def test_an_empty_datagram_from_a_stranger_joins_nobody(self):
        member = self.joined_peers(1)[0]
        stranger = self.peer()
        stranger.send(b"")
        self.expect_silence(stranger, member)
        member.send(b"anybody?")
        self.expect_silence(stranger)

    def test_an_empty_datagram_from_a_member_leaves(self):
        ana, bob = self.joined_peers(2)
        bob.leave()
        time.sleep(0.05)
        ana.send(b"gone?")
        self.expect_silence(ana, bob)
        bob.send(b"back")
        self.assertEqual(ana.receive(), b"back")

    def test_ten_thousand_empty_datagrams_cost_no_data(self):
        """An empty datagram ends a multishot receive, which must be armed again."""
        ana, bob = self.joined_peers(2)
        stranger = self.peer()
        for number in range(200):
            for _ in range(50):
                stranger.send(b"")
            ana.send(b"%d" % number)
            self.assertEqual(bob.receive(), b"%d" % number)
        self.expect_silence(bob, stranger)

    def test_a_stranger_with_a_dead_session_joins_nobody_and_gets_no_answer(self):
        member = self.joined_peers(1)[0]
        strangers = []
        for kind in range(16):
            for size in (2, 3, 9, 10, 13, 14, 15, 30, 40, 1199, 1200):
                stranger = self.peer()
                stranger.send((bytes([session_first_byte, 0x10 | kind]) + os.urandom(1200))[:size])
                strangers.append(stranger)
        self.expect_silence(member)
        member.send(b"anybody?")
        self.expect_silence(*strangers)

    def test_other_versions_of_the_first_bytes_are_plain_data(self):
        member = self.joined_peers(1)[0]
        for payload in (bytes([session_first_byte]), bytes([session_first_byte, 0x20, 1]),
                        b"\x0d\x10"):
            self.peer().send(payload)
            self.assertEqual(member.receive(), payload)

    def test_source_ports_that_belong_to_services_are_dropped(self):
        member = self.joined_peers(1)[0]
        tried = 0
        for port in (1900, 5353, 11211, 7, 19, 53, 1023):
            try:
                source = self.peer(source=("127.0.0.5", port))
            except OSError:
                continue  # ports below 1024 want a privilege, others may be taken
            tried += 1
            source.send(b"loop")
            self.expect_silence(member, milliseconds=60)
            member.send(b"anybody?")
            self.expect_silence(source, milliseconds=60)
        self.assertGreaterEqual(tried, 1)

    def test_closed_peers_are_no_trouble_for_the_others(self):
        """Their ICMP port-unreachable must not end receiving."""
        ana, bob, *gone = self.joined_peers(12)
        for peer in gone:
            peer.close()
        for number in range(100):
            ana.send(b"%d" % number)
            self.assertEqual(bob.receive(), b"%d" % number)
            bob.send(b"answer")
            self.assertEqual(ana.receive(), b"answer")


class Sizes(harness.ChatdCase):
    def test_oversize_is_dropped_and_counted_and_nothing_is_cut(self):
        ana, bob = self.joined_peers(2)
        before = self.server.metrics()
        sizes = (1201, 1202, 1472, 1473, 2048, 4096, 9000, 65506, 65507)
        for size in sizes:
            ana.send(os.urandom(size))
            ana.send(b"%d" % size)
            self.assertEqual(bob.receive(), b"%d" % size)
        self.expect_silence(bob)
        after = self.server.metrics()
        counted = {name: after[name] - before.get(name, 0) for name in after
                   if "datagram" in name and after[name] > before.get(name, 0)}
        self.assertIn(len(sizes), counted.values(), counted)

    def test_after_a_burst_beyond_all_buffers_it_goes_on(self):
        ana, bob = self.joined_peers(2)
        for number in range(20000):
            ana.send(struct.pack("!I", number) + bytes(60))
        received = [struct.unpack("!I", payload[:4])[0] for payload in bob.pending(1000)]
        self.assertTrue(received)
        self.assertEqual(len(set(received)), len(received), "none twice")
        ana.send(b"after")
        self.assertEqual(bob.receive(timeout=1), b"after")


class LargerMaximum(harness.ChatdCase):
    flags = ("--udp-raw-max", "1472")

    def test_the_maximum_is_a_flag(self):
        ana, bob = self.joined_peers(2)
        ana.send(bytes(1473))
        ana.send(bytes(1472))
        self.assertEqual(len(bob.receive()), 1472)
        self.expect_silence(bob)


class Addresses(harness.ChatdCase):
    def test_an_answer_comes_from_the_address_that_was_addressed(self):
        server = self.start(udp=("0.0.0.0:0",))
        port = server.udp[0][1]
        peers = [self.keep(Peer((f"127.0.0.{last}", port))) for last in (1, 2, 77)]
        for number, peer in enumerate(peers):  # connected sockets take nothing from elsewhere
            peer.send(b"join %d" % number)
            for other in peers[:number]:
                self.assertEqual(other.receive(), b"join %d" % number)
        peers[0].send(b"x")
        self.assertEqual([peer.receive() for peer in peers[1:]], [b"x", b"x"])

    def test_any_ipv6_address(self):
        server = self.start(udp=("[::]:0",))
        one, other = (self.keep(Peer(("::1", server.udp[0][1]))) for _ in range(2))
        one.send(b"join")
        other.send(b"hello")
        self.assertEqual(one.receive(), b"hello")

    def test_a_mapped_ipv4_peer_is_a_loopback_peer(self):
        server = self.start(udp=("[::]:0",))
        four, six = self.keep(Peer(("127.0.0.1", server.udp[0][1]))), \
            self.keep(Peer(("::1", server.udp[0][1])))
        six.send(b"join")
        try:
            four.send(b"hello")
            self.assertEqual(six.receive(timeout=1), b"hello")
        except (ConnectionRefusedError, AssertionError):
            four.socket.settimeout(0.2)
            with self.assertRaises(ConnectionRefusedError, msg="either dual-stack or IPv6 alone"):
                four.send(b"hello")
                four.socket.recv(1)

    def test_several_ports_are_one_room(self):
        server = self.start(udp=("127.0.0.1:0", "127.0.0.2:0", "[::1]:0"))
        self.assertEqual(len(server.udp), 3)
        peers = [self.keep(Peer(where)) for where in server.udp]
        for number, peer in enumerate(peers):
            peer.send(b"%d" % number)
            for other in peers[:number]:
                self.assertEqual(other.receive(), b"%d" % number)


class Loops(harness.ChatdCase):
    """Datagrams with a forged source; needs a raw socket."""

    def setUp(self):
        super().setUp()
        try:
            self.raw = self.keep(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW))
        except PermissionError:
            self.skipTest("forging a source wants CAP_NET_RAW")

    def forge(self, source, target, payload):
        self.raw.sendto(udp_packet(source, target, payload), (target[0], 0))

    def test_forging_works_at_all(self):
        member = self.joined_peers(1)[0]
        self.forge(("127.0.0.9", 40000), self.server.address("udp"), b"forged")
        self.assertEqual(member.receive(), b"forged")

    def test_the_servers_own_address_is_no_peer(self):
        own = self.server.address("udp")
        member = self.joined_peers(1)[0]
        self.forge(own, own, b"from myself")
        self.expect_silence(member)
        member.send(b"x")
        self.expect_silence(member)

    def test_privileged_source_ports_are_dropped(self):
        member = self.joined_peers(1)[0]
        for port in (0, 1, 7, 19, 53, 123, 1023):
            self.forge(("127.0.0.9", port), self.server.address("udp"), b"loop")
        self.expect_silence(member)

    def test_multicast_and_broadcast_sources_are_dropped(self):
        member = self.joined_peers(1)[0]
        for source in ("224.0.0.1", "239.1.2.3", "255.255.255.255"):
            try:
                self.forge((source, 40000), self.server.address("udp"), b"loop")
            except OSError:
                pass  # the kernel refuses some of them by itself
        self.expect_silence(member)

    def test_two_servers_pointed_at_each_other_do_not_loop(self):
        other = self.start()
        here, there = self.server.address("udp"), other.address("udp")
        ana, bob = self.joined_peers(1)[0], self.joined_peers(1, server=other)[0]
        self.forge(there, here, b"join")
        self.assertEqual(ana.receive(), b"join")
        self.forge(here, there, b"join")
        self.assertEqual(bob.receive(), b"join")
        ana.pending(100), bob.pending(100)
        ana.send(b"once")
        self.assertLessEqual(len(bob.pending(500)), 1)
        self.expect_silence(ana, bob)


if __name__ == "__main__":
    harness.main()
