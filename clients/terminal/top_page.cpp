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

std::uint64_t number_of(const JsonValue& object, const wire::JsonName& name) {
    const auto member = object.find(name);
    return member ? member->integer().value_or(0) : 0;
}
std::string text_of(const JsonValue& object, const wire::JsonName& name) {
    const auto member = object.find(name);
    return member && member->is(JsonKind::string) ? std::string(member->text()) : std::string();
}

UnixMs time_of(const JsonValue& object, const wire::JsonName& name) {
    return wire::parse_time(text_of(object, name)).value_or(0);
}

TopRow connection_row(const JsonValue& entry) {
    TopRow row;
    row.id = std::to_string(number_of(entry, "id"));
    row.dialect = text_of(entry, "dialect");
    row.peer = text_of(entry, "peer");
    row.nick = text_of(entry, "nick");
    if (const auto rooms = entry.find("rooms"); rooms && rooms->is(JsonKind::array)) {
        for (const JsonValue room : *rooms) {
            if (!row.rooms.empty()) row.rooms += ',';
            row.rooms += '#';
            row.rooms += room.text();
        }
    }
    row.since = time_of(entry, "since");
    row.held_bytes = number_of(entry, "held_bytes");
    row.behind = number_of(entry, "behind");
    if (const auto tcp = entry.find("tcp"); tcp && tcp->is(JsonKind::object)) {
        row.tcp = TopTcp{.state = text_of(*tcp, "state"),
                         .rtt_us = number_of(*tcp, "rtt_us"),
                         .rttvar_us = number_of(*tcp, "rttvar_us"),
                         .cwnd = number_of(*tcp, "cwnd"),
                         .unacked = number_of(*tcp, "unacked"),
                         .lost = number_of(*tcp, "lost"),
                         .retrans_total = number_of(*tcp, "retrans_total"),
                         .send_queue_bytes = number_of(*tcp, "send_queue_bytes"),
                         .received_bytes = number_of(*tcp, "received_bytes"),
                         .sent_bytes = number_of(*tcp, "sent_bytes")};
        row.in_bytes = row.tcp->received_bytes;
        row.out_bytes = row.tcp->sent_bytes;
    }
    return row;
}

TopRow peer_row(const JsonValue& entry) {
    TopRow row;
    row.id = text_of(entry, "id");
    row.nick = row.id;
    row.dialect = "udp";
    row.peer = text_of(entry, "peer");
    row.since = time_of(entry, "heard");
    row.in_bytes = number_of(entry, "received_bytes");
    row.out_bytes = number_of(entry, "sent_bytes");
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
    connection_count = number_of(*page, "total");
    peer_count = number_of(*page, "peers_total");
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
