#include "store/word_rank.hpp"

#include <vector>

#include "store/schema.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace chatd;
using namespace chatd::test;
using store::Database;
using store::Query;
using store::Statement;

namespace {

struct Fixture {
    TemporaryDirectory directory;
    Database database = opened(directory.path() + "/ranked.db");

    static Database opened(const std::string& path) {
        auto made = Database::open(path, Database::Mode::create);
        REQUIRE(made);
        REQUIRE(store::migrate(*made));
        REQUIRE(store::add_word_rank(*made));
        return std::move(*made);
    }

    void say(std::int64_t event, std::string_view body) {
        Statement insert(database, "INSERT INTO words (rowid, body) VALUES (?, ?)");
        REQUIRE(Query(insert, event, body).run());
    }
    double rank(std::int64_t event, std::string_view terms) {
        Statement statement(database,
                            "SELECT word_rank(words) FROM words WHERE words MATCH ? AND rowid = ?");
        Query query(statement, terms, event);
        REQUIRE(query.next());
        return query.real(0);
    }
};

}  // namespace

TEST_CASE("a message ranks better the more often it has the words and the shorter it is",
          "[store][word_rank]") {
    Fixture fixture;
    fixture.say(1, "tea and cake");
    fixture.say(2, "tea and more tea");
    fixture.say(3, "a long line in which tea is only one of rather many words");
    fixture.say(4, "cake and tea");
    CHECK(fixture.rank(1, "tea") < 0);
    CHECK(fixture.rank(2, "tea") < fixture.rank(1, "tea"));
    CHECK(fixture.rank(1, "tea") < fixture.rank(3, "tea"));
    CHECK(fixture.rank(1, "tea") == fixture.rank(4, "tea"));
    CHECK(fixture.rank(1, "tea AND cake") == 2 * fixture.rank(1, "tea"));
}

TEST_CASE("a rank does not ask in how many other messages a word stands", "[store][word_rank]") {
    Fixture fixture;
    fixture.say(1, "tea and cake");
    const double before = fixture.rank(1, "tea");
    for (std::int64_t event = 2; event <= 50; ++event)
        fixture.say(event, "tea and cake");
    CHECK(fixture.rank(1, "tea") == before);
    CHECK(fixture.rank(1, "cake") == before);
}

TEST_CASE("word_rank is for searches alone", "[store][word_rank]") {
    Fixture fixture;
    fixture.say(1, "tea");
    CHECK_FALSE(fixture.database.run("SELECT word_rank(1)"));
}
