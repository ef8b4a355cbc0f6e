#pragma once
// What people on TCP and WebSocket see of one room's datagrams (PROTOCOL.md 10): the newest of each
// sender, at most so many a second of each, and nothing else queued. One DatagramView per room;
// it owns copies of the first limits::dgram_shown_bytes_max bytes of each payload, so its memory is
// bounded by limits::dgram_senders_max senders (past it, whoever has been silent longest gives way)
// and 8 bytes for each reader and sender. No clock; one
// thread, the engine's.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/base/ids.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/base/time.hpp"

namespace chatd::engine {

/// One datagram for one reader.
struct ShownDatagram {
    std::string_view sender;  ///< "udp:7", or the nick of who posted it
    std::size_t bytes_total = 0;
    Bytes bytes;  ///< the first of them, at most limits::dgram_shown_bytes_max
};

class DatagramView {
public:
    /// `/dgram on [hz]`: at most `hz` (1 to limits::dgram_hz_max) a second of each sender. Shows
    /// what comes from now on; on a second call only the rate changes.
    void subscribe(ConnId reader, std::uint32_t hz);
    /// `/dgram off`, or the reader has gone. Not subscribed is fine.
    void unsubscribe(ConnId reader) noexcept;
    bool subscribed(ConnId reader) const noexcept { return readers_.contains(key_of(reader)); }
    std::size_t reader_count() const noexcept { return readers_.size(); }

    /// A raw peer's datagram was relayed. Costs nothing while there is no reader.
    void offer_peer(std::uint16_t slot, Bytes payload, Time now);
    /// A user posted one. A user is told apart by connection and shown by nick; the author does not
    /// see it.
    void offer_posted(ConnId author, std::string_view nick, Bytes payload, Time now);

    /// What `reader` may be shown now, oldest first, at most `count_max` (up to
    /// limits::dgram_batch_max), counted as shown. To be called only when nothing else waits for
    /// that reader: then what piled up has already been replaced by what is newer. What could have
    /// been shown limits::dgram_age_max ago and was not is skipped and counted. The answer is valid
    /// until the next call of a function that is not const.
    std::span<const ShownDatagram> take_due(ConnId reader, Time now, std::size_t count_max);

    /// When take_due() may have something: past when it may now, time_never when nothing is known
    /// to come.
    Time due_at(ConnId reader) const noexcept;

    std::uint64_t shown_count() const noexcept { return shown_count_; }
    std::uint64_t expired_count() const noexcept { return expired_count_; }

private:
    using SenderIndex = std::uint32_t;
    static constexpr SenderIndex none = UINT32_MAX;

    struct Sender {
        std::uint64_t key = 0;      ///< a slot, or a connection
        std::uint64_t version = 0;  ///< of all offers, counted in order
        Time offered_at{};
        std::uint32_t bytes_total = 0;
        SenderIndex older = none;  ///< neighbours in the order of their newest datagrams
        SenderIndex newer = none;
        std::uint8_t name_bytes = 0;
        std::uint8_t payload_bytes = 0;
        std::array<char, limits::name_bytes_max> name;
        std::array<std::byte, limits::dgram_shown_bytes_max> payload;
    };
    /// What one reader knows of one sender.
    struct Seen {
        std::uint32_t version = 0;      ///< low bits of the last version it was shown, or skipped
        std::uint32_t shown_at_us = 0;  ///< modulo 2^32: wrong by an interval once in 71 minutes
    };
    struct Reader {
        Duration interval{};             ///< between two of one sender
        std::uint64_t from = 0;          ///< versions up to here came before it subscribed
        std::uint64_t looked_until = 0;  ///< versions up to here are shown, or counted in `due`
        Time due = time_never;           ///< when the first held back by its rate may be shown
        std::vector<Seen> seen;          ///< by sender index; grows with them
    };

    static std::uint64_t key_of(ConnId id) noexcept {
        return std::uint64_t{id.generation} << 32 | id.index;
    }
    Sender& sender_for(std::uint64_t key);
    void offer(Sender& sender, Bytes payload, Time now) noexcept;
    void unlink(SenderIndex index) noexcept;
    void link_newest(SenderIndex index) noexcept;
    SenderIndex oldest_after(std::uint64_t version) const noexcept;
    static Time next_turn_of(const Seen& seen, const Reader& reader, Time now) noexcept;

    std::vector<Sender> senders_;
    std::unordered_map<std::uint64_t, SenderIndex> sender_of_;
    std::unordered_map<std::uint64_t, Reader> readers_;
    std::vector<ShownDatagram> due_;
    SenderIndex oldest_ = none;
    SenderIndex newest_ = none;
    std::uint64_t version_ = 0;
    std::uint64_t shown_count_ = 0;
    std::uint64_t expired_count_ = 0;
};

/// Appends the line of a shown datagram, `[udp:7 4B] de ad be ef |....|` and a newline, with
/// `room_prefix` ("" or "#dev ") before it. The brackets hold the whole length; a longer payload is
/// shown cut and the line ends in ` ...`: `[udp:7 1200B] 00 01 … 3f |....| ...`.
void encode_datagram_line(std::string& out, std::string_view room_prefix,
                          const ShownDatagram& datagram);

}  // namespace chatd::engine
