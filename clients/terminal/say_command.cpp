// `chatcli say`: everything is said, and the server has it for sure, or the end says it is not so.

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "chatd/base/limits.hpp"
#include "chatd/client/line_reader.hpp"
#include "chatd/wire/json_text.hpp"
#include "commands.hpp"
#include "errand.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

constexpr std::size_t read_bytes_max = 8 * 1024;  // read at a time
// Lines that may wait while input is read: a read of short ones never fills the outbox.
constexpr std::size_t unsaid_lines_max = 256;
static_assert(unsaid_lines_max + read_bytes_max <= errand_outbox_lines_max);
// The lines that wait, those of one more read, and one that began before it.
static_assert((unsaid_lines_max + 1) * limits::body_bytes_max + read_bytes_max <=
              errand_outbox_bytes_max);

class Saying {
public:
    explicit Saying(const SayOptions& options)
        : options_(options), errand_(options.errand, {options.room}), ended_(!options.from_input) {
        errand_.on_event = [this](client::Event& event) { take(event); };
        errand_.on_input = [this] { read(); };
        errand_.wants_input = [this] { return wants_input(); };
    }

    int run() {
        if (!options_.from_input) say(options_.text);
        return errand_.run();
    }

private:
    // Not before the room is entered: a script speaks only under the name that was asked for.
    bool wants_input() {
        return !ended_ && online_ && errand_.session().outbox().lines().size() < unsaid_lines_max;
    }

    void read() {
        std::array<char, read_bytes_max> buffer;
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        const auto one_line = [this](std::string_view line) {
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (!line.empty()) say(line);
        };
        if (count > 0) {
            const std::string_view text(buffer.data(), static_cast<std::size_t>(count));
            input_.feed(as_bytes(text), one_line);
        } else if (count == 0) {
            ended_ = true;
            input_.finish(one_line);
            end_if_said();
        } else if (errno != EINTR && errno != EAGAIN) {
            errand_.finish(ExitCode::io_error, "cannot read standard input.");
        }
    }

    void say(std::string_view text) {
        if (errand_.finished()) return;
        if (text.size() > limits::body_bytes_max) {
            return errand_.finish(
                ExitCode::failed,
                fmt::format(
                    "a message has at most {} bytes; that one and what follows were not said.",
                    limits::body_bytes_max));
        }
        const auto key = errand_.session().say(options_.room, text, {.action = options_.action});
        if (!key) {
            errand_.finish(ExitCode::failed, key.error());
            return;
        }
        ++unanswered_;
    }

    void take(const client::Event& event) {
        if (std::holds_alternative<client::Online>(event)) {
            online_ = true;
        } else if (const auto* said = std::get_if<client::Said>(&event)) {
            if (options_.errand.json) print(*said);
            --unanswered_;
        } else if (const auto* refused = std::get_if<client::Refused>(&event)) {
            return errand_.refused(refused->text);
        }
        end_if_said();
    }

    void print(const client::Said& said) {
        std::string line;
        wire::JsonObject object(line);
        object.text("room", said.room);
        object.integer("epoch", said.at.epoch);
        object.integer("seq", said.at.seq);
        object.text("key", said.key);
        if (said.repeated) object.boolean("repeated", true);
        object.close();
        errand_.print(line + '\n');
    }

    void end_if_said() {
        if (ended_ && unanswered_ == 0) errand_.finish(ExitCode::ok);
    }

    const SayOptions& options_;
    Errand errand_;
    client::LineReader input_;
    bool ended_;  ///< everything to be said is known
    bool online_ = false;
    std::size_t unanswered_ = 0;
};

}  // namespace

int run_command(const SayOptions& options) {
    return Saying(options).run();
}

}  // namespace chatd::terminal
