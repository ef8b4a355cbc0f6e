#pragma once
// One client: what it writes, what the fake kernel holds of its connection, and its end of the
// stream. Lives in its world from the connect to the end of the world.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/bytes.hpp"
#include "chatd/base/ids.hpp"
#include "chatd/base/prng.hpp"
#include "chatd/base/time.hpp"
#include "chatd/wire/sniff.hpp"
#include "simulation/model.hpp"
#include "simulation/plan.hpp"
#include "simulation/reader.hpp"

namespace chatd::simulation {

enum class ClientKind : std::uint8_t {
    text,
    websocket,
    silent,    ///< listens and says nothing
    stranger,  ///< speaks something else
};

/// A send on its way. The kernel reads the engine's bytes when it makes progress, not before.
struct Flight {
    Bytes bytes;
    std::string expected;  ///< what they were when submitted
    std::size_t done = 0;
    bool cancelled = false;
    bool cancel_ignored = false;
};

struct Client {
    Client(Model& model, ClientKind client_kind, std::uint32_t number)
        : kind(client_kind), reader(model, person, client_kind == ClientKind::stranger) {
        person.number = number;
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    ClientKind kind;
    Person person;
    Reader reader;
    ConnId id;

    // Towards the server.
    std::string pipe;              ///< all it ever wrote
    std::size_t delivered = 0;     ///< of it
    std::size_t pause_credit = 0;  ///< what may still come after the engine asked for no more
    bool bytewise = false;
    bool fin_queued = false;
    bool fin_delivered = false;
    bool reset_queued = false;
    bool fails = false;  ///< it was reset, or a send of it failed
    wire::Sniffer sniffer;
    Time heard_at{};
    bool listens = false;  ///< it may be a provisional listener
    bool listens_surely = false;

    // From the server.
    std::optional<Flight> flight;
    Time stalled_until{};
    bool never_reads = false;
    bool ending = false;    ///< Output::close was seen
    bool closing = false;   ///< and carried out
    bool fin_came = false;  ///< the server's
    bool asked_unsent = false;
    bool was_cancelled = false;
    bool end_unknown = false;  ///< its FIN came while it was paused
    bool closed = false;       ///< its id is free

    bool writes() const noexcept {
        return !fin_queued && !reset_queued && !ending && !fin_came && !person.input_over &&
               !closed;
    }
    /// How far its input has come; its FIN counts as one byte more.
    std::size_t come() const noexcept { return delivered + (fin_delivered ? 1 : 0); }
    bool has_ready_request() const noexcept {
        return !person.requests.empty() && person.requests.front().ready_at <= come();
    }

    /// Writes what begins its connection.
    void open(Prng& prng, const Plan& plan);
    /// Writes one request.
    void act(Prng& prng, const Plan& plan, const Model& model, Act act);
    void write_pong(Prng& prng, std::string_view payload);

private:
    void request(Prng& prng, RequestKind kind, std::string_view line, std::string argument = {},
                 std::vector<std::string> shown = {});
    void write_line(Prng& prng, std::string_view line);
    void write_refused(Prng& prng);
    void write_body(Prng& prng, RequestKind kind, std::string_view prefix, std::string argument,
                    std::size_t bytes_max);
    void end_websocket(Prng& prng, bool badly);
    void half_close(Prng& prng, const Plan& plan);
    std::string own_nick(std::uint64_t variant) const;

    std::uint32_t token_ = 0;
    std::uint32_t pings_ = 0;
    bool framed_ = false;
};

}  // namespace chatd::simulation
