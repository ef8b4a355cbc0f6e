// chatload: options, run, report.

#include <fmt/format.h>

#include "load/options.hpp"
#include "load/report.hpp"
#include "load/run.hpp"

using namespace chatd;

int main(int argc, char** argv) {
    const auto parsed = load::parse_options(argc, argv);
    if (const auto* ended = std::get_if<client::ExitCode>(&parsed)) return status_of(*ended);
    const load::Options& options = std::get<load::Options>(parsed);

    const auto report = load::run(options);
    if (!report) {
        fmt::print(stderr, "chatload: {}\n", report.error());
        return status_of(client::ExitCode::cannot_connect);
    }
    fmt::print("{}", options.json ? json_of(*report, options) : table_of(*report, options));
    return status_of(report->passed() ? client::ExitCode::ok : client::ExitCode::failed);
}
