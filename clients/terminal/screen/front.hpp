#pragma once
// The terminal behind the screen: ncurses and nothing but it. Keys come out as values, pictures go
// in. Owns the terminal's mode from open() to the end of its life; one instance, one thread. Never
// waits for the keyboard: the owner polls standard input.

#include <memory>
#include <optional>

#include "draw.hpp"
#include "key.hpp"

namespace chatd::terminal {

struct ScreenSize {
    std::size_t rows = 0;
    std::size_t columns = 0;
};

class Front {
public:
    /// Takes the terminal; nullptr where ncurses does not know it, or it cannot move its cursor.
    /// Without `colours` bold, faint and reversed text remain.
    static std::unique_ptr<Front> open(bool colours);
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;
    ~Front();

    ScreenSize size() const noexcept;
    /// The terminal's size changed (SIGWINCH).
    void resized();

    /// What was pressed next; nothing if nothing is there yet.
    std::optional<Key> next_key();

    /// Shows it; only what changed is sent.
    void show(const Picture& picture);
    /// The next show() sends everything.
    void redraw();
    void ring_bell();
    /// Gives the terminal back and stops the process, until somebody continues it.
    void suspend();

private:
    explicit Front(bool colours);
    void show_row(std::size_t row, const Cells& cells);

    bool colours_;
    Cells shown_;
};

}  // namespace chatd::terminal
