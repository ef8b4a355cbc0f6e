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
#include "support/json.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

/// A member that is there, as a value: an optional would not outlive the head of a loop.
JsonValue member_of(const JsonValue& object, std::string_view name) {
    const auto member = object.find(name);
    INFO(name);
    REQUIRE(member);
    return *member;
}

/// The document, and values held against its schemas. Knows the few words of JSON Schema that the
/// document uses, and wants every member that is there to be described.
class Document {
public:
    const JsonValue& root() const { return text_.value(); }

    JsonValue follow(const JsonValue& value) const {
        const auto reference = value.find("$ref");
        if (!reference) return value;
        std::string_view path = reference->text();
        REQUIRE(path.starts_with("#/"));
        path.remove_prefix(2);
        JsonValue found = root();
        while (!path.empty()) {
            const std::string_view name = path.substr(0, path.find('/'));
            path.remove_prefix(std::min(name.size() + 1, path.size()));
            const auto member = found.find(name);
            INFO(name);
            REQUIRE(member);
            found = *member;
        }
        return found;
    }

    /// "" if the value fits, else where and why not.
    std::string misfit(const JsonValue& referring, const JsonValue& value,
                       const std::string& path) const {
        const JsonValue schema = follow(referring);
        if (const auto choices = schema.find("oneOf")) return misfit_of_all(*choices, value, path);
        const std::string_view type = schema.find("type")->text();
        if (!has_type(value, type)) return path + " is no " + std::string(type);
        if (const auto words = schema.find("enum")) {
            const bool known = std::any_of(words->begin(), words->end(), [&](JsonValue word) {
                return word.text() == value.text();
            });
            if (!known) return path + " is none of its words";
        }
        if (type == "integer") return misfit_of_integer(schema, value, path);
        if (type == "array") return misfit_of_elements(schema, value, path);
        return type == "object" ? misfit_of_members(schema, value, path) : std::string{};
    }

private:
    static bool has_type(const JsonValue& value, std::string_view type) {
        if (type == "string") return value.is(JsonKind::string);
        if (type == "integer") return value.integer().has_value();
        if (type == "boolean") return value.is(JsonKind::boolean);
        if (type == "array") return value.is(JsonKind::array);
        return type == "object" && value.is(JsonKind::object);
    }
    std::string misfit_of_all(const JsonValue& choices, const JsonValue& value,
                              const std::string& path) const {
        for (const JsonValue choice : choices) {
            if (misfit(choice, value, path).empty()) return {};
        }
        return path + " fits none of its choices";
    }
    static std::string misfit_of_integer(const JsonValue& schema, const JsonValue& value,
                                         const std::string& path) {
        const auto least = schema.find("minimum");
        const auto most = schema.find("maximum");
        if (least && *value.integer() < *least->integer()) return path + " is too small";
        if (most && *value.integer() > *most->integer()) return path + " is too large";
        return {};
    }
    std::string misfit_of_elements(const JsonValue& schema, const JsonValue& value,
                                   const std::string& path) const {
        for (const JsonValue element : value) {
            auto found = misfit(*schema.find("items"), element, path + "[]");
            if (!found.empty()) return found;
        }
        return {};
    }
    std::string misfit_of_members(const JsonValue& schema, const JsonValue& value,
                                  const std::string& path) const {
        const auto properties = schema.find("properties");
        const auto others = schema.find("additionalProperties");
        for (const JsonValue member : value) {
            const std::string at = path + "." + std::string(member.name());
            const auto property = properties ? properties->find(member.name()) : std::nullopt;
            if (!property && !others) return at + " is not described";
            auto found = misfit(property ? *property : *others, member, at);
            if (!found.empty()) return found;
        }
        if (const auto required = schema.find("required")) {
            for (const JsonValue name : *required) {
                if (!value.find(name.text())) return path + "." + std::string(name.text()) + "?";
            }
        }
        return {};
    }

    test::JsonText text_{openrpc_document()};
};

JsonValue method_of(const Document& document, std::string_view name) {
    for (const JsonValue method : member_of(document.root(), "methods")) {
        if (method.find("name")->text() == name) return method;
    }
    FAIL("no method " << name);
    return document.root();
}

