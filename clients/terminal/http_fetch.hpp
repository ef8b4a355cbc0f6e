#pragma once
// GET after GET over one connection that is kept alive: as much of HTTP/1.1 (RFC 9112) as reading a
// resource of chatd takes, with a time limit on each. Blocks. One thread.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/time.hpp"
#include "chatd/client/dial.hpp"
#include "chatd/client/exit_code.hpp"
#include "chatd/client/socket.hpp"
#include "chatd/client/target.hpp"

namespace chatd::terminal {

struct HttpResponse {
    int status = 0;
    std::string body{};
    bool keep_alive = true;
};

/// Takes one whole response off the front of `input`; none while it is not whole; the error says
/// what is wrong with it. Bodies come by Content-Length, as chatd's do.
std::expected<std::optional<HttpResponse>, std::string> take_response(std::string& input);

struct FetchError {
    client::ExitCode code = client::ExitCode::failed;
    std::string message;  ///< one line; safe to show
};

class HttpFetch {
public:
    explicit HttpFetch(client::Target target) : target_(std::move(target)) {}

    /// The body of a 200. Dials if need be, and once more where a kept connection had ended. Any
    /// other status is an error: not_permitted for 403, else failed.
    std::expected<std::string, FetchError> get(std::string_view path);

private:
    std::expected<HttpResponse, FetchError> exchange(std::string_view path);
    std::expected<HttpResponse, FetchError> receive(Time deadline);

    client::Target target_;
    client::Socket socket_;
    bool reused_ = false;  ///< the connection has answered before
};

}  // namespace chatd::terminal
