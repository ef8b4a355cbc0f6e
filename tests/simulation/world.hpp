#pragma once
// One world: an engine on a fake network, virtual time, clients and datagram peers, everything
// drawn from one seed. run() plays it to its end or throws the Violation it found.
//
// A turn is what a turn of the server is: clients write, the fake kernel hands over what has come
// and completes sends in any order, the engine's turn ends, its outputs are carried out. The kernel
// keeps the engine's pointers and reads the bytes when a send makes progress, in a later turn.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/engine/engine.hpp"
#include "simulation/client.hpp"
#include "simulation/model.hpp"
#include "simulation/peers.hpp"
#include "simulation/plan.hpp"
#include "simulation/tally.hpp"

namespace chatd::simulation {

class World {
public:
    World(std::uint64_t seed, Tally& tally);
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World();

    void run();

private:
    // What the world does.
    void turn(Duration step);
    Duration draw_step();
    void populate();
    void act();
    void network();
    void end_turn();
    void calm_down();
    void part();
    void check_end();

    // The fake kernel, one client at a time.
    void feed(Client& client);
    bool feed_some(Client& client);
    void feed_fin(Client& client);
    void advance_flight(Client& client);
    void deliver(Client& client, std::size_t bytes);
    void complete(Client& client, std::int64_t result);
    void fail(Client& client);
    void answer_unsent(Client& client);
    void close(Client& client);
    void carry_out(const engine::Output& output);
    void begin_send(Client& client, Bytes bytes);
    void fin_came(Client& client);

    // The model's part.
    void note_bytes(Client& client, Bytes bytes);
    void begin_text(Client& client);
    void sync(Client* client);
    void scan_outputs();
    void close_came(Client& client);
    void listen(Client& client, std::uint64_t told_before);
    bool resolve(Client& client);

    void check_turn();
    Client& client_of(ConnId id);
    bool chance(std::uint32_t percent) { return !calm_ && prng_.chance(percent); }

    Prng prng_;
    Plan plan_;
    Tally& tally_;
    Time now_{};
    engine::Engine engine_;
    Model model_;
    Peers peers_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<Client*> by_index_;  ///< whose id is not free yet
    std::size_t outputs_seen_ = 0;
    std::uint64_t messages_seen_ = 0;
    std::uint64_t busy_ = 0;  ///< what happened in this turn
    bool calm_ = false;       ///< the network and the readers behave
    bool drained_ = false;
};

}  // namespace chatd::simulation
