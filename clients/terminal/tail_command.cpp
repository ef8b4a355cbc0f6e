// `chatcli tail`: what a room said since a position, each message once, across cuts.
//
// Whatever is asked for becomes a position, and the session does the rest: of the newest ten, or of
// everything, a page of history tells where it begins; then the room is entered anew from there.

#include <algorithm>
#include <map>

#include "chatd/client/text_event.hpp"
#include "chatd/wire/form.hpp"
#include "chatd/wire/json_reader.hpp"
#include "chatd/wire/json_text.hpp"
#include "chatd/wire/name.hpp"
#include "chatd/wire/notification.hpp"
#include "commands.hpp"
#include "errand.hpp"
#include "event_lines.hpp"
#include "output.hpp"
#include "paint.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

client::SessionState known_position(const TailOptions& options) {
    client::SessionState state;
    if (options.since) state.rooms.push_back({options.rooms.front(), *options.since});
    return state;
}

class Tail {
public:
    explicit Tail(const TailOptions& options)
        : options_(options), errand_(options.errand, options.rooms, known_position(options)) {
        errand_.on_event = [this](client::Event& event) { take(event); };
    }

    int run() { return errand_.run(); }

private:
    enum class Stage : std::uint8_t {
        looking,   ///< for where to begin
        leaving,   ///< to enter it anew from there
        entering,  ///< and everything comes
        reading,
        done,  ///< all that was there when it was entered has come
    };
    struct Room {
        std::string name;
        Stage stage = Stage::looking;
        bool heard = false;  ///< something was said while it looked for where to begin
        Position stood{};    ///< where the room stood when that began
        Position since{};    ///< where to begin
        Position end{};      ///< where the room stood when it was entered
        Position last{};     ///< of what was printed
    };

    void take(client::Event& event) {
        if (const auto* online = std::get_if<client::Online>(&event)) {
            entered_first(*online);
        } else if (const auto* answer = std::get_if<client::Answer>(&event)) {
            history_came(*answer);
        } else if (const auto* exited = std::get_if<client::Exited>(&event)) {
            if (Room* room = find(exited->room)) enter_anew(*room);
        } else if (const auto* entered = std::get_if<client::Entered>(&event)) {
            if (Room* room = find(entered->standing.room)) begin(*room, entered->standing);
        } else if (const auto* gap = std::get_if<client::Gap>(&event)) {
            gap_came(*gap);
        } else if (const auto numbered = numbered_event(event)) {
            happened(*numbered);
        }
        if (all_done() && !options_.follow) errand_.finish(ExitCode::ok);
        errand_.endless = options_.follow && all_done();
    }

    // Rooms come in the order they were asked for, by the names their makers gave them.
    void entered_first(const client::Online& online) {
        if (!rooms_.empty()) {
            for (const client::RoomStanding& standing : online.rooms) {
                Room* const room = find(standing.room);
                if (room != nullptr && room->stage == Stage::entering) {
                    begin(*room, standing);
                } else {
                    tell_missing(standing);
                    if (room != nullptr) go_on(*room, standing);
                }
            }
            return restart_lookups();
        }
        for (const client::RoomStanding& standing : online.rooms) {
            Room& room = rooms_.emplace_back(Room{.name = standing.room, .stood = standing.at});
            if (options_.since) {
                begin(room, standing);
            } else if (options_.lines == 0 && !options_.all) {
                room.end = standing.at;
                room.stage = Stage::done;
            } else {
                look(room);
            }
        }
    }

    // A cut ended the calls that were on their way.
    void restart_lookups() {
        for (Room& room : rooms_) {
            if (room.stage == Stage::looking) look(room);
        }
    }

    void look(const Room& room) {
        std::string params;
        wire::JsonObject object(params);
        object.text("room", room.name);
        if (options_.all) object.position("after", {1, 0});
        object.integer("limit", options_.all ? 1 : options_.lines);
        object.close();
        lookups_[errand_.session().call("history", params)] = room.name;
    }

