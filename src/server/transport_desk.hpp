#pragma once
// Answers what the engine asks about connections (Engine::take_transport_query): their peers, which
// the stream table knows, and their TCP, which the kernel is asked about, a bounded number of them
// in each turn, so that a page of many stalls nobody.

#include <optional>
#include <vector>

#include "chatd/base/time.hpp"
#include "chatd/base/transport.hpp"
#include "chatd/engine/engine.hpp"
#include "chatd/io/tcp_diag.hpp"
#include "server/stream_table.hpp"

namespace chatd::server {

class TransportDesk {
public:
    explicit TransportDesk(const StreamTable& streams) : streams_(streams) {}

    /// Within a turn: goes on with the question, and reports when it is through.
    void look_up(engine::Engine& engine, Time now) noexcept;
    /// At a turn's end: takes the next question.
    void take(engine::Engine& engine) noexcept;
    /// Whether there is something to do in the next turn, which should come at once.
    bool busy() const noexcept { return busy_; }

private:
    void open() noexcept;

    const StreamTable& streams_;
    std::optional<io::TcpDiag> kernel_;  ///< opened with the first question
    bool opened_ = false;
    bool busy_ = false;
    std::vector<ConnId> asked_;
    std::vector<Transport> answers_;
};

}  // namespace chatd::server
