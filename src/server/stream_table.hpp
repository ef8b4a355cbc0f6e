#pragma once
// What the server keeps of each direct slot: which operations fly, so that a slot is given back
// only when none is left (ARCHITECTURE.md, pitfalls 2 and 3). A slot's number is its connection's
// slab index; its operations carry the connection's generation.

#include <cstdint>
#include <vector>

#include "chatd/base/ids.hpp"
#include "chatd/base/time.hpp"
#include "chatd/engine/engine.hpp"
#include "chatd/io/ring.hpp"

namespace chatd::server {

class StreamTable {
public:
    StreamTable(io::Ring& ring, engine::Engine& engine) : ring_(ring), engine_(engine) {}

    /// Takes over a descriptor that was just accepted: into its slot, closed here, reading armed.
    void open(ConnId id, int descriptor, Time now) noexcept;

    /// A completion of a stream operation.
    void completed(const io::Completion& completion, Time now) noexcept;

    void carry_out(const engine::Output& output) noexcept;

    /// Arms again what ended for want of buffers, or was held back for having read its share.
    void turn_ended() noexcept;

    std::uint64_t buffers_exhausted() const noexcept { return buffers_exhausted_; }

private:
    struct Stream {
        std::uint32_t generation = 0;
        std::uint32_t turn_bytes = 0;  // received in this turn
        std::uint8_t operations = 0;   // flying
        bool installed : 1 = false;    // has a descriptor in its slot
        bool receiving : 1 = false;    // a multishot receive is armed
        bool paused : 1 = false;       // the engine wants no more for now
        bool listed : 1 = false;       // in rearm_
        bool ended : 1 = false;        // FIN or failure seen: never armed again
        bool closing : 1 = false;      // the engine is done with it
    };

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
    std::vector<std::uint32_t> rearm_;
    std::vector<std::uint32_t> active_;  // received something in this turn
    std::uint64_t buffers_exhausted_ = 0;
};

}  // namespace chatd::server
