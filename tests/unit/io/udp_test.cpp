#include "chatd/io/udp.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "chatd/io/socket_address.hpp"
#include "support/address_of.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::io;

namespace {

bool has_ipv6() {
    const auto fd = open_udp_socket(test::address_of("::1"));
    if (fd) close(*fd);
    return fd.has_value();
}

// A UDP socket of the kind the server has, with blocking receives of its own.
class Socket {
public:
    explicit Socket(const Address& address) {
        const auto fd = open_udp_socket(address);
        if (!fd) FAIL(fd.error().text());
        fd_ = *fd;
        address_ = bound_address(fd_).value();
    }
    explicit Socket(std::string_view ip) : Socket(test::address_of(ip)) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { close(fd_); }

    int fd() const { return fd_; }
    const Address& address() const { return address_; }
    int option(int level, int name) const {
        int value = -1;
        socklen_t length = sizeof value;
        REQUIRE(getsockopt(fd_, level, name, &value, &length) == 0);
        return value;
    }

    // 0, or the errno of a refused send.
    int send(const Address& to, const Address& from, const std::vector<std::string>& datagrams,
             std::size_t segment_bytes = 0) const {
        std::vector<Bytes> parts;
        std::size_t total = 0;
        for (const auto& datagram : datagrams) {
            parts.push_back(as_bytes(datagram));
            total += datagram.size();
        }
        OutMessage message;
        message.fill(to, from, parts,
                     static_cast<std::uint16_t>(segment_bytes ? segment_bytes : parts[0].size()));
        const ssize_t sent = sendmsg(fd_, &message.header(), MSG_DONTWAIT);
        if (sent < 0) return errno;
        CHECK(static_cast<std::size_t>(sent) == total);
        return 0;
    }

