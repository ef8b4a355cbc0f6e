#include "chatd/store/check.hpp"

#include "support/keeper_fixture.hpp"

using namespace chatd;
using namespace chatd::test;

TEST_CASE("a sound store is ok, also while it is in use", "[store][check]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 100);
    CHECK(store::check_store(fixture.directory.path()) == "ok");
    REQUIRE(fixture.keeper->end());
    fixture.keeper.reset();
    CHECK(store::check_store(fixture.directory.path()) == "ok");
}

TEST_CASE("a damaged store is told from a sound one", "[store][check]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 2'000);
    REQUIRE(fixture.keeper->end());
    fixture.keeper.reset();
    const std::string path = store::database_path(fixture.directory.path());
    const std::string bytes = bytes_of_file(path);
    REQUIRE(bytes.size() > 30 * 4096);
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(bytes.size() / 2 / 4096 * 4096));
    file << std::string(4096, 'x');
    file.close();

    const auto report = store::check_store(fixture.directory.path());
    if (report) {
        CHECK(*report != "ok");
        CHECK_FALSE(report->empty());
    } else {
        CHECK(report.error().kind == store::StoreError::Kind::damaged);
    }
}

TEST_CASE("a directory without a store cannot be checked", "[store][check]") {
    const TemporaryDirectory directory;
    const auto report = store::check_store(directory.path());
    REQUIRE_FALSE(report);
    CHECK(report.error().kind == store::StoreError::Kind::not_there);
    CHECK(report.error().text.starts_with("no history is kept here: there is no "));
    CHECK_FALSE(std::filesystem::exists(store::database_path(directory.path())));
}
