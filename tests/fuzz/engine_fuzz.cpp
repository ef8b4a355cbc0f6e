// Whatever connections do, and however the kernel treats their sends, the engine keeps its
// invariants, says nothing that is not a whole line, frame or answer, and holds nothing when all
// have gone. The input is a script of operations.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "chatd/base/assert.hpp"
#include "chatd/client/text_event.hpp"
#include "chatd/wire/shown.hpp"
#include "support/engine_driver.hpp"

using namespace chatd;
using namespace chatd::test;
using wire::WebSocketOpcode;

namespace {

constexpr std::size_t clients_max = 24;

/// Reads the script; zeros past its end.
class Script {
public:
    Script(const std::uint8_t* data, std::size_t size) : data_(data), end_(data + size) {}
    bool done() const { return data_ == end_; }
    std::uint8_t byte() { return done() ? std::uint8_t{0} : *data_++; }
    std::string bytes(std::size_t count) {
        std::string text;
        while (count-- > 0 && !done())
            text += static_cast<char>(byte());
        return text;
    }

private:
    const std::uint8_t* data_;
    const std::uint8_t* end_;
};

/// What a script can say in one byte, so that few bytes reach deep.
const std::array<std::string, 32>& phrases() {
    static const std::array<std::string, 32> all{
        "hello\n",
        "/nick ana\n",
        "/nick bob\n",
        "/nick Ana\n",
        "/join dev\n",
        "/join ops\n",
        "/join lobby\n",
        "/leave\n",
        "/leave dev\n",
        "/notices on\n",
        "/notices off\n",
        "/who\n",
        "/rooms\n",
        "/help\n",
        "/msg ana hi\n",
        "/msg bob hi\n",
        "/me waves\n",
        "/ping 1\n",
        "/hex de ad\n",
        "/dgram on\n",
        "/dgram off\n",
        "/quit\n",
        std::string(300, 'x') + "\n",
        std::string(5'000, 'y'),
        "\n",
        std::string(upgrade_request),
        upgrade_to("/echo"),
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\n",
        "{\"jsonrpc\":\"2.0\"}\n",
        "\x16\x03\x01",
        "PROXY TCP4 ",
    };
    return all;
}

engine::EngineConfig tiny(Script& script) {
    engine::EngineConfig config;
    const std::size_t scale = 1 + script.byte() % 8;
    config.log = {.segment_bytes_min = 64 * scale,
                  .segment_bytes_max = 256 * scale,
                  .room_bytes_max = 512 * scale,
                  .total_bytes_max = 1'024 * scale,
                  .unlinked_bytes_max = 512 * scale};
    config.span_bytes_max = 64 * scale;
    config.span_bytes_slow_max = 32 * scale;
    config.gather_bytes_max = 32 * scale;
    config.stream_bytes_max = 256 * scale;
    config.input_bytes_max = 4'096 * scale;
    config.reassembly_bytes_max = 2'048 * scale;
    config.connections_max = 16;
    config.rooms_max = 3;
    config.memberships_max = 24;
    const std::uint8_t policy = script.byte();
    config.slow_reader = policy % 2 == 0 ? engine::SlowReader::oldest : engine::SlowReader::close;
    config.can_ask_unsent = policy % 4 < 2;
    return config;
}

class World {
public:
    explicit World(Script& script) : script_(script), driver_(tiny(script)) {}

    void run() {
        while (!script_.done())
            step();
        end();
    }

private:
    Client& chosen() { return driver_.clients[script_.byte() % driver_.clients.size()]; }

    void step() {
        const std::uint8_t operation = script_.byte() % 20;
        if (driver_.clients.empty() || operation == 0) return open();
        switch (operation) {
            case 1:
                return driver_.end_input(chosen());
            case 2: {
                const auto failure = script_.byte() % 2 == 0 ? engine::StreamFailure::reset
                                                             : engine::StreamFailure::timed_out;
                return driver_.fail(chosen(), failure);
            }
            case 3: {
                Client& client = chosen();
                client.stalled = !client.stalled;
                client.taken_at_cancel = script_.byte();
                client.ignores_cancel = script_.byte() % 8 == 0;
                return;
            }
            case 4: {
                const std::uint8_t bytes = script_.byte();
                chosen().take_max = bytes == 0xff ? SIZE_MAX : std::size_t{1} + bytes;
                return;
            }
            case 5: {
                chosen().unsent_bytes = script_.byte() % 2;
                return;
            }
            case 6:
                return driver_.pass(std::chrono::milliseconds(script_.byte() * 64));
            case 7:
            case 8:
                return driver_.turn();
            case 9: {
                Client& client = chosen();
                return driver_.receive(client, script_.bytes(script_.byte()));
            }
            case 10: {
                Client& client = chosen();
                const auto opcode = static_cast<WebSocketOpcode>(script_.byte() % 16);
                const bool final = script_.byte() % 4 != 0;
                return driver_.receive(client,
                                       masked(opcode, script_.bytes(script_.byte() % 64), final));
            }
            case 11:
                return datagram();
            case 12:
                if (script_.byte() == 0xdd) driver_.engine.drain_begun(driver_.now);
                return;
            case 13: {
                Client& client = chosen();
                return driver_.receive(client,
                                       masked_text(phrases()[script_.byte() % phrases().size()]));
            }
            default: {
                Client& client = chosen();
                return driver_.receive(client, phrases()[script_.byte() % phrases().size()]);
            }
        }
    }

    void open() {
        if (driver_.clients.size() == clients_max) return;
        driver_.open(script_.byte() % 4 != 0);
    }

    void datagram() {
        engine::DatagramIn datagram{};
        datagram.source = ipv4_loopback(static_cast<std::uint16_t>(5'000 + script_.byte() % 4));
        datagram.local = ipv4_loopback(8'080);
        const std::string payload = script_.bytes(script_.byte() % 32);
        datagram.payload = as_bytes(payload);
        driver_.engine.datagram_received(datagram, driver_.now);
        driver_.turn();  // the payload is borrowed until the turn is over
    }

    void end() {
        for (Client& client : driver_.clients) {
            client.stalled = false;
            client.take_max = SIZE_MAX;
        }
        driver_.settle();
        for (const Client& client : driver_.clients)
            check_output(client);
        for (Client& client : driver_.clients) {
            if (!client.refused) driver_.fail(client);
        }
        driver_.settle();
        CHATD_ASSERT(driver_.engine.connection_count() == 0);
        const chat::LogTotals& totals = driver_.engine.log_totals();
        CHATD_ASSERT(totals.pins == 0);
        CHATD_ASSERT(totals.unlinked_bytes == 0);
    }

    // Whoever was cut off in the middle got whole things until there.
    static void check_output(const Client& client) {
        const std::string_view received = client.received;
        constexpr std::string_view switched = "HTTP/1.1 101 ";
        if (const auto upgraded = received.find(switched); upgraded != std::string_view::npos) {
            for (const std::string& frame : frames_of(received.substr(upgraded))) {
                CHATD_ASSERT(frame != "broken");
            }
            return;
        }
        if (received.starts_with("HTTP/1.1 ") || received.starts_with("\x15\x03\x03")) return;
        for (std::size_t start = 0; start < received.size();) {
            const std::size_t end = received.find('\n', start);
            if (end == std::string_view::npos) {
                CHATD_ASSERT(client.closed);
                return;
            }
            const std::string_view line = received.substr(start, end - start);
            const bool json = line.starts_with("{\"jsonrpc\"") || line.starts_with("[{\"jsonrpc\"");
            const auto event = client::parse_text_event(line);
            CHATD_ASSERT(json || event.kind != client::TextEvent::Kind::other);
            CHATD_ASSERT(json || wire::is_plain(line));
            start = end + 1;
        }
    }

    Script& script_;
    EngineDriver driver_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4'096) return 0;
    Script script{data, size};
    World(script).run();
    return 0;
}
