#pragma once
// What came from the keyboard or the mouse, as one plain value.

#include <cstdint>
#include <string>

#include "cells.hpp"

namespace chatd::terminal {

struct Key {
    enum class Kind : std::uint8_t {
        text,     ///< `text` was typed
        control,  ///< `letter` with Ctrl: 'c' is Ctrl-C
        alt,      ///< `letter` with Alt, or after Escape
        enter,
        tab,
        back_tab,
        backspace,
        erase,
        left,
        right,
        word_left,
        word_right,
        alt_up,
        alt_down,
        up,
        down,
        home,
        end,
        page_up,
        page_down,
        escape,
        click,  ///< at `place`
        wheel_up,
        wheel_down,
        unknown,
    };
    Kind kind = Kind::unknown;
    std::string text{};  ///< UTF-8
    char letter = 0;
    Place place{};
};

}  // namespace chatd::terminal
