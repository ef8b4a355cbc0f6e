#include "chatd/wire/json_text.hpp"

#include <string>

#include "chatd/base/prng.hpp"
#include "chatd/wire/utf8.hpp"
#include "support/catch.hpp"
#include "support/json.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string integer(std::uint64_t value) {
    std::string out;
    append_json_integer(out, value);
    return out;
}

void append_character(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

std::string random_text(Prng& prng) {
    std::string text;
    for (auto left = prng.below(60); left > 0; --left) {
        const std::uint64_t kind = prng.below(4);
        std::uint32_t code = static_cast<std::uint32_t>(prng.below(kind == 0   ? 0x20
                                                                   : kind == 1 ? 0x80
                                                                   : kind == 2 ? 0x3000
                                                                               : 0x110000));
        if (code >= 0xd800 && code < 0xe000) code = '"';
        append_character(text, code);
    }
    return text;
}

/// One byte at a time, by the letter of RFC 8259 7.
std::string quoted_plainly(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (character == '"' || character == '\\') {
            out += '\\';
            out += character;
        } else if (character == '\n' || character == '\r' || character == '\t') {
            out += '\\';
            out += character == '\n' ? 'n' : character == '\r' ? 'r' : 't';
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 0xf];
        } else {
            out += character;
        }
    }
    return out + '"';
}

}  // namespace

TEST_CASE("what needs an escape gets it wherever it stands in a text of any length",
          "[wire][json]") {
    for (std::size_t size = 1; size <= 70; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (const char byte : {'"', '\\', '\n', '\x1f', '\x7f', ' ', '~'}) {
                std::string text(size, 'x');
                text[at] = byte;
                std::string member;
                JsonObject object(member);
                object.text("t", text);
                object.close();
                const std::string wanted = quoted_plainly(text);
                if (member == "{\"t\":" + wanted + "}" && quoted(text) == wanted) continue;
                CAPTURE(size, at, int{byte}, member);
                REQUIRE(quoted(text) == wanted);
                REQUIRE(member == "{\"t\":" + wanted + "}");
            }
        }
    }
    SUCCEED("all of them");
}

TEST_CASE("a string is quoted, and only what must be is escaped", "[wire][json]") {
    CHECK(quoted("") == R"("")");
    CHECK(quoted("hello") == R"("hello")");
    CHECK(quoted("say \"hi\" \\ bye") == R"("say \"hi\" \\ bye")");
    CHECK(quoted("a\nb\rc\td") == R"("a\nb\rc\td")");
    CHECK(quoted(std::string_view("\0\x01\x1f\x7f", 4)) == R"("\u0000\u0001\u001f\u007f")");
    CHECK(quoted("\b\f\x1b[2J") == R"("\u0008\u000c\u001b[2J")");
    CHECK(quoted("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80 \xe2\x80\xa8 </script>/") ==
          "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80 \xe2\x80\xa8 </script>/\"");
}

TEST_CASE("an escape is found wherever it stands in a long string", "[wire][json]") {
    for (std::size_t bytes = 1; bytes < 50; ++bytes) {
        for (std::size_t at = 0; at < bytes; ++at) {
            std::string text(bytes, 'x');
            text[at] = '\n';
            std::string expected = "\"" + text + "\"";
            expected.replace(at + 1, 1, "\\n");
            REQUIRE(quoted(text) == expected);
        }
    }
}

TEST_CASE("every byte of ASCII reads back and leaves no control behind", "[wire][json]") {
    for (int byte = 0; byte < 128; ++byte) {
        const std::string text(3, static_cast<char>(byte));
        const std::string written = quoted(text);
        CAPTURE(byte);
        CHECK(test::JsonText(written).value().text() == text);
        for (const char out : written)
            CHECK((out >= 0x20 && out != 0x7f));
    }
}

TEST_CASE("whatever the text, it reads back the same and is one line of UTF-8", "[wire][json]") {
    Prng prng(11);
    for (int round = 0; round < 10'000; ++round) {
        const std::string text = random_text(prng);
        const std::string written = quoted(text);
        REQUIRE(utf8_valid(as_bytes(written)));
        for (const char byte : written)
            REQUIRE((static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f));
        REQUIRE(test::JsonText(written).value().text() == text);
        REQUIRE(written.size() <= 2 + 6 * text.size());
    }
}

TEST_CASE("a number never passes 2^53", "[wire][json]") {
    CHECK(integer(0) == "0");
    CHECK(integer(42) == "42");
    CHECK(integer((std::uint64_t{1} << 53) - 1) == "9007199254740991");
    CHECK(integer(std::uint64_t{1} << 53) == "9007199254740992");
    CHECK(integer((std::uint64_t{1} << 53) + 1) == "9007199254740992");
    CHECK(integer(UINT64_MAX) == "9007199254740992");
}

TEST_CASE("hex, times and positions have their one form", "[wire][json]") {
    std::string out;
    append_json_hex(out, as_bytes("\xde\xad"));
    append_json_hex(out, {});
    append_json_time(out, 1'795'687'200'123);
    append_json_position(out, {3, 41});
    CHECK(out == R"("de ad""""2026-11-26T10:00:00.123Z"{"epoch":3,"seq":41})");
}

TEST_CASE("an object's members are separated, and appended to what stood before", "[wire][json]") {
    std::string out = "before";
    JsonObject object(out);
    object.text("text", "a\"b");
    object.integer("integer", 7);
    object.boolean("yes", true);
    object.boolean("no", false);
    object.position("at", {1, 2});
    object.uuid("id", {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}});
    object.time("ts", 0);
    object.name("list");
    append_json_array(out, std::array{1U, 2U},
                      [&](unsigned value) { append_json_integer(out, value); });
    object.close();
    CHECK(out == R"(before{"text":"a\"b","integer":7,"yes":true,"no":false,)"
                 R"("at":{"epoch":1,"seq":2},"id":"00010203-0405-0607-0809-0a0b0c0d0e0f",)"
                 R"("ts":"1970-01-01T00:00:00.000Z","list":[1,2]})");
    out.clear();
    JsonObject(out).close();
    append_json_array(out, std::array<int, 0>{}, [](int) {});
    CHECK(out == "{}[]");
}
