#include "chatd/server/offline.hpp"

#include <cstdio>

#include "chatd/base/exit_code.hpp"
#include "chatd/store/check.hpp"
#include "chatd/store/export.hpp"
#include "server/store_link.hpp"

namespace chatd::server {

namespace {

int fail(const store::StoreError& error) {
    const StartError failed = start_error_of(error);
    std::fprintf(stderr, "chatd: %s\n", failed.text.c_str());
    return failed.code;
}

}  // namespace

int print_check(const Options& options) {
    const auto checked = store::check_store(state_directory(options.state.directory));
    if (!checked) return fail(checked.error());
    std::printf("%s\n", checked->c_str());
    return status_of(*checked == "ok" ? ExitCode::ok : ExitCode::failed);
}

int print_export(const Options& options) {
    const auto write = [](std::string_view line) {
        return std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
    };
    const auto count =
        store::export_room(state_directory(options.state.directory), options.room, write);
    if (!count) return fail(count.error());
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status_of(ExitCode::ok);
    std::fprintf(stderr, "chatd: the output could not be written\n");
    return status_of(ExitCode::io_error);
}

}  // namespace chatd::server
