#pragma once
// Every bound of the server, by name, with the reason for its number. Units are the last word of
// each name; `_max` is included in what is allowed.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace chatd::limits {

using namespace std::chrono_literals;

// -- text ------------------------------------------------------------------------------------
inline constexpr std::size_t line_bytes_max = 4096;  ///< without its newline; a screenful of text
inline constexpr std::size_t body_bytes_max = 4096;  ///< a message body, so that any line fits one
inline constexpr std::size_t body_lines_max = 64;  ///< text lines in one body (JSON may hold many)
inline constexpr std::size_t name_bytes_max = 32;  ///< nicks and room names: fits a column
inline constexpr std::size_t record_bytes_max = 32 * 1024;  ///< one record in any form
inline constexpr std::size_t topic_bytes_max = 400;         ///< a line of a screen or a few
inline constexpr std::size_t key_bytes_max = 64;            ///< a publisher's own key
inline constexpr std::size_t reaction_bytes_max = 32;       ///< an emoji with all its joiners

// -- history ---------------------------------------------------------------------------------
inline constexpr std::uint32_t history_page_default = 50;  ///< a screenful
inline constexpr std::uint32_t history_page_max = 500;
inline constexpr std::size_t history_page_bytes_max = 256 * 1024;  ///< bodies of one page
inline constexpr std::uint32_t search_hits_default = 20;
inline constexpr std::uint32_t search_hits_max = 100;
inline constexpr std::uint32_t search_skip_max = 1'000;  ///< nobody reads on
inline constexpr std::size_t search_query_bytes_max = 512;
inline constexpr std::uint32_t search_terms_max = 16;  ///< words and phrases of one query

// -- sessions --------------------------------------------------------------------------------
inline constexpr std::uint32_t sessions_max = 100'000;
inline constexpr std::uint32_t connections_per_session_max = 16;
inline constexpr std::uint32_t keys_per_session_max = 10'000;
inline constexpr std::chrono::minutes key_age_max{2};
inline constexpr std::chrono::hours session_idle_max{7 * 24};
inline constexpr std::chrono::hours nick_reserved_max{24};  ///< after the last connection
inline constexpr std::uint32_t privates_kept_max = 100;     ///< for one session that is away
inline constexpr std::uint32_t schedules_per_session_max = 100;
inline constexpr std::uint32_t answers_owed_max = 1'024;      ///< by the store, to one connection
inline constexpr std::uint32_t schedules_max = 100'000;       ///< of all
inline constexpr std::uint32_t schedules_per_turn_max = 100;  ///< fired in one turn
inline constexpr std::chrono::hours schedule_ahead_max{366 * 24};
inline constexpr std::chrono::seconds schedule_interval_min{60};

// -- JSON-RPC --------------------------------------------------------------------------------
inline constexpr std::size_t rpc_text_bytes_max = 64 * 1024;  ///< one line, message or POST
inline constexpr std::uint32_t rpc_batch_max = 64;
inline constexpr std::uint32_t rpc_batches_max = 100'000;   ///< unanswered, all connections
inline constexpr std::uint32_t reconnect_after_ms = 1'000;  ///< what a drain advises
inline constexpr std::uint32_t rpc_depth_max = 16;
inline constexpr std::size_t rpc_id_bytes_max = 128;  ///< as written

