// chatd: options, server, run.

#include <csignal>
#include <cstdio>

#include "chatd/base/exit_code.hpp"
#include "chatd/server/log.hpp"
#include "chatd/server/offline.hpp"
#include "chatd/server/options.hpp"
#include "chatd/server/server.hpp"

namespace {

// The ring reads these from a descriptor; every thread must have them blocked before it starts.
void block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, number);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a log reader that goes away must not end the server
}

// Prints a line and gives the exit code of a mistake.
int failed(const chatd::server::StartError& error) {
    std::fprintf(stderr, "chatd: %s\n", error.text.c_str());
    return error.code;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace chatd;
    const auto options = server::parse_options(argc, argv);
    if (!options) {
        const bool asked = options.error().code == status_of(ExitCode::ok);
        std::fputs(options.error().text.c_str(), asked ? stdout : stderr);
        return options.error().code;
    }
    switch (options->mode) {
        case server::Mode::serve:
            break;
        case server::Mode::check_store:
            return server::print_check(*options);
        case server::Mode::export_room:
            return server::print_export(*options);
    }
    block_signals();
    server::log_start(options->log_level);
    const auto server = server::Server::start(*options);
    if (!server) {
        server::log_stop();
        return failed(server.error());
    }
    server::log(server::LogLevel::info, "ready {}", (*server)->bound_addresses());
    const int code = (*server)->run();
    server::log(server::LogLevel::info, "stopped code={}", code);
    server::log_stop();
    return code;
}
