#include "chatd/wire/openrpc.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "chatd/wire/errc.hpp"
#include "chatd/wire/json_event.hpp"
#include "chatd/wire/json_reply.hpp"
#include "chatd/wire/json_request.hpp"
#include "support/catch.hpp"
#include "support/openrpc.hpp"
#include "support/sample_connections.hpp"
#include "support/sample_event.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

using test::OpenRpc;

/// A member that is there, as a value: an optional would not outlive the head of a loop.
JsonValue member_of(const JsonValue& object, std::string_view name) {
    const auto member = object.find(name);
    INFO(name);
    REQUIRE(member);
    return *member;
}

/// The descriptors of a method's parameters, references followed.
std::vector<JsonValue> params_of(const OpenRpc& document, const JsonValue& method) {
    std::vector<JsonValue> params;
    for (const JsonValue param : member_of(method, "params")) {
        const auto described = document.schemas().follow(param);
        REQUIRE(described);
        params.push_back(*described);
    }
    return params;
}

/// The params of an example, as a text: by name, or by position with null for what is not given.
std::string params_by_name(const JsonValue& example) {
    std::string out;
    JsonObject object(out);
    for (const JsonValue param : member_of(example, "params")) {
        object.any_name(param.find("name")->text());
        out += param.find("value")->written();
    }
    object.close();
    return out;
}
std::string params_by_position(const std::vector<JsonValue>& params, const JsonValue& example) {
    std::string out;
    append_json_array(out, params, [&](const JsonValue& described) {
        for (const JsonValue param : member_of(example, "params")) {
            if (param.find("name")->text() != described.find("name")->text()) continue;
            out += param.find("value")->written();
            return;
        }
        out += "null";
    });
    return out;
}

/// Values of params held against their descriptors.
std::string misfit_of_params(const OpenRpc& document, const std::vector<JsonValue>& descriptors,
                             const JsonValue& params) {
    for (const JsonValue member : params) {
        const auto found =
            std::find_if(descriptors.begin(), descriptors.end(), [&](const JsonValue& descriptor) {
                return descriptor.find("name")->text() == member.name();
            });
        if (found == descriptors.end()) return std::string(member.name()) + " is not described";
        auto misfit =
            document.schemas().misfit(*found->find("schema"), member, std::string(member.name()));
        if (!misfit.empty()) return misfit;
    }
    for (const JsonValue& descriptor : descriptors) {
        const std::string_view name = descriptor.find("name")->text();
        if (descriptor.find("required")->truth() && !params.find(name)) {
            return std::string(name) + " is missing";
        }
    }
    return {};
}

KeptEvent kept(EventKind kind, std::string body, bool everything) {
    KeptEvent event;
    event.kind = kind;
    event.room = "dev";
    event.from = kind == EventKind::joined_many || kind == EventKind::left_many ? "" : "ana";
    event.body = std::move(body);
    if (is_numbered(kind)) {
        event.id = test::sample_id;
        event.at = {3, 42};
    }
    const bool about = is_numbered(kind) && !is_said(kind) && kind != EventKind::topic;
    if (about || (everything && is_said(kind))) event.target = {3, 41};
    if (everything && is_numbered(kind)) event.key = "k";
    event.off = everything;
    event.removed = everything && is_said(kind);
    return event;
}

std::vector<KeptEvent> all_events() {
    std::vector<KeptEvent> events;
    for (std::size_t kind = 0; kind < event_kind_count; ++kind) {
        for (const bool everything : {false, true})
            events.push_back(kept(static_cast<EventKind>(kind), everything ? "7" : "", everything));
    }
    return events;
}

std::vector<KeptEvent> numbered_events() {
    auto events = all_events();
    std::erase_if(events, [](const KeptEvent& event) { return !is_numbered(event.kind); });
    return events;
}

struct Answered {
    const char* method;
    Reply reply;
};

