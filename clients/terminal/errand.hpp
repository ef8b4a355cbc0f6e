#pragma once
// One thing to be done at a chatd by a script: a session of its own, the loop that carries it, and
// how it ends. The owner sets what happens on events and on input, and calls run(), which blocks
// until finish(), a failure or a signal (INT, TERM). One thread; one at a time in a process, for
// signals are the process's.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/client/event.hpp"
#include "chatd/client/exit_code.hpp"
#include "chatd/client/session.hpp"
#include "command_options.hpp"

namespace chatd::terminal {

/// Lines that may be unsaid at a time: those of a read of standard input, and some.
inline constexpr std::size_t errand_outbox_lines_max = 10'000;
inline constexpr std::size_t errand_outbox_bytes_max = 2 * 1024 * 1024;

class Errand {
public:
    /// `rooms` are entered at once; none: the lobby. `state` says how far one has them.
    Errand(const ErrandOptions& options, std::vector<std::string> rooms,
           client::SessionState state = {});
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;
    ~Errand();

    client::Session& session() noexcept;

    /// Called for each event. What ends the errand in any case is told before.
    std::function<void(client::Event&)> on_event;
    /// Called when standard input can be read, while wants_input() is true.
    std::function<void()> on_input;
    std::function<bool()> wants_input;
    /// True: silence is no failure, and a signal is how it ends.
    bool endless = false;

    /// Ends run() with `code`, having told `what` on standard error, and said goodbye.
    void finish(client::ExitCode code, std::string_view what = {});
    bool finished() const noexcept { return ending_.has_value(); }

    /// The same for what the server refused, whose words are made safe first.
    void refused(std::string_view what);

    /// Writes to standard output; a failure finishes.
    void print(std::string_view text);

    int run();

private:
    struct Parts;

    void turn(Time deadline);
    void take_events();
    void say_goodbye();
    void read_signal();

    std::unique_ptr<Parts> parts_;
    Duration wait_max_;
    Time last_happened_{};
    std::optional<int> ending_;
    bool goodbye_ = false;
    bool left_ = false;
};

}  // namespace chatd::terminal
