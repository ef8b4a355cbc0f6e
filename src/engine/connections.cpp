// Who is connected, and how: a page of connections and raw UDP peers. What the engine knows of them
// is put together when the page is begun, the rest comes from the I/O side; one page at a time is
// made, so that what waits is who asked for which.

#include <algorithm>
#include <utility>

#include "engine/requests.hpp"

namespace chatd::engine {

namespace {

using chat::Membership;

// Pages go through the connections by their places, then through the peers by theirs.
constexpr std::uint32_t peers_begin = std::uint32_t{1} << 31;
static_assert(limits::connections_max < peers_begin);

constexpr std::size_t row_bytes = 450;  // as JSON, without its rooms

std::string_view dialect_of(const Connection& connection) noexcept {
    switch (connection.speech) {
        case Speech::undecided:
            return "undecided";
        case Speech::text:
            return "text";
        case Speech::http:
            return "http";
        case Speech::websocket:
            if (connection.websocket->echo) return "websocket-echo";
            return connection.json ? "websocket-json" : "websocket-text";
        case Speech::json:
            return "json";
        case Speech::events:
            return "events";
    }
    return "";
}

// What is on its way to the kernel or waits to be: replies, a static body, a span of a log.
std::uint64_t held_bytes(Core& core, const Connection& connection) {
    std::uint64_t bytes = 0;
    if (connection.stream != no_index) {
        const Stream& stream = *core.streams.at_index(connection.stream);
        bytes += stream.held_bytes() - stream.sent;
    }
    if (const HttpExchange* exchange = connection.exchange()) bytes += exchange->fixed_body.size();
    if (connection.flight != no_index) {
        const InFlight& flight = *core.flights.at_index(connection.flight);
        if (flight.span.segment != nullptr) bytes += flight.bytes;
    }
    return bytes;
}

wire::ConnectionEntry entry_of(Core& core, const Connection& connection) {
    wire::ConnectionEntry entry{
        .id = connection.serial,
        .dialect = dialect_of(connection),
        .nick = std::string(connection.nick()),
        .since = core.config.unix_start + UnixMs{connection.opened_s} * 1'000,
        .held_bytes = held_bytes(core, connection)};
    for (auto index = connection.memberships; index != chat::no_membership;) {
        const Membership& membership = *core.memberships.at_index(index);
        const chat::Room& room = core.room_of(membership);
        entry.rooms.push_back(room.name());
        const LogIndex end = std::min(room.log.end(), membership.until());
        // What flies is handed over, though its cursor moves when it has landed.
        const LogIndex handed = membership.flying
                                    ? core.flights.at_index(connection.flight)->span.end_index()
                                    : membership.cursor;
        if (end > handed) entry.behind += end - handed;
        index = membership.next;
    }
    std::ranges::sort(entry.rooms);
    return entry;
}

std::size_t bytes_of(const wire::ConnectionEntry& entry) {
    std::size_t bytes = row_bytes;
    for (const std::string& room : entry.rooms)
        bytes += room.size() + std::string_view(R"("",)").size();
    return bytes;
}

void add_peers(Core& core, wire::ConnectionsReply& reply, std::size_t from, std::size_t count_max) {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    for (const DatagramPeer& peer : core.datagrams.peers(from, count_max)) {
        reply.peers.push_back(
            {.slot = peer.slot,
             .peer = peer.address,
             .heard = core.unix_now - duration_cast<milliseconds>(core.now - peer.heard_at).count(),
             .received = peer.received,
             .received_bytes = peer.received_bytes,
             .sent = peer.sent,
             .sent_bytes = peer.sent_bytes});
    }
    reply.next = from == 0 ? 0 : peers_begin + static_cast<std::uint32_t>(from);
}

// Fills the page with what is known here, and `asked` with the connections in it.
void gather(Core& core, Listing& listing, std::vector<ConnId>& asked) {
    wire::ConnectionsReply& reply = listing.reply;
    reply.total = core.connections.size();
    reply.peers_total = core.datagrams.peer_count();
    const std::size_t rows_max = listing.wanted.limit == 0
                                     ? limits::connections_page_max
                                     : std::min(listing.wanted.limit, limits::connections_page_max);
    std::uint32_t index = listing.wanted.after;
    std::size_t bytes = 0;
    for (; index < core.connections.index_end(); ++index) {
        const Connection* connection = core.connections.at_index(index);
        if (connection == nullptr || connection->phase == Phase::closed) continue;
        const bool full = asked.size() == rows_max || bytes > limits::connections_page_bytes_max;
        if (full) {
            reply.next = index;
            return;
        }
        reply.connections.push_back(entry_of(core, *connection));
        bytes += bytes_of(reply.connections.back());
        asked.push_back(connection->id);
    }
    const std::size_t from = index >= peers_begin ? index - peers_begin : 0;
    if (asked.size() < rows_max) return add_peers(core, reply, from, rows_max - asked.size());
    if (reply.peers_total > 0) reply.next = peers_begin;
}

Connection* asker_of(Core& core, const Listing& listing) {
    Connection* connection = core.connections.find(listing.connection);
    return connection != nullptr && connection->phase < Phase::lingering ? connection : nullptr;
}

// Begins the first page of those that wait whose asker is still there.
void begin_listing(Core& core) {
    core.transport_query.clear();
    core.transport_query_state = Core::QueryState::none;
    while (!core.listings.empty() && asker_of(core, core.listings.front()) == nullptr)
        core.listings.pop_front();
    if (core.listings.empty()) return;
    gather(core, core.listings.front(), core.transport_query);
    core.transport_query_state = Core::QueryState::to_be_taken;
}

}  // namespace

std::optional<wire::Outcome> ask_connections(Core& core, Connection& connection,
                                             const wire::Connections& wanted, Ask& ask) {
    if (!connection.loopback) return failure(wire::Errc::local_only);
    begin_waiting(connection);
    core.listings.push_back(
        {.connection = connection.id, .ask = std::move(ask), .wanted = wanted, .reply = {}});
    if (core.transport_query_state == Core::QueryState::none) begin_listing(core);
    return {};
}

void transports_reported(Core& core, const std::vector<Transport>& transports) {
    CHATD_ASSERT(core.transport_query_state == Core::QueryState::taken);
    CHATD_ASSERT(transports.size() == core.transport_query.size());
    Listing listing = std::move(core.listings.front());
    core.listings.pop_front();
    core.transport_query_state = Core::QueryState::none;
    for (std::size_t row = 0; row < transports.size(); ++row)
        listing.reply.connections[row].transport = transports[row];
    std::erase_if(listing.reply.connections, [](const wire::ConnectionEntry& entry) {
        return entry.transport.peer.family == Address::Family::none;
    });
    if (Connection* asker = asker_of(core, listing)) {
        conclude(core, *asker, listing.ask, wire::Outcome(std::move(listing.reply)));
    }
    // Unless whoever goes on now has asked for one at once.
    if (core.transport_query_state == Core::QueryState::none) begin_listing(core);
}

}  // namespace chatd::engine
