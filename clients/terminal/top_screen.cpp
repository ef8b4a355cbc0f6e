#include "top_screen.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "chatd/client/clock.hpp"
#include "output.hpp"
#include "paint.hpp"
#include "signals.hpp"

namespace chatd::terminal {

namespace {

// ECMA-48 and xterm: the other screen, the cursor hidden, no line wrap; and back.
constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr std::string_view leave = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::string_view home = "\x1b[H";
constexpr std::string_view clear_line = "\x1b[K";
constexpr std::string_view clear_below = "\x1b[J";
constexpr std::string_view inverse = "\x1b[7m";
constexpr std::string_view plain = "\x1b[m";

}  // namespace

TopScreen::TopScreen(const termios& before, client::Socket signals)
    : before_(before), signals_(std::move(signals)) {}

TopScreen::TopScreen(TopScreen&& other) noexcept
    : before_(other.before_),
      signals_(std::move(other.signals_)),
      open_(std::exchange(other.open_, false)) {}

std::optional<TopScreen> TopScreen::open() {
    const char* const term = std::getenv("TERM");
    termios before{};
    const bool able = ::isatty(STDOUT_FILENO) != 0 && colours_wanted(nullptr, term) &&
                      ::tcgetattr(STDIN_FILENO, &before) == 0;
    if (!able) return {};
    termios keys = before;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    TopScreen screen(before, open_signals({SIGINT, SIGTERM, SIGWINCH}));
    ::tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    write_all(STDOUT_FILENO, enter);
    return screen;
}

TopScreen::~TopScreen() {
    if (!open_) return;
    write_all(STDOUT_FILENO, leave);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

TopScreen::Size TopScreen::size_of_output() noexcept {
    winsize window{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) return {};
    return {window.ws_col, std::max<std::size_t>(window.ws_row, 3)};
}

void TopScreen::paint(const std::vector<std::string>& lines) const {
    const Size room = size();
    std::string out(home);
    const std::size_t count = std::min(lines.size(), room.height);
    for (std::size_t index = 0; index < count; ++index) {
        std::string line = lines[index].substr(0, room.width);
        const bool set_off = index == 1;
        if (set_off) {
            line.resize(room.width, ' ');
            out += inverse;
        }
        out += line;
        if (set_off) out += plain;
        out += clear_line;
        if (index + 1 < count) out += "\r\n";
    }
    out += clear_below;
    write_all(STDOUT_FILENO, out);
}

TopScreen::Input TopScreen::wait(Time deadline) const {
    Input input;
    std::array<pollfd, 2> wanted{{{STDIN_FILENO, POLLIN, 0}, {signals_.fd(), POLLIN, 0}}};
    const int timeout = client::poll_timeout_ms(client::now(), deadline);
    if (::poll(wanted.data(), wanted.size(), timeout) <= 0) return input;
    if (wanted[0].revents != 0) {
        std::array<char, 64> keys;
        const ssize_t bytes = ::read(STDIN_FILENO, keys.data(), keys.size());
        if (bytes > 0) input.keys.assign(keys.data(), static_cast<std::size_t>(bytes));
        input.ended = bytes == 0 || (bytes < 0 && errno != EINTR && errno != EAGAIN);
    }
    while (const auto number = next_signal(signals_)) {
        if (*number == SIGWINCH) {
            input.resized = true;
        } else {
            input.signal = *number;
        }
    }
    return input;
}

}  // namespace chatd::terminal
