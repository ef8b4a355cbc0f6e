#include "top_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "chatd/client/clock.hpp"
#include "http_fetch.hpp"
#include "output.hpp"
#include "top_page.hpp"
#include "top_screen.hpp"
#include "top_table.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

constexpr Duration interval_default = std::chrono::seconds(2);
constexpr std::size_t piped_width = 1'000;   // all columns
constexpr std::uint32_t pages_max = 20'000;  // 2,000,000 connections

struct Taken {
    TopMoment moment;
    Time at{};
};

std::expected<Taken, FetchError> take(HttpFetch& fetch) {
    Taken taken{.moment = {}, .at = client::now()};
    std::uint64_t after = 0;
    for (std::uint32_t page = 0; page < pages_max; ++page) {
        const auto body = fetch.get(fmt::format("/v1/connections?after={}", after));
        if (!body) return std::unexpected(body.error());
        const auto added = taken.moment.add_page(*body);
        if (!added) return std::unexpected(FetchError{ExitCode::failed, added.error()});
        const std::optional<std::uint64_t>& next = *added;
        if (!next) break;
        after = *next;
    }
    return taken;
}

UnixMs wall_clock() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

class Top {
public:
    explicit Top(const TopOptions& options)
        : options_(options),
          fetch_(options.target),
          order_(options.order),
          interval_(options.interval.value_or(interval_default)) {}

    /// One after the other to standard output, without end if there is an interval.
    int print() {
        while (true) {
            if (const auto error = refresh()) {
                complain(error->message);
                return client::status_of(error->code);
            }
            const ExitCode written = write_all(STDOUT_FILENO, printed());
            const bool goes_on = options_.interval && !options_.once;
            if (written != ExitCode::ok || !goes_on) return client::status_of(written);
            std::this_thread::sleep_for(interval_);
        }
    }

    /// On the screen until a key or a signal ends it.
    int paint(const TopScreen& screen) {
        while (true) {
            const auto error = refresh();
            // What never was reached is told as it is everywhere; what is gone may come back.
            if (error && (!reached_ || error->code == ExitCode::not_permitted)) {
                failure_ = *error;
                return client::status_of(error->code);
            }
            trouble_ = error ? error->message : std::string();
            const Time next = client::now() + interval_;
            while (true) {
                screen.paint(painted(screen.size()));
                const TopScreen::Input input = screen.wait(next);
                if (input.signal != 0) return status_of_signal(input.signal);
                if (input.ended || input.keys.find_first_of("qQ") != std::string::npos) {
                    return client::status_of(ExitCode::ok);
                }
                const bool at_once = take_keys(input.keys);
                if (at_once || client::now() >= next) break;
            }
        }
    }

    const std::optional<FetchError>& failure() const { return failure_; }

private:
    std::optional<FetchError> refresh() {
        auto taken = take(fetch_);
        if (!taken) return taken.error();
        using Seconds = std::chrono::duration<double>;
        if (reached_) taken->moment.compare(now_.moment, Seconds(taken->at - now_.at).count());
        now_ = std::move(*taken);
        reached_ = true;
        return {};
    }

    // True when what is there is to be asked for anew.
    bool take_keys(std::string_view keys) {
        bool at_once = false;
        for (const char key : keys) {
            if (key == 's') {
                order_ =
                    static_cast<TopOrder>((static_cast<std::size_t>(order_) + 1) % top_order_count);
            }
            if (key == 'r') reversed_ = !reversed_;
            at_once = at_once || key == ' ';
        }
        return at_once;
    }

    std::vector<std::string> table(std::size_t width) {
        sort_rows(now_.moment.rows, order_, reversed_);
        return table_lines(now_.moment.rows, width, wall_clock());
    }

    std::string printed() {
        if (options_.json) return now_.moment.json() + "\n";
        std::string text;
        const auto lines =
            table(::isatty(STDOUT_FILENO) != 0 ? TopScreen::size_of_output().width : piped_width);
        for (const std::string& line : lines) {
            text += line;
            text += '\n';
        }
        return text;
    }

    std::vector<std::string> painted(TopScreen::Size room) {
        const TopMoment& moment = now_.moment;
        std::string head = fmt::format(
            "chatd {}  {} connections  {} UDP peers  by {}{}  q quits, s sorts, r turns around",
            options_.target.text(), moment.connection_count, moment.peer_count, word_of(order_),
            reversed_ ? " reversed" : "");
        if (!trouble_.empty()) head = "as it was; " + trouble_;
        std::vector<std::string> lines = table(room.width);
        lines.insert(lines.begin(), std::move(head));
        return lines;
    }

    const TopOptions& options_;
    HttpFetch fetch_;
    TopOrder order_;
    bool reversed_ = false;
    Duration interval_;
    Taken now_{};
    bool reached_ = false;  ///< at least once
    std::string trouble_{};
    std::optional<FetchError> failure_{};
};

}  // namespace

int run_top(const TopOptions& options) {
    Top top(options);
    if (options.once || options.json) return top.print();
    int status = 0;
    {
        const auto screen = TopScreen::open();
        if (!screen) return top.print();
        status = top.paint(*screen);
    }
    // The terminal is as it was, so that this is seen.
    if (const auto& failure = top.failure()) complain(failure->message);
    return status;
}

}  // namespace chatd::terminal
