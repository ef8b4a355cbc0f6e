#pragma once
// One world with a store: an engine that keeps history on a disk that stalls, fills up and answers
// late, bots that say, stall, break off and come back, and crashes, after which a new engine goes
// on with what the disk had. Everything is drawn from one seed; run() plays it to its end or throws
// the Violation it found.
//
// The network is simple here: one request at a time, so that who said the next number is known.
// What the network may do beside is World's matter.

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/engine/engine.hpp"
#include "simulation/bot.hpp"
#include "simulation/chronicle.hpp"
#include "simulation/client.hpp"
#include "simulation/disk.hpp"
#include "simulation/store_plan.hpp"
#include "simulation/tally.hpp"

namespace chatd::simulation {

class StoreWorld {
public:
    StoreWorld(std::uint64_t seed, Tally& tally);
    StoreWorld(const StoreWorld&) = delete;
    StoreWorld& operator=(const StoreWorld&) = delete;
    ~StoreWorld();

    void run();

private:
    /// One connection, as the fake kernel has it. Its bot may have left it.
    struct Link {
        Bot* bot = nullptr;
        ConnId id{};
        std::optional<Flight> flight{};
        bool fin_came = false;  ///< the server's
        bool closing = false;
    };

    void start(chat::Restored&& restored);
    void crash();
    void stop();
    void turn(Duration step);
    void connect();
    void act();
    void network();
    void feed(Link& link);
    bool feed_call(Link& link);
    void advance_flight(Link& link);
    void complete(Link& link, std::int64_t result);
    void leave(Link& link);
    void store();
    void trace_request(const chat::Persist& request) const;
    void trace_answer(const chat::StoreAnswer& answer) const;
    void end_turn();
    void scan_outputs();
    void carry_out(const engine::Output& output);
    void check_prompt();
    void settle();
    std::uint64_t newly_published();
    Link& link_of(ConnId id);
    bool chance(std::uint32_t percent) { return !calm_ && prng_.chance(percent); }

    Prng prng_;
    StorePlan plan_;
    Tally& tally_;
    Time now_{};
    UnixMs wall_ahead_ = 0;  ///< of `now_`: what the restarts took
    Disk disk_;
    Chronicle chronicle_;
    std::vector<std::unique_ptr<Bot>> bots_;  ///< the first one reads promptly
    std::unique_ptr<engine::Engine> engine_;
    std::vector<Link> links_;                                        ///< by the index of their id
    std::deque<std::array<Position, room_count_max>> said_by_then_;  ///< turn by turn
    std::size_t outputs_seen_ = 0;
    std::uint64_t published_ = 0;
    std::uint64_t busy_ = 0;  ///< what happened in this turn
    bool calm_ = false;
    bool draining_ = false;
};

}  // namespace chatd::simulation
