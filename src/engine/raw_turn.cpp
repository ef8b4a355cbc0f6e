#include "engine/raw_turn.hpp"

#include <algorithm>
#include <cstring>

#include "chatd/base/assert.hpp"

namespace chatd::engine {

static_assert(limits::udp_trains_per_call_max >=
              limits::udp_datagrams_per_turn_max + limits::udp_posts_per_turn_max);
static_assert(limits::datagram_bytes_limit <= limits::udp_post_bytes_per_turn_max);

void split_into_trains(std::span<const Bytes> parts, std::uint32_t segments_max,
                       std::vector<TrainRange>& trains) {
    trains.clear();
    std::uint32_t first = 0;
    while (first < parts.size()) {
        const std::size_t segment_bytes = parts[first].size();
        std::size_t train_bytes = segment_bytes;
        std::uint32_t end = first + 1;
        // A shorter part ends the train: UDP_SEGMENT cuts every segment_bytes.
        while (end < parts.size() && end - first < segments_max &&
               parts[end - 1].size() == segment_bytes && parts[end].size() <= segment_bytes &&
               train_bytes + parts[end].size() <= limits::udp_train_bytes_max) {
            train_bytes += parts[end].size();
            ++end;
        }
        trains.push_back({first, end - first});
        first = end;
    }
}

RawTurn::RawTurn(std::uint32_t segments_max)
    : segments_max_(std::clamp(segments_max, 1U, limits::udp_train_segments_max)) {
    parts_.reserve(entry_count_max);
    slots_.reserve(entry_count_max);
    superseded_.reserve(entry_count_max);
    newest_parts_.reserve(entry_count_max);
    whole_trains_.reserve(entry_count_max);
    newest_trains_.reserve(entry_count_max);
    own_trains_.reserve(entry_count_max);
    arena_.reserve(arena_parts_max);
    trains_.reserve(limits::udp_trains_per_call_max);
}

RawTurn::EntryIndex RawTurn::add(Bytes payload, std::uint16_t slot) {
    CHATD_ASSERT(!full());
    ++received_count_;
    parts_.push_back(payload);
    slots_.push_back(slot);
    superseded_.push_back(0);
    return entry_count() - 1;
}

bool RawTurn::add_post(Bytes payload) {
    if (post_count_ == limits::udp_posts_per_turn_max) return false;
    if (post_bytes_ + payload.size() > limits::udp_post_bytes_per_turn_max) return false;
    if (!posts_) {
        posts_ = std::make_unique_for_overwrite<std::byte[]>(limits::udp_post_bytes_per_turn_max);
    }
    std::byte* copy = posts_.get() + post_bytes_;
    std::memcpy(copy, payload.data(), payload.size());
    ++post_count_;
    post_bytes_ += payload.size();
    parts_.push_back({copy, payload.size()});
    slots_.push_back(post_slot);
    superseded_.push_back(0);
    return true;
}

namespace {
std::size_t bytes_of(std::span<const Bytes> parts) noexcept {
    std::size_t total = 0;
    for (const Bytes part : parts)
        total += part.size();
    return total;
}
}  // namespace

void RawTurn::seal() {
    split_into_trains(parts_, segments_max_, whole_trains_);
    whole_ = {parts_, whole_trains_, bytes_of(parts_)};
    newest_built_ = false;
}

const PartList& RawTurn::newest() {
    if (newest_built_) return newest_;
    newest_built_ = true;
    newest_parts_.clear();
    for (std::size_t entry = 0; entry < parts_.size(); ++entry) {
        if (!superseded_[entry]) newest_parts_.push_back(parts_[entry]);
    }
    split_into_trains(newest_parts_, segments_max_, newest_trains_);
    newest_ = {newest_parts_, newest_trains_, bytes_of(newest_parts_)};
    return newest_;
}

PartList RawTurn::without(std::uint16_t slot, EntryIndex from, bool newest_only) {
    const std::size_t start = arena_.size();
    for (std::size_t entry = from; entry < parts_.size(); ++entry) {
        if (slots_[entry] == slot || (newest_only && superseded_[entry])) continue;
        arena_.push_back(parts_[entry]);
    }
    const std::span<const Bytes> own{arena_.data() + start, arena_.size() - start};
    split_into_trains(own, segments_max_, own_trains_);
    return {own, own_trains_, bytes_of(own)};
}

std::size_t RawTurn::count_without(std::uint16_t slot, EntryIndex from) const noexcept {
    return static_cast<std::size_t>(std::count_if(slots_.begin() + from, slots_.end(),
                                                  [slot](std::uint16_t s) { return s != slot; }));
}

bool RawTurn::has_room() const noexcept {
    return trains_.size() + parts_.size() <= limits::udp_trains_per_call_max &&
           arena_.size() + parts_.size() <= arena_parts_max;
}

void RawTurn::add_trains(const PartList& list, const Train& like, bool one_by_one) {
    const auto add_one = [&](std::size_t first, std::size_t count) {
        Train& train = trains_.emplace_back(like);
        train.parts = list.parts.subspan(first, count);
        train.segment_bytes = static_cast<std::uint16_t>(train.parts.front().size());
    };
    if (one_by_one) {
        for (std::size_t part = 0; part < list.parts.size(); ++part)
            add_one(part, 1);
        return;
    }
    for (const TrainRange range : list.trains)
        add_one(range.first, range.count);
}

void RawTurn::clear_trains() noexcept {
    trains_.clear();
    arena_.clear();
}

void RawTurn::begin_next() noexcept {
    clear_trains();
    parts_.clear();
    slots_.clear();
    superseded_.clear();
    received_count_ = 0;
    post_count_ = 0;
    post_bytes_ = 0;
    if (++number_ == 0) number_ = 1;  // 0 is the turn in which nobody has spoken
}

}  // namespace chatd::engine
