#include "chatd/wire/json_reader.hpp"

#include <sys/mman.h>

#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/json.hpp"
#include "support/json_grammar.hpp"

using namespace chatd;
using namespace chatd::wire;
using namespace std::string_literals;

namespace {

constexpr std::size_t bytes_max = 4'096;
constexpr std::uint32_t depth_max = 4;

/// "ok", or the fault.
std::string outcome(JsonReader& reader, std::string_view text) {
    const auto value = reader.read(as_bytes(text));
    if (value) return "ok";
    switch (value.error()) {
        case JsonFault::not_json:
            return "not json";
        case JsonFault::too_long:
            return "too long";
        case JsonFault::too_deep:
            return "too deep";
    }
    return {};
}

const std::vector<std::string> valid = {"null",
                                        "true",
                                        "false",
                                        "0",
                                        "-0",
                                        "7",
                                        "-12",
                                        "1.5",
                                        "0.0",
                                        "-0.25",
                                        "1e9",
                                        "1E+9",
                                        "1e-9",
                                        "12345678901234567890123456789012345678901234567890",
                                        "1e400",
                                        "-1e-4000",
                                        "\"\"",
                                        "\"a\"",
                                        R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00\u0000")",
                                        "\"gr\xc3\xbc\xc3\x9f\"",
                                        "\"\xf4\x8f\xbf\xbf\"",
                                        "\"\x7f\"",
                                        "[]",
                                        "{}",
                                        "[[]]",
                                        "[{}]",
                                        R"({"":""})",
                                        R"({"a":1})",
                                        R"({"a":1,"a":2})",
                                        R"([1,"2",true,null,{"three":[3]}])",
                                        " \t\r\n{ \"a\" : [ 1 , 2 ] } \n",
                                        R"(["]","}","[",",",":"])",
                                        R"({"a":{"b":{"c":[]}}})",
                                        "[[[[]]]]",
                                        R"(["\\"])",
                                        R"("\\\"")",
                                        R"({"\u0061":1})",
                                        "\"" + std::string(200, 'x') + "\""};

const std::vector<std::string> invalid = {"",
                                          " ",
                                          "\n",
                                          "nul",
                                          "nulll",
                                          "null null",
                                          "nullx",
                                          "tru",
                                          "True",
                                          "TRUE",
                                          "truefalse",
                                          "fals",
                                          "undefined",
                                          "NaN",
                                          "Infinity",
                                          "-",
                                          "+1",
                                          "01",
                                          "-01",
                                          "00",
                                          "1.",
                                          ".5",
                                          "-.5",
                                          "1e",
                                          "1e+",
                                          "1.e5",
                                          "0x10",
                                          "1_000",
                                          "1 2",
                                          "1;",
                                          "--1",
                                          "1-",
                                          "1e5.5",
                                          "1\"\"",
                                          "\"",
                                          "\"a",
                                          "a\"",
                                          "'a'",
                                          "\"a\"b",
                                          "\"a\" \"b\"",
                                          "\"a\"\"b\"",
                                          R"("\x41")",
                                          R"("\u12")",
                                          R"("\u12g4")",
                                          R"("\)",
                                          R"("\")",
                                          R"("\ud800")",
                                          R"("\udc00")",
                                          R"("\ud800\u0041")",
                                          R"("\ud800\ud800")",
                                          R"("\udc00\ud800")",
                                          R"({"\ud800":1})",
                                          R"({"\\\ud800":1})",
                                          "\"a\nb\"",
                                          "\"a\tb\"",
                                          R"(["a":1]])",
                                          R"(["a":1}])",
                                          R"({"k":"a":1}})",
                                          R"({"k":"a":{]})",
                                          R"({"k":"a":junk]})",
                                          R"({"k":"x":1,}})",
                                          R"("a":1])",
                                          R"("a":1})",
                                          R"("k":"v","a":1})",
                                          R"(["x","b":"y"}])",
                                          "\"\x01\""s,
                                          "\"\0\""s,
                                          "\"\x1f\"",
                                          "\"\x80\"",
                                          "\"\xc0\x80\"",
                                          "\"\xed\xa0\x80\"",
                                          "\"\xf5\x80\x80\x80\"",
                                          "\"\xe2\x82\"",
                                          "\xff",
                                          "\xef\xbb\xbf{}",
                                          "[",
                                          "]",
                                          "{",
                                          "}",
                                          "[]]",
                                          "{}}",
                                          "[}",
                                          "{]",
                                          "[1",
                                          "[1,",
                                          "[1,]",
                                          "[,1]",
                                          "[,]",
                                          "[1,,2]",
                                          "[1 2]",
                                          "[1:2]",
                                          "[\"a\":1]",
                                          "{\"a\"",
                                          "{\"a\":",
                                          "{\"a\":1",
                                          "{\"a\":1,",
                                          "{\"a\":1,}",
                                          "{,}",
                                          "{\"a\" 1}",
                                          "{\"a\",1}",
                                          "{a:1}",
                                          "{1:1}",
                                          "{null:1}",
                                          "{\"a\":1 \"b\":2}",
                                          "{\"a\":1,,\"b\":2}",
                                          "{\"a\"::1}",
                                          "{:1}",
                                          "{\"a\":}",
                                          "{[]:1}",
                                          "{{}:1}",
                                          "{}{}",
                                          "{} {}",
                                          "[][]",
                                          "][",
                                          "],[",
                                          "1],[2",
                                          "]",
                                          "1]",
                                          "[1",
                                          "[]1",
                                          "1[]",
                                          "{}null",
                                          "// x\n1",
                                          "/* x */1",
                                          "[1]#",
                                          "{\"a\":1}x",
                                          "\0"s,
                                          "{}\0"s,
                                          "[1\0]"s,
                                          "\"a\" \\",
                                          "[\"a\\\"]",
                                          "{\"a\":[1}",
                                          "[{\"a\":1]",
                                          "[1}",
                                          "{\"a\":1]",
                                          "[\"a\",\"b]",
                                          "tr\"\"ue",
                                          "[true\"\"]",
                                          "[1\"a\"]",
                                          "[null{}]",
                                          "[{}null]",
                                          "[[]1]",
                                          "[1[]]",
                                          "{\"a\":1\"b\":2}",
                                          "\x0b[]",
                                          "[]\x0c",
                                          "\xc2\xa0[]",
                                          "[]\xe2\x80\xa8"};

}  // namespace

