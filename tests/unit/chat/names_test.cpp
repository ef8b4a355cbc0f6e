#include "chatd/chat/names.hpp"

#include <map>
#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::chat;
using wire::Errc;

namespace {

bool nick_allowed(std::string_view nick) {
    return check_nick(nick) == Errc::none;
}
bool room_allowed(std::string_view room) {
    return check_room(room) == Errc::none;
}

ConnId conn(std::uint32_t index) {
    return {index, 1};
}

}  // namespace

TEST_CASE("a nick is ASCII, short, and begins with a letter", "[chat][names]") {
    for (const char* nick : {"a", "ana", "Ana", "bob-2", "x_y.z", "Z9", "guestbook", "guest-house",
                             "allan", "admiral", "rooty"}) {
        CAPTURE(nick);
        CHECK(nick_allowed(nick));
    }
    for (const char* nick : {"", "2bob", "-ana", "_ana", ".ana", "a b", "a:b", "a#", "#ana", "a/b",
                             "<a>", "an\xc3\xa4", "a\x1b", "a\n", "a@b", "a\\b", "a\x7f"}) {
        CAPTURE(nick);
        CHECK(check_nick(nick) == Errc::bad_nick);
    }
    CHECK(nick_allowed(std::string(limits::name_bytes_max, 'a')));
    CHECK_FALSE(nick_allowed(std::string(limits::name_bytes_max + 1, 'a')));
    CHECK_FALSE(nick_allowed(std::string("a\0b", 3)));
}

TEST_CASE("every byte value is judged in a nick", "[chat][names]") {
    const std::string allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    for (int value = 0; value < 256; ++value) {
        CAPTURE(value);
        const char byte = static_cast<char>(value);
        CHECK(nick_allowed(std::string("x") + byte) == (allowed.find(byte) != std::string::npos));
    }
}

TEST_CASE("a room begins with a letter or digit", "[chat][names]") {
    for (const char* room : {"lobby", "dev", "2026", "0", "a.b", "c-_", "admin", "Ops"}) {
        CAPTURE(room);
        CHECK(room_allowed(room));
    }
    for (const char* room :
         {"", "#", "#dev", ".", "..", "-a", "_a", "a b", "a/b", "caf\xc3\xa9", "*"}) {
        CAPTURE(room);
        CHECK(check_room(room) == Errc::bad_room);
    }
    CHECK(room_allowed(std::string(limits::name_bytes_max, '7')));
    CHECK_FALSE(room_allowed(std::string(limits::name_bytes_max + 1, '7')));
}

TEST_CASE("nicks that pass for the server or a role are reserved", "[chat][names]") {
    for (const char* nick : {"chatd",           "Server",   "SYSTEM", "admin",    "adm1n", "AdmIn",
                             "adrnin",          "root",     "r00t",   "rOOt",     "ro-ot", "root.",
                             "o.p.e.r.a.t.o.r", "everyone", "here",   "all",      "aII",   "a1l",
                             "nobody",          "null",     "NuIl",   "welcorne", "vvarn"}) {
        CAPTURE(nick);
        CHECK(check_nick(nick) == Errc::bad_nick);
    }
}

TEST_CASE("only the server gives guest nicks", "[chat][names]") {
    for (const char* nick :
         {"guest", "guest-1", "guest-42", "Guest-7", "GUEST-007", "guest_7", "guest.7", "guest7",
          "guest-l", "guest-I0", "guest-lO", "guest--7", "guest-"}) {
        CAPTURE(nick);
        CHECK(check_nick(nick) == Errc::bad_nick);
    }
    CHECK(guest_nick(7) == "guest-7");
    CHECK(guest_nick(UINT64_MAX).size() <= limits::name_bytes_max);
    for (const std::uint64_t number : {1U, 10U, 1'234'567U}) {
        CHECK_FALSE(nick_allowed(guest_nick(number)));
    }
}

