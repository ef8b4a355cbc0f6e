// What a reader is owed when the log was trimmed past it, settled as it or the server chose before
// any other byte of that room.

#include <algorithm>

#include "engine/core.hpp"

namespace chatd::engine {

using chat::Membership;
using chat::Room;
using wire::SlowReader;

void append_gaps(Core& core, const Connection& connection, std::string& out, const Room& room,
                 Position after, Position to) {
    const auto tell = [&](Position from, Position last) {
        if (last.seq < from.seq) return;
        ++core.counters.gaps;
        core.counters.drop(Drop::gap, last.seq - from.seq + 1);
        append_gap_notice(connection, out, room, from, last);
    };
    if (to <= after) return;
    // One range a notice, and no range crosses an epoch.
    for (const chat::EpochEnd& ended : room.ended_epochs) {
        if (ended.epoch < after.epoch || ended.epoch >= to.epoch) continue;
        const Seq from = ended.epoch == after.epoch ? after.seq + 1 : 1;
        tell({ended.epoch, from}, {ended.epoch, ended.last});
    }
    const Seq from = to.epoch == after.epoch ? after.seq + 1 : 1;
    tell({to.epoch, from}, to);
}

SlowReader slow_reader_of(const Core& core, const Membership& membership) noexcept {
    const SlowReader chosen = membership.slow_reader() == chat::slow_reader_of_server
                                  ? core.config.slow_reader
                                  : static_cast<SlowReader>(membership.slow_reader());
    const bool cannot = chosen == SlowReader::backfill && !core.config.keeps_history;
    return cannot ? SlowReader::oldest : chosen;
}

bool settle_gap(Core& core, Connection& connection, Membership& membership, std::string& out) {
    Room& room = core.room_of(membership);
    const Position after = membership.owed_after();
    // What was said after the reader's end is not owed to it, though its cursor was moved past it.
    const bool past_its_end = membership.cursor > membership.until();
    const Position to = past_its_end ? membership.until_at() : room.log.before(membership.cursor);
    membership.make_detour().owed_after = {};
    switch (slow_reader_of(core, membership)) {
        case SlowReader::close:
            if (connection.ending != Ending::none) break;
            core.counters.drop(Drop::slow_closed);
            connection.ending = Ending::slow;
            core.over.push_back(connection.id);
            return false;
        case SlowReader::backfill:
            if (core.catch_ups.full()) break;
            begin_catch_up(core, connection, membership, after);
            return true;
        case SlowReader::latest:
            if (past_its_end) break;
            membership.cursor = std::min(room.log.end(), membership.until());
            append_gaps(core, connection, out, room, after, room.log.before(membership.cursor));
            return true;
        case SlowReader::oldest:
            break;
    }
    append_gaps(core, connection, out, room, after, to);
    return true;
}

}  // namespace chatd::engine
