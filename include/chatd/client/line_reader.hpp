#pragma once
// Bytes in, lines out, however the bytes were cut on the way. Keeps only the unfinished last line,
// so thousands of idle readers cost nothing and all share one receive buffer. Lines are handed to
// the caller as views that are valid during the call. One thread at a time.

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "chatd/base/bytes.hpp"

namespace chatd::client {

/// Twice what a server line may hold (limits::record_bytes_max): beyond is no chatd.
inline constexpr std::size_t reader_line_bytes_max = 64 * 1024;

class LineReader {
public:
    /// A line longer than `line_bytes_max` is handed out in pieces of at most that size.
    explicit LineReader(std::size_t line_bytes_max = reader_line_bytes_max) noexcept
        : line_bytes_max_(line_bytes_max) {}

    /// Takes the next bytes and calls on_line(std::string_view) for each line they complete,
    /// without its LF (a CR before it stays). Every byte is looked at once, in any cutting.
    template <class OnLine>
    void feed(Bytes bytes, OnLine&& on_line) {
        std::string_view rest = as_text(bytes);
        while (!rest.empty()) {
            const void* const found = std::memchr(rest.data(), '\n', rest.size());
            const bool ended = found != nullptr;
            const std::size_t until =
                ended ? static_cast<std::size_t>(static_cast<const char*>(found) - rest.data())
                      : rest.size();
            take(rest.substr(0, until), ended, on_line);
            rest.remove_prefix(until + (ended ? 1 : 0));
        }
    }

    /// At the end of the stream: what came after the last LF, if anything, counts as a line.
    template <class OnLine>
    void finish(OnLine&& on_line) {
        if (!unfinished_.empty()) on_line(std::string_view(unfinished_));
        unfinished_.clear();
    }

    std::size_t unfinished_bytes() const noexcept { return unfinished_.size(); }

private:
    template <class OnLine>
    void take(std::string_view piece, bool ended, OnLine& on_line) {
        while (unfinished_.size() + piece.size() > line_bytes_max_) {
            const std::size_t fitting = line_bytes_max_ - unfinished_.size();
            unfinished_.append(piece.substr(0, fitting));
            piece.remove_prefix(fitting);
            finish(on_line);
        }
        if (ended && unfinished_.empty()) {
            on_line(piece);  // the common case: the whole line lies in the caller's buffer
            return;
        }
        unfinished_.append(piece);
        if (!ended) return;
        on_line(std::string_view(unfinished_));
        unfinished_.clear();
    }

    std::size_t line_bytes_max_;
    std::string unfinished_;
};

}  // namespace chatd::client
