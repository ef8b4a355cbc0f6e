#include "chatd/wire/json_event.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/json.hpp"
#include "support/sample_event.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

constexpr auto event = test::sample_event;

/// What every numbered event of these tests begins with.
std::string numbered() {
    return test::sample_head() + R"(,"from":"ana",)";
}

std::string params(const Event& shown) {
    std::string out;
    append_event_json(out, shown);
    return out;
}

}  // namespace

TEST_CASE("each kind of event has its method", "[wire][json][event]") {
    const std::vector<std::pair<EventKind, std::string>> methods = {
        {EventKind::message, "message"}, {EventKind::action, "message"},
        {EventKind::edited, "edited"},   {EventKind::redacted, "redacted"},
        {EventKind::reacted, "reacted"}, {EventKind::topic, "topic"},
        {EventKind::joined, "joined"},   {EventKind::left, "left"},
        {EventKind::renamed, "renamed"}, {EventKind::joined_many, "joined"},
        {EventKind::left_many, "left"},
    };
    CHECK(methods.size() == event_kind_count);
    for (const auto& [kind, method] : methods)
        CHECK(event_method(kind) == method);
}

TEST_CASE("what was said carries its number, its id and its time", "[wire][json][event]") {
    CHECK(params(event(EventKind::message, "hel\"lo")) == numbered() + R"("body":"hel\"lo"})");
    CHECK(params(event(EventKind::action, "waves")) ==
          numbered() + R"("body":"waves","action":true})");
    Event answer = event(EventKind::message, "yes");
    answer.target = {2, 7};
    answer.key = "k\n1";
    CHECK(params(answer) ==
          numbered() + R"("body":"yes","reply_to":{"epoch":2,"seq":7},"key":"k\n1"})");
}

TEST_CASE("what was taken back shows no body any more", "[wire][json][event]") {
    Event gone = event(EventKind::message, "secret");
    gone.removed = true;
    CHECK(params(gone) == numbered() + R"("body":"","removed":true})");
}

TEST_CASE("edits, redactions, reactions and topics name what they are about",
          "[wire][json][event]") {
    Event edited = event(EventKind::edited, "new");
    edited.target = {3, 41};
    CHECK(params(edited) == numbered() + R"("target":{"epoch":3,"seq":41},"body":"new"})");
    Event redacted = event(EventKind::redacted, "");
    redacted.target = {3, 41};
    CHECK(params(redacted) == numbered() + R"("target":{"epoch":3,"seq":41}})");
    Event reacted = event(EventKind::reacted, "+1");
    reacted.target = {3, 41};
    CHECK(params(reacted) == numbered() + R"("target":{"epoch":3,"seq":41},"reaction":"+1"})");
    reacted.off = true;
    CHECK(params(reacted) ==
          numbered() + R"("target":{"epoch":3,"seq":41},"reaction":"+1","off":true})");
    CHECK(params(event(EventKind::topic, "")) == numbered() + R"("topic":""})");
}

TEST_CASE("events about people have no number", "[wire][json][event]") {
    const auto people = [](EventKind kind, std::string_view from, std::string_view body) {
        return params({.kind = kind, .room = "dev", .from = from, .body = body});
    };
    CHECK(people(EventKind::joined, "ana", "") == R"({"room":"dev","from":"ana"})");
    CHECK(people(EventKind::left, "ana", "") == R"({"room":"dev","from":"ana"})");
    CHECK(people(EventKind::left, "ana", "timed out") ==
          R"({"room":"dev","from":"ana","reason":"timed out"})");
    CHECK(people(EventKind::renamed, "ana", "bob") ==
          R"({"room":"dev","from":"ana","nick":"bob"})");
    CHECK(people(EventKind::joined_many, "", "500 1234") ==
          R"({"room":"dev","count":500,"people":1234})");
    CHECK(people(EventKind::left_many, "", "7 9") == R"({"room":"dev","count":7,"people":9})");
}

TEST_CASE("in a list an event says its kind first", "[wire][json][event]") {
    std::string out;
    append_listed_event_json(out, event(EventKind::action, "waves"));
    CHECK(out.starts_with(R"({"kind":"message","room":"dev","epoch":3,)"));
    CHECK(test::JsonText(out).value().find("action")->truth());
}

TEST_CASE("what one connection alone is told has its params", "[wire][json][event]") {
    std::string out;
    append_private_json(out, "ana", "ps\nst", test::sample_ms);
    CHECK(out == R"({"from":"ana","body":"ps\nst","ts":"2026-11-26T10:00:00.123Z"})");
    out.clear();
    append_typing_json(out, "dev", "ana", true);
    CHECK(out == R"({"room":"dev","from":"ana","on":true})");
    out.clear();
    append_read_json(out, "dev", "ana", {3, 41});
    CHECK(out == R"({"room":"dev","from":"ana","epoch":3,"seq":41})");
    out.clear();
    append_gap_json(out, "dev", 3, 5, 9);
    CHECK(out == R"({"room":"dev","epoch":3,"from":5,"to":9})");
    out.clear();
    append_datagram_json(out, "lobby", "udp:7", std::nullopt, as_bytes("\xde\xad"));
    append_datagram_json(out, "lobby", "ana", 12, {});
    CHECK(out == R"({"room":"lobby","from":"udp:7","bytes":2,"hex":"de ad"})"
                 R"({"room":"lobby","from":"ana","number":12,"bytes":0,"hex":""})");
    out.clear();
    append_notice_json(out, "STORE_BEHIND", "Slow \"disk\".");
    CHECK(out == R"({"code":"STORE_BEHIND","text":"Slow \"disk\"."})");
    out.clear();
    append_draining_json(out, 1'500);
    CHECK(out == R"({"reconnect_after_ms":1500})");
}

TEST_CASE("a line of an export holds what an event has, and its kind", "[wire][json][event]") {
    std::string out;
    Event said = event(EventKind::action, "two\nlines");
    said.key = "k1";
    append_export_line(out, said, test::sample_ms);
    CHECK(out == numbered() + R"("kind":"action","body":"two\nlines","key":"k1"})" + "\n");
    out.clear();
    Event off = event(EventKind::reacted, "+1");
    off.target = {3, 41};
    off.off = true;
    off.id = {};
    append_export_line(out, off, 0);
    CHECK(out == R"({"room":"dev","epoch":3,"seq":42,"ts":"1970-01-01T00:00:00.000Z","from":"ana",)"
                 R"("kind":"reacted","body":"+1","target":{"epoch":3,"seq":41},"off":true})"
                 "\n");
    out.clear();
    Event gone = event(EventKind::message, "");
    gone.removed = true;
    append_export_line(out, gone, test::sample_ms);
    CHECK(out == numbered() + R"("kind":"message","body":"","removed":true})" + "\n");
}

TEST_CASE("a server-sent event has an id only if it has a position", "[wire][json][event]") {
    std::string out;
    append_sse_event(out, "gap", R"({"room":"dev"})");
    CHECK(out == "event: gap\ndata: {\"room\":\"dev\"}\n\n");
    out.clear();
    append_sse_event(out, "message", "{}", {3, 41});
    CHECK(out == "id: 3:41\nevent: message\ndata: {}\n\n");
}
