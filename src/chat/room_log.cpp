#include "chatd/chat/room_log.hpp"

#include <algorithm>
#include <utility>

#include "chatd/base/assert.hpp"
#include "chatd/base/planted.hpp"
#include "chatd/chat/record.hpp"

namespace chatd::chat {

namespace {

// Neutralising turns one byte into at most three, and each text line repeats the author.
constexpr std::size_t shown_growth_max = 3;
constexpr std::size_t line_overhead_bytes_max = 2 * limits::name_bytes_max + 16;

// A segment of tiny records ends by their count, so that meta and ends stay below its bytes.
constexpr std::size_t segment_bytes_per_record_min = 16;

constexpr std::size_t slot_of(wire::Form form) noexcept {
    return static_cast<std::size_t>(form);
}

}  // namespace

bool event_fits(const wire::Event& event) noexcept {
    static_assert(shown_growth_max * limits::body_bytes_max +
                          limits::body_lines_max * line_overhead_bytes_max <=
                      limits::record_bytes_max,
                  "a body within its limits fits a record in every form");
    return event.from.size() <= limits::name_bytes_max &&
           event.body.size() <= limits::body_bytes_max && event.key.size() <= limits::key_bytes_max;
}

RoomLog::RoomLog(std::string room, const LogLimits& log_limits, LogTotals& totals, Epoch epoch)
    : room_(std::move(room)), limits_(&log_limits), totals_(&totals), epoch_(epoch) {
    CHATD_ASSERT(epoch != 0);
}

RoomLog::~RoomLog() {
    while (!segments_.empty())
        unlink_oldest();
    CHATD_ASSERT(unlinked_.empty());
}

LogIndex RoomLog::append(const wire::Event& event, Author author) {
    CHATD_ASSERT(event_fits(event));
    const bool numbered = wire::is_numbered(event.kind);
    wire::Event named = event;
    named.room = room_;
    if (numbered) named.at = {epoch_, last_seq_ + 1};
    if (!segments_.empty()) {
        for (std::size_t form = 0; form < wire::form_count; ++form) {
            if (!segments_.back()->runs[form]) continue;
            encoded_[form].clear();
            wire::append_event(encoded_[form], static_cast<wire::Form>(form), named);
        }
    }
    const std::size_t bytes = record_bytes(event, author.session);
    Segment& segment = fits_newest(bytes) ? *segments_.back() : open_segment(bytes);
    const std::uint32_t canonical_start = segment.canonical_used();
    write_record(segment.canonical.get() + canonical_start, event, author.session);

    if (numbered) ++last_seq_;
    Meta meta;
    meta.canonical_end = canonical_start + static_cast<std::uint32_t>(bytes);
    meta.author = author.serial;
    meta.seq_delta = static_cast<std::uint32_t>(last_seq_ - segment.seq_before) & 0x3fffffffU;
    meta.numbered = numbered ? 1 : 0;
    meta.removed = event.removed ? 1 : 0;
    segment.metas.push_back(meta);

    for (std::size_t form = 0; form < wire::form_count; ++form) {
        Run* run = segment.runs[form].get();
        if (run == nullptr) continue;
        const std::string& text = encoded_[form];
        if (!text.empty())
            std::memcpy(run->bytes.get() + run->bytes_used, text.data(), text.size());
        run->bytes_used += static_cast<std::uint32_t>(text.size());
        run->ends.push_back(run->bytes_used);
    }
    return end_++;
}

// Whether the record fits the newest segment's canonical bytes and, already encoded, its runs.
bool RoomLog::fits_newest(std::size_t bytes) const noexcept {
    if (segments_.empty()) return false;
    const Segment& newest = *segments_.back();
    const Seq last = newest.seq_before_record(newest.record_count());
    if (newest.epoch != epoch_ || last != last_seq_) return false;  // continued elsewhere
    if (newest.canonical_used() + bytes > newest.canonical_max) return false;
    if (newest.record_count() * segment_bytes_per_record_min >= newest.canonical_max) return false;
    for (std::size_t form = 0; form < wire::form_count; ++form) {
        const Run* run = newest.runs[form].get();
        if (run != nullptr && run->bytes_used + encoded_[form].size() > run->bytes_max)
            return false;
    }
    return true;
}

Segment& RoomLog::open_segment(std::size_t bytes) {
    std::size_t segment_bytes = limits_->segment_bytes_min;
    if (!segments_.empty()) {
        segment_bytes = std::min<std::size_t>(std::size_t{2} * segments_.back()->canonical_max,
                                              limits_->segment_bytes_max);
    }
    segment_bytes = std::max(segment_bytes, bytes);
    auto segment = std::make_unique<Segment>();
    segment->first = end_;
    segment->epoch = epoch_;
    segment->seq_before = last_seq_;
    segment->canonical_max = static_cast<std::uint32_t>(segment_bytes);
    segment->canonical = std::make_unique_for_overwrite<std::byte[]>(segment_bytes);
    canonical_bytes_ += segment_bytes;
    totals_->canonical_bytes += segment_bytes;
    segments_.push_back(std::move(segment));
    return *segments_.back();
}

void RoomLog::continue_at(Position last) noexcept {
    CHATD_ASSERT(last >= this->last());
    epoch_ = last.epoch;
    last_seq_ = last.seq;
}

const Segment& RoomLog::segment_of(LogIndex index) const noexcept {
    CHATD_ASSERT(index >= first_ && index < end_);
    if (index >= segments_.back()->first) return *segments_.back();
    auto after = std::upper_bound(segments_.begin(), segments_.end(), index,
                                  [](LogIndex wanted, const std::unique_ptr<Segment>& segment) {
                                      return wanted < segment->first;
                                  });
    return **std::prev(after);
}

Position RoomLog::before(LogIndex index) const noexcept {
    if (index == end_) return last();
    const Segment& segment = segment_of(index);
    return {segment.epoch,
            segment.seq_before_record(static_cast<std::uint32_t>(index - segment.first))};
}

LogIndex RoomLog::index_after(Position position) const noexcept {
    CHATD_ASSERT(holds_after(position));
    // The last segment that begins before the position: the record of that number lies in it, or
    // was none of this log.
    auto after = std::lower_bound(segments_.begin(), segments_.end(), position,
                                  [](const std::unique_ptr<Segment>& segment, Position wanted) {
                                      return Position{segment->epoch, segment->seq_before} < wanted;
                                  });
    if (after == segments_.begin()) return first_;
    const Segment& segment = **std::prev(after);
    if (position.epoch != segment.epoch) return segment.end();
    const auto found = std::lower_bound(
        segment.metas.begin(), segment.metas.end(), position.seq - segment.seq_before,
        [](const Meta& meta, Seq wanted) { return meta.seq_delta < wanted; });
    if (found == segment.metas.end()) return segment.end();
    return segment.first + static_cast<LogIndex>(found - segment.metas.begin()) + 1;
}

std::optional<LogIndex> RoomLog::index_of(Position position) const noexcept {
    if (position.seq == 0 || segments_.empty()) return std::nullopt;
    if (position <= before(first_) || position > last()) return std::nullopt;
    const LogIndex after = index_after(position);
    if (after == first_) return std::nullopt;
    const LogIndex index = after - 1;
    const Segment& segment = segment_of(index);
    const Meta& meta = segment.metas[static_cast<std::size_t>(index - segment.first)];
    const Position found{segment.epoch, segment.seq_before + meta.seq_delta};
    if (meta.numbered == 0 || found != position) return std::nullopt;
    return index;
}

std::optional<FoundRecord> RoomLog::find(Position position) const noexcept {
    const auto index = index_of(position);
    if (!index) return std::nullopt;
    const Segment& segment = segment_of(*index);
    const auto record = static_cast<std::uint32_t>(*index - segment.first);
    return FoundRecord{
        .event = event_in(segment, record),
        .author = {segment.metas[record].author, session_of_record(record_at(segment, record))}};
}

wire::Event RoomLog::event_at(LogIndex index) const noexcept {
    const Segment& segment = segment_of(index);
    return event_in(segment, static_cast<std::uint32_t>(index - segment.first));
}

bool RoomLog::remove(Position position) noexcept {
    const auto index = index_of(position);
    if (!index || !wire::is_said(event_at(*index).kind)) return false;
    mark_removed(*index);
    // Its edits held its text too.
    for (LogIndex edit = *index + 1; edit < end_; ++edit) {
        const wire::Event event = event_at(edit);
        if (event.kind == wire::EventKind::edited && event.target == position) mark_removed(edit);
    }
    return true;
}

void RoomLog::mark_removed(LogIndex index) noexcept {
    Segment& segment = segment_of(index);
    segment.metas[static_cast<std::size_t>(index - segment.first)].removed = 1;
    for (std::unique_ptr<Run>& run : segment.runs) {
        if (!run) continue;
        if (run->pins == 0) {
            free_run(segment, run);
        } else {
            segment.superseded.push_back(std::move(run));
        }
    }
}

Span RoomLog::gather(wire::Form form, LogIndex& cursor, LogIndex until, std::size_t bytes_max,
                     OwnLines own) {
    until = std::min(until, end_);
    while (cursor < until) {
        Segment& segment = segment_of(cursor);
        auto first = static_cast<std::uint32_t>(cursor - segment.first);
        auto end = static_cast<std::uint32_t>(std::min(until, segment.end()) - segment.first);
        if (cursor < own.until) {
            const auto own_end =
                static_cast<std::uint32_t>(std::min<LogIndex>(end, own.until - segment.first));
            while (first < own_end && segment.metas[first].author == own.serial)
                ++first;
            cursor = segment.first + first;
            if (first == end) continue;
            std::uint32_t next_own = first;
            while (next_own < own_end && segment.metas[next_own].author != own.serial)
                ++next_own;
            if (next_own < own_end) end = next_own;
        }
        const Run& run =
            segment.runs[slot_of(form)] ? *segment.runs[slot_of(form)] : open_run(segment, form);
        const std::uint32_t start = first == 0 ? 0 : run.ends[first - 1];
        if (run.ends[end - 1] - start > bytes_max) {
            const auto past = std::upper_bound(run.ends.begin() + first, run.ends.begin() + end,
                                               start + bytes_max);
            end = std::max(first + 1, static_cast<std::uint32_t>(past - run.ends.begin()));
        }
        return {.bytes = {run.bytes.get() + start, run.ends[end - 1] - start},
                .segment = &segment,
                .run = segment.runs[slot_of(form)].get(),
                .form = form,
                .first = first,
                .end = end};
    }
    return {};
}

Run& RoomLog::open_run(Segment& segment, wire::Form form) {
    auto run = std::make_unique<Run>();
    run->ends.reserve(segment.metas.size());
    std::string& text = encoded_[slot_of(form)];
    text.clear();
    for (std::uint32_t record = 0; record < segment.record_count(); ++record) {
        wire::append_event(text, form, event_in(segment, record));
        run->ends.push_back(static_cast<std::uint32_t>(text.size()));
    }
    // A sealed segment grows no more; the newest leaves room for its canonical bytes and marks.
    const bool newest = &segment == segments_.back().get();
    const std::size_t room_to_grow = newest ? segment.canonical_max + segment.canonical_max / 2 : 0;
    run->bytes_max = static_cast<std::uint32_t>(std::max(text.size(), room_to_grow));
    run->bytes_used = static_cast<std::uint32_t>(text.size());
    run->bytes = std::make_unique_for_overwrite<std::byte[]>(run->bytes_max);
    if (!text.empty()) std::memcpy(run->bytes.get(), text.data(), text.size());
    run_bytes_ += run->bytes_max;
    totals_->run_bytes += run->bytes_max;
    ++totals_->runs_opened;
    segment.runs[slot_of(form)] = std::move(run);
    return *segment.runs[slot_of(form)];
}

Bytes RoomLog::record_at(const Segment& segment, std::uint32_t record) const noexcept {
    const std::uint32_t start = record == 0 ? 0 : segment.metas[record - 1].canonical_end;
    return {segment.canonical.get() + start, segment.metas[record].canonical_end - start};
}

wire::Event RoomLog::event_in(const Segment& segment, std::uint32_t record) const noexcept {
    const Meta& meta = segment.metas[record];
    wire::Event event = read_record(record_at(segment, record));
    event.room = room_;
    if (meta.numbered != 0) event.at = {segment.epoch, segment.seq_before + meta.seq_delta};
    event.removed = meta.removed != 0;
    if (event.removed) event.body = {};
    return event;
}

void RoomLog::drop_run(Segment& segment, std::size_t form) noexcept {
    const Run* run = segment.runs[form].get();
    if (run == nullptr) return;
    if (run->pins != 0) {
        if (planted(Planted::pinned_run_reused))
            std::memset(run->bytes.get(), '?', run->bytes_used);
        return;
    }
    free_run(segment, segment.runs[form]);
}

void RoomLog::free_run(Segment& segment, std::unique_ptr<Run>& run) noexcept {
    if (segment.unlinked) {
        totals_->unlinked_bytes -= run->bytes_max;
    } else {
        run_bytes_ -= run->bytes_max;
        totals_->run_bytes -= run->bytes_max;
    }
    run.reset();
}

void RoomLog::pin(const Span& span) noexcept {
    ++span.segment->pins;
    ++span.run->pins;
    ++pins_;
    ++totals_->pins;
}

void RoomLog::unpin(const Span& span) noexcept {
    Segment& segment = *span.segment;
    Run& run = *span.run;
    CHATD_ASSERT(segment.pins > 0);
    CHATD_ASSERT(run.pins > 0);
    --segment.pins;
    --run.pins;
    --pins_;
    --totals_->pins;
    if (const auto old = std::find_if(segment.superseded.begin(), segment.superseded.end(),
                                      [&](const auto& owned) { return owned.get() == &run; });
        old != segment.superseded.end() && run.pins == 0) {
        free_run(segment, *old);
        segment.superseded.erase(old);
    }
    if (!segment.unlinked) return;
    drop_run(segment, slot_of(span.form));
    if (segment.pins != 0) return;
    const auto found = std::find_if(unlinked_.begin(), unlinked_.end(),
                                    [&](const auto& owned) { return owned.get() == &segment; });
    CHATD_ASSERT(found != unlinked_.end());
    unlinked_.erase(found);
}

LogIndex RoomLog::edge_after_unlink() const noexcept {
    return segments_.size() > 1 ? segments_[1]->first : end_;
}

void RoomLog::unlink_oldest() noexcept {
    CHATD_ASSERT(!segments_.empty());
    std::unique_ptr<Segment> segment = std::move(segments_.front());
    segments_.pop_front();
    first_ = segments_.empty() ? end_ : segments_.front()->first;
    canonical_bytes_ -= segment->canonical_max;
    totals_->canonical_bytes -= segment->canonical_max;
    ++totals_->segments_unlinked;
    for (std::size_t form = 0; form < wire::form_count; ++form)
        drop_run(*segment, form);
    if (segment->pins == 0) return;
    segment->unlinked = true;
    segment->canonical.reset();
    const auto count_as_unlinked = [&](const std::unique_ptr<Run>& run) {
        if (!run) return;
        run_bytes_ -= run->bytes_max;
        totals_->run_bytes -= run->bytes_max;
        totals_->unlinked_bytes += run->bytes_max;
    };
    std::for_each(segment->runs.begin(), segment->runs.end(), count_as_unlinked);
    std::for_each(segment->superseded.begin(), segment->superseded.end(), count_as_unlinked);
    unlinked_.push_back(std::move(segment));
}

void RoomLog::check_invariants() const {
    std::size_t canonical = 0;
    std::size_t runs = 0;
    LogIndex next = first_;
    for (const auto& segment : segments_) {
        CHATD_ASSERT(segment->first == next);
        CHATD_ASSERT(!segment->unlinked);
        CHATD_ASSERT(segment->canonical_used() <= segment->canonical_max);
        CHATD_ASSERT(segment->record_count() > 0);
        next = segment->end();
        canonical += segment->canonical_max;
        std::uint32_t pins = 0;
        for (const auto& run : segment->runs) {
            if (!run) continue;
            CHATD_ASSERT(run->ends.size() == segment->metas.size());
            CHATD_ASSERT(run->ends.back() == run->bytes_used);
            CHATD_ASSERT(run->bytes_used <= run->bytes_max);
            CHATD_ASSERT(std::is_sorted(run->ends.begin(), run->ends.end()));
            runs += run->bytes_max;
            pins += run->pins;
        }
        for (const auto& run : segment->superseded) {
            CHATD_ASSERT(run->pins > 0);
            runs += run->bytes_max;
            pins += run->pins;
        }
        CHATD_ASSERT(pins == segment->pins);
    }
    CHATD_ASSERT(next == end_);
    CHATD_ASSERT(canonical == canonical_bytes_);
    CHATD_ASSERT(runs == run_bytes_);
    for (const auto& segment : unlinked_)
        CHATD_ASSERT(segment->pins > 0);
}

}  // namespace chatd::chat
