#include "chatd/server/server.hpp"

#include <fmt/format.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "chatd/base/exit_code.hpp"
#include "chatd/engine/engine.hpp"
#include "chatd/io/listener.hpp"
#include "chatd/io/ring.hpp"
#include "chatd/io/scheduling.hpp"
#include "chatd/io/socket_address.hpp"
#include "chatd/io/system_clock.hpp"
#include "chatd/io/udp.hpp"
#include "chatd/server/log.hpp"
#include "chatd/server/web_assets.hpp"
#include "server/bind.hpp"
#include "server/datagram_sockets.hpp"
#include "server/store_link.hpp"
#include "server/stream_table.hpp"
#include "server/transport_desk.hpp"

namespace chatd::server {

namespace {

using io::Completion;
using io::OperationKind;

constexpr std::string_view busy_line = "FAIL * BUSY :This server is full; try again later.\n";
constexpr Duration accept_retry = std::chrono::milliseconds{100};
constexpr std::size_t completion_batch = 256;

struct Listener {
    BoundSocket socket;
    bool armed = false;
};

std::expected<int, io::Error> open_tcp(const Address& address, const Options& options) {
    io::ListenerOptions listener_options;
    listener_options.user_timeout = options.tcp_user_timeout;
    return io::open_listener(address, listener_options);
}

std::expected<int, io::Error> open_udp(const Address& address, const Options&) {
    return io::open_udp_socket(address);
}

// Of the kernel, through the device: fit for secrets.
std::string random_secret() {
    constexpr std::size_t words = 8;
    std::random_device device;
    std::string secret;
    for (std::size_t word = 0; word < words; ++word) {
        const std::uint32_t bits = device();
        secret.append(reinterpret_cast<const char*>(&bits), sizeof bits);
    }
    return secret;
}

std::uint64_t random_seed() {
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
}

}  // namespace

struct Server::State {
    Options options;
    std::unique_ptr<io::Ring> ring;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<StoreLink> store;  // null: no history is kept
    std::uint64_t store_wakes = 0;     // what the ring reads into
    std::unique_ptr<StreamTable> streams;
    std::unique_ptr<TransportDesk> transports;
    std::unique_ptr<DatagramSockets> datagrams;
    std::vector<Listener> listeners;
    std::vector<BoundSocket> udp_sockets;
    int signal_descriptor = -1;
    signalfd_siginfo signal{};
    int drain_signal = 0;  // the first TERM or INT
    int exit_signal = 0;   // the second
    Time now{};
    Time drain_deadline = time_never;
    Time accept_again = time_never;
    Time tls_logged{};
    std::uint64_t tls_refused = 0;
    std::uint64_t accept_failures = 0;
    std::int64_t zone_second = 0;  // when the zone was last looked at
    std::int32_t zone_offset_s = 0;

    ~State() {
        // First of all: sends that a second signal cut short still read the engine's memory.
        ring.reset();
        for (const Listener& listener : listeners) {
            if (listener.socket.descriptor >= 0) close(listener.socket.descriptor);
        }
        if (signal_descriptor >= 0) close(signal_descriptor);
    }

    bool over() const {
        if (drain_signal == 0) return false;
        return exit_signal != 0 || engine->connection_count() == 0 || now >= drain_deadline;
    }

    void arm_listeners();
    void read_signal();
    void read_store();
    void read_clock();
    void turn();
    void completed(const Completion& completion);
    void accepted(const Completion& completion);
    void signalled(const Completion& completion);
    void begin_drain(int signal_number);
    void report();
    Duration wait_time() const;
};

// -- set-up ----------------------------------------------------------------------------------

namespace {

std::expected<int, io::Error> open_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, number);
    const int descriptor = signalfd(-1, &signals, SFD_CLOEXEC);
    if (descriptor < 0) return std::unexpected(io::Error{errno, "signalfd"});
    return descriptor;
}

void warn_of_wide_policy(const Options& options, const std::vector<BoundSocket>& sockets) {
    using engine::RawPolicy;
    const bool wide = options.datagrams.policy == RawPolicy::private_networks ||
                      !options.datagrams.allowed.empty();
    const bool loopback_only =
        std::all_of(sockets.begin(), sockets.end(),
                    [](const BoundSocket& socket) { return socket.address.is_loopback(); });
    if (wide && loopback_only && !sockets.empty()) {
        log(LogLevel::warning,
            "udp_raw_policy hint=\"raw datagrams are allowed from networks, but --udp listens on "
            "loopback only; bind it with --udp ADDR:PORT\"");
    }
}

}  // namespace

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;

