#pragma once
// One room, or one person, as far as the screen has it: a window of what was said there, of which
// older and newer parts come from the server page by page, and what happened around it. Values in,
// values out; owns its texts, which have been made safe to show (safe_lines() below). One thread.
//
//        more_before()        entries(), at most entries_max               more_after()
//   ···· the server's ····│ page │ page │ … what came live, and told here │···· the server's ····
//
// While more_after() holds, what comes live is not added: it would leave a hole.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chatd/base/position.hpp"

namespace chatd::terminal {

struct Reaction {
    std::string word;
    std::vector<std::string> from;
};

/// One thing that stands on the screen.
struct Entry {
    enum class Kind : std::uint8_t {
        said,      ///< `from` said `body`
        action,    ///< `from` did `body`
        happened,  ///< `body` is a sentence about people or the topic
        gap,       ///< `body` tells what will never come
        told,      ///< an answer of the server or of this program
        failed,    ///< the same about what went wrong
        datagram,  ///< `from` sent the bytes that `body` shows
    };
    Kind kind = Kind::said;
    std::uint64_t serial = 0;  ///< given by the conversation; names the entry while it is there
    Position at{};             ///< none for what has no number
    UnixMs when = 0;
    std::string from{};
    std::string body{};  ///< lines with LF between them
    std::string key{};
    Position reply_to{};
    bool own = false;
    bool mention = false;  ///< it names us
    bool edited = false;
    bool removed = false;
    std::vector<Reaction> reactions{};

    bool is_said() const noexcept { return kind == Kind::said || kind == Kind::action; }
};

/// A change to an entry, which may come before it where history is read backwards.
struct Change {
    enum class Kind : std::uint8_t { edited, redacted, reacted };
    Kind kind = Kind::edited;
    Position at{};
    Position target{};
    std::string from{};
    std::string body{};  ///< the new text; the reaction
    bool off = false;
};

using Item = std::variant<Entry, Change>;
using Page = std::vector<Item>;  ///< oldest first

/// Where the lower edge of the view stands: at the end, or `rows_hidden` rows of the entry
/// `serial` are below it.
struct Scroll {
    bool following = true;
    std::uint64_t serial = 0;
    std::size_t rows_hidden = 0;

    friend bool operator==(const Scroll&, const Scroll&) = default;
};

class Conversation {
public:
    static constexpr std::size_t entries_max = 2000;
    static constexpr std::size_t changes_max = 4000;

    const std::deque<Entry>& entries() const noexcept { return entries_; }
    const Entry* find(Position at) const noexcept;
    const Entry* find(std::uint64_t serial) const noexcept;
    /// The place of `serial` among entries(); their count if it is gone.
    std::size_t index_of(std::uint64_t serial) const noexcept;
    bool has_key(std::string_view from, std::string_view key) const noexcept;

    bool more_before() const noexcept { return more_before_; }
    bool more_after() const noexcept { return more_after_; }
    Position oldest() const noexcept { return oldest_; }  ///< of what is here; none without any
    Position newest() const noexcept { return newest_; }

    /// What comes live. False where it could not be added, since a part before it is not here.
    bool append(Entry entry);
    void change(Change change);
    /// What is before oldest(), `more`: and there is more before that.
    void add_older(Page page, bool more);
    /// What is after newest().
    void add_newer(Page page, bool more);
    /// Another window instead of this one.
    void replace(Page page, bool more_before, bool more_after);

    Scroll scroll;
    std::uint64_t read_serial = 0;  ///< what is behind it is new to whoever looks; 0: nothing is

private:
    void note(Position at) noexcept;
    void apply(Entry& entry, const Change& change);
    void apply_known(Entry& entry);
    void remember(Change change);
    void drop_newest();
    void drop_oldest();

    std::deque<Entry> entries_;
    std::multimap<Position, Change> changes_;              // by what they change
    std::uint64_t serial_first_ = std::uint64_t{1} << 32;  // serials rise, in both directions
    std::uint64_t serial_next_ = std::uint64_t{1} << 32;
    Position oldest_;
    Position newest_;
    Position dropped_;  ///< the newest that came live and was not added
    bool more_before_ = false;
    bool more_after_ = false;
};

/// `text` without anything that could move the cursor (append_safe() in terminal/paint.hpp), its
/// line ends as LF.
std::string safe_lines(std::string_view text);

}  // namespace chatd::terminal
