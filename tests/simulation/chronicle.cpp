#include "simulation/chronicle.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace chatd::simulation {

std::string text_of(Position at) {
    return std::to_string(at.epoch) + ":" + std::to_string(at.seq);
}

std::size_t room_named(std::string_view name) {
    const auto found = std::find(room_names.begin(), room_names.end(), name);
    if (found == room_names.end()) violate("content", "no such room: " + std::string(name));
    return static_cast<std::size_t>(found - room_names.begin());
}

namespace {

std::string in_room(std::size_t room, Position at) {
    return "#" + std::string(room_names[room]) + " " + text_of(at);
}

}  // namespace

// -- what is said --------------------------------------------------------------------------------

Chronicle::Era& Chronicle::present(std::size_t room) {
    std::vector<Era>& eras = rooms_[room];
    if (eras.empty() || eras.back().over) eras.emplace_back();
    return eras.back();
}

// An epoch is known by now. It must be none that had numbers before.
void Chronicle::begin(std::size_t room, Epoch epoch) {
    Era& era = present(room);
    if (era.epoch == epoch) return;
    if (era.epoch != 0 && !era.lines.empty()) {
        violate("epochs", in_room(room, {era.epoch, era.lines.size()}) + " goes on in epoch " +
                              std::to_string(epoch));
    }
    for (const Era& earlier : rooms_[room]) {
        if (&earlier != &era && !earlier.lines.empty() && earlier.epoch >= epoch) {
            violate("numbers_once", in_room(room, {epoch, 1}) + " may be given again after " +
                                        text_of({earlier.epoch, earlier.lines.size()}));
        }
    }
    era.epoch = epoch;
}

void Chronicle::heard_of(std::size_t room, Position at) {
    if (at.seq > 0 && present(room).epoch == 0 && find(room, at.epoch) == nullptr) {
        begin(room, at.epoch);
    }
}

void Chronicle::said(std::size_t room, Line line) {
    Era& era = present(room);
    era.lines.push_back(std::move(line));
    const Line& added = era.lines.back();
    if (added.key.empty()) return;
    auto& places = keyed_[{added.voice, added.key}];
    for (const auto& [earlier_room, place] : places) {
        const Era& earlier = rooms_[earlier_room][place.first];
        const Fate fate_now = fate(earlier_room, earlier, place.second);
        if (fate_now == Fate::hole || fate_now == Fate::lost) continue;
        violate("said_once", "key " + added.key + " said again in #" +
                                 std::string(room_names[room]) + ", it lasts at " +
                                 in_room(earlier_room, {earlier.epoch, place.second}));
    }
    places.push_back({room, {rooms_[room].size() - 1, era.lines.size()}});
}

void Chronicle::given(const std::vector<chat::Persist>& requests) {
    for (const chat::Persist& request : requests) {
        if (const auto* room = std::get_if<chat::KeepRoom>(&request)) {
            begin(room_named(room->room), room->epoch);
        } else if (const auto* kept = std::get_if<chat::KeepEvent>(&request)) {
            given_event(*kept);
        } else if (const auto* hole = std::get_if<chat::KeepHole>(&request)) {
            given_hole(*hole);
        }
    }
}

void Chronicle::given_event(const chat::KeepEvent& kept) {
    const std::size_t room = room_named(kept.event.room);
    Era& era = present(room);
    const Position at = kept.event.at;
    if (at.epoch != era.epoch || at.seq == 0 || at.seq > era.lines.size()) {
        violate("kept_as_said", in_room(room, at) + " was not said");
    }
    Line& line = era.lines[at.seq - 1];
    if (line.body != kept.event.body || line.key != kept.event.key) {
        violate("kept_as_said",
                in_room(room, at) + " is '" + line.body + "', kept is '" + kept.event.body + "'");
    }
    line.given = true;
}

void Chronicle::given_hole(const chat::KeepHole& hole) {
    const std::size_t room = room_named(hole.room);
    const Era& era = present(room);
    for (Seq number = hole.from; number <= hole.to; ++number) {
        const bool is_hole = hole.epoch == era.epoch && number <= era.lines.size() && number > 0 &&
                             !era.lines[number - 1].given;
        if (!is_hole) violate("holes", in_room(room, {hole.epoch, number}) + " is no hole");
    }
}

