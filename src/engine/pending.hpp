#pragma once
// What waits for the store: commits, answers to reads, and how far behind it is.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "chatd/base/ids.hpp"
#include "chatd/chat/persistence.hpp"
#include "chatd/wire/reply.hpp"
#include "engine/ask.hpp"
#include "engine/session.hpp"

namespace chatd::engine {

/// An answer that is told when the write it is about is durable.
struct AwaitedCommit {
    chat::Ticket ticket = 0;
    ConnId connection{};  ///< null: nobody waits, but `room` does
    Ask ask{};
    wire::Reply reply{};
    RoomId room{};       ///< not null: its hand-out goes on then
    LogIndex fired = 0;  ///< past this line of it
};

/// A read that the store has not answered.
struct PendingQuery {
    enum class Kind : std::uint8_t { history, search, privates, target, catch_up };
    Kind kind = Kind::history;
    ConnId connection{};
    Ask ask{};
    std::string room{};
    SessionId session{};  ///< privates: whose; target: who asked, with nick and serial
    std::string nick{};
    ConnSerial serial = 0;
    wire::KeptEvent event{};     ///< target: what is to be published if the target allows it
    std::uint32_t catch_up = 0;  ///< slab index
};

/// A page of the connections, on its way to who asked for it.
struct Listing {
    ConnId connection{};
    Ask ask{};
    wire::Connections wanted{};
    wire::ConnectionsReply reply{};  ///< but for what the I/O side knows
};

/// A reader that gets older records from the store before it goes on in the log.
struct CatchUp {
    ConnId connection{};
    chat::QueryId query = 0;                ///< of the page that is on its way
    Position after{};                       ///< everything up to here was handed to its stream
    Position edge{};                        ///< where the log began when it was asked for; or none
    std::deque<wire::KeptEvent> waiting{};  ///< of the last page, not handed on yet
    Position missing_from{};                ///< to be told before `waiting`
    Position missing_to{};
    bool asked = false;  ///< a page is on its way
    bool more = true;    ///< the store may have more after `waiting`
};

/// Writes on their way to the store.
struct StoreStanding {
    chat::Ticket last_ticket = 0;
    chat::Ticket committed = 0;
    std::deque<std::uint32_t> bytes{};  ///< of each write without its commit, in order
    std::size_t bytes_sum = 0;
    std::string trouble{};  ///< why it cannot write just now; empty: it can
};

/// A room that the store knows and that is not in memory.
struct KnownRoom {
    std::string name{};
    Position last{};
    std::string topic{};
    std::string topic_from{};
    std::vector<chat::EpochEnd> ended{};
    chat::Kept kept{};
    std::vector<wire::KeptEvent> newest{};  ///< of the start: for its log, when it is made
};

}  // namespace chatd::engine
