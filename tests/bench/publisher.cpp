// Says messages in the lobby by JSON-RPC, at most WINDOW of them without their answer, which comes
// after the commit. Every answer is checked for its request and its number, every echo counted.
//
//     publisher PORT FIRST COUNT WINDOW [keyed]
//
// FIRST is the number of the first body (bodies.hpp). Prints one object of JSON.

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "bodies.hpp"
#include "loopback.hpp"

namespace {

using namespace chatd::bench;

constexpr std::size_t out_bytes_max = 1 << 20;
constexpr int silence_ms_max = 20'000;

struct Task {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    std::uint64_t window = 0;
    bool keyed = false;
};

class Publisher {
public:
    Publisher(Connection& connection, const Task& task)
        : connection_(connection), task_(task), said_at_(task.count), waited_(task.count) {}

    void run() {
        while (answered_ < task_.count || echoed_ < task_.count) {
            say();
            pollfd ready{connection_.socket(), POLLIN, 0};
            if (!out_.empty()) ready.events |= POLLOUT;
            if (poll(&ready, 1, silence_ms_max) == 0) fail_at("nothing came any more", "");
            if ((ready.revents & POLLOUT) != 0) connection_.send_some(out_);
            if ((ready.revents & POLLIN) == 0) continue;
            connection_.receive(MSG_DONTWAIT);
            while (const auto line = connection_.take_line())
                hear(*line);
        }
    }

    /// Seconds from saying to the answer, of that part of all messages.
    double waited(double part) {
        std::sort(waited_.begin(), waited_.end());
        return waited_[static_cast<std::size_t>(part * static_cast<double>(task_.count - 1))];
    }

private:
    void say() {
        const double now = seconds_now();
        while (said_ < task_.count && said_ - answered_ < task_.window &&
               out_.size() < out_bytes_max) {
            const std::uint64_t number = task_.first + said_;
            fmt::format_to(std::back_inserter(out_),
                           R"({{"jsonrpc":"2.0","id":{},"method":"say","params":{{"body":"{}")",
                           said_, body_of(number));
            if (task_.keyed) fmt::format_to(std::back_inserter(out_), R"(,"key":"key-{}")", number);
            out_ += "}}\n";
            said_at_[said_++] = now;
        }
    }

    void hear(std::string_view line) {
        if (is_message(line)) {
            ++echoed_;
        } else if (is_answer(line)) {
            const std::uint64_t seq = number_in(line, R"("seq":)");
            const bool expected = line.ends_with(fmt::format(R"("id":{}}})", answered_));
            if (!expected || (seq_ != 0 && seq != seq_ + 1)) fail_at("not the next answer", line);
            seq_ = seq;
            waited_[answered_] = seconds_now() - said_at_[answered_];
            ++answered_;
        } else {
            fail_at("neither answer nor echo", line);
        }
    }

    Connection& connection_;
    const Task task_;
    std::string out_;
    std::uint64_t said_ = 0;
    std::uint64_t answered_ = 0;
    std::uint64_t echoed_ = 0;
    std::uint64_t seq_ = 0;
    std::vector<double> said_at_;
    std::vector<double> waited_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5 || argc > 6) {
        std::fprintf(stderr, "usage: publisher PORT FIRST COUNT WINDOW [keyed]\n");
        return 64;
    }
    const auto number = [&](int index) { return std::strtoull(argv[index], nullptr, 10); };
    const Task task{.first = number(2),
                    .count = number(3),
                    .window = number(4),
                    .keyed = argc == 6 && std::strcmp(argv[5], "keyed") == 0};
    if (task.count == 0 || task.window == 0) return 64;

    Connection connection(static_cast<std::uint16_t>(number(1)));
    connection.send_all("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"hello\"}\n");
    if (const std::string hello = connection.line(); !is_answer(hello)) fail_at("hello", hello);
    Publisher publisher(connection, task);
    const double began_at = seconds_now();
    publisher.run();
    const double seconds = seconds_now() - began_at;
    fmt::print(R"({{"seconds":{:.6f},"p50_us":{:.1f},"p99_us":{:.1f}}})"
               "\n",
               seconds, publisher.waited(0.5) * 1e6, publisher.waited(0.99) * 1e6);
    return 0;
}
