#include "load/report.hpp"

#include <fmt/format.h>

#include <iterator>

#include "load/clock.hpp"

namespace chatd::load {

namespace {

double ratio(double part, double whole) noexcept {
    return whole > 0 ? part / whole : 0;
}

double us(std::uint64_t nanoseconds) noexcept {
    return static_cast<double>(nanoseconds) / 1000;
}

std::string mode_of(const Options& options) {
    if (options.idle != 0) return "idle";
    if (options.paced()) return fmt::format("{:g} messages/s, open loop", options.rate);
    return fmt::format("saturated, {} {}", options.bursts ? "bursts of" : "window", options.window);
}

std::string crowd_of(const Options& options) {
    if (options.idle != 0) return fmt::format("{} idle", options.idle);
    if (options.everyone) return fmt::format("{} all talking", options.listeners);
    return fmt::format("{} to {}", options.publishers, options.listeners);
}

std::string speech_of(const Options& options) {
    const std::string_view listening = name_of(options.protocol);
    const std::string_view publishing = name_of(options.publishing());
    if (options.idle != 0 || listening == publishing) return std::string(listening);
    return fmt::format("{} to {}", publishing, listening);
}

std::string verdict_of(const Report& report, const Options& options) {
    if (!report.failure.empty()) return report.failure;
    if (report.stalled) return "nothing came any more; what was missing counts as lost";
    if (!report.tally.clean()) return "not everything arrived once and in order";
    return options.idle != 0 ? "all connections held" : "everything arrived, once and in order";
}

/// `"` and `\` escaped, control characters dropped: enough for names and messages.
std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        if (static_cast<unsigned char>(c) >= 0x20) out.push_back(c);
    }
    return out + '"';
}

}  // namespace

double Report::seconds() const noexcept {
    return seconds_of(end.time_ns - begin.time_ns);
}

double Report::deliveries_per_second() const noexcept {
    return ratio(static_cast<double>(tally.received), seconds());
}

double Report::bytes_per_delivery() const noexcept {
    return ratio(static_cast<double>(received_bytes), static_cast<double>(tally.received));
}

double Report::server_us_per_delivery() const noexcept {
    return ratio(us(end.server_cpu_ns - begin.server_cpu_ns), static_cast<double>(tally.received));
}

double Report::server_us_per_message() const noexcept {
    return ratio(us(end.server_cpu_ns - begin.server_cpu_ns), static_cast<double>(published));
}

double Report::first_thread_us_per_delivery() const noexcept {
    return ratio(us(end.first_thread_cpu_ns - begin.first_thread_cpu_ns),
                 static_cast<double>(tally.received));
}

double Report::server_cpu_percent() const noexcept {
    return 100 * ratio(seconds_of(end.server_cpu_ns - begin.server_cpu_ns), seconds());
}

double Report::own_cpu_percent() const noexcept {
    return 100 * ratio(seconds_of(end.own_cpu_ns - begin.own_cpu_ns), seconds());
}

bool Report::generator_limited() const noexcept {
    constexpr double busy_percent = 93;
    return own_cpu_percent() >= busy_percent && server_cpu_percent() < busy_percent;
}

std::int64_t Report::rss_growth_bytes() const noexcept {
    return static_cast<std::int64_t>(end.server_rss_bytes) -
           static_cast<std::int64_t>(before_open.server_rss_bytes);
}

