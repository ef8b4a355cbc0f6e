// The room log against a naive model: a vector of records, encoded one by one when asked for.

#include <algorithm>
#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/chat/room_log.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::chat;
using wire::Event;
using wire::EventKind;
using wire::Form;

namespace {

constexpr std::string_view room_name = "dev";

struct Record {
    EventKind kind;
    std::string from;
    std::string body;
    ConnSerial author;
    Seq seq = 0;  ///< the last number at or before it
};

/// A pinned span and what its bytes were when it was handed out; read again as late as can be.
struct Held {
    Span span;
    std::string bytes;
    LogIndex begin;
    LogIndex end;
};

class World {
public:
    explicit World(std::uint64_t seed)
        : prng_(seed), limits_(draw_limits()), log_(std::string(room_name), limits_, totals_) {}

    void run(int steps) {
        for (int step = 0; step < steps; ++step) {
            this->step();
            log_.check_invariants();
            check_totals();
        }
        end();
    }

private:
    LogLimits draw_limits() {
        LogLimits drawn;
        drawn.segment_bytes_min = prng_.between(32, 256);
        drawn.segment_bytes_max = drawn.segment_bytes_min << prng_.below(4);
        return drawn;
    }

    void step() {
        switch (prng_.below(16)) {
            case 0:
                return unlink();
            case 1:
                return drop_runs();
            case 2:
            case 3:
                return release();
            case 4:
                return check_numbers();
            case 5:
            case 6:
            case 7:
            case 8:
            case 9:
                return gather();
            default:
                return append();
        }
    }

    void append() {
        Record record{EventKind::message, "ana", {}, static_cast<ConnSerial>(prng_.below(4))};
        switch (prng_.below(10)) {
            case 0:
                record.kind = EventKind::joined;
                break;
            case 1:
                record.kind = EventKind::left;
                record.body = "quit";
                break;
            case 2:
                record.kind = EventKind::joined_many;
                record.from.clear();
                record.body = "40";
                break;
            case 3:
                record.kind = EventKind::action;
                [[fallthrough]];
            default:
                for (auto left = prng_.below(prng_.chance(5) ? 500 : 40); left > 0; --left) {
                    record.body +=
                        prng_.chance(3) ? '\n' : static_cast<char>(prng_.between(1, 126));
                }
        }
        const Event event{.kind = record.kind, .from = record.from, .body = record.body};
        record.seq = records_.empty() ? 0 : records_.back().seq;
        if (wire::is_numbered(record.kind)) ++record.seq;
        REQUIRE(log_.append(event, record.author) == records_.size());
        records_.push_back(std::move(record));
        REQUIRE(log_.end() == records_.size());
    }

    std::string encoded(LogIndex index, Form form) const {
        const Record& record = records_[index];
        std::string out;
        wire::Event event{
            .kind = record.kind, .room = room_name, .from = record.from, .body = record.body};
        if (wire::is_numbered(record.kind)) event.at = {1, record.seq};
        wire::append_event(out, form, event);
        return out;
    }

    void gather() {
        const auto form = static_cast<Form>(prng_.below(wire::form_count));
        const LogIndex start = prng_.between(log_.first(), log_.end());
        const LogIndex until = prng_.chance(50) ? UINT64_MAX : prng_.between(start, log_.end());
        const LogIndex stop = std::min(until, log_.end());
        const std::size_t bytes_max = prng_.chance(20) ? SIZE_MAX : prng_.below(400);
        const OwnLines own{static_cast<ConnSerial>(prng_.below(4)), prng_.below(log_.end() + 2)};
        const auto is_own = [&](LogIndex index) {
            return index < own.until && records_[index].author == own.serial;
        };
        LogIndex cursor = start;
        const Span span = log_.gather(form, cursor, until, bytes_max, own);

        LogIndex begin = start;
        while (begin < stop && is_own(begin))
            ++begin;
        REQUIRE(cursor == begin);
        if (begin == stop) {
            REQUIRE(span.segment == nullptr);
            REQUIRE(span.first == span.end);
            return;
        }
        REQUIRE(span.segment != nullptr);
        REQUIRE(span.form == form);
        REQUIRE(span.begin_index() == begin);
        const LogIndex end = span.end_index();
        REQUIRE(end > begin);
        REQUIRE(end <= std::min(stop, span.segment->end()));
        std::string expected;
        for (LogIndex index = begin; index < end; ++index) {
            REQUIRE_FALSE(is_own(index));
            expected += encoded(index, form);
        }
        REQUIRE(as_text(span.bytes) == expected);
        REQUIRE((end - begin == 1 || expected.size() <= bytes_max));
        const bool could_go_on = end < std::min(stop, span.segment->end()) && !is_own(end);
        if (could_go_on) REQUIRE(expected.size() + encoded(end, form).size() > bytes_max);
        if (held_.size() < 12 && prng_.chance(40)) {
            log_.pin(span);
            held_.push_back({span, std::move(expected), begin, end});
        }
    }

