#pragma once
// A check of the simulation that does not hold: its name and what was seen. Thrown by the checks
// and caught by the program, never across a floor of the server.

#include <string>
#include <string_view>
#include <utility>

namespace chatd::simulation {

struct Violation {
    std::string_view check;  ///< a literal: "gap_exact"
    std::string detail;
};

[[noreturn]] inline void violate(std::string_view check, std::string detail) {
    throw Violation{check, std::move(detail)};
}

}  // namespace chatd::simulation
