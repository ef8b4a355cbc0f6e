#pragma once
// Everything the screen knows, without a terminal and without a connection: rooms with what was
// said there, who is in them, the line being typed, what of it all is looked at. Events, keys and
// times go in, wishes (wish.hpp) come out, and draw() (draw.hpp) makes cells of it. Never waits for
// anything. Owns what it holds; one thread.
//
//   model.happened(event)  model.pressed(key)  model.set_…()   what happens
//   model.take_wishes()                                         what to do about it
//   draw(model)                                                 how it looks

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "areas.hpp"
#include "chatd/base/time.hpp"
#include "chatd/client/event.hpp"
#include "chatd/wire/request.hpp"
#include "completion.hpp"
#include "conversation.hpp"
#include "editor.hpp"
#include "key.hpp"
#include "pager.hpp"
#include "rows.hpp"
#include "wish.hpp"

namespace chatd::terminal {

/// How the connection stands, as the status bar tells it.
struct Connection {
    enum class State : std::uint8_t { connecting, resuming, online, offline };
    State state = State::connecting;
    std::optional<Duration> rtt{};       ///< the last one measured
    std::optional<Duration> retry_in{};  ///< offline: when it is tried again
    std::string server{};                ///< online: at which of several; empty: there is one
    std::string reason{};                ///< offline: why, as one sentence

    friend bool operator==(const Connection&, const Connection&) = default;
};

/// Nicks and rooms in the order of the alphabet, whatever their case.
struct LessByLetters {
    bool operator()(std::string_view one, std::string_view other) const noexcept;
};
using Names = std::set<std::string, LessByLetters>;

/// A room one is in, or a person one talks to alone.
struct Room {
    std::string name;  ///< without '#', as its maker spells it
    bool is_person = false;
    Conversation talk;
    Names people;  ///< as many as the server lists; sorted
    std::uint64_t people_count = 0;
    std::string topic;
    Epoch epoch = 0;  ///< the present one
    std::size_t unread = 0;
    bool mentioned = false;                ///< among what is unread somebody names us
    bool left = false;                     ///< not in it any more; what was said stays to be read
    bool asking = false;                   ///< a page is on its way
    std::map<std::string, UnixMs> typing;  ///< who, and until when it counts
    std::vector<std::string> speakers;     ///< the latest first

    /// "#dev", "@bob".
    std::string title() const { return (is_person ? "@" : "#") + name; }
};

class Model {
public:
    static constexpr std::size_t rooms_max = 128;  ///< with persons
    static constexpr std::size_t speakers_max = 32;
    static constexpr std::uint32_t page_limit = 100;  ///< messages asked for at a time
    static constexpr std::chrono::seconds typing_time{8};

    /// `nick` is who we want to be, perhaps nobody; `rooms` are those to begin in, without '#'.
    /// They can be typed in at once.
    Model(std::string nick, const std::vector<std::string>& rooms);

    // -- what happens --------------------------------------------------------------------------

    void set_size(std::size_t rows, std::size_t columns);
    void set_now(UnixMs now);
    void set_connection(Connection connection) { connection_ = std::move(connection); }
    /// The lines that are not said for sure, oldest first.
    void set_pending(std::vector<PendingLine> pending) { pending_ = std::move(pending); }
    /// Something in the conversation with the server; of an Answer, `id` is the question's number.
    void happened(const client::Event& event);
    void pressed(const Key& key);
    /// A line that could not be said, and why; it stays to be typed anew.
    void refused(std::string_view line, std::string_view why);

    /// Whatever there is to do since the last call, in its order.
    std::vector<Wish> take_wishes();

    // -- how it stands -------------------------------------------------------------------------

