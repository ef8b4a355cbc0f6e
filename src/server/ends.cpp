#include "server/ends.hpp"

#include <algorithm>

namespace chatd::server {

std::uint8_t EndsTable::place_of(const Address& local) {
    const auto found = std::ranges::find(locals_, local);
    if (found == locals_.end()) {
        if (locals_.size() == locals_max || local.family == Address::Family::none) return 0;
        locals_.push_back(local);
        return static_cast<std::uint8_t>(locals_.size());
    }
    return static_cast<std::uint8_t>(found - locals_.begin() + 1);
}

EndsKey EndsTable::keep(std::uint32_t slot, const Ends& ends) {
    EndsKey key{.peer_port = ends.peer.port, .local = place_of(ends.local)};
    Address as_local = ends.local;
    as_local.port = ends.peer.port;
    key.same_address = key.local != 0 && as_local == ends.peer;
    if (key.same_address) return key;
    if (peers_.size() <= slot) peers_.resize(slot + 1);
    peers_[slot] = ends.peer;
    return key;
}

Ends EndsTable::find(std::uint32_t slot, const EndsKey& key) const {
    Ends ends;
    if (key.local != 0) ends.local = locals_[key.local - 1];
    ends.peer = key.same_address ? ends.local : peers_[slot];
    ends.peer.port = key.peer_port;
    return ends;
}

}  // namespace chatd::server
