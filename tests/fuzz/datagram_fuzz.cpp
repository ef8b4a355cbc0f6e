// Whatever sources send in whatever turns, the raw relay gives each peer exactly what the naive
// model says, and with its default caps it stays within them. The input is a script of operations.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "chatd/base/assert.hpp"
#include "chatd/engine/datagrams.hpp"
#include "support/raw_relay.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;

namespace {

struct Source {
    Address address;
    bool allowed;
};

const std::array<Source, 16>& sources() {
    static const std::array<Source, 16> all{{
        {address_of("127.0.0.1", 5'000), true},
        {address_of("127.0.0.1", 5'001), true},
        {address_of("127.0.0.2", 5'000), true},
        {address_of("::ffff:127.0.0.1", 5'000), true},  // the first again
        {address_of("::1", 5'000), true},
        {address_of("::1", 65'535), true},
        {address_of("10.0.0.1", 1'024), true},
        {address_of("10.0.0.1", 1'025), true},
        {address_of("192.168.1.1", 5'000), true},
        {address_of("fe80::1%2", 5'000), true},
        {address_of("fe80::1%3", 5'000), true},
        {address_of("fd00::1", 5'000), true},
        {address_of("8.8.8.8", 5'000), false},
        {address_of("127.0.0.1", 53), false},
        {address_of("224.0.0.1", 5'000), false},
        {address_of("127.0.0.1", 8'080), false},  // the server's own
    }};
    return all;
}

/// Reads the script; zeros past its end.
class Script {
public:
    Script(const std::uint8_t* data, std::size_t size) : data_(data), end_(data + size) {}
    bool done() const { return data_ == end_; }
    std::uint8_t byte() { return done() ? std::uint8_t{0} : *data_++; }

private:
    const std::uint8_t* data_;
    const std::uint8_t* end_;
};

/// The same script for a relay that must agree with the model and one with its default caps.
class Worlds {
public:
    Worlds() : free_(private_uncapped()), capped_(private_networks()) {
        for (RelayDriver* driver : {&free_, &capped_}) {
            driver->relay.add_own_address(address_of("127.0.0.1", 8'080));
        }
    }

    void datagram(Script& script) {
        const Source& source = sources()[script.byte() % sources().size()];
        const std::size_t bytes = std::size_t{script.byte()} * script.byte() % 1'300;
        const std::size_t repeats = 1 + script.byte() % 80;
        const bool truncated = script.byte() == 0xff;
        std::string payload(bytes, '.');
        for (std::size_t at = 0; at < bytes && at < 2; ++at) {
            payload[at] = static_cast<char>(script.byte());
        }
        for (std::size_t repeat = 0; repeat < repeats; ++repeat) {
            if (++datagram_count_ > limits::udp_datagrams_per_turn_max) end_turn();
            if (bytes > 2) payload[2] = static_cast<char>(++serial_);
            model_.receive(source.address, source.allowed, payload, truncated);
            free_.receive(source.address, payload, now_, truncated);
            capped_.receive(source.address, payload, now_, truncated);
        }
    }

    void post(Script& script) {
        const std::string payload(1 + script.byte(), static_cast<char>(script.byte()));
        if (free_.relay.post(as_bytes(payload), nullptr, now_) == PostOutcome::posted) {
            model_.post(payload);
        }
        capped_.relay.post(as_bytes(payload), &rate_, now_);
    }

    void refuse_trains(Script& script) {
        const Source& source = sources()[script.byte() % sources().size()];
        free_.relay.send_failed(source.address, 1, true);
    }

    void end_turn() {
        CHATD_ASSERT(free_.end_turn(now_) == model_.end_turn());
        CHATD_ASSERT(free_.relay.peer_count() == model_.peer_count());
        capped_.end_turn(now_);
        CHATD_ASSERT(capped_.relay.peer_count() <= sources().size());
        datagram_count_ = 1;
    }

    void pass_time(Script& script) {
        now_ += std::chrono::milliseconds(script.byte() * 16);
        end_turn();
        for (RelayDriver* driver : {&free_, &capped_}) {
            driver->relay.advance(now_);
            CHATD_ASSERT(driver->relay.next_deadline() > now_);
        }
    }

    void check_counters() {
        for (const RelayDriver* driver : {&free_, &capped_}) {
            const DatagramCounters& counters = driver->relay.counters();
            CHATD_ASSERT(counters.joined ==
                         counters.left + counters.idled + driver->relay.peer_count());
        }
    }

private:
    static DatagramsConfig private_uncapped() {
        DatagramsConfig config = uncapped();
        config.policy = RawPolicy::private_networks;
        config.idle_timeout = Duration::zero();
        return config;
    }

    RelayDriver free_;
    RelayDriver capped_;
    RelayModel model_;
    SourceRate rate_;
    Time now_{};
    std::size_t datagram_count_ = 1;  ///< of the turn, plus 1
    std::uint32_t serial_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Worlds worlds;
    Script script{data, size};
    while (!script.done()) {
        switch (script.byte() % 8) {
            case 0:
                worlds.end_turn();
                break;
            case 1:
                worlds.post(script);
                break;
            case 2:
                worlds.pass_time(script);
                break;
            case 3:
                worlds.refuse_trains(script);
                break;
            default:
                worlds.datagram(script);
                break;
        }
    }
    worlds.end_turn();
    worlds.check_counters();
    return 0;
}
