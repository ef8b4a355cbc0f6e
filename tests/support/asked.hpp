#pragma once
// A decoded HTTP request for tests, with the head that it borrows from.

#include <initializer_list>
#include <string>
#include <string_view>

#include "chatd/base/assert.hpp"
#include "chatd/wire/http.hpp"

namespace chatd::test {

class Asked {
public:
    /// "GET /healthz" and header lines beside Host, each without its CRLF.
    explicit Asked(std::string_view what, std::initializer_list<std::string_view> lines = {}) {
        head_ += what;
        head_ += " HTTP/1.1\r\nHost: a\r\n";
        for (const std::string_view line : lines) {
            head_ += line;
            head_ += "\r\n";
        }
        head_ += "\r\n";
        const auto decoded = wire::decode_http_request(as_bytes(head_));
        CHATD_ASSERT(decoded.has_value());
        request_ = *decoded;
    }
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;

    const wire::HttpRequest& operator*() const noexcept { return request_; }

private:
    std::string head_;
    wire::HttpRequest request_;
};

}  // namespace chatd::test
