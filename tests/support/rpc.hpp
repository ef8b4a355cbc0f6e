#pragma once
// JSON-RPC for tests of the engine: calls written short, answers and notifications read back, and
// all of it overheard by a witness that knows the OpenRPC document.

#include <string>
#include <string_view>
#include <vector>

#include "chatd/wire/json_reader.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"
#include "support/rpc_witness.hpp"

namespace chatd::test {

/// `{"jsonrpc":"2.0","id":ID,"method":METHOD,"params":PARAMS}` and a newline.
inline std::string call(int id, std::string_view method, std::string_view params = "{}") {
    return "{\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(id) + ",\"method\":\"" +
           std::string(method) + "\",\"params\":" + std::string(params) + "}\n";
}
inline std::string notification(std::string_view method, std::string_view params = "{}") {
    return "{\"jsonrpc\":\"2.0\",\"method\":\"" + std::string(method) +
           "\",\"params\":" + std::string(params) + "}\n";
}

/// The lines of what was received, without their ends.
inline std::vector<std::string> lines_of(std::string_view received) {
    std::vector<std::string> lines;
    while (!received.empty()) {
        const auto end = received.find('\n');
        lines.emplace_back(received.substr(0, end));
        if (end == std::string_view::npos) break;
        received.remove_prefix(end + 1);
    }
    return lines;
}

/// A JSON text, looked into by a path: `json("…").at("result", "room")`; members and indices.
class Json {
public:
    explicit Json(std::string_view text) : text_(text) {}

    /// The value at the end of the path as written (strings without quotes); "" if it is not there.
    template <class... Steps>
    std::string at(const Steps&... steps) const {
        wire::JsonReader reader(1 << 20, 32);
        const auto root = reader.read(as_bytes(text_));
        if (!root) return "not JSON";
        std::optional<wire::JsonValue> value = *root;
        ((value = value ? step(*value, steps) : std::nullopt), ...);
        if (!value) return "";
        return std::string(value->is(wire::JsonKind::string) ? value->text() : value->written());
    }

private:
    static std::optional<wire::JsonValue> step(const wire::JsonValue& value,
                                               std::string_view name) {
        return value.find(name);
    }
    static std::optional<wire::JsonValue> step(const wire::JsonValue& value, int index) {
        if (index < 0 || static_cast<std::size_t>(index) >= value.count()) return std::nullopt;
        auto element = value.begin();
        for (int step = 0; step < index; ++step)
            ++element;
        return *element;
    }

    std::string text_;
};

inline Json first_of(std::string_view received) {
    return Json(lines_of(received).at(0));
}

/// A bot: a JSON connection that has said hello.
struct Bot {
    Client* client = nullptr;
    std::string token;
};

inline Bot join_bot(EngineDriver& driver, std::string_view nick, std::string_view rooms = "null") {
    Bot bot{&driver.open(), {}};
    const std::string answer = driver.ask(
        *bot.client,
        call(1, "hello",
             "{\"nick\":\"" + std::string(nick) + "\",\"rooms\":" + std::string(rooms) + "}"));
    bot.token = Json(lines_of(answer).at(0)).at("result", "token");
    REQUIRE(bot.token.size() == 43);
    return bot;
}

}  // namespace chatd::test
