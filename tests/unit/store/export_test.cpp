#include "chatd/store/export.hpp"

#include <filesystem>

#include "chatd/store/state_directory.hpp"
#include "support/keeper_fixture.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

std::vector<std::string> exported(const KeeperFixture& fixture, const std::string& room) {
    std::vector<std::string> lines;
    const auto count =
        store::export_room(fixture.directory.path(), room, [&lines](std::string_view line) {
            lines.emplace_back(line);
            return true;
        });
    if (!count) FAIL(count.error().text);
    CHECK(*count == lines.size());
    return lines;
}

}  // namespace

TEST_CASE("a room is exported as one JSON object a line, beside whoever writes it",
          "[store][export]") {
    KeeperFixture fixture;
    auto keyed = said("dev", {1, 1}, "say \"hi\"\n\\o/ \x01 caf\xc3\xa9");
    keyed.event.key = "k1";
    auto off = about(wire::EventKind::reacted, "dev", {1, 2}, {1, 1}, "+1");
    off.event.off = true;
    fixture.carry_out(chat::KeepRoom{"Dev", 1}, keyed, off, said("dev", {1, 3}, "secret"),
                      about(wire::EventKind::redacted, "dev", {1, 4}, {1, 3}));
    const auto lines = exported(fixture, "#dev");
    REQUIRE(lines.size() == 4);
    const auto head = [](std::string seq, std::string kind) {
        Uuid id = make_uuid7(start_of_time, 1, static_cast<std::uint64_t>(seq[0] - '0'));
        std::string text = R"({"room":"Dev","epoch":1,"seq":)" + seq + R"(,"id":")";
        append_uuid(text, id);
        return text + R"(","ts":"2026-11-18T11:06:40.000Z","from":"ana","kind":")" + kind +
               R"(","body":)";
    };
    CHECK(lines[0] == head("1", "message") + R"("say \"hi\"\n\\o/ \u0001 caf)" + "\xc3\xa9" +
                          R"(","key":"k1"})" + "\n");
    CHECK(lines[1] ==
          head("2", "reacted") + R"("+1","target":{"epoch":1,"seq":1},"off":true})" + "\n");
    CHECK(lines[2] == head("3", "message") + R"("","removed":true})" + "\n");
    CHECK(lines[3] == head("4", "redacted") + R"("","target":{"epoch":1,"seq":3}})" + "\n");
}

TEST_CASE("an export goes over pages, holes and epochs to the end", "[store][export]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, chat::KeepHole{"dev", 1, 1, 2});
    fixture.say_lines("dev", 1, 3, 700);
    fixture.carry_out(chat::KeepHole{"dev", 1, 703, 710}, chat::KeepRoom{"dev", 8});
    fixture.say_lines("dev", 8, 1, 800);
    fixture.carry_out(chat::KeepHole{"dev", 8, 801, 810});
    CHECK(exported(fixture, "dev").size() == 1'500);
}

TEST_CASE("an export ends when nobody takes it any more", "[store][export]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 10);
    int offered = 0;
    const auto count = store::export_room(fixture.directory.path(), "dev",
                                          [&offered](std::string_view) { return ++offered < 3; });
    CHECK(count == 2);
    CHECK(offered == 3);
}

TEST_CASE("for a room that is not there those are named that are, the fullest first",
          "[store][export]") {
    using Kind = store::StoreError::Kind;
    KeeperFixture fixture;
    const auto sink = [](std::string_view) { return true; };
    const auto refused = [&] {
        const auto no_room = store::export_room(fixture.directory.path(), "#dve", sink);
        REQUIRE_FALSE(no_room);
        CHECK(no_room.error().kind == Kind::not_there);
        return no_room.error().text;
    };
    const std::string there_is_none = "there is no room dve in " + fixture.directory.path();
    CHECK(refused() == there_is_none + ", nor any other");
    fixture.carry_out(chat::KeepRoom{"ops", 1}, chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 3);
    CHECK(refused() == there_is_none + "; there is dev, ops");
    for (int number = 0; number < 12; ++number)
        fixture.carry_out(chat::KeepRoom{"r" + std::to_string(number), 1});
    CHECK(refused() == there_is_none +
                           "; there is dev, ops, r0, r1, r10, r11, r2, r3, r4, r5 "
                           "and 4 more");
}

TEST_CASE("a directory without a store has nothing to export, and none is made",
          "[store][export]") {
    const TemporaryDirectory empty;
    const auto sink = [](std::string_view) { return true; };
    for (const std::string& directory : {empty.path(), empty.path() + "/missing"}) {
        const auto nothing = store::export_room(directory, "dev", sink);
        REQUIRE_FALSE(nothing);
        CHECK(nothing.error().kind == store::StoreError::Kind::not_there);
        CHECK(nothing.error().text == "no history is kept here: there is no " +
                                          store::database_path(directory) +
                                          "; name the directory that chatd keeps it in with "
                                          "--state DIR");
        CHECK_FALSE(std::filesystem::exists(store::database_path(directory)));
    }
}
