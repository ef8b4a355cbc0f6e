// Clients that all come back at once, each with a session and a position of its own behind.
//
//     resume_storm prepare PORT FOLDER CLIENTS BEHIND
//         opens CLIENTS sessions and leaves them, then says BEHIND messages in the lobby and keeps
//         in FOLDER the tokens, and the messages as a reader gets them
//     resume_storm storm PORT FOLDER CLIENTS
//         resumes all of these sessions: client i has missed the last 1 + i % BEHIND messages, and
//         must get exactly those bytes after its answer, then nothing. Prints one object of JSON
//
// The second part needs no chatd: resume_floor sends the same bytes.

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <vector>

#include "bodies.hpp"
#include "loopback.hpp"

namespace {

using namespace chatd::bench;

constexpr std::uint32_t unanswered_max = 1024;  // fits the backlog of who listens
constexpr std::size_t said_at_once_max = 64;
constexpr double seconds_max = 60;

// -- prepare ---------------------------------------------------------------------------------

std::string open_session(Connection& connection) {
    connection.send_all("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}\n");
    const std::string answer = connection.line();
    const std::string_view token = text_in(answer, R"("token":")");
    if (!is_answer(answer) || token.empty()) fail_at("hello", answer);
    return std::string(token);
}

void open_sessions(std::uint16_t port, std::uint32_t count, std::ofstream& tokens) {
    for (std::uint32_t client = 0; client < count; ++client) {
        Connection connection(port);
        tokens << open_session(connection) << '\n';
    }
}

// Says the messages and hears them: what comes back is what every reader of the room gets.
void say_and_hear(std::uint16_t port, std::uint32_t count, std::ofstream& lines) {
    Connection connection(port);
    static_cast<void>(open_session(connection));
    std::uint64_t seq = 0;
    for (std::uint32_t said = 0, heard = 0; heard < count;) {
        std::string out;
        for (; said < count && said - heard < said_at_once_max; ++said) {
            fmt::format_to(std::back_inserter(out),
                           R"({{"jsonrpc":"2.0","id":{},"method":"say","params":{{"body":"{}"}}}})"
                           "\n",
                           said, body_of(said));
        }
        connection.send_all(out);
        const std::string line = connection.line();
        if (is_answer(line)) continue;
        const std::uint64_t found = number_in(line, R"("seq":)");
        const bool next = is_message(line) && (seq == 0 || found == seq + 1) &&
                          text_in(line, R"("body":")") == body_of(heard);
        if (!next) fail_at("not the next message", line);
        seq = found;
        lines << line << '\n';
        ++heard;
    }
}

int prepare(std::uint16_t port, const std::string& folder, std::uint32_t clients,
            std::uint32_t behind) {
    std::ofstream tokens(folder + "/tokens");
    std::ofstream lines(folder + "/lines");
    open_sessions(port, clients, tokens);
    say_and_hear(port, behind, lines);
    return tokens.flush() && lines.flush() ? 0 : exit_failed;
}

// -- storm -----------------------------------------------------------------------------------

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// The messages as one piece of text; where each begins, and what stands before it.
struct Missed {
    std::string text;
    std::vector<std::size_t> begins;
    std::uint64_t epoch = 0;
    std::uint64_t first_seq = 0;

    explicit Missed(const std::string& path) {
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);) {
            if (begins.empty()) {
                epoch = number_in(line, R"("epoch":)");
                first_seq = number_in(line, R"("seq":)");
            }
            begins.push_back(text.size());
            text += line + '\n';
        }
        if (begins.empty() || first_seq == 0) fail_at("no messages in", path);
    }
};

struct Client {
    std::unique_ptr<Connection> connection;
    std::uint32_t behind = 0;
    std::size_t expected = 0;  ///< where in Missed::text its next byte stands
    bool answered = false;
    double began_at = 0;
    std::string answer;  ///< as much as there is of it
};

class Storm {
public:
    Storm(std::uint16_t port, const Missed& missed, std::vector<std::string> tokens)
        : port_(port),
          missed_(missed),
          tokens_(std::move(tokens)),
          clients_(tokens_.size()),
          epoll_(epoll_create1(EPOLL_CLOEXEC)),
          buffer_(std::make_unique<char[]>(buffer_bytes)) {
        if (epoll_ < 0) fail("epoll");
    }
    Storm(const Storm&) = delete;
    Storm& operator=(const Storm&) = delete;
    ~Storm() { ::close(epoll_); }

    void run() {
        const double began_at = seconds_now();
        const double cpu_before = cpu_seconds();
        while (done_ < clients_.size()) {
            while (opened_ < clients_.size() && opened_ - answered_ < unanswered_max)
                open(opened_++);
            turn();
            if (seconds_now() - began_at > seconds_max) fail_at("not caught up in time", report());
        }
        seconds_ = seconds_now() - began_at;
        cpu_seconds_ = cpu_seconds() - cpu_before;
    }

