#include "front.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

// Functions, no macros of such names as erase and move.
#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>

namespace chatd::terminal {

namespace {

constexpr int escape_wait_ms = 25;  // what a terminal sends for one key comes in one piece
constexpr wint_t escape_character = 0x1b;
constexpr wint_t delete_character = 0x7f;

// Keys for which ncurses has no names of its own.
enum OwnKey : int { own_alt_up = KEY_MAX + 1, own_alt_down, own_word_left, own_word_right };

void define_keys() {
    const auto define = [](const char* sequence, int code) { ::define_key(sequence, code); };
    define("\x1b[1;3A", own_alt_up);
    define("\x1b[1;3B", own_alt_down);
    for (const char* sequence : {"\x1b[1;5D", "\x1b[1;3D"})
        define(sequence, own_word_left);
    for (const char* sequence : {"\x1b[1;5C", "\x1b[1;3C"})
        define(sequence, own_word_right);
    // What terminals send for these differs from what their descriptions say.
    for (const char* sequence : {"\x1b[H", "\x1bOH", "\x1b[1~"})
        define(sequence, KEY_HOME);
    for (const char* sequence : {"\x1b[F", "\x1bOF", "\x1b[4~"})
        define(sequence, KEY_END);
    define("\x1b[Z", KEY_BTAB);
}

Key::Kind kind_of(wint_t code) noexcept {
    switch (code) {
        case KEY_ENTER:
            return Key::Kind::enter;
        case KEY_BTAB:
            return Key::Kind::back_tab;
        case KEY_BACKSPACE:
            return Key::Kind::backspace;
        case KEY_DC:
            return Key::Kind::erase;
        case KEY_LEFT:
            return Key::Kind::left;
        case KEY_RIGHT:
            return Key::Kind::right;
        case KEY_SLEFT:
        case own_word_left:
            return Key::Kind::word_left;
        case KEY_SRIGHT:
        case own_word_right:
            return Key::Kind::word_right;
        case KEY_UP:
            return Key::Kind::up;
        case KEY_DOWN:
            return Key::Kind::down;
        case own_alt_up:
            return Key::Kind::alt_up;
        case own_alt_down:
            return Key::Kind::alt_down;
        case KEY_HOME:
            return Key::Kind::home;
        case KEY_END:
            return Key::Kind::end;
        case KEY_PPAGE:
            return Key::Kind::page_up;
        case KEY_NPAGE:
            return Key::Kind::page_down;
        default:
            return Key::Kind::unknown;
    }
}

Key mouse_key() {
    MEVENT event{};
    if (::getmouse(&event) != OK || event.x < 0 || event.y < 0) return {};
    Key key;
    key.place = {static_cast<std::size_t>(event.y), static_cast<std::size_t>(event.x)};
    if ((event.bstate & BUTTON4_PRESSED) != 0) {
        key.kind = Key::Kind::wheel_up;
    } else if ((event.bstate & BUTTON5_PRESSED) != 0) {
        key.kind = Key::Kind::wheel_down;
    } else if ((event.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED)) != 0) {
        key.kind = Key::Kind::click;
    }
    return key;
}

Key key_of_character(wint_t code) {
    constexpr wint_t space = 0x20;
    switch (code) {
        case '\r':
        case '\n':
            return {.kind = Key::Kind::enter};
        case '\t':
            return {.kind = Key::Kind::tab};
        case '\b':
        case delete_character:
            return {.kind = Key::Kind::backspace};
        default:
            break;
    }
    if (code < space) {
        return {.kind = Key::Kind::control, .letter = static_cast<char>(code + 'a' - 1)};
    }
    if (code >= 0x80 && code < 0xa0) return {};  // a terminal would obey it
    Key key{.kind = Key::Kind::text};
    append_utf8(key.text, code);
    return key;
}

// Escape alone, or with what came along: Alt.
Key key_after_escape() {
    wint_t code = 0;
    if (::wget_wch(stdscr, &code) != OK) return {.kind = Key::Kind::escape};
    if (code >= delete_character || code <= 0x20) return {.kind = Key::Kind::escape};
    return {.kind = Key::Kind::alt, .letter = static_cast<char>(code)};
}

short pair_of(Colour colour) noexcept {
    return static_cast<short>(colour);
}

void begin_colours() {
    ::start_color();
    ::use_default_colors();
    const auto pair = [](Colour colour, short number) { ::init_pair(pair_of(colour), number, -1); };
    pair(Colour::red, COLOR_RED);
    pair(Colour::green, COLOR_GREEN);
    pair(Colour::yellow, COLOR_YELLOW);
    pair(Colour::blue, COLOR_BLUE);
    pair(Colour::magenta, COLOR_MAGENTA);
    pair(Colour::cyan, COLOR_CYAN);
}

attr_t attributes_of(const Style& style) noexcept {
    attr_t attributes = A_NORMAL;
    if (style.bold) attributes |= A_BOLD;
    if (style.faint) attributes |= A_DIM;
    if (style.reverse) attributes |= A_REVERSE;
    if (style.underlined) attributes |= A_UNDERLINE;
    return attributes;
}

}  // namespace