TEST_CASE("what RFC 8259 allows is read, and nothing else", "[wire][json]") {
    JsonReader reader(bytes_max, 2 * depth_max);
    for (const std::string& text : valid) {
        CAPTURE(text);
        CHECK(outcome(reader, text) == "ok");
        CHECK(outcome(reader, " " + text + " ") == "ok");
        CHECK(outcome(reader, text + "]") == "not json");
        CHECK(outcome(reader, "[" + text) == "not json");
        CHECK(outcome(reader, text + " x") == "not json");
    }
    for (const std::string& text : invalid) {
        CAPTURE(text);
        CHECK(outcome(reader, text) == "not json");
        CHECK(outcome(reader, "[" + text + ",1]") == "not json");
        CHECK(outcome(reader, R"({"a":)" + text + ",\"b\":1}") == "not json");
    }
    // These would be valid within an array, which is how the library is handed a text.
    for (const char* text : {"1,2", "[],[]", "1, 2", "1],[2"})
        CHECK(outcome(reader, text) == "not json");
}

TEST_CASE("no text that is cut is taken for a whole one", "[wire][json]") {
    JsonReader reader(bytes_max, depth_max);
    const std::vector<std::string> texts = {
        R"({"jsonrpc":"2.0","method":"say","params":{"body":"gr\u00fc\"ß","n":[1,-2.5e3]},"id":1})",
        R"([{"a":null},[true,false],"x",{"b":{"c":"\ud83d\ude00"}}])", R"({"a":"]}","b":["}"]})",
        R"("only a string")"};
    for (const std::string& text : texts) {
        CHECK(outcome(reader, text) == "ok");
        for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
            CAPTURE(text.substr(0, bytes));
            CHECK(outcome(reader, text.substr(0, bytes)) == "not json");
        }
    }
}

