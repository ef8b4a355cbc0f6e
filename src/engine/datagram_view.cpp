#include "chatd/engine/datagram_view.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "chatd/base/assert.hpp"
#include "chatd/wire/hex.hpp"

namespace chatd::engine {

namespace {

// A generation is never 0, so no connection's key is below 2^32; slots are.
constexpr std::uint64_t key_of_slot(std::uint16_t slot) noexcept {
    return slot;
}

constexpr std::uint32_t low_bits(std::uint64_t version) noexcept {
    return static_cast<std::uint32_t>(version);
}

std::uint32_t microseconds_of(Time time) noexcept {
    using std::chrono::microseconds;
    return low_bits(static_cast<std::uint64_t>(
        std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count()));
}

}  // namespace

// -- readers ---------------------------------------------------------------------------------

void DatagramView::subscribe(ConnId reader, std::uint32_t hz) {
    const auto [found, is_new] = readers_.try_emplace(key_of(reader));
    Reader& subscribed = found->second;
    subscribed.interval =
        Duration(std::chrono::seconds(1)) / std::clamp(hz, std::uint32_t{1}, limits::dgram_hz_max);
    if (is_new) {
        subscribed.from = version_;
        subscribed.looked_until = version_;
    } else if (subscribed.due != time_never) {
        subscribed.due = Time::min();  // the old rate's time: look again
    }
}

void DatagramView::unsubscribe(ConnId reader) noexcept {
    readers_.erase(key_of(reader));
    if (!readers_.empty()) return;
    // Nobody looks: what is kept would only grow old.
    senders_.clear();
    sender_of_.clear();
    oldest_ = newest_ = none;
}

Time DatagramView::due_at(ConnId reader) const noexcept {
    const auto found = readers_.find(key_of(reader));
    if (found == readers_.end()) return time_never;
    return found->second.looked_until != version_ ? Time::min() : found->second.due;
}

// -- senders ---------------------------------------------------------------------------------

void DatagramView::offer_peer(std::uint16_t slot, Bytes payload, Time now) {
    if (readers_.empty()) return;
    Sender& sender = sender_for(key_of_slot(slot));
    if (sender.name_bytes == 0) {
        std::memcpy(sender.name.data(), "udp:", 4);
        const auto [end, error] =
            std::to_chars(sender.name.data() + 4, sender.name.data() + sender.name.size(), slot);
        CHATD_ASSERT(error == std::errc{});
        sender.name_bytes = static_cast<std::uint8_t>(end - sender.name.data());
    }
    offer(sender, payload, now);
}

void DatagramView::offer_posted(ConnId author, std::string_view nick, Bytes payload, Time now) {
    if (readers_.empty()) return;
    Sender& sender = sender_for(key_of(author));
    const std::size_t name_bytes = std::min(nick.size(), sender.name.size());
    std::memcpy(sender.name.data(), nick.data(), name_bytes);
    sender.name_bytes = static_cast<std::uint8_t>(name_bytes);
    offer(sender, payload, now);
}

// The sender's entry, unlinked; a new one, or that of whoever has been silent longest, if need be.
DatagramView::Sender& DatagramView::sender_for(std::uint64_t key) {
    const auto known = sender_of_.find(key);
    if (known != sender_of_.end()) {
        unlink(known->second);
        return senders_[known->second];
    }
    SenderIndex index = static_cast<SenderIndex>(senders_.size());
    if (index < limits::dgram_senders_max) {
        senders_.emplace_back();
    } else {
        index = oldest_;
        unlink(index);
        sender_of_.erase(senders_[index].key);
    }
    senders_[index].key = key;
    senders_[index].name_bytes = 0;
    sender_of_.emplace(key, index);
    return senders_[index];
}

void DatagramView::offer(Sender& sender, Bytes payload, Time now) noexcept {
    if (low_bits(++version_) == 0) ++version_;  // 0 in Seen means never
    sender.version = version_;
    sender.offered_at = now;
    sender.bytes_total = static_cast<std::uint32_t>(payload.size());
    const std::size_t kept = std::min(payload.size(), sender.payload.size());
    if (kept != 0) std::memcpy(sender.payload.data(), payload.data(), kept);
    sender.payload_bytes = static_cast<std::uint8_t>(kept);
    link_newest(static_cast<SenderIndex>(&sender - senders_.data()));
}

void DatagramView::unlink(SenderIndex index) noexcept {
    const Sender& sender = senders_[index];
    (sender.older == none ? oldest_ : senders_[sender.older].newer) = sender.newer;
    (sender.newer == none ? newest_ : senders_[sender.newer].older) = sender.older;
}

void DatagramView::link_newest(SenderIndex index) noexcept {
    senders_[index].older = newest_;
    senders_[index].newer = none;
    (newest_ == none ? oldest_ : senders_[newest_].newer) = index;
    newest_ = index;
}

// The first sender, oldest newest datagram first, with a version above `version`.
DatagramView::SenderIndex DatagramView::oldest_after(std::uint64_t version) const noexcept {
    SenderIndex first = none;
    for (SenderIndex at = newest_; at != none && senders_[at].version > version;
         at = senders_[at].older) {
        first = at;
    }
    return first;
}

// -- showing ---------------------------------------------------------------------------------

std::span<const ShownDatagram> DatagramView::take_due(ConnId reader_id, Time now,
                                                      std::size_t count_max) {
    due_.clear();
    const auto found = readers_.find(key_of(reader_id));
    if (found == readers_.end()) return {};
    Reader& reader = found->second;
    const bool all = reader.due <= now;
    if (!all && reader.looked_until == version_) return {};
    if (reader.seen.size() < senders_.size()) reader.seen.resize(senders_.size());

    count_max = std::min(count_max, limits::dgram_batch_max);
    Time due = all ? time_never : reader.due;
    for (SenderIndex at = oldest_after(all ? reader.from : reader.looked_until); at != none;
         at = senders_[at].newer) {
        const Sender& sender = senders_[at];
        Seen& seen = reader.seen[at];
        if (seen.version == low_bits(sender.version) || sender.key == key_of(reader_id)) continue;
        const Time may_show_at = std::max(sender.offered_at, next_turn_of(seen, reader, now));
        if (may_show_at > now) {
            due = std::min(due, may_show_at);
        } else if (now - may_show_at > limits::dgram_age_max) {
            seen.version = low_bits(sender.version);
            ++expired_count_;
        } else if (due_.size() == count_max) {
            // More to come: what said so, `due` or `looked_until`, still does.
            return due_;
        } else {
            seen = {low_bits(sender.version), microseconds_of(now)};
            ++shown_count_;
            due_.push_back({{sender.name.data(), sender.name_bytes},
                            sender.bytes_total,
                            {sender.payload.data(), sender.payload_bytes}});
        }
    }
    reader.due = due;
    reader.looked_until = version_;
    return due_;
}

// When the reader's rate lets it see that sender again, as far as that is not past.
Time DatagramView::next_turn_of(const Seen& seen, const Reader& reader, Time now) noexcept {
    if (seen.version == 0) return Time::min();
    const auto since = std::chrono::microseconds(microseconds_of(now) - seen.shown_at_us);
    return now - since + reader.interval;
}

void encode_datagram_line(std::string& out, std::string_view room_prefix,
                          const ShownDatagram& datagram) {
    out += room_prefix;
    out += '[';
    out += datagram.sender;
    out += ' ';
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, datagram.bytes_total).ptr;
    out.append(digits, end);
    out += "B] ";
    wire::append_hex_ascii(out, datagram.bytes);
    if (datagram.bytes.size() < datagram.bytes_total) out += " ...";
    out += '\n';
}

}  // namespace chatd::engine
