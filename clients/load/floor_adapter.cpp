// tests/bench/floor hands on what the publisher sends, so the publisher sends what a listener of
// chatd would hear, name and all: the very bytes, by the cheapest server there can be.

#include <fmt/format.h>

#include "load/adapter.hpp"
#include "load/lines.hpp"

namespace chatd::load {

namespace {

class FloorAdapter final : public Adapter {
public:
    using Adapter::Adapter;

    Traits traits() const noexcept override { return {.ready_at_once = true}; }
    std::string greeting(const Member& member) override {
        if (member.publishes) prefix_ = fmt::format("<{}> ", nick_of(member));
        return {};
    }
    void encode(std::string_view body, std::string& target) override {
        target.append(prefix_).append(body).push_back('\n');
    }
    void decode(std::string_view input, const Member&, bool, Heard& heard) override {
        heard.consumed = for_each_line(
            input, [&](std::string_view line) { heard.bodies.push_back(said_in(line)); });
    }

private:
    std::string prefix_;
};

}  // namespace

std::unique_ptr<Adapter> make_floor_adapter(Venue venue) {
    return std::make_unique<FloorAdapter>(std::move(venue));
}

}  // namespace chatd::load