TEST_CASE("a value gives what was written", "[wire][json]") {
    JsonReader reader(bytes_max, 8);
    const auto root = reader.read(
        as_bytes(R"( { "null" : null , "yes":true,"no":false, "n": -1.50e3 ,"s" : "a\u0042\n" , )"
                 R"("list" :[ 1 ,[ ], {} ,"x"] , "o":{"k" : {"deep":[7]}} , "\u0065nd":0 } )"));
    REQUIRE(root);
    CHECK(root->kind() == JsonKind::object);
    CHECK(root->count() == 8);
    CHECK(root->written().front() == '{');
    CHECK(root->written().back() == '}');
    CHECK(root->find("null")->kind() == JsonKind::null);
    CHECK(root->find("null")->written() == "null");
    CHECK(root->find("yes")->kind() == JsonKind::boolean);
    CHECK(root->find("yes")->truth());
    CHECK_FALSE(root->find("no")->truth());
    CHECK(root->find("n")->kind() == JsonKind::number);
    CHECK(root->find("n")->written() == "-1.50e3");
    CHECK(root->find("s")->kind() == JsonKind::string);
    CHECK(root->find("s")->text() == "aB\n");
    CHECK(root->find("s")->written() == R"("a\u0042\n")");
    const auto list = root->find("list");
    CHECK(list->written() == R"([ 1 ,[ ], {} ,"x"])");
    REQUIRE(list->count() == 4);
    std::vector<std::string> elements;
    for (const JsonValue element : *list)
        elements.emplace_back(element.written());
    CHECK(elements == std::vector<std::string>{"1", "[ ]", "{}", R"("x")"});
    CHECK(root->find("o")->written() == R"({"k" : {"deep":[7]}})");
    CHECK(root->find("o")->find("k")->find("deep")->written() == "[7]");
    CHECK(root->find("end")->integer() == 0U);
    CHECK_FALSE(root->find("missing"));
    CHECK_FALSE(root->find("n")->find("k"));
    CHECK(root->find("n")->begin() == root->find("n")->end());
    std::vector<std::string> names;
    for (const JsonValue member : *root)
        names.emplace_back(member.name());
    CHECK(names == std::vector<std::string>{"null", "yes", "no", "n", "s", "list", "o", "end"});
}

TEST_CASE("of members with one name the last one is found", "[wire][json]") {
    JsonReader reader(bytes_max, depth_max);
    const auto root = reader.read(as_bytes(R"({"a":1,"b":2,"a":[3,4],"\u0061":5,"b":null})"));
    REQUIRE(root);
    CHECK(root->find("a")->written() == "5");
    CHECK(root->find("b")->is(JsonKind::null));
    CHECK(root->count() == 5);
}

TEST_CASE("a member gives what it holds, and nothing of another kind", "[wire][json]") {
    JsonReader reader(bytes_max, depth_max);
    const auto value =
        reader.read(as_bytes(R"({"s":"a\nb","n":7,"t":true,"f":false,"big":9007199254740993})"));
    REQUIRE(value);
    CHECK(value->text_of("s") == "a\nb");
    CHECK(value->integer_of("n") == 7);
    CHECK(value->truth_of("t"));
    CHECK_FALSE(value->truth_of("f"));
    for (const std::string_view other : {"n", "t", "missing"})
        CHECK(value->text_of(other).empty());
    for (const std::string_view other : {"s", "t", "big", "missing"})
        CHECK(value->integer_of(other) == 0);
    for (const std::string_view other : {"s", "n", "missing"})
        CHECK_FALSE(value->truth_of(other));
}

TEST_CASE("an integer is exact and within 2^53, or none", "[wire][json]") {
    JsonReader reader(bytes_max, depth_max);
    const auto integer = [&](std::string_view text) {
        return reader.read(as_bytes(text))->integer();
    };
    CHECK(integer("0") == 0U);
    CHECK(integer("41") == 41U);
    CHECK(integer("9007199254740992") == json_integer_max);
    for (const char* text : {"9007199254740993", "18446744073709551616", "-1", "-0", "1.0", "1e3",
                             "0.5", "\"1\"", "null", "[1]", "123456789012345678901234567890"}) {
        CAPTURE(text);
        CHECK_FALSE(integer(text));
    }
}

TEST_CASE("a text may be as long as it may, and one byte no more", "[wire][json]") {
    JsonReader reader(100, depth_max);
    for (const std::size_t bytes : {2U, 99U, 100U, 101U, 200U}) {
        const std::string text = "\"" + std::string(bytes - 2, 'x') + "\"";
        CAPTURE(bytes);
        CHECK(outcome(reader, text) == (bytes <= 100 ? "ok" : "too long"));
    }
    CHECK(outcome(reader, "[]" + std::string(98, ' ')) == "ok");
    CHECK(outcome(reader, "[]" + std::string(99, ' ')) == "too long");
}

