// The session's inputs and wishes, and what is sent for them. What comes back is in
// client/session_answers.cpp, when lines leave in client/session_lines.cpp.

#include "chatd/client/session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "chatd/base/assert.hpp"
#include "chatd/base/prng.hpp"
#include "chatd/wire/json_rpc.hpp"
#include "chatd/wire/json_text.hpp"
#include "chatd/wire/name.hpp"
#include "chatd/wire/utf8.hpp"

namespace chatd::client {

namespace {

using wire::JsonObject;

constexpr std::string_view lobby = "lobby";

/// Texts of calls that wait for the owner to send them.
constexpr std::size_t calls_unsent_bytes_max = 1024 * 1024;

constexpr int probe_part = 4;  // of silence_max: then a request is backed by a ping

std::string hex_of(std::uint64_t value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4)
        text += digits[value >> shift & 0xf];
    return text;
}

std::string named_params(std::string_view room, Position since) {
    std::string params;
    JsonObject object(params);
    object.text("room", room);
    if (since) object.position("since", since);
    object.close();
    return params;
}

std::string nick_params(std::string_view nick) {
    std::string params;
    JsonObject object(params);
    object.text("nick", nick);
    object.close();
    return params;
}

bool is_text(std::string_view text) noexcept {
    return wire::utf8_valid(as_bytes(text)) && text.find('\0') == std::string_view::npos;
}

Outbox::Line restored(const SessionState::Line& line) {
    return {.key = line.key,
            .room = line.room,
            .body = line.body,
            .action = line.action,
            .reply_to = line.reply_to,
            .perhaps_said = line.perhaps_said,
            .seen_at = line.seen_at,
            .seen_place = 1};
}

Position last_in(const SessionState& state, std::string_view name) {
    const auto found = std::find_if(
        state.rooms.begin(), state.rooms.end(),
        [name](const SessionState::Room& room) { return wire::same_name(room.room, name); });
    return found == state.rooms.end() ? Position{} : found->last;
}

}  // namespace

Session::Session(SessionOptions options, SessionState state)
    : options_(std::move(options)),
      outbox_(options_.outbox),
      reader_(session_line_bytes_max, session_depth_max),
      token_(std::move(state.token)),
      key_prefix_(hex_of(Prng(options_.seed).next()) + '-') {
    std::vector<std::string> names = options_.rooms;
    if (names.empty()) {
        for (const SessionState::Room& room : state.rooms)
            names.push_back(room.room);
    }
    if (names.empty()) names.emplace_back(lobby);
    // Whether a line was said is seen in its room alone; of too many rooms another gives way to it.
    std::vector<std::string> searched;
    for (const SessionState::Line& line : state.unsaid) {
        const bool known = std::any_of(searched.begin(), searched.end(), [&](const auto& room) {
            return wire::same_name(room, line.room);
        });
        if (line.perhaps_said && !known && searched.size() < session_rooms_max) {
            searched.push_back(line.room);
        }
        outbox_.add(restored(line));
    }
    const std::size_t before = std::min(names.size(), session_rooms_max - searched.size());
    names.insert(names.begin() + static_cast<std::ptrdiff_t>(before), searched.begin(),
                 searched.end());
    for (const std::string& name : names)
        join(name, last_in(state, wire::bare_room(name)));
}

// -- what happens ------------------------------------------------------------------------------

void Session::connected(Time now, bool elsewhere) {
    CHATD_ASSERT(!connected_);
    elsewhere_ = elsewhere;
    now_ = last_heard_ = now;
    connected_ = true;
    stopped_ = false;
    guest_for_now_ = false;
    return_after_ = {};
    phase_ = Phase::greeting;
    greet();
}

void Session::disconnected(Time now, std::string_view reason) {
    now_ = now;
    if (!std::exchange(connected_, false)) return;
    const std::string why = broken_.empty() ? std::string(reason) : std::exchange(broken_, {});
    phase_ = Phase::offline;
    draining_ = false;
    ping_id_ = 0;
    lines_ = LineReader(session_line_bytes_max);
    unsent_.clear();
    unsent_from_ = 0;
    outbox_.connection_ended();
    end_calls(why);
    events_.emplace_back(Offline{why});
}

void Session::received(Bytes bytes, Time now) {
    now_ = now;
    if (!connected_ || !broken_.empty()) return;
    if (!bytes.empty()) last_heard_ = now;
    lines_.feed(bytes, [this](std::string_view line) {
        if (broken_.empty() && !line.empty()) take_line(line);
    });
    fill();
}

void Session::tick(Time now) {
    now_ = now;
    if (!connected_ || stopped_ || !broken_.empty()) return;
    const Time silent_since = std::max(last_heard_, last_asked_);
    if (phase_ == Phase::greeting) {
        if (now >= silent_since + options_.silence_max) {
            break_off("The server did not greet in time; is that a chatd port?");
        }
        return;
    }
    if (ping_id_ != 0) {
        if (now >= std::max(pinged_at_, last_heard_) + options_.silence_max) {
            break_off("The server is silent.");
            return;
        }
    } else if (now >= next_ping()) {
        ping();
    }
    fill();
}

