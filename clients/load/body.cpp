#include "load/body.hpp"

#include <bit>
#include <cstring>

#include "chatd/base/assert.hpp"

namespace chatd::load {

namespace {

constexpr char marker = '~';

std::uint64_t little_endian(std::uint64_t word) noexcept {
    return std::endian::native == std::endian::little ? word : std::byteswap(word);
}

std::optional<std::uint64_t> load_word(const char* source) noexcept {
    std::uint64_t characters = 0;
    std::memcpy(&characters, source, word_bytes);
    return word_decoded(little_endian(characters));
}

void store_word(char* target, std::uint64_t value) noexcept {
    const std::uint64_t characters = little_endian(word_encoded(value));
    std::memcpy(target, &characters, word_bytes);
}

}  // namespace

std::uint64_t word_encoded(std::uint64_t value) noexcept {
    std::uint64_t characters = 0;
    for (unsigned index = 0; index < word_bytes; ++index) {
        characters |= ((value >> (6 * index)) & 0x3fU) << (8 * index);
    }
    return characters + 0x3030303030303030U;
}

BodyForm::BodyForm(std::size_t body_bytes) : form_(body_bytes, marker) {
    CHATD_ASSERT(body_bytes >= stamp_bytes && body_bytes <= body_bytes_max);
    for (std::size_t index = stamp_bytes; index < body_bytes; ++index) {
        form_[index] = static_cast<char>('a' + index % 26);
    }
}

std::string_view BodyForm::write(const Stamp& stamp) noexcept {
    char* word = form_.data() + 1;
    store_word(word, (std::uint64_t{stamp.run} << 16) | stamp.publisher);
    store_word(word + word_bytes, stamp.sequence);
    store_word(word + 2 * word_bytes, stamp.due_ns);
    return form_;
}

std::optional<Stamp> BodyForm::read(std::string_view body) noexcept {
    if (body.size() < stamp_bytes || body.front() != marker) return std::nullopt;
    const char* word = body.data() + 1;
    const auto origin = load_word(word);
    const auto sequence = load_word(word + word_bytes);
    const auto due_ns = load_word(word + 2 * word_bytes);
    if (!origin || !sequence || !due_ns) return std::nullopt;
    return Stamp{.run = static_cast<std::uint32_t>(*origin >> 16),
                 .publisher = static_cast<std::uint16_t>(*origin & 0xffffU),
                 .sequence = *sequence,
                 .due_ns = *due_ns};
}

bool BodyForm::filler_is_intact(std::string_view body) const noexcept {
    return body.size() == form_.size() &&
           body.substr(stamp_bytes) == std::string_view(form_).substr(stamp_bytes);
}

}  // namespace chatd::load
