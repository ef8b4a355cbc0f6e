#include "chatd/base/limits.hpp"
#include "support/catch.hpp"
#include "support/text_requests.hpp"

using namespace chatd;
using test::check_cases;
using test::decoded;

namespace {

const std::string hint = " (write N, or EPOCH:N for one of another epoch)";

}  // namespace

TEST_CASE("a room is joined, from a position on and with a slow reader's rule if so asked",
          "[wire][text_request]") {
    check_cases({
        {"/join dev", "join 'dev'"},
        {"/join #dev", "join '#dev'"},
        {"/join 2024", "join '2024'"},
        {"/join dev 41", "join 'dev' since 41"},
        {"/join dev 3:41", "join 'dev' since 3:41"},
        {"/join dev 3:0", "join 'dev' since 3:0"},
        {"/join dev backfill", "join 'dev' slow 0"},
        {"/join dev oldest", "join 'dev' slow 1"},
        {"/join dev latest", "join 'dev' slow 2"},
        {"/join dev close", "join 'dev' slow 3"},
        {"/join dev 3:41 latest", "join 'dev' since 3:41 slow 2"},
        {"/join", "JOIN NEED_MORE_PARAMS"},
        {"/join dev ops", "JOIN BAD_ARGUMENT"},
        {"/join dev latest 41", "JOIN BAD_ARGUMENT"},
        {"/join dev 41 42", "JOIN BAD_ARGUMENT"},
        {"/join dev 41 latest x", "JOIN BAD_ARGUMENT"},
        {"/join dev 0", "JOIN BAD_POSITION" + hint},
        {"/join dev 3:x", "JOIN BAD_POSITION" + hint},
        {"/join dev 9007199254740993", "JOIN BAD_POSITION" + hint},
    });
}

TEST_CASE("history is asked for by room, side and count, each of which may be left out",
          "[wire][text_request]") {
    check_cases({
        {"/history", "history 0"},
        {"/history 20", "history 20"},
        {"/history 500", "history 500"},
        {"/history dev", "in dev history 0"},
        {"/history #dev 20", "in #dev history 20"},
        {"/history #20", "in #20 history 0"},
        {"/history #before", "in #before history 0"},
        {"/history before 41", "history before 41 0"},
        {"/history after 3:0 10", "history after 3:0 10"},
        {"/history dev before 41", "in dev history before 41 0"},
        {"/history dev after 3:41 100", "in dev history after 3:41 100"},
        {"/history dev  after\t41 ", "in dev history after 41 0"},
        {"/history before", "HISTORY NEED_MORE_PARAMS"},
        {"/history dev after", "HISTORY NEED_MORE_PARAMS"},
        {"/history dev ops", "HISTORY BAD_ARGUMENT (a count is 1 to 500)"},
        {"/history 0", "HISTORY BAD_ARGUMENT (a count is 1 to 500)"},
        {"/history 501", "HISTORY BAD_ARGUMENT (a count is 1 to 500)"},
        {"/history dev BEFORE 41", "HISTORY BAD_ARGUMENT (a count is 1 to 500)"},
        {"/history dev after 41 x", "HISTORY BAD_ARGUMENT (a count is 1 to 500)"},
        {"/history dev after 41 10 20", "HISTORY BAD_ARGUMENT"},
        {"/history 20 dev", "HISTORY BAD_ARGUMENT"},
        {"/history dev after 0", "HISTORY BAD_POSITION" + hint},
        {"/history dev before now", "HISTORY BAD_POSITION" + hint},
    });
}

TEST_CASE("a search is all that follows, within its bound", "[wire][text_request]") {
    check_cases({
        {"/search hello", "search 'hello'"},
        {"/search  \"two words\" from:ana  in:dev ", "search '\"two words\" from:ana  in:dev'"},
        {"/search", "SEARCH NEED_MORE_PARAMS"},
        {"/search  \t", "SEARCH NEED_MORE_PARAMS"},
    });
    const std::string longest(limits::search_query_bytes_max, 'x');
    CHECK(decoded("/search " + longest) == "search '" + longest + "'");
    CHECK(decoded("/search " + longest + "x") == "SEARCH BAD_QUERY (at most 512 bytes)");
}

