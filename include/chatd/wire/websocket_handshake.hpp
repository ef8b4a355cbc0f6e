#pragma once
// The opening handshake of RFC 6455 4.2, server side, and the Origin rule that guards every HTTP
// request of a browser. Values in, values out; nothing is kept. Any thread.

#include <array>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "chatd/wire/http.hpp"

namespace chatd::wire {

/// Whether a Host field names this machine whoever resolves it: localhost or an IP literal, with a
/// port or without, or nothing (HTTP/1.0). Any other name may be made to point anywhere.
bool is_local_host(std::string_view host_field) noexcept;

/// Web pages that may talk to this server beside its own.
struct OriginPolicy {
    std::span<const std::string> listed;  ///< whole origins, "https://chat.example:8443"
};

/// Whether a request may be served, whatever it asks for. It may when it bears no Origin, when its
/// whole Origin is listed, or when Origin's host and port equal Host's (the default port of
/// Origin's scheme filled in) and that host is localhost or an IP literal: a name could be made to
/// point here by anyone (DNS rebinding). `null` is never allowed, nor is more than one Origin, nor
/// `Sec-Fetch-Site: cross-site` without a listed Origin. A refusal is refused_origin().
bool origin_allowed(const HttpRequest& request, const OriginPolicy& policy) noexcept;
HttpRefusal refused_origin() noexcept;

/// Where and how a WebSocket can be had.
struct UpgradeRules {
    OriginPolicy origins;
    std::span<const std::string_view> paths;         ///< "/ws"
    std::span<const std::string_view> subprotocols;  ///< "chatd.text.v1"; may be empty
};

struct UpgradeAccept {
    std::array<char, 28> accept_key{};  ///< Sec-WebSocket-Accept
    /// The first offered subprotocol that the rules name, borrowed from the rules; "" when none is
    /// offered or none is known, which leaves the choice to the client (RFC 6455 4.1).
    std::string_view subprotocol{};
};

/// Whether the request asks for a WebSocket at all: `Upgrade: websocket` and `Connection: upgrade`,
/// in HTTP/1.1 (RFC 9110 7.8: an Upgrade in HTTP/1.0 is ignored). `GET /` without is a page.
bool asks_for_websocket(const HttpRequest& request) noexcept;

/// The checks of RFC 6455 4.2.1 in this order: 404 path, 405 method other than GET, 426 no upgrade
/// asked for, 403 Origin, 426 a version other than 13, 400 a key that is not 16 bytes in base64 or
/// a request with a body. Extensions are never accepted; an offer (permessage-deflate) is declined
/// by not being mentioned in the answer (RFC 6455 9.1).
std::expected<UpgradeAccept, HttpRefusal> check_upgrade(const HttpRequest& request,
                                                        const UpgradeRules& rules) noexcept;

/// Appends the 101 answer. The first WebSocket byte follows it.
void encode_upgrade_answer(std::string& target, const UpgradeAccept& accept);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key, as both ends compute it (RFC 6455 4.2.2).
std::array<char, 28> websocket_accept_key(std::string_view key) noexcept;

}  // namespace chatd::wire