/// The params of an example, as a text: by name, or by position with null for what is not given.
std::string params_by_name(const JsonValue& example) {
    std::string out;
    JsonObject object(out);
    for (const JsonValue param : member_of(example, "params")) {
        object.name(param.find("name")->text());
        out += param.find("value")->written();
    }
    object.close();
    return out;
}
std::string params_by_position(const JsonValue& method, const JsonValue& example) {
    std::string out;
    append_json_array(out, *method.find("params"), [&](const JsonValue& described) {
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
std::string misfit_of_params(const Document& document, const JsonValue& descriptors,
                             const JsonValue& params) {
    for (const JsonValue member : params) {
        bool described = false;
        for (const JsonValue descriptor : descriptors) {
            if (descriptor.find("name")->text() != member.name()) continue;
            described = true;
            auto found =
                document.misfit(*descriptor.find("schema"), member, std::string(member.name()));
            if (!found.empty()) return found;
        }
        if (!described) return std::string(member.name()) + " is not described";
    }
    for (const JsonValue descriptor : descriptors) {
        const std::string_view name = descriptor.find("name")->text();
        if (descriptor.find("required")->truth() && !params.find(name)) {
            return std::string(name) + "?";
        }
    }
    return {};
}

constexpr UnixMs at_ms = 1'795'687'200'123;

KeptEvent kept(EventKind kind, std::string body, bool everything) {
    KeptEvent event;
    event.kind = kind;
    event.room = "dev";
    event.from = kind == EventKind::joined_many || kind == EventKind::left_many ? "" : "ana";
    event.body = std::move(body);
    if (is_numbered(kind)) {
        event.id = make_uuid7(at_ms, 1, 2);
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
    const SaidReply said{"dev", {3, 42}, make_uuid7(at_ms, 1, 2), false};
    const SaidReply repeated{"dev", {3, 42}, make_uuid7(at_ms, 1, 2), true};
    const RoomStanding least{"dev", {}, 0, "", {}, {}, {}};
    const RoomStanding most{"dev", {3, 42}, 2, "t", false, {1, 2}, {3, 1}};
    const HelloReply hello{"0", "s", "ana", "t", true, {least, most}};
    const ScheduleEntry once{.id = 1, .room = "dev", .body = "x"};
    const ScheduleEntry often{2, "dev", "x", true, at_ms, 86'400'000, 3'600};
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
            {"quit", QuitReply{}}};
}

}  // namespace

TEST_CASE("the document is JSON for people and says which OpenRPC it is", "[wire][json][openrpc]") {
    const Document document;
    CHECK(document.root().find("openrpc")->text().starts_with("1."));
    CHECK(document.root().find("info")->find("title")->text() == "chatd");
    CHECK_FALSE(document.root().find("info")->find("version")->text().empty());
    CHECK(openrpc_document().ends_with("}\n"));
    CHECK(openrpc_document().data() == openrpc_document().data());
}

TEST_CASE("the document's methods are the decoder's, with their parameters in order",
          "[wire][json][openrpc]") {
    const Document document;
    CHECK(document.root().find("methods")->count() == json_methods().size());
    for (const JsonMethod& method : json_methods()) {
        CAPTURE(method.name);
        const JsonValue described = method_of(document, method.name);
        REQUIRE(described.find("params")->count() == method.params.size());
        std::size_t index = 0;
        for (const JsonValue param : member_of(described, "params")) {
            const JsonParam& known = method.params[index++];
            CHECK(param.find("name")->text() == known.name);
            CHECK(param.find("required")->truth() == known.required);
            const JsonValue schema = document.follow(*param.find("schema"));
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
    const Document document;
    std::set<std::string_view> codes;
    for (int value = 1; value <= static_cast<int>(Errc::needs_session); ++value)
        codes.insert(code_of(static_cast<Errc>(value)));
    for (const JsonValue method : member_of(document.root(), "methods")) {
        CAPTURE(method.find("name")->text());
        CHECK(method.find("summary")->text().ends_with("."));
        CHECK(method.find("errors")->count() == 2);
        CHECK(method.find("examples")->count() >= 1);
        for (const JsonValue code : member_of(method, "x-refusals"))
            CHECK(codes.contains(code.text()));
    }
}

TEST_CASE("the document's errors are as they are sent", "[wire][json][openrpc]") {
    const Document document;
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
    const Document document;
    for (const JsonValue method : member_of(document.root(), "methods")) {
        const std::string_view name = method.find("name")->text();
        for (const JsonValue example : member_of(method, "examples")) {
            const std::string by_name = params_by_name(example);
            CAPTURE(name, by_name);
            const test::JsonText named(by_name);
            const test::JsonText positional(params_by_position(method, example));
            const auto first = decode_json_request(name, named.value(), 16);
            const auto second = decode_json_request(name, positional.value(), 16);
            REQUIRE(first);
            REQUIRE(second);
            CHECK(first->index() == second->index());
            CHECK(misfit_of_params(document, *method.find("params"), named.value()).empty());
            const JsonValue result = *example.find("result")->find("value");
            CHECK(document.misfit(*method.find("result")->find("schema"), result, "result") == "");
        }
    }
}

TEST_CASE("every answer fits the schema of its method's result", "[wire][json][openrpc]") {
    const Document document;
    std::set<std::string_view> answered;
    for (const auto& [name, reply] : all_replies()) {
        std::string text;
        append_reply_json(text, reply);
        CAPTURE(name, text);
        answered.insert(name);
        const JsonValue method = method_of(document, name);
        CHECK(document.misfit(*method.find("result")->find("schema"), test::JsonText(text).value(),
                              "result") == "");
    }
    CHECK(answered.size() == json_methods().size());
}

TEST_CASE("every notification is described as it is sent", "[wire][json][openrpc]") {
    const Document document;
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
    append_private_json(tell("private"), "ana", "x", at_ms);
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
        for (const JsonValue notification : member_of(document.root(), "x-notifications")) {
            if (notification.find("name")->text() != one.method) continue;
            CHECK(misfit_of_params(document, *notification.find("params"),
                                   test::JsonText(one.params).value()) == "");
        }
    }
    CHECK(told == described);
}
