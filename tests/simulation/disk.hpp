#pragma once
// The store of one world: it takes what the engine wants kept, commits it group by group, later or
// much later, is full for a while, and loses what it had not committed when the world crashes. What
// is committed lies in a FakeStore, which no crash touches.

#include <deque>
#include <string_view>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/base/time.hpp"
#include "simulation/store_plan.hpp"
#include "simulation/tally.hpp"
#include "support/fake_store.hpp"

namespace chatd::simulation {

class Disk {
public:
    Disk(const DiskWeather& weather, Prng& prng, Tally& tally)
        : weather_(weather), prng_(prng), tally_(tally) {}

    void take(std::vector<chat::Persist>&& requests);
    /// One turn of the store: what it tells the engine. A calm disk does all that waits.
    std::vector<chat::StoreAnswer> work(Time now, bool calm);
    bool idle() const noexcept { return queue_.empty() && told_later_.empty(); }

    /// What the next start finds. After a crash what waits is lost, told or not.
    chat::Restored crash();
    /// All that waits is done first.
    chat::Restored stop();

    const wire::KeptEvent* find(std::string_view room, Position at) const;
    /// The last number that is known of a room's epoch.
    Seq last(std::string_view room, Epoch epoch) const;
    /// Since the last start a read was refused, so that its asker had to be told of a gap.
    bool refused_reads() const noexcept { return refused_reads_; }

private:
    bool in_trouble(std::vector<chat::StoreAnswer>& answers, bool calm);
    void refuse_reads(std::vector<chat::StoreAnswer>& answers);
    void carry_out(std::size_t count);
    chat::Restored restart(bool clean);

    const DiskWeather& weather_;
    Prng& prng_;
    Tally& tally_;
    test::FakeStore kept_;
    std::deque<chat::Persist> queue_;
    std::vector<chat::StoreAnswer> told_later_;
    Time stalled_until_{};
    Time full_until_{};
    bool full_ = false;
    bool refused_reads_ = false;
    std::uint32_t events_ = 0;
};

}  // namespace chatd::simulation
