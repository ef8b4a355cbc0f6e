#include "chatd/wire/websocket_handshake.hpp"

#include <algorithm>

#include "chatd/base/address.hpp"
#include "chatd/base/assert.hpp"
#include "wire/base64.hpp"
#include "wire/sha1.hpp"

namespace chatd::wire {

namespace {

constexpr std::size_t key_bytes = 16;
constexpr std::string_view websocket_version = "13";
// RFC 6455 4.2.2: what both ends append to the key.
constexpr std::string_view accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
// RFC 9110 15.5.22 wants Upgrade in a 426, and 7.8 its name in Connection.
constexpr std::string_view upgrade_lines =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";

struct Origin {
    HttpAuthority authority;
    std::uint16_t default_port = 0;
};

// RFC 6454 6.2: scheme "://" host [ ":" port ], nothing behind it.
std::optional<Origin> parse_origin(std::string_view text) noexcept {
    const std::size_t mark = text.find("://");
    if (mark == text.npos) return {};
    Origin origin;
    if (equal_without_case(text.substr(0, mark), "http")) {
        origin.default_port = 80;
    } else if (equal_without_case(text.substr(0, mark), "https")) {
        origin.default_port = 443;
    } else {
        return {};
    }
    const auto authority = parse_authority(text.substr(mark + 3));
    if (!authority) return {};
    origin.authority = *authority;
    return origin;
}

bool is_local_or_literal(std::string_view host) noexcept {
    return equal_without_case(host, "localhost") || host.starts_with('[') ||
           parse_ip(host).has_value();
}

bool is_own_origin(std::string_view text, std::string_view host_field) noexcept {
    const auto origin = parse_origin(text);
    const auto host = parse_authority(host_field);
    if (!origin || !host) return false;
    return equal_without_case(origin->authority.host, host->host) &&
           origin->authority.port.value_or(origin->default_port) ==
               host->port.value_or(origin->default_port) &&
           is_local_or_literal(host->host);
}

}  // namespace

bool is_local_host(std::string_view host_field) noexcept {
    if (host_field.empty()) return true;
    const auto host = parse_authority(host_field);
    return host && is_local_or_literal(host->host);
}

namespace {

std::string_view choose_subprotocol(const HttpRequest& request,
                                    std::span<const std::string_view> known) noexcept {
    std::string_view chosen;
    // RFC 6455 4.1: the client lists them in the order it prefers; 11.3.4: several lines are one
    // list. Names compare as they are.
    for_each_element(request, "Sec-WebSocket-Protocol", [&](std::string_view offered) {
        if (!chosen.empty()) return;
        const auto found = std::ranges::find(known, offered);
        if (found != known.end()) chosen = *found;
    });
    return chosen;
}

}  // namespace

bool origin_allowed(const HttpRequest& request, const OriginPolicy& policy) noexcept {
    const std::size_t origin_count = request.count("Origin");
    const std::string_view origin = request.field("Origin");
    if (origin_count > 1 || equal_without_case(origin, "null")) return false;
    const auto equals_origin = [origin](std::string_view listed) {
        return equal_without_case(listed, origin);
    };
    if (origin_count == 1 && std::ranges::any_of(policy.listed, equals_origin)) return true;
    if (request.has_token("Sec-Fetch-Site", "cross-site")) return false;
    return origin_count == 0 || is_own_origin(origin, request.host);
}

HttpRefusal refused_origin() noexcept {
    return {403,
            "This web page's origin may not use this server; open the server's own page by "
            "localhost or its IP address, or start chatd with --origin."};
}

bool asks_for_websocket(const HttpRequest& request) noexcept {
    return request.minor_version >= 1 && request.has_token("Upgrade", "websocket") &&
           request.has_token("Connection", "upgrade");
}

std::expected<UpgradeAccept, HttpRefusal> check_upgrade(const HttpRequest& request,
                                                        const UpgradeRules& rules) noexcept {
    const auto refuse = [](std::uint16_t status, std::string_view sentence,
                           std::string_view extra = {}) {
        return std::unexpected(HttpRefusal{status, sentence, extra});
    };
    if (std::ranges::find(rules.paths, request.path) == rules.paths.end()) {
        return refuse(404, "No WebSocket is here; try /ws.");
    }
    if (request.method != HttpMethod::get) {
        return refuse(405, "A WebSocket is opened by GET.", "Allow: GET\r\n");
    }
    if (!asks_for_websocket(request)) {
        return refuse(426,
                      "This is a WebSocket; ask in HTTP/1.1 with `Upgrade: websocket` and "
                      "`Connection: Upgrade`.",
                      upgrade_lines);
    }
    if (!origin_allowed(request, rules.origins)) return std::unexpected(refused_origin());
    if (request.count("Sec-WebSocket-Version") != 1 ||
        request.field("Sec-WebSocket-Version") != websocket_version) {
        return refuse(426, "This server speaks WebSocket version 13 (RFC 6455).", upgrade_lines);
    }
    const std::string_view key = request.field("Sec-WebSocket-Key");
    if (request.count("Sec-WebSocket-Key") != 1 || base64_decoded_bytes(key) != key_bytes) {
        return refuse(400, "Sec-WebSocket-Key is 16 random bytes in base64, sent once.");
    }
    if (request.has_body()) return refuse(400, "A WebSocket request carries no body.");
    return UpgradeAccept{websocket_accept_key(key),
                         choose_subprotocol(request, rules.subprotocols)};
}

std::array<char, 28> websocket_accept_key(std::string_view key) noexcept {
    std::string joined(key);
    joined += accept_guid;
    const std::string encoded = base64_encode(sha1(as_bytes(joined)));
    std::array<char, 28> accept;
    CHATD_ASSERT(encoded.size() == accept.size());
    std::ranges::copy(encoded, accept.begin());
    return accept;
}

void encode_upgrade_answer(std::string& target, const UpgradeAccept& accept) {
    target +=
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: ";
    target.append(accept.accept_key.data(), accept.accept_key.size());
    target += "\r\n";
    if (!accept.subprotocol.empty()) {
        target += "Sec-WebSocket-Protocol: ";
        target += accept.subprotocol;
        target += "\r\n";
    }
    target += "\r\n";
}

}  // namespace chatd::wire
