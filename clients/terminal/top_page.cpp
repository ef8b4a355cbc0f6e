#include "top_page.hpp"

#include <algorithm>
#include <unordered_map>

#include "chatd/wire/json_reader.hpp"
#include "chatd/wire/time_text.hpp"

namespace chatd::terminal {

namespace {

using wire::JsonKind;
using wire::JsonValue;

// A page of chatd has 100 rows in 64 KiB or so.
constexpr std::size_t page_bytes_max = 1024 * 1024;
constexpr std::uint32_t page_depth_max = 8;

UnixMs time_of(const JsonValue& object, const wire::JsonName& name) {
    return wire::parse_time(object.text_of(name)).value_or(0);
}

TopRow connection_row(const JsonValue& entry) {
    TopRow row;
    row.id = std::to_string(entry.integer_of("id"));
    row.dialect = entry.text_of("dialect");
    row.peer = entry.text_of("peer");
    row.nick = entry.text_of("nick");
    if (const auto rooms = entry.find("rooms"); rooms && rooms->is(JsonKind::array)) {
        for (const JsonValue room : *rooms) {
            if (!row.rooms.empty()) row.rooms += ',';
            row.rooms += '#';
            row.rooms += room.text();
        }
    }
    row.since = time_of(entry, "since");
    row.held_bytes = entry.integer_of("held_bytes");
    row.behind = entry.integer_of("behind");
    if (const auto tcp = entry.find("tcp"); tcp && tcp->is(JsonKind::object)) {
        row.tcp = TopTcp{.state = tcp->text_of("state"),
                         .rtt_us = tcp->integer_of("rtt_us"),
                         .rttvar_us = tcp->integer_of("rttvar_us"),
                         .cwnd = tcp->integer_of("cwnd"),
                         .unacked = tcp->integer_of("unacked"),
                         .lost = tcp->integer_of("lost"),
                         .retrans_total = tcp->integer_of("retrans_total"),
                         .send_queue_bytes = tcp->integer_of("send_queue_bytes"),
                         .received_bytes = tcp->integer_of("received_bytes"),
                         .sent_bytes = tcp->integer_of("sent_bytes")};
        row.in_bytes = row.tcp->received_bytes;
        row.out_bytes = row.tcp->sent_bytes;
    }
    return row;
}

TopRow peer_row(const JsonValue& entry) {
    TopRow row;
    row.id = entry.text_of("id");
    row.nick = row.id;
    row.dialect = "udp";
    row.peer = entry.text_of("peer");
    row.since = time_of(entry, "heard");
    row.in_bytes = entry.integer_of("received_bytes");
    row.out_bytes = entry.integer_of("sent_bytes");
    return row;
}

template <class ToRow>
void add_rows(const JsonValue& array, std::string& json, std::vector<TopRow>& rows, ToRow to_row) {
    for (const JsonValue entry : array) {
        if (!json.empty()) json += ',';
        json += entry.written();
        rows.push_back(to_row(entry));
    }
}

}  // namespace

std::expected<std::optional<std::uint64_t>, std::string> TopMoment::add_page(
    std::string_view json) {
    wire::JsonReader reader(page_bytes_max, page_depth_max);
    const auto page = reader.read(as_bytes(json));
    const auto connections = page ? page->find("connections") : std::nullopt;
    const auto peers = page ? page->find("peers") : std::nullopt;
    if (!connections || !peers || !connections->is(JsonKind::array) ||
        !peers->is(JsonKind::array)) {
        return std::unexpected("what answers there is not chatd, or one of another version");
    }
    add_rows(*connections, connections_json, rows, connection_row);
    add_rows(*peers, peers_json, rows, peer_row);
    connection_count = page->integer_of("total");
    peer_count = page->integer_of("peers_total");
    const auto next = page->find("next");
    return next ? next->integer() : std::nullopt;
}

void TopMoment::compare(const TopMoment& before, double seconds) {
    std::unordered_map<std::string_view, const TopRow*> known;
    for (const TopRow& row : before.rows)
        known.emplace(row.id, &row);
    for (TopRow& row : rows) {
        const auto found = known.find(row.id);
        if (found == known.end() || seconds <= 0) continue;
        const auto rate = [seconds](std::uint64_t now, std::uint64_t then) {
            return static_cast<double>(now - std::min(now, then)) / seconds;
        };
        row.in_rate = rate(row.in_bytes, found->second->in_bytes);
        row.out_rate = rate(row.out_bytes, found->second->out_bytes);
    }
}

std::string TopMoment::json() const {
    return "{\"connections\":[" + connections_json + "],\"peers\":[" + peers_json +
           "],\"total\":" + std::to_string(connection_count) +
           ",\"peers_total\":" + std::to_string(peer_count) + "}";
}

}  // namespace chatd::terminal
