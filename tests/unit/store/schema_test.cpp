#include "store/schema.hpp"

#include "chatd/store/check.hpp"
#include "chatd/store/export.hpp"
#include "support/keeper_fixture.hpp"

using namespace chatd;
using namespace chatd::test;
using store::Database;

namespace {

Database database_in(const KeeperFixture& fixture) {
    auto database =
        Database::open(store::database_path(fixture.directory.path()), Database::Mode::create);
    REQUIRE(database);
    return std::move(*database);
}

}  // namespace

TEST_CASE("a new database is of the present schema and set up to give pages back",
          "[store][schema]") {
    KeeperFixture fixture;
    auto database = database_in(fixture);
    CHECK(database.number("PRAGMA user_version") == store::schema_version);
    CHECK(database.number("PRAGMA auto_vacuum") == 2);
    CHECK(store::migrate(database));
    CHECK(store::check_version(database));
}

TEST_CASE("a database of a newer schema is refused and left as it is", "[store][schema]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    REQUIRE(fixture.keeper->end());
    fixture.keeper.reset();
    REQUIRE(database_in(fixture).run("PRAGMA user_version = 99"));

    const auto opened = store::Keeper::open(fixture.options, fixture.restored);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == store::StoreError::Kind::newer_version);
    CHECK(opened.error().text.find("schema 99, this one knows 1") != std::string::npos);
    const auto checked = store::check_store(fixture.directory.path());
    REQUIRE_FALSE(checked);
    CHECK(checked.error().kind == store::StoreError::Kind::newer_version);
    const auto exported =
        store::export_room(fixture.directory.path(), "dev", [](std::string_view) { return true; });
    REQUIRE_FALSE(exported);
    CHECK(exported.error().kind == store::StoreError::Kind::newer_version);

    REQUIRE(database_in(fixture).run("PRAGMA user_version = 1"));
    fixture.open();
    CHECK(fixture.restored.rooms[0].epoch == 1);
}

TEST_CASE("a migration that cannot be done leaves the version as it was", "[store][schema]") {
    const TemporaryDirectory directory;
    {
        auto database =
            Database::open(store::database_path(directory.path()), Database::Mode::create);
        REQUIRE(database);
        REQUIRE(database->run("CREATE TABLE schedules (something)"));
    }
    chat::Restored restored;
    const auto opened = store::Keeper::open(store_options(directory.path()), restored);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().text ==
          "cannot make the tables of schema 1: table schedules already exists");
    auto database = Database::open(store::database_path(directory.path()), Database::Mode::create);
    CHECK(database->number("PRAGMA user_version") == 0);
    CHECK(database->number("SELECT count(*) FROM sqlite_schema") == 1);
}

TEST_CASE("a file that is no database is refused as damaged", "[store][schema]") {
    const TemporaryDirectory directory;
    std::ofstream(store::database_path(directory.path())) << std::string(8'192, 'x');
    chat::Restored restored;
    const auto opened = store::Keeper::open(store_options(directory.path()), restored);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == store::StoreError::Kind::damaged);
    CHECK(opened.error().text.find("--check-store") != std::string::npos);
}
