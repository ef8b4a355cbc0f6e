#include "udp_payload.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "chatd/base/bytes.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/client/dial.hpp"
#include "chatd/client/socket.hpp"
#include "chatd/wire/hex.hpp"
#include "paint.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;
using limits::datagram_bytes_max;

std::unexpected<PayloadError> refuse(ExitCode code, std::string message) {
    return std::unexpected(PayloadError{code, std::move(message)});
}

// Size rules for payloads that are bytes already. `more` says that there are more than `bytes`.
std::expected<Payload, PayloadError> checked(Bytes bytes, bool more, std::string_view where,
                                             bool allow_empty) {
    if (more || bytes.size() > datagram_bytes_max) {
        return refuse(ExitCode::usage,
                      fmt::format("{}: more than {} bytes; a datagram is never cut.", where,
                                  datagram_bytes_max));
    }
    if (bytes.empty() && !allow_empty) {
        return refuse(ExitCode::usage,
                      fmt::format("{}: no bytes; --allow-empty if that is meant.", where));
    }
    return Payload(bytes.begin(), bytes.end());
}

// Reads `fd` to its end, or to one byte past what a datagram holds.
std::expected<Payload, PayloadError> read_all(int fd, const std::string& where, bool allow_empty) {
    std::array<std::byte, datagram_bytes_max + 1> buffer;
    std::size_t used = 0;
    while (used < buffer.size()) {
        const ssize_t count = ::read(fd, buffer.data() + used, buffer.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            return refuse(ExitCode::io_error,
                          fmt::format("{}: {}.", where, client::error_text(errno)));
        }
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
    }
    return checked(Bytes(buffer.data(), used), used == buffer.size(), where, allow_empty);
}

struct Read {
    bool allow_empty;

    std::expected<Payload, PayloadError> operator()(const HexPayload& payload) const {
        return payload_from_hex(payload.hex, "--hex", allow_empty);
    }
    std::expected<Payload, PayloadError> operator()(const TextPayload& payload) const {
        return checked(as_bytes(payload.text), false, "--text", allow_empty);
    }
    std::expected<Payload, PayloadError> operator()(const FilePayload& payload) const {
        std::string where = "--file ";
        append_safe(where, payload.path);
        const client::Socket file(::open(payload.path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!file) {
            return refuse(ExitCode::io_error,
                          fmt::format("{}: {}.", where, client::error_text(errno)));
        }
        return read_all(file.fd(), where, allow_empty);
    }
    std::expected<Payload, PayloadError> operator()(StdinRaw) const {
        return read_all(STDIN_FILENO, "standard input", allow_empty);
    }
    std::expected<Payload, PayloadError> operator()(StdinHexLines) const { return Payload{}; }
};

}  // namespace

std::expected<Payload, PayloadError> read_payload(const PayloadOption& option, bool allow_empty) {
    return std::visit(Read{allow_empty}, option);
}

std::expected<Payload, PayloadError> payload_from_hex(std::string_view hex, std::string_view where,
                                                      bool allow_empty) {
    auto bytes = wire::parse_hex(hex, datagram_bytes_max, allow_empty);
    if (bytes) return std::move(*bytes);
    return refuse(ExitCode::usage, fmt::format("{}, column {}: {}.", where, bytes.error().column,
                                               bytes.error().message));
}

bool is_comment(std::string_view line) noexcept {
    const auto first = line.find_first_not_of(" \t\r");
    return first == std::string_view::npos || line[first] == '#';
}

}  // namespace chatd::terminal
