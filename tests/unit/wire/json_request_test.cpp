#include "chatd/wire/json_request.hpp"

#include <set>
#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/wire/json_reader.hpp"
#include "chatd/wire/json_rpc.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

constexpr std::size_t datagram_bytes_max = 8;

/// Decodes calls whose params are given as JSON text; their views hold until the next one.
class Decoder {
public:
    std::expected<Request, RpcInvalid> operator()(std::string_view method,
                                                  std::string_view params) {
        if (params.empty()) return decode_json_request(method, std::nullopt, datagram_bytes_max);
        const auto value = reader_.read(as_bytes(params));
        CAPTURE(params);
        REQUIRE(value);
        return decode_json_request(method, *value, datagram_bytes_max);
    }

    template <class R>
    R as(std::string_view method, std::string_view params) {
        const auto request = (*this)(method, params);
        INFO((request ? std::string("another request") : request.error().detail));
        REQUIRE(request);
        REQUIRE(std::holds_alternative<R>(*request));
        return std::get<R>(*request);
    }

    /// The detail of an invalid call; "" when it is not.
    std::string detail(std::string_view method, std::string_view params) {
        const auto request = (*this)(method, params);
        if (request) return {};
        CHECK(request.error().code == rpc_code::invalid_params);
        CHECK_FALSE(request.error().detail.empty());
        return request.error().detail;
    }

private:
    JsonReader reader_{1 << 20, 16};
};

}  // namespace

TEST_CASE("what is said is decoded, by name and by position", "[wire][json][request]") {
    Decoder decode;
    Say say = decode.as<Say>("say", R"({"body":"hi"})");
    CHECK(say.body == "hi");
    CHECK(say.room.empty());
    CHECK_FALSE(say.action);
    CHECK(say.key.empty());
    CHECK_FALSE(say.reply_to);
    const char* const by_name = R"({"reply_to":{"seq":41,"epoch":3},"key":"k","action":true,)"
                                R"("room":"#dev","body":"a\nb \u00e9","more":{"x":[1]}})";
    const char* const by_position = R"(["a\nb \u00e9","#dev",true,"k",{"epoch":3,"seq":41}])";
    for (const char* params : {by_name, by_position}) {
        say = decode.as<Say>("say", params);
        CHECK(say.body == "a\nb \xc3\xa9");
        CHECK(say.room == "#dev");
        CHECK(say.action);
        CHECK(say.key == "k");
        CHECK(say.reply_to == Position{3, 41});
    }
    CHECK(decode.as<Say>("say", R"(["x",null,true])").action);
    CHECK(decode.as<Say>("say", R"(["x",null,null,null,null])").room.empty());
    CHECK(decode.as<Say>("say", R"({"body":"x","body":"y"})").body == "y");
}

TEST_CASE("each method of one's own messages is decoded", "[wire][json][request]") {
    Decoder decode;
    const Edit edit = decode.as<Edit>("edit", R"({"target":{"seq":7},"body":"b","room":"dev"})");
    CHECK(edit.target == Position{0, 7});
    CHECK(edit.body == "b");
    CHECK(edit.room == "dev");
    CHECK(decode.as<Edit>("edit", R"([{"epoch":2,"seq":7},"b"])").target == Position{2, 7});
    CHECK(decode.as<Redact>("redact", R"([{"epoch":2,"seq":7},"dev"])").target == Position{2, 7});
    CHECK(decode.as<Redact>("redact", R"([{"epoch":2,"seq":7},"dev"])").room == "dev");
    const React react = decode.as<React>("react", R"([{"seq":7},"+1","dev",true])");
    CHECK(react.target == Position{0, 7});
    CHECK(react.reaction == "+1");
    CHECK(react.room == "dev");
    CHECK(react.off);
    CHECK_FALSE(decode.as<React>("react", R"([{"seq":7},"+1"])").off);
    const Msg msg = decode.as<Msg>("msg", R"({"nick":"bob","body":"psst"})");
    CHECK(msg.nick == "bob");
    CHECK(msg.body == "psst");
    CHECK(decode.as<Typing>("typing", "").on);
    CHECK_FALSE(decode.as<Typing>("typing", R"({"on":false})").on);
    CHECK(decode.as<Typing>("typing", R"(["dev"])").room == "dev");
    CHECK(decode.as<Read>("read", R"([{"epoch":1,"seq":0}])").at == Position{1, 0});
    CHECK(decode.as<Read>("read", R"({"at":{"epoch":1,"seq":9},"room":"dev"})").room == "dev");
}

