#include "engine/address_table.hpp"

#include <map>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::engine;

TEST_CASE("an empty table finds nothing", "[engine][address_table]") {
    AddressTable table;
    CHECK(table.find(*parse_ip("127.0.0.1")) == nullptr);
    CHECK(table.size() == 0);
}

TEST_CASE("addresses differ by family, port and zone", "[engine][address_table]") {
    AddressTable table;
    Address keys[] = {*parse_ip("127.0.0.1"), *parse_ip("127.0.0.1"), *parse_ip("fe80::1%1"),
                      *parse_ip("fe80::1%2"), *parse_ip("7f00:1::")};
    keys[1].port = 1;
    for (std::uint32_t value = 0; value < 5; ++value)
        table.insert(keys[value], value);
    for (std::uint32_t value = 0; value < 5; ++value)
        CHECK(*table.find(keys[value]) == value);
    table.erase(keys[2]);
    CHECK(table.find(keys[2]) == nullptr);
    CHECK(*table.find(keys[3]) == 3);
}

TEST_CASE("the table agrees with a map under churn", "[engine][address_table]") {
    for (const std::uint64_t key_count : {8U, 40U, 400U, 4'000U}) {
        AddressTable table;
        std::map<Address, std::uint32_t> model;
        Prng prng{key_count};
        for (std::uint32_t step = 0; step < 40'000; ++step) {
            // Few distinct addresses with many ports, as one host's peers are.
            Address key{.family = Address::Family::ipv4};
            const std::uint64_t number = prng.below(key_count);
            key.bytes[3] = static_cast<std::uint8_t>(number % 3);
            key.port = static_cast<std::uint16_t>(number);
            const auto known = model.find(key);
            const std::uint32_t* found = table.find(key);
            REQUIRE((found != nullptr) == (known != model.end()));
            if (known == model.end()) {
                table.insert(key, step);
                model.emplace(key, step);
            } else {
                REQUIRE(*found == known->second);
                if (prng.chance(60)) {
                    table.erase(key);
                    model.erase(known);
                }
            }
            REQUIRE(table.size() == model.size());
        }
        for (const auto& [key, value] : model)
            REQUIRE(*table.find(key) == value);
    }
}
