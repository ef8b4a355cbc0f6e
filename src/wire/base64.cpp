#include "wire/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace chatd::wire {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encode(Bytes bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(3, bytes.size()))) {
        std::uint32_t group = 0;
        for (std::size_t index = 0; index < 3; ++index) {
            group <<= 8;
            if (index < bytes.size()) group |= std::to_integer<std::uint32_t>(bytes[index]);
        }
        for (std::size_t index = 0; index < 4; ++index) {
            text += index <= bytes.size() ? alphabet[group >> (18 - 6 * index) & 0x3f] : '=';
        }
    }
    return text;
}

std::optional<std::size_t> base64_decoded_bytes(std::string_view text) noexcept {
    if (text.size() % 4 != 0) return {};
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    const bool foreign = text.find_first_not_of(alphabet) != text.npos;
    if (foreign) return {};
    return (text.size() + padding) / 4 * 3 - padding;
}

}  // namespace chatd::wire
