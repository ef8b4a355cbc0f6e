#include "load/json_body.hpp"

#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::load;

namespace {

std::vector<std::string> bodies_in(std::string_view params) {
    const test::Guarded input(params);
    Heard heard;
    take_json_body(input.text(), heard);
    return {heard.bodies.begin(), heard.bodies.end()};
}

using Bodies = std::vector<std::string>;

}  // namespace

TEST_CASE("the body is found among the other members", "[load][json]") {
    CHECK(bodies_in(R"({"room":"lobby","seq":4,"from":"ana","body":"one, two","key":"k"})") ==
          Bodies{"one, two"});
    CHECK(bodies_in(R"({"body":""})") == Bodies{""});
}

TEST_CASE("quotes and backslashes come back as they were said", "[load][json]") {
    CHECK(bodies_in(R"({"body":"a\\b\"c\\"})") == Bodies{R"(a\b"c\)"});
    CHECK(bodies_in(R"({"body":"\\\\\"","key":"k"})") == Bodies{R"(\\")"});
    // Another escape is none of ours and stays, so that it is noticed as damage.
    CHECK(bodies_in(R"({"body":"a\tb"})") == Bodies{R"(a\tb)"});
}

TEST_CASE("without a whole body nothing is added", "[load][json]") {
    CHECK(bodies_in("").empty());
    CHECK(bodies_in(R"({"room":"lobby"})").empty());
    const std::string_view whole = R"({"from":"ana","body":"a\\b\"c)";
    for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes)
        CHECK(bodies_in(whole.substr(0, bytes)).empty());
}