    struct Received {
        std::string payload;
        Address source;
        ReceivedControl control;
        bool truncated = false;
    };
    Received receive(std::size_t bytes_max = 65'536) const {
        pollfd readable{fd_, POLLIN, 0};
        REQUIRE(poll(&readable, 1, 2'000) == 1);
        Received received;
        received.payload.resize(bytes_max);
        std::array<std::byte, udp_name_bytes> name;
        std::array<std::byte, udp_control_bytes> control;
        iovec part{received.payload.data(), received.payload.size()};
        msghdr header{};
        header.msg_name = name.data();
        header.msg_namelen = name.size();
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        const ssize_t bytes = recvmsg(fd_, &header, 0);
        REQUIRE(bytes >= 0);
        CHECK((header.msg_flags & MSG_CTRUNC) == 0);
        received.payload.resize(static_cast<std::size_t>(bytes));
        received.truncated = (header.msg_flags & MSG_TRUNC) != 0;
        received.source = from_sockaddr(Bytes{name.data(), header.msg_namelen});
        received.control = parse_control({control.data(), header.msg_controllen});
        return received;
    }
    bool silent() const {
        pollfd readable{fd_, POLLIN, 0};
        return poll(&readable, 1, 20) == 0;
    }

private:
    int fd_ = -1;
    Address address_;
};

}  // namespace

TEST_CASE("a list of parts is the iovec array the kernel reads", "[io][udp]") {
    const std::string first = "one";
    const std::string second = "second";
    const std::array<Bytes, 2> parts{as_bytes(first), as_bytes(second)};
    std::array<iovec, 2> seen;
    static_assert(sizeof seen == sizeof parts);
    std::memcpy(seen.data(), parts.data(), sizeof parts);
    CHECK(seen[0].iov_base == first.data());
    CHECK(seen[0].iov_len == 3);
    CHECK(seen[1].iov_base == second.data());
    CHECK(seen[1].iov_len == 6);
}

TEST_CASE("sockets are blocking, do not fragment and have room", "[io][udp]") {
    const Socket socket{"127.0.0.1"};
    CHECK(socket.address().port != 0);
    CHECK(socket.option(IPPROTO_IP, IP_MTU_DISCOVER) == IP_PMTUDISC_PROBE);
    CHECK(socket.option(IPPROTO_IP, IP_PKTINFO) == 1);
    CHECK(socket.option(IPPROTO_IP, IP_RECVERR) == 0);
    CHECK(socket.option(SOL_SOCKET, SO_RXQ_OVFL) == 1);
    CHECK(socket.option(SOL_SOCKET, SO_RCVBUF) >= 212'992);
    CHECK((fcntl(socket.fd(), F_GETFL) & O_NONBLOCK) == 0);
    CHECK((fcntl(socket.fd(), F_GETFD) & FD_CLOEXEC) != 0);
    if (!has_ipv6()) return;
    const Socket six{"::1"};
    CHECK(six.option(IPPROTO_IPV6, IPV6_V6ONLY) == 1);
    CHECK(six.option(IPPROTO_IPV6, IPV6_MTU_DISCOVER) == IPV6_PMTUDISC_PROBE);
    CHECK(six.option(IPPROTO_IPV6, IPV6_DONTFRAG) == 1);
    CHECK(six.option(IPPROTO_IPV6, IPV6_RECVPKTINFO) == 1);
}

TEST_CASE("what cannot be bound says why", "[io][udp]") {
    const Socket taken{"127.0.0.1"};
    const auto again = open_udp_socket(taken.address());
    REQUIRE_FALSE(again);
    CHECK(again.error().number == EADDRINUSE);
    CHECK(again.error().text() == "bind: Address already in use");
    CHECK(open_udp_socket(test::address_of("203.0.113.1")).error().number == EADDRNOTAVAIL);
}

TEST_CASE("IPv4 and IPv6 may have the same port", "[io][udp]") {
    if (!has_ipv6()) return;
    const Socket four{"0.0.0.0"};
    const Socket six{test::address_of("::", four.address().port)};
    CHECK(six.address().port == four.address().port);
}

TEST_CASE("a datagram arrives with its source and the address it was sent to", "[io][udp]") {
    for (const char* ip : {"127.0.0.1", "::1"}) {
        if (*ip == ':' && !has_ipv6()) continue;
        const Socket server{ip};
        const Socket client{ip};
        REQUIRE(client.send(server.address(), {}, {"hello"}) == 0);
        const auto received = server.receive();
        CHECK(received.payload == "hello");
        CHECK(received.source == client.address());
        CHECK(received.control.local == test::address_of(ip));
        CHECK(received.control.kernel_drops.value_or(0) == 0);
    }
}

TEST_CASE("answers leave from the address that was addressed", "[io][udp]") {
    const Socket server{"0.0.0.0"};
    const Socket client{"127.0.0.1"};
    for (const char* ip : {"127.0.0.1", "127.0.0.2", "127.1.2.3"}) {
        CAPTURE(ip);
        const Address local = test::address_of(ip, server.address().port);
        REQUIRE(client.send(local, {}, {"question"}) == 0);
        const auto question = server.receive();
        CHECK(question.control.local == test::address_of(ip));
        REQUIRE(server.send(question.source, question.control.local, {"answer"}) == 0);
        CHECK(client.receive().source == local);
    }
    if (!has_ipv6()) return;
    const Socket server6{"::"};
    const Socket client6{"::1"};
    REQUIRE(client6.send(test::address_of("::1", server6.address().port), {}, {"question"}) == 0);
    const auto question = server6.receive();
    CHECK(question.control.local == test::address_of("::1"));
    REQUIRE(server6.send(question.source, question.control.local, {"answer"}) == 0);
    CHECK(client6.receive().source == test::address_of("::1", server6.address().port));
}

TEST_CASE("without an address to leave from the kernel chooses", "[io][udp]") {
    const Socket server{"0.0.0.0"};
    const Socket client{"127.0.0.1"};
    for (const Address& from : {Address{}, test::address_of("0.0.0.0")}) {
        REQUIRE(server.send(client.address(), from, {"x"}) == 0);
        CHECK(client.receive().source == test::address_of("127.0.0.1", server.address().port));
    }
}

TEST_CASE("a train arrives as the datagrams it was made of", "[io][udp]") {
    for (const char* ip : {"127.0.0.1", "::1"}) {
        if (*ip == ':' && !has_ipv6()) continue;
        const Socket server{ip};
        const Socket client{ip};
        for (const std::size_t segment_bytes : {1U, 64U, 1'023U, 1'200U}) {
            const std::size_t count = std::min<std::size_t>(64, 65'507 / segment_bytes);
            CAPTURE(ip, segment_bytes, count);
            std::vector<std::string> datagrams;
            for (std::size_t index = 0; index < count; ++index) {
                datagrams.push_back(std::string(segment_bytes, static_cast<char>(index)));
            }
            // The last may be shorter.
            if (segment_bytes > 1) datagrams.back().resize(segment_bytes / 2);
            REQUIRE(server.send(client.address(), test::address_of(ip), datagrams, segment_bytes) ==
                    0);
            for (const auto& datagram : datagrams) {
                const auto received = client.receive();
                REQUIRE(received.payload == datagram);
                REQUIRE(received.source == server.address());
            }
            CHECK(client.silent());
        }
    }
}

TEST_CASE("a lone datagram bears no segment size", "[io][udp]") {
    const std::string payload = "alone";
    const Bytes part = as_bytes(payload);
    OutMessage message;
    message.fill(test::address_of("127.0.0.1", 9), {}, {&part, 1}, 5);
    CHECK(message.header().msg_controllen == 0);
    CHECK(message.header().msg_control == nullptr);
    const std::array<Bytes, 2> parts{part, part};
    message.fill(test::address_of("::1", 9), test::address_of("::1"), parts, 5);
    CHECK(message.header().msg_controllen ==
          CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint16_t)));
    CHECK(message.header().msg_namelen == sizeof(sockaddr_in6));
    // Filled again, nothing of the last message is left.
    message.fill(test::address_of("127.0.0.1", 9), {}, {&part, 1}, 5);
    CHECK(message.header().msg_controllen == 0);
    CHECK(message.header().msg_namelen == sizeof(sockaddr_in));
}

TEST_CASE("what exceeds the interface is refused, not fragmented", "[io][udp]") {
    const Socket server{"127.0.0.1"};
    const Socket client{"127.0.0.1"};
    CHECK(server.send(client.address(), {}, {std::string(65'507, 'x')}) == 0);
    CHECK(client.receive().payload.size() == 65'507);
    CHECK(server.send(client.address(), {}, {std::string(65'508, 'x')}) == EMSGSIZE);
}

TEST_CASE("every datagram carries DF, in a train as well", "[io][udp]") {
    // A raw socket sees the IP header (raw(7)), of a train before it is cut; only root may have
    // one.
    const int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
    if (raw < 0) return;
    const Socket server{"127.0.0.1"};
    const Socket client{"127.0.0.1"};
    REQUIRE(server.send(client.address(), {}, {"one"}) == 0);
    REQUIRE(server.send(client.address(), {}, {"abc", "def", "g"}) == 0);
    std::size_t seen = 0;
    pollfd readable{raw, POLLIN, 0};
    // Others' datagrams on this machine may pass as well.
    for (int packet = 0; packet < 1'000 && seen < 2 && poll(&readable, 1, 1'000) == 1; ++packet) {
        std::array<std::uint8_t, 2'048> bytes{};
        const ssize_t length = recv(raw, bytes.data(), bytes.size(), 0);
        if (length < 28) continue;
        const std::size_t header_bytes = (bytes[0] & 0x0fU) * 4;
        const auto port_at = [&](std::size_t at) {
            return static_cast<std::uint16_t>(bytes[header_bytes + at] << 8 |
                                              bytes[header_bytes + at + 1]);
        };
        if (port_at(0) != server.address().port || port_at(2) != client.address().port) continue;
        ++seen;
        CHECK((bytes[6] & 0x40) != 0);  // RFC 791 3.1: don't fragment
        CHECK((bytes[6] & 0x3f) == 0);  // no more fragments, and
        CHECK(bytes[7] == 0);           // the first one
    }
    close(raw);
    CHECK(seen == 2);
}

TEST_CASE("an empty datagram is received as such, and a long one as cut", "[io][udp]") {
    const Socket server{"127.0.0.1"};
    const Socket client{"127.0.0.1"};
    for (int round = 0; round < 100; ++round) {
        REQUIRE(client.send(server.address(), {}, {""}) == 0);
        REQUIRE(client.send(server.address(), {}, {std::to_string(round)}) == 0);
        CHECK(server.receive().payload.empty());
        CHECK(server.receive().payload == std::to_string(round));
    }
    for (const std::size_t bytes : {1'200U, 1'201U, 9'000U, 65'507U}) {
        REQUIRE(client.send(server.address(), {}, {std::string(bytes, 'x')}) == 0);
        const auto received = server.receive(1'200);
        CHECK(received.truncated == (bytes > 1'200));
        CHECK(received.payload.size() == 1'200);
    }
}

TEST_CASE("the kernel's drops are counted and a burst is got over", "[io][udp]") {
    const Socket server{"127.0.0.1"};
    const Socket client{"127.0.0.1"};
    const int small = 4'096;
    REQUIRE(setsockopt(server.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small) == 0);
    const int sent = 200;
    for (int index = 0; index < sent; ++index) {
        client.send(server.address(), {}, {std::string(1'200, 'x')});
    }
    int arrived = 0;
    while (!server.silent()) {
        server.receive();
        ++arrived;
    }
    CHECK(arrived < sent);
    REQUIRE(client.send(server.address(), {}, {"after"}) == 0);
    const auto after = server.receive();
    CHECK(after.payload == "after");
    CHECK(after.control.kernel_drops == static_cast<std::uint32_t>(sent - arrived));
}

TEST_CASE("an ICMP error does not come back to the socket", "[io][udp]") {
    const Socket server{"127.0.0.1"};
    Address gone;
    {
        const Socket closed{"127.0.0.1"};
        gone = closed.address();
    }
    CHECK(server.send(gone, {}, {"to nobody"}) == 0);
    const Socket client{"127.0.0.1"};
    CHECK(server.send(client.address(), {}, {"next"}) == 0);
    CHECK(client.receive().payload == "next");
    CHECK(server.option(SOL_SOCKET, SO_ERROR) == 0);
}

TEST_CASE("control data is read wherever it is cut or laid", "[io][udp]") {
    alignas(cmsghdr) std::array<std::byte, 256> buffer{};
    msghdr header{};
    header.msg_control = buffer.data();
    header.msg_controllen = buffer.size();
    cmsghdr* at = CMSG_FIRSTHDR(&header);
    const auto put = [&](int level, int type, const auto& value) {
        at->cmsg_level = level;
        at->cmsg_type = type;
        at->cmsg_len = CMSG_LEN(sizeof value);
        std::memcpy(CMSG_DATA(at), &value, sizeof value);
        at =
            reinterpret_cast<cmsghdr*>(reinterpret_cast<std::byte*>(at) + CMSG_SPACE(sizeof value));
        return static_cast<std::size_t>(reinterpret_cast<std::byte*>(at) - buffer.data());
    };
    put(SOL_SOCKET, SCM_TIMESTAMP, timeval{});
    put(SOL_SOCKET, SO_RXQ_OVFL, std::uint32_t{7});
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(0x7f000005);
    info.ipi_addr.s_addr = htonl(0xffffffff);
    const std::size_t total = put(IPPROTO_IP, IP_PKTINFO, info);
    const std::string whole{reinterpret_cast<const char*>(buffer.data()), total};

    for (std::size_t shift = 0; shift < 8; ++shift) {
        const std::string shifted = std::string(shift, '\0') + whole;
        const auto control = parse_control(as_bytes(shifted).subspan(shift));
        CHECK(control.local.ip_text() == "127.0.0.5");
        CHECK(control.kernel_drops == 7U);
    }
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const test::Guarded cut{std::string_view(whole).substr(0, length)};
        const auto control = parse_control(cut.bytes());
        const std::size_t drops_end = CMSG_SPACE(sizeof(timeval)) + CMSG_LEN(sizeof(std::uint32_t));
        CHECK(control.kernel_drops.has_value() == (length >= drops_end));
        if (length < total - (CMSG_SPACE(sizeof info) - CMSG_LEN(sizeof info))) {
            CHECK(control.local.family == Address::Family::none);
        }
    }
    // Lengths that lie are not followed.
    for (const std::size_t lie : {std::size_t{0}, std::size_t{1}, sizeof(cmsghdr) - 1,
                                  std::size_t{1'000}, SIZE_MAX, SIZE_MAX - 7}) {
        std::string bad = whole;
        std::memcpy(bad.data(), &lie, sizeof lie);
        const test::Guarded guarded{bad};
        CHECK(parse_control(guarded.bytes()).local.family == Address::Family::none);
    }
}