    void history_came(const client::Answer& answer) {
        const auto found = lookups_.find(answer.id);
        if (found == lookups_.end()) return;
        Room* const room = find(found->second);
        lookups_.erase(found);
        if (room == nullptr) return;
        if (answer.error) {
            if (answer.error->code != "OFFLINE") errand_.refused(answer.error->text);
            return;
        }
        const auto result = reader_.read(as_bytes(answer.result));
        const auto events = result ? result->find("events") : std::nullopt;
        if (!events || events->count() == 0) {
            // Nothing was there when the store looked; what was said since comes by entering anew.
            if (room->heard) {
                read_from(*room, room->stood);
            } else {
                room->stage = Stage::done;
            }
            return;
        }
        const auto first = wire::read_listed_event(*events->begin());
        if (!first)
            return errand_.finish(ExitCode::failed, "the server's history is not understood.");
        read_from(*room, {first->at.epoch, first->at.seq - 1});
    }

    void read_from(Room& room, Position since) {
        room.since = since;
        room.stage = Stage::leaving;
        errand_.session().leave(room.name);
    }

    void enter_anew(Room& room) {
        if (room.stage != Stage::leaving) return;
        room.stage = Stage::entering;
        errand_.session().join(room.name, room.since);
    }

    void begin(Room& room, const client::RoomStanding& standing) {
        room.end = standing.at;
        room.stage = Stage::reading;
        tell_missing(standing);
        const bool nothing_follows = !standing.at || standing.at <= since_of(room);
        if (nothing_follows) room.stage = Stage::done;
        go_on(room, standing);
    }

    // Where nothing that followed could come, from now on. That may be at another server, whose
    // room has come less far.
    static void go_on(Room& room, const client::RoomStanding& standing) {
        const bool nothing_comes = standing.recovered == false &&
                                   (!standing.missing_from || standing.missing_to >= standing.at);
        if (!nothing_comes) return;
        room.last = standing.at;
        if (room.stage == Stage::reading) room.stage = Stage::done;
    }

    Position since_of(const Room& room) const { return options_.since.value_or(room.since); }

    void happened(const NumberedEvent& numbered) {
        Room* const room = find(numbered.event.room);
        if (room == nullptr || room->stage == Stage::leaving) return;
        if (room->stage == Stage::looking) {
            room->heard = true;
            return;
        }
        std::string lines;
        if (options_.errand.json) {
            append_json_line(lines, numbered);
        } else {
            wire::append_event(lines, wire::Form::text, with_safe_names(numbered.event).view());
        }
        errand_.print(lines);
        passed(*room, numbered.event.at);
    }

    void gap_came(const client::Gap& gap) {
        Room* const room = find(gap.room);
        if (room == nullptr) return;
        if (options_.errand.json) {
            std::string line;
            append_gap_line(line, gap);
            errand_.print(line);
        } else {
            missing(gap.room, {gap.epoch, gap.from}, {gap.epoch, gap.to});
        }
        passed(*room, {gap.epoch, gap.to});
    }

    void tell_missing(const client::RoomStanding& standing) {
        const Room* const room = find(standing.room);
        const Position last = room == nullptr ? Position{}
                              : room->last    ? room->last
                                              : since_of(*room);
        const auto range = missing_after(standing, last);
        if (!range) return;
        if (options_.errand.json && range->first.epoch == range->second.epoch) {
            std::string line;
            append_gap_line(
                line, {standing.room, range->first.epoch, range->first.seq, range->second.seq});
            errand_.print(line);
        } else if (standing.position_unknown()) {
            std::string line;
            append_unread(line, standing);
            complain(line);
        } else {
            missing(standing.room, range->first, range->second);
        }
    }

    void missing(std::string_view room, Position from, Position to) {
        std::string line;
        append_missing(line, room, from, to);
        complain(line);
    }

    void passed(Room& room, Position at) {
        room.last = std::max(room.last, at);
        if (room.stage == Stage::reading && at >= room.end) room.stage = Stage::done;
    }

    bool all_done() const {
        if (rooms_.empty()) return false;
        for (const Room& room : rooms_) {
            if (room.stage != Stage::done) return false;
        }
        return true;
    }

    Room* find(std::string_view name) {
        for (Room& room : rooms_) {
            if (wire::same_name(room.name, wire::bare_room(name))) return &room;
        }
        return nullptr;
    }

    const TailOptions& options_;
    Errand errand_;
    wire::JsonReader reader_{client::session_line_bytes_max, client::session_depth_max};
    std::vector<Room> rooms_;
    std::map<std::uint64_t, std::string> lookups_;  ///< which room a call asks about
};

}  // namespace

int run_command(const TailOptions& options) {
    return Tail(options).run();
}

}  // namespace chatd::terminal