std::expected<std::unique_ptr<Server>, StartError> Server::start(const Options& options) {
    auto state = std::make_unique<State>();
    state->options = options;
    state->now = io::now();

    const std::size_t descriptors = io::raise_descriptor_limit();
    io::RingOptions ring_options;
    ring_options.slots_max =
        static_cast<std::uint32_t>(std::min<std::size_t>(descriptors, limits::connections_max));
    ring_options.mask_features = options.mask_kernel_features;
    auto ring = io::Ring::create(ring_options);
    if (!ring) {
        const int code = ring.error().number == EPERM ? status_of(ExitCode::not_permitted)
                                                      : status_of(ExitCode::failed);
        return std::unexpected(StartError{code, ring.error().text()});
    }
    state->ring = std::move(*ring);
    state->options.engine.connections_max = state->ring->slot_count();
    state->options.engine.can_ask_unsent = state->ring->can_install_ordinary();
    state->options.engine.seed = random_seed();
    state->options.engine.token_seed = random_secret();
    state->options.engine.unix_start = io::unix_ms();
    state->options.engine.assets = web_assets();
    chat::Restored restored;
    if (options.state.history) {
        auto store = StoreLink::open(options.state);
        if (!store) return std::unexpected(store.error());
        state->store = std::move(*store);
        restored = state->store->restored();
    }
    state->engine = std::make_unique<engine::Engine>(state->options.engine, options.datagrams,
                                                     state->now, std::move(restored));
    state->streams = std::make_unique<StreamTable>(*state->ring, *state->engine);
    state->transports = std::make_unique<TransportDesk>(*state->streams);
    state->datagrams = std::make_unique<DatagramSockets>(*state->ring, *state->engine);

    auto tcp = bind_all(options.tcp, options, open_tcp, "--tcp");
    if (!tcp) return std::unexpected(tcp.error());
    for (const BoundSocket& socket : *tcp)
        state->listeners.push_back({socket});
    auto udp = bind_all(options.udp, options, open_udp, "--udp");
    if (!udp) return std::unexpected(udp.error());
    state->udp_sockets = std::move(*udp);
    for (const BoundSocket& socket : state->udp_sockets) {
        state->datagrams->add(socket.descriptor);
        state->engine->add_own_datagram_address(socket.address);
    }
    const auto signals = open_signals();
    if (!signals)
        return std::unexpected(StartError{status_of(ExitCode::failed), signals.error().text()});
    state->signal_descriptor = *signals;
    warn_of_wide_policy(options, state->udp_sockets);
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

std::string Server::bound_addresses() const {
    std::string text;
    const auto append = [&](std::string_view name, const Address& address) {
        if (!text.empty()) text += ' ';
        text += fmt::format("{}={}", name, address.text());
    };
    for (const Listener& listener : state_->listeners)
        append("tcp", listener.socket.address);
    for (const BoundSocket& socket : state_->udp_sockets)
        append("udp", socket.address);
    return text;
}

// -- the turn --------------------------------------------------------------------------------

int Server::run() {
    State& state = *state_;
    // Delivery is short work that should not wait; the store's thread was started before and
    // inherits nothing of it.
    if (!state.options.mask_kernel_features) io::ask_for_short_turns();
    state.arm_listeners();
    state.read_signal();
    state.read_store();
    while (!state.over())
        state.turn();
    const bool stopped = state.store == nullptr || state.store->stop(*state.engine);
    if (state.exit_signal != 0) return status_of_signal(state.exit_signal);
    return status_of(stopped ? ExitCode::ok : ExitCode::io_error);
}

void Server::State::read_store() {
    if (store == nullptr) return;
    ring->read(store->wake_descriptor(),
               {reinterpret_cast<std::byte*>(&store_wakes), sizeof store_wakes},
               {OperationKind::store, 0, 0});
}

void Server::State::read_clock() {
    const std::int64_t unix_now = io::unix_ms();
    const std::int64_t second = unix_now / 1000;
    if (second != zone_second) {
        zone_second = second;
        zone_offset_s = io::zone_offset_seconds(second);
    }
    engine->clock_read(unix_now, zone_offset_s);
}

void Server::State::turn() {
    ring->submit_and_wait(wait_time());
    now = io::now();
    read_clock();
    std::array<Completion, completion_batch> batch;
    while (const std::size_t count = ring->take_completions(batch)) {
        for (const Completion& completion : std::span(batch).first(count))
            completed(completion);
    }
    if (now >= accept_again) arm_listeners();
    transports->look_up(*engine, now);
    report();
    engine->turn_ended(now);
    for (const engine::Output& output : engine->outputs())
        streams->carry_out(output);
    engine->clear_outputs();
    if (store != nullptr) store->turn_ended(*engine);
    transports->take(*engine);
    streams->turn_ended();
    datagrams->turn_ended(now);
}

Duration Server::State::wait_time() const {
    if (transports->busy()) return Duration::zero();
    const Time deadline = std::min({engine->next_deadline(), accept_again, drain_deadline});
    return deadline == time_never ? Duration::max() : deadline - io::now();
}

void Server::State::completed(const Completion& completion) {
    switch (completion.operation.kind) {
        case OperationKind::accept:
            return accepted(completion);
        case OperationKind::receive_datagrams:
            return datagrams->received(completion, now);
        case OperationKind::send_datagrams:
            return datagrams->send_failed(completion);
        case OperationKind::signal:
            return signalled(completion);
        case OperationKind::store:
            store->take_answers(*engine, now);
            return read_store();
        case OperationKind::receive:
        case OperationKind::send:
        case OperationKind::cancel:
        case OperationKind::shutdown:
        case OperationKind::unsent:
        case OperationKind::close:
            return streams->completed(completion, now);
        case OperationKind::none:
            return;
    }
}

void Server::State::arm_listeners() {
    accept_again = time_never;
    if (drain_signal != 0) return;
    for (std::size_t index = 0; index < listeners.size(); ++index) {
        Listener& listener = listeners[index];
        if (listener.armed) continue;
        listener.armed = true;
        ring->accept(listener.socket.descriptor,
                     {OperationKind::accept, static_cast<std::uint32_t>(index), 0});
    }
}

// Accept yields an ordinary descriptor: it can be asked for its peer and moves into a direct slot
// of our choice, so the table can never be full without our knowing (pitfall 6).
void Server::State::accepted(const Completion& completion) {
    Listener& listener = listeners[completion.operation.index];
    if (!completion.more) listener.armed = false;
    if (completion.result < 0) {
        if (drain_signal != 0) return;
        ++accept_failures;
        log(LogLevel::warning, "accept_failed error=\"{}\"",
            io::Error{-completion.result, "accept"}.text());
        accept_again = std::min(accept_again, now + accept_retry);
        return;
    }
    const int descriptor = completion.result;
    const auto peer = io::peer_address(descriptor);
    const ConnId id = engine->stream_opened(peer && peer->is_loopback(), now);
    if (id) {
        // Bound to all addresses, it is the connection that knows which one it came to.
        Address local = listener.socket.address;
        if (local.is_unspecified()) local = io::bound_address(descriptor).value_or(Address{});
        streams->open(id, descriptor, {.local = local, .peer = peer.value_or(Address{})}, now);
    } else {
        (void)::send(descriptor, busy_line.data(), busy_line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        close(descriptor);
    }
    if (!listener.armed) accept_again = std::min(accept_again, now);
}

void Server::State::read_signal() {
    ring->read(signal_descriptor, {reinterpret_cast<std::byte*>(&signal), sizeof signal},
               {OperationKind::signal, 0, 0});
}

void Server::State::signalled(const Completion& completion) {
    if (completion.result != sizeof signal) return read_signal();
    const int number = static_cast<int>(signal.ssi_signo);
    if (number == SIGHUP) {
        log(LogLevel::info,
            "reload result=nothing hint=\"there is no configuration file to read\"");
    } else if (drain_signal == 0) {
        begin_drain(number);
    } else {
        exit_signal = number;
    }
    read_signal();
}

void Server::State::begin_drain(int signal_number) {
    drain_signal = signal_number;
    drain_deadline = now + limits::drain_time_max;
    log(LogLevel::info, "drain signal={} connections={}", signal_number,
        engine->connection_count());
    for (std::size_t index = 0; index < listeners.size(); ++index) {
        Listener& listener = listeners[index];
        ring->cancel({OperationKind::accept, static_cast<std::uint32_t>(index), 0}, {});
        // From here on connecting is refused; the canceled accept keeps the socket until then.
        shutdown(listener.socket.descriptor, SHUT_RDWR);
    }
    datagrams->stop();
    engine->drain_begun(now);
}

void Server::State::report() {
    const io::RingCounters& counters = ring->counters();
    engine->io_reported({.ring_enters = counters.enters,
                         .ring_submissions = counters.submissions,
                         .ring_completions = counters.completions,
                         .ring_overflows = counters.overflows,
                         .ring_submission_full = counters.submission_full,
                         .buffers_exhausted = streams->buffers_exhausted(),
                         .datagram_buffers_exhausted = datagrams->buffers_exhausted(),
                         .datagram_kernel_drops = datagrams->kernel_drops(),
                         .accept_failures = accept_failures,
                         .log_lines_dropped = log_dropped_count(),
                         .store = store == nullptr ? chat::StoreCounters{} : store->counters(),
                         .unix_seconds = io::unix_seconds()});
    const std::uint64_t refused = engine->counters().tls_refused;
    if (refused != tls_refused && now - tls_logged >= std::chrono::seconds{1}) {
        log(LogLevel::warning, "tls_refused count={} hint=\"TLS is not spoken on this port\"",
            refused - tls_refused);
        tls_refused = refused;
        tls_logged = now;
    }
}

}  // namespace chatd::server
