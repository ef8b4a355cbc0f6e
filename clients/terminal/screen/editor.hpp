#pragma once
// The line being typed, with its cursor, what was cut out last, and the lines typed before. Keys
// become calls here; the text is drawn by whoever asks for it. Values in, values out; owns its
// texts. One thread.
//
// The text is UTF-8 without controls but tab; the cursor is a byte offset between two clusters
// (glyphs.hpp), so that every step and every deletion is one character as people count.

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "chatd/base/limits.hpp"

namespace chatd::terminal {

class Editor {
public:
    static constexpr std::size_t bytes_max = limits::line_bytes_max;
    static constexpr std::size_t lines_kept_max = 1000;

    const std::string& text() const noexcept { return text_; }
    std::size_t cursor() const noexcept { return cursor_; }
    bool empty() const noexcept { return text_.empty(); }

    /// Puts `utf8_text` before the cursor; false, and nothing happens, where the line would pass
    /// bytes_max.
    bool insert(std::string_view utf8_text);
    /// Puts `utf8_text` in the place of the bytes from `begin` to `end`; the cursor stands behind
    /// it. False as above.
    bool replace(std::size_t begin, std::size_t end, std::string_view utf8_text);

    void left() noexcept;
    void right() noexcept;
    void word_left() noexcept;
    void word_right() noexcept;
    void home() noexcept { cursor_ = 0; }
    void end() noexcept { cursor_ = text_.size(); }

    void erase_left();   ///< Backspace
    void erase_right();  ///< Delete
    void cut_word_left();
    void cut_to_home();
    void cut_to_end();
    void paste();  ///< what was cut last

    /// The line typed before, or after, the one shown; what was being typed comes back at the end.
    void older();
    void newer();

    /// Empties the line; it is not remembered.
    void clear();
    /// Takes the line out and remembers it.
    std::string submit();

private:
    void cut(std::size_t begin, std::size_t end);
    void show(std::string text);

    std::string text_;
    std::size_t cursor_ = 0;
    std::string cut_;
    std::deque<std::string> kept_;  // oldest first
    std::size_t shown_ = 0;         // of kept_; its size: the line being typed
    std::string typed_;             // that line, while another one is shown
};

}  // namespace chatd::terminal