std::unique_ptr<Front> Front::open(bool colours) {
    SCREEN* const screen = ::newterm(nullptr, stdout, stdin);
    if (screen == nullptr) return nullptr;
    if (::tigetstr("cup") == nullptr || ::tigetstr("cup") == reinterpret_cast<char*>(-1)) {
        ::endwin();
        ::delscreen(screen);
        return nullptr;
    }
    return std::unique_ptr<Front>(new Front(colours));
}

Front::Front(bool colours) : colours_(colours && ::has_colors()) {
    ::set_escdelay(escape_wait_ms);
    ::raw();  // Ctrl-C and Ctrl-Z are keys
    ::noecho();
    ::nonl();
    ::keypad(stdscr, TRUE);
    ::nodelay(stdscr, TRUE);
    define_keys();
    ::mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, nullptr);
    ::mouseinterval(0);
    if (colours_) begin_colours();
    ::wnoutrefresh(stdscr);
}

Front::~Front() {
    ::endwin();
}

ScreenSize Front::size() const noexcept {
    return {static_cast<std::size_t>(getmaxy(stdscr)), static_cast<std::size_t>(getmaxx(stdscr))};
}

void Front::resized() {
    winsize window{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row == 0) return;
    ::resizeterm(window.ws_row, window.ws_col);
    redraw();
}

std::optional<Key> Front::next_key() {
    wint_t code = 0;
    const int got = ::wget_wch(stdscr, &code);
    if (got == ERR) return std::nullopt;
    if (got == KEY_CODE_YES) {
        if (code == KEY_MOUSE) return mouse_key();
        return Key{.kind = kind_of(code)};
    }
    return code == escape_character ? key_after_escape() : key_of_character(code);
}

void Front::show(const Picture& picture) {
    const Cells& cells = picture.cells;
    const bool same_size = cells.rows() == shown_.rows() && cells.columns() == shown_.columns();
    for (std::size_t row = 0; row < cells.rows(); ++row) {
        bool same = same_size;
        for (std::size_t column = 0; same && column < cells.columns(); ++column)
            same = cells.at(row, column) == shown_.at(row, column);
        if (!same) show_row(row, cells);
    }
    shown_ = cells;
    ::wmove(stdscr, static_cast<int>(picture.cursor.row), static_cast<int>(picture.cursor.column));
    ::wrefresh(stdscr);
}

void Front::show_row(std::size_t row, const Cells& cells) {
    for (std::size_t column = 0; column < cells.columns(); ++column) {
        const Cell& cell = cells.at(row, column);
        if (cell.covered) continue;
        wchar_t text[Glyph::codes_max + 1] = {};
        for (std::size_t index = 0; index < cell.glyph.code_count; ++index)
            text[index] = static_cast<wchar_t>(cell.glyph.codes[index]);
        cchar_t character{};
        const short pair = colours_ ? pair_of(cell.style.colour) : short{0};
        ::setcchar(&character, text, attributes_of(cell.style), pair, nullptr);
        // In the last cell of all this fails after it has drawn, since it cannot go on from there.
        ::wmove(stdscr, static_cast<int>(row), static_cast<int>(column));
        ::wadd_wch(stdscr, &character);
    }
}

void Front::redraw() {
    shown_ = {};
    ::clearok(stdscr, TRUE);
}

void Front::ring_bell() {
    ::beep();
}

void Front::suspend() {
    ::endwin();
    std::raise(SIGSTOP);
    ::wrefresh(stdscr);
    resized();
}

}  // namespace chatd::terminal
