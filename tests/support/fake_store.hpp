#pragma once
// A store without a disk, for tests of the engine: it takes Persist values, keeps what is committed
// and answers as the real one does. It can be slow (nothing is committed until it is told to), be
// in trouble, fail to read, and lose what it had not committed, as `kill -9` would make it.

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "chatd/chat/names.hpp"
#include "chatd/chat/persistence.hpp"
#include "chatd/engine/config.hpp"

namespace chatd::test {

/// An engine that a store carries out what for.
inline engine::EngineConfig remembering() {
    engine::EngineConfig config;
    config.keeps_history = true;
    config.slow_reader = engine::SlowReader::backfill;
    config.room_kept = std::chrono::minutes{10};
    config.unix_start = 1'800'000'000'000;
    config.token_seed = "a secret of this test";
    return config;
}

/// The same with a log of a few lines, so that older ones are the store's alone.
inline engine::EngineConfig remembering_little() {
    engine::EngineConfig config = remembering();
    config.log.segment_bytes_min = 256;
    config.log.segment_bytes_max = 256;
    config.log.room_bytes_max = 512;
    return config;
}

class FakeStore {
public:
    struct KeptRoom {
        std::string name;
        Epoch epoch = 0;
        Position pruned_to;  ///< everything up to here is gone for good
        std::vector<wire::KeptEvent> events;
        std::vector<chat::SessionKey> authors;
        std::vector<chat::Hole> holes;
        std::map<Epoch, Seq> lasts;  ///< of each epoch the last number that is known

        /// Whether an event stands there, as it was kept or as it was changed since.
        const wire::KeptEvent* find(Position at) const {
            const auto found = std::lower_bound(
                events.begin(), events.end(), at,
                [](const auto& event, Position wanted) { return event.at < wanted; });
            return found != events.end() && found->at == at ? &*found : nullptr;
        }
    };

    bool stalled = false;  ///< nothing is committed, nothing is read
    std::string failing;   ///< what history and search answer that they failed of

    void take(std::vector<chat::Persist>&& requests) {
        for (chat::Persist& request : requests)
            queue_.push_back(std::move(request));
    }

    /// Carries out what waits, unless stalled.
    std::vector<chat::StoreAnswer> answers() {
        std::vector<chat::StoreAnswer> answers;
        if (stalled || queue_.empty()) return answers;
        const chat::Ticket before = ticket_;
        std::vector<chat::StoreAnswer> reads;
        while (!queue_.empty()) {
            carry_out(queue_.front(), reads);
            queue_.pop_front();
        }
        if (ticket_ != before) answers.emplace_back(chat::Committed{ticket_});
        for (chat::StoreAnswer& read : reads)
            answers.push_back(std::move(read));
        return answers;
    }

    /// What waits, which the store then never does.
    std::deque<chat::Persist> take_waiting() { return std::exchange(queue_, {}); }

    bool idle() const { return queue_.empty(); }

    /// What a server finds that starts on this: after a crash what waited is lost and every room
    /// stands in a new epoch.
    chat::Restored restart(bool clean, std::size_t newest_max = 1'000) {
        if (clean) {
            const bool was_stalled = std::exchange(stalled, false);
            (void)answers();
            stalled = was_stalled;
        }
        queue_.clear();
        ticket_ = 0;
        chat::Restored restored;
        restored.last_session = last_session_;
        restored.last_schedule = last_schedule_;
        restored.epoch = ++run_epoch_;
        for (auto& [folded, room] : rooms) {
            if (!clean) room.lasts.emplace(++room.epoch, 0);
            restored.rooms.push_back(restored_room(room, newest_max));
        }
        for (const auto& [key, session] : sessions) {
            const auto kept = privates.find(key);
            restored.sessions.push_back({.session = key,
                                         .token = session.token,
                                         .nick = session.nick,
                                         .seen_at = session.seen_at,
                                         .privates = static_cast<std::uint32_t>(
                                             kept == privates.end() ? 0 : kept->second.size())});
        }
        for (const auto& [folded, room] : rooms)
            restore_keys(room, restored);
        for (const auto& [id, schedule] : schedules)
            restored.schedules.push_back(
                {.session = schedule.session, .nick = schedule.nick, .entry = schedule.entry});
        return restored;
    }

    /// Forgets a room's oldest events, up to and with `last`.
    void prune(std::string_view room_name, Position last) {
        KeptRoom& room = rooms.at(chat::fold(room_name));
        room.pruned_to = last;
        while (!room.events.empty() && room.events.front().at <= last) {
            room.events.erase(room.events.begin());
            room.authors.erase(room.authors.begin());
        }
    }

