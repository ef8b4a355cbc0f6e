#include "chatd/chat/record.hpp"

#include <cstring>

#include "chatd/base/assert.hpp"

namespace chatd::chat {

void write_record(std::byte* target, const wire::Event& event) noexcept {
    CHATD_ASSERT(event.from.size() <= UINT8_MAX);
    CHATD_ASSERT(event.body.size() <= UINT16_MAX);
    const auto body_bytes = static_cast<std::uint16_t>(event.body.size());
    target[0] = static_cast<std::byte>(event.kind);
    target[1] = static_cast<std::byte>(event.from.size());
    std::memcpy(target + 2, &body_bytes, sizeof body_bytes);
    target += record_header_bytes;
    if (!event.from.empty()) std::memcpy(target, event.from.data(), event.from.size());
    if (!event.body.empty()) {
        std::memcpy(target + event.from.size(), event.body.data(), event.body.size());
    }
}

wire::Event read_record(Bytes record) noexcept {
    CHATD_ASSERT(record.size() >= record_header_bytes);
    const auto from_bytes = std::to_integer<std::size_t>(record[1]);
    std::uint16_t body_bytes = 0;
    std::memcpy(&body_bytes, record.data() + 2, sizeof body_bytes);
    CHATD_ASSERT(record.size() == record_header_bytes + from_bytes + body_bytes);
    const auto text = as_text(record.subspan(record_header_bytes));
    return {.kind = static_cast<wire::EventKind>(record[0]),
            .room = {},
            .from = text.substr(0, from_bytes),
            .body = text.substr(from_bytes)};
}

}  // namespace chatd::chat
