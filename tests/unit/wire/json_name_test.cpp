#include "chatd/wire/json_name.hpp"

#include <string>
#include <vector>

#include "chatd/wire/json_reader.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::wire;

TEST_CASE("a name's head is its first eight bytes, the first one lowest", "[wire][json]") {
    static_assert(JsonName::head_of("") == 0);
    static_assert(JsonName::head_of("id") == 0x6469);
    static_assert(JsonName::head_of("reply_to") == JsonName::head_of("reply_to_whom"));
    CHECK(JsonName::head_of("\xff") == 0xff);
    CHECK(std::string_view(JsonName("body")) == "body");
}

TEST_CASE("names are the same only if all of their bytes are", "[wire][json]") {
    const std::vector<std::string> texts = {"",
                                            "i",
                                            "id",
                                            std::string("id\0", 3),
                                            "Id",
                                            "reply_to",
                                            "reply_tp",
                                            "reply_t",
                                            "reply_toX",
                                            "reply_to_whom",
                                            "reply_to_who",
                                            "slow_reader",
                                            "slow_reades",
                                            "\xc3\xa9",
                                            "e"};
    for (std::size_t one = 0; one < texts.size(); ++one) {
        for (std::size_t other = 0; other < texts.size(); ++other) {
            CAPTURE(texts[one], texts[other]);
            CHECK((JsonName(texts[one]) == JsonName(texts[other])) == (one == other));
        }
    }
}

TEST_CASE("a member of any length is found by its name, escaped or not", "[wire][json]") {
    JsonReader reader(4'096, 4);
    for (std::size_t size = 0; size <= 40; ++size) {
        const std::string name =
            std::string("abcdefghijklmnopqrstuvwxyz0123456789ABCDEF").substr(0, size);
        for (const bool escaped : {false, true}) {
            if (escaped && size == 0) continue;
            const std::string written = escaped ? "\\u0061" + name.substr(1) : name;
            const std::string text = R"({"before":0,")" + written + R"(":1,"behind":2})";
            const auto root = reader.read(as_bytes(text));
            CAPTURE(text);
            REQUIRE(root);
            REQUIRE(root->find(JsonName(name)));
            CHECK(root->find(JsonName(name))->integer() == 1U);
            CHECK_FALSE(root->find(JsonName(name + "x")));
            if (size > 0) CHECK_FALSE(root->find(JsonName(std::string_view(name).substr(1))));
        }
    }
}
