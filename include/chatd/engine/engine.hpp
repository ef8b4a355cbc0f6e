#pragma once
// The whole server without a kernel: what happened goes in, what is to be done comes out. No
// function here makes a system call or asks the clock, so unit tests, fuzzers and the simulation
// drive exactly the code that ships.
//
// One turn: any number of inputs, each with the same `now`; then turn_ended(); then the caller
// carries out outputs() in their order and, last, the datagram trains. Bytes passed in are
// borrowed for the call, except datagram payloads (datagrams.hpp says how long). Bytes in an
// Output stay valid until its send_completed(). One engine, one thread; nothing throws.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/base/ids.hpp"
#include "chatd/base/time.hpp"
#include "chatd/base/transport.hpp"
#include "chatd/chat/persistence.hpp"
#include "chatd/engine/config.hpp"
#include "chatd/engine/counters.hpp"
#include "chatd/engine/datagrams.hpp"
#include "chatd/engine/output.hpp"

namespace chatd::engine {

/// How a stream failed, apart from the FIN that stream_ended() tells.
enum class StreamFailure : std::uint8_t { reset, timed_out };

class Engine {
public:
    /// `restored` is what the store has; without a store (EngineConfig::keeps_history) nothing.
    Engine(const EngineConfig& config, const DatagramsConfig& datagrams_config, Time now,
           chat::Restored&& restored = {});
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine();

    // -- streams: past facts -----------------------------------------------------------------

    /// A connection was accepted. Null when there is no place for it: close it, telling it so.
    ConnId stream_opened(bool from_loopback, Time now) noexcept;
    void stream_received(ConnId id, Bytes bytes, Time now) noexcept;
    /// The peer's FIN: no more input comes.
    void stream_ended(ConnId id, Time now) noexcept;
    void stream_failed(ConnId id, StreamFailure failure, Time now) noexcept;
    /// The send of the last Output::send is over: bytes sent, or a negative errno. It may be short
    /// for any reason, a cancellation among them.
    void send_completed(ConnId id, std::int64_t result, Time now) noexcept;
    /// The answer to Output::ask_unsent: bytes the kernel holds for it that were never sent.
    void unsent_reported(ConnId id, std::size_t bytes, Time now) noexcept;
    /// After Output::close, when no operation of the connection is left: its id is free.
    void stream_closed(ConnId id) noexcept;

    // -- datagrams ---------------------------------------------------------------------------

    void add_own_datagram_address(const Address& address);
    void datagram_received(const DatagramIn& datagram, Time now) noexcept;
    /// After turn_ended(): trains until there are none (see datagrams.hpp).
    std::span<const Train> datagram_trains(Time now) noexcept;
    std::span<const Train> more_datagram_trains() noexcept;
    void datagram_send_failed(const Address& to, std::size_t datagram_count,
                              bool no_trains) noexcept;

    // -- the store -----------------------------------------------------------------------------

    /// What is to be kept and what is asked, in order, since the last call; never refused by the
    /// store (EngineConfig::store_queue_max bounds it).
    std::vector<chat::Persist> take_persists() noexcept;
    /// The store will take no more after the next take_persists(): what it must still be told of
    /// numbers that were given and not kept is in that.
    void store_stopping() noexcept;
    void store_answered(chat::StoreAnswer&& answer, Time now) noexcept;

    // -- the transports ------------------------------------------------------------------------

    /// Connections that somebody wants to know more of than the engine does (perhaps none), to be
    /// answered by transports_reported(); at most limits::connections_page_max, and no other
    /// question before that.
    std::optional<std::vector<ConnId>> take_transport_query() noexcept;
    /// One for each connection of the question, in its order.
    void transports_reported(const std::vector<Transport>& transports, Time now) noexcept;

    // -- the turn ----------------------------------------------------------------------------

    /// Runs what is due, hands out to everyone who can take something, keeps the bounds.
    void turn_ended(Time now) noexcept;
    std::span<const Output> outputs() const noexcept;
    void clear_outputs() noexcept;
    /// When turn_ended() is needed next though nothing happens; time_never: only when something
    /// does.
    Time next_deadline() const noexcept;

    /// No new connections come; every reader gets what the log holds now, a notice, and a FIN.
    void drain_begun(Time now) noexcept;
    std::uint32_t connection_count() const noexcept;

    /// The wall clock at the turn's `now`, and how far east of UTC the server's zone is.
    void clock_read(UnixMs unix_now, std::int32_t zone_offset_s) noexcept;
    void io_reported(const IoReport& report) noexcept;
    const Counters& counters() const noexcept;
    std::string metrics() const;

    // -- for tests and the simulation --------------------------------------------------------

    /// Walks all state and asserts that its parts agree. Costly.
    void check_invariants() const;
    /// What the logs hold, and the lobby's number and record counts.
    const chat::LogTotals& log_totals() const noexcept;

private:
    std::unique_ptr<struct Core> core_;
};

}  // namespace chatd::engine
