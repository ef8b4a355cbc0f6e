#include "chatd/client/repetitions.hpp"

#include <functional>
#include <string_view>

namespace chatd::client {

namespace {

std::uint64_t hash_of(const wire::KeptEvent& message) noexcept {
    std::uint64_t mixed = 0;
    for (const std::string_view part :
         {std::string_view(message.room), std::string_view(message.from),
          std::string_view(message.key), std::string_view(message.body)}) {
        mixed = mixed * 0x9e3779b97f4a7c15U + std::hash<std::string_view>{}(part);
    }
    return mixed;
}

}  // namespace

bool Repetitions::repeats(const wire::KeptEvent& message) {
    if (message.key.empty()) return false;
    const std::uint64_t hash = hash_of(message);
    const auto [found, is_new] = epochs_.try_emplace(hash, message.at.epoch);
    if (!is_new) return found->second != message.at.epoch;
    oldest_first_.push_back(hash);
    if (oldest_first_.size() > repetitions_max) {
        epochs_.erase(oldest_first_.front());
        oldest_first_.pop_front();
    }
    return false;
}

}  // namespace chatd::client
