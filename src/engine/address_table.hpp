#pragma once
// AddressTable: a number for each of a set of addresses. Open addressing, linear probing, at most
// half full, erased without tombstones, so that a search looks at one or two cells. It owns its
// cells, which only grow. Engine only; one thread.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "chatd/base/address.hpp"

namespace chatd::engine {

class AddressTable {
public:
    /// The number of `key`, or nullptr. Valid until the next insert or erase.
    std::uint32_t* find(const Address& key) noexcept;
    /// `key` has a family and is not in the table.
    void insert(const Address& key, std::uint32_t value);
    /// `key` is in the table.
    void erase(const Address& key) noexcept;
    std::size_t size() const noexcept { return size_; }

private:
    struct Cell {
        Address key;  ///< Family::none = free
        std::uint32_t value = 0;
        bool free() const noexcept { return key.family == Address::Family::none; }
    };

    std::size_t home_of(const Address& key) const noexcept;
    std::size_t cell_of(const Address& key) const noexcept;
    void grow();

    std::vector<Cell> cells_;  ///< a power of two of them, or none
    std::size_t size_ = 0;
};

}  // namespace chatd::engine