// -- what to do --------------------------------------------------------------------------------

Bytes Session::to_send() const noexcept {
    if (!broken_.empty()) return {};
    return as_bytes(unsent_).subspan(unsent_from_);
}

void Session::sent(std::size_t count, Time now) {
    CHATD_ASSERT(count <= unsent_.size() - unsent_from_);
    now_ = now;
    if (count > 0) last_heard_ = now;  // what is taken is progress too
    unsent_from_ += count;
    if (unsent_from_ == unsent_.size()) {
        unsent_.clear();
        unsent_from_ = 0;
    }
    fill();
}

Time Session::deadline() const noexcept {
    if (!connected_ || stopped_ || !broken_.empty()) return time_never;
    if (phase_ == Phase::greeting) return std::max(last_heard_, last_asked_) + options_.silence_max;
    Time due =
        ping_id_ != 0 ? std::max(pinged_at_, last_heard_) + options_.silence_max : next_ping();
    const Outbox::Line* next = next_line();
    if (next != nullptr && must_wait(*next)) {
        const bool patient = next->not_before > now_;
        due = std::min(due, patient ? next->not_before : search_end());
    }
    return due;
}

std::optional<Event> Session::next_event() {
    if (events_.empty()) return std::nullopt;
    std::optional<Event> event(std::move(events_.front()));
    events_.pop_front();
    return event;
}

// -- wishes ------------------------------------------------------------------------------------

std::expected<std::string, std::string> Session::say(std::string_view room, std::string_view body,
                                                     const SayOptions& options) {
    if (wire::bare_room(room).empty()) return std::unexpected("A line needs a room to be said in.");
    if (const auto refusal = outbox_.refusal(body.size()); !refusal.empty()) {
        return std::unexpected(std::string(refusal));
    }
    if (!is_text(room) || !is_text(body)) {
        return std::unexpected("That is no text: it has to be UTF-8 without NUL bytes.");
    }
    std::string key = key_prefix_ + std::to_string(++keys_made_);
    outbox_.add({.key = key,
                 .room = std::string(wire::bare_room(room)),
                 .body = std::string(body),
                 .action = options.action,
                 .reply_to = options.reply_to});
    fill();
    return key;
}

std::uint64_t Session::call(std::string_view method, std::string_view params_json, CallKind kind) {
    const auto refuse = [&](std::string_view code, std::string_view text) {
        const std::uint64_t id = ++last_id_;
        events_.emplace_back(
            Answer{.id = id,
                   .method = std::string(method),
                   .error = CallError{.code = std::string(code), .text = std::string(text)}});
        return id;
    };
    if (kind == CallKind::now && !online()) {
        return refuse("OFFLINE", "There is no connection to the server now.");
    }
    if (calls_.size() >= session_calls_max ||
        unsent_.size() - unsent_from_ > calls_unsent_bytes_max) {
        return refuse("TOO_FAST", "Too many calls are unanswered; wait for some of them.");
    }
    if (params_json.size() > session_params_bytes_max || !is_text(method) ||
        !is_text(params_json) || params_json.find('\n') != std::string_view::npos) {
        return refuse("BAD_CALL", "The parameters have to be one line of JSON, at most 60 KiB.");
    }
    return ask({.kind = kind, .method = std::string(method), .params = std::string(params_json)});
}

void Session::join(std::string_view written, Position since) {
    const std::string_view name = wire::bare_room(written);
    Room* room = find_room(name);
    if (room == nullptr) {
        if (name.empty() || !is_text(name) || rooms_.size() >= session_rooms_max) {
            const bool full = rooms_.size() >= session_rooms_max;
            events_.emplace_back(
                RoomRefused{.room = std::string(name),
                            .code = full ? "TOO_MANY_ROOMS" : "BAD_ROOM",
                            .text = full ? "One can be in 64 rooms at most; leave one first."
                                         : "That is no name of a room."});
            return;
        }
        room = &rooms_.emplace_back(Room{.name = std::string(name)});
        room->last = since;
    }
    if (!online()) return;
    ask_to_join(*room);
}

void Session::leave(std::string_view written) {
    const std::string name(wire::bare_room(written));
    std::erase_if(rooms_, [&](const Room& room) { return wire::same_name(room.name, name); });
    if (!online()) {
        events_.emplace_back(Exited{name});
        return;
    }
    ask_to_leave(name, Purpose::leave);
}

void Session::set_nick(std::string_view nick) {
    options_.nick = nick;
    guest_for_now_ = false;
    if (online()) {
        ask_for_nick();
    } else if (std::exchange(stopped_, false) && phase_ == Phase::greeting) {
        step_ == Step::name ? greet_with_nick() : greet();
    }
}

std::vector<SessionState::Room> Session::rooms() const {
    std::vector<SessionState::Room> rooms;
    rooms.reserve(rooms_.size());
    for (const Room& room : rooms_)
        rooms.push_back({room.name, room.since()});
    return rooms;
}

