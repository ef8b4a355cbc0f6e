#pragma once
// WebSocket conformance as a table: what a client sends to /echo and what must come back. Written
// after RFC 6455 and in the order of the public Autobahn case list, whose numbers stand in
// `section` where a case matches one. The unit test runs it through the decoder, the black-box test
// through a socket (websocket_cases_json prints it).
//
// /echo takes messages to limits::websocket_echo_bytes_max in at most
// limits::websocket_fragments_max frames, returns each as one frame of the same kind, and answers
// each ping by its pong.

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/wire/websocket.hpp"

namespace chatd::test {

/// Bytes that stand `times` times in a row: keeps 16 MiB messages out of the table.
struct Repeated {
    std::string bytes;
    std::size_t times = 1;

    std::string expanded() const {
        std::string all;
        all.reserve(bytes.size() * times);
        for (std::size_t time = 0; time < times; ++time)
            all += bytes;
        return all;
    }
};

struct ExpectedFrame {
    wire::WebSocketOpcode opcode = wire::WebSocketOpcode::text;
    Repeated payload;
};

struct WebSocketCase {
    std::string name;
    std::string section;
    std::vector<Repeated> sent;           ///< masked client frames
    std::vector<ExpectedFrame> expected;  ///< frames before a close, in order
    std::uint16_t close_code = 0;  ///< of the close frame sent; 1005: without a code; 0: none
};

namespace websocket_case_parts {

using wire::WebSocketOpcode;

inline constexpr std::string_view mask_key = "\x37\xfa\x21\x3d";  // RFC 6455 5.7's
inline constexpr unsigned final_bit = 0x80;

enum class LengthForm { shortest, two_bytes, eight_bytes };

inline std::string masked(std::string_view payload) {
    std::string result(payload);
    for (std::size_t index = 0; index < result.size(); ++index) {
        result[index] = static_cast<char>(result[index] ^ mask_key[index % mask_key.size()]);
    }
    return result;
}

/// The header of a masked frame that claims `payload_bytes`, with its first byte given whole.
inline std::string header(unsigned first_byte, std::uint64_t payload_bytes,
                          LengthForm form = LengthForm::shortest) {
    if (form == LengthForm::shortest && payload_bytes > 125) {
        form = payload_bytes > 0xffff ? LengthForm::eight_bytes : LengthForm::two_bytes;
    }
    std::string result(1, static_cast<char>(first_byte));
    std::size_t length_bytes = 0;
    switch (form) {
        case LengthForm::shortest:
            result += static_cast<char>(0x80 | payload_bytes);
            break;
        case LengthForm::two_bytes:
            result += '\xfe', length_bytes = 2;
            break;
        case LengthForm::eight_bytes:
            result += '\xff', length_bytes = 8;
            break;
    }
    for (std::size_t left = length_bytes; left > 0; --left) {
        result += static_cast<char>(payload_bytes >> (8 * (left - 1)) & 0xff);
    }
    return result + std::string(mask_key);
}

inline std::string frame(unsigned first_byte, std::string_view payload,
                         LengthForm form = LengthForm::shortest) {
    return header(first_byte, payload.size(), form) + masked(payload);
}

inline std::string frame(WebSocketOpcode opcode, std::string_view payload, bool final = true) {
    return frame((final ? final_bit : 0U) | static_cast<unsigned>(opcode), payload);
}
inline std::string text(std::string_view payload) {
    return frame(WebSocketOpcode::text, payload);
}
inline std::string text_part(std::string_view payload) {
    return frame(WebSocketOpcode::text, payload, false);
}
inline std::string binary(std::string_view payload) {
    return frame(WebSocketOpcode::binary, payload);
}
inline std::string more(std::string_view payload) {
    return frame(WebSocketOpcode::continuation, payload, false);
}
inline std::string last(std::string_view payload) {
    return frame(WebSocketOpcode::continuation, payload);
}
inline std::string ping(std::string_view payload) {
    return frame(WebSocketOpcode::ping, payload);
}
inline std::string pong(std::string_view payload) {
    return frame(WebSocketOpcode::pong, payload);
}
inline std::string close(unsigned code, std::string_view reason = "") {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    return frame(WebSocketOpcode::close, payload + std::string(reason));
}

inline ExpectedFrame says(std::string_view payload) {
    return {WebSocketOpcode::text, {std::string(payload)}};
}
inline ExpectedFrame gives(std::string_view payload) {
    return {WebSocketOpcode::binary, {std::string(payload)}};
}
inline ExpectedFrame pongs(std::string_view payload) {
    return {WebSocketOpcode::pong, {std::string(payload)}};
}

using namespace std::string_literals;
using Cases = std::vector<WebSocketCase>;

/// A case whose client sends one run of bytes.
inline void add(Cases& cases, std::string name, std::string section, std::string sent,
                std::vector<ExpectedFrame> expected, std::uint16_t close_code = 0) {
    cases.push_back({std::move(name),
                     std::move(section),
                     {{std::move(sent)}},
                     std::move(expected),
                     close_code});
}

inline void add_framing(Cases& cases) {
    const std::size_t sizes[] = {0, 1, 125, 126, 127, 128, 65'535, 65'536};
    for (const std::size_t size : sizes) {
        const std::string payload(size, '*');
        const std::string bytes(size, '\xfe');
        const std::string suffix = " of " + std::to_string(size) + " bytes";
        add(cases, "text" + suffix, "RFC 6455 5.2; Autobahn 1.1", text(payload), {says(payload)});
        add(cases, "binary" + suffix, "RFC 6455 5.2; Autobahn 1.2", binary(bytes), {gives(bytes)});
    }
    add(cases, "the RFC's masked Hello", "RFC 6455 5.7",
        "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s, {says("Hello")});
    add(cases, "the RFC's masked pong is not answered", "RFC 6455 5.7",
        "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s + text("after"), {says("after")});
    add(cases, "a mask of zeroes", "RFC 6455 5.3", "\x81\x83\0\0\0\0abc"s, {says("abc")});
    add(cases, "two texts in one piece", "RFC 6455 5.4", text("one") + text("two"),
        {says("one"), says("two")});
    add(cases, "text holding NUL and newlines", "RFC 6455 5.6", text("a\0b\r\nc"s),
        {says("a\0b\r\nc"s)});

    add(cases, "an unmasked text", "RFC 6455 5.1", "\x81\x05Hello"s, {}, 1002);
    add(cases, "an unmasked empty text", "RFC 6455 5.1", "\x81\0"s, {}, 1002);
    add(cases, "an unmasked ping", "RFC 6455 5.1", "\x89\0"s, {}, 1002);
    add(cases, "an unmasked close", "RFC 6455 5.1", "\x88\x02\x03\xe8"s, {}, 1002);
    add(cases, "an unmasked frame after a good one", "RFC 6455 5.1", text("ok") + "\x81\x01x"s,
        {says("ok")}, 1002);

    const unsigned text_byte = final_bit | 1;
    add(cases, "length 0 in two bytes", "RFC 6455 5.2", frame(text_byte, "", LengthForm::two_bytes),
        {}, 1002);
    add(cases, "length 125 in two bytes", "RFC 6455 5.2",
        frame(text_byte, std::string(125, 'x'), LengthForm::two_bytes), {}, 1002);
    add(cases, "length 125 in eight bytes", "RFC 6455 5.2",
        frame(text_byte, std::string(125, 'x'), LengthForm::eight_bytes), {}, 1002);
    add(cases, "length 65535 in eight bytes", "RFC 6455 5.2",
        header(text_byte, 65'535, LengthForm::eight_bytes), {}, 1002);
    add(cases, "length 2^63", "RFC 6455 5.2", header(text_byte, std::uint64_t{1} << 63), {}, 1002);
    add(cases, "length 2^64-1", "RFC 6455 5.2", header(text_byte, UINT64_MAX), {}, 1002);
    add(cases, "length 2^63-1 is legal and too big", "RFC 6455 7.4.1", header(text_byte, INT64_MAX),
        {}, 1009);
}

inline void add_pings(Cases& cases) {
    add(cases, "an empty ping", "Autobahn 2.1", ping(""), {pongs("")});
    add(cases, "a ping with text", "Autobahn 2.2", ping("Hello, world!"), {pongs("Hello, world!")});
    add(cases, "a ping with bytes that are no text", "Autobahn 2.3", ping("\x00\xff\xfe\xfd\xfc"s),
        {pongs("\x00\xff\xfe\xfd\xfc"s)});
    add(cases, "a ping of 125 bytes", "Autobahn 2.4", ping(std::string(125, '\xfe')),
        {pongs(std::string(125, '\xfe'))});
    add(cases, "a ping of 126 bytes", "Autobahn 2.5", ping(std::string(126, '\xfe')), {}, 1002);
    add(cases, "a pong nobody asked for", "Autobahn 2.7", pong(""), {});
    add(cases, "a pong with payload nobody asked for", "Autobahn 2.8", pong("unasked"), {});
    add(cases, "a pong, then a ping", "Autobahn 2.9", pong("unasked") + ping("asked"),
        {pongs("asked")});
    std::string pings;
    std::vector<ExpectedFrame> answers;
    for (int number = 0; number < 10; ++number) {
        pings += ping("payload-" + std::to_string(number));
        answers.push_back(pongs("payload-" + std::to_string(number)));
    }
    add(cases, "ten pings", "Autobahn 2.10", pings, answers);
    add(cases, "a pong of 126 bytes", "RFC 6455 5.5", pong(std::string(126, 'x')), {}, 1002);
    add(cases, "a ping whose length needs eight bytes", "RFC 6455 5.5", header(0x89, 70'000), {},
        1002);
    add(cases, "a ping of 5 bytes in the two-byte form", "RFC 6455 5.5",
        frame(0x89, "Hello", LengthForm::two_bytes), {}, 1002);
}

inline void add_reserved(Cases& cases) {
    for (unsigned bits = 1; bits <= 7; ++bits) {
        const std::string name = "reserved bits " + std::to_string(bits);
        const std::string section = "RFC 6455 5.2; Autobahn 3." + std::to_string(bits);
        add(cases, name + " in a text", section, text("ok") + frame(0x81 | bits << 4, "Hello"),
            {says("ok")}, 1002);
        add(cases, name + " in a ping", section, frame(0x89 | bits << 4, ""), {}, 1002);
    }
    add(cases, "reserved bit in a continuation", "RFC 6455 5.2", text_part("a") + frame(0xc0, "b"),
        {}, 1002);
    add(cases, "reserved bit in a close", "RFC 6455 5.2", frame(0xc8, "\x03\xe8"), {}, 1002);
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
        const std::string name = "reserved opcode " + std::to_string(opcode);
        const std::string section = opcode < 8 ? "Autobahn 4.1" : "Autobahn 4.2";
        add(cases, name, section, frame(final_bit | opcode, ""), {}, 1002);
        add(cases, name + " with payload between good frames", section,
            text("ok") + frame(final_bit | opcode, "payload") + ping(""), {says("ok")}, 1002);
    }
}

inline void add_fragmentation(Cases& cases) {
    add(cases, "a ping in two frames", "Autobahn 5.1",
        frame(WebSocketOpcode::ping, "frag", false) + last("ment"), {}, 1002);
    add(cases, "a pong in two frames", "Autobahn 5.2",
        frame(WebSocketOpcode::pong, "frag", false) + last("ment"), {}, 1002);
    add(cases, "a close in two frames", "RFC 6455 5.5",
        frame(WebSocketOpcode::close, "\x03\xe8", false) + last("bye"), {}, 1002);
    add(cases, "a text in two frames", "Autobahn 5.3", text_part("frag") + last("ment"),
        {says("fragment")});
    add(cases, "a text in three frames", "RFC 6455 5.4",
        text_part("frag") + more("men") + last("t"), {says("fragment")});
    add(cases, "a binary in two frames", "RFC 6455 5.4",
        frame(WebSocketOpcode::binary, "\xff\xfe", false) + last("\xfd"), {gives("\xff\xfe\xfd")});
    add(cases, "a text in two frames, ping between", "Autobahn 5.6",
        text_part("frag") + ping("ping") + last("ment"), {pongs("ping"), says("fragment")});
    add(cases, "a text in two frames, pong between", "RFC 6455 5.4",
        text_part("frag") + pong("pong") + last("ment"), {says("fragment")});
    add(cases, "a close inside a message ends it", "RFC 6455 5.5.1",
        text_part("frag") + close(1000) + last("ment"), {}, 1000);
    add(cases, "continuation of nothing, final", "Autobahn 5.9", last("stray") + text("late"), {},
        1002);
    add(cases, "continuation of nothing, not final", "Autobahn 5.12", more("stray"), {}, 1002);
    add(cases, "continuation after a finished message", "Autobahn 5.15",
        text_part("frag") + last("ment") + more("stray"), {says("fragment")}, 1002);
    add(cases, "continuation after an unfragmented message", "RFC 6455 5.4",
        text("whole") + last("stray"), {says("whole")}, 1002);
    add(cases, "a text inside a text", "Autobahn 5.18", text_part("frag") + text("new"), {}, 1002);
    add(cases, "a binary inside a text", "RFC 6455 5.4", text_part("frag") + binary("new"), {},
        1002);
    add(cases, "a new fragment inside a text", "RFC 6455 5.4", text_part("frag") + text_part("new"),
        {}, 1002);
    add(cases, "five frames with pings between", "Autobahn 5.19",
        text_part("a") + more("b") + ping("1") + more("c") + more("d") + ping("2") + last("e"),
        {pongs("1"), pongs("2"), says("abcde")});
    add(cases, "a ping of 125 bytes inside a message", "RFC 6455 5.5",
        text_part("frag") + ping(std::string(125, 'p')) + last("ment"),
        {pongs(std::string(125, 'p')), says("fragment")});
    add(cases, "three empty frames", "Autobahn 6.1.2", text_part("") + more("") + last(""),
        {says("")});
    add(cases, "empty frames around text", "Autobahn 6.1.3",
        text_part("") + more("middle") + last(""), {says("middle")});
    add(cases, "a fragmented text, then a whole one", "RFC 6455 5.4",
        text_part("frag") + last("ment") + text("whole"), {says("fragment"), says("whole")});
    add(cases, "a fragmented text, then a fragmented binary", "RFC 6455 5.4",
        text_part("é") + last("!") + frame(WebSocketOpcode::binary, "\xff", false) + last("\xc3"),
        {says("é!"), gives("\xff\xc3")});
    add(cases, "a bad ping inside a message", "RFC 6455 5.5",
        text_part("frag") + frame(0x89, std::string(126, 'x')) + last("ment"), {}, 1002);
}

inline void add_utf8(Cases& cases) {
    const std::string_view good[] = {
        "Hello-µ@ßöäüàá-UTF-8!!",
        "κόσμε",
        "日本語",
        "\xf0\x9f\x92\xac",
        "\x7f",
        "\xc2\x80",
        "\xe0\xa0\x80",
        "\xf0\x90\x80\x80",  // first of each length
        "\xdf\xbf",
        "\xef\xbf\xbf",
        "\xf4\x8f\xbf\xbf",  // last of each length
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbd",  // around the surrogates
        "\xef\xbf\xbe",
        "\xf0\x9f\xbf\xbe",
        "\xf3\xaf\xbf\xbf",  // noncharacters are characters
    };
    const std::string_view bad[] = {
        "\x80",
        "\xbf",
        "\x80\xbf\x80",
        "ok\x81",  // lone continuations
        "\xc3 ",
        "\xe1 ",
        "\xf1 ",
        "\xc3\xc3\xa9",
        "\xe2\x82 ",  // cut short, then more
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x92",  // cut short at the end
        "\xfe",
        "\xff",
        "\xfe\xfe\xff\xff",  // impossible bytes
        "\xc0\xaf",
        "\xe0\x80\xaf",
        "\xf0\x80\x80\xaf",
        "\xc1\xbf",  // overlong
        "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xc0\x80",  // overlong
        "\xf8\x88\x80\x80\x80",
        "\xfc\x84\x80\x80\x80\x80",  // five and six bytes
        "\xf4\x90\x80\x80",
        "\xf7\xbf\xbf\xbf",  // past U+10FFFF
        "\xed\xa0\x80",
        "\xed\xaf\xbf",
        "\xed\xb0\x80",
        "\xed\xbf\xbf",
        "\xed\xa0\x80\xed\xb0\x80",  // a surrogate pair
        "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"
        "edited",
    };
    std::size_t number = 0;
    for (const std::string_view sample : good) {
        const std::string name = "good UTF-8 " + std::to_string(++number);
        add(cases, name, "RFC 6455 8.1; Autobahn 6", text(sample), {says(sample)});
        std::string bytewise = text_part("");
        for (const char byte : sample)
            bytewise += more({&byte, 1});
        add(cases, name + ", a frame for each byte", "RFC 6455 5.6; Autobahn 6.2.3",
            bytewise + last(""), {says(sample)});
    }
    number = 0;
    for (const std::string_view sample : bad) {
        const std::string name = "bad UTF-8 " + std::to_string(++number);
        add(cases, name, "RFC 6455 8.1; Autobahn 6", text(sample), {}, 1007);
        add(cases, name + ", in two frames", "RFC 6455 8.1; Autobahn 6",
            text_part(sample.substr(0, 1)) + last(sample.substr(1)), {}, 1007);
    }
    // RFC 6455 8.1 and Autobahn 6.4: not at the end of the message, but at the byte that spoils it.
    add(cases, "bad text is refused before its frame is whole", "Autobahn 6.4.3",
        header(0x81, 100) + masked("ok\xf4\x90"), {}, 1007);
    add(cases, "bad text is refused before its message is whole", "Autobahn 6.4.1",
        text_part("κόσμε") + more("\xf4\x90\x80\x80"), {}, 1007);
    add(cases, "a surrogate is refused at its second byte", "Autobahn 6.4.4",
        text_part("\xed") + more("\xa0"), {}, 1007);
    add(cases, "bad bytes in a binary are no text", "RFC 6455 5.6", binary("\xff\xc0\x80"),
        {gives("\xff\xc0\x80")});
    add(cases, "a character cut by a ping", "RFC 6455 5.6",
        text_part("\xe2\x82") + ping("\xff") + last("\xac"), {pongs("\xff"), says("€")});
    add(cases, "ASCII inside a character", "RFC 6455 8.1",
        text_part("\xe2\x82") + more("a") + last("\xac"), {}, 1007);
    add(cases, "an empty frame inside a character", "RFC 6455 8.1",
        text_part("\xe2\x82") + more("") + last("\xac"), {says("€")});
    add(cases, "a character left unfinished does not reach the next message", "RFC 6455 8.1",
        text_part("a") + last("\xc3") + text("\xa9"), {}, 1007);
}

inline void add_closes(Cases& cases) {
    add(cases, "an empty close", "Autobahn 7.3.1", frame(WebSocketOpcode::close, ""), {}, 1005);
    add(cases, "a close of one byte", "Autobahn 7.3.2", frame(WebSocketOpcode::close, "a"), {},
        1002);
    add(cases, "a close with code", "Autobahn 7.3.3", close(1000), {}, 1000);
    add(cases, "a close with reason", "Autobahn 7.3.4", close(1000, "Hello World!"), {}, 1000);
    add(cases, "a close with a reason of one byte", "RFC 6455 5.5.1", close(1000, "x"), {}, 1000);
    add(cases, "a close with a reason of 123 bytes", "Autobahn 7.3.5",
        close(1000, std::string(123, '*')), {}, 1000);
    add(cases, "a close of 126 bytes", "Autobahn 7.3.6", close(1000, std::string(124, '*')), {},
        1002);
    add(cases, "a close with a reason that is not UTF-8", "Autobahn 7.5.1",
        close(1000, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"), {}, 1007);
    add(cases, "a close whose reason ends inside a character", "RFC 6455 5.5.1",
        close(1000, "\xe2\x82"), {}, 1007);
    add(cases, "text after a close is not answered", "Autobahn 7.1.2", close(1000) + text("late"),
        {}, 1000);
    add(cases, "a ping after a close is not answered", "Autobahn 7.1.3", close(1000) + ping(""), {},
        1000);
    add(cases, "a second close is not answered", "Autobahn 7.1.4", close(1000) + close(1001), {},
        1000);
    add(cases, "rubbish after a close is ignored", "RFC 6455 5.5.1", close(1000) + "\xff\xff\xff"s,
        {}, 1000);
    add(cases, "echoes come before the close", "Autobahn 7.1.1", text("first") + close(1000),
        {says("first")}, 1000);
    for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U,
                                1012U, 1013U, 1014U, 3000U, 3999U, 4000U, 4999U}) {
        add(cases, "close code " + std::to_string(code), "RFC 6455 7.4; Autobahn 7.7", close(code),
            {}, static_cast<std::uint16_t>(code));
    }
    for (const unsigned code :
         {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65'535U}) {
        add(cases, "close code " + std::to_string(code) + " is not allowed",
            "RFC 6455 7.4; Autobahn 7.9", close(code), {}, 1002);
    }
}

/// Messages too long to write down: `times` pieces of 64 bytes, a multiple of the mask's four.
inline void add_limits(Cases& cases) {
    const std::size_t bytes_max = limits::websocket_echo_bytes_max;
    const std::size_t fragments_max = limits::websocket_fragments_max;
    const std::string piece(64, 'x');
    for (const std::size_t bytes : {std::size_t{256} * 1024, std::size_t{1} << 20, bytes_max}) {
        const std::string name = std::to_string(bytes) + " bytes";
        const std::size_t times = bytes / piece.size();
        const std::size_t frames = std::min(times, fragments_max);
        cases.push_back({"text of " + name,
                         "Autobahn 9.1",
                         {{header(0x81, bytes)}, {masked(piece), times}},
                         {{WebSocketOpcode::text, {piece, times}}},
                         0});
        cases.push_back({"binary of " + name,
                         "Autobahn 9.2",
                         {{header(0x82, bytes)}, {masked(piece), times}},
                         {{WebSocketOpcode::binary, {piece, times}}},
                         0});
        cases.push_back({"text in frames of 64, up to " + name,
                         "Autobahn 9.3",
                         {{text_part(piece)}, {more(piece), frames - 2}, {last(piece)}},
                         {{WebSocketOpcode::text, {piece, frames}}},
                         0});
    }
    add(cases, "a message one byte too big, from its header", "RFC 6455 7.4.1",
        header(0x82, bytes_max + 1), {}, 1009);
    cases.push_back(
        {"a message that becomes too big by a second frame",
         "RFC 6455 7.4.1",
         {{header(0x02, bytes_max)}, {masked(piece), bytes_max / piece.size()}, {header(0x80, 1)}},
         {},
         1009});
    cases.push_back({"as many frames as a message may have",
                     "RFC 6455 10.4",
                     {{text_part("x")}, {more("x"), fragments_max - 2}, {last("x")}},
                     {{WebSocketOpcode::text, {"x", fragments_max}}},
                     0});
    cases.push_back({"one frame more than a message may have",
                     "RFC 6455 10.4",
                     {{text_part("x")}, {more("x"), fragments_max - 1}, {last("x")}},
                     {},
                     1009});
    cases.push_back({"empty frames count as well",
                     "RFC 6455 10.4",
                     {{text_part("")}, {more(""), fragments_max - 1}, {more("")}},
                     {},
                     1009});
}

}  // namespace websocket_case_parts

inline std::vector<WebSocketCase> websocket_cases() {
    std::vector<WebSocketCase> cases;
    websocket_case_parts::add_framing(cases);
    websocket_case_parts::add_pings(cases);
    websocket_case_parts::add_reserved(cases);
    websocket_case_parts::add_fragmentation(cases);
    websocket_case_parts::add_utf8(cases);
    websocket_case_parts::add_closes(cases);
    websocket_case_parts::add_limits(cases);
    return cases;
}

}  // namespace chatd::test