    std::map<std::string, KeptRoom> rooms;  ///< by fold
    std::map<chat::SessionKey, chat::KeepSession> sessions;
    std::map<chat::SessionKey, std::vector<chat::KeptPrivate>> privates;
    std::map<std::uint64_t, chat::KeepSchedule> schedules;
    std::uint64_t writes = 0;

private:
    void carry_out(const chat::Persist& request, std::vector<chat::StoreAnswer>& reads) {
        std::visit([&](const auto& wanted) { do_it(wanted, reads); }, request);
    }
    void write() {
        ++ticket_;
        ++writes;
    }

    using Reads = std::vector<chat::StoreAnswer>;

    static void extend(KeptRoom& room, Position at) {
        Seq& last = room.lasts[at.epoch];
        last = std::max(last, at.seq);
    }
    void keep_event(const chat::KeepEvent& kept) {
        KeptRoom& room = rooms[chat::fold(kept.event.room)];
        room.name = kept.event.room;
        room.epoch = std::max(room.epoch, kept.event.at.epoch);
        extend(room, kept.event.at);
        const auto target = std::find_if(
            room.events.begin(), room.events.end(),
            [&](const wire::KeptEvent& event) { return event.at == kept.event.target; });
        if (target != room.events.end() && kept.event.kind == wire::EventKind::edited) {
            target->body = kept.event.body;
        }
        if (target != room.events.end() && kept.event.kind == wire::EventKind::redacted) {
            target->body.clear();
            target->removed = true;
        }
        room.events.push_back(kept.event);
        room.authors.push_back(kept.author);
    }
    void do_it(const chat::KeepEvent& kept, Reads&) {
        write();
        keep_event(kept);
    }
    void do_it(const chat::KeepRoom& kept, Reads&) {
        write();
        KeptRoom& room = rooms[chat::fold(kept.room)];
        room.name = kept.room;
        room.epoch = std::max(room.epoch, kept.epoch);
        extend(room, {kept.epoch, 0});
    }
    void do_it(const chat::KeepHole& hole, Reads&) {
        write();
        KeptRoom& room = rooms[chat::fold(hole.room)];
        room.holes.push_back({hole.epoch, hole.from, hole.to});
        extend(room, {hole.epoch, hole.to});
    }
    void do_it(const chat::KeepSession& kept, Reads&) {
        write();
        last_session_ = std::max(last_session_, kept.session);
        sessions[kept.session] = kept;
    }
    void do_it(const chat::DropSession& dropped, Reads&) {
        write();
        sessions.erase(dropped.session);
        privates.erase(dropped.session);
    }
    void do_it(const chat::KeepPrivate& kept, Reads&) {
        write();
        privates[kept.to].push_back({kept.from, kept.body, kept.at});
    }
    void do_it(const chat::DropPrivates& dropped, Reads&) {
        write();
        privates.erase(dropped.session);
    }
    void do_it(const chat::KeepSchedule& kept, Reads&) {
        write();
        last_schedule_ = std::max(last_schedule_, kept.entry.id);
        schedules[kept.entry.id] = kept;
    }
    void do_it(const chat::DropSchedule& dropped, Reads&) {
        write();
        schedules.erase(dropped.id);
    }
    void do_it(const chat::FireSchedule& fired, Reads&) {
        write();
        keep_event(fired.line);
        if (fired.next) {
            schedules.at(fired.id).entry.due = *fired.next;
        } else {
            schedules.erase(fired.id);
        }
    }
    void do_it(const chat::ReadHistory& read, Reads& reads) {
        chat::HistoryPage page{.query = read.query, .error = failing};
        const auto found = rooms.find(chat::fold(read.room));
        if (found != rooms.end()) fill(page, found->second, read);
        reads.emplace_back(std::move(page));
    }
    void do_it(const chat::ReadSearch& read, Reads& reads) {
        chat::SearchPage page{.query = read.query, .error = failing};
        for (const auto& [folded, room] : rooms) {
            for (const wire::KeptEvent& event : room.events) {
                if (page.hits.size() == read.limit) page.more = true;
                if (page.more || event.body.find(read.text) == std::string::npos) continue;
                page.hits.push_back({.event = event, .excerpt = event.body});
            }
        }
        reads.emplace_back(std::move(page));
    }
    void do_it(const chat::ReadPrivates& read, Reads& reads) {
        chat::PrivatesPage page{.query = read.query};
        const auto kept = privates.find(read.session);
        if (kept != privates.end()) page.messages = kept->second;
        reads.emplace_back(std::move(page));
    }
    void do_it(const chat::ReadEvent& read, Reads& reads) {
        chat::EventFound found{.query = read.query};
        const auto room = rooms.find(chat::fold(read.room));
        if (room != rooms.end()) {
            for (std::size_t index = 0; index < room->second.events.size(); ++index) {
                if (room->second.events[index].at != read.at) continue;
                found.event = room->second.events[index];
                found.author = room->second.authors[index];
            }
        }
        reads.emplace_back(std::move(found));
    }

