#pragma once
// One run of the generator, from the first connection to the report: open, settle, warm up,
// measure, drain. Options are borrowed. One thread; blocks until the run is over, which --count or
// --seconds and the stall time-out bound.

#include <expected>
#include <string>

#include "load/options.hpp"
#include "load/report.hpp"

namespace chatd::load {

/// The report, or why no connection could be made.
std::expected<Report, std::string> run(const Options& options);

}  // namespace chatd::load