/// What each method is answered with, at its least and with everything in it.
std::vector<Answered> all_replies() {
    const SaidReply said{"dev", {3, 42}, test::sample_id, false};
    const SaidReply repeated{"dev", {3, 42}, test::sample_id, true};
    const RoomStanding least{"dev", {3, 0}, 0, "", {}, {}, {}};
    const RoomStanding most{"dev", {3, 42}, 2, "t", false, {1, 2}, {3, 1}};
    const HelloReply hello{"0", "s", "ana", "t", true, {least, most}};
    const ScheduleEntry once{.id = 1, .room = "dev", .body = "x"};
    const ScheduleEntry often{2, "dev", "x", true, test::sample_ms, 86'400'000, 3'600};
    SearchReply search;
    for (const KeptEvent& event : numbered_events())
        search.hits.push_back({event, "excerpt"});
    return {{"hello", hello},
            {"resume", hello},
            {"nick", NickReply{"ana"}},
            {"join", JoinReply{least}},
            {"join", JoinReply{most}},
            {"leave", LeaveReply{"dev", ""}},
            {"leave", LeaveReply{"dev", "lobby"}},
            {"say", said},
            {"say", repeated},
            {"msg", MsgReply{"bob", true}},
            {"edit", said},
            {"redact", said},
            {"react", said},
            {"typing", Done{}},
            {"read", Done{}},
            {"who", WhoReply{"dev", {"ana"}, 1}},
            {"rooms", RoomsReply{{{"dev", 1}}, 1}},
            {"topic", TopicReply{"dev", "t", "ana"}},
            {"topic", TopicReply{"dev", "", ""}},
            {"topic", said},
            {"history", HistoryReply{"dev", numbered_events(), true}},
            {"search", search},
            {"ping", PingReply{"x"}},
            {"notices", NoticesReply{true}},
            {"datagram", Done{}},
            {"datagrams", DatagramsReply{5}},
            {"schedule", ScheduleReply{once}},
            {"schedule", ScheduleReply{often}},
            {"schedules", SchedulesReply{{once, often}}},
            {"unschedule", Done{}},
            {"stats", StatsReply{{{"a", 1}}}},
            {"connections", ConnectionsReply{}},
            {"connections", test::sample_connections()},
            {"quit", QuitReply{}}};
}

}  // namespace

TEST_CASE("the document is JSON for people and says which OpenRPC it is", "[wire][json][openrpc]") {
    const OpenRpc document;
    CHECK(document.root().find("openrpc")->text().starts_with("1."));
    CHECK(document.root().find("info")->find("title")->text() == "chatd");
    CHECK_FALSE(document.root().find("info")->find("version")->text().empty());
    CHECK(openrpc_document().ends_with("}\n"));
    CHECK(openrpc_document().data() == openrpc_document().data());
}

