#include "glyphs.hpp"

#include <algorithm>
#include <cwchar>

namespace chatd::terminal {

namespace {

constexpr char32_t joiner = 0x200d;
constexpr char32_t replacement = 0xfffd;
constexpr std::uint8_t tab_columns = 4;

struct Range {
    char32_t first;
    char32_t last;
};

// Default_Ignorable_Code_Point of the Unicode Character Database, with U+FFF9..U+FFFB.
constexpr std::array<Range, 17> ignorable{{{0xad, 0xad},
                                           {0x34f, 0x34f},
                                           {0x61c, 0x61c},
                                           {0x1160, 0x1160},
                                           {0x17b4, 0x17b5},
                                           {0x180b, 0x180f},
                                           {0x200b, 0x200f},
                                           {0x202a, 0x202e},
                                           {0x2060, 0x206f},
                                           {0xfe00, 0xfe0f},
                                           {0xfeff, 0xfeff},
                                           {0xffa0, 0xffa0},
                                           {0xfff0, 0xfffb},
                                           {0x1bca0, 0x1bca3},
                                           {0x1d173, 0x1d17a},
                                           {0xe0000, 0xe0fff},
                                           {0x3164, 0x3164}}};

// The blocks that hold Extended_Pictographic: what U+200D may join.
constexpr std::array<Range, 9> pictographic{{{0xa9, 0xa9},
                                             {0xae, 0xae},
                                             {0x203c, 0x203c},
                                             {0x2049, 0x2049},
                                             {0x2122, 0x2122},
                                             {0x2190, 0x21ff},
                                             {0x2300, 0x23ff},
                                             {0x2600, 0x2bff},
                                             {0x1f000, 0x1faff}}};

template <std::size_t count>
bool is_in(const std::array<Range, count>& ranges, char32_t code) noexcept {
    return std::any_of(ranges.begin(), ranges.end(), [code](const Range& range) {
        return code >= range.first && code <= range.last;
    });
}

bool is_flag_letter(char32_t code) noexcept {
    return code >= 0x1f1e6 && code <= 0x1f1ff;
}

bool is_skin_tone(char32_t code) noexcept {
    return code >= 0x1f3fb && code <= 0x1f3ff;
}

bool is_pictographic(char32_t code) noexcept {
    return is_in(pictographic, code) && !is_flag_letter(code) && !is_skin_tone(code);
}

struct CodePoint {
    char32_t code = 0;
    std::size_t bytes = 0;
};

// Of valid UTF-8; a byte that begins no character counts as one broken character.
CodePoint code_point_at(std::string_view text) noexcept {
    const auto byte = [text](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const auto lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
    if (bytes == 1 || text.size() < bytes) return {replacement, 1};
    char32_t code = lead & (0x7fU >> bytes);
    for (std::size_t at = 1; at < bytes; ++at)
        code = code << 6 | (byte(at) & 0x3fU);
    return {code, bytes};
}

int width_of(char32_t code) noexcept {
    return is_in(ignorable, code) ? 0 : ::wcwidth(static_cast<wchar_t>(code));
}

void add_glyph(Cluster& cluster, char32_t code, int columns) noexcept {
    if (columns < 0) {
        code = replacement;
        columns = 1;
    }
    Glyph& glyph = cluster.glyphs[cluster.glyph_count++];
    glyph.codes[0] = code;
    glyph.code_count = 1;
    glyph.columns = static_cast<std::uint8_t>(columns);
    cluster.columns = static_cast<std::uint8_t>(cluster.columns + glyph.columns);
}

void add_mark(Cluster& cluster, char32_t code) noexcept {
    if (is_in(ignorable, code)) return;
    if (cluster.glyph_count == 0) add_glyph(cluster, U' ', 1);
    Glyph& glyph = cluster.glyphs[cluster.glyph_count - 1U];
    if (glyph.code_count < Glyph::codes_max) glyph.codes[glyph.code_count++] = code;
}

void add_first(Cluster& cluster, char32_t code) noexcept {
    if (code == U'\t') {
        for (int blank = 0; blank < tab_columns; ++blank)
            add_glyph(cluster, U' ', 1);
        return;
    }
    const int columns = width_of(code);
    if (columns == 0) return add_mark(cluster, code);
    add_glyph(cluster, code, columns);
}

}  // namespace

Cluster take_cluster(std::string_view& rest) noexcept {
    Cluster cluster;
    const char* const begin = rest.data();
    const CodePoint first = code_point_at(rest);
    add_first(cluster, first.code);
    rest.remove_prefix(first.bytes);
    char32_t base = first.code;  // what the next character may belong to
    bool joined = false;
    bool flag_whole = false;
    while (!rest.empty()) {
        const CodePoint next = code_point_at(rest);
        if (joined && is_pictographic(base) && is_pictographic(next.code) &&
            cluster.glyph_count < Cluster::glyphs_max) {
            add_glyph(cluster, next.code, width_of(next.code));
            base = next.code;
            joined = false;
        } else if (is_flag_letter(base) && is_flag_letter(next.code) && !flag_whole) {
            add_glyph(cluster, next.code, 1);
            flag_whole = true;
        } else if (is_skin_tone(next.code) && is_pictographic(base)) {
            joined = false;
        } else if (next.code >= 0x20 && width_of(next.code) == 0) {
            add_mark(cluster, next.code);
            joined = next.code == joiner;
        } else {
            break;
        }
        rest.remove_prefix(next.bytes);
    }
    if (is_flag_letter(base) && !flag_whole) cluster.glyphs[0].codes[0] = U'A' + base - 0x1f1e6;
    cluster.text = {begin, static_cast<std::size_t>(rest.data() - begin)};
    return cluster;
}

std::size_t cluster_before(std::string_view text, std::size_t at) noexcept {
    std::size_t before = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const auto begin = static_cast<std::size_t>(rest.data() - text.data());
        if (begin >= at) break;
        before = begin;
        take_cluster(rest);
    }
    return before;
}

std::size_t cluster_after(std::string_view text, std::size_t at) noexcept {
    std::string_view rest = text.substr(std::min(at, text.size()));
    if (!rest.empty()) take_cluster(rest);
    return text.size() - rest.size();
}

std::size_t columns_of(std::string_view text) noexcept {
    std::size_t columns = 0;
    while (!text.empty())
        columns += take_cluster(text).columns;
    return columns;
}

std::string_view fitting(std::string_view text, std::size_t columns) noexcept {
    std::string_view rest = text;
    std::size_t taken = 0;
    while (!rest.empty()) {
        const Cluster cluster = take_cluster(rest);
        taken += cluster.columns;
        if (taken > columns) {
            return text.substr(0, static_cast<std::size_t>(cluster.text.data() - text.data()));
        }
    }
    return text;
}

}  // namespace chatd::terminal
