#include "output.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace chatd::terminal {

client::ExitCode write_all(int fd, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count >= 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {  // somebody shares a non-blocking descriptor with us
            pollfd wanted{fd, POLLOUT, 0};
            ::poll(&wanted, 1, -1);
        } else if (errno == EPIPE) {
            return client::ExitCode::broken_pipe;
        } else if (errno != EINTR) {
            return client::ExitCode::io_error;
        }
    }
    return client::ExitCode::ok;
}

void complain(std::string_view what) {
    // fmt::print() would throw where standard error is closed; then nobody is there to be told.
    write_all(STDERR_FILENO, fmt::format("chatcli: {}\n", what));
}

}  // namespace chatd::terminal