TEST_CASE("names are equal in any case", "[chat][names]") {
    CHECK(fold("Ana-B_C.9") == "ana-b_c.9");
    CHECK(fold("@[`{") == "@[`{");
}

TEST_CASE("names that look alike have one skeleton", "[chat][names]") {
    const std::vector<std::vector<std::string>> groups = {
        {"bill", "biIl", "bi1l", "BiLL"},
        {"Ian", "lan", "1an"},
        {"bob", "b0b", "bOb"},
        {"mary", "rnary", "Mary", "MARY", "RNARY"},
        {"w", "vv", "W", "VV", "vV"},
        {"vw", "wv", "vvv"},
        {"rnm", "mrn", "mm", "rnrn"},
        {"a_b", "a-b", "a__b", "a-_-b"},
        {"guest-10", "guest-lo", "guest_IO"},
    };
    for (const auto& group : groups) {
        for (const auto& name : group) {
            CAPTURE(group.front(), name);
            CHECK(skeleton(name) == skeleton(group.front()));
        }
    }
    for (std::size_t left = 0; left < groups.size(); ++left) {
        for (std::size_t right = 0; right < left; ++right) {
            CHECK(skeleton(groups[left].front()) != skeleton(groups[right].front()));
        }
    }
    CHECK(skeleton("kai") != skeleton("kal"));
    CHECK(skeleton("max2") != skeleton("maxz"));
    CHECK(skeleton("a.b") != skeleton("a-b"));
    CHECK(skeleton("a..b") != skeleton("a.b"));
    CHECK(skeleton(std::string(limits::name_bytes_max, 'm')).size() == 2 * limits::name_bytes_max);
}

TEST_CASE("a nick is taken once, in any case and by any look-alike", "[chat][names]") {
    NickTable nicks(1);
    CHECK(nicks.take("Ana", conn(1)) == Errc::none);
    CHECK(nicks.take("ana", conn(2)) == Errc::nick_in_use);
    CHECK(nicks.take("Ian", conn(2)) == Errc::none);
    CHECK(nicks.take("ian", conn(3)) == Errc::nick_in_use);  // equal
    CHECK(nicks.take("lan", conn(3)) == Errc::nick_in_use);  // alike
    CHECK(nicks.take("kai", conn(3)) == Errc::none);
    CHECK(nicks.take("kal", conn(4)) == Errc::none);
    CHECK(nicks.size() == 4);

    CHECK(nicks.find("ANA") == conn(1));
    CHECK(nicks.find("ian") == conn(2));
    CHECK_FALSE(nicks.find("lan"));
    CHECK_FALSE(nicks.find(""));
    CHECK_FALSE(nicks.find(std::string(500, 'a')));
}

TEST_CASE("a released nick is free again", "[chat][names]") {
    NickTable nicks(1);
    CHECK(nicks.take("Bill", conn(1)) == Errc::none);
    CHECK_FALSE(nicks.release("bi11"));  // alike is not equal
    CHECK(nicks.release("bill"));
    CHECK_FALSE(nicks.release("bill"));
    CHECK_FALSE(nicks.release(""));
    CHECK(nicks.size() == 0);
    CHECK(nicks.take("bi1I", conn(2)) == Errc::none);
    CHECK(nicks.find("BI1I") == conn(2));
}

TEST_CASE("a rename may meet its own old nick only", "[chat][names]") {
    NickTable nicks(1);
    CHECK(nicks.take("ana", conn(1)) == Errc::none);
    CHECK(nicks.take("bob", conn(2)) == Errc::none);
    CHECK(nicks.rename("ana", "Ana") == Errc::none);
    CHECK(nicks.rename("ANA", "ana") == Errc::none);
    CHECK(nicks.rename("ana", "B0B") == Errc::nick_in_use);
    CHECK(nicks.find("ana") == conn(1));
    CHECK(nicks.rename("bob", "b0b") == Errc::none);
    CHECK_FALSE(nicks.find("bob"));
    CHECK(nicks.find("b0b") == conn(2));
    CHECK(nicks.rename("carl", "dave") == Errc::no_such_nick);
    CHECK(nicks.size() == 2);
}

