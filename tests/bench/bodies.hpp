#pragma once
// What is said in the store's workloads: the text of a message by its number, so that chatd, the
// bare loop and whoever searches need nothing but the number to agree on it.
//
// About nine words of w0 to w4999, small numbers far more often than large ones, as words are in
// any language (w0 stands in about four of ten messages, w4999 in one of 2,500). Every thousandth
// message has a word of its own besides: t0, t1 ...

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>

namespace chatd::bench {

inline constexpr std::size_t said_bytes = 48;  ///< a body has so many, and the last word's rest
inline constexpr std::uint64_t rare_word_each = 1000;

/// SplitMix64: the n-th number of a fixed sequence, in any order.
inline std::uint64_t scrambled(std::uint64_t number) noexcept {
    number += 0x9e3779b97f4a7c15;
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
    return number ^ (number >> 31);
}

inline std::string body_of(std::uint64_t number) {
    constexpr std::uint64_t word_count = 5000;
    constexpr std::uint64_t words_max = 64;
    std::string body;
    if (number % rare_word_each == 0) body = fmt::format("t{}", number / rare_word_each);
    for (std::uint64_t place = 0; body.size() < said_bytes && place < words_max; ++place) {
        const std::uint64_t chance = scrambled(number * words_max + place);
        const double share = static_cast<double>(chance >> 11) / static_cast<double>(1ULL << 53);
        const auto word =
            static_cast<std::uint64_t>(static_cast<double>(word_count) * share * share * share);
        fmt::format_to(std::back_inserter(body), "{}w{}", body.empty() ? "" : " ", word);
    }
    return body;
}

}  // namespace chatd::bench
