// ncat --chat: plain lines, heard as `<user5> line`, where only the first line of a block that
// ncat read at once bears the name. Its announcements are no bodies.

#include "load/adapter.hpp"
#include "load/lines.hpp"

namespace chatd::load {

namespace {

class NcatAdapter final : public Adapter {
public:
    using Adapter::Adapter;

    Traits traits() const noexcept override { return {.publishers_hear = true}; }
    std::string greeting(const Member&) override { return {}; }
    void encode(std::string_view body, std::string& target) override {
        target.append(body).push_back('\n');
    }
    void decode(std::string_view input, const Member&, bool ready, Heard& heard) override {
        heard.consumed = for_each_line(input, [&](std::string_view line) {
            if (!line.starts_with("<announce> ")) heard.bodies.push_back(said_in(line));
        });
        // The announcement of our own arrival is the first thing we hear.
        heard.ready = !ready && heard.consumed > 0;
    }
};

}  // namespace

std::unique_ptr<Adapter> make_ncat_adapter(Venue venue) {
    return std::make_unique<NcatAdapter>(std::move(venue));
}

}  // namespace chatd::load