SessionState Session::state() const {
    SessionState state{
        .token = worthy_token(), .nick = nick_.empty() ? options_.nick : nick_, .rooms = rooms()};
    for (const Outbox::Line& line : outbox_.lines()) {
        state.unsaid.push_back({.key = line.key,
                                .room = line.room,
                                .body = line.body,
                                .action = line.action,
                                .reply_to = line.reply_to,
                                .perhaps_said = line.perhaps_said,
                                .seen_at = line.seen_place == place_ ? line.seen_at : Position{}});
    }
    return state;
}

// -- what is sent ------------------------------------------------------------------------------

// Whoever has the token of a session is that person, and an answer can get lost: so somebody new
// takes a nick only under a token that is known, or the nick would be nobody's for a day. It is
// hello without rooms, then nick, then resume with the rooms, on one connection.
void Session::greet() {
    const bool wants_name = !options_.nick.empty() && !guest_for_now_;
    const bool unnamed = wants_name && (token_.empty() || fresh_);
    step_ = unnamed ? Step::identify : Step::enter;
    resuming_ = !token_.empty();
    greet_with_rooms(!unnamed);
}

void Session::greet_with_rooms(bool all) {
    std::string params;
    JsonObject object(params);
    if (!token_.empty()) object.text("token", token_);
    object.name("rooms");
    asked_.clear();
    if (all) {
        for (Room& room : rooms_) {
            asked_.push_back(room.name);
            room.asked = true;
        }
        wire::append_json_array(params, rooms_, [&](const Room& room) {
            params += named_params(room.name, room.since());
        });
        object.boolean("notices", options_.notices);
    } else {
        params += "[]";
    }
    object.close();
    ask_in_greeting(token_.empty() ? "hello" : "resume", params);
}

void Session::greet_with_nick() {
    step_ = Step::name;
    nameless_ = false;
    ask_in_greeting("nick", nick_params(options_.nick));
}

void Session::enter_rooms() {
    step_ = Step::enter;
    resuming_ = true;
    greet_with_rooms(true);
}

void Session::ask_in_greeting(std::string_view method, std::string_view params_json) {
    greeting_id_ = ++last_id_;
    write(method, params_json, greeting_id_);
}

void Session::write(std::string_view method, std::string_view params_json, std::uint64_t id) {
    unsent_.erase(0, std::exchange(unsent_from_, 0));
    wire::append_call(unsent_, id, method, params_json);
    unsent_ += '\n';
    last_asked_ = now_;
}

std::uint64_t Session::ask(Call&& call) {
    const std::uint64_t id = ++last_id_;
    if (call.method == "nick") call.subject = nick_;
    Call& kept = calls_.emplace(id, std::move(call)).first->second;
    if (online()) ask_now(id, kept);
    return id;
}

void Session::ask_now(std::uint64_t id, Call& call) {
    call.on_the_way = true;
    write(call.method, call.params, id);
    if (call.kind == CallKind::now) call.params.clear();
}

void Session::ask_for_nick() {
    (void)ask({.purpose = Purpose::nick, .method = "nick", .params = nick_params(options_.nick)});
}

void Session::ask_to_join(const Room& room) {
    (void)ask({.purpose = Purpose::join,
               .method = "join",
               .params = named_params(room.name, room.since()),
               .subject = room.name});
}

void Session::ask_to_leave(std::string_view room, Purpose purpose) {
    (void)ask({.purpose = purpose,
               .method = "leave",
               .params = named_params(room, {}),
               .subject = std::string(room)});
}

// Rooms that were left and joined while the greeting was on its way.
void Session::follow_wishes() {
    for (const std::string& left : std::exchange(asked_, {}))
        ask_to_leave(left, Purpose::tidy);
    for (const Room& room : rooms_) {
        if (!room.asked) ask_to_join(room);
    }
}

void Session::ping() {
    ping_id_ = ++last_id_;
    pinged_at_ = now_;
    write("ping", {}, ping_id_);
}

bool Session::awaits_answer() const noexcept {
    return outbox_.on_their_way() > 0 ||
           std::any_of(calls_.begin(), calls_.end(),
                       [](const auto& entry) { return entry.second.on_the_way; });
}

// When to ping next, while none is out.
Time Session::next_ping() const noexcept {
    const Time regular = pinged_at_ + options_.ping_interval;
    if (!awaits_answer()) return regular;
    const Time silent_since = std::max(last_heard_, last_asked_);
    return std::min(regular, silent_since + options_.silence_max / probe_part);
}

Session::Room* Session::find_room(std::string_view name) noexcept {
    const auto found = std::find_if(rooms_.begin(), rooms_.end(), [name](const Room& room) {
        return wire::same_name(room.name, name);
    });
    return found == rooms_.end() ? nullptr : &*found;
}

const Session::Room* Session::find_room(std::string_view name) const noexcept {
    return const_cast<Session*>(this)->find_room(name);
}

}  // namespace chatd::client
