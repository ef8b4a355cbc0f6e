#pragma once
// Positions as text: "41", a number of the epoch that the room stands in, or "3:41", one of
// epoch 3. Pure functions, any thread; `out` is the caller's and only grows.

#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/position.hpp"

namespace chatd::wire {

/// Appends "41" if `at` is of epoch `present` (or of none), else "3:41".
void append_position(std::string& out, const Position& at, Epoch present);

/// Reads "41" (its epoch is then 0: the present one) or "3:41". A number without an epoch is
/// positive; "3:0" stands before the first message of an epoch. nullopt for anything else, and for
/// numbers past 2^53.
std::optional<Position> parse_position(std::string_view text) noexcept;

}  // namespace chatd::wire
