#include "chatd/chat/record.hpp"

#include <cstring>

#include "chatd/base/assert.hpp"

namespace chatd::chat {

namespace {

struct Header {
    wire::EventKind kind;
    std::uint8_t flags;
    std::uint8_t from_bytes;
    std::uint8_t key_bytes;
    std::uint16_t body_bytes;
};
static_assert(sizeof(Header) == record_header_bytes);

constexpr std::uint8_t flag_off = 1;
constexpr std::uint8_t flag_target = 2;
constexpr std::uint8_t flag_id = 4;
constexpr std::uint8_t flag_session = 8;

struct Writer {
    std::byte* target;
    void put(const void* source, std::size_t bytes) noexcept {
        if (bytes == 0) return;
        std::memcpy(target, source, bytes);
        target += bytes;
    }
    void put(std::string_view text) noexcept { put(text.data(), text.size()); }
};

struct Reader {
    Bytes rest;
    void get(void* target, std::size_t bytes) noexcept {
        CHATD_ASSERT(bytes <= rest.size());
        std::memcpy(target, rest.data(), bytes);
        rest = rest.subspan(bytes);
    }
    std::string_view text(std::size_t bytes) noexcept {
        CHATD_ASSERT(bytes <= rest.size());
        const std::string_view taken = as_text(rest.first(bytes));
        rest = rest.subspan(bytes);
        return taken;
    }
};

}  // namespace

std::size_t record_bytes(const wire::Event& event, SessionKey session) noexcept {
    std::size_t bytes =
        record_header_bytes + event.from.size() + event.key.size() + event.body.size();
    if (event.id) bytes += sizeof(Uuid);
    if (session != 0) bytes += sizeof(SessionKey);
    if (event.target) bytes += sizeof(Position);
    return bytes;
}

void write_record(std::byte* target, const wire::Event& event, SessionKey session) noexcept {
    CHATD_ASSERT(event.from.size() <= UINT8_MAX);
    CHATD_ASSERT(event.key.size() <= UINT8_MAX);
    CHATD_ASSERT(event.body.size() <= UINT16_MAX);
    Writer writer{target};
    const auto flags = (event.off ? flag_off : 0) | (event.target ? flag_target : 0) |
                       (event.id ? flag_id : 0) | (session != 0 ? flag_session : 0);
    const Header header{.kind = event.kind,
                        .flags = static_cast<std::uint8_t>(flags),
                        .from_bytes = static_cast<std::uint8_t>(event.from.size()),
                        .key_bytes = static_cast<std::uint8_t>(event.key.size()),
                        .body_bytes = static_cast<std::uint16_t>(event.body.size())};
    writer.put(&header, sizeof header);
    if (event.id) writer.put(event.id.bytes.data(), event.id.bytes.size());
    if (session != 0) writer.put(&session, sizeof session);
    if (event.target) writer.put(&event.target, sizeof event.target);
    writer.put(event.from);
    writer.put(event.key);
    writer.put(event.body);
}

wire::Event read_record(Bytes record) noexcept {
    Reader reader{record};
    Header header{};
    reader.get(&header, sizeof header);
    wire::Event event{.kind = header.kind};
    if ((header.flags & flag_id) != 0) reader.get(event.id.bytes.data(), event.id.bytes.size());
    if ((header.flags & flag_session) != 0) (void)reader.text(sizeof(SessionKey));
    if ((header.flags & flag_target) != 0) reader.get(&event.target, sizeof event.target);
    event.off = (header.flags & flag_off) != 0;
    event.from = reader.text(header.from_bytes);
    event.key = reader.text(header.key_bytes);
    event.body = reader.text(header.body_bytes);
    CHATD_ASSERT(reader.rest.empty());
    return event;
}

SessionKey session_of_record(Bytes record) noexcept {
    Reader reader{record};
    Header header{};
    reader.get(&header, sizeof header);
    SessionKey session = 0;
    if ((header.flags & flag_session) == 0) return session;
    if ((header.flags & flag_id) != 0) (void)reader.text(sizeof(Uuid));
    reader.get(&session, sizeof session);
    return session;
}

}  // namespace chatd::chat
