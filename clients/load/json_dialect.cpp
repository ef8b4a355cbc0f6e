// chatd's JSON-RPC dialect: `nick`, then `say` with an id of its own each time, so that each is
// answered, or without one. What is said comes to everybody as a `message`, also to who said it.

#include <fmt/format.h>

#include <iterator>

#include "chatd/wire/json_text.hpp"
#include "load/dialect.hpp"
#include "load/json_body.hpp"

namespace chatd::load {

namespace {

constexpr std::string_view notification_start = R"({"jsonrpc":"2.0","method":")";
constexpr std::string_view result_start = R"({"jsonrpc":"2.0","result":)";
constexpr std::string_view error_start = R"({"jsonrpc":"2.0","error":)";
constexpr std::string_view login_end = R"(,"id":"login"})";  // only its last step has this id

class JsonDialect final : public Dialect {
public:
    explicit JsonDialect(const Venue& venue) : room_(venue.room), answered_(venue.answered) {}

    std::string_view subprotocol() const noexcept override { return "chatd.json.v1"; }
    bool echoes_own() const noexcept override { return true; }
    std::string login(std::string_view nick) const override {
        if (room_ == lobby) return step("login", "nick", "nick", nick);
        return step("nick", "nick", "nick", nick) + step("join", "join", "room", room_) +
               step("login", "leave", "room", lobby);
    }
    void append_said(std::string_view body, std::string& target) override {
        if (answered_) {
            fmt::format_to(std::back_inserter(target), R"({{"jsonrpc":"2.0","id":{},)", ++asked_);
        } else {
            target += R"({"jsonrpc":"2.0",)";
        }
        target += R"("method":"say","params":{"body":)";
        wire::append_json_string(target, body);
        target += "}}";
    }
    void take(std::string_view line, Heard& heard) const override {
        if (line.starts_with(notification_start)) {
            take_notification(line.substr(notification_start.size()), heard);
        } else if (line.starts_with(result_start)) {
            if (line.ends_with(login_end)) heard.ready = true;
            ++heard.answers;
        } else if (line.starts_with(error_start)) {
            heard.refusal = line;
        }
    }

private:
    static std::string step(std::string_view id, std::string_view method, std::string_view name,
                            std::string_view value) {
        return fmt::format(
            "{{\"jsonrpc\":\"2.0\",\"id\":\"{}\",\"method\":\"{}\","
            "\"params\":{{\"{}\":\"{}\"}}}}\n",
            id, method, name, value);
    }

    static void take_notification(std::string_view rest, Heard& heard) {
        if (rest.starts_with("message\"")) {
            take_json_body(rest, heard);
        } else if (rest.starts_with("gap\"")) {
            ++heard.gaps;
        }
    }

    std::string room_;
    bool answered_;
    std::uint64_t asked_ = 0;
};

}  // namespace

std::unique_ptr<Dialect> make_json_dialect(const Venue& venue) {
    return std::make_unique<JsonDialect>(venue);
}

}  // namespace chatd::load
