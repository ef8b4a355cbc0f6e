// What the server says to a session: its greeting, answers, and what happens in the rooms.

#include <algorithm>
#include <charconv>
#include <utility>

#include "chatd/client/session.hpp"
#include "chatd/client/text_event.hpp"
#include "chatd/wire/json_rpc.hpp"
#include "chatd/wire/name.hpp"
#include "chatd/wire/notification.hpp"
#include "client/event_of.hpp"

namespace chatd::client {

namespace {

using wire::EventKind;
using wire::JsonKind;
using wire::JsonName;
using wire::JsonValue;
using wire::KeptEvent;

constexpr std::uint64_t wait_ms_max = 300'000;  // capped before nanoseconds overflow
constexpr Duration patience_default = std::chrono::seconds{1};  // when no time was named
Duration wait_of(std::uint64_t ms) noexcept {
    return std::chrono::milliseconds{std::min(ms, wait_ms_max)};
}

std::string_view code_of_specification(int rpc_code) noexcept {
    switch (rpc_code) {
        case wire::rpc_code::method_not_found:
            return "METHOD_NOT_FOUND";
        case wire::rpc_code::invalid_params:
            return "INVALID_PARAMS";
        default:
            return "RPC_ERROR";
    }
}

CallError error_of(const JsonValue& written) {
    CallError error;
    if (const auto code = written.find("code")) {
        const std::string_view digits = code->written();
        std::from_chars(digits.data(), digits.data() + digits.size(), error.rpc_code);
    }
    error.text = written.text_of("message");
    if (const auto data = written.find("data")) {
        error.code = data->text_of("code");
        error.detail = data->text_of("detail");
        error.retry = data->truth_of("retry");
        error.retry_after_ms = data->integer_of("retry_after_ms");
    }
    if (error.code.empty()) error.code = code_of_specification(error.rpc_code);
    if (!error.detail.empty()) error.text += " (" + error.detail + ')';
    return error;
}

RoomStanding standing_of(const JsonValue& written) {
    RoomStanding standing{.room = written.text_of("room"),
                          .at = wire::read_position(written).value_or(Position{}),
                          .others = written.integer_of("others"),
                          .topic = written.text_of("topic")};
    if (const auto recovered = written.find("recovered")) standing.recovered = recovered->truth();
    if (const auto missing = written.find("missing")) {
        const auto end_of = [&](const JsonName& name) {
            const auto member = missing->find(name);
            return member ? wire::read_position(*member).value_or(Position{}) : Position{};
        };
        standing.missing_from = end_of("from");
        standing.missing_to = end_of("to");
    }
    return standing;
}

bool names_room(std::string_view code) noexcept {
    return code == "BAD_ROOM" || code == "ROOM_LOOKS_ALIKE" || code == "TOO_MANY_ROOMS";
}

}  // namespace

// -- lines -------------------------------------------------------------------------------------

void Session::take_line(std::string_view line) {
    const auto value = reader_.read(as_bytes(line));
    if (!value || !value->is(JsonKind::object)) {
        // The one line of text that a JSON client may get: there is no place for it.
        const TextEvent said = parse_text_event(line);
        if (said.code == "BUSY") return break_off(std::string(said.body));
        return break_off("What came is not JSON-RPC; is that a chatd port?");
    }
    if (const auto method = value->find("method")) {
        const auto params = value->find("params");
        if (!params) return;
        auto told = wire::read_notification(method->text(), *params);
        if (!told) return;
        return std::visit([this](auto notification) { take(std::move(notification)); },
                          std::move(*told));
    }
    const auto id = value->find("id");
    if (const auto number = id ? id->integer() : std::nullopt) return take_answer(*number, *value);
    if (const auto error = value->find("error")) {
        break_off("The server could not read a request: " + error_of(*error).text);
    }
}

void Session::take_answer(std::uint64_t id, const JsonValue& object) {
    if (phase_ == Phase::greeting) {
        if (id == greeting_id_) take_greeting(object);
        return;
    }
    if (id == ping_id_) {
        rtt_ = now_ - pinged_at_;
        ping_id_ = 0;
        return;
    }
    if (Outbox::Line* line = outbox_.find_request(id)) return line_answered(*line, object);
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    const Call call = std::move(found->second);
    calls_.erase(found);
    call_answered(id, call, object);
}

// -- the greeting ------------------------------------------------------------------------------

void Session::take_greeting(const JsonValue& object) {
    if (stopped_) return;
    if (const auto result = object.find("result")) {
        switch (step_) {
            case Step::identify:
                return identified(*result);
            case Step::name:
                return enter_rooms();
            case Step::enter:
                return greeted(*result);
        }
    }
    if (const auto error = object.find("error")) return greeting_refused(error_of(*error));
}

void Session::identified(const JsonValue& result) {
    token_ = result.text_of("token");
    if (!result.truth_of("resumed")) identity_ = ++identities_;
    fresh_ = true;
    greet_with_nick();
}

void Session::greeted(const JsonValue& result) {
    const bool resumed = result.truth_of("resumed");
    if (!resumed) identity_ = ++identities_;
    Online online{.nick = result.text_of("nick"),
                  .token = result.text_of("token"),
                  .resumed = resumed && !std::exchange(fresh_, false)};
    if (const auto standings = result.find("rooms")) {
        online.rooms = entered_by_greeting(*standings);
    }
    token_ = online.token;
    nick_ = online.nick;
    phase_ = Phase::online;
    greeted_at_ = now_;
    events_.emplace_back(online);
    settle_seen_lines(online.rooms);
    for (auto& [id, call] : calls_)
        ask_now(id, call);
    follow_wishes();
    ping();
    if (options_.datagrams_hz > 0) {
        (void)ask({.purpose = Purpose::datagrams,
                   .method = "datagrams",
                   .params = "{\"hz\":" + std::to_string(options_.datagrams_hz) + '}'});
    }
    if (!options_.nick.empty() && options_.nick != nick_ && !guest_for_now_) ask_for_nick();
}

// Rooms come in the order in which the greeting named them; those left since stay in asked_.
std::vector<RoomStanding> Session::entered_by_greeting(const JsonValue& standings) {
    std::vector<RoomStanding> all;
    all.reserve(asked_.size());
    std::vector<std::string> left;
    auto name = asked_.begin();
    for (const JsonValue standing : standings) {
        if (name == asked_.end()) break;
        const Room* const room = find_room(*name);
        if (room != nullptr && room->asked) {
            all.push_back(entered(standing, *name));
        } else {
            left.push_back(*name);
        }
        ++name;
    }
    asked_ = std::move(left);
    return all;
}

void Session::greeting_refused(const CallError& error) {
    if (resuming_ && error.code == "BAD_TOKEN") {
        token_.clear();
        fresh_ = false;
        if (elsewhere_) {
            place_ = ++places_;
            forget_positions();
        }
        return greet();
    }
    if (names_room(error.code) && drop_refused_room(error)) {
        return rooms_.empty() ? deny(error) : greet();
    }
    if (error.retry || error.code == "TOO_FAST") return break_off(error.text);
    nameless_ = nameless_ || step_ == Step::name;
    if (error.code == "NICK_IN_USE" && !nick_.empty() && !guest_for_now_) {
        // It was ours before the server forgot us; better under another name than not at all.
        guest_for_now_ = true;
        events_.emplace_back(Notice{error.code, error.text});
        return enter_rooms();
    }
    deny(error);
}

// The detail of such a refusal is the room as it was asked for.
bool Session::drop_refused_room(const CallError& error) {
    const auto refused = std::find_if(rooms_.begin(), rooms_.end(),
                                      [&](const Room& room) { return room.name == error.detail; });
    if (refused == rooms_.end()) return false;
    events_.emplace_back(RoomRefused{refused->name, error.code, error.text});
    rooms_.erase(refused);
    return true;
}

void Session::forget_positions() noexcept {
    for (Room& room : rooms_) {
        room.elsewhere = room.elsewhere || room.last.seq > 0;
        room.last = room.goes_on = {};
    }
}

Session::Identity Session::identity() const {
    return {.token = worthy_token(), .number = identity_, .place = place_, .rooms = rooms()};
}

// Who was refused a nick is nobody that one would want to be again. Who has asked for one may have
// got it, though the answer is lost.
std::string Session::worthy_token() const {
    return fresh_ && nameless_ ? std::string() : token_;
}

void Session::become(const Identity& identity) {
    token_ = identity.token;
    fresh_ = false;
    identity_ = identity.number != 0 ? identity.number : ++identities_;
    place_ = identity.place != 0 ? identity.place : ++places_;
    forget_positions();
    for (const SessionState::Room& known : identity.rooms) {
        Room* const room = find_room(known.room);
        if (room == nullptr) continue;
        room->last = known.last;
        room->elsewhere = room->elsewhere && !known.last;
    }
}

void Session::deny(const CallError& error) {
    stopped_ = true;
    events_.emplace_back(Denied{error.code, error.text});
}

void Session::break_off(std::string reason) {
    broken_ = std::move(reason);
}

// How one stands in a room just entered, which has the name its maker gave it.
RoomStanding Session::entered(const JsonValue& written, std::string_view asked_as) {
    RoomStanding standing = standing_of(written);
    Room* room = find_room(standing.room);
    if (room == nullptr) room = find_room(asked_as);
    if (room == nullptr) {
        if (rooms_.size() >= session_rooms_max) return standing;
        room = &rooms_.emplace_back();
    }
    room->name = standing.room;
    room->target = standing.at;
    room->goes_on = {};
    if (std::exchange(room->elsewhere, false)) {
        // It was entered as if for the first time; to its owner it is not.
        room->last = standing.at;
        standing.recovered = false;
        if (standing.at.seq > 0) {
            standing.missing_from = {standing.at.epoch, 1};
            standing.missing_to = standing.at;
        }
    }
    // What would tell whether a line was said is gone, or never was here: there is nothing to wait
    // for. And what is said from now on must not be lost to the next cut, though nothing comes now.
    const bool unknown =
        standing.position_unknown() ||
        (standing.recovered == false && room->last.seq > 0 && !standing.missing_to);
    if (unknown) room->goes_on = standing.at;
    if (unknown || (standing.missing_to && standing.missing_to >= standing.at)) room->target = {};
    if (!standing.recovered) room->last = std::max(room->last, standing.at);
    // A position that the room has not reached, and never had: from now on, then.
    if (standing.recovered == false && standing.at < room->last) {
        room->last = standing.at;
    }
    return standing;
}

// -- lines and calls ---------------------------------------------------------------------------

void Session::line_answered(Outbox::Line& line, const JsonValue& object) {
    if (const auto result = object.find("result")) {
        const Outbox::Line said = outbox_.remove(line);
        events_.emplace_back(Said{.key = said.key,
                                  .room = result->text_of("room"),
                                  .at = wire::read_position(*result).value_or(Position{}),
                                  .repeated = result->truth_of("repeated")});
        return;
    }
    const auto written = object.find("error");
    const CallError error = written ? error_of(*written) : CallError{};
    if (error.retry) {
        outbox_.came_back(line);
        line.not_before =
            now_ + (error.retry_after_ms > 0 ? wait_of(error.retry_after_ms) : patience_default);
        return;
    }
    Outbox::Line refused = outbox_.remove(line);
    events_.emplace_back(Refused{.key = std::move(refused.key),
                                 .room = std::move(refused.room),
                                 .body = std::move(refused.body),
                                 .code = error.code,
                                 .text = error.text});
}

void Session::call_answered(std::uint64_t id, const Call& call, const JsonValue& object) {
    const auto result = object.find("result");
    const auto written = object.find("error");
    std::optional<CallError> error;
    if (!result) error = written ? error_of(*written) : CallError{.code = "RPC_ERROR"};
    if (call.purpose == Purpose::user) {
        events_.emplace_back(Answer{.id = id,
                                    .method = call.method,
                                    .result = result ? std::string(result->written()) : "",
                                    .error = error});
    }
    if (result) {
        remember(call, *result);
    } else {
        call_failed(call, *error);
    }
}

// What later connections have to ask for as well.
void Session::remember(const Call& call, const JsonValue& result) {
    if (call.purpose == Purpose::tidy) return;
    if (call.method == "join") {
        events_.emplace_back(Entered{entered(result, call.subject)});
    } else if (call.method == "leave") {
        std::string room = result.text_of("room");
        std::erase_if(rooms_, [&](const Room& known) { return wire::same_name(known.name, room); });
        events_.emplace_back(Exited{std::move(room)});
    } else if (call.method == "nick") {
        options_.nick = nick_ = result.text_of("nick");
        events_.emplace_back(Renamed{.from = call.subject, .nick = nick_, .own = true});
    } else if (call.method == "notices") {
        options_.notices = result.truth_of("on");
    } else if (call.method == "datagrams") {
        options_.datagrams_hz = static_cast<std::uint32_t>(result.integer_of("hz"));
    }
}

void Session::call_failed(const Call& call, const CallError& error) {
    switch (call.purpose) {
        case Purpose::join:
            std::erase_if(
                rooms_, [&](const Room& room) { return wire::same_name(room.name, call.subject); });
            events_.emplace_back(RoomRefused{call.subject, error.code, error.text});
            return;
        case Purpose::leave:
            events_.emplace_back(Exited{call.subject});
            return;
        case Purpose::nick:
            options_.nick = nick_;
            events_.emplace_back(Notice{error.code, error.text});
            return;
        case Purpose::datagrams:
            events_.emplace_back(Notice{error.code, error.text});
            return;
        case Purpose::user:
        case Purpose::tidy:
        case Purpose::ping:
            return;
    }
}

// The connection ended before these were answered.
void Session::end_calls(std::string_view reason) {
    for (auto entry = calls_.begin(); entry != calls_.end();) {
        auto& [id, call] = *entry;
        call.on_the_way = false;
        if (call.purpose == Purpose::user && call.kind == CallKind::kept) {
            ++entry;
            continue;
        }
        if (call.purpose == Purpose::leave) events_.emplace_back(Exited{call.subject});
        if (call.purpose == Purpose::user) {
            events_.emplace_back(Answer{
                .id = id,
                .method = call.method,
                .error = CallError{
                    .code = "OFFLINE",
                    .text = "The connection ended before the answer: " + std::string(reason)}});
        }
        entry = calls_.erase(entry);
    }
}

// -- what happens in the rooms -----------------------------------------------------------------

template <class Told>
void Session::take(Told&& told) {
    using Kind = std::remove_cvref_t<Told>;
    if constexpr (std::is_same_v<Kind, KeptEvent>) {
        happened(std::forward<Told>(told));
    } else if constexpr (std::is_same_v<Kind, Gap>) {
        if (is_new(told.room, {told.epoch, told.to})) {
            events_.emplace_back(std::forward<Told>(told));
        }
    } else {
        if constexpr (std::is_same_v<Kind, Draining>) {
            draining_ = true;
            return_after_ = wait_of(told.reconnect_after_ms);
        }
        events_.emplace_back(std::forward<Told>(told));
    }
}

// Moves the room's position there; false if that was passed before.
bool Session::is_new(std::string_view name, Position at) noexcept {
    Room* room = find_room(name);
    if (room == nullptr) return true;
    if (at <= room->last) return false;
    room->last = at;
    last_told_ = now_;
    room->goes_on = {};
    return true;
}

void Session::happened(KeptEvent&& event) {
    const bool numbered = wire::is_numbered(event.kind);
    if (numbered && !is_new(event.room, event.at)) return;
    const bool said = wire::is_said(event.kind);
    if (said) own_line_seen(event);
    if (said && repetitions_.repeats(event)) return;
    const bool own = event.from == nick_ || (said && event.key.starts_with(key_prefix_));
    if (event.kind == EventKind::renamed && own) {
        nick_ = event.body;
        if (!options_.nick.empty()) options_.nick = nick_;
    }
    events_.push_back(event_of(std::move(event), own));
}

}  // namespace chatd::client