    std::string report() {
        std::sort(waited_.begin(), waited_.end());
        const auto part_ms = [&](double part) {
            if (waited_.empty()) return 0.0;
            return 1e3 * waited_[static_cast<std::size_t>(part *
                                                          static_cast<double>(waited_.size() - 1))];
        };
        return fmt::format(R"({{"clients":{},"done":{},"messages":{},"bytes":{},"seconds":{:.6f},)"
                           R"("cpu_seconds":{:.6f},"p50_ms":{:.3f},"p99_ms":{:.3f}}})",
                           clients_.size(), done_, messages_, bytes_, seconds_, cpu_seconds_,
                           part_ms(0.5), part_ms(0.99));
    }

private:
    static constexpr std::size_t buffer_bytes = 256 * 1024;
    static constexpr int events_max = 256;
    static constexpr std::size_t answer_bytes_max = 4096;

    void open(std::uint32_t index) {
        Client& client = clients_[index];
        client.behind = 1 + index % static_cast<std::uint32_t>(missed_.begins.size());
        const std::size_t first = missed_.begins.size() - client.behind;
        client.expected = missed_.begins[first];
        client.began_at = seconds_now();
        client.connection = std::make_unique<Connection>(port_);
        client.connection->send_all(fmt::format(
            R"({{"jsonrpc":"2.0","id":1,"method":"resume","params":{{"token":"{}","rooms":)"
            R"([{{"room":"lobby","since":{{"epoch":{},"seq":{}}}}}]}}}})"
            "\n",
            tokens_[index], missed_.epoch, missed_.first_seq + first - 1));
        epoll_event event{.events = EPOLLIN, .data = {.u32 = index}};
        epoll_ctl(epoll_, EPOLL_CTL_ADD, client.connection->socket(), &event);
    }

    void turn() {
        std::array<epoll_event, events_max> events;
        const int count = epoll_wait(epoll_, events.data(), events_max, 100);
        for (int index = 0; index < count; ++index)
            receive(clients_[events[static_cast<std::size_t>(index)].data.u32]);
    }

    void receive(Client& client) {
        const ssize_t got =
            ::recv(client.connection->socket(), buffer_.get(), buffer_bytes, MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) return;
        if (got < 0) fail("recv");
        if (got == 0) fail_at("closed after", client.answer);
        std::string_view bytes(buffer_.get(), static_cast<std::size_t>(got));
        bytes_ += bytes.size();
        if (!client.answered) take_answer(client, bytes);
        take_messages(client, bytes);
    }

    void take_answer(Client& client, std::string_view& bytes) {
        const std::size_t end = bytes.find('\n');
        client.answer += bytes.substr(0, end);
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
        if (client.answer.size() > answer_bytes_max) fail_at("no answer", client.answer);
        if (end == std::string_view::npos) return;
        const bool good = is_answer(client.answer) &&
                          client.answer.find(R"("recovered":true)") != std::string::npos;
        if (!good) fail_at("not recovered", client.answer);
        client.answered = true;
        ++answered_;
    }

    void take_messages(Client& client, std::string_view bytes) {
        if (bytes.empty()) return;
        const auto rest = std::string_view(missed_.text).substr(client.expected);
        if (!rest.starts_with(bytes)) fail_at("not what was missed", bytes);
        client.expected += bytes.size();
        if (client.expected < missed_.text.size()) return;
        ++done_;
        messages_ += client.behind;
        waited_.push_back(seconds_now() - client.began_at);
    }

    const std::uint16_t port_;
    const Missed& missed_;
    const std::vector<std::string> tokens_;
    std::vector<Client> clients_;
    int epoll_;
    std::unique_ptr<char[]> buffer_;
    std::uint32_t opened_ = 0;
    std::uint32_t answered_ = 0;
    std::uint32_t done_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t bytes_ = 0;
    double seconds_ = 0;
    double cpu_seconds_ = 0;
    std::vector<double> waited_;
};

int storm(std::uint16_t port, const std::string& folder, std::uint32_t clients) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    const Missed missed(folder + "/lines");
    std::vector<std::string> tokens;
    std::ifstream file(folder + "/tokens");
    for (std::string token; tokens.size() < clients && std::getline(file, token);)
        tokens.push_back(token);
    if (tokens.size() < clients) fail_at("too few tokens in", folder);
    Storm running(port, missed, std::move(tokens));
    running.run();
    fmt::print("{}\n", running.report());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const auto number = [&](int index) {
        return static_cast<std::uint32_t>(std::strtoul(argv[index], nullptr, 10));
    };
    const bool counted = argc > 4 && number(4) > 0;
    const auto port = static_cast<std::uint16_t>(argc > 2 ? number(2) : 0);
    if (counted && argc == 6 && std::strcmp(argv[1], "prepare") == 0 && number(5) > 0)
        return prepare(port, argv[3], number(4), number(5));
    if (counted && argc == 5 && std::strcmp(argv[1], "storm") == 0)
        return storm(port, argv[3], number(4));
    std::fprintf(stderr,
                 "usage: resume_storm prepare PORT FOLDER CLIENTS BEHIND\n"
                 "       resume_storm storm PORT FOLDER CLIENTS\n");
    return 64;
}
