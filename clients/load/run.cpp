#include "load/run.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "load/audience.hpp"
#include "load/clock.hpp"
#include "load/fleet.hpp"

namespace chatd::load {

namespace {

constexpr std::uint64_t settle_ns = 300 * millisecond_ns;  // past chatd's --listen-after
constexpr std::uint64_t progress_interval_ns = 500 * millisecond_ns;
constexpr std::uint64_t wait_max_ns = 10 * millisecond_ns;
constexpr std::uint64_t datagram_stall_ns = second_ns;

std::vector<Member> members_of(const Options& options) {
    std::vector<Member> members;
    for (std::uint32_t number = 1; number <= options.connection_count(); ++number) {
        const bool listens = options.idle != 0 || number <= options.listeners;
        const bool publishes = options.idle == 0 && (options.everyone || !listens);
        members.push_back({.number = number, .listens = listens, .publishes = publishes});
    }
    return members;
}

std::vector<Seat> seats_of(const std::vector<Member>& members, const Adapter::Traits& traits) {
    std::vector<Seat> seats;
    seats.reserve(members.size());
    std::uint32_t publisher = 0;
    for (const Member& member : members) {
        seats.push_back({.hears = member.listens || traits.publishers_hear,
                         .publisher = member.publishes ? publisher++ : no_index});
    }
    return seats;
}

Venue venue_of(const Options& options, std::uint64_t seed) {
    return {.room = options.room,
            .host = options.target.text(),
            .nick_prefix = options.nick_prefix,
            .seed = seed,
            .answered = !options.unanswered};
}

/// What one part of a run is bounded by.
struct Part {
    std::uint64_t begin_ns = 0;
    std::uint64_t end_ns = 0;
    std::uint64_t count_max = 0;  ///< messages; 0 = no bound but time
    std::uint64_t said = 0;

    bool over(std::uint64_t now) const noexcept {
        return now >= end_ns || (count_max != 0 && said >= count_max);
    }
};

class Runner {
public:
    explicit Runner(const Options& options)
        : options_(options),
          start_ns_(now_ns()),
          tag_(static_cast<std::uint32_t>(start_ns_ / 1024)),
          form_(options.body_bytes),
          adapter_(adapter_of(options, venue_of(options, start_ns_))),
          traits_(adapter_->traits()),
          members_(members_of(options)),
          seats_(seats_of(members_, traits_)),
          audience_(seats_, form_, tag_, traits_.echoes_own),
          fleet_(*adapter_, audience_, members_, form_.bytes(), start_ns_) {
        for (std::uint32_t index = 0; index < members_.size(); ++index) {
            if (members_[index].publishes) publishers_.push_back(index);
        }
    }

    std::expected<Report, std::string> execute();

private:
    void hold(std::uint64_t duration_ns);
    void load(Part part);
    void say_due(Part& part);
    void fill_window(Part& part);
    void say(std::uint64_t due_ns);
    void drain();
    bool stalled(std::uint64_t now);
    void measure();
    std::uint64_t expected_since(std::uint64_t published) const;
    void show_progress(const char* what, bool now = false);

