#include "chatd/wire/notification.hpp"

#include <string>
#include <utility>
#include <vector>

#include "chatd/wire/crowd.hpp"
#include "chatd/wire/json_event.hpp"
#include "support/catch.hpp"
#include "support/json.hpp"
#include "support/sample_event.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

constexpr auto event = test::sample_event;

std::optional<Notification> read(std::string_view method, std::string_view params) {
    const test::JsonText text(params);
    return read_notification(method, text.value());
}

/// What an encoder wrote, read back.
template <class Told, class Encode>
Told read_back(std::string_view method, Encode&& encode) {
    std::string params;
    encode(params);
    const auto told = read(method, params);
    INFO(params);
    REQUIRE(told.has_value());
    REQUIRE(std::holds_alternative<Told>(*told));
    return std::get<Told>(*told);
}

void check_same(const KeptEvent& read, const KeptEvent& written) {
    CHECK(read.kind == written.kind);
    CHECK(read.room == written.room);
    CHECK(read.from == written.from);
    CHECK(read.body == written.body);
    CHECK(read.key == written.key);
    CHECK(read.id == written.id);
    CHECK(read.at == written.at);
    CHECK(read.target == written.target);
    CHECK(read.off == written.off);
    CHECK(read.removed == written.removed);
}

/// One event of each kind, and of each way that a kind can be.
std::vector<Event> every_event() {
    Event answer = event(EventKind::message, "line\n\"two\"");
    answer.target = {2, 7};
    answer.key = "k\t1";
    Event removed = event(EventKind::message, "");
    removed.removed = true;
    Event edited = event(EventKind::edited, "new");
    edited.target = {3, 41};
    Event redacted = event(EventKind::redacted, "");
    redacted.target = {3, 41};
    Event reacted = event(EventKind::reacted, "👍");
    reacted.target = {3, 41};
    Event off = reacted;
    off.off = true;
    const auto people = [](EventKind kind, std::string_view from, std::string_view body) {
        return Event{.kind = kind, .room = "dev", .from = from, .body = body};
    };
    return {event(EventKind::message, "hello"),
            event(EventKind::action, "waves"),
            answer,
            removed,
            edited,
            redacted,
            reacted,
            off,
            event(EventKind::topic, "releases"),
            event(EventKind::topic, ""),
            people(EventKind::joined, "ana", ""),
            people(EventKind::left, "ana", "timed out"),
            people(EventKind::left, "ana", ""),
            people(EventKind::renamed, "ana", "bob"),
            people(EventKind::joined_many, "", "500 1234"),
            people(EventKind::left_many, "", "7 9")};
}

}  // namespace

TEST_CASE("what happened in a room is read as it was written", "[wire][json][notification]") {
    for (const Event& written : every_event()) {
        const auto read = read_back<KeptEvent>(
            event_method(written.kind), [&](std::string& out) { append_event_json(out, written); });
        check_same(read, KeptEvent::of(written));
    }
}

TEST_CASE("an event of a list is read by the kind that it names", "[wire][json][notification]") {
    for (const Event& written : every_event()) {
        std::string listed;
        append_listed_event_json(listed, written);
        const test::JsonText text(listed);
        const auto read = read_listed_event(text.value());
        REQUIRE(read.has_value());
        check_same(*read, KeptEvent::of(written));
    }
    CHECK_FALSE(read_listed_event(test::JsonText(R"({"room":"dev"})").value()));
    CHECK_FALSE(read_listed_event(test::JsonText(R"({"kind":"gap","room":"dev"})").value()));
}

TEST_CASE("what one connection alone is told is read as it was written",
          "[wire][json][notification]") {
    CHECK(read_back<told::Private>("private", [](std::string& out) {
              append_private_json(out, "ana", "ps\nst", test::sample_ms);
          }) == told::Private{"ana", "ps\nst", test::sample_ms});
    CHECK(read_back<told::Typing>("typing", [](std::string& out) {
              append_typing_json(out, "dev", "ana", false);
          }) == told::Typing{"dev", "ana", false});
    CHECK(read_back<told::Read>("read", [](std::string& out) {
              append_read_json(out, "dev", "ana", {3, 41});
          }) == told::Read{"dev", "ana", {3, 41}});
    CHECK(read_back<told::Gap>("gap", [](std::string& out) {
              append_gap_json(out, "dev", 3, 5, 9);
          }) == told::Gap{"dev", 3, 5, 9});
    CHECK(read_back<told::Notice>("notice", [](std::string& out) {
              append_notice_json(out, "STORE_TROUBLE", "Slow \"disk\".");
          }) == told::Notice{"STORE_TROUBLE", "Slow \"disk\"."});
    CHECK(read_back<told::Draining>("draining", [](std::string& out) {
              append_draining_json(out, 1'500);
          }) == told::Draining{1'500});
}

TEST_CASE("a datagram is read with its bytes and with its number if it has one",
          "[wire][json][notification]") {
    const std::vector<std::byte> payload{std::byte{0xde}, std::byte{0}, std::byte{0xff}};
    CHECK(read_back<told::Datagram>("datagram", [&](std::string& out) {
              append_datagram_json(out, "lobby", "udp:7", std::nullopt, payload);
          }) == told::Datagram{"lobby", "udp:7", std::nullopt, payload});
    CHECK(read_back<told::Datagram>("datagram", [](std::string& out) {
              append_datagram_json(out, "lobby", "ana", 0, {});
          }) == told::Datagram{"lobby", "ana", 0, {}});
}

TEST_CASE("members that nobody knows are ignored, and so are methods",
          "[wire][json][notification]") {
    CHECK(read("typing", R"({"room":"dev","from":"ana","on":true,"mood":[1,{"x":2}]})"));
    CHECK_FALSE(read("hologram", R"({"room":"dev"})"));
    CHECK_FALSE(read("", "{}"));
}

TEST_CASE("what lacks a member, or has one of another kind, is nothing",
          "[wire][json][notification]") {
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"message", R"({"room":"dev","epoch":1,"seq":2,"from":"ana","body":"no id"})"},
        {"message", R"({"room":"dev","epoch":1,"id":"x","from":"ana","body":"no number"})"},
        {"message", "[]"},
        {"message", "7"},
        {"edited", test::sample_head() + R"(,"from":"ana","body":"of nothing"})"},
        {"redacted", test::sample_head() + R"(,"from":"ana","target":{"epoch":1}})"},
        {"reacted", test::sample_head() + R"(,"from":"ana","target":{"epoch":1,"seq":2}})"},
        {"renamed", R"({"room":"dev","from":"ana"})"},
        {"joined", R"({"room":"dev","count":3})"},
        {"joined", R"({"from":"ana"})"},
        {"private", R"({"from":"ana","body":"when?"})"},
        {"private", R"({"from":"ana","body":"x","ts":"yesterday"})"},
        {"typing", R"({"room":"dev","from":"ana","on":"yes"})"},
        {"read", R"({"room":"dev","from":"ana","epoch":1})"},
        {"gap", R"({"room":"dev","epoch":1,"from":-1,"to":2})"},
        {"datagram", R"({"room":"lobby","from":"udp:7","bytes":1,"hex":"xy"})"},
        {"notice", R"({"code":"X"})"},
        {"draining", R"({})"},
    };
    for (const auto& [method, params] : wrong) {
        INFO(method << ' ' << params);
        CHECK_FALSE(read(method, params));
    }
}
