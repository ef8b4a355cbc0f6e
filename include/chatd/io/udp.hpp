#pragma once
// UDP sockets for io_uring: how they are opened, what a message out looks like to sendmsg, and what
// stands beside a message in. Nothing here submits or waits. The caller owns descriptors; an
// OutMessage owns its header and borrows its payload. Any thread, one at a time for each object.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "chatd/base/address.hpp"
#include "chatd/base/bytes.hpp"
#include "chatd/io/error.hpp"

namespace chatd::io {

/// What is asked of the kernel for each direction; it may grant less (net.core.rmem_max).
inline constexpr int udp_buffer_bytes = 4 * 1024 * 1024;

/// A bound, blocking UDP socket (io_uring wants blocking ones); the caller closes it. Port 0 picks
/// one: ask bound_address(). IPv6 sockets take IPv6 only.
///  - Each message in says which local address it was sent to, and how many the kernel has dropped.
///  - DF is set, and the path MTU is the sender's business: what is too long for the interface is
///    refused (EMSGSIZE; EINVAL in a train), never fragmented.
///  - ICMP errors are not reported: no IP_RECVERR, with which one "port unreachable" would end a
///    multishot receive.
std::expected<int, Error> open_udp_socket(const Address& address) noexcept;

// -- messages in -----------------------------------------------------------------------------

/// Room for the name and for the control data of a message in, as msg_namelen and msg_controllen
/// of a multishot recvmsg. Multiples of 8, so that what follows them in the buffer is aligned.
inline constexpr std::size_t udp_name_bytes = 32;
inline constexpr std::size_t udp_control_bytes =
    CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint32_t));
static_assert(udp_name_bytes >= sizeof(sockaddr_in6) && udp_name_bytes % 8 == 0);
static_assert(udp_control_bytes % 8 == 0);

/// What came beside a message.
struct ReceivedControl {
    Address local;  ///< the address it was sent to, port 0; Family::none if the kernel didn't say
    std::optional<std::uint32_t> kernel_drops;  ///< by this socket since it was opened, modulo 2^32
};

/// Reads the control data of a received message, whatever its alignment; what is unknown is
/// skipped, what is cut ends it.
ReceivedControl parse_control(Bytes control) noexcept;

// -- messages out ----------------------------------------------------------------------------

/// A msghdr with all it points to but the payload. It points into itself, so it stays where it is
/// from fill() until the kernel has taken it: until submit for a sendmsg with MSG_DONTWAIT.
class OutMessage {
public:
    OutMessage() = default;
    OutMessage(const OutMessage&) = delete;
    OutMessage& operator=(const OutMessage&) = delete;

    /// One datagram, or a train of several cut every `segment_bytes` (UDP_SEGMENT, Linux 4.18):
    /// all parts but the last have that size. It leaves from the address `from`, whose port is the
    /// socket's anyway; Family::none or the unspecified address lets the kernel choose. `parts` and
    /// what they point to are borrowed. `to` has a family; from, if it has one, has the same.
    void fill(const Address& to, const Address& from, std::span<const Bytes> parts,
              std::uint16_t segment_bytes) noexcept;

    const msghdr& header() const noexcept { return header_; }
    msghdr& header() noexcept { return header_; }

private:
    static constexpr std::size_t control_bytes_max =
        CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint16_t));

    template <class Value>
    void add_control(int level, int type, const Value& value) noexcept;

    msghdr header_{};
    sockaddr_in6 name_;  ///< or a sockaddr_in at its start
    alignas(cmsghdr) std::byte control_[control_bytes_max];
};

}  // namespace chatd::io