    // The numbers of a room, epoch by epoch, as far as they are known.
    static std::optional<Position> next(const KeptRoom& room, Position at) {
        for (const auto& [epoch, last] : room.lasts) {
            if (epoch == at.epoch && at.seq < last) return Position{epoch, at.seq + 1};
            if (epoch > at.epoch && last > 0) return Position{epoch, 1};
        }
        return std::nullopt;
    }
    static Position previous(const KeptRoom& room, Position at) {
        if (at.seq > 1) return {at.epoch, at.seq - 1};
        Position found;
        for (const auto& [epoch, last] : room.lasts) {
            if (epoch < at.epoch && last > 0) found = {epoch, last};
        }
        return found;
    }

    static void fill_after(chat::HistoryPage& page, const KeptRoom& room,
                           const chat::ReadHistory& read) {
        auto expected = next(room, read.after);
        for (const wire::KeptEvent& event : room.events) {
            if (event.at <= read.after) continue;
            const bool follows = !expected || event.at <= *expected;
            if (page.events.empty() && !follows) {
                page.missing_from = *expected;
                page.missing_to = previous(room, event.at);
            } else if (!follows || page.events.size() == read.limit) {
                page.more = true;
                break;
            }
            expected = next(room, event.at);
            page.events.push_back(event);
        }
        if (!expected) return;
        if (!page.events.empty()) {
            page.more = true;
            return;
        }
        page.missing_from = *expected;
        for (const auto& [epoch, last] : room.lasts) {
            if (last > 0) page.missing_to = {epoch, last};
        }
    }
    static void fill(chat::HistoryPage& page, const KeptRoom& room, const chat::ReadHistory& read) {
        const auto& events = room.events;
        if (read.after) return fill_after(page, room, read);
        for (auto event = events.rbegin(); event != events.rend(); ++event) {
            if (read.before && event->at >= read.before) continue;
            if (page.events.size() == read.limit) {
                page.more = true;
                break;
            }
            page.events.push_back(*event);
        }
        std::reverse(page.events.begin(), page.events.end());
    }

    static chat::RestoredRoom restored_room(const KeptRoom& room, std::size_t newest_max) {
        chat::RestoredRoom restored{.room = room.name, .epoch = room.epoch};
        restored.kept.after = room.pruned_to;
        restored.kept.holes = room.holes;
        for (const auto& [epoch, last] : room.lasts) {
            if (epoch == room.epoch) restored.last = last;
            if (epoch < room.epoch) restored.ended.push_back({epoch, last});
        }
        for (const wire::KeptEvent& event : room.events) {
            if (event.kind != wire::EventKind::topic) continue;
            restored.topic = event.body;
            restored.topic_from = event.from;
        }
        const std::size_t count = std::min(newest_max, room.events.size());
        restored.newest.assign(room.events.end() - static_cast<std::ptrdiff_t>(count),
                               room.events.end());
        return restored;
    }

    static void restore_keys(const KeptRoom& room, chat::Restored& restored) {
        for (std::size_t index = 0; index < room.events.size(); ++index) {
            const wire::KeptEvent& event = room.events[index];
            if (event.key.empty() || !wire::is_said(event.kind)) continue;
            restored.keys.push_back({.session = room.authors[index],
                                     .key = event.key,
                                     .room = room.name,
                                     .at = event.at,
                                     .id = event.id,
                                     .body = event.body,
                                     .action = event.kind == wire::EventKind::action});
        }
    }

    std::deque<chat::Persist> queue_;
    chat::Ticket ticket_ = 0;
    chat::SessionKey last_session_ = 0;
    std::uint64_t last_schedule_ = 0;
    Epoch run_epoch_ = 1'800'000'000;  ///< what the first run takes for itself, or more
};

}  // namespace chatd::test