// -- store -----------------------------------------------------------------------------------
inline constexpr std::size_t store_queue_max = 65'536;  ///< requests on their way to the store
inline constexpr std::size_t store_queue_bytes_max = 64 * 1024 * 1024;
inline constexpr std::uint32_t store_retry_ms = 1'000;    ///< what a refused publisher is told
inline constexpr std::size_t store_group_max = 4'096;     ///< requests in one transaction
inline constexpr std::size_t store_group_reads_max = 64;  ///< of these: 16 MiB of pages
/// Pages that nobody has taken yet; past it the store waits.
inline constexpr std::size_t store_answers_bytes_max = 16 * 1024 * 1024;
inline constexpr std::chrono::milliseconds store_retry_wait_min{20};  ///< after a failed write
inline constexpr std::chrono::milliseconds store_retry_wait_max{2'000};
inline constexpr std::uint32_t store_stop_tries_max = 5;  ///< of one group when told to end: < 1 s
inline constexpr std::uint32_t store_wal_pages_max = 1'000;  ///< one checkpoint: 4 MiB, some ms
/// Steps of upkeep, each its own transaction of a few milliseconds at most.
inline constexpr std::uint32_t store_prune_rows_max = 256;
inline constexpr std::uint32_t store_vacuum_pages_max = 128;
inline constexpr std::uint32_t store_merge_pages_max = 64;
inline constexpr std::uint32_t store_free_pages_max = 256;  ///< left for the next events: 1 MiB
/// A removed body is gone from the file at once; its words leave the search index's own pages when
/// these are merged, which rewrites the index and is therefore not begun for each removal.
inline constexpr std::chrono::seconds store_scrub_interval{60};
/// The newest matches are ranked among each other, then as many older ones, so that a search that
/// matches much costs the same however much is kept.
inline constexpr std::uint32_t search_ranked_max = 256;
inline constexpr std::uint32_t search_work_max = 1'000'000;  ///< steps of SQLite's machine
inline constexpr std::uint32_t excerpt_words_max = 32;       ///< FTS5 gives at most 64
inline constexpr std::uint32_t holes_restored_max = 256;     ///< of one room, the newest
inline constexpr std::uint32_t epochs_kept_max = 64;         ///< ended ones of one room
/// Ten thousand a second for limits::key_age_max; 100 bytes each.
inline constexpr std::uint32_t keys_restored_max = 1'200'000;

// -- room log --------------------------------------------------------------------------------
inline constexpr std::size_t segment_bytes_min =
    4 * 1024;  ///< first segment: idle rooms stay small
inline constexpr std::size_t segment_bytes_max = 256 * 1024;  ///< a span never crosses segments
inline constexpr std::size_t room_log_bytes_max = 16 * 1024 * 1024;  ///< canonical bytes, one room
inline constexpr std::size_t log_bytes_max = 256 * 1024 * 1024;      ///< canonical bytes, all rooms
inline constexpr std::size_t log_unlinked_bytes_max =
    32 * 1024 * 1024;  ///< trimmed but still flying

// -- delivery --------------------------------------------------------------------------------
inline constexpr std::size_t span_bytes_max = 256 * 1024;      ///< to a reader that keeps up
inline constexpr std::size_t span_bytes_slow_max = 64 * 1024;  ///< to one whose last send waited
inline constexpr std::size_t gather_bytes_max =
    4 * 1024;  ///< copied rather than sent twice: 3 us a send
inline constexpr std::size_t catch_up_bytes_max = 16 * 1024;  ///< from the store, in one send
inline constexpr std::size_t stream_bytes_max = 64 * 1024;  ///< replies waiting for one connection
/// Read but not yet taken, while paused: above what all receive buffers together can deliver.
inline constexpr std::size_t input_bytes_max = 4 * 1024 * 1024;
/// The same for all connections together, unfinished lines and heads included: 16 KiB each for
/// as many as send half a request head.
inline constexpr std::size_t input_total_bytes_max = 256 * 1024 * 1024;
inline constexpr std::size_t turn_bytes_max = 256 * 1024;    ///< read from one connection in a turn
inline constexpr std::chrono::seconds cancel_wait_max = 1s;  ///< from Cancel to its completion

// -- connections and rooms -------------------------------------------------------------------
inline constexpr std::uint32_t connections_max = 1'000'000;
inline constexpr std::uint32_t rooms_max = 65'536;
inline constexpr std::uint32_t known_rooms_max = 1'000'000;  ///< in the store, not in memory
inline constexpr std::uint32_t memberships_max = 2'000'000;
inline constexpr std::uint32_t rooms_per_connection_max = 64;
inline constexpr std::uint32_t events_per_room_second_max = 32;  ///< beyond: one summary
inline constexpr std::uint32_t ephemerals_max = 64;  ///< typing and read markers, one room
/// A room of more people is a crowd: who comes and goes is told as numbers, once a second, and
/// nobody sees who is typing or has read what. In a smaller one a coming is worth a line to each.
inline constexpr std::uint32_t presence_people_max = 500;
inline constexpr std::uint32_t list_lines_max = 1'000;  ///< /who and /rooms, one reply

/// Of `connections`, rows of one page: the kernel is asked about each, 2 us or so.
inline constexpr std::uint32_t connections_page_max = 100;
inline constexpr std::size_t connections_page_bytes_max = 48 * 1024;  ///< near enough, as JSON
inline constexpr std::uint32_t transports_per_turn_max = 32;          ///< asked of the kernel

/// A room that everybody has left keeps its log in memory for so long: who comes back finds it.
inline constexpr std::chrono::minutes room_kept_time{10};

// -- HTTP and WebSocket ----------------------------------------------------------------------
inline constexpr std::size_t http_head_bytes_max = 16 * 1024;
inline constexpr std::size_t http_fields_max = 100;  ///< header lines in a head; browsers send 20
inline constexpr std::size_t http_parameters_max = 32;  ///< of a query; no route knows as many
/// Extensions and trailers of one chunked body, which nobody reads: as much as a head.
inline constexpr std::size_t http_chunk_extra_bytes_max = http_head_bytes_max;
inline constexpr std::chrono::seconds http_head_time_max = 10s;
inline constexpr std::chrono::seconds http_body_time_max = 30s;     ///< for all of a body
inline constexpr std::chrono::seconds http_idle_time_max = 60s;     ///< kept alive, asking nothing
inline constexpr std::size_t websocket_text_bytes_max = 64 * 1024;  ///< text dialect: then 1009
inline constexpr std::size_t websocket_echo_bytes_max = 16 * 1024 * 1024;  ///< /echo
inline constexpr std::uint32_t websocket_fragments_max = 65'536;
inline constexpr std::size_t websocket_scratch_bytes_max = 256 * 1024;  ///< kept between messages
inline constexpr std::size_t reassembly_bytes_max = 64 * 1024 * 1024;   ///< all unfinished messages

// -- datagrams (PROTOCOL.md 9) ---------------------------------------------------------------
inline constexpr std::size_t datagram_bytes_max = 1'200;    ///< default of --udp-raw-max
inline constexpr std::size_t datagram_bytes_limit = 1'472;  ///< most that --udp-raw-max takes
inline constexpr std::size_t dgram_shown_bytes_max = 64;    ///< of a payload, in a text line
inline constexpr std::uint32_t udp_peers_max = 64;          ///< from elsewhere than loopback
inline constexpr std::uint32_t udp_peers_loopback_max = 1'024;
inline constexpr std::uint32_t udp_peers_per_address_max = 8;
inline constexpr std::uint32_t udp_packets_per_second_max = 200;           ///< one source, in
inline constexpr std::uint32_t udp_bytes_per_second_max = 256 * 1024;      ///< one source, in
inline constexpr std::uint32_t udp_out_bytes_per_second_max = 20'000'000;  ///< all raw peers, out
inline constexpr std::chrono::seconds udp_idle_max = 60s;
inline constexpr std::uint32_t udp_datagrams_per_turn_max = 256;
inline constexpr std::uint32_t udp_posts_per_turn_max = 256;  ///< /hex of all users, one turn
inline constexpr std::size_t udp_post_bytes_per_turn_max = 64 * 1024;  ///< their copies
inline constexpr std::uint32_t udp_train_segments_max = 64;      ///< UDP_MAX_SEGMENTS before 6.9
inline constexpr std::size_t udp_train_bytes_max = 65'507;       ///< one IPv4 datagram's payload
inline constexpr std::uint32_t udp_trains_per_call_max = 4'096;  ///< handed out at once
inline constexpr std::uint16_t udp_slot_max = 65'534;            ///< udp:1 to udp:65534
inline constexpr std::uint32_t dgram_hz_default = 10;            ///< /dgram on: readable in passing
inline constexpr std::uint32_t dgram_hz_max = 1'000;
inline constexpr std::uint32_t dgram_senders_max = 2'048;  ///< raw peers and /hex users, a room
inline constexpr std::size_t dgram_batch_max = 64;         ///< shown at once: fills a gather
inline constexpr std::chrono::milliseconds dgram_age_max = 250ms;  ///< past it nobody wants it

// -- closing ---------------------------------------------------------------------------------
inline constexpr std::chrono::seconds half_close_time_max = 10s;
inline constexpr std::chrono::seconds drain_time_max = 5s;
inline constexpr std::chrono::seconds linger_time_max =
    2s;  ///< reading on after our FIN, against resets

}  // namespace chatd::limits
