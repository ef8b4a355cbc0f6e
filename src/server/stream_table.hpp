#pragma once
// What the server keeps of each direct slot: which operations fly, so that a slot is given back
// only when none is left (ARCHITECTURE.md, pitfalls 2 and 3). A slot's number is its connection's
// slab index; its operations carry the connection's generation.

#include <cstdint>
#include <optional>
#include <vector>

#include "chatd/base/ids.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/base/time.hpp"
#include "chatd/engine/engine.hpp"
#include "chatd/io/ring.hpp"
#include "server/ends.hpp"

namespace chatd::server {

class StreamTable {
public:
    StreamTable(io::Ring& ring, engine::Engine& engine) : ring_(ring), engine_(engine) {}

    /// Takes over a descriptor that was just accepted: into its slot, closed here, reading armed.
    void open(ConnId id, int descriptor, const Ends& ends, Time now) noexcept;

    /// Whom a connection is with; none when it is gone.
    std::optional<Ends> ends_of(ConnId id) const noexcept;

    /// A completion of a stream operation.
    void completed(const io::Completion& completion, Time now) noexcept;

    void carry_out(const engine::Output& output) noexcept;

    /// Arms again what ended for want of buffers, or was held back for having read its share.
    void turn_ended() noexcept;

    std::uint64_t buffers_exhausted() const noexcept { return buffers_exhausted_; }

private:
    struct Stream {
        std::uint32_t generation = 0;
        std::uint32_t turn_bytes : 24 = 0;  // received in this turn
        std::uint32_t operations : 8 = 0;   // flying
        std::uint16_t peer_port = 0;        // with the next two: the key of its ends
        std::uint8_t local = 0;
        bool same_address : 1 = false;
        bool installed : 1 = false;  // has a descriptor in its slot
        bool receiving : 1 = false;  // a multishot receive is armed
        bool paused : 1 = false;     // the engine wants no more for now
        bool listed : 1 = false;     // in rearm_
        bool ended : 1 = false;      // FIN or failure seen: never armed again
        bool closing : 1 = false;    // the engine is done with it
    };
    static_assert(sizeof(Stream) == 12, "one per connection");
    // All there is to read in one turn lies in the ring's receive buffers.
    static_assert(limits::input_bytes_max < (1U << 24));

    Stream* find(const io::Completion& completion) noexcept;
    io::Operation operation(io::OperationKind kind, std::uint32_t slot) const noexcept;
    void receive(std::uint32_t slot) noexcept;
    void stop_receiving(std::uint32_t slot) noexcept;
    void list_for_rearm(std::uint32_t slot) noexcept;
    void received(std::uint32_t slot, Stream& stream, const io::Completion& completion,
                  Time now) noexcept;
    void answer_unsent(std::uint32_t slot, std::int32_t result, Time now) noexcept;
    void begin_close(std::uint32_t slot) noexcept;
    void close_if_idle(std::uint32_t slot) noexcept;
    ConnId id_of(std::uint32_t slot) const noexcept { return {slot, streams_[slot].generation}; }

    io::Ring& ring_;
    engine::Engine& engine_;
    std::vector<Stream> streams_;
    EndsTable ends_;
    std::vector<std::uint32_t> rearm_;
    std::vector<std::uint32_t> active_;  // received something in this turn
    std::uint64_t buffers_exhausted_ = 0;
};

}  // namespace chatd::server
