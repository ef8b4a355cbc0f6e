#include "simulation/disk.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <variant>

#include "simulation/faults.hpp"

namespace chatd::simulation {

namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t spoilt_every = 8;

}  // namespace

void Disk::take(std::vector<chat::Persist>&& requests) {
    std::move(requests.begin(), requests.end(), std::back_inserter(queue_));
}

std::vector<chat::StoreAnswer> Disk::work(Time now, bool calm) {
    std::vector<chat::StoreAnswer> answers;
    if (!calm && now < stalled_until_) return answers;
    if (!calm && prng_.chance(weather_.stall)) {
        ++tally_.store_stalls;
        stalled_until_ = now + milliseconds(prng_.between(5, 2'000));
        return answers;
    }
    if (!full_ && !calm && prng_.chance(weather_.trouble)) {
        full_until_ = now + milliseconds(prng_.between(5, 1'000));
    }
    if (in_trouble(answers, calm || now >= full_until_)) return answers;
    if (calm || !prng_.chance(weather_.late)) {
        std::move(told_later_.begin(), told_later_.end(), std::back_inserter(answers));
        told_later_.clear();
    }
    carry_out(calm ? queue_.size() : prng_.below(weather_.group_max + 1));
    return answers;
}

// A full disk: the write that fails is tried again, with all that waits behind it.
bool Disk::in_trouble(std::vector<chat::StoreAnswer>& answers, bool over) {
    if (over) {
        if (std::exchange(full_, false)) answers.emplace_back(chat::StoreTrouble{});
        return false;
    }
    if (queue_.empty()) return full_;
    if (!std::exchange(full_, true)) {
        ++tally_.store_troubles;
        answers.emplace_back(chat::StoreTrouble{"disk full"});
    }
    refuse_reads(answers);
    return true;
}

void Disk::refuse_reads(std::vector<chat::StoreAnswer>& answers) {
    std::erase_if(queue_, [&](const chat::Persist& request) {
        const auto* read = std::get_if<chat::ReadHistory>(&request);
        if (read == nullptr) return false;
        answers.emplace_back(chat::HistoryPage{.query = read->query, .error = "disk full"});
        refused_reads_ = true;
        return true;
    });
}

// Commits one group. It is told a turn later at the earliest, so a crash may fall in between.
void Disk::carry_out(std::size_t count) {
    std::vector<chat::Persist> group;
    for (; count > 0 && !queue_.empty(); --count) {
        const bool is_event = std::holds_alternative<chat::KeepEvent>(queue_.front());
        const bool spoilt = is_event && ++events_ % spoilt_every == 0;
        if (faulty(Fault::commit_lost) && spoilt) {
            group.emplace_back(chat::DropSchedule{});
        } else {
            group.push_back(std::move(queue_.front()));
        }
        queue_.pop_front();
    }
    kept_.take(std::move(group));
    for (chat::StoreAnswer& answer : kept_.answers()) {
        auto* page = std::get_if<chat::HistoryPage>(&answer);
        if (faulty(Fault::missing_untold) && page != nullptr) page->missing_to = {};
        told_later_.push_back(std::move(answer));
    }
}

chat::Restored Disk::restart(bool clean) {
    told_later_.clear();
    stalled_until_ = full_until_ = {};
    full_ = refused_reads_ = false;
    // Only so many of the newest are put back into memory.
    chat::Restored restored = kept_.restart(clean, prng_.below(20));
    if (faulty(Fault::keys_lost)) restored.keys.clear();
    return restored;
}

chat::Restored Disk::crash() {
    queue_.clear();
    return restart(faulty(Fault::epoch_kept));
}

chat::Restored Disk::stop() {
    carry_out(queue_.size());
    return restart(true);
}

const wire::KeptEvent* Disk::find(std::string_view room, Position at) const {
    const auto found = kept_.rooms.find(std::string(room));
    return found == kept_.rooms.end() ? nullptr : found->second.find(at);
}

Seq Disk::last(std::string_view room, Epoch epoch) const {
    const auto found = kept_.rooms.find(std::string(room));
    if (found == kept_.rooms.end()) return 0;
    const auto last = found->second.lasts.find(epoch);
    return last == found->second.lasts.end() ? 0 : last->second;
}

}  // namespace chatd::simulation
