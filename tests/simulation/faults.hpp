#pragma once
// The planted faults, which test the simulation: run with one of them, some check must fail within
// a bounded number of worlds. Most are planted here, between the engine and the clients, where
// they need no line of the server; the rest are the hooks of chatd/base/planted.hpp, which only
// simulation_faults has.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "chatd/base/planted.hpp"

namespace chatd::simulation {

enum class Fault : std::uint8_t {
    none,
    // On the way from the engine to the client's check: whole lines.
    line_lost,
    line_repeated,
    lines_swapped,
    gap_too_long,
    gap_too_short,
    gap_missing,
    gap_late,
    join_reply_late,
    private_misread,
    // In the fake kernel.
    rest_lost,
    rest_repeated,
    second_send,
    header_spoilt,
    bytes_changed,
    train_lost,
    train_repeated,
    // In the store.
    commit_lost,
    epoch_kept,
    missing_untold,
    keys_lost,
    // In the server.
    hook,
};

struct PlantedFault {
    std::string_view name;
    Fault fault = Fault::none;
    Planted hook = Planted::none;
};

std::span<const PlantedFault> planted_faults() noexcept;
const PlantedFault* find_fault(std::string_view name) noexcept;
/// False when this program has no hooks to plant it.
bool plant(const PlantedFault& planted) noexcept;

inline Fault active_fault = Fault::none;
inline bool faulty(Fault fault) noexcept {
    return active_fault == fault;
}

/// What happens to one client's lines under the active fault; without one they pass unchanged.
class LineFilter {
public:
    using Sink = std::function<void(std::string_view)>;
    void pass(std::string_view line, const Sink& sink);

private:
    std::string held_;
    std::uint32_t said_count_ = 0;
};

}  // namespace chatd::simulation
