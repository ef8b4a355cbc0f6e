#pragma once
// Both ends of each accepted connection, kept for who wants to know (`connections`, and asking the
// kernel about it). On loopback both have one IP address and it is the listener's, so that of these
// nothing is kept but a port and two small numbers in what the caller has of a slot.

#include <array>
#include <cstdint>
#include <vector>

#include "chatd/base/address.hpp"

namespace chatd::server {

struct Ends {
    Address local{};  ///< Family::none: not known
    Address peer{};
};

/// What the owner of a slot keeps of them.
struct EndsKey {
    std::uint16_t peer_port = 0;
    std::uint8_t local = 0;     ///< place among the local addresses, plus 1; 0: not known
    bool same_address = false;  ///< the peer's IP address is the local one
};

/// One thread, the ring's.
class EndsTable {
public:
    EndsKey keep(std::uint32_t slot, const Ends& ends);
    /// Of a slot whose key this is.
    Ends find(std::uint32_t slot, const EndsKey& key) const;

private:
    std::uint8_t place_of(const Address& local);

    static constexpr std::size_t locals_max = UINT8_MAX;

    std::vector<Address> locals_;  ///< this machine's, as connected to; more are not remembered
    std::vector<Address> peers_;   ///< by slot, where key and local address do not say it
};

}  // namespace chatd::server