TEST_CASE("arrays and objects nest as deep as they may, and no deeper", "[wire][json]") {
    for (const std::uint32_t deepest : {1U, 2U, 16U}) {
        JsonReader reader(200'000, deepest);
        for (std::uint32_t depth = 1; depth <= deepest + 2; ++depth) {
            CAPTURE(deepest, depth);
            const char* expected = depth <= deepest ? "ok" : "too deep";
            CHECK(outcome(reader, std::string(depth, '[') + std::string(depth, ']')) == expected);
            std::string objects;
            for (std::uint32_t level = 1; level < depth; ++level)
                objects += R"({"a":)";
            objects += "{}" + std::string(depth - 1, '}');
            CHECK(outcome(reader, objects) == expected);
        }
        CHECK(outcome(reader, std::string(100'000, '[')) != "ok");
        CHECK(outcome(reader, std::string(50'000, '[') + std::string(50'000, ']')) == "too deep");
        CHECK(outcome(reader, "1") == "ok");
    }
}

TEST_CASE("a reader reads on after any text, long or broken", "[wire][json]") {
    JsonReader reader(bytes_max, depth_max);
    Prng prng(3);
    std::vector<std::string> texts = valid;
    texts.insert(texts.end(), invalid.begin(), invalid.end());
    for (int round = 0; round < 20'000; ++round) {
        const std::size_t index = prng.below(texts.size());
        const std::string padding(prng.chance(5) ? prng.below(3'000) : 0, ' ');
        CAPTURE(texts[index]);
        REQUIRE(outcome(reader, padding + texts[index]) ==
                (index < valid.size() ? "ok" : "not json"));
    }
}

TEST_CASE("no byte behind the text is read", "[wire][json]") {
    // The text ends where its page does, and the page behind it may not be touched.
    constexpr std::size_t page_bytes = 4'096;
    void* pages =
        mmap(nullptr, 2 * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(pages != MAP_FAILED);
    auto* const page = static_cast<char*>(pages);
    REQUIRE(mprotect(page + page_bytes, page_bytes, PROT_NONE) == 0);
    JsonReader reader(bytes_max, depth_max);
    for (const std::string& text : valid) {
        char* const start = page + page_bytes - text.size();
        text.copy(start, text.size());
        CHECK(outcome(reader, {start, text.size()}) == "ok");
        CHECK(outcome(reader, {start, text.size() - 1}) != "too long");
    }
    munmap(pages, 2 * page_bytes);
}

TEST_CASE("as many values as fit are held", "[wire][json]") {
    JsonReader reader(limits::rpc_text_bytes_max, depth_max);
    std::string text = "[0";
    while (text.size() + 3 <= limits::rpc_text_bytes_max)
        text += ",1";
    text += ']';
    const auto root = reader.read(as_bytes(text));
    REQUIRE(root);
    CHECK(root->count() == text.size() / 2);
    std::size_t ones = 0;
    for (const JsonValue element : *root)
        ones += element.integer() == 1U ? 1 : 0;
    CHECK(ones == root->count() - 1);
}

TEST_CASE("a text is read exactly if it is JSON by the grammar", "[wire][json]") {
    constexpr std::string_view parts[] = {"[",  "]",   "{",    "}",      ":",    ",",   "\"",
                                          "\\", "u00", "1",    "-",      ".",    "e",   "a",
                                          " ",  "\n",  "true", "\"k\":", "\x7f", "\xc3"};
    const auto seed = static_cast<std::uint64_t>(GENERATE(1, 2, 3, 4));
    Prng prng(seed);
    JsonReader reader(bytes_max, depth_max);
    std::size_t accepted = 0;
    for (int round = 0; round < 25'000; ++round) {
        // Two texts that are JSON, one behind or within the other, and a few bytes other than that.
        std::string text = valid[prng.below(valid.size())];
        text.insert(prng.below(text.size() + 1), valid[prng.below(valid.size())]);
        for (auto left = prng.below(4); left > 0; --left) {
            const std::size_t at = prng.below(text.size() + 1);
            const std::size_t gone = prng.below(3);
            text.replace(at, gone, parts[prng.below(std::size(parts))]);
        }
        const bool wanted = test::JsonGrammar::accepts(text, depth_max);
        accepted += wanted ? 1U : 0U;
        if (reader.read(as_bytes(text)).has_value() == wanted) continue;
        CAPTURE(seed, round, text, wanted);
        REQUIRE(reader.read(as_bytes(text)).has_value() == wanted);
    }
    CHECK(accepted > 500);
}

TEST_CASE("the grammar itself judges the examples", "[wire][json]") {
    for (const std::string& text : valid) {
        CAPTURE(text);
        CHECK(test::JsonGrammar::accepts(text, depth_max));
    }
    for (const std::string& text : invalid) {
        CAPTURE(text);
        CHECK_FALSE(test::JsonGrammar::accepts(text, depth_max));
    }
    CHECK_FALSE(test::JsonGrammar::accepts("[[[[[]]]]]", depth_max));
}
