#pragma once
// Names of members, parameters and methods, told apart by a number first: every request names a
// dozen of them. A plain value that borrows its text; any thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chatd::wire {

class JsonName {
public:
    static constexpr std::size_t head_bytes = sizeof(std::uint64_t);

    constexpr JsonName() noexcept = default;
    constexpr JsonName(std::string_view text) noexcept : text_(text), head_(head_of(text)) {}
    template <std::size_t size>
    consteval JsonName(const char (&literal)[size]) noexcept
        : JsonName(std::string_view(literal, size - 1)) {}
    /// Of a text whose head is known.
    constexpr JsonName(std::string_view text, std::uint64_t head) noexcept
        : text_(text), head_(head) {}

    constexpr std::string_view text() const noexcept { return text_; }
    constexpr operator std::string_view() const noexcept { return text_; }

    /// The first eight bytes, the first one lowest; zero where there are none.
    static constexpr std::uint64_t head_of(std::string_view text) noexcept {
        std::uint64_t head = 0;
        for (std::size_t index = std::min(text.size(), head_bytes); index-- > 0;)
            head = head << 8 | static_cast<unsigned char>(text[index]);
        return head;
    }

    friend constexpr bool operator==(const JsonName& one, const JsonName& other) noexcept {
        if (one.head_ != other.head_ || one.text_.size() != other.text_.size()) return false;
        return one.text_.size() <= head_bytes ||
               one.text_.substr(head_bytes) == other.text_.substr(head_bytes);
    }

private:
    std::string_view text_;
    std::uint64_t head_ = 0;
};

}  // namespace chatd::wire
