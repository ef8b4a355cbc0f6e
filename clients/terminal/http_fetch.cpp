#include "http_fetch.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "chatd/client/clock.hpp"
#include "chatd/wire/http.hpp"
#include "chatd/wire/json_reader.hpp"
#include "paint.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

constexpr Duration answer_time_max = std::chrono::seconds(10);
constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t body_bytes_max = 4 * 1024 * 1024;

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

// Waits for the socket; false when the time is over.
bool wait_for(int fd, short events, Time deadline) {
    pollfd wanted{fd, events, 0};
    while (true) {
        const int ready = ::poll(&wanted, 1, client::poll_timeout_ms(client::now(), deadline));
        if (ready > 0) return true;
        if (ready == 0 && client::now() >= deadline) return false;
        if (ready < 0 && errno != EINTR) return true;  // the read or write says what it is
    }
}

FetchError broken(int error) {
    return {ExitCode::io_error, fmt::format("the connection broke: {}", client::error_text(error))};
}
FetchError too_slow() {
    return {ExitCode::timed_out, "chatd did not answer within 10 s; is that the right port?"};
}

// "That is told ... (LOCAL_ONLY)": of a problem+json, else of nothing.
std::string detail_of(std::string_view body) {
    wire::JsonReader reader(body_bytes_max, 8);
    const auto problem = reader.read(as_bytes(body));
    const auto detail = problem ? problem->find("detail") : std::nullopt;
    if (!detail || !detail->is(wire::JsonKind::string)) return {};
    std::string safe;
    append_safe(safe, detail->text());
    return safe;
}

}  // namespace

std::expected<std::optional<HttpResponse>, std::string> take_response(std::string& input) {
    constexpr std::string_view no_http = "what answers there does not speak HTTP";
    constexpr std::string_view version = "HTTP/1.";
    const std::size_t head_end = input.find("\r\n\r\n");
    const std::size_t begun = std::min(input.size(), version.size());
    const bool begins = input.compare(0, begun, version, 0, begun) == 0;
    if (!begins || (head_end == input.npos && input.size() > head_bytes_max)) {
        return std::unexpected(std::string(no_http));
    }
    if (head_end == input.npos) return std::nullopt;
    HttpResponse response;
    std::string_view head = std::string_view(input).substr(0, head_end);
    const std::string_view first = head.substr(0, head.find("\r\n"));
    if (first.size() < 12 || !read_number(first.substr(9, 3), response.status)) {
        return std::unexpected(std::string(no_http));
    }
    std::size_t length = 0;
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(head.size(), line.size() + 2));
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view name = line.substr(0, colon);
        const std::string_view value =
            wire::trim_blanks(line.substr(std::min(colon + 1, line.size())));
        if (equal_without_case(name, "Content-Length") && !read_number(value, length)) {
            return std::unexpected(std::string(no_http));
        }
        if (equal_without_case(name, "Connection") && equal_without_case(value, "close")) {
            response.keep_alive = false;
        }
    }
    if (length > body_bytes_max) return std::unexpected(std::string("the answer is too long"));
    const std::size_t whole = head_end + 4 + length;
    if (input.size() < whole) return std::nullopt;
    response.body = input.substr(head_end + 4, length);
    input.erase(0, whole);
    return response;
}

std::expected<HttpResponse, FetchError> HttpFetch::receive(Time deadline) {
    std::string input;
    std::array<char, 64 * 1024> buffer;
    while (true) {
        auto response = take_response(input);
        if (!response) return std::unexpected(FetchError{ExitCode::failed, response.error()});
        if (std::optional<HttpResponse>& whole = *response) return std::move(*whole);
        if (!wait_for(socket_.fd(), POLLIN, deadline)) return std::unexpected(too_slow());
        const ssize_t bytes = ::recv(socket_.fd(), buffer.data(), buffer.size(), 0);
        if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (bytes <= 0) return std::unexpected(broken(bytes == 0 ? ECONNRESET : errno));
        input.append(buffer.data(), static_cast<std::size_t>(bytes));
    }
}

std::expected<HttpResponse, FetchError> HttpFetch::exchange(std::string_view path) {
    if (!socket_) {
        auto dialled = client::dial_tcp(target_);
        if (!dialled) {
            return std::unexpected(
                FetchError{dialled.error().exit_code(), std::move(dialled.error().message)});
        }
        socket_ = std::move(*dialled);
        reused_ = false;
    }
    const std::string request =
        fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", path, target_.text());
    const Time deadline = client::now() + answer_time_max;
    for (std::string_view left = request; !left.empty();) {
        if (!wait_for(socket_.fd(), POLLOUT, deadline)) return std::unexpected(too_slow());
        const ssize_t bytes = ::send(socket_.fd(), left.data(), left.size(), MSG_NOSIGNAL);
        if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (bytes < 0) return std::unexpected(broken(errno));
        left.remove_prefix(static_cast<std::size_t>(bytes));
    }
    return receive(deadline);
}

std::expected<std::string, FetchError> HttpFetch::get(std::string_view path) {
    auto response = exchange(path);
    // Between two requests a server may end a connection that it kept.
    if (!response && response.error().code == ExitCode::io_error && reused_) {
        socket_.close();
        response = exchange(path);
    }
    if (!response) {
        socket_.close();
        return std::unexpected(std::move(response.error()));
    }
    reused_ = true;
    if (!response->keep_alive) socket_.close();
    if (response->status == 200) return std::move(response->body);
    const std::string detail = detail_of(response->body);
    const ExitCode code = response->status == 403 ? ExitCode::not_permitted : ExitCode::failed;
    return std::unexpected(FetchError{
        code, detail.empty() ? fmt::format("the server answered {}", response->status) : detail});
}

}  // namespace chatd::terminal
