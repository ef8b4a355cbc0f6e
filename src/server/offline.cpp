#include "chatd/server/offline.hpp"

#include <cstdio>

#include "chatd/base/exit_code.hpp"
#include "chatd/store/check.hpp"
#include "chatd/store/export.hpp"
#include "server/store_link.hpp"

namespace chatd::server {

namespace {

int fail(const StartError& failed) {
    std::fprintf(stderr, "chatd: %s\n", failed.text.c_str());
    return failed.code;
}

}  // namespace

int print_check(const Options& options) {
    const std::string directory = state_directory(options.state.directory);
    if (directory.empty()) return fail(no_state_directory());
    const auto checked = store::check_store(directory);
    if (!checked) return fail(start_error_of(checked.error()));
    std::printf("%s\n", checked->c_str());
    return status_of(*checked == "ok" ? ExitCode::ok : ExitCode::failed);
}

int print_export(const Options& options) {
    const std::string directory = state_directory(options.state.directory);
    if (directory.empty()) return fail(no_state_directory());
    const auto write = [](std::string_view line) {
        return std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
    };
    const auto count = store::export_room(directory, options.room, write);
    if (!count) return fail(start_error_of(count.error()));
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status_of(ExitCode::ok);
    std::fprintf(stderr, "chatd: the output could not be written\n");
    return status_of(ExitCode::io_error);
}

}  // namespace chatd::server