    const Options& options_;
    std::uint64_t start_ns_;
    std::uint32_t tag_;
    BodyForm form_;
    std::unique_ptr<Adapter> adapter_;
    Adapter::Traits traits_;
    std::vector<Member> members_;
    std::vector<Seat> seats_;
    Audience audience_;
    Fleet fleet_;
    Meter meter_;
    std::vector<std::uint32_t> publishers_;  ///< their connections
    std::uint64_t turns_said_ = 0;           ///< whose turn it is to publish
    std::uint64_t received_seen_ = 0;        ///< for stalled()
    std::uint64_t received_at_ns_ = 0;
    std::uint64_t progress_at_ns_ = 0;
    Report report_;
};

std::expected<Report, std::string> Runner::execute() {
    // Pacing to the microsecond needs timers that are not rounded up by the default 50 us.
    prctl(PR_SET_TIMERSLACK, 1UL);
    if (options_.server_pid != 0) {
        auto meter = Meter::of(options_.server_pid);
        if (!meter) return std::unexpected(meter.error());
        meter_ = *meter;
    }
    report_.before_open = meter_.read();
    auto dialer = Dialer::find(options_.target,
                               traits_.datagrams ? client::Transport::udp : client::Transport::tcp);
    if (!dialer) return std::unexpected(dialer.error());
    const auto opened = fleet_.open(*dialer, [this] { show_progress("connecting"); });
    if (!opened) return std::unexpected(opened.error());
    hold(settle_ns);
    measure();
    show_progress("done", true);
    if (options_.progress) fmt::print(stderr, "\n");
    return report_;
}

void Runner::measure() {
    const bool idle = options_.idle != 0;
    std::uint64_t now = now_ns();
    if (!idle && options_.warmup_seconds > 0) {
        load({.begin_ns = now, .end_ns = now + nanoseconds_of(options_.warmup_seconds)});
    }
    std::uint64_t published_before = 0;
    // What goes wrong in the warm-up is reported as the run's result.
    const bool in_order = !report_.stalled && fleet_.failure().empty() && audience_.tally().clean();
    if (in_order) {
        audience_.begin_measurement();
        published_before = audience_.published();
    }
    report_.begin = meter_.read();
    const std::uint64_t bytes_before = fleet_.received_bytes();
    now = now_ns();
    if (idle) {
        hold(nanoseconds_of(options_.seconds));
    } else if (in_order || traits_.datagrams) {
        load({.begin_ns = now,
              .end_ns = now + nanoseconds_of(options_.seconds),
              .count_max = options_.count});
    }
    report_.end = meter_.read();
    report_.published = audience_.published() - published_before;
    report_.expected = expected_since(report_.published);
    report_.received_bytes = fleet_.received_bytes() - bytes_before;
    report_.answers = audience_.answers();
    report_.gap_notices = audience_.gap_notices();
    report_.tally = audience_.tally();
    report_.latency = audience_.latency();
    report_.failure = fleet_.failure();
}

/// Publishers take turns, so of n messages each listener that is a publisher itself, and does not
/// hear itself, misses its share; the rounding of the last turn is below one message each.
std::uint64_t Runner::expected_since(std::uint64_t published) const {
    std::uint64_t expected = 0;
    const std::uint64_t first = turns_said_ - published;
    const std::uint64_t turn = publishers_.size();
    for (const Seat& seat : seats_) {
        if (!seat.hears) continue;
        expected += published;
        if (seat.publisher == no_index || traits_.echoes_own) continue;
        const auto turns_before = [&](std::uint64_t said) {
            return (said + turn - 1 - seat.publisher) / turn;
        };
        expected -= turns_before(turns_said_) - turns_before(first);
    }
    return expected;
}

void Runner::hold(std::uint64_t duration_ns) {
    const std::uint64_t end = now_ns() + duration_ns;
    while (now_ns() < end && fleet_.failure().empty()) {
        fleet_.turn(std::min(end, now_ns() + 50 * wait_max_ns));
        show_progress("holding");
    }
}

void Runner::load(Part part) {
    received_at_ns_ = part.begin_ns;
    while (!part.over(now_ns()) && fleet_.failure().empty() && !report_.stalled) {
        options_.paced() ? say_due(part) : fill_window(part);
        fleet_.flush();
        std::uint64_t wake_ns = std::min(part.end_ns, now_ns() + wait_max_ns);
        if (options_.paced()) {
            wake_ns = std::min(
                wake_ns,
                part.begin_ns + nanoseconds_of(static_cast<double>(part.said) / options_.rate));
        }
        fleet_.turn(wake_ns);
        if (!options_.paced() && stalled(now_ns())) {
            // Datagrams may be lost and the load goes on; a stream that stalls has failed.
            if (!traits_.datagrams) report_.stalled = true;
            audience_.give_up();
        }
        show_progress(options_.paced() ? "pacing" : "saturating");
    }
    drain();
}

/// Open loop: everything that is due by now is said, however late we are, and bears the time at
/// which it was due.
void Runner::say_due(Part& part) {
    const std::uint64_t now = now_ns();
    while (!part.over(now)) {
        const std::uint64_t due =
            part.begin_ns + nanoseconds_of(static_cast<double>(part.said) / options_.rate);
        if (due > now) return;
        say(due);
        ++part.said;
    }
}

/// Sliding, a window keeps whatever rhythm it fell into; in bursts, all servers get the same one.
void Runner::fill_window(Part& part) {
    if (options_.bursts && audience_.in_flight() != 0) return;
    const std::uint64_t now = now_ns();
    while (audience_.in_flight() < options_.window && !part.over(now)) {
        say(now);
        ++part.said;
    }
}

void Runner::say(std::uint64_t due_ns) {
    const auto publisher = static_cast<std::uint32_t>(turns_said_++ % publishers_.size());
    const std::uint64_t sequence = audience_.said(publisher);
    fleet_.say(publishers_[publisher],
               form_.write({.run = tag_,
                            .publisher = static_cast<std::uint16_t>(publisher),
                            .sequence = sequence,
                            .due_ns = due_ns - start_ns_}));
}

void Runner::drain() {
    received_at_ns_ = now_ns();
    while ((audience_.in_flight() != 0 || fleet_.unsent()) && fleet_.failure().empty()) {
        fleet_.turn(now_ns() + wait_max_ns);
        if (stalled(now_ns())) {
            report_.stalled = report_.stalled || !traits_.datagrams;
            break;
        }
    }
    audience_.give_up();
}

bool Runner::stalled(std::uint64_t now) {
    const std::uint64_t limit =
        traits_.datagrams ? datagram_stall_ns : nanoseconds_of(options_.stall_seconds);
    if (audience_.tally().received != received_seen_ || audience_.in_flight() == 0) {
        received_seen_ = audience_.tally().received;
        received_at_ns_ = now;
    }
    return now - received_at_ns_ > limit;
}

void Runner::show_progress(const char* what, bool at_once) {
    if (!options_.progress) return;
    const std::uint64_t now = now_ns();
    if (!at_once && now < progress_at_ns_ + progress_interval_ns) return;
    progress_at_ns_ = now;
    const Tally& tally = audience_.tally();
    fmt::print(stderr, "\rchatload: {:10} {:6.1f} s, {} connected, {} said, {} heard, {} lost  ",
               what, seconds_of(now - start_ns_), fleet_.ready_count(), audience_.published(),
               tally.received, tally.lost);
    std::fflush(stderr);
}

}  // namespace

std::expected<Report, std::string> run(const Options& options) {
    return Runner(options).execute();
}

}  // namespace chatd::load
