#pragma once
// What must be true, told from the inputs alone: what was said in each room in which order, who is
// called what, who is where, and what each client is owed as answers. The engine is asked for
// nothing but how many lines it has published, which tells how far it has read a connection that
// it makes wait.
//
// A line's *index* counts what was said in a room from 0 over the whole world. Numbers (seq) begin
// again when a room was forgotten and made anew, so they are told from indices by a base.

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/violation.hpp"

namespace chatd::simulation {

inline constexpr std::size_t room_count_max = 4;
inline constexpr std::array<std::string_view, room_count_max> room_names{"lobby", "dev", "ops",
                                                                         "zoo"};
inline constexpr std::size_t lobby = 0;
inline constexpr std::size_t no_room = SIZE_MAX;
inline constexpr std::uint64_t unbounded = std::numeric_limits<std::uint64_t>::max();

/// How much was said, and told, in each room at some moment.
struct Moment {
    std::array<std::uint64_t, room_count_max> said{};
    std::array<std::uint64_t, room_count_max> told{};
};

struct Said {
    std::uint32_t author = 0;
    std::vector<std::string> lines;  ///< as a reader of the text dialect sees them
};
struct Told {
    std::uint32_t author = 0;
    std::uint64_t after = 0;  ///< how much had been said before
    std::string line;         ///< without a reason in brackets
};
struct RoomHistory {
    std::vector<Said> said;
    std::vector<Told> told;
    std::set<std::uint64_t> bases{0};  ///< index of number 1, as far as it can be told
    std::uint32_t member_count = 0;
};

enum class RequestKind : std::uint8_t {
    say,
    action,
    nick,
    join,
    leave,
    msg,
    who,
    rooms,
    ping,
    notices,
    help,
    refused,
    hex,
    dgram,
    quit,
    upgrade,          ///< to a WebSocket
    websocket_close,  ///< ends it, by a close frame or by breaking the rules
};

/// One thing a client asked for, known from its making, not from reading its bytes.
struct Request {
    RequestKind kind = RequestKind::say;
    std::string argument;            ///< room, nick, token, payload, or the FAIL that is expected
    std::vector<std::string> shown;  ///< lines of text as they are to be shown
    std::size_t ready_at = 0;        ///< how many bytes of its input must have come
    std::optional<Moment> since;     ///< it may have been carried out from then on
    std::uint32_t message = UINT32_MAX;  ///< of a private message: its place in Model::messages
};

enum class ReplyKind : std::uint8_t { plain, joined, left, list, sent, notices };

/// One answer a client is owed.
struct Reply {
    ReplyKind kind = ReplyKind::plain;
    std::string begins;          ///< with " :" and more behind it
    std::size_t room = no_room;  ///< joined, left
    bool fresh = false;          ///< joined: it was not in the room before
    Moment from{};               ///< joined: the position lies between these
    Moment until{};
    std::int64_t list_lines = -1;  ///< list: how many; -1: not known
    std::uint32_t message = UINT32_MAX;
    bool on = false;
};

struct PrivateMessage {
    enum class State : std::uint8_t { unknown, accepted, refused };
    std::uint32_t sender = 0;
    std::uint32_t target = UINT32_MAX;
    State state = State::unknown;
    bool arrived = false;
    bool passed_over = false;  ///< a later one has arrived before it
    std::vector<std::string> lines;
};

/// What is known of one connection.
struct Person {
    std::uint32_t number = 0;
    std::string nick;
    std::array<bool, room_count_max> member{};
    std::size_t current = no_room;
    bool text = false;  ///< it speaks the text dialect, framed or not
    bool framed = false;
    bool greeted = false;          ///< it may be greeted
    bool paused = false;           ///< the engine wants to read no more of it
    bool input_over = false;       ///< nothing more is taken: quit, FIN, close
    bool gone = false;             ///< it is in no room any more
    bool released = false;         ///< its nick is free again
    std::optional<Moment> until;   ///< it is owed what was said before
    std::deque<Request> requests;  ///< sent and not yet known to be carried out
    std::deque<Reply> replies;
    std::vector<std::uint32_t> messages;  ///< private ones to it, in the order they were sent
};

class Model {
public:
    explicit Model(bool fuzzy) : fuzzy_(fuzzy) {}

    /// Some connection was made to wait: when its requests are carried out is known roughly, and
    /// what depends on that is not checked.
    bool fuzzy() const noexcept { return fuzzy_; }
    void make_fuzzy() noexcept { fuzzy_ = true; }

    const RoomHistory& room(std::size_t index) const noexcept { return rooms_[index]; }
    PrivateMessage& message(std::uint32_t index) noexcept { return messages_[index]; }
    std::uint32_t message_count() const noexcept {
        return static_cast<std::uint32_t>(messages_.size());
    }
    Moment now() const noexcept;
    std::uint64_t published() const noexcept { return published_; }
    const std::vector<std::string>& posted() const noexcept { return posted_; }
    void clear_posted() noexcept { posted_.clear(); }

    void enter(Person& person);
    /// It is known to be in the room: it was not before.
    void join(Person& person, std::size_t room);
    void leave(Person& person, std::size_t room);
    void leave_all(Person& person);
    void release_nick(Person& person);
    /// Carries out the first request.
    void take(Person& person);
    /// Notes that the requests that have come (`bytes` of input) may be carried out from now on.
    void note_pending(Person& person, std::size_t bytes);
    /// One of the nicks in use, if there is any.
    std::optional<std::string> some_nick(std::uint64_t draw) const;
    /// The first index at or after `index` that was not said by `reader`.
    std::uint64_t next_for(std::size_t room, std::uint64_t index, std::uint32_t reader) const;

private:
    void name_first(Person& person, const Request& request);
    void take_nick(Person& person, const Request& request);
    void take_join(Person& person, const Request& request);
    void take_leave(Person& person, const Request& request);
    void take_msg(Person& person, Request& request);
    void register_message(Person& person, Request& request);
    void say(Person& person, const Request& request);
    void tell(Person& person, std::size_t room, std::string line);
    void name(Person& person, std::string nick);
    std::int64_t people_in(std::size_t room) const;
    static std::size_t room_index(std::string_view name);

    bool fuzzy_;
    std::array<RoomHistory, room_count_max> rooms_;
    std::map<std::uint32_t, Person*> people_;  ///< those not gone
    std::map<std::string, Person*> nicks_;
    std::vector<PrivateMessage> messages_;
    std::vector<std::string> posted_;
    std::uint64_t guests_ = 0;
    std::uint64_t published_ = 0;
};

}  // namespace chatd::simulation
