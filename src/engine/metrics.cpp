// Counters as Prometheus text (exposition format 0.0.4).

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "engine/core.hpp"

namespace chatd::engine {

namespace {

constexpr std::array<std::string_view, drop_count> drop_words{
    "gap",  "slow_closed", "cancel_closed", "input_full", "recipient_full",
    "busy", "unkept",      "store_behind"};
constexpr std::array<std::string_view, speech_count> speech_words{"undecided", "text", "http",
                                                                  "websocket", "json", "events"};
constexpr std::size_t ending_count = 8;

struct Writer {
    std::string text;

    void head(std::string_view name, std::string_view type, std::string_view help) {
        fmt::format_to(std::back_inserter(text), "# HELP chatd_{} {}\n# TYPE chatd_{} {}\n", name,
                       help, name, type);
    }
    template <class Value>
    void value(std::string_view name, Value number) {
        fmt::format_to(std::back_inserter(text), "chatd_{} {}\n", name, number);
    }
    void labelled(std::string_view name, std::string_view label, std::string_view word,
                  std::uint64_t number) {
        fmt::format_to(std::back_inserter(text), "chatd_{}{{{}=\"{}\"}} {}\n", name, label, word,
                       number);
    }
    void counter(std::string_view name, std::string_view help, std::uint64_t number) {
        head(name, "counter", help);
        value(name, number);
    }
    void gauge(std::string_view name, std::string_view help, std::uint64_t number) {
        head(name, "gauge", help);
        value(name, number);
    }
};

void write_connections(Writer& out, const Core& core) {
    std::array<std::uint64_t, speech_count> open{};
    auto& connections = const_cast<Core&>(core).connections;
    for (std::uint32_t index = 0; index < connections.index_end(); ++index) {
        const Connection* connection = connections.at_index(index);
        if (connection != nullptr) ++open[static_cast<std::size_t>(connection->speech)];
    }
    out.head("connections", "gauge", "Open stream connections by transport.");
    for (std::size_t speech = 0; speech < speech_count; ++speech) {
        out.labelled("connections", "transport", speech_words[speech], open[speech]);
    }
    out.counter("connections_opened_total", "Stream connections accepted.",
                core.counters.connections_opened);
    out.head("connections_ended_total", "counter", "Stream connections ended, by reason.");
    for (std::size_t ending = 1; ending < ending_count; ++ending) {
        out.labelled("connections_ended_total", "reason", word_of(static_cast<Ending>(ending)),
                     core.counters.connections_ended[ending]);
    }
    out.gauge("rooms", "Rooms.", core.rooms.size());
    out.gauge("nicks", "Nicks in use.", core.nicks.size());
    out.gauge("sessions", "Sessions, those that are away among them.", core.sessions.size());
    out.gauge("schedules", "Lines that are said later.", core.schedules.by_id.size());
    out.gauge("udp_peers", "Raw UDP peers.", core.datagrams.peer_count());
}

void write_delivery(Writer& out, const Core& core) {
    const Counters& counters = core.counters;
    out.counter("messages_total", "Messages said in rooms.", counters.messages);
    out.counter("events_total", "Joined, left and renamed told to rooms.", counters.events);
    out.counter("private_messages_total", "Private messages delivered.", counters.private_messages);
    out.counter("deliveries_total", "Records handed to readers.", counters.deliveries);
    out.counter("received_bytes_total", "Bytes received on streams.", counters.bytes_received);
    out.counter("sent_bytes_total", "Bytes handed to the kernel on streams.", counters.bytes_sent);
    out.counter("sends_total", "Sends on streams.", counters.sends);
    out.counter("sends_short_total", "Sends that completed short.", counters.sends_short);
    out.counter("gap_notices_total", "Gap notices to slow readers.", counters.gaps);
    out.counter("lines_refused_total", "Lines answered by FAIL.", counters.lines_refused);
    out.counter("http_requests_total", "HTTP requests.", counters.http_requests);
    out.counter("rpc_texts_total", "JSON-RPC texts, batches as one.", counters.rpc_texts);
    out.counter("requests_refused_total", "JSON-RPC and HTTP requests answered by an error.",
                counters.requests_refused);
    out.counter("websocket_pings_total", "Keepalive pings sent.", counters.pings_sent);
    out.counter("tls_refused_total", "TLS handshakes refused.", counters.tls_refused);
    out.head("dropped_total", "counter", "What was dropped or cut off, by reason.");
    for (std::size_t reason = 0; reason < drop_count; ++reason) {
        out.labelled("dropped_total", "reason", drop_words[reason], counters.dropped[reason]);
    }
    out.head("send_records", "histogram", "Room records in one send.");
    std::uint64_t cumulative = 0;
    for (std::size_t bucket = 0; bucket < counters.send_records.size(); ++bucket) {
        cumulative += counters.send_records[bucket];
        const bool last = bucket + 1 == counters.send_records.size();
        const std::string bound = last ? "+Inf" : std::to_string((std::uint64_t{2} << bucket) - 1);
        out.labelled("send_records_bucket", "le", bound, cumulative);
    }
    out.value("send_records_sum", counters.send_records_sum);
    out.value("send_records_count", cumulative);
}

void write_store(Writer& out, const Core& core) {
    if (!core.config.keeps_history) return;
    out.gauge("store_writes_waiting", "Writes on their way to the store.", core.store.bytes.size());
    out.gauge("store_writes_waiting_bytes", "Bytes of these.", core.store.bytes_sum);
    out.gauge("store_queries_waiting", "Questions to the store without an answer.",
              core.queries.size());
    out.gauge("store_troubled", "1 while the store cannot write.",
              core.store.trouble.empty() ? 0 : 1);
    out.counter("store_troubles_total", "Times that began or ended.", core.counters.store_troubles);
    const chat::StoreCounters& store = core.io.store;
    out.counter("store_commits_total", "Transactions, upkeep aside.", store.commits);
    out.counter("store_writes_total", "Writes in them.", store.writes);
    out.counter("store_writes_refused_total", "Writes that contradict what is kept.",
                store.writes_refused);
    out.counter("store_events_kept_total", "Messages and changes kept.", store.events_kept);
    out.counter("store_event_bytes_kept_total", "Bytes of these.", store.event_bytes_kept);
    out.counter("store_events_pruned_total", "Messages and changes removed by retention.",
                store.events_pruned);
    out.counter("store_errors_total", "Transactions that failed, each try.", store.errors);
    out.counter("store_queue_full_total", "Hand-overs put off: the store's queue was full.",
                store.queue_refused);
    out.gauge("store_commit_milliseconds", "What the last transaction took.", store.commit_ms_last);
    out.gauge("store_commit_milliseconds_max", "What the longest one took.", store.commit_ms_max);
    out.gauge("store_database_bytes", "Size of the database.", store.database_bytes);
    out.gauge("catch_ups", "Readers that get older messages from the store.",
              core.catch_ups.size());
}

void write_log(Writer& out, const Core& core) {
    out.gauge("log_bytes", "Canonical bytes held by room logs.", core.log_totals.canonical_bytes);
    out.gauge("log_run_bytes", "Encoded bytes held by room logs.", core.log_totals.run_bytes);
    out.gauge("log_unlinked_bytes", "Bytes of trimmed segments still being sent.",
              core.log_totals.unlinked_bytes);
    out.gauge("log_pins", "Spans being sent.", core.log_totals.pins);
    out.counter("log_segments_trimmed_total", "Segments trimmed.",
                core.log_totals.segments_unlinked);
    out.gauge("input_bytes", "Bytes received and kept, not yet taken.", core.input_bytes);
    out.gauge("reassembly_bytes", "Bytes of unfinished WebSocket messages.", core.reassembly_bytes);
}

void write_datagrams(Writer& out, const Core& core) {
    const DatagramCounters& counters = core.datagrams.counters();
    out.counter("datagrams_received_total", "Datagrams received.", counters.received);
    out.counter("datagrams_relayed_total", "Datagrams sent to raw peers.", counters.relayed);
    out.counter("datagram_trains_total", "Sends that datagrams left in.", counters.trains);
    out.counter("datagrams_posted_total", "Datagrams posted by /hex.", counters.posted);
    out.counter("udp_peers_joined_total", "Raw peers joined.", counters.joined);
    out.counter("udp_peers_left_total", "Raw peers that left by an empty datagram.", counters.left);
    out.counter("udp_peers_idled_total", "Raw peers ended by silence.", counters.idled);
    out.head("datagrams_dropped_total", "counter", "Datagrams dropped, by reason.");
    for (std::size_t reason = 0; reason < datagram_drop_count; ++reason) {
        out.labelled("datagrams_dropped_total", "reason",
                     text_of(static_cast<DatagramDrop>(reason)), counters.dropped[reason]);
    }
    out.counter("datagrams_shown_total", "Datagrams shown to text readers.",
                core.datagram_view.shown_count());
    out.counter("datagrams_kernel_dropped_total",
                "Datagrams dropped by the kernel (receive buffer).", core.io.datagram_kernel_drops);
}

void write_ring(Writer& out, const IoReport& io) {
    out.counter("ring_enters_total", "Calls of io_uring_enter.", io.ring_enters);
    out.counter("ring_submissions_total", "Operations submitted.", io.ring_submissions);
    out.counter("ring_completions_total", "Completions taken.", io.ring_completions);
    out.counter("ring_overflows_total", "Turns with an overflown completion queue.",
                io.ring_overflows);
    out.counter("ring_submission_full_total", "Operations that found the submission queue full.",
                io.ring_submission_full);
    out.counter("ring_buffers_exhausted_total", "Stream receives that ended for want of a buffer.",
                io.buffers_exhausted);
    out.counter("ring_datagram_buffers_exhausted_total",
                "Datagram receives that ended for want of a buffer.",
                io.datagram_buffers_exhausted);
    out.counter("accept_failures_total", "Accepts that failed.", io.accept_failures);
    out.counter("log_lines_dropped_total", "Log lines dropped because the log was behind.",
                io.log_lines_dropped);
}

}  // namespace

std::string metrics_text(const Core& core) {
    Writer out;
    write_connections(out, core);
    write_delivery(out, core);
    write_store(out, core);
    write_log(out, core);
    write_datagrams(out, core);
    write_ring(out, core.io);
    return std::move(out.text);
}

}  // namespace chatd::engine
