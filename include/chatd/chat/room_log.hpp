#pragma once
// A room is a log, and everyone who listens is a cursor.
//
// A record is sequenced once, stored once in canonical form and encoded once per wire form. A
// reader is a LogIndex into the log; handing out is a Span of ready bytes that stays valid, and
// keeps its segment alive, while it is pinned.
//
//   segments_  oldest ──────────────────────────────► newest
//              ┌─────────┐  ┌─────────┐  ┌───────────┐
//              │canonical│  │canonical│  │canonical..│   every record, kind and text
//              │meta     │  │meta     │  │meta       │   author, number, where it ends
//              │runs[0]  │  │         │  │runs[0]..  │   one encoding per form in use,
//              │runs[2]  │  │runs[2]  │  │           │   of exactly the segment's records
//              └─────────┘  └─────────┘  └───────────┘
//              ▲ first()       ▲ cursor of a slow reader ▲ end()
//
// A run is opened by the first span handed out from it, encodes the whole segment, and is kept up
// by append() while its segment is the newest; it may be dropped and made again at any time when
// no span pins it. Only unlinking a segment (trimming) loses records. An unlinked segment lives
// on, with its meta and its pinned runs alone, until the last pin is gone.
//
// A segment lies in one epoch (base/position.hpp): a new epoch opens a new segment, and so does a
// number that does not follow the last one (a log restored from the store).
//
// Owned by its room, used by its engine's thread alone. Sizes come from LogLimits so that tests
// can make them tiny.

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/base/ids.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/base/position.hpp"
#include "chatd/wire/form.hpp"

namespace chatd::chat {

struct LogLimits {
    std::size_t segment_bytes_min = limits::segment_bytes_min;
    std::size_t segment_bytes_max = limits::segment_bytes_max;
    std::size_t room_bytes_max =
        limits::room_log_bytes_max;                       ///< canonical; runs have an equal bound
    std::size_t total_bytes_max = limits::log_bytes_max;  ///< the same for all rooms together
    std::size_t unlinked_bytes_max = limits::log_unlinked_bytes_max;
};

/// Bytes held by all logs of one engine. Allocated sizes, not used ones: it is memory that counts.
struct LogTotals {
    std::size_t canonical_bytes = 0;
    std::size_t run_bytes = 0;       ///< of linked segments
    std::size_t unlinked_bytes = 0;  ///< pinned runs of unlinked segments
    std::uint64_t pins = 0;
    std::uint64_t segments_unlinked = 0;  ///< ever
    std::uint64_t runs_opened = 0;        ///< ever
};

struct Meta {
    std::uint32_t canonical_end = 0;
    ConnSerial author = 0;             ///< 0 = nobody
    std::uint32_t seq_delta : 30 = 0;  ///< numbered records of the segment up to and with this one
    std::uint32_t numbered : 1 = 0;
    std::uint32_t removed : 1 = 0;  ///< taken back: encodings show that, not the body
};

struct Run {
    std::unique_ptr<std::byte[]> bytes;
    std::uint32_t bytes_max = 0;
    std::uint32_t bytes_used = 0;
    std::uint32_t pins = 0;
    std::vector<std::uint32_t> ends;  ///< per record, where its encoding ends
};

struct Segment {
    LogIndex first = 0;
    Epoch epoch = 0;
    Seq seq_before = 0;  ///< the last number of the epoch given before this segment
    bool unlinked = false;
    std::uint32_t pins = 0;
    std::uint32_t canonical_max = 0;
    std::unique_ptr<std::byte[]> canonical;
    std::vector<Meta> metas;
    std::array<std::unique_ptr<Run>, wire::form_count> runs;
    std::vector<std::unique_ptr<Run>> superseded;  ///< runs that show what was removed, yet pinned

    std::uint32_t record_count() const noexcept { return static_cast<std::uint32_t>(metas.size()); }
    LogIndex end() const noexcept { return first + metas.size(); }
    std::uint32_t canonical_used() const noexcept {
        return metas.empty() ? 0 : metas.back().canonical_end;
    }
    /// The last number before record `record` (0..record_count()).
    Seq seq_before_record(std::uint32_t record) const noexcept {
        return seq_before + (record == 0 ? 0 : metas[record - 1].seq_delta);
    }
};

/// Whole records [first, end) of one segment, encoded in one form. Borrowed: pin() it to keep the
/// bytes past the next call to the log.
struct Span {
    Bytes bytes;
    Segment* segment = nullptr;
    Run* run = nullptr;
    wire::Form form = wire::Form::text;
    std::uint32_t first = 0;  ///< record numbers within the segment
    std::uint32_t end = 0;

    LogIndex begin_index() const noexcept { return segment->first + first; }
    LogIndex end_index() const noexcept { return segment->first + end; }
};

/// Who appended a record: the connection, and the session it speaks for (0 without one).
struct Author {
    ConnSerial serial = 0;
    SessionKey session = 0;
};

/// A numbered record found again.
struct FoundRecord {
    wire::Event event;  ///< borrows from the log: valid until its next change
    Author author;
};

/// Where a reader's own lines may still lie: records by `serial` below `until` are stepped over.
struct OwnLines {
    ConnSerial serial = 0;
    LogIndex until = 0;
};

class RoomLog {
public:
    /// `room` is the name as first written; `epoch` is positive. `log_limits` and `totals` must
    /// outlive the log.
    RoomLog(std::string room, const LogLimits& log_limits, LogTotals& totals, Epoch epoch = 1);
    RoomLog(const RoomLog&) = delete;
    RoomLog& operator=(const RoomLog&) = delete;
    ~RoomLog();