TEST_CASE("each method of rooms and people is decoded", "[wire][json][request]") {
    Decoder decode;
    CHECK(decode.as<Nick>("nick", R"(["ana"])").name == "ana");
    const Join join = decode.as<Join>(
        "join", R"({"room":"dev","since":{"epoch":1,"seq":41},"slow_reader":"close"})");
    CHECK(join.room == "dev");
    CHECK(join.since == Position{1, 41});
    CHECK(join.slow_reader == SlowReader::close);
    CHECK_FALSE(decode.as<Join>("join", R"(["dev"])").since);
    CHECK_FALSE(decode.as<Join>("join", R"(["dev"])").slow_reader);
    for (const auto& [word, slow_reader] : {std::pair{"backfill", SlowReader::backfill},
                                            {"oldest", SlowReader::oldest},
                                            {"latest", SlowReader::latest},
                                            {"close", SlowReader::close}}) {
        const std::string params = R"(["dev",null,")" + std::string(word) + "\"]";
        CHECK(decode.as<Join>("join", params).slow_reader == slow_reader);
    }
    CHECK(decode.as<Leave>("leave", "").room.empty());
    CHECK(decode.as<Leave>("leave", R"(["dev"])").room == "dev");
    CHECK(decode.as<Who>("who", R"({"room":"dev"})").room == "dev");
    decode.as<Rooms>("rooms", "");
    decode.as<Rooms>("rooms", "[]");
    decode.as<Rooms>("rooms", R"({"unknown":1})");
    CHECK_FALSE(decode.as<Topic>("topic", "").text);
    CHECK_FALSE(decode.as<Topic>("topic", R"({"topic":null})").text);
    CHECK(decode.as<Topic>("topic", R"({"topic":""})").text == "");
    CHECK(decode.as<Topic>("topic", R"(["dev","new"])").text == "new");
    CHECK(decode.as<Topic>("topic", R"(["dev","new"])").room == "dev");
}

TEST_CASE("sessions are opened and resumed with rooms and where one was", "[wire][json][request]") {
    Decoder decode;
    const Hello plain = decode.as<Hello>("hello", "");
    CHECK(plain.nick.empty());
    CHECK_FALSE(plain.rooms);
    CHECK_FALSE(plain.notices);
    const Hello hello = decode.as<Hello>("hello", R"({"nick":"ana","notices":true,"rooms":["lobby",
        {"room":"dev","since":{"epoch":1,"seq":41},"slow_reader":"latest"},
        {"room":"ops","since":null,"slow_reader":null,"unknown":1}]})");
    CHECK(hello.nick == "ana");
    CHECK(hello.notices == true);
    REQUIRE(hello.rooms);
    REQUIRE(hello.rooms->size() == 3);
    CHECK(hello.rooms->at(0).room == "lobby");
    CHECK_FALSE(hello.rooms->at(0).since);
    CHECK(hello.rooms->at(1).room == "dev");
    CHECK(hello.rooms->at(1).since == Position{1, 41});
    CHECK(hello.rooms->at(1).slow_reader == SlowReader::latest);
    CHECK(hello.rooms->at(2).room == "ops");
    CHECK_FALSE(hello.rooms->at(2).since);
    CHECK_FALSE(hello.rooms->at(2).slow_reader);
    const Resume resume = decode.as<Resume>("resume", R"(["tok",[],false])");
    CHECK(resume.token == "tok");
    REQUIRE(resume.rooms);
    CHECK(resume.rooms->empty());
    CHECK(resume.notices == false);
}

