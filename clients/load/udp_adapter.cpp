// Raw datagrams: the first one joins, each is relayed unchanged to the other peers.

#include "load/adapter.hpp"

namespace chatd::load {

namespace {

class UdpAdapter final : public Adapter {
public:
    using Adapter::Adapter;

    Traits traits() const noexcept override {
        return {.datagrams = true,
                .ready_at_once = true,
                .publishers_hear = true,
                .body_bytes_max = 1200};
    }
    std::string greeting(const Member&) override { return "join"; }
    void encode(std::string_view body, std::string& target) override { target.append(body); }
    void decode(std::string_view input, const Member&, bool, Heard& heard) override {
        heard.bodies.push_back(input);
        heard.consumed = input.size();
    }
};

}  // namespace

std::unique_ptr<Adapter> make_udp_adapter(Venue venue) {
    return std::make_unique<UdpAdapter>(std::move(venue));
}

}  // namespace chatd::load
