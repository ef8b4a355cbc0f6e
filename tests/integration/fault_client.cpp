// The C++ library as a program for the fault tests: fault_client HOST:PORT NICK ROOM [MAX]
// Says each line of stdin, prints {"heard"}, {"said"} and {"state"} as they happen, and ends when
// stdin does and everything is said, or with 1 when it gives up.

#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/client/client.hpp"
#include "chatd/client/clock.hpp"
#include "chatd/client/line_reader.hpp"
#include "chatd/wire/json_text.hpp"

using namespace chatd;
using namespace std::chrono_literals;

namespace {

template <std::size_t size>
void tell(const char (&what)[size], std::string_view text) {
    std::string line;
    wire::JsonObject object(line);
    object.text(what, text);
    object.close();
    std::puts(line.c_str());
    std::fflush(stdout);
}

client::ClientOptions options_of(const std::vector<std::string>& words) {
    client::ClientOptions options;
    options.session.nick = words[1];
    options.session.rooms = {words[2]};
    options.session.ping_interval = 300ms;
    options.session.silence_max = 500ms;
    options.servers = {client::parse_target(words[0], client::tcp_port_default).value()};
    options.retry.base = 20ms;
    options.retry.cap = 200ms;
    options.retry.attempts_max = 10'000;
    if (words.size() > 3) {
        options.retry.attempts_max = static_cast<std::uint32_t>(std::stoul(words[3]));
    }
    return options;
}

class Speaker {
public:
    explicit Speaker(const std::vector<std::string>& words)
        : client_(options_of(words)), room_(words[2]) {}

    int run() {
        while (!client_.ended() && !(input_ended_ && client_.session().outbox().size() == 0)) {
            turn();
        }
        return client_.ended() ? EXIT_FAILURE : EXIT_SUCCESS;
    }

private:
    void turn() {
        std::vector<pollfd> fds{{input_ended_ ? -1 : STDIN_FILENO, POLLIN, 0}};
        client_.add_polled(fds);
        ::poll(fds.data(), fds.size(), client::poll_timeout_ms(client::now(), client_.deadline()));
        if (fds[0].revents != 0) read();
        client_.turn(client::now());
        while (const auto event = client_.session().next_event())
            take(*event);
        client_.flush(client::now());
    }

    void read() {
        std::array<char, 4096> buffer{};
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count <= 0) {
            input_ended_ = true;
            return;
        }
        const std::string_view text(buffer.data(), static_cast<std::size_t>(count));
        input_.feed(as_bytes(text), [this](std::string_view line) {
            bodies_.emplace(client_.session().say(room_, line).value(), line);
        });
    }

    void take(const client::Event& event) {
        if (const auto* message = std::get_if<client::Message>(&event)) {
            tell("heard", message->body);
        } else if (const auto* said = std::get_if<client::Said>(&event)) {
            tell("said", bodies_.extract(said->key).mapped());
        } else if (std::holds_alternative<client::Online>(event)) {
            tell("state", "online");
        } else if (std::holds_alternative<client::Offline>(event)) {
            tell("state", "offline");
        }
    }

    client::Client client_;
    std::string room_;
    client::LineReader input_;
    std::map<std::string, std::string> bodies_;  ///< of lines to be said, by their keys
    bool input_ended_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 3) return std::fputs("fault_client HOST:PORT NICK ROOM [MAX]\n", stderr), 64;
    return Speaker(words).run();
}
