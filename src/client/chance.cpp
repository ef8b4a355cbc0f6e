#include "chatd/client/chance.hpp"

#include <sys/random.h>

#include <cerrno>

#include "chatd/base/assert.hpp"

namespace chatd::client {

std::uint64_t random_seed() noexcept {
    std::uint64_t seed = 0;
    ssize_t count = 0;
    do {
        count = ::getrandom(&seed, sizeof seed, 0);
    } while (count < 0 && errno == EINTR);
    // Up to 256 bytes come whole or not at all, getrandom(2).
    CHATD_ASSERT(count == sizeof seed);
    return seed;
}

}  // namespace chatd::client
