#include "line_editor.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cwchar>
#include <cwctype>

namespace chatd::terminal {

namespace {

constexpr wchar_t replacement_character = 0xfffd;
// libedit takes what stands between two of these as escape sequences without width.
constexpr char prompt_escape = '\1';

std::size_t terminal_columns() noexcept {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return 80;
    return size.ws_col;
}

termios terminal_mode() noexcept {
    termios mode{};
    ::tcgetattr(STDIN_FILENO, &mode);
    return mode;
}

// As libedit shows it: ^A for controls, \U+12345 for what the locale cannot print.
std::size_t shown_columns(wchar_t character) noexcept {
    const auto code = static_cast<std::wint_t>(character);
    if (code < 0x20 || code == 0x7f) return 2;
    if (std::iswprint(code)) {
        const int columns = ::wcwidth(character);
        return columns > 0 ? static_cast<std::size_t>(columns) : 0;
    }
    return code > 0xffff ? 8 : 7;
}

// How many bytes follow the first byte of a UTF-8 character; -1 for a byte that begins none.
int following_bytes(unsigned char lead) noexcept {
    if (lead < 0x80) return 0;
    if (lead >= 0xc2 && lead <= 0xdf) return 1;
    if (lead >= 0xe0 && lead <= 0xef) return 2;
    if (lead >= 0xf0 && lead <= 0xf4) return 3;
    return -1;
}

void put(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

}  // namespace

std::size_t cursor_row(std::size_t prompt_columns, std::wstring_view typed,
                       std::size_t columns) noexcept {
    std::size_t row = prompt_columns / columns;
    std::size_t column = prompt_columns % columns;
    for (const wchar_t character : typed) {
        const std::size_t width = shown_columns(character);
        if (width == 2 && std::iswprint(static_cast<std::wint_t>(character)) &&
            column + width > columns) {
            ++row;
            column = 0;
        }
        column += width;
        row += column / columns;
        column %= columns;
    }
    return row;
}

LineEditor::LineEditor(NextKey next_key)
    : next_key_(std::move(next_key)),
      original_(terminal_mode()),
      history_(history_init()),
      editor_(el_init("chatcli", stdin, stdout, stderr)) {
    if (!editor_) return;
    HistEvent event;
    history(history_.get(), &event, H_SETSIZE, history_lines_max);
    history(history_.get(), &event, H_SETUNIQUE, 1);
    el_set(editor_.get(), EL_CLIENTDATA, this);
    el_set(editor_.get(), EL_EDITOR, "emacs");
    el_set(editor_.get(), EL_SIGNAL, 0);
    // Between two lines, as within a paste, libedit goes back to its "execute" mode: keys that
    // arrive then must be neither echoed nor edited by the kernel.
    el_set(editor_.get(), EL_SETTY, "-x", "-echo", "-icanon", nullptr);
    el_set(editor_.get(), EL_HIST, history, history_.get());
    el_set(editor_.get(), EL_PROMPT_ESC, &LineEditor::show_prompt, prompt_escape);
    el_set(editor_.get(), EL_GETCFN, &LineEditor::read_character);
    el_source(editor_.get(), nullptr);  // the user's ~/.editrc: vi keys, own bindings
}

LineEditor::~LineEditor() = default;

LineEditor::Outcome LineEditor::read_line(std::string& line) {
    line.clear();
    ended_by_ = Key::Kind::byte;
    editing_ = true;
    int count = 0;
    const char* const text = el_gets(editor_.get(), &count);
    editing_ = false;
    if (text != nullptr && count > 0) {
        line.assign(text, static_cast<std::size_t>(count));
        while (line.ends_with('\n') || line.ends_with('\r'))
            line.pop_back();
        HistEvent event;
        if (!line.empty()) history(history_.get(), &event, H_ENTER, line.c_str());
        return Outcome::line;
    }
    switch (ended_by_) {
        case Key::Kind::interrupt:
            return Outcome::interrupted;
        case Key::Kind::stop:
            put("\n");
            return Outcome::stopped;
        case Key::Kind::byte:
        case Key::Kind::end:
            break;
    }
    put("\n");
    return Outcome::ended;
}

void LineEditor::set_prompt(std::string_view text, bool faint) {
    prompt_columns_ = text.size() + 1;
    // The blank stands outside: libedit wants a character after each escape sequence.
    prompt_ = faint ? fmt::format("{0}\x1b[2m{0}{1}{0}\x1b[0m{0} ", prompt_escape, text)
                    : fmt::format("{} ", text);
}

void LineEditor::print_above(std::string_view text) {
    erase();
    put(text);
    refresh();
}

void LineEditor::resized() {
    // Most terminals wrap the lines anew for their new width, so the cursor is where it belongs
    // for that width; erase from there and draw again.
    erase();
    el_resize(editor_.get());
    refresh();
}

void LineEditor::suspend() {
    put("\n");
    el_set(editor_.get(), EL_PREP_TERM, 0);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &original_);
    std::raise(SIGSTOP);
    el_set(editor_.get(), EL_PREP_TERM, 1);
    refresh();
}

int LineEditor::read_character(EditLine* editor, wchar_t* character) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return static_cast<LineEditor*>(self)->next_character(*character);
}

char* LineEditor::show_prompt(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return static_cast<LineEditor*>(self)->prompt_.data();
}

// 1 and a character; 0 at the end; -1 when the line is given up. Keys are decoded here, so the
// keyboard speaks UTF-8 whatever libedit takes the locale for.
int LineEditor::next_character(wchar_t& character) {
    std::uint32_t code = 0;
    int following = -1;
    do {
        const Key key = next_key_();
        ended_by_ = key.kind;
        if (key.kind == Key::Kind::end) return 0;
        if (key.kind == Key::Kind::interrupt) erase();
        if (key.kind != Key::Kind::byte) {
            errno = ECANCELED;
            return -1;
        }
        const auto byte = static_cast<unsigned char>(key.byte);
        if (following > 0 && (byte & 0xc0) == 0x80) {
            code = code << 6 | (byte & 0x3fU);
            --following;
        } else {
            following = following_bytes(byte);
            code = following <= 0 ? byte : byte & (0x3fU >> following);
        }
        if (following < 0) {  // no UTF-8: shown as what it is, a broken character
            code = replacement_character;
            following = 0;
        }
    } while (following > 0);
    character = static_cast<wchar_t>(code);
    return 1;
}

// From the cursor back to where the prompt began, and all below it cleared.
void LineEditor::erase() {
    if (!editing_) return;
    const LineInfoW* const typed = el_wline(editor_.get());
    const std::wstring_view before(typed->buffer,
                                   static_cast<std::size_t>(typed->cursor - typed->buffer));
    const std::size_t row = cursor_row(prompt_columns_, before, terminal_columns());
    std::string clear = row > 0 ? fmt::format("\r\x1b[{}A", row) : std::string("\r");
    // This row alone, then all below it from there: "clear to the end" in the first cell of the
    // screen would make tmux keep what it clears as history.
    clear +=
        "\x1b[K\x1b"
        "7\x1b[B\x1b[J\x1b"
        "8";
    put(clear);
}

void LineEditor::refresh() {
    if (editing_) el_set(editor_.get(), EL_REFRESH);
}

}  // namespace chatd::terminal