TEST_CASE("each method that asks for what was is decoded", "[wire][json][request]") {
    Decoder decode;
    const History newest = decode.as<History>("history", "");
    CHECK_FALSE(newest.after);
    CHECK_FALSE(newest.before);
    CHECK(newest.limit == 0);
    const History page = decode.as<History>("history", R"(["dev",{"epoch":1,"seq":0},null,500])");
    CHECK(page.room == "dev");
    CHECK(page.after == Position{1, 0});
    CHECK(page.limit == 500);
    CHECK(decode.as<History>("history", R"({"before":{"epoch":2,"seq":9}})").before ==
          Position{2, 9});
    const Search search =
        decode.as<Search>("search", R"({"query":"a b","room":"dev","limit":100,"skip":1000})");
    CHECK(search.query == "a b");
    CHECK(search.room == "dev");
    CHECK(search.limit == 100);
    CHECK(search.skip == 1'000);
    CHECK(decode.as<Search>("search", R"(["x"])").skip == 0);
}

TEST_CASE("the other methods are decoded", "[wire][json][request]") {
    Decoder decode;
    CHECK(decode.as<Ping>("ping", "").token.empty());
    CHECK(decode.as<Ping>("ping", R"(["17"])").token == "17");
    CHECK(decode.as<Notices>("notices", "[true]").on);
    CHECK_FALSE(decode.as<Notices>("notices", R"({"on":false})").on);
    CHECK(decode.as<Datagram>("datagram", R"({"hex":"de ad-BE,ef"})").payload.size() == 4);
    CHECK(decode.as<Datagram>("datagram", R"(["0102030405060708"])").payload.size() == 8);
    CHECK(decode.as<Datagrams>("datagrams", "").hz == limits::dgram_hz_default);
    CHECK(decode.as<Datagrams>("datagrams", "[0]").hz == 0);
    CHECK(decode.as<Datagrams>("datagrams", "[1000]").hz == 1'000);
    decode.as<Schedules>("schedules", "");
    CHECK(decode.as<Unschedule>("unschedule", "[7]").id == 7);
    decode.as<Stats>("stats", "");
    CHECK(decode.as<Connections>("connections", "").after == 0);
    const auto page = decode.as<Connections>("connections", R"({"after":4294967295,"limit":100})");
    CHECK(page.after == UINT32_MAX);
    CHECK(page.limit == 100);
    decode.as<Quit>("quit", "{}");
}

TEST_CASE("a schedule is after a time, at one, or again and again", "[wire][json][request]") {
    Decoder decode;
    const Schedule after = decode.as<Schedule>(
        "schedule", R"({"body":"tea","when":"PT10M","room":"dev","action":true,"id":3})");
    CHECK(after.body == "tea");
    CHECK(after.room == "dev");
    CHECK(after.action);
    CHECK(after.id == 3);
    CHECK(after.when.kind == When::Kind::after);
    CHECK(after.when.ms == 600'000);
    const Schedule at = decode.as<Schedule>("schedule", R"(["x","2026-11-26T10:00:00.123Z"])");
    CHECK(at.id == 0);
    CHECK(at.when.kind == When::Kind::at);
    CHECK(at.when.ms == 1'795'687'200'123);
    const Schedule clock = decode.as<Schedule>("schedule", R"({"body":"x","when":"18:00"})");
    CHECK(clock.when.kind == When::Kind::time_of_day);
    const Schedule every = decode.as<Schedule>("schedule", R"({"body":"x","every":"P1D"})");
    CHECK(every.when.kind == When::Kind::every);
    CHECK(every.when.ms == 86'400'000);
    CHECK(decode.detail("schedule", R"({"body":"x"})") == "when: is missing, and so is every");
    CHECK(decode.detail("schedule", R"({"body":"x","when":"1m","every":"1d"})") ==
          "every: cannot stand beside when");
    CHECK(decode.detail("schedule", R"({"body":"x","when":"soon"})").starts_with("when: "));
    CHECK(decode.detail("schedule", R"({"body":"x","every":"1s"})").starts_with("every: "));
    CHECK(decode.detail("schedule", R"({"body":"x","every":""})").starts_with("every: "));
}

TEST_CASE("an unknown method is just that", "[wire][json][request]") {
    Decoder decode;
    for (const char* method : {"", "Say", "say ", "help", "rpc.discover", "constructor", "sa"}) {
        const auto request = decode(method, R"({"body":"x"})");
        REQUIRE_FALSE(request);
        CHECK(request.error().code == rpc_code::method_not_found);
        CHECK(request.error().detail == "no such method; /rpc/openrpc.json lists them");
    }
}

TEST_CASE("what is wrong with a parameter is said with its name", "[wire][json][request]") {
    Decoder decode;
    struct Wrong {
        const char* method;
        const char* params;
        const char* detail;
    };
    const std::vector<Wrong> wrongs = {
        {"say", "", "body: is missing"},
        {"say", "[]", "body: is missing"},
        {"say", "[null]", "body: is missing"},
        {"say", R"({"Body":"x"})", "body: is missing"},
        {"say", R"({"body":null})", "body: is missing"},
        {"say", R"({"body":1})", "body: must be a string"},
        {"say", R"({"body":["x"]})", "body: must be a string"},
        {"say", R"({"body":"a\u0000b"})", "body: must hold no NUL character"},
        {"say", R"({"body":"x","room":7})", "room: must be a string"},
        {"say", R"({"body":"x","action":1})", "action: must be true or false"},
        {"say", R"({"body":"x","action":"true"})", "action: must be true or false"},
        {"say", R"({"body":"x","key":""})", "key: must not be empty"},
        {"say", R"({"body":"x","key":"\u0000"})", "key: must hold no NUL character"},
        {"say", R"({"body":"x","reply_to":41})",
         R"(reply_to: must be a position, {"epoch":1,"seq":41})"},
        {"say", R"({"body":"x","reply_to":{"seq":41}})", "reply_to.epoch: is missing"},
        {"say", R"({"body":"x","reply_to":{"epoch":1}})", "reply_to.seq: is missing"},
        {"say", R"(["x","r",true,"k",null,1])", "params: has at most 5 for this method"},
        {"edit", R"({"body":"x"})", "target: is missing"},
        {"edit", R"([{"epoch":0,"seq":1},"x"])",
         "target.epoch: must be an integer from 1 to 9007199254740992"},
        {"edit", R"([{"seq":9007199254740993},"x"])",
         "target.seq: must be an integer from 0 to 9007199254740992"},
        {"edit", R"([{"seq":1.0},"x"])",
         "target.seq: must be an integer from 0 to 9007199254740992"},
        {"edit", R"([{"seq":-1},"x"])",
         "target.seq: must be an integer from 0 to 9007199254740992"},
        {"edit", R"([{"seq":"1"},"x"])",
         "target.seq: must be an integer from 0 to 9007199254740992"},
        {"edit", R"([{"epoch":null,"seq":1},"x"])",
         "target.epoch: must be an integer from 1 to 9007199254740992"},
        {"react", R"([{"seq":1},""])", "reaction: must not be empty"},
        {"read", R"([{"seq":1}])", "at.epoch: is missing"},
        {"join", "", "room: is missing"},
        {"join", R"({"room":"dev","slow_reader":"fast"})",
         R"(slow_reader: must be "backfill", "oldest", "latest" or "close")"},
        {"join", R"({"room":"dev","slow_reader":1})",
         R"(slow_reader: must be "backfill", "oldest", "latest" or "close")"},
        {"rooms", "[1]", "params: has at most 0 for this method"},
        {"hello", R"({"rooms":"lobby"})", "rooms: must be an array of rooms"},
        {"hello", R"({"rooms":["a",1]})",
         R"(rooms[1]: must be a room, "dev" or {"room":"dev","since":…})"},
        {"hello", R"({"rooms":[{}]})", "rooms[0].room: is missing"},
        {"hello", R"({"rooms":[{"room":null}]})", "rooms[0].room: is missing"},
        {"hello", R"({"rooms":["\u0000"]})", "rooms[0]: must hold no NUL character"},
        {"hello", R"({"rooms":[{"room":"a","since":{"epoch":1}}]})",
         "rooms[0].since.seq: is missing"},
        {"hello", R"({"rooms":[{"room":"a","slow_reader":true}]})",
         R"(rooms[0].slow_reader: must be "backfill", "oldest", "latest" or "close")"},
        {"hello", R"({"notices":"on"})", "notices: must be true or false"},
        {"resume", "{}", "token: is missing"},
        {"history", R"({"limit":0})", "limit: must be an integer from 1 to 500"},
        {"history", R"({"limit":501})", "limit: must be an integer from 1 to 500"},
        {"history", R"({"limit":"5"})", "limit: must be an integer from 1 to 500"},
        {"history", R"({"after":{"epoch":1,"seq":1},"before":{"epoch":1,"seq":9}})",
         "before: cannot stand beside after"},
        {"search", R"({"query":"x","limit":101})", "limit: must be an integer from 1 to 100"},
        {"search", R"({"query":"x","skip":1001})", "skip: must be an integer from 0 to 1000"},
        {"notices", "", "on: is missing"},
        {"datagram", R"(["xyz"])", "hex: column 1: this is not a hex digit"},
        {"datagram", R"([""])", "hex: column 1: there are no bytes here"},
        {"datagram", R"(["010203040506070809"])",
         "hex: column 17: too many bytes; this is the first past the limit"},
        {"datagrams", "[1001]", "hz: must be an integer from 0 to 1000"},
        {"datagrams", "[-1]", "hz: must be an integer from 0 to 1000"},
        {"unschedule", "[0]", "id: must be an integer from 1 to 9007199254740992"},
        {"unschedule", "[9007199254740993]", "id: must be an integer from 1 to 9007199254740992"},
    };
    for (const Wrong& wrong : wrongs) {
        CAPTURE(wrong.method, wrong.params);
        CHECK(decode.detail(wrong.method, wrong.params) == wrong.detail);
    }
}

TEST_CASE("texts are as long as they may be, and one byte no more", "[wire][json][request]") {
    Decoder decode;
    struct Bound {
        const char* method;
        const char* before;
        const char* after;
        std::size_t bytes_max;
        const char* name;
    };
    const std::vector<Bound> bounds = {
        {"say", R"({"body":")", "\"}", limits::body_bytes_max, "body"},
        {"say", R"({"body":"x","key":")", "\"}", limits::key_bytes_max, "key"},
        {"react", R"([{"seq":1},")", "\"]", limits::reaction_bytes_max, "reaction"},
        {"search", R"([")", "\"]", limits::search_query_bytes_max, "query"},
        {"topic", R"({"topic":")", "\"}", limits::topic_bytes_max, "topic"},
    };
    for (const Bound& bound : bounds) {
        CAPTURE(bound.method);
        const auto params = [&](std::size_t bytes) {
            return bound.before + std::string(bytes, 'x') + bound.after;
        };
        CHECK(decode.detail(bound.method, params(bound.bytes_max)).empty());
        CHECK(decode.detail(bound.method, params(bound.bytes_max + 1)) ==
              std::string(bound.name) + ": has at most " + std::to_string(bound.bytes_max) +
                  " bytes");
    }
    std::string rooms = R"({"rooms":["a")";
    for (std::uint32_t count = 1; count < limits::rooms_per_connection_max; ++count)
        rooms += R"(,"a")";
    CHECK(decode.as<Hello>("hello", rooms + "]}").rooms->size() == 64);
    CHECK(decode.detail("hello", rooms + R"(,"a"]})") == "rooms: has at most 64 rooms");
}

