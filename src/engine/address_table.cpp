#include "engine/address_table.hpp"

#include <utility>

#include "chatd/base/assert.hpp"

namespace chatd::engine {

namespace {
constexpr std::size_t cell_count_min = 32;
}

// The high half of the hash is the better mixed one: it ends with a multiplication.
std::size_t AddressTable::home_of(const Address& key) const noexcept {
    return (AddressHash{}(key) >> 32) & (cells_.size() - 1);
}

// The cell that holds `key`, or the free one where it would go.
std::size_t AddressTable::cell_of(const Address& key) const noexcept {
    std::size_t at = home_of(key);
    while (!cells_[at].free() && cells_[at].key != key)
        at = (at + 1) & (cells_.size() - 1);
    return at;
}

std::uint32_t* AddressTable::find(const Address& key) noexcept {
    if (size_ == 0) return nullptr;
    Cell& cell = cells_[cell_of(key)];
    return cell.free() ? nullptr : &cell.value;
}

void AddressTable::insert(const Address& key, std::uint32_t value) {
    CHATD_ASSERT(key.family != Address::Family::none);
    if (2 * (size_ + 1) > cells_.size()) grow();
    Cell& cell = cells_[cell_of(key)];
    CHATD_ASSERT(cell.free());
    cell = {key, value};
    ++size_;
}

void AddressTable::erase(const Address& key) noexcept {
    std::size_t hole = cell_of(key);
    CHATD_ASSERT(!cells_[hole].free());
    const std::size_t mask = cells_.size() - 1;
    // Whatever a search would no longer reach past the hole moves into it (Knuth 6.4, algorithm R).
    for (std::size_t at = (hole + 1) & mask; !cells_[at].free(); at = (at + 1) & mask) {
        const std::size_t home = home_of(cells_[at].key);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            cells_[hole] = cells_[at];
            hole = at;
        }
    }
    cells_[hole] = {};
    --size_;
}

void AddressTable::grow() {
    std::vector<Cell> before(cells_.empty() ? cell_count_min : 2 * cells_.size());
    before.swap(cells_);
    for (const Cell& cell : before) {
        if (!cell.free()) cells_[cell_of(cell.key)] = cell;
    }
}

}  // namespace chatd::engine
