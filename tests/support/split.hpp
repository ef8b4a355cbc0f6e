#pragma once
// Helpers for codec tests: the same input cut at every byte, and placed against a guard page.

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string_view>
#include <vector>

#include "chatd/base/assert.hpp"
#include "chatd/base/bytes.hpp"

namespace chatd::test {

/// Calls check(first, second) for every way to cut `input` in two, empty halves included.
template <class Check>
void for_every_cut(std::string_view input, Check&& check) {
    for (std::size_t cut = 0; cut <= input.size(); ++cut) {
        check(input.substr(0, cut), input.substr(cut));
    }
}

/// Owns a copy of some bytes whose last byte is followed by an inaccessible page: reading one
/// byte past the end ends the test with a fault.
class Guarded {
public:
    explicit Guarded(std::string_view content) {
        const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        const std::size_t data_bytes = (content.size() + page_bytes - 1) / page_bytes * page_bytes;
        mapped_bytes_ = data_bytes + page_bytes;
        map_ = mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                    0);
        CHATD_ASSERT(map_ != MAP_FAILED);
        auto* guard = static_cast<std::byte*>(map_) + data_bytes;
        CHATD_ASSERT(mprotect(guard, page_bytes, PROT_NONE) == 0);
        auto* start = guard - content.size();
        if (!content.empty()) std::memcpy(start, content.data(), content.size());
        bytes_ = {start, content.size()};
    }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;
    ~Guarded() { munmap(map_, mapped_bytes_); }

    Bytes bytes() const noexcept { return bytes_; }
    std::string_view text() const noexcept { return as_text(bytes_); }

private:
    void* map_ = nullptr;
    std::size_t mapped_bytes_ = 0;
    Bytes bytes_;
};

}  // namespace chatd::test
