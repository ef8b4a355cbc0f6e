#pragma once
// The only place where the client library asks the system for chance.

#include <cstdint>

namespace chatd::client {

/// 64 unpredictable bits of the system's generator, to seed a Prng. Any thread.
std::uint64_t random_seed() noexcept;

}  // namespace chatd::client
