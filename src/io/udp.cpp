#include "chatd/io/udp.hpp"

#include <linux/udp.h>
#include <sys/uio.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "chatd/base/assert.hpp"
#include "chatd/io/socket_address.hpp"

namespace chatd::io {

namespace {

/// One setsockopt of open_udp_socket.
struct Option {
    int level;
    int name;
    int value;
    const char* what;
};

constexpr Option options_ipv4[] = {
    {IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO"},
    {IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE, "IP_MTU_DISCOVER"},
};
constexpr Option options_ipv6[] = {
    {IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY"},
    {IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO"},
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE, "IPV6_MTU_DISCOVER"},
    {IPPROTO_IPV6, IPV6_DONTFRAG, 1, "IPV6_DONTFRAG"},
};

int set_option(int fd, int level, int name, int value) noexcept {
    return setsockopt(fd, level, name, &value, sizeof value);
}

// The FORCE forms pass net.core.[rw]mem_max but need CAP_NET_ADMIN; the plain ones take what they
// are given. Neither failing is an error: a small buffer drops more, and the drops are counted.
void ask_for_buffers(int fd) noexcept {
    if (set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, udp_buffer_bytes) != 0) {
        set_option(fd, SOL_SOCKET, SO_RCVBUF, udp_buffer_bytes);
    }
    if (set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, udp_buffer_bytes) != 0) {
        set_option(fd, SOL_SOCKET, SO_SNDBUF, udp_buffer_bytes);
    }
}

std::optional<Error> set_up(int fd, const Address& address) noexcept {
    const std::span<const Option> options = address.family == Address::Family::ipv6
                                                ? std::span<const Option>(options_ipv6)
                                                : std::span<const Option>(options_ipv4);
    for (const Option& option : options) {
        if (set_option(fd, option.level, option.name, option.value) != 0) {
            return Error{errno, option.what};
        }
    }
    if (set_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1) != 0) return Error{errno, "SO_RXQ_OVFL"};
    ask_for_buffers(fd);
    const SocketAddress name = to_sockaddr(address);
    if (bind(fd, name.get(), name.length) != 0) return Error{errno, "bind"};
    return std::nullopt;
}

}  // namespace

std::expected<int, Error> open_udp_socket(const Address& address) noexcept {
    const int domain = address.family == Address::Family::ipv6 ? AF_INET6 : AF_INET;
    const int fd = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
    if (fd < 0) return std::unexpected(Error{errno, "socket"});
    if (const auto error = set_up(fd, address)) {
        close(fd);
        return std::unexpected(*error);
    }
    return fd;
}

// -- messages in -----------------------------------------------------------------------------

namespace {

template <class Value>
bool read_value(Bytes data, Value& value) noexcept {
    if (data.size() < sizeof value) return false;
    std::memcpy(&value, data.data(), sizeof value);
    return true;
}

Address ipv4_of(const in_addr& ip) noexcept {
    Address address{.family = Address::Family::ipv4};
    std::memcpy(address.bytes.data(), &ip, sizeof ip);
    return address;
}

// The zone belongs to the address only where the same address may stand on several links.
Address ipv6_of(const in6_pktinfo& info) noexcept {
    Address address{.family = Address::Family::ipv6};
    std::memcpy(address.bytes.data(), &info.ipi6_addr, sizeof info.ipi6_addr);
    if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) address.scope = info.ipi6_ifindex;
    return address.unmapped();
}

void read_control(const cmsghdr& header, Bytes data, ReceivedControl& result) noexcept {
    if (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_PKTINFO) {
        // ipi_spec_dst, not ipi_addr: for a broadcast it is the address we may answer from.
        in_pktinfo info;
        if (read_value(data, info)) result.local = ipv4_of(info.ipi_spec_dst);
    } else if (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_PKTINFO) {
        in6_pktinfo info;
        if (read_value(data, info)) result.local = ipv6_of(info);
    } else if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SO_RXQ_OVFL) {
        std::uint32_t drops = 0;
        if (read_value(data, drops)) result.kernel_drops = drops;
    }
}

}  // namespace

ReceivedControl parse_control(Bytes control) noexcept {
    ReceivedControl result;
    cmsghdr header;
    while (read_value(control, header)) {
        if (header.cmsg_len < CMSG_LEN(0) || header.cmsg_len > control.size()) break;
        read_control(header, control.subspan(CMSG_LEN(0), header.cmsg_len - CMSG_LEN(0)), result);
        const std::size_t step = CMSG_ALIGN(header.cmsg_len);
        if (step >= control.size()) break;
        control = control.subspan(step);
    }
    return result;
}

// -- messages out ----------------------------------------------------------------------------

// The kernel reads `parts` as the iovec array it wants: no copy, however long the list. The unit
// test writes through one and reads through the other.
static_assert(sizeof(Bytes) == sizeof(iovec) && alignof(Bytes) == alignof(iovec));

template <class Value>
void OutMessage::add_control(int level, int type, const Value& value) noexcept {
    std::byte* at = control_ + header_.msg_controllen;
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(sizeof value);
    header.cmsg_level = level;
    header.cmsg_type = type;
    std::memcpy(at, &header, sizeof header);
    std::memcpy(at + CMSG_LEN(0), &value, sizeof value);
    header_.msg_controllen += CMSG_SPACE(sizeof value);
    CHATD_ASSERT_COSTLY(header_.msg_controllen <= sizeof control_);
}

void OutMessage::fill(const Address& to, const Address& from, std::span<const Bytes> parts,
                      std::uint16_t segment_bytes) noexcept {
    CHATD_ASSERT_COSTLY(!parts.empty());
    header_.msg_iov = reinterpret_cast<iovec*>(const_cast<Bytes*>(parts.data()));
    header_.msg_iovlen = parts.size();
    header_.msg_flags = 0;
    header_.msg_control = control_;
    header_.msg_controllen = 0;
    header_.msg_name = &name_;
    header_.msg_namelen = write_sockaddr(to, name_);
    if (from.family == Address::Family::ipv6 && !from.is_unspecified()) {
        in6_pktinfo info{};
        std::memcpy(&info.ipi6_addr, from.bytes.data(), sizeof info.ipi6_addr);
        info.ipi6_ifindex = from.scope;
        add_control(IPPROTO_IPV6, IPV6_PKTINFO, info);
    } else if (from.family == Address::Family::ipv4 && !from.is_unspecified()) {
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, from.bytes.data(), sizeof info.ipi_spec_dst);
        add_control(IPPROTO_IP, IP_PKTINFO, info);
    }
    if (parts.size() > 1) add_control(IPPROTO_UDP, UDP_SEGMENT, segment_bytes);
    if (header_.msg_controllen == 0) header_.msg_control = nullptr;
}

}  // namespace chatd::io
