// IRC (RFC 1459, RFC 2812): NICK and USER, JOIN after the message of the day, PRIVMSG.

#include <fmt/format.h>

#include "load/adapter.hpp"
#include "load/lines.hpp"

namespace chatd::load {

namespace {

class IrcAdapter final : public Adapter {
public:
    using Adapter::Adapter;

    // RFC 1459 2.3: 512 bytes with CRLF and everything before the text.
    Traits traits() const noexcept override {
        return {.publishers_hear = true, .body_bytes_max = 400};
    }
    std::string greeting(const Member& member) override {
        const std::string nick = nick_of(member);
        return fmt::format("NICK {0}\r\nUSER {0} 0 * :{0}\r\n", nick);
    }
    void encode(std::string_view body, std::string& target) override {
        target.append("PRIVMSG #").append(venue_.room).append(" :").append(body).append("\r\n");
    }
    void decode(std::string_view input, const Member&, bool, Heard& heard) override {
        heard.consumed = for_each_line(input, [&](std::string_view line) { take(line, heard); });
    }

private:
    void take(std::string_view line, Heard& heard) const {
        if (line.starts_with("PING ")) {
            heard.reply.append("PONG ").append(line.substr(5)).append("\r\n");
        } else if (line.starts_with("ERROR")) {
            heard.refusal = line;
        } else if (line.starts_with(':')) {
            take_command(line.substr(std::min(line.find(' '), line.size() - 1) + 1), heard);
        }
    }

    void take_command(std::string_view command, Heard& heard) const {
        if (command.starts_with("PRIVMSG ")) {
            const std::size_t text = command.find(" :");
            if (text != std::string_view::npos) heard.bodies.push_back(command.substr(text + 2));
        } else if (command.starts_with("376 ") || command.starts_with("422 ")) {
            // RPL_ENDOFMOTD, ERR_NOMOTD: the registration is complete.
            heard.reply.append("JOIN #").append(venue_.room).append("\r\n");
        } else if (command.starts_with("366 ")) {
            heard.ready = true;  // RPL_ENDOFNAMES ends the answer to JOIN
        } else if (command.starts_with("433 ") || command.starts_with("465 ")) {
            heard.refusal = command;  // ERR_NICKNAMEINUSE, ERR_YOUREBANNEDCREEP
        }
    }
};

}  // namespace

std::unique_ptr<Adapter> make_irc_adapter(Venue venue) {
    return std::make_unique<IrcAdapter>(std::move(venue));
}

}  // namespace chatd::load
