#pragma once
// Text cut into what a person sees as one character, and that into the cells it is drawn in.
// Values in, values out; any thread. The widths are those of wcwidth() under the process's locale,
// which ncurses asks too, so LC_CTYPE must be UTF-8 (use_utf8_locale() in terminal/locale.hpp).
//
// A cluster (Unicode Standard Annex 29) is what the cursor steps over and Backspace deletes: a
// letter with its marks, a flag, an emoji with its skin tone, a whole family joined by U+200D.
// Terminals do not agree how wide most of the latter are, and one that disagrees with us shifts
// the rest of the row. So only what has one width everywhere is drawn (Unicode Technical Standard
// 51, 2.2, names the same fallbacks):
//   joined emoji                 their parts, one beside the other, without U+200D
//   a skin tone on an emoji      left out
//   variation selectors          left out: U+2764 U+FE0F is the narrow heart
//   a flag, two letters          two cells, one for each letter; a lone letter as ASCII
//   other invisible characters   left out; soft hyphens, directional marks, tags
//   more than four marks         the first four (a cell of ncurses holds no more)
//   what the C library does not know   U+FFFD
//   a tab                        four blanks

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chatd::terminal {

/// What one cell shows: a character of one or two columns with its marks.
struct Glyph {
    static constexpr std::size_t codes_max = 5;  // CCHARW_MAX of ncurses
    std::array<char32_t, codes_max> codes{};
    std::uint8_t code_count = 0;
    std::uint8_t columns = 1;

    friend bool operator==(const Glyph&, const Glyph&) = default;
};

/// One character as people count, a view into the text it was taken from.
struct Cluster {
    static constexpr std::size_t glyphs_max = 8;  ///< what is joined beyond that is a cluster anew
    std::string_view text;
    std::array<Glyph, glyphs_max> glyphs{};
    std::uint8_t glyph_count = 0;
    std::uint8_t columns = 0;  ///< of all its glyphs; 0 for what is not drawn at all
};

/// Takes the first cluster off `rest`, which is valid UTF-8 (append_safe() in terminal/paint.hpp
/// makes it so) and not empty.
Cluster take_cluster(std::string_view& rest) noexcept;

/// Where the cluster that ends at or before the byte `at` begins: the place one step to the left.
std::size_t cluster_before(std::string_view text, std::size_t at) noexcept;

/// Where the cluster at the byte `at` ends: the place one step to the right.
std::size_t cluster_after(std::string_view text, std::size_t at) noexcept;

/// How many columns `text` takes in one row.
std::size_t columns_of(std::string_view text) noexcept;

/// The longest beginning of `text`, in whole clusters, that fits into `columns`.
std::string_view fitting(std::string_view text, std::size_t columns) noexcept;

}  // namespace chatd::terminal
