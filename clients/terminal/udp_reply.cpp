#include "udp_reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "chatd/wire/hex.hpp"
#include "chatd/wire/shown.hpp"
#include "paint.hpp"

namespace chatd::terminal {

namespace {

double milliseconds(Duration duration) noexcept {
    return std::chrono::duration<double, std::milli>(duration).count();
}

void append_text(std::string& out, Bytes bytes) {
    wire::for_each_line(as_text(bytes), [&](std::string_view line) {
        append_safe(out, line);
        out += '\n';
    });
    if (bytes.empty()) out += '\n';
}

void append_json(std::string& out, Bytes bytes, Duration after) {
    fmt::format_to(std::back_inserter(out), R"({{"after_ms":{:.3f},"length":{},"hex":")",
                   milliseconds(after), bytes.size());
    for (const std::byte byte : bytes) {
        fmt::format_to(std::back_inserter(out), "{:02x}", std::to_integer<unsigned>(byte));
    }
    out += "\"}\n";
}

}  // namespace

void append_reply(std::string& out, Bytes bytes, PrintStyle style, Duration after, bool show_time) {
    if (style == PrintStyle::raw) return append(out, bytes);
    if (style == PrintStyle::json) return append_json(out, bytes, after);
    if (show_time) {
        // Rows of a dump line up only below the time; a single line stands behind it.
        const bool rows = style == PrintStyle::dump ||
                          (style == PrintStyle::automatic && !wire::is_terminal_text(bytes));
        fmt::format_to(std::back_inserter(out), "+{:.3f}ms {}B{}", milliseconds(after),
                       bytes.size(), rows ? '\n' : ' ');
    }
    switch (style) {
        case PrintStyle::automatic:
            if (wire::is_terminal_text(bytes)) return append_text(out, bytes);
            out += wire::print_dump(bytes);
            return;
        case PrintStyle::text:
            return append_text(out, bytes);
        case PrintStyle::hex:
            out += wire::print_hex(bytes) + '\n';
            return;
        case PrintStyle::dump:
            out += bytes.empty() ? "\n" : wire::print_dump(bytes);
            return;
        case PrintStyle::json:
        case PrintStyle::raw:
            return;
    }
}

void Expectation::received(Bytes bytes) {
    ++received_count_;
    const Payload* const wanted = missing();
    if (wanted != nullptr && std::ranges::equal(*wanted, bytes)) ++met_count_;
}

bool Expectation::met() const noexcept {
    if (!expected_.empty()) return met_count_ == expected_.size();
    return replies_ != 0 && received_count_ >= replies_;
}

const Payload* Expectation::missing() const noexcept {
    return met_count_ < expected_.size() ? &expected_[met_count_] : nullptr;
}

}  // namespace chatd::terminal
