#pragma once
// Faults planted on purpose, to test the simulation: it must find each of them. Only the program
// simulation_faults is compiled with CHATD_PLANTED_FAULTS; everywhere else planted() is the
// constant false and leaves no trace. What can be spoilt outside of the server (a line lost on its
// way, a gap notice with a wrong number) is spoilt by the simulation itself and not named here.

#include <cstdint>

namespace chatd {

enum class Planted : std::uint8_t {
    none,
    wrong_generation,        ///< a completion finds a membership by its place alone
    rest_forgotten,          ///< the rest of a record cut by a short send is not sent
    wake_forgotten,          ///< a completion does not lead to the next send
    cursor_kept,             ///< a completion leaves the cursor where it was
    own_lines_sent,          ///< own lines are not stepped over
    until_ignored,           ///< a half-closed reader gets what is said after its FIN
    pin_kept_on_leave,       ///< a flight whose reader has left the room is not resolved
    pinned_run_reused,       ///< a run is given up although a send pins it
    owed_forgotten,          ///< a flight that lands behind the edge owes no gap
    cancel_forgotten,        ///< sends that hold too much are not cancelled
    acknowledged_early,      ///< what is said is acknowledged before its commit
    hole_forgotten,          ///< numbers that are not kept are told to nobody
    tail_promised,           ///< a position is recovered over a tail that did not survive
    delivery_awaits_commit,  ///< readers get nothing while the store has not committed all
};

#ifdef CHATD_PLANTED_FAULTS
inline Planted planted_now = Planted::none;
inline bool planted(Planted fault) noexcept {
    return planted_now == fault;
}
#else
constexpr bool planted(Planted) noexcept {
    return false;
}
#endif

}  // namespace chatd