    std::size_t rows() const noexcept { return rows_; }
    std::size_t columns() const noexcept { return columns_; }
    UnixMs now() const noexcept { return now_; }
    const std::string& nick() const noexcept { return nick_; }
    const Connection& connection() const noexcept { return connection_; }
    const std::vector<PendingLine>& pending() const noexcept { return pending_; }
    const Editor& editor() const noexcept { return editor_; }
    const Completion* completion() const noexcept { return completion_ ? &*completion_ : nullptr; }
    Pager* pager() const noexcept { return pager_.get(); }
    /// Rooms in the order they were entered, then persons in that of their first word.
    const std::vector<std::unique_ptr<Room>>& all_rooms() const noexcept { return all_rooms_; }
    /// The one that is looked at; none when all were left.
    const Room* current() const noexcept;
    Look look() const;
    Areas areas() const;
    std::string prompt() const;
    std::size_t prompt_columns() const;
    /// The first room to show in a list of so many rows, so that the current one is among them.
    std::size_t rooms_first(std::size_t rows) const noexcept;
    /// Until when what was drawn is right, if nothing happens.
    UnixMs stale_at() const noexcept;

private:
    friend struct EventTaker;    // model.cpp
    friend struct RequestTaker;  // model_commands.cpp

    /// What an answer is for.
    struct Question {
        enum class Purpose : std::uint8_t {
            newest,  ///< the first page of a room
            older,   ///< the page before what is here
            newer,   ///< the page after it
            around,  ///< a page somewhere else; then `at` is shown
            people,  ///< who is in a room
            rooms,   ///< for completion
            shown,   ///< the person asked: the answer is shown
        };
        Purpose purpose = Purpose::shown;
        std::string room;
        Position at;
        std::string text;  ///< what was asked, what was said to a person
    };

    // model.cpp
    Room* find_room(std::string_view name, bool is_person = false);
    Room& room_of(std::string_view name, bool is_person = false);
    Room* current_room();
    void show_room(std::size_t index);
    void show_room(const Room& room);
    void remove_room(std::string_view name);
    void enter(const client::RoomStanding& standing, bool moved);
    void add(Room& room, Entry entry);
    void add_told(Entry::Kind kind, std::string_view text);
    void add_told(Room& room, Entry::Kind kind, std::string_view text);
    bool is_seen(const Room& room) const noexcept;

    // model_answers.cpp
    void ask(Question question, const wire::Request& request);
    void ask_older(Room& room);
    void ask_newer(Room& room);
    void ask_newest(Room& room);
    void ask_around(Room& room, Position at);
    void ask_people(Room& room);
    void answered(const client::Answer& answer);
    void names_came(const Question& question, const client::Answer& answer);
    void page_came(const Question& question, const client::Answer& answer);
    void show_answer(const Question& question, const client::Answer& answer);

    // model_commands.cpp
    void submit();
    void submit_line(std::string_view line);

    // model_keys.cpp
    bool pressed_in_pager(const Key& key);
    void pressed_control(char letter);
    void pressed_alt(char letter);
    void complete(int step);
    void clicked(Place place);
    void open_selected();
    void show_entry(Room& room, std::uint64_t serial);
    void move_view(std::ptrdiff_t rows);
    void view_moved();
    void follow();
    void step_room(std::ptrdiff_t by);
    void next_unread();
    Vocabulary vocabulary() const;

    std::size_t rows_ = 24;
    std::size_t columns_ = 80;
    UnixMs now_ = 0;
    std::string nick_;
    Connection connection_;
    std::string server_;  // where one was online last, of several
    std::vector<PendingLine> pending_;
    Editor editor_;
    std::optional<Completion> completion_;
    std::unique_ptr<Pager> pager_;
    std::vector<std::unique_ptr<Room>> all_rooms_;
    std::size_t current_ = 0;
    std::vector<std::string> known_rooms_;         // of the server, for completion
    std::map<std::uint64_t, Question> questions_;  // as many as a Session has calls
    std::uint64_t question_last_ = 0;
    std::vector<Wish> wishes_;
    bool interrupted_ = false;  // Ctrl-C was the last key
};

/// Whether `body` has `nick` as a word of its own, in any case.
bool names(std::string_view body, std::string_view nick) noexcept;

}  // namespace chatd::terminal
