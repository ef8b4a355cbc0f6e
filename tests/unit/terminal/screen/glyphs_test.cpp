#include "screen/glyphs.hpp"

#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "screen/cells.hpp"
#include "screen_driver.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

std::vector<std::string> clusters_of(std::string_view text) {
    std::vector<std::string> clusters;
    while (!text.empty())
        clusters.emplace_back(take_cluster(text).text);
    return clusters;
}

/// What is drawn, and in how many columns.
std::string drawn(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const Cluster cluster = take_cluster(text);
        for (std::size_t index = 0; index < cluster.glyph_count; ++index) {
            const Glyph& glyph = cluster.glyphs[index];
            for (std::size_t at = 0; at < glyph.code_count; ++at)
                append_utf8(out, glyph.codes[at]);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("a cluster is one character as people count", "[terminal][screen][glyphs]") {
    use_utf8();
    CHECK(clusters_of("abc") == std::vector<std::string>{"a", "b", "c"});
    CHECK(clusters_of("日本") == std::vector<std::string>{"日", "本"});
    CHECK(clusters_of("e\u0301x") == std::vector<std::string>{"e\u0301", "x"});
    CHECK(clusters_of("👩\u200d👩\u200d👧!") ==
          std::vector<std::string>{"👩\u200d👩\u200d👧", "!"});
    CHECK(clusters_of("👍🏽👍") == std::vector<std::string>{"👍🏽", "👍"});
    CHECK(clusters_of("❤\ufe0f!") == std::vector<std::string>{"❤\ufe0f", "!"});
    CHECK(clusters_of("🇩🇪🇫🇷") == std::vector<std::string>{"🇩🇪", "🇫🇷"});
    CHECK(clusters_of("1\ufe0f\u20e3") == std::vector<std::string>{"1\ufe0f\u20e3"});
    CHECK(clusters_of("\u1112\u1161\u11ab") == std::vector<std::string>{"\u1112\u1161\u11ab"});
    // A joiner between letters joins nothing.
    CHECK(clusters_of("a\u200db") == std::vector<std::string>{"a\u200d", "b"});
}

TEST_CASE("only what has one width everywhere is drawn", "[terminal][screen][glyphs]") {
    use_utf8();
    CHECK(drawn("👩\u200d👩\u200d👧") == "👩👩👧");
    CHECK(drawn("👍🏽") == "👍");
    CHECK(drawn("❤\ufe0f") == "❤");
    CHECK(drawn("🇩🇪") == "🇩🇪");
    CHECK(drawn("🇩!") == "D!");
    CHECK(drawn("a\u200b\u00adb\u200e") == "ab");
    CHECK(drawn("a\tb") == "a    b");
    CHECK(drawn("\u0301") == " \u0301");
    CHECK(drawn("\U0010ffff") == "\ufffd");
    CHECK(drawn("e\u0301\u0302\u0303\u0304\u0305\u0306") == "e\u0301\u0302\u0303\u0304");
}

TEST_CASE("columns are those of the cells", "[terminal][screen][glyphs]") {
    use_utf8();
    CHECK(columns_of("") == 0);
    CHECK(columns_of("abc") == 3);
    CHECK(columns_of("日本") == 4);
    CHECK(columns_of("e\u0301") == 1);
    CHECK(columns_of("👩\u200d👩\u200d👧") == 6);
    CHECK(columns_of("👍🏽") == 2);
    CHECK(columns_of("❤\ufe0f") == 1);
    CHECK(columns_of("🇩🇪") == 2);
    CHECK(columns_of("\u200b") == 0);
}

TEST_CASE("what fits is cut between clusters", "[terminal][screen][glyphs]") {
    use_utf8();
    CHECK(fitting("abc", 2) == "ab");
    CHECK(fitting("日本", 3) == "日");
    CHECK(fitting("日本", 4) == "日本");
    CHECK(fitting("👩\u200d👩", 3).empty());
    CHECK(fitting("e\u0301x", 1) == "e\u0301");
    CHECK(fitting("", 5).empty());
}

TEST_CASE("steps go from cluster to cluster", "[terminal][screen][glyphs]") {
    use_utf8();
    const std::string text = "a👩\u200d👧b";
    const std::size_t behind = text.size() - 1;
    CHECK(cluster_after(text, 0) == 1);
    CHECK(cluster_after(text, 1) == behind);
    CHECK(cluster_after(text, text.size()) == text.size());
    CHECK(cluster_before(text, behind) == 1);
    CHECK(cluster_before(text, 1) == 0);
    CHECK(cluster_before(text, 0) == 0);
}

TEST_CASE("whatever the bytes, clusters add up to them and fit their cells",
          "[terminal][screen][glyphs]") {
    use_utf8();
    Prng prng(7);
    constexpr char32_t odd[]{U'a',   0x301,  0x200d, 0xfe0f, 0x1f468,  0x1f3fd, 0x1f1e6, 0x1f1ff,
                             0x65e5, 0x1160, 0xad,   U'\t',  0x10ffff, 0x2764,  0xe0041, 0x1b};
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (std::uint64_t count = prng.below(24); count > 0; --count) {
            if (prng.below(8) == 0) {
                text += static_cast<char>(prng.below(256));
            } else {
                append_utf8(text, odd[prng.below(std::size(odd))]);
            }
        }
        CAPTURE(text);
        std::string together;
        std::string_view rest = text;
        while (!rest.empty()) {
            const Cluster cluster = take_cluster(rest);
            REQUIRE_FALSE(cluster.text.empty());
            together += cluster.text;
            std::size_t columns = 0;
            for (std::size_t index = 0; index < cluster.glyph_count; ++index) {
                REQUIRE(cluster.glyphs[index].code_count >= 1);
                REQUIRE(cluster.glyphs[index].columns >= 1);
                REQUIRE(cluster.glyphs[index].codes[0] >= 0x20);
                columns += cluster.glyphs[index].columns;
            }
            REQUIRE(columns == cluster.columns);
        }
        REQUIRE(together == text);
    }
}
