// chatcli: the chat in a terminal, and datagrams by hand.

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>

#include "chatd/client/chance.hpp"
#include "chatd/client/dial.hpp"
#include "chatd/client/servers.hpp"
#include "commands.hpp"
#include "options.hpp"
#include "output.hpp"
#include "paint.hpp"
#include "plain_chat.hpp"
#include "screen_chat.hpp"
#include "top_command.hpp"
#include "top_options.hpp"
#include "udp_command.hpp"

namespace chatd::terminal {
namespace {

// Where the shell closed one of the three, a socket must not take its number.
void hold_standard_descriptors() {
    while (true) {
        const int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd < 0) return;
        if (fd > STDERR_FILENO) {
            ::close(fd);
            return;
        }
    }
}

// Plain lines have no session to resume: they are dialled for once, one server after the other.
std::expected<client::Socket, client::DialError> dial(const ServerOptions& at) {
    client::ServerList servers(at.servers, at.balance, client::random_seed());
    std::expected<client::Socket, client::DialError> dialled;
    for (auto next = servers.next(); !next.empty(); next = servers.next()) {
        for (const client::Target& server : next) {
            dialled = client::dial_tcp(server, at.dial);
            if (dialled) return dialled;
        }
    }
    return dialled;
}

int run_command(const ChatOptions& options) {
    const bool colours = !options.plain && ::isatty(STDOUT_FILENO) != 0 &&
                         colours_wanted(std::getenv("NO_COLOR"), std::getenv("TERM"));
    // A dumb terminal edits its lines itself; NO_COLOR is no reason not to have a screen.
    const bool full_screen = !options.plain && ::isatty(STDIN_FILENO) != 0 &&
                             ::isatty(STDOUT_FILENO) != 0 &&
                             colours_wanted(nullptr, std::getenv("TERM"));
    if (full_screen) {
        if (const auto status = run_screen_chat(options, colours)) return *status;
    }
    auto socket = dial(options.at);
    if (!socket) {
        complain(socket.error().message);
        return client::status_of(socket.error().exit_code());
    }
    return client::status_of(run_plain_chat(std::move(*socket), options, colours));
}

int run_command(const UdpOptions& options) {
    return run_udp_command(options);
}

int run(int argc, char** argv) {
    hold_standard_descriptors();
    // A closed pipe is an error of the write, told by the exit code.
    std::signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && std::string_view(argv[1]) == "top") {
        const auto top = parse_top_options(argc - 1, argv + 1);
        return top ? run_top(*top) : client::status_of(top.error());
    }
    const auto options = parse_options(argc, argv);
    if (!options) return client::status_of(options.error());
    return std::visit([](const auto& asked) { return run_command(asked); }, *options);
}

}  // namespace
}  // namespace chatd::terminal

int main(int argc, char** argv) {
    return chatd::terminal::run(argc, argv);
}
