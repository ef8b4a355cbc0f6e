#include "chatd/wire/notification.hpp"

#include "chatd/wire/crowd.hpp"
#include "chatd/wire/hex.hpp"
#include "chatd/wire/json_event.hpp"
#include "chatd/wire/json_value.hpp"
#include "chatd/wire/time_text.hpp"

namespace chatd::wire {

namespace {

/// The most that a datagram shown in JSON may have: what UDP can carry.
constexpr std::size_t datagram_bytes_max = 65'535;

/// Reads members of one object. What must be there and is not spoils all that was read.
class Members {
public:
    explicit Members(const JsonValue& object) noexcept : object_(object) {}

    std::string text(const JsonName& name) {
        const auto member = object_.find(name);
        if (member && member->is(JsonKind::string)) return std::string(member->text());
        return spoilt<std::string>();
    }
    std::string text_if_any(const JsonName& name) {
        return object_.find(name) ? text(name) : std::string{};
    }
    std::uint64_t integer(const JsonName& name) {
        const auto member = object_.find(name);
        const auto value = member ? member->integer() : std::nullopt;
        return value ? *value : spoilt<std::uint64_t>();
    }
    std::optional<std::uint64_t> integer_if_any(const JsonName& name) {
        if (!object_.find(name)) return std::nullopt;
        return integer(name);
    }
    bool truth(const JsonName& name) {
        const auto member = object_.find(name);
        if (member && member->is(JsonKind::boolean)) return member->truth();
        return spoilt<bool>();
    }
    bool truth_if_any(const JsonName& name) { return object_.find(name) && truth(name); }
    Position position() {
        const auto at = read_position(object_);
        return at ? *at : spoilt<Position>();
    }
    Position position(const JsonName& name) {
        const auto member = object_.find(name);
        const auto at = member ? read_position(*member) : std::nullopt;
        return at ? *at : spoilt<Position>();
    }
    Position position_if_any(const JsonName& name) {
        return object_.find(name) ? position(name) : Position{};
    }
    UnixMs time(const JsonName& name) {
        const auto at = parse_time(text(name));
        return at ? *at : spoilt<UnixMs>();
    }
    Uuid uuid(const JsonName& name) {
        const auto id = parse_uuid(text(name));
        return id ? *id : spoilt<Uuid>();
    }
    std::vector<std::byte> hex(const JsonName& name) {
        auto bytes = parse_hex(text(name), datagram_bytes_max, true);
        return bytes ? std::move(*bytes) : spoilt<std::vector<std::byte>>();
    }

    template <class Value>
    std::optional<Value> give(Value&& value) const {
        if (spoilt_) return std::nullopt;
        return std::forward<Value>(value);
    }

private:
    template <class Value>
    Value spoilt() noexcept {
        spoilt_ = true;
        return {};
    }

    const JsonValue& object_;
    bool spoilt_ = false;
};

std::optional<EventKind> kind_of(std::string_view method, Members& members) {
    for (std::size_t index = 0; index < event_kind_count; ++index) {
        const auto kind = static_cast<EventKind>(index);
        if (event_method(kind) != method) continue;
        if (kind == EventKind::message && members.truth_if_any("action")) return EventKind::action;
        const bool crowd = members.integer_if_any("count").has_value();
        if (kind == EventKind::joined && crowd) return EventKind::joined_many;
        if (kind == EventKind::left && crowd) return EventKind::left_many;
        return kind;
    }
    return std::nullopt;
}

void read_kind(Members& members, KeptEvent& event) {
    switch (event.kind) {
        case EventKind::message:
        case EventKind::action:
            event.body = members.text("body");
            event.target = members.position_if_any("reply_to");
            event.removed = members.truth_if_any("removed");
            return;
        case EventKind::edited:
            event.target = members.position("target");
            event.body = members.text("body");
            return;
        case EventKind::redacted:
            event.target = members.position("target");
            return;
        case EventKind::reacted:
            event.target = members.position("target");
            event.body = members.text("reaction");
            event.off = members.truth_if_any("off");
            return;
        case EventKind::topic:
            event.body = members.text("topic");
            return;
        case EventKind::joined:
            return;
        case EventKind::left:
            event.body = members.text_if_any("reason");
            return;
        case EventKind::renamed:
            event.body = members.text("nick");
            return;
        case EventKind::joined_many:
        case EventKind::left_many:
            event.body = crowd_body(
                {.count = members.integer("count"), .people = members.integer("people")});
            return;
    }
}

std::optional<KeptEvent> read_event(std::string_view method, const JsonValue& params) {
    Members members(params);
    const auto kind = kind_of(method, members);
    if (!kind) return std::nullopt;
    KeptEvent event{.kind = *kind, .room = members.text("room")};
    const bool crowd = *kind == EventKind::joined_many || *kind == EventKind::left_many;
    if (!crowd) event.from = members.text("from");
    event.key = members.text_if_any("key");
    if (is_numbered(*kind)) {
        event.at = members.position();
        event.id = members.uuid("id");
    }
    read_kind(members, event);
    return members.give(std::move(event));
}

template <class Value>
std::optional<Notification> as_notification(const Members& members, Value&& value) {
    return members.give(Notification(std::forward<Value>(value)));
}

}  // namespace

std::optional<Position> read_position(const JsonValue& object) {
    const auto epoch = object.find("epoch");
    const auto seq = object.find("seq");
    const auto epoch_number = epoch ? epoch->integer() : std::nullopt;
    const auto seq_number = seq ? seq->integer() : std::nullopt;
    if (!epoch_number || !seq_number) return std::nullopt;
    return Position{*epoch_number, *seq_number};
}

std::optional<KeptEvent> read_listed_event(const JsonValue& event) {
    const auto kind = event.find("kind");
    if (!kind || !kind->is(JsonKind::string)) return std::nullopt;
    return read_event(kind->text(), event);
}

std::optional<Notification> read_notification(std::string_view method, const JsonValue& params) {
    Members members(params);
    if (method == "private") {
        return as_notification(members, told::Private{.from = members.text("from"),
                                                      .body = members.text("body"),
                                                      .at = members.time("ts")});
    }
    if (method == "typing") {
        return as_notification(members, told::Typing{.room = members.text("room"),
                                                     .from = members.text("from"),
                                                     .on = members.truth("on")});
    }
    if (method == "read") {
        return as_notification(members, told::Read{.room = members.text("room"),
                                                   .from = members.text("from"),
                                                   .at = members.position()});
    }
    if (method == "gap") {
        return as_notification(members, told::Gap{.room = members.text("room"),
                                                  .epoch = members.integer("epoch"),
                                                  .from = members.integer("from"),
                                                  .to = members.integer("to")});
    }
    if (method == "datagram") {
        return as_notification(members, told::Datagram{.room = members.text("room"),
                                                       .from = members.text("from"),
                                                       .number = members.integer_if_any("number"),
                                                       .payload = members.hex("hex")});
    }
    if (method == "notice") {
        return as_notification(
            members, told::Notice{.code = members.text("code"), .text = members.text("text")});
    }
    if (method == "draining") {
        return as_notification(
            members, told::Draining{.reconnect_after_ms = members.integer("reconnect_after_ms")});
    }
    auto event = read_event(method, params);
    if (!event) return std::nullopt;
    return Notification(std::move(*event));
}

}  // namespace chatd::wire