void Chronicle::ended(bool clean, const chat::Restored& restored) {
    for (std::size_t room = 0; room < room_count_max; ++room) {
        if (!rooms_[room].empty()) end_era(room, rooms_[room].back(), clean);
    }
    for (const chat::RestoredRoom& room : restored.rooms)
        begin(room_named(room.room), room.epoch);
}

void Chronicle::end_era(std::size_t room, Era& era, bool clean) {
    if (era.over) return;
    era.known = disk_.last(room_names[room], era.epoch);
    for (Seq number = 1; number <= era.lines.size(); ++number) {
        Line& line = era.lines[number - 1];
        const Position at{era.epoch, number};
        const wire::KeptEvent* kept = disk_.find(room_names[room], at);
        line.in_memory = false;
        if (kept != nullptr && kept->body != line.body) {
            violate("kept_as_said", in_room(room, at) + " is not '" + line.body + "'");
        }
        if (kept == nullptr && line.acknowledged) {
            violate("acknowledged_lasts", in_room(room, at) + " '" + line.body + "' is gone");
        }
        if (kept == nullptr) ++(number > era.known ? tally_.lost : tally_.unkept);
    }
    if (clean && era.known != era.lines.size()) {
        violate("clean_stop", in_room(room, {era.epoch, era.known}) + " is the last of " +
                                  std::to_string(era.lines.size()));
    }
    era.over = !clean;
}

// -- what is left of it --------------------------------------------------------------------------

const Chronicle::Era* Chronicle::find(std::size_t room, Epoch epoch) const {
    const auto& eras = rooms_[room];
    const auto found =
        std::find_if(eras.begin(), eras.end(), [&](const Era& era) { return era.epoch == epoch; });
    return found == eras.end() ? nullptr : &*found;
}

const Line* Chronicle::line_at(std::size_t room, Position at) const {
    const Era* era = find(room, at.epoch);
    const bool is_there = era != nullptr && at.seq > 0 && at.seq <= era->lines.size();
    return is_there ? &era->lines[at.seq - 1] : nullptr;
}

Chronicle::Fate Chronicle::fate(std::size_t room, const Era& era, Seq number) const {
    const Line& line = era.lines[number - 1];
    if (era.over && number > era.known) return Fate::lost;
    if (line.given && !era.over) return Fate::there;
    if (disk_.find(room_names[room], {era.epoch, number}) != nullptr) return Fate::there;
    return line.in_memory ? Fate::perhaps : Fate::hole;
}

template <class Visit>
void Chronicle::walk(std::size_t room, Position had, Visit&& visit) const {
    for (const Era& era : rooms_[room]) {
        if (era.epoch != 0 && era.epoch < had.epoch) continue;
        for (Seq number = era.epoch == had.epoch ? had.seq + 1 : 1; number <= end_of(era);
             ++number) {
            if (!visit(Position{era.epoch, number}, fate(room, era, number))) return;
        }
    }
}

Position Chronicle::end(std::size_t room) const {
    const auto& eras = rooms_[room];
    if (eras.empty() || eras.back().over) return {};
    return {eras.back().epoch, eras.back().lines.size()};
}

// -- what readers get ----------------------------------------------------------------------------

Position Chronicle::message_came(std::size_t room, Position had, Position at, std::string_view key,
                                 std::string_view body) const {
    const Line* line = line_at(room, at);
    if (line == nullptr) violate("content", in_room(room, at) + " was never said");
    if (line->body != body || line->key != key) {
        violate("content",
                in_room(room, at) + " is '" + line->body + "', '" + std::string(body) + "' came");
    }
    if (at <= had) violate("once", in_room(room, at) + " came after " + text_of(had));
    walk(room, had, [&](Position next, Fate) {
        if (next < at) {
            violate("gap_free", in_room(room, at) + " came after " + text_of(had) + ", " +
                                    text_of(next) + " did not");
        }
        return false;
    });
    return at;
}

Position Chronicle::gap_came(std::size_t room, Position had, Position from, Position to) const {
    bool first = true;
    Position last = had;
    walk(room, had, [&](Position next, Fate fate_now) {
        if (next > to) return false;
        if (std::exchange(first, false) && next != from) {
            violate("gap_exact",
                    in_room(room, from) + " begins a gap, the next was " + text_of(next));
        }
        const bool may_miss =
            fate_now != Fate::there || !plan_.backfills() || disk_.refused_reads();
        if (!may_miss) violate("gap_exact", in_room(room, next) + " is kept and was not handed on");
        last = next;
        return true;
    });
    if (last != to) {
        violate("gap_exact",
                in_room(room, to) + " ends a gap, the last number is " + text_of(last));
    }
    return to;
}

