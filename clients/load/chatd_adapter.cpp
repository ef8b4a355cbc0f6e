// chatd's text dialect over TCP: `/nick u7`, then a line is said as it is and heard as
// `<u7> line`; nobody hears their own.

#include "load/chatd_lines.hpp"
#include "load/lines.hpp"

namespace chatd::load {

namespace {

class ChatdAdapter final : public Adapter {
public:
    using Adapter::Adapter;

    Traits traits() const noexcept override { return {.publishers_hear = true}; }
    std::string greeting(const Member& member) override {
        return chatd_login(nick_of(member), venue_.room);
    }
    void encode(std::string_view body, std::string& target) override {
        target.append(body).push_back('\n');
    }
    void decode(std::string_view input, const Member&, bool, Heard& heard) override {
        heard.consumed = for_each_line(
            input, [&](std::string_view line) { take_chatd_line(line, venue_.room, heard); });
    }
};

}  // namespace

std::unique_ptr<Adapter> make_chatd_adapter(Venue venue) {
    return std::make_unique<ChatdAdapter>(std::move(venue));
}

}  // namespace chatd::load