TEST_CASE("a topic is asked for, set and cleared", "[wire][text_request]") {
    check_cases({
        {"/topic", "topic ?"},
        {"/topic #dev", "in #dev topic ?"},
        {"/topic release on Friday", "topic 'release on Friday'"},
        {"/topic #dev  release  on Friday ", "in #dev topic 'release  on Friday'"},
        {"/topic #dev #ops", "in #dev topic '#ops'"},
        {"/topic dev", "topic 'dev'"},
        {"/topic -", "topic ''"},
        {"/topic #dev -", "in #dev topic ''"},
        {"/topic - no more", "topic '- no more'"},
    });
}

TEST_CASE("messages are answered, edited and taken back by their number", "[wire][text_request]") {
    check_cases({
        {"/reply 41 yes, of course", "reply 41 'yes, of course'"},
        {"/reply #dev 3:41 yes", "in #dev reply 3:41 'yes'"},
        {"/reply 41", "REPLY NEED_MORE_PARAMS"},
        {"/reply", "REPLY NEED_MORE_PARAMS"},
        {"/reply yes", "REPLY BAD_POSITION" + hint},
        {"/edit 41 better  words ", "edit 41 'better  words'"},
        {"/edit #dev 3:41 better", "in #dev edit 3:41 'better'"},
        {"/edit 41 42", "edit 41 '42'"},
        {"/edit 41", "EDIT NEED_MORE_PARAMS"},
        {"/edit #dev", "EDIT NEED_MORE_PARAMS"},
        {"/edit", "EDIT NEED_MORE_PARAMS"},
        {"/edit 0 x", "EDIT BAD_POSITION" + hint},
        {"/edit 3:0 x", "EDIT BAD_POSITION" + hint},
        {"/edit dev 41 x", "EDIT BAD_POSITION" + hint},
        {"/redact 41", "redact 41"},
        {"/redact #dev 3:41", "in #dev redact 3:41"},
        {"/redact", "REDACT NEED_MORE_PARAMS"},
        {"/redact 41 42", "REDACT BAD_ARGUMENT"},
        {"/redact -1", "REDACT BAD_POSITION" + hint},
        {"/read 41", "read 41"},
        {"/read #dev 41", "in #dev read 41"},
        {"/read", "READ NEED_MORE_PARAMS"},
        {"/read all", "READ BAD_POSITION" + hint},
        {"/read 41 42", "READ BAD_ARGUMENT"},
    });
}

TEST_CASE("a reaction is one word, put on or taken off", "[wire][text_request]") {
    const std::string too_long = " (a reaction has at most 32 bytes)";
    const std::string longest(limits::reaction_bytes_max, 'x');
    check_cases({
        {"/react 41 +1", "react 41 '+1'"},
        {"/react 41 \xf0\x9f\x91\x8d", "react 41 '\xf0\x9f\x91\x8d'"},
        {"/react #dev 3:41 yes", "in #dev react 3:41 'yes'"},
        {"/react 41 -yes", "unreact 41 'yes'"},
        {"/react 41 --1", "unreact 41 '-1'"},
        {"/react 41 " + longest, "react 41 '" + longest + "'"},
        {"/react 41 -" + longest, "unreact 41 '" + longest + "'"},
        {"/react 41 " + longest + "x", "REACT BAD_ARGUMENT" + too_long},
        {"/react 41 -", "REACT NEED_MORE_PARAMS"},
        {"/react 41", "REACT NEED_MORE_PARAMS"},
        {"/react", "REACT NEED_MORE_PARAMS"},
        {"/react yes", "REACT BAD_POSITION" + hint},
        {"/react 41 two words", "REACT BAD_ARGUMENT"},
    });
}
