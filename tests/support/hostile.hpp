#pragma once
// Names as the rules allow them, and bodies that try to be something else: what property tests feed
// to whatever writes lines.

#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/base/prng.hpp"

namespace chatd::test {

inline std::string random_name(Prng& prng) {
    constexpr std::string_view name_bytes =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    std::string name(1, name_bytes[prng.below(52)]);
    while (name.size() < limits::name_bytes_max && prng.chance(75)) {
        name += name_bytes[prng.below(name_bytes.size())];
    }
    return name;
}

/// Pieces that give lines of the dialect their shape, and what might break out of one.
inline std::string hostile_body(Prng& prng) {
    static const std::vector<std::string> pieces = {"<bob> ",
                                                    "* bob ",
                                                    "@bob ",
                                                    "(removed)",
                                                    "re 41 <bob> hi",
                                                    "NOTE * EDITED #dev 41 bob :",
                                                    "\xee\x80\x80",
                                                    "\xee\x80\x81",
                                                    "#dev ",
                                                    "#dev <bob> hi",
                                                    "-- ",
                                                    "-- bob joined #dev",
                                                    "FAIL ",
                                                    "NOTE * WELCOME #lobby :",
                                                    "WARN X Y :",
                                                    "[udp:7 4B] de ad",
                                                    "[bob 4B] ",
                                                    " :",
                                                    ">",
                                                    "]",
                                                    "<",
                                                    "*",
                                                    "#",
                                                    "\n",
                                                    "\r",
                                                    "\r\n",
                                                    "\xe2\x80\xa8",
                                                    "\xe2\x80\xa9",
                                                    "\xc2\x85",
                                                    "\x0b",
                                                    "\x0c",
                                                    "\x1b[2K",
                                                    "\x08",
                                                    "\x7f",
                                                    "\xe2\x80\xae",
                                                    "\xef\xbb\xbf",
                                                    "\xe2\x90\x8a",
                                                    "a",
                                                    " ",
                                                    "\t",
                                                    "\xc3\xbc",
                                                    "\xf0\x9f\x98\x80"};
    std::string body;
    for (auto left = prng.below(10); left > 0; --left)
        body += pieces[prng.below(pieces.size())];
    return body;
}

}  // namespace chatd::test
