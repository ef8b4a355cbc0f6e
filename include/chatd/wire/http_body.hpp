#pragma once
// The body of a request (RFC 9112 6), by Content-Length or in chunks, from pieces cut anywhere.
// A reader is a small value of whoever owns the stream: begin() after each head, then push() what
// follows it. Nothing is kept but how far it is; the content is appended to the caller's string.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/http.hpp"
#include "chatd/wire/problem.hpp"

namespace chatd::wire {

/// What a peer that sent `Expect: 100-continue` waits for (RFC 9110 10.1.1): said when begin()
/// gives `incomplete` and nothing of the body is there yet.
inline constexpr std::string_view continue_answer = "HTTP/1.1 100 Continue\r\n\r\n";

enum class BodyStatus : std::uint8_t {
    incomplete,  ///< push() more
    complete,    ///< the next request begins behind what was consumed
    malformed,   ///< not in chunks; where the next request begins is not known
    too_long,    ///< more than the caller allows; neither is it here
};

class HttpBodyReader {
public:
    /// Begins the body of that request, of at most `bytes_max` bytes of content. `complete` if it
    /// has none, `too_long` if its Content-Length says so already, else `incomplete`.
    BodyStatus begin(const HttpRequest& request, std::size_t bytes_max) noexcept;

    struct Pushed {
        std::size_t consumed = 0;  ///< bytes of the input
        BodyStatus status = BodyStatus::incomplete;
    };
    /// Takes what belongs to the body and appends the content to `body`, never more than bytes_max
    /// in all. Consumes all of the input while `incomplete`, nothing once it is not. What `body`
    /// holds after `malformed` or `too_long` is of no use.
    ///
    /// Chunks are read as RFC 9112 7.1 has them, and strictly: lines end in CR LF, a size has at
    /// most 16 digits, no control character stands in an extension or trailer, trailers are `Name:
    /// value`. Extensions and trailers are skipped, limits::http_chunk_extra_bytes_max in all.
    Pushed push(Bytes input, std::string& body);

    BodyStatus status() const noexcept { return status_; }

private:
    enum class State : std::uint8_t {
        size,       // hex digits
        blank,      // between the size and an extension
        extension,  // behind ';'
        size_lf,
        data,  // of a chunk or of the one content
        data_cr,
        data_lf,
        trailer,  // at the start of a line
        trailer_name,
        trailer_value,
        trailer_lf,
        last_lf,
    };

    std::size_t take_data(Bytes input, std::string& body);
    void take_framing(char byte) noexcept;
    void take_size(char byte) noexcept;
    void take_extension(char byte) noexcept;
    void take_trailer(char byte) noexcept;
    void begin_chunk() noexcept;
    void expect(char wanted, char byte, State next) noexcept;
    void count_extra() noexcept;
    void fail() noexcept { status_ = BodyStatus::malformed; }

    std::uint64_t left_ = 0;         // to come of the chunk or content; its size while that is read
    std::uint64_t allowed_ = 0;      // content that may still be announced
    std::uint32_t extra_bytes_ = 0;  // of extensions and trailers
    std::uint8_t digit_count_ = 0;
    State state_ = State::data;
    BodyStatus status_ = BodyStatus::complete;
    bool chunked_ = false;
};
static_assert(sizeof(HttpBodyReader) <= 24);

/// The answer to `malformed` or `too_long`; the connection closes after it.
Problem problem_of(BodyStatus status, std::size_t bytes_max);

}  // namespace chatd::wire
