#include "plain_chat.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "chatd/client/clock.hpp"
#include "chatd/client/dial.hpp"
#include "chatd/client/text_event.hpp"
#include "link.hpp"
#include "opening.hpp"
#include "output.hpp"
#include "paint.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

constexpr std::size_t input_bytes_max = 16 * 1024;  // read at a time; less than a Link's room
constexpr Duration opening_wait_max = std::chrono::seconds(10);
static_assert(input_bytes_max <= link_unsent_bytes_max);
constexpr std::string_view keepalive_word = "chatcli-keepalive";
constexpr std::string_view keepalive_command = "/ping chatcli-keepalive\n";

class PlainChat {
public:
    PlainChat(client::Socket socket, const ChatOptions& options, bool colours)
        : link_(std::move(socket)),
          opening_(options.nick, options.room),
          wait_max_(options.wait_max),
          keepalive_(options.at.keepalive),
          silence_max_(options.at.silence_max()),
          colours_(colours) {}

    ExitCode run() {
        last_heard_ = client::now();
        send(opening_.commands());
        while (!ending_)
            turn();
        return *ending_;
    }

private:
    enum Slot : std::size_t { slot_link, slot_output, slot_input, slot_count };

    void turn() {
        std::array<pollfd, slot_count> polled{};
        polled[slot_link] = {link_.fd(), link_.poll_events(), 0};
        // No events asked for: only that our reader went away is of interest.
        polled[slot_output] = {STDOUT_FILENO, 0, 0};
        polled[slot_input] = {wants_input() ? STDIN_FILENO : -1, POLLIN, 0};
        const int ready = ::poll(polled.data(), polled.size(),
                                 client::poll_timeout_ms(client::now(), deadline()));
        if (ready < 0 && errno != EINTR) return end(ExitCode::io_error, "poll failed.");
        if (ready < 0) return;
        if ((polled[slot_output].revents & POLLERR) != 0) return end(ExitCode::broken_pipe, {});
        if ((polled[slot_link].revents & POLLOUT) != 0) flush();
        if ((polled[slot_link].revents & ~POLLOUT) != 0) read_link();
        if (!ending_ && polled[slot_input].revents != 0) read_input();
        if (!ending_ && link_.state() != Link::State::open) server_gone();
        if (!ending_ && client::now() >= deadline()) time_out();
    }

    // A script speaks only under the name and in the room that were asked for.
    bool wants_input() const noexcept {
        return opening_.done() && !link_.input_finished() && link_.room_bytes() >= input_bytes_max;
    }

    Time deadline() const noexcept {
        if (!opening_.done()) return last_heard_ + opening_wait_max;
        if (link_.input_finished()) return last_heard_ + wait_max_;
        if (asked_at_) return std::max(*asked_at_, last_heard_) + silence_max_;
        if (can_ask()) return last_heard_ + keepalive_;
        return link_.unsent() ? last_heard_ + keepalive_ + silence_max_ : time_never;
    }

    void time_out() {
        if (!opening_.done()) {
            return end(ExitCode::timed_out,
                       "no answer to --nick and --room; is that a chatd port?");
        }
        if (link_.input_finished()) {
            return end(ExitCode::timed_out, "the server did not end the connection in time.");
        }
        if (asked_at_ || !can_ask()) return end(ExitCode::io_error, "the server is silent.");
        asked_at_ = client::now();
        ++pongs_due_;
        send(keepalive_command);
    }

    // Not in the middle of a line, nor behind what fills the link: there a server that takes
    // nothing is silent enough.
    bool can_ask() const noexcept {
        return !mid_line_ && link_.room_bytes() >= keepalive_command.size();
    }

    void send(std::string_view bytes) {
        if (bytes.empty()) return;
        mid_line_ = bytes.back() != '\n';
        link_.send(bytes);
    }

    // What is taken is a sign of life too.
    void flush() {
        const std::size_t room = link_.room_bytes();
        link_.flush();
        if (link_.room_bytes() != room) last_heard_ = client::now();
    }

    void read_link() {
        shown_.clear();
        if (link_.receive([this](std::string_view line) { show(line); })) {
            last_heard_ = client::now();
            asked_at_.reset();
        }
        if (const ExitCode code = write_all(STDOUT_FILENO, shown_); code != ExitCode::ok) {
            return end(code, code == ExitCode::io_error ? "cannot write standard output." : "");
        }
        if (opening_.refused()) end(ExitCode::failed, opening_.refusal());
    }

    void show(std::string_view line) {
        const client::TextEvent event = client::parse_text_event(line);
        if (pongs_due_ > 0 && event.code == "PONG" && event.body == keepalive_word) {
            --pongs_due_;
            return;
        }
        opening_.received(event);
        quit_ = quit_ ||
                (event.severity == client::TextEvent::Severity::note && event.command == "QUIT");
        colours_ ? append_painted(shown_, line) : append_safe(shown_, line);
        shown_ += '\n';
    }

    void read_input() {
        std::array<char, input_bytes_max> buffer;
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count > 0) {
            send({buffer.data(), static_cast<std::size_t>(count)});
        } else if (count == 0) {
            last_heard_ = client::now();
            link_.finish_input();
        } else if (errno != EINTR && errno != EAGAIN) {
            end(ExitCode::io_error, "cannot read standard input.");
        }
    }

    void server_gone() {
        if (link_.state() == Link::State::failed) {
            return end(ExitCode::io_error,
                       "the connection broke: " + client::error_text(link_.error()) + ".");
        }
        if (quit_ || (link_.input_finished() && !link_.lost())) return end(ExitCode::ok, {});
        end(ExitCode::failed, "the server closed the connection.");
    }

    void end(ExitCode code, std::string_view what) {
        if (ending_) return;
        ending_ = code;
        if (!what.empty()) complain(what);
    }

    Link link_;
    Opening opening_;
    Duration wait_max_;
    Duration keepalive_;
    Duration silence_max_;
    bool colours_;
    bool quit_ = false;
    bool mid_line_ = false;
    Time last_heard_{};
    std::optional<Time> asked_at_;  ///< whether the server is there; nothing was heard since
    std::size_t pongs_due_ = 0;     ///< answers to that, which nobody asked to see
    std::string shown_;
    std::optional<ExitCode> ending_;
};

}  // namespace

ExitCode run_plain_chat(client::Socket socket, const ChatOptions& options, bool colours) {
    return PlainChat(std::move(socket), options, colours).run();
}

}  // namespace chatd::terminal
