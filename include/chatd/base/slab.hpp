#pragma once
// Slab<T, Tag>: values at stable indices, named by generation-checked handles.
//
// The slab owns its values; references stay valid until the value is erased (values live in
// fixed chunks and never move). Erased slots are reused most recent first. Not thread safe: one
// slab belongs to one engine.

#include <array>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "chatd/base/assert.hpp"
#include "chatd/base/ids.hpp"

namespace chatd {

template <class T, class Tag>
class Slab {
public:
    using handle = Handle<Tag>;

    explicit Slab(std::uint32_t count_max) : count_max_(count_max) {}
    Slab(const Slab&) = delete;
    Slab& operator=(const Slab&) = delete;
    Slab(Slab&&) = delete;
    Slab& operator=(Slab&&) = delete;
    ~Slab() {
        for (std::uint32_t index = 0; index < slot_count_; ++index) {
            if (slot(index).live()) slot(index).value().~T();
        }
    }

    bool full() const noexcept { return live_count_ == count_max_; }
    std::uint32_t size() const noexcept { return live_count_; }
    /// One past the largest index ever handed out; for walks with at_index().
    std::uint32_t index_end() const noexcept { return slot_count_; }

    /// Makes a value in a free slot. The slab must not be full().
    template <class... Args>
    handle emplace(Args&&... args) {
        CHATD_ASSERT(!full());
        std::uint32_t index = free_head_;
        if (index == none) {
            index = slot_count_;
            if (index % chunk_slots == 0) chunks_.push_back(std::make_unique<Chunk>());
            ++slot_count_;
        } else {
            free_head_ = slot(index).next_free;
        }
        Slot& chosen = slot(index);
        new (chosen.storage) T(std::forward<Args>(args)...);
        chosen.next_free = in_use;
        ++live_count_;
        return {index, chosen.generation};
    }

    /// The value, or nullptr when it was erased since the handle was made.
    T* find(handle id) noexcept {
        if (id.index >= slot_count_) return nullptr;
        Slot& found = slot(id.index);
        return found.live() && found.generation == id.generation ? &found.value() : nullptr;
    }
    const T* find(handle id) const noexcept { return const_cast<Slab*>(this)->find(id); }

    /// The value of a handle that must be live.
    T& operator[](handle id) noexcept {
        T* found = find(id);
        CHATD_ASSERT(found != nullptr);
        return *found;
    }
    const T& operator[](handle id) const noexcept { return const_cast<Slab&>(*this)[id]; }

    /// The live value at a bare index, or nullptr; handle_at() names it.
    T* at_index(std::uint32_t index) noexcept {
        return index < slot_count_ && slot(index).live() ? &slot(index).value() : nullptr;
    }
    handle handle_at(std::uint32_t index) const noexcept {
        return {index, const_cast<Slab*>(this)->slot(index).generation};
    }

    void erase(handle id) noexcept {
        CHATD_ASSERT(find(id) != nullptr);
        Slot& erased = slot(id.index);
        erased.value().~T();
        if (++erased.generation == 0) erased.generation = 1;
        erased.next_free = free_head_;
        free_head_ = id.index;
        --live_count_;
    }

private:
    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::uint32_t in_use = UINT32_MAX - 1;
    static constexpr std::uint32_t chunk_slots = 64;

    struct Slot {
        alignas(T) std::byte storage[sizeof(T)];
        std::uint32_t generation = 1;
        std::uint32_t next_free = none;  ///< in_use while it holds a value
        bool live() const noexcept { return next_free == in_use; }
        T& value() noexcept { return *std::launder(reinterpret_cast<T*>(storage)); }
    };
    using Chunk = std::array<Slot, chunk_slots>;

    Slot& slot(std::uint32_t index) noexcept {
        return (*chunks_[index / chunk_slots])[index % chunk_slots];
    }

    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::uint32_t slot_count_ = 0;
    std::uint32_t live_count_ = 0;
    std::uint32_t free_head_ = none;
    std::uint32_t count_max_;
};

}  // namespace chatd
