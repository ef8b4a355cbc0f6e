#include "simulation/model.hpp"

#include <algorithm>
#include <utility>

#include "chatd/base/assert.hpp"
#include "chatd/wire/text_request.hpp"

namespace chatd::simulation {

namespace {

Reply plain(std::string begins) {
    return {.begins = std::move(begins)};
}

std::string marked(std::string_view room) {
    return "#" + std::string(room);
}

// "<ana> hi" in the lobby, "#dev <ana> hi" elsewhere; "* ana waves" for an action.
std::string shown_line(std::size_t room, std::string_view nick, bool action,
                       std::string_view text) {
    std::string line = room == lobby ? "" : marked(room_names[room]) + " ";
    line += action ? "* " : "<";
    line += nick;
    line += action ? " " : "> ";
    line += text;
    return line;
}

}  // namespace

Moment Model::now() const noexcept {
    Moment moment;
    for (std::size_t room = 0; room < room_count_max; ++room) {
        moment.said[room] = rooms_[room].said.size();
        moment.told[room] = rooms_[room].told.size();
    }
    return moment;
}

std::size_t Model::room_index(std::string_view name) {
    const auto found = std::find(room_names.begin(), room_names.end(), name);
    CHATD_ASSERT(found != room_names.end());
    return static_cast<std::size_t>(found - room_names.begin());
}

void Model::enter(Person& person) {
    people_.emplace(person.number, &person);
}

void Model::join(Person& person, std::size_t room) {
    CHATD_ASSERT(!person.member[room]);
    RoomHistory& history = rooms_[room];
    // A room that was empty may have been forgotten, and its numbers begin again.
    if (history.member_count == 0 && room != lobby) history.bases.insert(history.said.size());
    ++history.member_count;
    person.member[room] = true;
    if (!person.nick.empty()) {
        tell(person, room, "-- " + person.nick + " joined " + marked(room_names[room]));
    }
}

void Model::leave(Person& person, std::size_t room) {
    CHATD_ASSERT(person.member[room]);
    if (!person.nick.empty()) {
        tell(person, room, "-- " + person.nick + " left " + marked(room_names[room]));
    }
    --rooms_[room].member_count;
    person.member[room] = false;
    if (person.current == room) person.current = no_room;
}

void Model::leave_all(Person& person) {
    for (std::size_t room = 0; room < room_count_max; ++room) {
        if (person.member[room]) leave(person, room);
    }
    person.gone = true;
}

void Model::release_nick(Person& person) {
    if (person.released) return;
    person.released = true;
    if (!person.nick.empty()) nicks_.erase(person.nick);
    people_.erase(person.number);
}

void Model::tell(Person& person, std::size_t room, std::string line) {
    RoomHistory& history = rooms_[room];
    history.told.push_back(
        {.author = person.number, .after = history.said.size(), .line = std::move(line)});
}

void Model::name(Person& person, std::string nick) {
    person.nick = std::move(nick);
    nicks_.emplace(person.nick, &person);
    for (std::size_t room = 0; room < room_count_max; ++room) {
        if (person.member[room]) {
            tell(person, room, "-- " + person.nick + " joined " + marked(room_names[room]));
        }
    }
}

// The first line that can be carried out gives a name: the one it asks for, or a guest's.
void Model::name_first(Person& person, const Request& request) {
    if (request.kind == RequestKind::nick) {
        if (!nicks_.contains(request.argument)) name(person, request.argument);
    } else {
        name(person, "guest-" + std::to_string(++guests_));
    }
}

void Model::take_nick(Person& person, const Request& request) {
    const std::string& wanted = request.argument;
    if (person.nick.empty()) name_first(person, request);
    if (person.nick == wanted) return person.replies.push_back(plain("NOTE NICK OK " + wanted));
    if (nicks_.contains(wanted)) return person.replies.push_back(plain("FAIL NICK NICK_IN_USE"));
    nicks_.erase(person.nick);
    const std::string previous = std::exchange(person.nick, wanted);
    nicks_.emplace(wanted, &person);
    for (std::size_t room = 0; room < room_count_max; ++room) {
        if (!person.member[room]) continue;
        tell(person, room,
             "-- " + previous + " is now " + wanted + " in " + marked(room_names[room]));
    }
    person.replies.push_back(plain("NOTE NICK OK " + wanted));
}

void Model::take_join(Person& person, const Request& request) {
    const std::size_t room = room_index(request.argument);
    const bool fresh = !person.member[room];
    Reply reply{.kind = ReplyKind::joined,
                .begins = request.kind == RequestKind::upgrade
                              ? "HTTP/1.1 101"
                              : "NOTE JOIN OK " + marked(request.argument),
                .room = room,
                .fresh = fresh};
    if (fresh) join(person, room);
    reply.until = now();
    reply.from = request.since.value_or(reply.until);
    person.current = room;
    person.replies.push_back(std::move(reply));
}

void Model::take_leave(Person& person, const Request& request) {
    std::size_t room = person.current;
    if (!request.argument.empty()) {
        room = room_index(request.argument);
        if (!person.member[room]) {
            return person.replies.push_back(plain("FAIL LEAVE NOT_IN_ROOM"));
        }
    }
    if (room == no_room) return person.replies.push_back(plain("FAIL LEAVE NO_ROOM"));
    leave(person, room);
    // The lobby is the next, or else the first by name, in which order they stand.
    if (person.current == no_room) {
        const auto found = std::find(person.member.begin(), person.member.end(), true);
        if (found != person.member.end()) {
            person.current = static_cast<std::size_t>(found - person.member.begin());
        }
    }
    person.replies.push_back({.kind = ReplyKind::left,
                              .begins = "NOTE LEAVE OK " + marked(room_names[room]),
                              .room = room});
}

// A private message may arrive before its sender's requests are known to be carried out, so it is
// noted when it may be.
void Model::register_message(Person& person, Request& request) {
    if (request.message != UINT32_MAX) return;
    request.message = static_cast<std::uint32_t>(messages_.size());
    PrivateMessage message;
    message.sender = person.number;
    for (const std::string& text : request.shown)
        message.lines.push_back("@" + person.nick + " " + text);
    const auto holder = nicks_.find(request.argument);
    if (holder != nicks_.end()) {
        message.target = holder->second->number;
        holder->second->messages.push_back(request.message);
    }
    messages_.push_back(std::move(message));
}

void Model::take_msg(Person& person, Request& request) {
    register_message(person, request);
    Reply reply{.kind = ReplyKind::sent, .begins = "MSG", .message = request.message};
    const std::uint32_t target = messages_[request.message].target;
    if (target == UINT32_MAX) {
        if (!fuzzy_) reply = plain("FAIL MSG NO_SUCH_NICK");
    } else if (!fuzzy_ && people_.contains(target) && people_.at(target)->gone) {
        messages_[request.message].state = PrivateMessage::State::refused;
        reply = plain("FAIL MSG RECIPIENT_FULL");
    }
    person.replies.push_back(std::move(reply));
}

void Model::say(Person& person, const Request& request) {
    if (person.current == no_room) {
        const bool action = request.kind == RequestKind::action;
        return person.replies.push_back(plain(action ? "FAIL ME NO_ROOM" : "FAIL * NO_ROOM"));
    }
    Said said{.author = person.number, .lines = {}};
    for (const std::string& text : request.shown) {
        said.lines.push_back(
            shown_line(person.current, person.nick, request.kind == RequestKind::action, text));
    }
    rooms_[person.current].said.push_back(std::move(said));
    ++published_;
}

std::int64_t Model::people_in(std::size_t room) const {
    return std::count_if(people_.begin(), people_.end(), [&](const auto& entry) {
        return entry.second->member[room] && !entry.second->nick.empty();
    });
}

void Model::take(Person& person) {
    Request request = std::move(person.requests.front());
    person.requests.pop_front();
    const auto list = [&](std::string_view command, std::int64_t lines) {
        const std::int64_t known = fuzzy_ && command != "HELP" ? -1 : lines;
        person.replies.push_back({.kind = ReplyKind::list,
                                  .begins = "NOTE " + std::string(command) + " END",
                                  .list_lines = known});
    };
    const bool names = request.kind != RequestKind::refused && request.kind != RequestKind::nick &&
                       request.kind != RequestKind::websocket_close;
    if (names && person.nick.empty()) name_first(person, request);
    switch (request.kind) {
        case RequestKind::say:
        case RequestKind::action:
            return say(person, request);
        case RequestKind::nick:
            return take_nick(person, request);
        case RequestKind::join:
            return take_join(person, request);
        case RequestKind::leave:
            return take_leave(person, request);
        case RequestKind::msg:
            return take_msg(person, request);
        case RequestKind::who:
            if (person.current == no_room) {
                return person.replies.push_back(plain("FAIL WHO NO_ROOM"));
            }
            return list("WHO", people_in(person.current));
        case RequestKind::rooms: {
            std::int64_t count = 1;
            for (std::size_t room = 1; room < room_count_max; ++room)
                count += people_in(room) > 0 ? 1 : 0;
            return list("ROOMS", count);
        }
        case RequestKind::help:
            return list("HELP", static_cast<std::int64_t>(wire::help_lines().size()));
        case RequestKind::ping:
            return person.replies.push_back(plain("NOTE PING PONG :" + request.argument));
        case RequestKind::notices:
            return person.replies.push_back({.kind = ReplyKind::notices,
                                             .begins = "NOTE NOTICES OK " + request.argument,
                                             .on = request.argument == "on"});
        case RequestKind::refused:
            return person.replies.push_back(plain(request.argument));
        case RequestKind::hex:
            if (person.member[lobby]) return posted_.push_back(request.argument);
            return person.replies.push_back(plain("FAIL HEX NOT_IN_ROOM"));
        case RequestKind::dgram:
            if (!person.member[lobby] && request.argument != "off") {
                return person.replies.push_back(plain("FAIL DGRAM NOT_IN_ROOM"));
            }
            return person.replies.push_back(plain("NOTE DGRAM OK " + request.argument));
        case RequestKind::quit:
            person.replies.push_back(plain("NOTE QUIT OK"));
            [[fallthrough]];
        case RequestKind::websocket_close:
            person.input_over = true;
            person.requests.clear();
            return leave_all(person);
        case RequestKind::upgrade:
            return take_join(person, request);
    }
}

void Model::note_pending(Person& person, std::size_t bytes) {
    for (Request& request : person.requests) {
        if (request.ready_at > bytes) return;
        if (request.since) continue;
        request.since = now();
        if (request.kind == RequestKind::msg) register_message(person, request);
    }
}

std::optional<std::string> Model::some_nick(std::uint64_t draw) const {
    if (nicks_.empty()) return std::nullopt;
    auto chosen = nicks_.begin();
    std::advance(chosen, draw % nicks_.size());
    return chosen->first;
}

std::uint64_t Model::next_for(std::size_t room, std::uint64_t index, std::uint32_t reader) const {
    const std::vector<Said>& said = rooms_[room].said;
    while (index < said.size() && said[index].author == reader)
        ++index;
    return index;
}

}  // namespace chatd::simulation
