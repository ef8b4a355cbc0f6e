// The registry of nicks in use; what a name is stands in names.cpp.

#include "chatd/chat/names.hpp"

#include <array>
#include <utility>

#include "chat/spelling.hpp"
#include "chatd/base/assert.hpp"

namespace chatd::chat {

namespace {

constexpr std::uint32_t none = UINT32_MAX;
constexpr std::uint32_t chunk_entries = 256;  // 11 KiB a step
constexpr std::size_t slots_min = 16;

bool fits(std::string_view nick) noexcept {
    return !nick.empty() && nick.size() <= limits::name_bytes_max;
}

}  // namespace

/// A nick as its holder wrote it. Without a nick it is free and `holder.connection.index` names the
/// next free.
struct NickTable::Entry {
    std::array<char, limits::name_bytes_max> bytes;
    std::uint32_t index;  // of its holder; of a free entry the next free
    std::uint32_t generation;
    std::uint8_t nick_bytes;
    bool is_session;
    NickHolder holder() const noexcept {
        NickHolder held;
        held.index = index;
        held.generation = generation;
        held.is_session = is_session;
        return held;
    }
    void set_holder(NickHolder held) noexcept {
        index = held.index;
        generation = held.generation;
        is_session = held.is_session;
    }
    std::string_view nick() const noexcept { return {bytes.data(), nick_bytes}; }
};

/// What a nick is looked for by in one of the two indices.
struct NickTable::Key {
    Kind kind;
    Spelling spelling;
    std::uint32_t hash;
};

NickTable::NickTable(std::uint64_t salt)
    : salt_(salt),
      by_fold_(slots_min, Slot{0, none}),
      by_skeleton_(slots_min, Slot{0, none}),
      free_head_(none) {
    static_assert(sizeof(Entry) == 44);
}

NickTable::~NickTable() = default;

wire::Errc NickTable::take(std::string_view nick, NickHolder holder) {
    CHATD_ASSERT(fits(nick));
    if (!is_free(nick)) return wire::Errc::nick_in_use;
    insert(nick, holder);
    return wire::Errc::none;
}

bool NickTable::is_free(std::string_view nick) const noexcept {
    return look_up(key_of(nick, Kind::fold)) == none &&
           look_up(key_of(nick, Kind::skeleton)) == none;
}

wire::Errc NickTable::rename(std::string_view nick, std::string_view next) {
    CHATD_ASSERT(fits(next));
    const std::uint32_t own = fits(nick) ? look_up(key_of(nick, Kind::fold)) : none;
    if (own == none) return wire::Errc::no_such_nick;
    for (const Kind kind : {Kind::fold, Kind::skeleton}) {
        const std::uint32_t holder = look_up(key_of(next, kind));
        if (holder != none && holder != own) return wire::Errc::nick_in_use;
    }
    const NickHolder holder = entry(own).holder();
    remove(own);
    insert(next, holder);
    return wire::Errc::none;
}

bool NickTable::release(std::string_view nick) noexcept {
    const std::uint32_t found = fits(nick) ? look_up(key_of(nick, Kind::fold)) : none;
    if (found == none) return false;
    remove(found);
    return true;
}

bool NickTable::hand_over(std::string_view nick, NickHolder holder) noexcept {
    const std::uint32_t found = fits(nick) ? look_up(key_of(nick, Kind::fold)) : none;
    if (found == none) return false;
    entry(found).set_holder(holder);
    return true;
}

std::optional<NickHolder> NickTable::find(std::string_view nick) const noexcept {
    const std::uint32_t found = fits(nick) ? look_up(key_of(nick, Kind::fold)) : none;
    if (found == none) return std::nullopt;
    return entry(found).holder();
}

std::size_t NickTable::memory_bytes() const noexcept {
    return sizeof *this + chunks_.capacity() * sizeof chunks_[0] +
           chunks_.size() * chunk_entries * sizeof(Entry) +
           (by_fold_.capacity() + by_skeleton_.capacity()) * sizeof(Slot);
}

NickTable::Entry& NickTable::entry(std::uint32_t index) const noexcept {
    return chunks_[index / chunk_entries][index % chunk_entries];
}

NickTable::Key NickTable::key_of(std::string_view nick, Kind kind) const noexcept {
    const Spelling spelling = kind == Kind::fold ? fold_of(nick) : skeleton_of(nick);
    return {kind, spelling, spelling.hash(salt_)};
}

NickTable::Index& NickTable::index_of(Kind kind) noexcept {
    return kind == Kind::fold ? by_fold_ : by_skeleton_;
}

/// The entry whose nick spells as the key does, none without one. Equal hashes prove nothing.
std::uint32_t NickTable::look_up(const Key& key) const noexcept {
    const Index& index = key.kind == Kind::fold ? by_fold_ : by_skeleton_;
    const std::size_t mask = index.size() - 1;
    for (std::size_t at = key.hash & mask; index[at].entry != none; at = (at + 1) & mask) {
        if (index[at].hash != key.hash) continue;
        const std::string_view nick = entry(index[at].entry).nick();
        const Spelling spelling = key.kind == Kind::fold ? fold_of(nick) : skeleton_of(nick);
        if (spelling.text() == key.spelling.text()) return index[at].entry;
    }
    return none;
}

std::string_view NickTable::held(std::string_view nick) const noexcept {
    const std::uint32_t index = fits(nick) ? look_up(key_of(nick, Kind::fold)) : none;
    return index == none ? std::string_view{} : entry(index).nick();
}

void NickTable::insert(std::string_view nick, NickHolder holder) {
    constexpr std::size_t load_percent_max = 75;  // linear probing: about 8 slots for a miss
    if ((size_ + 1) * 100 > by_fold_.size() * load_percent_max) grow();
    std::uint32_t index = free_head_;
    if (index == none) {
        index = entry_count_++;
        if (index % chunk_entries == 0) chunks_.push_back(std::make_unique<Entry[]>(chunk_entries));
    } else {
        free_head_ = entry(index).index;
    }
    Entry& taken = entry(index);
    nick.copy(taken.bytes.data(), nick.size());
    taken.nick_bytes = static_cast<std::uint8_t>(nick.size());
    taken.set_holder(holder);
    for (const Kind kind : {Kind::fold, Kind::skeleton}) {
        place(index_of(kind), {key_of(nick, kind).hash, index});
    }
    ++size_;
}

void NickTable::remove(std::uint32_t index) noexcept {
    Entry& removed = entry(index);
    for (const Kind kind : {Kind::fold, Kind::skeleton}) {
        erase(index_of(kind), {key_of(removed.nick(), kind).hash, index});
    }
    removed.nick_bytes = 0;
    removed.index = free_head_;
    free_head_ = index;
    --size_;
}

void NickTable::place(Index& index, Slot slot) noexcept {
    const std::size_t mask = index.size() - 1;
    std::size_t at = slot.hash & mask;
    while (index[at].entry != none)
        at = (at + 1) & mask;
    index[at] = slot;
}

/// Empties the slot and moves later ones of its run back over the hole, so that no probe stops
/// short and no tombstones pile up.
void NickTable::erase(Index& index, Slot slot) noexcept {
    const std::size_t mask = index.size() - 1;
    std::size_t hole = slot.hash & mask;
    while (index[hole].entry != slot.entry)
        hole = (hole + 1) & mask;
    for (std::size_t at = (hole + 1) & mask; index[at].entry != none; at = (at + 1) & mask) {
        const std::size_t home = index[at].hash & mask;
        const bool reaches_hole = ((at - home) & mask) >= ((at - hole) & mask);
        if (!reaches_hole) continue;
        index[hole] = index[at];
        hole = at;
    }
    index[hole] = {0, none};
}

void NickTable::grow() {
    for (const Kind kind : {Kind::fold, Kind::skeleton}) {
        Index& index = index_of(kind);
        Index larger(index.size() * 2, Slot{0, none});
        for (const Slot& slot : index) {
            if (slot.entry != none) place(larger, slot);
        }
        index = std::move(larger);
    }
}

}  // namespace chatd::chat
