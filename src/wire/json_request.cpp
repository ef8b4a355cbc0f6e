#include "chatd/wire/json_request.hpp"

#include <algorithm>
#include <array>

#include "chatd/base/limits.hpp"
#include "chatd/wire/hex.hpp"
#include "chatd/wire/json_rpc.hpp"
#include "chatd/wire/time_text.hpp"
#include "wire/json_arguments.hpp"

namespace chatd::wire {

namespace {

using Arguments = JsonArguments;
using Made = std::expected<Request, std::string>;
using Kind = JsonParamKind;

constexpr bool must = true;

// -- the parameters of each method, those required first -------------------------------------

constexpr JsonParam text(const JsonName& name, bool required = false,
                         std::uint64_t bytes_max = limits::line_bytes_max,
                         std::uint64_t bytes_min = 0) {
    return {name, Kind::text, required, bytes_min, bytes_max};
}
constexpr JsonParam integer(const JsonName& name, std::uint64_t min, std::uint64_t max,
                            bool required = false) {
    return {name, Kind::integer, required, min, max};
}
constexpr JsonParam other(const JsonName& name, Kind kind, bool required = false) {
    return {name, kind, required};
}

constexpr JsonParam body = text("body", must, limits::body_bytes_max);
constexpr JsonParam room = text("room");
constexpr JsonParam target = other("target", Kind::target, must);
constexpr JsonParam action = other("action", Kind::boolean);
constexpr JsonParam notices = other("notices", Kind::boolean);
constexpr JsonParam rooms = other("rooms", Kind::rooms);

constexpr std::array hello_params{text("nick"), rooms, notices};
constexpr std::array resume_params{text("token", must), rooms, notices};
constexpr std::array nick_params{text("nick", must)};
constexpr std::array join_params{text("room", must), other("since", Kind::position),
                                 other("slow_reader", Kind::slow_reader)};
constexpr std::array room_params{room};
constexpr std::array say_params{body, room, action, text("key", false, limits::key_bytes_max, 1),
                                other("reply_to", Kind::position)};
constexpr std::array msg_params{text("nick", must), body};
constexpr std::array edit_params{target, body, room};
constexpr std::array redact_params{target, room};
constexpr std::array react_params{target, text("reaction", must, limits::reaction_bytes_max, 1),
                                  room, other("off", Kind::boolean)};
constexpr std::array typing_params{room, other("on", Kind::boolean)};
constexpr std::array read_params{other("at", Kind::position, must), room};
constexpr std::array topic_params{room, text("topic", false, limits::topic_bytes_max)};
constexpr std::array history_params{room, other("after", Kind::position),
                                    other("before", Kind::position),
                                    integer("limit", 1, limits::history_page_max)};
constexpr std::array search_params{text("query", must, limits::search_query_bytes_max), room,
                                   integer("limit", 1, limits::search_hits_max),
                                   integer("skip", 0, limits::search_skip_max)};
constexpr std::array ping_params{text("token")};
constexpr std::array notices_params{other("on", Kind::boolean, must)};
constexpr std::array datagram_params{text("hex", must, limits::rpc_text_bytes_max)};
constexpr std::array datagrams_params{integer("hz", 0, limits::dgram_hz_max)};
constexpr std::array schedule_params{body, text("when"), text("every"),
                                     room, action,       integer("id", 1, json_integer_max)};
constexpr std::array unschedule_params{integer("id", 1, json_integer_max, must)};
constexpr std::array connections_params{integer("after", 0, UINT32_MAX),
                                        integer("limit", 1, limits::connections_page_max)};

// -- requests of arguments that fit them -----------------------------------------------------

template <class Plain>
Made make_plain(const Arguments&) {
    return Plain{};
}
template <class OfRoom>
Made make_of_room(const Arguments& given) {
    return OfRoom{given.text("room")};
}

Made make_hello(const Arguments& given) {
    return Hello{given.text("nick"), given.rooms("rooms"), given.optional_boolean("notices")};
}
Made make_resume(const Arguments& given) {
    return Resume{given.text("token"), given.rooms("rooms"), given.optional_boolean("notices")};
}
Made make_nick(const Arguments& given) {
    return Nick{given.text("nick")};
}
Made make_join(const Arguments& given) {
    return Join{given.text("room"), given.optional_position("since"),
                given.slow_reader("slow_reader")};
}
Made make_say(const Arguments& given) {
    return Say{.room = given.text("room"),
               .body = given.text("body"),
               .action = given.boolean("action", false),
               .key = given.text("key"),
               .reply_to = given.position("reply_to")};
}
Made make_msg(const Arguments& given) {
    return Msg{given.text("nick"), given.text("body")};
}
Made make_edit(const Arguments& given) {
    return Edit{given.text("room"), given.position("target"), given.text("body")};
}
Made make_redact(const Arguments& given) {
    return Redact{given.text("room"), given.position("target")};
}
Made make_react(const Arguments& given) {
    return React{given.text("room"), given.position("target"), given.text("reaction"),
                 given.boolean("off", false)};
}
Made make_typing(const Arguments& given) {
    return Typing{given.text("room"), given.boolean("on", true)};
}
Made make_read(const Arguments& given) {
    return Read{given.text("room"), given.position("at")};
}
Made make_topic(const Arguments& given) {
    return Topic{given.text("room"), given.optional_text("topic")};
}
Made make_history(const Arguments& given) {
    if (given.has("after") && given.has("before")) {
        return std::unexpected(std::string("before: cannot stand beside after"));
    }
    return History{given.text("room"), given.position("after"), given.position("before"),
                   given.integer32("limit", 0)};
}
Made make_search(const Arguments& given) {
    return Search{given.text("query"), given.text("room"), given.integer32("limit", 0),
                  given.integer32("skip", 0)};
}
Made make_ping(const Arguments& given) {
    return Ping{given.text("token")};
}
Made make_notices(const Arguments& given) {
    return Notices{given.boolean("on", false)};
}
Made make_datagram(const Arguments& given) {
    auto payload = parse_hex(given.text("hex"), given.datagram_bytes_max(), false);
    if (!payload) {
        return std::unexpected("hex: column " + std::to_string(payload.error().column) + ": " +
                               std::string(payload.error().message));
    }
    return Datagram{std::move(*payload)};
}
Made make_datagrams(const Arguments& given) {
    return Datagrams{given.integer32("hz", limits::dgram_hz_default)};
}
Made make_schedule(const Arguments& given) {
    const bool every = given.has("every");
    if (every && given.has("when")) {
        return std::unexpected(std::string("every: cannot stand beside when"));
    }
    if (!every && !given.has("when")) {
        return std::unexpected(std::string("when: is missing, and so is every"));
    }
    const auto when = every ? parse_every(given.text("every")) : parse_when(given.text("when"));
    if (!when) return std::unexpected((every ? "every: " : "when: ") + when.error());
    return Schedule{.id = given.integer("id", 0),
                    .room = given.text("room"),
                    .body = given.text("body"),
                    .action = given.boolean("action", false),
                    .when = *when};
}
Made make_unschedule(const Arguments& given) {
    return Unschedule{given.integer("id", 0)};
}
Made make_connections(const Arguments& given) {
    return Connections{given.integer32("after", 0), given.integer32("limit", 0)};
}

constexpr std::array<JsonMethod, 27> methods{{
    {"hello", hello_params, make_hello},
    {"resume", resume_params, make_resume},
    {"nick", nick_params, make_nick},
    {"join", join_params, make_join},
    {"leave", room_params, make_of_room<Leave>},
    {"say", say_params, make_say},
    {"msg", msg_params, make_msg},
    {"edit", edit_params, make_edit},
    {"redact", redact_params, make_redact},
    {"react", react_params, make_react},
    {"typing", typing_params, make_typing},
    {"read", read_params, make_read},
    {"who", room_params, make_of_room<Who>},
    {"rooms", {}, make_plain<Rooms>},
    {"topic", topic_params, make_topic},
    {"history", history_params, make_history},
    {"search", search_params, make_search},
    {"ping", ping_params, make_ping},
    {"notices", notices_params, make_notices},
    {"datagram", datagram_params, make_datagram},
    {"datagrams", datagrams_params, make_datagrams},
    {"schedule", schedule_params, make_schedule},
    {"schedules", {}, make_plain<Schedules>},
    {"unschedule", unschedule_params, make_unschedule},
    {"stats", {}, make_plain<Stats>},
    {"connections", connections_params, make_connections},
    {"quit", {}, make_plain<Quit>},
}};

}  // namespace

std::span<const JsonMethod> json_methods() noexcept {
    return methods;
}

std::expected<Request, RpcInvalid> decode_json_request(std::string_view method,
                                                       std::optional<JsonValue> params,
                                                       std::size_t datagram_bytes_max) {
    const JsonName wanted(method);
    const auto found = std::find_if(methods.begin(), methods.end(),
                                    [&](const JsonMethod& known) { return known.name == wanted; });
    if (found == methods.end()) {
        return std::unexpected(
            RpcInvalid{rpc_code::method_not_found, "no such method; /rpc/openrpc.json lists them"});
    }
    const auto arguments = JsonArguments::match(*found, params, datagram_bytes_max);
    if (!arguments) {
        return std::unexpected(RpcInvalid{rpc_code::invalid_params, arguments.error()});
    }
    auto request = found->make(*arguments);
    if (!request) {
        return std::unexpected(RpcInvalid{rpc_code::invalid_params, std::move(request.error())});
    }
    return std::move(*request);
}

}  // namespace chatd::wire