    const std::string& room() const noexcept { return room_; }
    LogIndex first() const noexcept { return first_; }  ///< the edge: older records are gone
    LogIndex end() const noexcept { return end_; }
    Epoch epoch() const noexcept { return epoch_; }
    Seq last_seq() const noexcept { return last_seq_; }
    /// Of the newest numbered record ever, or where the epoch begins.
    Position last() const noexcept { return {epoch_, last_seq_}; }
    std::size_t canonical_bytes() const noexcept { return canonical_bytes_; }
    std::size_t run_bytes() const noexcept { return run_bytes_; }
    std::size_t segment_count() const noexcept { return segments_.size(); }
    std::size_t unlinked_count() const noexcept { return unlinked_.size(); }
    /// Whether any span is pinned; the log must live until none is.
    bool pinned() const noexcept { return pins_ != 0; }

    /// Sequences and stores one event (its room and position are the log's to give); it must pass
    /// event_fits().
    LogIndex append(const wire::Event& event, Author author);
    LogIndex append(const wire::Event& event, ConnSerial author) {
        return append(event, Author{author, 0});
    }

    /// What follows is numbered from `last` + 1 in `epoch`. Either the epoch grows, or the number
    /// within it.
    void continue_at(Position last) noexcept;

    /// The position of the last numbered record before `index`, which lies in [first(), end()].
    Position before(LogIndex index) const noexcept;
    Seq seq_before(LogIndex index) const noexcept { return before(index).seq; }

    /// Whether everything after `position` is here: it lies between before(first()) and last().
    bool holds_after(Position position) const noexcept {
        return position >= before(first_) && position <= last();
    }
    /// Where a reader that has everything up to `position` goes on; holds_after(position) must be
    /// true. The record of that number, if it is here, lies just before.
    LogIndex index_after(Position position) const noexcept;

    /// The numbered record at `position`, if it is here.
    std::optional<FoundRecord> find(Position position) const noexcept;
    /// Record `index` in [first(), end()), with room and position.
    wire::Event event_at(LogIndex index) const noexcept;

    /// Marks a said record and its edits as taken back: from here on every encoding shows that.
    /// Bytes that a send pins go out as they are. False if it is not here or was nothing said.
    bool remove(Position position) noexcept;

    /// Spans of whole records from `cursor`, in [first(), until): steps `cursor` over the reader's
    /// own lines, then as many records as fit `bytes_max`, at least one, never past the segment or
    /// the next own line. An empty span (first == end) means the cursor reached `until`; a span of
    /// records with no bytes in the form has empty `bytes`.
    Span gather(wire::Form form, LogIndex& cursor, LogIndex until, std::size_t bytes_max,
                OwnLines own);

    void pin(const Span& span) noexcept;
    /// Frees what only this pin kept. `span.segment` may be gone afterwards.
    void unpin(const Span& span) noexcept;

    /// The edge that unlink_oldest() would leave; end() when one segment is left.
    LogIndex edge_after_unlink() const noexcept;
    /// Forgets the oldest segment. Resting cursors must have been moved to edge_after_unlink().
    void unlink_oldest() noexcept;

    /// Drops unpinned runs while run_bytes() is over `bytes_max`: first those of segments in which
    /// `stands(first, end)` says that no cursor stands, then any but the newest segment's.
    template <class Stands>
    void drop_runs(std::size_t bytes_max, Stands&& stands);

    /// Walks everything and asserts that the parts agree. For tests and simulation.
    void check_invariants() const;

private:
    Segment& open_segment(std::size_t bytes);
    bool fits_newest(std::size_t bytes) const noexcept;
    const Segment& segment_of(LogIndex index) const noexcept;
    Segment& segment_of(LogIndex index) noexcept {
        return const_cast<Segment&>(std::as_const(*this).segment_of(index));
    }
    std::optional<LogIndex> index_of(Position position) const noexcept;
    Bytes record_at(const Segment& segment, std::uint32_t record) const noexcept;
    Run& open_run(Segment& segment, wire::Form form);
    void drop_run(Segment& segment, std::size_t form) noexcept;
    void mark_removed(LogIndex index) noexcept;
    void free_run(Segment& segment, std::unique_ptr<Run>& run) noexcept;
    wire::Event event_in(const Segment& segment, std::uint32_t record) const noexcept;

    std::string room_;
    const LogLimits* limits_;
    LogTotals* totals_;
    std::deque<std::unique_ptr<Segment>> segments_;
    std::vector<std::unique_ptr<Segment>> unlinked_;
    LogIndex first_ = 0;
    LogIndex end_ = 0;
    Epoch epoch_;
    Seq last_seq_ = 0;
    std::size_t canonical_bytes_ = 0;
    std::size_t run_bytes_ = 0;
    std::uint32_t pins_ = 0;
    std::array<std::string, wire::form_count> encoded_;  ///< scratch: the record being appended
};

/// Whether no form of the event is larger than limits::record_bytes_max; the room mark included.
bool event_fits(const wire::Event& event) noexcept;

template <class Stands>
void RoomLog::drop_runs(std::size_t bytes_max, Stands&& stands) {
    for (const bool even_read_ones : {false, true}) {
        for (std::size_t index = 0; index < segments_.size() && run_bytes_ > bytes_max; ++index) {
            Segment& segment = *segments_[index];
            const bool newest = index + 1 == segments_.size();
            if (even_read_ones ? newest : stands(segment.first, segment.end())) continue;
            for (std::size_t form = 0; form < wire::form_count; ++form)
                drop_run(segment, form);
        }
    }
}

}  // namespace chatd::chat
