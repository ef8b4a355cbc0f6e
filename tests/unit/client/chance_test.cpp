#include "chatd/client/chance.hpp"

#include <set>

#include "support/catch.hpp"

TEST_CASE("seeds differ from call to call", "[client][chance]") {
    std::set<std::uint64_t> seeds;
    for (int draw = 0; draw < 64; ++draw)
        seeds.insert(chatd::client::random_seed());
    CHECK(seeds.size() == 64);
}
