#include "server/transport_desk.hpp"

#include <algorithm>
#include <utility>

#include "chatd/base/limits.hpp"
#include "chatd/server/log.hpp"

namespace chatd::server {

void TransportDesk::open() noexcept {
    opened_ = true;
    auto kernel = io::TcpDiag::open();
    if (kernel) {
        kernel_ = std::move(*kernel);
    } else {
        log(LogLevel::warning,
            "tcp_info error=\"{}\" hint=\"`connections` goes without; load the module inet_diag\"",
            kernel.error().text());
    }
}

void TransportDesk::look_up(engine::Engine& engine, Time now) noexcept {
    if (!busy_) return;
    if (!opened_) open();
    const std::size_t end =
        std::min(asked_.size(), answers_.size() + limits::transports_per_turn_max);
    for (std::size_t at = answers_.size(); at < end; ++at) {
        Transport& answer = answers_.emplace_back();
        const auto ends = streams_.ends_of(asked_[at]);
        if (!ends) continue;
        answer.peer = ends->peer;
        if (kernel_) answer.tcp = kernel_->ask(ends->local, ends->peer);
    }
    if (end < asked_.size()) return;
    busy_ = false;
    engine.transports_reported(answers_, now);
    answers_.clear();
}

void TransportDesk::take(engine::Engine& engine) noexcept {
    auto query = engine.take_transport_query();
    if (!query) return;
    asked_ = std::move(*query);
    busy_ = true;
}

}  // namespace chatd::server
