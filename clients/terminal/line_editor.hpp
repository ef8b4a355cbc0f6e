#pragma once
// A line typed at a terminal while other things happen: libedit behind a small door. The caller
// provides the bytes one by one and may, while it waits for the next, print above what is being
// typed. Owns the editor, its history and the terminal's mode. One thread, one instance.

#include <histedit.h>
#include <termios.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace chatd::terminal {

inline constexpr int history_lines_max = 1000;

/// The next thing from the keyboard.
struct Key {
    enum class Kind : std::uint8_t { byte, interrupt, stop, end };
    Kind kind = Kind::end;
    char byte = 0;
};

class LineEditor {
public:
    using NextKey = std::function<Key()>;
    enum class Outcome : std::uint8_t {
        line,         ///< a whole line, without its newline
        interrupted,  ///< Ctrl-C; what was typed is gone from the screen
        stopped,      ///< the caller wants to stop; what was typed stays on the screen
        ended,        ///< Ctrl-D on an empty line, or the terminal went away
    };

    /// `next_key` blocks until there is a key.
    explicit LineEditor(NextKey next_key);
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;
    ~LineEditor();

    /// False where libedit cannot work with this terminal.
    explicit operator bool() const noexcept { return editor_ != nullptr; }

    /// Lets a line be edited; `line` is UTF-8. Kept in the history unless empty.
    Outcome read_line(std::string& line);

    /// `text`, plain ASCII, stands before what is typed, faint if `faint`.
    void set_prompt(std::string_view text, bool faint);

    /// Prints `text`, whole lines each with LF, and below it again what is being typed. Called from
    /// within `next_key` or between lines.
    void print_above(std::string_view text);

    /// The terminal changed its size: draws anew.
    void resized();

    /// Gives the terminal back and stops the process, until somebody continues it (Ctrl-Z).
    void suspend();

private:
    struct EditorEnd {
        void operator()(EditLine* editor) const noexcept { el_end(editor); }
    };
    struct HistoryEnd {
        void operator()(History* history) const noexcept { history_end(history); }
    };

    static int read_character(EditLine* editor, wchar_t* character);
    static char* show_prompt(EditLine* editor);
    int next_character(wchar_t& character);
    void erase();
    void refresh();

    NextKey next_key_;
    termios original_{};  // of the terminal, for whoever has it while we are stopped
    std::unique_ptr<History, HistoryEnd> history_;
    std::unique_ptr<EditLine, EditorEnd> editor_;
    std::string prompt_;
    std::size_t prompt_columns_ = 0;
    Key::Kind ended_by_ = Key::Kind::byte;
    bool editing_ = false;
};

/// The row, counted from the one the prompt begins in, where the cursor stands after `typed` on a
/// terminal of `columns`. Follows libedit: a wide character never straddles two rows.
std::size_t cursor_row(std::size_t prompt_columns, std::wstring_view typed,
                       std::size_t columns) noexcept;

}  // namespace chatd::terminal
