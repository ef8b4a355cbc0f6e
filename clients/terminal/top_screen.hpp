#pragma once
// The terminal while chatcli top paints on it: the other screen, keys as they are typed, and its
// size. What it was is put back at the end. One thread; one at a time.

#include <termios.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "chatd/base/time.hpp"
#include "chatd/client/socket.hpp"

namespace chatd::terminal {

class TopScreen {
public:
    /// None where standard input and output are no terminal.
    static std::optional<TopScreen> open();
    TopScreen(TopScreen&& other) noexcept;
    TopScreen& operator=(TopScreen&&) = delete;
    TopScreen(const TopScreen&) = delete;
    TopScreen& operator=(const TopScreen&) = delete;
    ~TopScreen();

    struct Size {
        std::size_t width = 80;
        std::size_t height = 24;
    };
    /// Of the terminal that standard output is.
    static Size size_of_output() noexcept;
    Size size() const noexcept { return size_of_output(); }

    /// Paints these lines from the top, as many as there is room for; the second is set off.
    void paint(const std::vector<std::string>& lines) const;

    struct Input {
        std::string keys{};
        int signal = 0;        ///< SIGINT or SIGTERM
        bool resized = false;  ///< paint again
        bool ended = false;    ///< the terminal is gone
    };
    /// What happened until `deadline`, or at the first thing that does.
    Input wait(Time deadline) const;

private:
    explicit TopScreen(const termios& before, client::Socket signals);

    termios before_{};
    client::Socket signals_;
    bool open_ = true;
};

}  // namespace chatd::terminal