std::string table_of(const Report& report, const Options& options) {
    std::string out;
    const auto row = [&out](std::string_view name, const std::string& value) {
        fmt::format_to(std::back_inserter(out), "{:<12}{}\n", name, value);
    };
    const Tally& tally = report.tally;
    row("load", fmt::format("{} at {}: {}, {} B, {}", speech_of(options), options.target.text(),
                            crowd_of(options), options.body_bytes, mode_of(options)));
    if (options.idle == 0) {
        row("delivered",
            fmt::format("{} messages, {} deliveries in {:.2f} s: {:.0f}/s{}", report.published,
                        tally.received, report.seconds(), report.deliveries_per_second(),
                        report.generator_limited() ? " (limited by chatload)" : ""));
        row("checked",
            fmt::format("{} lost, {} late, {} doubled, {} damaged, {} gap notices, {} answers",
                        tally.lost, tally.late, tally.duplicates, tally.damaged, report.gap_notices,
                        report.answers));
        row("received", fmt::format("{:.1f} B per delivery", report.bytes_per_delivery()));
        const Histogram& h = report.latency;
        row("latency us",
            fmt::format("p50 {:.1f}  p90 {:.1f}  p99 {:.1f}  p99.9 {:.1f}  max {:.1f}",
                        us(h.percentile(50)), us(h.percentile(90)), us(h.percentile(99)),
                        us(h.percentile(99.9)), us(h.max())));
    }
    if (options.server_pid != 0) {
        const double connections = options.connection_count();
        row("server",
            fmt::format(
                "{:.4f} us CPU per delivery ({:.4f} by its first thread), {:.4f} per message, "
                "{:.1f} % of a core, {:.1f} MiB (grew {:.2f} KiB per connection)",
                report.server_us_per_delivery(), report.first_thread_us_per_delivery(),
                report.server_us_per_message(), report.server_cpu_percent(),
                static_cast<double>(report.end.server_rss_bytes) / (1 << 20),
                static_cast<double>(report.rss_growth_bytes()) / 1024 / connections));
    }
    row("chatload", fmt::format("{:.1f} % of a core", report.own_cpu_percent()));
    row("result", verdict_of(report, options));
    return out;
}

std::string json_of(const Report& report, const Options& options) {
    const Tally& tally = report.tally;
    const Histogram& h = report.latency;
    return fmt::format(
        "{{\"protocol\":{},\"publish_as\":{},\"target\":{},\"listeners\":{},\"publishers\":{},"
        "\"everyone\":{},"
        "\"idle\":{},\"body_bytes\":{},\"rate\":{:g},\"window\":{},\"bursts\":{},\n"
        " \"passed\":{},\"verdict\":{},\"seconds\":{:.6f},\"published\":{},\"expected\":{},"
        "\"deliveries\":{},\"deliveries_per_second\":{:.1f},\n"
        " \"lost\":{},\"late\":{},\"duplicates\":{},\"damaged\":{},\"foreign\":{},"
        "\"gap_notices\":{},\"answers\":{},\"bytes_per_delivery\":{:.3f},\n"
        " \"latency_us\":{{\"count\":{},\"mean\":{:.3f},\"p50\":{:.3f},\"p90\":{:.3f},"
        "\"p99\":{:.3f},\"p99_9\":{:.3f},\"max\":{:.3f}}},\n"
        " \"server\":{{\"us_per_delivery\":{:.6f},\"us_per_message\":{:.6f},"
        "\"first_thread_us_per_delivery\":{:.6f},\"cpu_percent\":{:.3f},\"rss_before_bytes\":{},"
        "\"rss_bytes\":{},\"rss_growth_bytes\":{}}},\n"
        " \"generator\":{{\"cpu_percent\":{:.3f},\"limited\":{}}}}}\n",
        json_string(name_of(options.protocol)), json_string(name_of(options.publishing())),
        json_string(options.target.text()), options.listeners, options.publisher_count(),
        options.everyone, options.idle, options.body_bytes, options.rate, options.window,
        options.bursts, report.passed(), json_string(verdict_of(report, options)), report.seconds(),
        report.published, report.expected, tally.received, report.deliveries_per_second(),
        tally.lost, tally.late, tally.duplicates, tally.damaged, tally.foreign, report.gap_notices,
        report.answers, report.bytes_per_delivery(), h.count(), h.mean() / 1000,
        us(h.percentile(50)), us(h.percentile(90)), us(h.percentile(99)), us(h.percentile(99.9)),
        us(h.max()), report.server_us_per_delivery(), report.server_us_per_message(),
        report.first_thread_us_per_delivery(), report.server_cpu_percent(),
        report.before_open.server_rss_bytes, report.end.server_rss_bytes, report.rss_growth_bytes(),
        report.own_cpu_percent(), report.generator_limited());
}

}  // namespace chatd::load
