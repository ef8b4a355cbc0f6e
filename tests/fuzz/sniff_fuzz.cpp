// The dialect depends on the bytes alone: a sniffer fed in pieces says at every piece what a fresh
// one says of the whole so far, never changes its mind, and has decided at the first newline.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "chatd/base/assert.hpp"
#include "chatd/wire/sniff.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

/// Comparing each prefix is quadratic; further on only the whole is compared.
constexpr std::size_t compared_bytes = 128;

Dialect whole(Bytes input) {
    Sniffer sniffer;
    return sniffer.push(input);
}

/// Cuts the input by its own bytes: the byte at a cut says how long the next piece is.
std::size_t piece_bytes(Bytes rest) {
    return std::min<std::size_t>(1 + (std::to_integer<std::size_t>(rest.front()) & 0xf),
                                 rest.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input = std::as_bytes(std::span(data, size));
    Sniffer sniffer;
    Dialect before = Dialect::undecided;
    for (std::size_t at = 0; at < size;) {
        const Bytes piece = input.subspan(at, piece_bytes(input.subspan(at)));
        at += piece.size();
        const Dialect dialect = sniffer.push(piece);
        if (at <= compared_bytes || at == size) CHATD_ASSERT(dialect == whole(input.first(at)));
        CHATD_ASSERT(before == Dialect::undecided || dialect == before);
        CHATD_ASSERT(dialect == Dialect::undecided || !sniffer.http_method_begun());
        before = dialect;
    }
    const std::size_t newline = as_text(input).find('\n');
    const bool may_be_proxy = as_text(input).starts_with('\r');
    if (newline != std::string_view::npos && !may_be_proxy) {
        CHATD_ASSERT(whole(input.first(newline + 1)) != Dialect::undecided);
    }
    return 0;
}
