#include "interactive_chat.hpp"

#include <langinfo.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstring>
#include <memory>

#include "chatd/client/clock.hpp"
#include "chatd/client/dial.hpp"
#include "chatd/client/standing.hpp"
#include "chatd/client/text_event.hpp"
#include "line_editor.hpp"
#include "link.hpp"
#include "opening.hpp"
#include "output.hpp"
#include "paint.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

constexpr std::size_t keys_bytes_max = 4096;  // read at a time: a pasted screenful

// chatd speaks UTF-8; a terminal whose locale was forgotten nearly always does too.
void use_utf8_locale() {
    std::setlocale(LC_CTYPE, "");
    if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

// The signals of a terminal as a descriptor, so that one poll() waits for all.
client::Socket open_signals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int number : {SIGINT, SIGTSTP, SIGWINCH, SIGTERM, SIGHUP, SIGQUIT}) {
        sigaddset(&wanted, number);
    }
    ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
    return client::Socket(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
}

class InteractiveChat {
public:
    InteractiveChat(client::Socket& socket, const ChatOptions& options, bool colours)
        : editor_([this] { return next_key(); }),
          commands_(Opening(options.nick, options.room).commands()),
          wait_max_(options.wait_max),
          colours_(colours) {
        if (!editor_) return;
        signals_ = open_signals();
        link_ = std::make_unique<Link>(std::move(socket));
    }

    explicit operator bool() const noexcept { return static_cast<bool>(editor_); }

    int run() {
        link_->send(commands_);
        update_prompt();
        std::string line;
        while (!ending_ && !link_->input_finished()) {
            switch (editor_.read_line(line)) {
                case LineEditor::Outcome::line:
                    submit(line);
                    break;
                case LineEditor::Outcome::interrupted:
                    interrupted();
                    break;
                case LineEditor::Outcome::ended:
                    link_->finish_input();
                    break;
                case LineEditor::Outcome::stopped:
                    break;
            }
        }
        last_heard_ = client::now();
        while (!ending_)
            turn();
        if (!farewell_.empty()) complain(farewell_);
        return ending_.value_or(client::status_of(ExitCode::ok));
    }

private:
    enum Slot : std::size_t { slot_link, slot_signals, slot_keys, slot_count };

    // Waits for the keyboard and meanwhile does everything else.
    Key next_key() {
        for (;;) {
            if (ending_) return {Key::Kind::stop};
            if (interrupt_) {
                interrupt_ = false;
                return {Key::Kind::interrupt};
            }
            if (keys_at_ < keys_.size()) return {Key::Kind::byte, keys_[keys_at_++]};
            if (keys_ended_) return {Key::Kind::end};
            turn();
        }
    }

    void turn() {
        const bool closing = link_->input_finished();
        std::array<pollfd, slot_count> polled{};
        polled[slot_link] = {link_->fd(), link_->poll_events(), 0};
        polled[slot_signals] = {signals_.fd(), POLLIN, 0};
        polled[slot_keys] = {closing ? -1 : STDIN_FILENO, POLLIN, 0};
        const Time deadline = closing ? last_heard_ + wait_max_ : time_never;
        const int ready =
            ::poll(polled.data(), polled.size(), client::poll_timeout_ms(client::now(), deadline));
        if (ready < 0 && errno != EINTR) return end(ExitCode::io_error, "poll failed.");
        if (ready == 0) {
            return end(ExitCode::timed_out, "the server did not end the connection in time.");
        }
        if (ready < 0) return;
        if (polled[slot_signals].revents != 0) read_signals();
        if ((polled[slot_link].revents & POLLOUT) != 0) link_->flush();
        if ((polled[slot_link].revents & ~POLLOUT) != 0) read_link();
        if (polled[slot_keys].revents != 0) read_keys();
        if (!ending_ && link_->state() != Link::State::open) server_gone();
    }

    void read_link() {
        shown_.clear();
        if (link_->receive([this](std::string_view line) { show(line); })) {
            last_heard_ = client::now();
        }
        if (!shown_.empty()) editor_.print_above(shown_);
    }

    void show(std::string_view line) {
        const client::TextEvent event = client::parse_text_event(line);
        if (standing_.received(event)) update_prompt();
        quit_ = quit_ ||
                (event.severity == client::TextEvent::Severity::note && event.command == "QUIT");
        colours_ ? append_painted(shown_, line) : append_safe(shown_, line);
        shown_ += '\n';
    }

    void update_prompt() {
        std::string prompt;
        append_safe(prompt, standing_.nick());
        if (!standing_.room().empty()) {
            if (!prompt.empty()) prompt += ' ';
            prompt += '#';
            append_safe(prompt, standing_.room());
        }
        prompt += '>';
        editor_.set_prompt(prompt, colours_);
    }

    void read_keys() {
        std::array<char, keys_bytes_max> buffer;
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
        if (count <= 0) {
            keys_ended_ = true;
            return;
        }
        interrupts_ = 0;
        keys_.assign(buffer.data(), static_cast<std::size_t>(count));
        keys_at_ = 0;
    }

    void read_signals() {
        signalfd_siginfo info{};
        while (::read(signals_.fd(), &info, sizeof info) == sizeof info) {
            switch (info.ssi_signo) {
                case SIGINT:
                    interrupt_ = true;
                    break;
                case SIGWINCH:
                    editor_.resized();
                    break;
                case SIGTSTP:
                    editor_.suspend();
                    break;
                default:
                    ending_ = 128 + static_cast<int>(info.ssi_signo);
                    break;
            }
        }
        // While closing, no line is edited that could take the interrupt.
        if (interrupt_ && link_->input_finished()) end(ExitCode::interrupted, {});
    }

    void interrupted() {
        if (++interrupts_ > 1) return end(ExitCode::interrupted, {});
        editor_.print_above("(Ctrl-C again quits, Ctrl-D says goodbye)\n");
    }

    void submit(std::string& line) {
        if (line.empty()) return;
        line += '\n';
        if (line.size() > link_->room_bytes()) {
            editor_.print_above("chatcli: the server takes nothing now; that line was not sent.\n");
            return;
        }
        link_->send(line);
    }

    void server_gone() {
        if (link_->state() == Link::State::failed) {
            return end(ExitCode::io_error,
                       "the connection broke: " + client::error_text(link_->error()) + ".");
        }
        if (quit_ || (link_->input_finished() && !link_->lost())) return end(ExitCode::ok, {});
        end(ExitCode::failed, "the server closed the connection.");
    }

    void end(ExitCode code, std::string_view farewell) {
        if (ending_) return;
        ending_ = client::status_of(code);
        farewell_ = farewell;
    }

    LineEditor editor_;
    client::Socket signals_;
    std::unique_ptr<Link> link_;  // with an editor
    std::string commands_;
    client::Standing standing_;
    Duration wait_max_;
    bool colours_;
    std::string keys_;
    std::size_t keys_at_ = 0;
    bool keys_ended_ = false;
    bool interrupt_ = false;
    int interrupts_ = 0;
    bool quit_ = false;
    Time last_heard_{};
    std::string shown_;
    std::string farewell_;
    std::optional<int> ending_;
};

}  // namespace

std::optional<int> run_interactive_chat(client::Socket& socket, const ChatOptions& options,
                                        bool colours) {
    use_utf8_locale();
    InteractiveChat chat(socket, options, colours);
    if (!chat) return std::nullopt;
    return chat.run();
}

}  // namespace chatd::terminal
