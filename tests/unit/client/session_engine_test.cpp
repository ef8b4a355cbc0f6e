// Sessions against the real engine, in virtual time: connections are cut at any byte, stay half
// open, and the server stops or crashes, all chosen by a seed. Nothing is lost, nothing is doubled.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/client/session.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace std::chrono_literals;

namespace {

/// One person: a session, what was said by it, and what it was told.
struct Person {
    std::unique_ptr<client::Session> session;
    Client* connection = nullptr;             ///< null: offline
    std::map<std::string, std::string> said;  ///< key to body, of every line
    std::map<std::string, int> settled;       ///< key to how often Said or Refused came
    std::map<std::string, std::vector<std::string>> heard;  ///< room to bodies
    std::map<std::string, Position> last;
    int refused = 0;
    int gaps = 0;
};

class EngineWorld {
public:
    EngineWorld(std::uint64_t seed, bool history) : chance_(seed), history_(history) {
        config_ = history ? remembering() : engine::EngineConfig{};
        config_.room_kept = 1h;  // an empty room that is forgotten begins anew, as it says
        start({});
        for (int index = 0; index < 3; ++index) {
            people_.emplace_back();
            people_.back().session = std::make_unique<client::Session>(
                client::SessionOptions{.nick = "person" + std::to_string(index),
                                       .rooms = {"lobby", "dev"},
                                       .seed = seed * 10 + static_cast<std::uint64_t>(index)});
        }
        // Everybody has been there once: from now on each has a position in each room. An empty
        // room would be forgotten between two visits, and begin anew.
        heal(3);
        say_in(people_[0], "lobby");
        say_in(people_[1], "dev");
        heal(3);
    }

