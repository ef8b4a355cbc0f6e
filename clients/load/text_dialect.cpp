// chatd's text dialect: `/nick u7`, then a line is said as it is and heard as `<u7> line`; nobody
// hears their own.

#include <fmt/format.h>

#include "load/dialect.hpp"
#include "load/lines.hpp"

namespace chatd::load {

namespace {

class TextDialect final : public Dialect {
public:
    explicit TextDialect(const Venue& venue) : room_(venue.room) {}

    std::string_view subprotocol() const noexcept override { return "chatd.text.v1"; }
    bool echoes_own() const noexcept override { return false; }
    std::string login(std::string_view nick) const override {
        if (room_ == lobby) return fmt::format("/nick {}\n", nick);
        return fmt::format("/nick {}\n/join {}\n/leave {}\n", nick, room_, lobby);
    }
    void append_said(std::string_view body, std::string& target) override { target.append(body); }
    void take(std::string_view line, Heard& heard) const override {
        if (line.starts_with('<') || line.starts_with('#')) {
            heard.bodies.push_back(said_in(line));
        } else if (line.starts_with("NOTE") || line.starts_with("FAIL") ||
                   line.starts_with("WARN")) {
            take_reply(line, heard);
        }
    }

private:
    /// A reply: `NOTE|WARN|FAIL COMMAND CODE ... :text`.
    void take_reply(std::string_view line, Heard& heard) const {
        const std::string_view last_step = room_ == lobby ? " NICK " : " LEAVE ";
        const std::string_view after_kind = line.substr(4);
        // A nick that somebody has leaves us a guest with a name of its own, which does as well.
        if (after_kind.starts_with(last_step)) {
            heard.ready = true;
        } else if (after_kind.starts_with(" * GAP ")) {
            ++heard.gaps;
        } else if (line.starts_with("FAIL") && !after_kind.starts_with(" NICK ")) {
            heard.refusal = line;
        }
    }

    std::string room_;
};

}  // namespace

std::unique_ptr<Dialect> make_text_dialect(const Venue& venue) {
    return std::make_unique<TextDialect>(venue);
}

}  // namespace chatd::load
