#include "chatd/io/tcp_diag.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "chatd/base/bytes.hpp"

namespace chatd::io {

namespace {

struct Request {
    nlmsghdr head{};
    inet_diag_req_v2 body{};
};

// An answer is one message of 400 bytes or so; attributes that we did not ask for may come too.
constexpr std::size_t answer_bytes_max = 8 * 1024;
// Answers to questions that were given up on lie before ours; more than a few never do.
constexpr int answers_skipped_max = 16;

Request request_for(const Address& local, const Address& peer, std::uint32_t sequence) noexcept {
    Request request;
    request.head.nlmsg_len = sizeof request;
    request.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.head.nlmsg_flags = NLM_F_REQUEST;  // and not NLM_F_DUMP: one connection
    request.head.nlmsg_seq = sequence;
    inet_diag_req_v2& body = request.body;
    body.sdiag_family = local.family == Address::Family::ipv6 ? AF_INET6 : AF_INET;
    body.sdiag_protocol = IPPROTO_TCP;
    body.idiag_ext = 1 << (INET_DIAG_INFO - 1);
    body.idiag_states = ~0U;
    body.id.idiag_sport = htons(local.port);
    body.id.idiag_dport = htons(peer.port);
    static_assert(sizeof body.id.idiag_src == sizeof local.bytes);
    std::memcpy(body.id.idiag_src, local.bytes.data(), sizeof local.bytes);
    std::memcpy(body.id.idiag_dst, peer.bytes.data(), sizeof peer.bytes);
    body.id.idiag_if = peer.scope;
    body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return request;
}

TcpState state_of(std::uint8_t number) noexcept {
    // TCP_NEW_SYN_RECV (12) is a request that was not accepted yet.
    if (number > static_cast<std::uint8_t>(TcpState::closing)) return TcpState::syn_received;
    return static_cast<TcpState>(number);
}

// A kernel older or newer than our header gives fewer or more bytes; what is missing is zero.
void read_info(Bytes attribute, TcpInfo& into) noexcept {
    tcp_info info{};
    std::memcpy(&info, attribute.data(), std::min(attribute.size(), sizeof info));
    into.rtt_us = info.tcpi_rtt;
    into.rttvar_us = info.tcpi_rttvar;
    into.rto_us = info.tcpi_rto;
    into.mss_bytes = info.tcpi_snd_mss;
    into.cwnd = info.tcpi_snd_cwnd;
    into.unacked = info.tcpi_unacked;
    into.lost = info.tcpi_lost;
    into.retrans = info.tcpi_retrans;
    into.retrans_total = info.tcpi_total_retrans;
    into.notsent_bytes = info.tcpi_notsent_bytes;
    into.last_sent_ms = info.tcpi_last_data_sent;
    into.last_received_ms = info.tcpi_last_data_recv;
    into.received_bytes = info.tcpi_bytes_received;
    into.sent_bytes =
        info.tcpi_bytes_sent - std::min(info.tcpi_bytes_sent, info.tcpi_bytes_retrans);
}

// The payload of SOCK_DIAG_BY_FAMILY: inet_diag_msg, then attributes.
std::optional<TcpInfo> read_answer(Bytes payload) noexcept {
    inet_diag_msg message;
    if (payload.size() < sizeof message) return {};
    std::memcpy(&message, payload.data(), sizeof message);
    TcpInfo info;
    info.state = state_of(message.idiag_state);
    // Asked for a connection that is gone, the kernel tells of who listens at its port.
    if (info.state == TcpState::listening) return {};
    info.receive_queue_bytes = message.idiag_rqueue;
    info.send_queue_bytes = message.idiag_wqueue;
    payload = payload.subspan(sizeof message);
    nlattr attribute;
    while (payload.size() >= sizeof attribute) {
        std::memcpy(&attribute, payload.data(), sizeof attribute);
        const std::size_t bytes = attribute.nla_len;
        if (bytes < sizeof attribute || bytes > payload.size()) break;
        if (attribute.nla_type == INET_DIAG_INFO) {
            read_info(payload.first(bytes).subspan(sizeof attribute), info);
        }
        payload = payload.subspan(std::min(payload.size(), (bytes + 3) / 4 * 4));
    }
    return info;
}

}  // namespace

std::expected<TcpDiag, Error> TcpDiag::open() noexcept {
    const int descriptor =
        ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
    if (descriptor < 0) return std::unexpected(Error{errno, "socket(NETLINK_SOCK_DIAG)"});
    return TcpDiag(descriptor);
}

TcpDiag::TcpDiag(TcpDiag&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), sequence_(other.sequence_) {}

TcpDiag& TcpDiag::operator=(TcpDiag&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(sequence_, other.sequence_);
    return *this;
}

TcpDiag::~TcpDiag() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<TcpInfo> TcpDiag::ask(const Address& local, const Address& peer) noexcept {
    if (local.family == Address::Family::none || local.family != peer.family) return {};
    const Request request = request_for(local, peer, ++sequence_);
    // The kernel answers within the call: what is not there to be received will not come.
    if (::send(descriptor_, &request, sizeof request, 0) < 0) return {};
    alignas(nlmsghdr) std::array<std::byte, answer_bytes_max> answer;
    for (int skipped = 0; skipped < answers_skipped_max; ++skipped) {
        const ssize_t bytes = ::recv(descriptor_, answer.data(), answer.size(), 0);
        nlmsghdr head;
        if (bytes < static_cast<ssize_t>(sizeof head)) return {};
        std::memcpy(&head, answer.data(), sizeof head);
        if (head.nlmsg_seq != sequence_) continue;
        // Else NLMSG_ERROR: ENOENT, there is none.
        if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY) return {};
        const std::size_t whole = std::min<std::size_t>(
            static_cast<std::size_t>(bytes), std::max<std::size_t>(head.nlmsg_len, sizeof head));
        return read_answer(Bytes(answer).first(whole).subspan(sizeof head));
    }
    return {};
}

}  // namespace chatd::io