    void step() {
        const auto roll = chance_.below(100);
        Person& person = people_[chance_.below(people_.size())];
        if (roll < 40) {
            exchange(person, chance_.below(2'000));
        } else if (roll < 70) {
            say(person);
        } else if (roll < 80) {
            connect(person);
        } else if (roll < 85) {
            cut(person);
        } else if (roll < 88) {
            half_open(person);
        } else if (roll < 98) {
            pass(std::chrono::milliseconds{chance_.below(3'000)});
        } else if (roll < 99) {
            pass(std::chrono::seconds{chance_.below(200)});
        } else if (history_) {
            restart(chance_.chance(50));
        }
    }

    /// No more faults: everybody comes online and everything arrives.
    void heal(int rounds = 200) {
        for (int round = 0; round < rounds; ++round) {
            for (Person& person : people_) {
                connect(person);
                exchange(person, 1 << 20);
            }
            pass(500ms);
        }
    }

    void check() {
        std::map<std::string, std::multiset<std::string>> all;
        for (Person& person : people_) {
            CHECK(person.session->outbox().empty());
            CHECK(person.refused == 0);
            for (const auto& [key, body] : person.said) {
                INFO(body);
                CHECK(person.settled[key] == 1);
                all[body.substr(0, body.find(' '))].insert(body);
            }
        }
        for (Person& person : people_) {
            CHECK(person.gaps == 0);
            for (const auto& [room, bodies] : all) {
                const auto& heard = person.heard[room];
                const std::multiset<std::string> told(heard.begin(), heard.end());
                CHECK(difference(bodies, told) == std::vector<std::string>{});  // lost
                CHECK(difference(told, bodies) == std::vector<std::string>{});  // doubled
                check_order(heard);
            }
        }
        if (history_) CHECK(kept_once(all));
    }

    std::uint64_t lines_said() const { return lines_; }

private:
    static constexpr std::size_t stale_max = 5;  // a session has 16 connections at most

    void start(chat::Restored&& restored) {
        if (driver_) elapsed_ += driver_->now - began_;
        driver_ =
            std::make_unique<EngineDriver>(config_, engine::DatagramsConfig{}, std::move(restored));
        driver_->unix_start = config_.unix_start;
        if (history_) driver_->store = &store_;
        began_ = driver_->now;
        driver_->settle();
    }
    Time now() const { return Time{1h} + elapsed_ + (driver_->now - began_); }

    void connect(Person& person) {
        if (person.connection != nullptr) return;
        person.connection = &driver_->connect();
        person.session->connected(now());
    }
    void disconnect(Person& person) {
        if (person.connection == nullptr) return;
        person.connection = nullptr;
        person.session->disconnected(now(), "cut");
        take_events(person);
    }
    /// What is on its way may still arrive, up to any byte.
    void cut(Person& person) {
        if (person.connection == nullptr) return;
        Client& connection = *person.connection;
        send(person, chance_.below(300));
        hear(person, chance_.below(300));
        disconnect(person);
        driver_->reset(connection);
    }
    /// The client gives up; the server does not know yet, and may still get what was sent.
    void half_open(Person& person) {
        if (person.connection == nullptr) return;
        send(person, chance_.below(600));
        stale_.push_back(person.connection);
        disconnect(person);
        if (stale_.size() <= stale_max) return;
        driver_->reset(*stale_.front());
        stale_.erase(stale_.begin());
    }
    void restart(bool clean) {
        for (Person& person : people_)
            disconnect(person);
        stale_.clear();
        store_.stalled = false;
        config_.unix_start +=
            std::chrono::duration_cast<std::chrono::milliseconds>(driver_->now - began_).count() +
            1'000;
        start(store_.restart(clean));
    }

    void say(Person& person) { say_in(person, chance_.chance(50) ? "lobby" : "dev"); }
    void say_in(Person& person, const std::string& room) {
        const auto index = &person - people_.data();
        const std::string body =
            room + ' ' + std::to_string(index) + ' ' + std::to_string(++lines_);
        const auto key = person.session->say(room, body);
        REQUIRE(key.has_value());
        person.said.emplace(*key, body);
    }
    void send(Person& person, std::size_t bytes_max) {
        const std::string bytes(as_text(person.session->to_send()).substr(0, bytes_max));
        if (bytes.empty()) return;
        person.session->sent(bytes.size(), now());
        driver_->say(*person.connection, bytes);
    }
    void hear(Person& person, std::size_t bytes_max) {
        std::string& waiting = person.connection->received;
        const std::string bytes = waiting.substr(0, bytes_max);
        waiting.erase(0, bytes.size());
        person.session->received(as_bytes(bytes), now());
        take_events(person);
    }
    void exchange(Person& person, std::size_t bytes_max) {
        if (person.connection == nullptr) return;
        send(person, bytes_max);
        hear(person, bytes_max);
        CHECK_FALSE(person.session->stopped());
        if (!person.session->broken().empty()) cut(person);
    }
    void pass(Duration duration) {
        // The store may be held up: answers come later than the lines.
        if (history_) store_.stalled = chance_.chance(20);
        driver_->pass(duration);
        for (Person& person : people_) {
            if (person.connection != nullptr && person.connection->ended()) disconnect(person);
            person.session->tick(now());
            if (!person.session->broken().empty()) cut(person);
        }
        store_.stalled = false;
        driver_->settle();
    }

    void take_events(Person& person) {
        while (auto event = person.session->next_event()) {
            if (const auto* said = std::get_if<client::Said>(&*event)) ++person.settled[said->key];
            if (std::holds_alternative<client::Refused>(*event)) ++person.refused;
            if (std::holds_alternative<client::Gap>(*event)) ++person.gaps;
            if (const auto* online = std::get_if<client::Online>(&*event)) take_verdicts(*online);
            if (const auto* message = std::get_if<client::Message>(&*event)) {
                CHECK(message->at > person.last[message->room]);
                person.last[message->room] = message->at;
                person.heard[message->room].push_back(message->body);
            }
        }
    }
    void take_verdicts(const client::Online& online) {
        for (const client::RoomStanding& standing : online.rooms) {
            if (standing.recovered && !*standing.recovered) ++lost_verdicts_;
        }
    }

    static std::vector<std::string> difference(const std::multiset<std::string>& from,
                                               const std::multiset<std::string>& what) {
        std::vector<std::string> left;
        std::set_difference(from.begin(), from.end(), what.begin(), what.end(),
                            std::back_inserter(left));
        return left;
    }
    /// The lines of one author come in the order in which they were said.
    static void check_order(const std::vector<std::string>& heard) {
        std::map<std::string, int> last;
        for (const std::string& body : heard) {
            const auto author = body.substr(0, body.rfind(' '));
            const int number = std::stoi(body.substr(body.rfind(' ') + 1));
            INFO(body);
            CHECK(number > last[author]);
            last[author] = number;
        }
    }
    bool kept_once(const std::map<std::string, std::multiset<std::string>>& all) {
        for (const auto& [room, bodies] : all) {
            std::multiset<std::string> kept;
            for (const auto& event : store_.rooms.at(room).events)
                kept.insert(event.body);
            CHECK(difference(kept, bodies).empty());
            if (kept != bodies) return false;
        }
        return true;
    }

    Prng chance_;
    bool history_;
    engine::EngineConfig config_;
    FakeStore store_;
    std::unique_ptr<EngineDriver> driver_;
    Time began_{};
    Duration elapsed_{};
    std::vector<Person> people_;
    std::vector<Client*> stale_;  ///< the server does not know yet that they are gone
    std::uint64_t lines_ = 0;
    int lost_verdicts_ = 0;
};

void run(std::uint64_t seed, bool history) {
    INFO("seed " << seed << (history ? ", with history" : ", without history"));
    EngineWorld world(seed, history);
    for (int step = 0; step < 400; ++step)
        world.step();
    world.heal();
    world.check();
    CHECK(world.lines_said() > 50);
}

}  // namespace

TEST_CASE("with history nothing is lost or doubled by cuts, stops and crashes",
          "[client][session][engine]") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed)
        run(seed, true);
}

TEST_CASE("without history nothing is lost or doubled by cuts", "[client][session][engine]") {
    for (std::uint64_t seed = 101; seed <= 130; ++seed)
        run(seed, false);
}
