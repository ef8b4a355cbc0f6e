// Chunks are read here and not by Boost.Beast: its parser (1.74) wants an unfinished line shown to
// it again, asserts when the last chunk's line comes without the empty line behind it, and takes a
// bare LF in a quoted extension, where other readers of the same bytes see a line's end.

#include "chatd/wire/http_body.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chatd/base/assert.hpp"
#include "chatd/base/limits.hpp"
#include "wire/characters.hpp"

namespace chatd::wire {

namespace {

constexpr std::uint8_t size_digits_max = 16;  // 64 bits

}  // namespace

BodyStatus HttpBodyReader::begin(const HttpRequest& request, std::size_t bytes_max) noexcept {
    *this = HttpBodyReader();
    if (!request.has_body()) return status_;
    allowed_ = bytes_max;
    chunked_ = request.chunked;
    state_ = chunked_ ? State::size : State::data;
    left_ = request.body_bytes;
    status_ = left_ > allowed_ ? BodyStatus::too_long : BodyStatus::incomplete;
    return status_;
}

HttpBodyReader::Pushed HttpBodyReader::push(Bytes input, std::string& body) {
    std::size_t consumed = 0;
    while (status_ == BodyStatus::incomplete && consumed < input.size()) {
        if (state_ == State::data) {
            consumed += take_data(input.subspan(consumed), body);
        } else {
            take_framing(std::to_integer<char>(input[consumed]));
            ++consumed;
        }
    }
    return {consumed, status_};
}

std::size_t HttpBodyReader::take_data(Bytes input, std::string& body) {
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    append(body, input.first(taken));
    left_ -= taken;
    if (left_ != 0) return taken;
    if (chunked_) {
        state_ = State::data_cr;
    } else {
        status_ = BodyStatus::complete;
    }
    return taken;
}

void HttpBodyReader::take_framing(char byte) noexcept {
    switch (state_) {
        case State::size:
            return take_size(byte);
        case State::blank:
        case State::extension:
            return take_extension(byte);
        case State::size_lf:
            if (byte != '\n') return fail();
            return begin_chunk();
        case State::data:
            CHATD_ASSERT(state_ != State::data);
            return;
        case State::data_cr:
            return expect('\r', byte, State::data_lf);
        case State::data_lf:
            return expect('\n', byte, State::size);
        case State::trailer:
        case State::trailer_name:
        case State::trailer_value:
            return take_trailer(byte);
        case State::trailer_lf:
            return expect('\n', byte, State::trailer);
        case State::last_lf:
            if (byte != '\n') return fail();
            status_ = BodyStatus::complete;
            return;
    }
}

void HttpBodyReader::take_size(char byte) noexcept {
    const int digit = hex_digit_value(byte);
    if (digit >= 0) {
        if (digit_count_ == size_digits_max) return fail();
        ++digit_count_;
        left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        return;
    }
    if (digit_count_ == 0) return fail();
    if (byte == '\r') {
        state_ = State::size_lf;
        return;
    }
    state_ = State::blank;
    take_extension(byte);
}

void HttpBodyReader::take_extension(char byte) noexcept {
    count_extra();
    if (state_ == State::blank) {
        // RFC 9112 7.1.1: blanks stand before an extension, not before the line's end.
        if (byte == ';') {
            state_ = State::extension;
        } else if (byte != ' ' && byte != '\t') {
            fail();
        }
        return;
    }
    if (byte == '\r') {
        state_ = State::size_lf;
    } else if (is_control(byte)) {
        fail();
    }
}

void HttpBodyReader::take_trailer(char byte) noexcept {
    count_extra();
    if (state_ == State::trailer_value) {
        if (byte == '\r') {
            state_ = State::trailer_lf;
        } else if (is_control(byte)) {
            fail();
        }
        return;
    }
    if (state_ == State::trailer && byte == '\r') {
        state_ = State::last_lf;
    } else if (state_ == State::trailer_name && byte == ':') {
        state_ = State::trailer_value;
    } else if (is_token_character(byte)) {
        state_ = State::trailer_name;
    } else {
        fail();
    }
}

void HttpBodyReader::begin_chunk() noexcept {
    digit_count_ = 0;
    if (left_ > allowed_) {
        status_ = BodyStatus::too_long;
        return;
    }
    allowed_ -= left_;
    state_ = left_ == 0 ? State::trailer : State::data;
}

void HttpBodyReader::expect(char wanted, char byte, State next) noexcept {
    if (byte != wanted) return fail();
    state_ = next;
}

void HttpBodyReader::count_extra() noexcept {
    if (++extra_bytes_ > limits::http_chunk_extra_bytes_max) fail();
}

Problem problem_of(BodyStatus status, std::size_t bytes_max) {
    if (status == BodyStatus::too_long) {
        return {.status = 413,
                .code = "BODY_TOO_LONG",
                .detail = fmt::format("The body has at most {} bytes here; send less.", bytes_max)};
    }
    return {.status = 400,
            .code = "BAD_BODY",
            .detail = "The body is not in chunks as RFC 9112 7.1 writes them."};
}

}  // namespace chatd::wire