    void release() {
        if (held_.empty()) return;
        const auto chosen = held_.begin() + static_cast<std::ptrdiff_t>(prng_.below(held_.size()));
        // Also of a segment long unlinked: bytes, borders and numbers are as they were.
        REQUIRE(as_text(chosen->span.bytes) == chosen->bytes);
        REQUIRE(chosen->span.begin_index() == chosen->begin);
        REQUIRE(chosen->span.end_index() == chosen->end);
        for (std::uint32_t record = chosen->span.first; record <= chosen->span.end; ++record) {
            REQUIRE(chosen->span.segment->seq_before_record(record) ==
                    numbered_before(chosen->span.segment->first + record));
        }
        log_.unpin(chosen->span);
        held_.erase(chosen);
    }

    void unlink() {
        if (log_.segment_count() == 0) return;
        const LogIndex edge = log_.edge_after_unlink();
        REQUIRE(edge > log_.first());
        log_.unlink_oldest();
        REQUIRE(log_.first() == edge);
    }

    void drop_runs() {
        const std::size_t bytes_max = prng_.below(2'000);
        const LogIndex stood_in = prng_.between(log_.first(), log_.end());
        log_.drop_runs(bytes_max, [&](LogIndex first, LogIndex end) {
            return stood_in >= first && stood_in < end;
        });
    }

    Seq numbered_before(LogIndex index) const {
        return static_cast<Seq>(
            std::count_if(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(index),
                          [](const Record& record) { return wire::is_numbered(record.kind); }));
    }

    void check_numbers() {
        REQUIRE(log_.last_seq() == numbered_before(log_.end()));
        const LogIndex index = prng_.between(log_.first(), log_.end());
        REQUIRE(log_.seq_before(index) == numbered_before(index));
    }

    void check_totals() {
        REQUIRE(totals_.canonical_bytes == log_.canonical_bytes());
        REQUIRE(totals_.run_bytes == log_.run_bytes());
        REQUIRE(totals_.pins == held_.size());
        REQUIRE(log_.pinned() == !held_.empty());
        std::vector<const Run*> unlinked;
        std::vector<const Segment*> segments;
        std::size_t unlinked_bytes = 0;
        for (const Held& held : held_) {
            if (!held.span.segment->unlinked) continue;
            const Run* run =
                held.span.segment->runs[static_cast<std::size_t>(held.span.form)].get();
            if (std::find(segments.begin(), segments.end(), held.span.segment) == segments.end()) {
                segments.push_back(held.span.segment);
            }
            if (std::find(unlinked.begin(), unlinked.end(), run) != unlinked.end()) continue;
            unlinked.push_back(run);
            unlinked_bytes += run->bytes_max;
        }
        REQUIRE(totals_.unlinked_bytes == unlinked_bytes);
        REQUIRE(log_.unlinked_count() == segments.size());
    }

    void end() {
        while (!held_.empty())
            release();
        REQUIRE(totals_.unlinked_bytes == 0);
        REQUIRE(log_.unlinked_count() == 0);
        while (log_.segment_count() > 0)
            unlink();
        log_.check_invariants();
        REQUIRE(totals_.canonical_bytes == 0);
        REQUIRE(totals_.run_bytes == 0);
        REQUIRE(totals_.pins == 0);
    }

    Prng prng_;
    LogLimits limits_;
    LogTotals totals_;
    RoomLog log_;
    std::vector<Record> records_;
    std::vector<Held> held_;
};

}  // namespace

TEST_CASE("a room log agrees with a vector of records in every world", "[chat][room_log]") {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        CAPTURE(seed);
        World(seed).run(300);
    }
}
