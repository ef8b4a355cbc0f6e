#pragma once
// What the engine is told at its start: limits, times and policies. Plain values; the server fills
// them from flags, tests and the simulation make them small.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/base/time.hpp"
#include "chatd/chat/room_log.hpp"
#include "chatd/wire/asset.hpp"
#include "chatd/wire/request.hpp"

namespace chatd::engine {

using wire::SlowReader;

struct EngineConfig {
    chat::LogLimits log;
    std::size_t span_bytes_max = limits::span_bytes_max;
    std::size_t span_bytes_slow_max = limits::span_bytes_slow_max;
    std::size_t gather_bytes_max = limits::gather_bytes_max;
    std::size_t stream_bytes_max = limits::stream_bytes_max;
    std::size_t input_bytes_max = limits::input_bytes_max;
    std::size_t input_total_bytes_max = limits::input_total_bytes_max;
    std::size_t reassembly_bytes_max = limits::reassembly_bytes_max;
    std::uint32_t connections_max = limits::connections_max;
    std::uint32_t rooms_max = limits::rooms_max;
    std::uint32_t memberships_max = limits::memberships_max;
    std::uint32_t sessions_max = limits::sessions_max;
    SlowReader slow_reader = SlowReader::oldest;

    /// Whether a store carries out Engine::persists(): then numbers survive a restart, answers to
    /// what is said follow its commit, and history goes back beyond memory.
    bool keeps_history = false;
    std::size_t store_queue_max = limits::store_queue_max;  ///< writes without their commit
    std::size_t store_queue_bytes_max = limits::store_queue_bytes_max;
    /// How long a room that everybody has left keeps its log in memory.
    Duration room_kept = Duration::zero();

    Duration listen_after = std::chrono::milliseconds{200};       ///< zero: never
    Duration greet_after = std::chrono::seconds{1};               ///< zero: never
    Duration websocket_ping_interval = std::chrono::seconds{25};  ///< zero: never
    Duration websocket_pong_timeout = std::chrono::seconds{10};

    /// Whether Output::ask_unsent is understood: then the wait for a pong begins when its ping has
    /// left this machine, else when the kernel took it.
    bool can_ask_unsent = false;

    std::span<const wire::Asset> assets{};  ///< the web page; static
    std::vector<std::string> origins;       ///< whole Origin values that browsers may come from
    std::string version = "0";
    UnixMs unix_start = 0;   ///< the wall clock at the start; epochs of new rooms come from it
    std::uint64_t seed = 0;  ///< salts the hash tables; secret and new in each process
    std::string token_seed;  ///< 32 secret random bytes that resume tokens are made of; else none
};

}  // namespace chatd::engine
