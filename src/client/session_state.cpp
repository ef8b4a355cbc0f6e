#include "chatd/client/session_state.hpp"

#include "chatd/wire/json_reader.hpp"
#include "chatd/wire/json_text.hpp"
#include "chatd/wire/notification.hpp"

namespace chatd::client {

namespace {

using wire::JsonKind;
using wire::JsonObject;
using wire::JsonValue;

constexpr std::uint32_t depth_max = 8;

void append_room(std::string& out, const SessionState::Room& room) {
    JsonObject object(out);
    object.text("room", room.room);
    if (room.last) object.position("last", room.last);
    object.close();
}

void append_line(std::string& out, const SessionState::Line& line) {
    JsonObject object(out);
    object.text("key", line.key);
    object.text("room", line.room);
    object.text("body", line.body);
    if (line.action) object.boolean("action", true);
    if (line.reply_to) object.position("reply_to", line.reply_to);
    if (line.perhaps_said) object.boolean("perhaps_said", true);
    if (line.seen_at) object.position("seen_at", line.seen_at);
    object.close();
}

Position position(const JsonValue& object, const wire::JsonName& name) {
    const auto member = object.find(name);
    return member ? wire::read_position(*member).value_or(Position{}) : Position{};
}

void append_identity(std::string& out, const SessionState::Identity& identity) {
    JsonObject object(out);
    object.text("server", identity.server);
    object.text("token", identity.token);
    object.name("rooms");
    wire::append_json_array(out, identity.rooms, [&](const auto& room) { append_room(out, room); });
    object.close();
}

SessionState::Room room_of(const JsonValue& object) {
    return {.room = object.text_of("room"), .last = position(object, "last")};
}

SessionState::Line line_of(const JsonValue& object) {
    return {.key = object.text_of("key"),
            .room = object.text_of("room"),
            .body = object.text_of("body"),
            .action = object.truth_of("action"),
            .reply_to = position(object, "reply_to"),
            .perhaps_said = object.truth_of("perhaps_said"),
            .seen_at = position(object, "seen_at")};
}

std::vector<SessionState::Room> rooms_of(const JsonValue& array) {
    std::vector<SessionState::Room> rooms;
    for (const JsonValue room : array)
        rooms.push_back(room_of(room));
    return rooms;
}

SessionState::Identity identity_of(const JsonValue& object) {
    const auto rooms = object.find("rooms");
    return {.server = object.text_of("server"),
            .token = object.text_of("token"),
            .rooms = rooms && rooms->is(JsonKind::array) ? rooms_of(*rooms)
                                                         : std::vector<SessionState::Room>{}};
}

}  // namespace

std::string print_state(const SessionState& state) {
    std::string out;
    JsonObject object(out);
    if (!state.server.empty()) object.text("server", state.server);
    object.text("token", state.token);
    object.text("nick", state.nick);
    object.name("rooms");
    wire::append_json_array(out, state.rooms, [&](const auto& room) { append_room(out, room); });
    object.name("unsaid");
    wire::append_json_array(out, state.unsaid, [&](const auto& line) { append_line(out, line); });
    if (!state.elsewhere.empty()) {
        object.name("elsewhere");
        wire::append_json_array(out, state.elsewhere,
                                [&](const auto& identity) { append_identity(out, identity); });
    }
    object.close();
    return out;
}

std::expected<SessionState, std::string> parse_state(std::string_view written) {
    wire::JsonReader reader(session_state_bytes_max, depth_max);
    const auto value = reader.read(as_bytes(written));
    if (!value || !value->is(JsonKind::object)) {
        return std::unexpected("this is no saved state: it has to be one JSON object.");
    }
    SessionState state{.server = value->text_of("server"),
                       .token = value->text_of("token"),
                       .nick = value->text_of("nick")};
    if (const auto rooms = value->find("rooms")) {
        if (!rooms->is(JsonKind::array)) {
            return std::unexpected("\"rooms\" of a saved state has to be an array.");
        }
        state.rooms = rooms_of(*rooms);
    }
    if (const auto unsaid = value->find("unsaid")) {
        if (!unsaid->is(JsonKind::array)) {
            return std::unexpected("\"unsaid\" of a saved state has to be an array.");
        }
        for (const JsonValue line : *unsaid)
            state.unsaid.push_back(line_of(line));
    }
    if (const auto elsewhere = value->find("elsewhere");
        elsewhere && elsewhere->is(JsonKind::array)) {
        for (const JsonValue identity : *elsewhere)
            state.elsewhere.push_back(identity_of(identity));
    }
    return state;
}

}  // namespace chatd::client