TEST_CASE("the document says each bound of a number once, and refers to it",
          "[wire][json][openrpc]") {
    std::size_t count = 0;
    const std::string_view largest = "9007199254740992";
    static_assert(json_integer_max == 9'007'199'254'740'992);
    for (auto at = openrpc_document().find(largest); at != std::string_view::npos;
         at = openrpc_document().find(largest, at + 1))
        ++count;
    CHECK(count == 2);  // from 0, and from 1
}

TEST_CASE("the document's methods are the decoder's, with their parameters in order",
          "[wire][json][openrpc]") {
    const OpenRpc document;
    CHECK(document.root().find("methods")->count() == json_methods().size());
    for (const JsonMethod& method : json_methods()) {
        CAPTURE(method.name);
        const auto described = document.method(method.name);
        REQUIRE(described);
        const auto params = params_of(document, *described);
        REQUIRE(params.size() == method.params.size());
        for (std::size_t index = 0; index < params.size(); ++index) {
            const JsonParam& known = method.params[index];
            const JsonValue& param = params[index];
            CHECK(param.find("name")->text() == known.name.text());
            CHECK(param.find("required")->truth() == known.required);
            const JsonValue schema = *document.schemas().follow(*param.find("schema"));
            const std::string_view type = schema.find("type")->text();
            switch (known.kind) {
                case JsonParamKind::text:
                case JsonParamKind::slow_reader:
                    CHECK(type == "string");
                    break;
                case JsonParamKind::integer:
                    CHECK(type == "integer");
                    CHECK(schema.find("minimum")->integer() == known.min);
                    CHECK(schema.find("maximum")->integer() == known.max);
                    break;
                case JsonParamKind::boolean:
                    CHECK(type == "boolean");
                    break;
                case JsonParamKind::position:
                    CHECK(schema.find("required")->count() == 2);
                    break;
                case JsonParamKind::target:
                    CHECK(schema.find("required")->count() == 1);
                    break;
                case JsonParamKind::rooms:
                    CHECK(type == "array");
                    break;
            }
        }
    }
}

TEST_CASE("every method says what it does, what may go wrong and gives examples",
          "[wire][json][openrpc]") {
    const OpenRpc document;
    std::set<std::string_view> named;
    for (const JsonValue method : member_of(document.root(), "methods")) {
        CAPTURE(method.find("name")->text());
        CHECK(method.find("summary")->text().ends_with("."));
        CHECK(method.find("errors")->count() == 2);
        CHECK(method.find("examples")->count() >= 1);
        for (const JsonValue code : member_of(method, "x-refusals"))
            named.insert(code.text());
    }
    std::set<std::string_view> told;
    for (const JsonValue refusal : member_of(document.root(), "x-refusals"))
        CHECK(told.insert(refusal.name()).second);
    CHECK(told == named);
}

TEST_CASE("the document's errors are as they are sent", "[wire][json][openrpc]") {
    const OpenRpc document;
    const auto written = [](const RpcError& error) {
        std::string out;
        append_error(out, "1", error);
        return test::canonical(test::JsonText(out).value().find("error")->written());
    };
    const JsonValue errors = *document.root().find("components")->find("errors");
    CHECK(test::canonical(errors.find("InvalidParams")->written()) ==
          written(rpc_error(rpc_code::invalid_params, "body: is missing")));
    CHECK(test::canonical(errors.find("Refused")->written()) ==
          written(rpc_error_of(Failure{Errc::nick_in_use})));
}

TEST_CASE("every example decodes, by name and by position, and fits its schemas",
          "[wire][json][openrpc]") {
    const OpenRpc document;
    for (const JsonValue method : member_of(document.root(), "methods")) {
        const std::string_view name = method.find("name")->text();
        for (const JsonValue example : member_of(method, "examples")) {
            const std::string by_name = params_by_name(example);
            CAPTURE(name, by_name);
            const test::JsonText named(by_name);
            const auto params = params_of(document, method);
            const test::JsonText positional(params_by_position(params, example));
            const auto first = decode_json_request(name, named.value(), 16);
            const auto second = decode_json_request(name, positional.value(), 16);
            REQUIRE(first);
            REQUIRE(second);
            CHECK(first->index() == second->index());
            CHECK(misfit_of_params(document, params, named.value()) == "");
            const auto result = document.schemas().follow(*example.find("result"));
            REQUIRE(result);
            CHECK(document.misfit_of_result(name, *result->find("value")) == "");
        }
    }
}

TEST_CASE("every answer fits the schema of its method's result", "[wire][json][openrpc]") {
    const OpenRpc document;
    std::set<std::string_view> answered;
    for (const auto& [name, reply] : all_replies()) {
        std::string text;
        append_reply_json(text, reply);
        CAPTURE(name, text);
        answered.insert(name);
        CHECK(document.misfit_of_result(name, test::JsonText(text).value()) == "");
    }
    CHECK(answered.size() == json_methods().size());
}

TEST_CASE("every notification is described as it is sent", "[wire][json][openrpc]") {
    const OpenRpc document;
    struct Told {
        std::string method;
        std::string params;
    };
    std::vector<Told> all;
    const auto tell = [&](std::string_view method) -> std::string& {
        return all.emplace_back(Told{std::string(method), {}}).params;
    };
    for (const KeptEvent& event : all_events())
        append_event_json(tell(event_method(event.kind)), event.view());
    append_private_json(tell("private"), "ana", "x", test::sample_ms);
    append_typing_json(tell("typing"), "dev", "ana", false);
    append_read_json(tell("read"), "dev", "ana", {3, 41});
    append_gap_json(tell("gap"), "dev", 3, 5, 9);
    append_datagram_json(tell("datagram"), "lobby", "udp:7", 3, as_bytes("x"));
    append_datagram_json(tell("datagram"), "lobby", "ana", std::nullopt, {});
    append_notice_json(tell("notice"), "CODE", "text");
    append_draining_json(tell("draining"), 0);

    std::set<std::string> told;
    std::set<std::string> described;
    for (const JsonValue notification : member_of(document.root(), "x-notifications"))
        described.emplace(notification.find("name")->text());
    for (const Told& one : all) {
        CAPTURE(one.method, one.params);
        told.insert(one.method);
        CHECK(document.misfit_of_notification(one.method, test::JsonText(one.params).value()) ==
              "");
    }
    CHECK(told == described);
}