void Chronicle::check_arrived(std::size_t room, Position had) const {
    walk(room, had, [&](Position next, Fate) -> bool {
        violate("all_arrives", in_room(room, next) + " never came, the last was " + text_of(had));
    });
}

void Chronicle::acknowledged(std::size_t room, Position at, const Line& line) {
    Line* said_line = const_cast<Line*>(line_at(room, at));
    if (said_line == nullptr || said_line->body != line.body || said_line->key != line.key) {
        violate("answers", in_room(room, at) + " is not '" + line.body + "'");
    }
    if (disk_.find(room_names[room], at) == nullptr) {
        violate("commit_first", in_room(room, at) + " was acknowledged before its commit");
    }
    said_line->acknowledged = true;
    ++tally_.acknowledged;
}

// -- verdicts ------------------------------------------------------------------------------------

Position Chronicle::judged(std::size_t room, Position since, const Verdict& verdict) const {
    ++(verdict.recovered ? tally_.recovered_true : tally_.recovered_false);
    const Era* era = find(room, since.epoch);
    const Seq known = era == nullptr ? 0 : end_of(*era);
    if (verdict.recovered) {
        if (since.seq > known) {
            violate("verdict_true", in_room(room, since) + " is recovered, known is up to " +
                                        std::to_string(known));
        }
        judged_true(room, since);
        return since;
    }
    if (since.seq > known) return judged_tail(room, since, verdict);
    judged_hole(room, since, verdict);
    return since;
}

void Chronicle::judged_true(std::size_t room, Position since) const {
    walk(room, since, [&](Position next, Fate fate_now) {
        if (fate_now == Fate::hole) {
            violate("verdict_true",
                    in_room(room, since) + " is recovered, " + text_of(next) + " was not kept");
        }
        return true;
    });
}

// What came after the last number that the store knows is lost, and the reader had some of it.
Position Chronicle::judged_tail(std::size_t room, Position since, const Verdict& verdict) const {
    const Era& era = *find(room, since.epoch);
    if (verdict.missing_from.epoch == since.epoch) {
        const Position first{since.epoch, era.known + 1};
        if (verdict.missing_from != first || verdict.missing_to != since) {
            violate("verdict_false", in_room(room, since) + ": missing is " +
                                         text_of(verdict.missing_from) + "-" +
                                         text_of(verdict.missing_to) + ", known was up to " +
                                         std::to_string(era.known));
        }
        return {since.epoch, era.known};
    }
    // The store never heard of that epoch: all of the present one is named, the reader is at its
    // end.
    const Position now = verdict.at;
    const bool names_all =
        now.seq == 0 ? !verdict.missing_from
                     : verdict.missing_from == Position{now.epoch, 1} && verdict.missing_to == now;
    if (era.known != 0 || !names_all) {
        violate("verdict_false", in_room(room, since) + ": missing is " +
                                     text_of(verdict.missing_from) + "-" +
                                     text_of(verdict.missing_to));
    }
    return verdict.at;
}

// Something after `since` was never kept, and that is named; or the room may have had an epoch that
// nobody remembers.
void Chronicle::judged_hole(std::size_t room, Position since, const Verdict& verdict) const {
    if (!verdict.missing_from) {
        if (since.seq == 0) return;
        violate("verdict_false", in_room(room, since) + ": nothing is said to be missing");
    }
    std::optional<Position> first;
    Position last;
    walk(room, since, [&](Position next, Fate fate_now) {
        if (next > verdict.missing_to) return false;
        const bool gone = fate_now == Fate::hole || fate_now == Fate::perhaps;
        if (next >= verdict.missing_from) {
            if (!first) first = next;
            if (!gone) violate("verdict_false", in_room(room, next) + " is not missing");
            last = next;
        } else if (fate_now == Fate::hole) {
            violate("verdict_false", in_room(room, next) + " is missing as well");
        }
        return true;
    });
    if (first != verdict.missing_from || last != verdict.missing_to) {
        violate("verdict_false", in_room(room, since) + ": missing is " +
                                     text_of(verdict.missing_from) + "-" +
                                     text_of(verdict.missing_to));
    }
}

}  // namespace chatd::simulation
