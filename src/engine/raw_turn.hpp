#pragma once
// What one turn brought for the raw peers, and the trains it leaves in.
//
//   entries   0      1      2      3      4         one for each datagram of the turn, in order
//   parts_    [A 64B][A 64B][B 64B][A 20B][C 900B]  the list every listener gets
//   ranges    |------- one train -------||-------|  equal sizes, the last may be shorter
//
// Who only listens shares that list; who spoke in the turn gets one of its own, without what is
// its own, in the arena. Payloads of raw peers are borrowed, those of posts copied. Everything is
// reserved once. Engine only; one thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/engine/datagrams.hpp"

namespace chatd::engine {

/// Some parts of a list that leave as one train.
struct TrainRange {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

/// Cuts `parts` into the fewest trains that keep their order: equal sizes but for a shorter last
/// one, at most `segments_max` parts and limits::udp_train_bytes_max bytes. No part is empty.
void split_into_trains(std::span<const Bytes> parts, std::uint32_t segments_max,
                       std::vector<TrainRange>& trains);

/// What one recipient gets.
struct PartList {
    std::span<const Bytes> parts;
    std::span<const TrainRange> trains;
    std::size_t bytes = 0;
};

class RawTurn {
public:
    using EntryIndex = std::uint32_t;
    static constexpr std::uint16_t nobody = UINT16_MAX;  ///< the slot of no peer

    explicit RawTurn(std::uint32_t segments_max);

    // While datagrams come in.
    std::uint32_t number() const noexcept { return number_; }
    EntryIndex entry_count() const noexcept { return static_cast<EntryIndex>(parts_.size()); }
    bool full() const noexcept { return received_count_ == limits::udp_datagrams_per_turn_max; }
    /// Takes the datagram of the peer at `slot`; not full().
    EntryIndex add(Bytes payload, std::uint16_t slot);
    /// Copies a post; false when there is no room for it in this turn.
    bool add_post(Bytes payload);
    /// Its sender has said something newer in this turn.
    void supersede(EntryIndex entry) noexcept { superseded_[entry] = 1; }

    // While trains go out.
    void seal();
    /// Everything, and the newest of each sender: for who only listened.
    const PartList& whole() const noexcept { return whole_; }
    const PartList& newest();
    /// Entries from `from` on but those of `slot`. The parts live until clear_trains(), the list
    /// until the next call.
    PartList without(std::uint16_t slot, EntryIndex from, bool newest_only);
    std::size_t count_without(std::uint16_t slot, EntryIndex from) const noexcept;
    /// Whether another recipient's trains and list are sure to fit.
    bool has_room() const noexcept;
    void add_trains(const PartList& list, const Train& like, bool one_by_one);
    std::span<const Train> trains() const noexcept { return trains_; }
    void clear_trains() noexcept;

    /// Forgets everything and begins the next turn.
    void begin_next() noexcept;

private:
    static constexpr std::size_t entry_count_max =
        limits::udp_datagrams_per_turn_max + limits::udp_posts_per_turn_max;
    static constexpr std::size_t arena_parts_max = 32 * entry_count_max;
    static constexpr std::uint16_t post_slot = 0;

    std::uint32_t segments_max_;
    std::uint32_t number_ = 1;
    std::uint32_t received_count_ = 0;
    std::uint32_t post_count_ = 0;
    std::size_t post_bytes_ = 0;
    std::unique_ptr<std::byte[]> posts_;  ///< made with the first post

    std::vector<Bytes> parts_;
    std::vector<std::uint16_t> slots_;
    std::vector<std::uint8_t> superseded_;
    std::vector<Bytes> newest_parts_;
    std::vector<TrainRange> whole_trains_;
    std::vector<TrainRange> newest_trains_;
    std::vector<TrainRange> own_trains_;
    std::vector<Bytes> arena_;
    std::vector<Train> trains_;
    PartList whole_;
    PartList newest_;
    bool newest_built_ = false;
};

}  // namespace chatd::engine
