#include "load/adapter.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "chatd/base/assert.hpp"

namespace chatd::load {

namespace {

struct Entry {
    Protocol protocol;
    std::string_view name;
    std::unique_ptr<Adapter> (*make)(Venue);
};

constexpr std::array<Entry, 12> entries{{
    {Protocol::chatd, "chatd", make_chatd_adapter},
    {Protocol::websocket, "websocket", make_websocket_adapter},
    {Protocol::json, "json", make_json_adapter},
    {Protocol::websocket_json, "websocket_json", make_websocket_json_adapter},
    {Protocol::sse, "sse", make_sse_adapter},
    {Protocol::udp, "udp", make_udp_adapter},
    {Protocol::redis, "redis", make_redis_adapter},
    {Protocol::nats, "nats", make_nats_adapter},
    {Protocol::ncat, "ncat", make_ncat_adapter},
    {Protocol::irc, "irc", make_irc_adapter},
    {Protocol::mqtt, "mqtt", make_mqtt_adapter},
    {Protocol::floor, "floor", make_floor_adapter},
}};

const Entry& entry_of(Protocol protocol) noexcept {
    for (const Entry& entry : entries) {
        if (entry.protocol == protocol) return entry;
    }
    assertion_failed("every protocol has an entry", __FILE__, __LINE__);
}

}  // namespace

void Heard::clear() {
    bodies.clear();
    reply.clear();
    refusal.clear();
    consumed = 0;
    gaps = 0;
    answers = 0;
    ready = false;
    if (!kept.empty()) kept.clear();
}

std::string Adapter::nick_of(const Member& member) const {
    return fmt::format("{}{}", venue_.nick_prefix, member.number);
}

std::unique_ptr<Adapter> make_adapter(Protocol protocol, Venue venue) {
    return entry_of(protocol).make(std::move(venue));
}

bool may_mix(Protocol protocol) noexcept {
    switch (protocol) {
        case Protocol::chatd:
        case Protocol::websocket:
        case Protocol::json:
        case Protocol::websocket_json:
        case Protocol::sse:
            return true;
        case Protocol::udp:
        case Protocol::redis:
        case Protocol::nats:
        case Protocol::ncat:
        case Protocol::irc:
        case Protocol::mqtt:
        case Protocol::floor:
            return false;
    }
    return false;
}

std::optional<Protocol> protocol_named(std::string_view name) noexcept {
    for (const Entry& entry : entries) {
        if (entry.name == name) return entry.protocol;
    }
    return std::nullopt;
}

std::string_view name_of(Protocol protocol) noexcept {
    return entry_of(protocol).name;
}

}  // namespace chatd::load
