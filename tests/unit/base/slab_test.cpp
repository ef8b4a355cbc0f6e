#include "chatd/base/slab.hpp"

#include <map>
#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"

using namespace chatd;

namespace {

using Words = Slab<std::string, struct WordTag>;

struct Counted {
    explicit Counted(int& live_count) : live(live_count) { ++live; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --live; }
    int& live;
};

}  // namespace

TEST_CASE("a value is found by its handle until it is erased", "[base][slab]") {
    Words slab(10);
    const auto id = slab.emplace("ana");
    REQUIRE(slab.find(id) != nullptr);
    CHECK(*slab.find(id) == "ana");
    CHECK(slab[id] == "ana");
    CHECK(slab.size() == 1);
    slab.erase(id);
    CHECK(slab.find(id) == nullptr);
    CHECK(slab.size() == 0);
}

TEST_CASE("an old handle does not find the value that took its slot", "[base][slab]") {
    Words slab(10);
    const auto old = slab.emplace("ana");
    slab.erase(old);
    const auto next = slab.emplace("bob");
    REQUIRE(next.index == old.index);
    CHECK(next.generation != old.generation);
    CHECK(slab.find(old) == nullptr);
    CHECK(slab[next] == "bob");
    CHECK(slab.handle_at(next.index) == next);
}

TEST_CASE("the null handle and an index never given find nothing", "[base][slab]") {
    Words slab(10);
    CHECK(slab.find({}) == nullptr);
    CHECK(slab.find({7, 1}) == nullptr);
    CHECK(slab.at_index(0) == nullptr);
    const auto id = slab.emplace("ana");
    CHECK(slab.find({}) == nullptr);
    CHECK(slab.at_index(id.index) == slab.find(id));
    CHECK(slab.at_index(id.index + 1) == nullptr);
}

TEST_CASE("a slab is full at its bound and takes more after an erase", "[base][slab]") {
    Words slab(3);
    std::vector<Words::handle> ids;
    for (const char* word : {"a", "b", "c"})
        ids.push_back(slab.emplace(word));
    CHECK(slab.full());
    slab.erase(ids[1]);
    CHECK_FALSE(slab.full());
    ids[1] = slab.emplace("d");
    CHECK(slab.full());
    CHECK(slab.index_end() == 3);
}

TEST_CASE("slots are reused most recent first", "[base][slab]") {
    Words slab(10);
    const auto first = slab.emplace("a");
    const auto second = slab.emplace("b");
    slab.erase(first);
    slab.erase(second);
    CHECK(slab.emplace("c").index == second.index);
    CHECK(slab.emplace("d").index == first.index);
}

TEST_CASE("values never move while others come and go", "[base][slab]") {
    Words slab(1'000);
    const auto first = slab.emplace("stays");
    const std::string* where = slab.find(first);
    for (int count = 0; count < 500; ++count)
        slab.emplace(std::to_string(count));
    CHECK(slab.find(first) == where);
    CHECK(*where == "stays");
}

TEST_CASE("what is left is destroyed with the slab", "[base][slab]") {
    int live = 0;
    {
        Slab<Counted, struct CountedTag> slab(200);
        std::vector<Handle<struct CountedTag>> ids;
        for (int count = 0; count < 130; ++count)
            ids.push_back(slab.emplace(live));
        CHECK(live == 130);
        slab.erase(ids[5]);
        slab.erase(ids[129]);
        CHECK(live == 128);
    }
    CHECK(live == 0);
}

TEST_CASE("a slab agrees with a map under random use", "[base][slab]") {
    Prng prng(11);
    Words slab(40);
    std::map<Words::handle, std::string> model;
    std::vector<Words::handle> gone;
    for (int step = 0; step < 20'000; ++step) {
        if (!slab.full() && prng.chance(55)) {
            const std::string word = std::to_string(step);
            const auto id = slab.emplace(word);
            REQUIRE(id);
            REQUIRE(model.emplace(id, word).second);
        } else if (!model.empty()) {
            auto chosen = model.begin();
            std::advance(chosen, static_cast<std::ptrdiff_t>(prng.below(model.size())));
            slab.erase(chosen->first);
            if (gone.size() < 200) gone.push_back(chosen->first);
            model.erase(chosen);
        }
        REQUIRE(slab.size() == model.size());
        REQUIRE(slab.full() == (model.size() == 40));
    }
    for (const auto& [id, word] : model)
        REQUIRE(slab[id] == word);
    for (const auto id : gone)
        REQUIRE(slab.find(id) == nullptr);
    std::size_t walked = 0;
    for (std::uint32_t index = 0; index < slab.index_end(); ++index) {
        const std::string* value = slab.at_index(index);
        if (value == nullptr) continue;
        ++walked;
        REQUIRE(model.at(slab.handle_at(index)) == *value);
    }
    CHECK(walked == model.size());
}
