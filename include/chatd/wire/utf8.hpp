#pragma once
// Is this UTF-8? Two answers to the one question of RFC 3629: utf8_valid() for text that lies in
// one piece, Utf8Checker for text that arrives cut anywhere (a WebSocket message in fragments).
// Both accept exactly the same texts. Nothing is kept but the checker's own four bytes; bytes are
// borrowed for the call. A checker belongs to one thread, utf8_valid() to any.

#include <cstdint>

#include "chatd/base/bytes.hpp"

namespace chatd::wire {

/// True if `text` is well-formed UTF-8 from its first byte to its last; the empty text is. Control
/// characters and NUL are well-formed. Any size; about 10 ns for a chat line.
bool utf8_valid(Bytes text) noexcept;

/// Checks one text piece by piece and fails at the first byte after which nothing that could follow
/// would make it valid (RFC 6455 8.1 lets a server fail a message before its end).
class Utf8Checker {
public:
    /// Takes the next bytes of the text. False as soon as the text cannot become valid, and then
    /// for good until reset().
    bool push(Bytes more) noexcept;

    /// True if the text so far is valid and does not end within a character.
    bool complete() const noexcept { return state_.following == 0 && !failed_; }

    /// Begins a new text.
    void reset() noexcept { *this = Utf8Checker(); }

private:
    /// What the next byte must be when `following` continuation bytes are still to come.
    struct State {
        std::uint8_t following = 0;
        std::uint8_t low = 0x80;
        std::uint8_t high = 0xbf;
    };
    static bool begin(std::uint8_t lead, State& state) noexcept;

    State state_;
    bool failed_ = false;
};
static_assert(sizeof(Utf8Checker) <= 8);

}  // namespace chatd::wire