TEST_CASE("the nick table agrees with a naive one over 200,000 random steps", "[chat][names]") {
    // Few letters and short names, so that equal and alike names are common.
    constexpr std::string_view alphabet = "aAiIlL1oO0mMrnwv-_";
    Prng prng(5);
    for (const std::uint64_t salt : {std::uint64_t(0), prng.next()}) {
        NickTable nicks(salt);
        struct Held {
            std::string name;
            ConnId owner;
        };
        std::map<std::string, Held> by_fold;
        std::map<std::string, std::string> by_skeleton;
        const auto free_for = [&](const std::string& nick, const std::string& except) {
            const auto equal = by_fold.find(fold(nick));
            const auto alike = by_skeleton.find(skeleton(nick));
            return (equal == by_fold.end() || equal->first == except) &&
                   (alike == by_skeleton.end() || alike->second == except);
        };
        const auto drop = [&](const std::string& folded) {
            by_skeleton.erase(skeleton(by_fold.at(folded).name));
            by_fold.erase(folded);
        };
        const auto hold = [&](const std::string& nick, ConnId owner) {
            by_fold[fold(nick)] = {nick, owner};
            by_skeleton[skeleton(nick)] = fold(nick);
        };
        const auto random_nick = [&] {
            std::string nick;
            for (std::uint64_t bytes = prng.between(1, 4); bytes > 0; --bytes) {
                nick += alphabet[prng.below(alphabet.size())];
            }
            return nick;
        };
        for (std::uint32_t step = 0; step < 100'000; ++step) {
            const std::string nick = random_nick();
            const std::string folded = fold(nick);
            const bool held = by_fold.contains(folded);
            switch (prng.below(5)) {
                case 0:
                case 1: {
                    const bool free = free_for(nick, "");
                    REQUIRE((nicks.take(nick, conn(step)) == Errc::none) == free);
                    if (free) hold(nick, conn(step));
                    break;
                }
                case 2:
                    REQUIRE(nicks.release(nick) == held);
                    if (held) drop(folded);
                    break;
                case 3: {
                    const std::string next = random_nick();
                    const Errc want = !held                    ? Errc::no_such_nick
                                      : free_for(next, folded) ? Errc::none
                                                               : Errc::nick_in_use;
                    REQUIRE(nicks.rename(nick, next) == want);
                    if (want != Errc::none) break;
                    const ConnId owner = by_fold.at(folded).owner;
                    drop(folded);
                    hold(next, owner);
                    break;
                }
                default:
                    REQUIRE(nicks.find(nick) ==
                            (held ? std::optional(by_fold.at(folded).owner) : std::nullopt));
            }
            REQUIRE(nicks.size() == by_fold.size());
        }
        CHECK(nicks.size() > 100);
    }
}

TEST_CASE("a nick costs less than 100 bytes, however many there are", "[chat][names]") {
    NickTable nicks(9);
    for (std::uint32_t number = 0; number < 50'000; ++number) {
        REQUIRE(nicks.take(guest_nick(number), conn(number)) == Errc::none);
        if (number >= 1'000) REQUIRE(nicks.memory_bytes() < std::size_t(number) * 100);
    }
    for (std::uint32_t number = 0; number < 50'000; ++number) {
        REQUIRE(nicks.find(guest_nick(number)) == conn(number));
    }
    const std::size_t peak = nicks.memory_bytes();
    for (std::uint32_t number = 0; number < 50'000; ++number) {
        REQUIRE(nicks.release(guest_nick(number)));
        REQUIRE(nicks.take("x" + std::to_string(number), conn(number)) == Errc::none);
    }
    CHECK(nicks.memory_bytes() == peak);
}