TEST_CASE("the requests of a batch hold together until the next text", "[wire][json][request]") {
    RpcDecoder decoder;
    std::string text = "[";
    for (int index = 0; index < 64; ++index) {
        if (index > 0) text += ',';
        text += R"({"jsonrpc":"2.0","method":"say","params":{"body":"b\u0061)" +
                std::to_string(index) + R"("}})";
    }
    const auto decoded = decoder.decode(as_bytes(text + "]"));
    REQUIRE(decoded);
    std::vector<Request> requests;
    for (const RpcCall& call : decoded->calls)
        requests.push_back(*decode_json_request(call.method, call.params, datagram_bytes_max));
    for (std::size_t index = 0; index < requests.size(); ++index)
        CHECK(std::get<Say>(requests[index]).body == "ba" + std::to_string(index));
}

TEST_CASE("the table of methods is sound", "[wire][json][request]") {
    std::set<std::string_view> names;
    for (const JsonMethod& method : json_methods()) {
        CAPTURE(method.name);
        CHECK(names.insert(method.name).second);
        bool optional = false;
        std::set<std::string_view> params;
        for (const JsonParam& param : method.params) {
            CHECK(params.insert(param.name).second);
            CHECK_FALSE((optional && param.required));  // OpenRPC wants those required first
            optional = optional || !param.required;
            if (param.kind == JsonParamKind::text || param.kind == JsonParamKind::integer)
                CHECK(param.max > param.min);
        }
    }
    CHECK(names == std::set<std::string_view>{
                       "hello",   "resume",      "nick",      "join",     "leave",     "say",
                       "msg",     "edit",        "redact",    "react",    "typing",    "read",
                       "who",     "rooms",       "topic",     "history",  "search",    "ping",
                       "notices", "datagram",    "datagrams", "schedule", "schedules", "unschedule",
                       "stats",   "connections", "quit"});
}
