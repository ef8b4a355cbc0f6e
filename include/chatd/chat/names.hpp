#pragma once
// Nicks and room names: which are allowed, which are equal, which look alike, and who holds them.
//
// The rules
//   - ASCII letters, digits, '-', '_' and '.', 1 to limits::name_bytes_max bytes. ASCII alone,
//     because every larger alphabet brings letters that cannot be told apart.
//   - A nick begins with a letter, so that no number or option is taken for one. A room begins with
//     a letter or digit, so that "." and ".." never stand in a path; it may be written with one
//     leading '#', which is not part of its name.
//   - Names are equal in any case ("Ana" is "ana") and shown as first written. fold() decides.
//   - Two names that look alike on a screen exclude each other. skeleton() decides, on the case as
//     shown: 'I' and '1' are 'l'; '0' and 'O' are 'o'; 'm' is "rn" and 'w' is "vv" (spelled out, so
//     that "vw" and "wv" both meet "vvv"); '_' is '-', and a run of either is one. Then case goes,
//     since a name's holder is known by it in any case. 'i' keeps its dot: it would make Kai and
//     Kal one name. '5', '2' and '8' stay: max2 and maxz are told apart in the fonts people chat
//     in.
//   - Reserved nicks are refused: words for the server, its roles and its addressees, however
//     spelled (look-alikes, 'i' for 'l', separators in between); and whatever reads as "guest" and
//     a number, since only the server gives those.
//
// Pure functions, any thread; a NickTable belongs to one engine.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/ids.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/wire/errc.hpp"

namespace chatd::chat {

/// Errc::none, or Errc::bad_nick for a nick that nobody may choose: against the rules or reserved.
/// The server's own guest nicks are reserved, so they do not pass.
wire::Errc check_nick(std::string_view nick) noexcept;

/// Errc::none or Errc::bad_room; `room` without its '#'.
wire::Errc check_room(std::string_view room) noexcept;

/// The nick the server gives to guest number `number`: "guest-7". No two of them look alike.
std::string guest_nick(std::uint64_t number);

/// Names are equal if their folds are: ASCII letters in lower case, the rest unchanged.
/// wire::same_name() tells it without making either.
std::string fold(std::string_view name);

/// Names look alike if their skeletons are equal. At most twice as long as the name.
std::string skeleton(std::string_view name);

/// Who has a nick: a connection that speaks for itself, or a session with all its connections.
struct NickHolder {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;
    bool is_session = false;

    NickHolder() = default;
    NickHolder(ConnId only) noexcept : index(only.index), generation(only.generation) {}
    NickHolder(SessionId whole) noexcept
        : index(whole.index), generation(whole.generation), is_session(true) {}
    /// Null if it is held by the other kind.
    ConnId connection() const noexcept { return is_session ? ConnId{} : ConnId{index, generation}; }
    SessionId session() const noexcept {
        return is_session ? SessionId{index, generation} : SessionId{};
    }
    friend bool operator==(const NickHolder&, const NickHolder&) = default;
};

/// The nicks in use and who holds each: no two equal, no two alike.
///
///   entries_     [ ana | Bob | - | guest-7 | ... ]     chunks of fixed entries, never moved
///   by_fold_     [ hash,1 | . | hash,0 | ... ]         open addressing, linear probing:
///   by_skeleton_ [ . | hash,0 | hash,1 | ... ]         a slot is 32 bits of hash and an entry
///
/// A slot's hash only says where to look; equality is decided on the names, so a collision never
/// takes a nick. About 80 bytes a nick in all.
class NickTable {
public:
    /// `salt` seeds the hashes: secret and different in each process, so that nobody can choose
    /// nicks that collide.
    explicit NickTable(std::uint64_t salt);
    NickTable(const NickTable&) = delete;
    NickTable& operator=(const NickTable&) = delete;
    ~NickTable();

    /// Gives `nick` to `holder`. Errc::nick_in_use if somebody has it or one that looks like it.
    /// Which nicks may be chosen is check_nick()'s business, so that the server can give the
    /// reserved ones; 1 to limits::name_bytes_max bytes is asserted here.
    wire::Errc take(std::string_view nick, NickHolder holder);

    /// Gives `next` to the holder of `nick` in its place; nicks alike but for the holder are no
    /// obstacle ("ana" may become "Ana"). Errc::nick_in_use, and nothing changed, if another has
    /// it; Errc::no_such_nick if nobody has `nick`.
    wire::Errc rename(std::string_view nick, std::string_view next);

    /// Gives a nick that somebody has to another holder; false if nobody has it.
    bool hand_over(std::string_view nick, NickHolder holder) noexcept;

    /// Frees `nick`; false if nobody had it.
    bool release(std::string_view nick) noexcept;

    /// Whether take() would succeed.
    bool is_free(std::string_view nick) const noexcept;

    /// Who has this nick, in any case; nullopt if nobody. Look-alikes are not found.
    std::optional<NickHolder> find(std::string_view nick) const noexcept;

    /// The nick as its holder wrote it, in the table's memory: valid until it is renamed or
    /// released. Empty if nobody has it.
    std::string_view held(std::string_view nick) const noexcept;

    std::uint32_t size() const noexcept { return size_; }

    /// Bytes held, for the metrics and the tests.
    std::size_t memory_bytes() const noexcept;

private:
    struct Entry;
    struct Key;
    struct Slot {
        std::uint32_t hash;
        std::uint32_t entry;
    };
    using Index = std::vector<Slot>;
    enum class Kind : std::uint8_t { fold, skeleton };

    Entry& entry(std::uint32_t index) const noexcept;
    Key key_of(std::string_view nick, Kind kind) const noexcept;
    Index& index_of(Kind kind) noexcept;
    std::uint32_t look_up(const Key& key) const noexcept;
    void insert(std::string_view nick, NickHolder holder);
    void remove(std::uint32_t index) noexcept;
    static void place(Index& index, Slot slot) noexcept;
    static void erase(Index& index, Slot slot) noexcept;
    void grow();

    std::uint64_t salt_;
    std::vector<std::unique_ptr<Entry[]>> chunks_;
    Index by_fold_;
    Index by_skeleton_;
    std::uint32_t size_ = 0;
    std::uint32_t entry_count_ = 0;  // ever used; entries of released nicks are chained
    std::uint32_t free_head_;
};

}  // namespace chatd::chat
