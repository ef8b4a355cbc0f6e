#pragma once
// What the worlds of one run together went through; zero somewhere means that something is not
// tried.

#include <cstdint>

namespace chatd::simulation {

struct Tally {
    std::uint64_t worlds = 0;
    std::uint64_t turns = 0;
    std::uint64_t connections = 0;
    std::uint64_t messages = 0;
    std::uint64_t deliveries = 0;
    std::uint64_t sends = 0;
    std::uint64_t sends_short = 0;
    std::uint64_t gaps = 0;
    std::uint64_t segments_unlinked = 0;
    std::uint64_t cancels = 0;
    std::uint64_t pauses = 0;
    std::uint64_t slow_closed = 0;
    std::uint64_t private_messages = 0;
    std::uint64_t events = 0;
    std::uint64_t datagrams = 0;

    // Of the worlds with a store.
    std::uint64_t stored_worlds = 0;
    std::uint64_t crashes = 0;
    std::uint64_t clean_stops = 0;
    std::uint64_t store_stalls = 0;
    std::uint64_t store_troubles = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t repeated = 0;  ///< resent under a key, and said only once
    std::uint64_t refused = 0;   ///< for want of room in the store's queue
    std::uint64_t unkept = 0;    ///< delivered, and a hole in what is kept
    std::uint64_t lost = 0;      ///< delivered, and gone with a crash
    std::uint64_t recovered_true = 0;
    std::uint64_t recovered_false = 0;
};

}  // namespace chatd::simulation
