#include "output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "chatd/wire/shown.hpp"
#include "paint.hpp"

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
    // What a server wrote may be in it: nothing that a terminal obeys but the line ends.
    std::string text = "chatcli: ";
    bool first = true;
    wire::for_each_line(what, [&](std::string_view line) {
        if (!std::exchange(first, false)) text += '\n';
        append_safe(text, line);
    });
    write_all(STDERR_FILENO, text + '\n');
}

}  // namespace chatd::terminal
