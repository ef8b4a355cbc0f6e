#include "support/json_schema.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/json.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

/// The problem of a value with the schema "S" of a document of schemas.
std::string misfit(std::string_view document, std::string_view value) {
    const JsonText schemas(document);
    const JsonText text(value);
    return JsonSchemas(schemas.value()).misfit(*schemas.value().find("S"), text.value(), "it");
}
bool fits(std::string_view schema, std::string_view value) {
    return misfit(R"({"S":)" + std::string(schema) + "}", value).empty();
}

}  // namespace

TEST_CASE("a value has the type that its schema wants", "[support][schema]") {
    const std::vector<std::pair<std::string, std::string>> values = {
        {"string", R"("x")"}, {"integer", "3"}, {"boolean", "true"},
        {"array", "[]"},      {"object", "{}"},
    };
    for (const auto& [type, own] : values) {
        for (const auto& [other, value] : values) {
            CAPTURE(type, value);
            CHECK(fits(R"({"type":")" + type + "\"}", value) == (type == other));
        }
    }
    CHECK_FALSE(fits(R"({"type":"integer"})", "1.5"));
    CHECK_FALSE(fits(R"({"type":"integer"})", "null"));
    CHECK_FALSE(fits(R"({"type":"number"})", "1"));
}

TEST_CASE("words and bounds of a schema hold", "[support][schema]") {
    CHECK(fits(R"({"type":"string","enum":["a","b"]})", R"("b")"));
    CHECK_FALSE(fits(R"({"type":"string","enum":["a","b"]})", R"("c")"));
    CHECK_FALSE(fits(R"({"enum":["1"]})", "1"));
    for (const auto& [value, good] :
         {std::pair{"1", false}, {"2", true}, {"5", true}, {"6", false}}) {
        CHECK(fits(R"({"type":"integer","minimum":2,"maximum":5})", value) == good);
    }
}

TEST_CASE("every element and member is looked at, and named", "[support][schema]") {
    const std::string_view document =
        R"({"S":{"type":"object","properties":{"list":{"type":"array","items":{"type":"integer"}},)"
        R"("more":{"type":"object","properties":{"x":{"type":"string"}},"required":["x"]}}}})";
    CHECK(misfit(document, R"({"list":[1,2],"more":{"x":"y"}})").empty());
    CHECK(misfit(document, R"({"list":[1,"2"]})") == "it.list[] is no integer");
    CHECK(misfit(document, R"({"more":{}})") == "it.more.x is missing");
    CHECK(misfit(document, R"({"more":{"x":"y","z":1}})") == "it.more.z is not described");
    CHECK(misfit(document, R"({"other":1})") == "it.other is not described");
}

TEST_CASE("members without a name of their own have one schema", "[support][schema]") {
    const std::string_view schema =
        R"({"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}})";
    CHECK(fits(schema, R"({"a":"x","b":1,"c":2})"));
    CHECK_FALSE(fits(schema, R"({"b":"x"})"));
    CHECK_FALSE(fits(schema, R"({"a":1})"));
}

TEST_CASE("parts of a schema describe one value together", "[support][schema]") {
    const std::string_view schema =
        R"({"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},)"
        R"({"type":"object","properties":{"b":{"type":"string"}}}]})";
    CHECK(fits(schema, R"({"a":"x","b":"y"})"));
    CHECK_FALSE(fits(schema, R"({"b":"y"})"));
    CHECK_FALSE(fits(schema, R"({"a":"x","c":"y"})"));
}

TEST_CASE("of choices one fits, or any", "[support][schema]") {
    const std::string choices =
        R"([{"type":"string"},{"type":"object","properties":{"a":{"type":"string"}}},)"
        R"({"type":"object","properties":{"b":{"type":"integer"}},"required":["b"]}])";
    const std::string one = R"({"oneOf":)" + choices + "}";
    const std::string any = R"({"anyOf":)" + choices + "}";
    for (const std::string& schema : {one, any}) {
        CHECK(fits(schema, R"("x")"));
        CHECK(fits(schema, R"({"a":"x"})"));
        CHECK_FALSE(fits(schema, "1"));
        CHECK_FALSE(fits(schema, R"({"c":"x"})"));
    }
    CHECK_FALSE(fits(one, R"({"b":1})"));
    CHECK(fits(any, R"({"a":"x","b":1})"));
}

TEST_CASE("a reference is followed, stands alone and leads somewhere", "[support][schema]") {
    const auto of = [](std::string_view schema) {
        return R"({"S":)" + std::string(schema) +
               R"(,"more":{"A":{"$ref":"#/more/B"},"B":{"type":"integer"},"C":{"$ref":"#/more/C"}}})";
    };
    CHECK(misfit(of(R"({"$ref":"#/more/A"})"), "1").empty());
    CHECK(misfit(of(R"({"$ref":"#/more/A"})"), R"("x")") == "it is no integer");
    CHECK(misfit(of(R"({"$ref":"#/more/A","minimum":2})"), "3").starts_with("it: a $ref stands"));
    for (const char* nowhere : {"#/more/D", "#/more/C", "more/A"}) {
        CHECK(misfit(of(R"({"$ref":")" + std::string(nowhere) + "\"}"), "1") ==
              "it: a $ref leads nowhere");
    }
}

TEST_CASE("a word that is not checked is a problem, not a promise", "[support][schema]") {
    CHECK(misfit(R"({"S":{"type":"string","pattern":"a"}})", R"("a")") ==
          "it: pattern is a word that nobody checks");
    CHECK(fits(R"({"type":"string","description":"a"})", R"("a")"));
}
