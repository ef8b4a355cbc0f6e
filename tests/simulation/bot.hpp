#pragma once
// One JSON-RPC client of a world with a store: who it is outlasts its connections and the server's
// crashes. It keeps its token, what it has read and what it said under keys; it comes back with
// those, and holds every answer and every event against the chronicle.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/base/ids.hpp"
#include "chatd/base/prng.hpp"
#include "chatd/base/time.hpp"
#include "chatd/wire/json_reader.hpp"
#include "simulation/chronicle.hpp"

namespace chatd::simulation {

/// What a bot wrote and the server has not answered.
struct BotCall {
    enum class Kind : std::uint8_t { begin, join, say };
    Kind kind = Kind::say;
    std::size_t room = 0;                                         ///< join, say
    std::array<std::optional<Position>, room_count_max> since{};  ///< begin, join
    std::array<bool, room_count_max> joins{};
    bool resumes = false;
    Line line{};               ///< say
    std::size_t ready_at = 0;  ///< so many bytes of its input must have come
    std::uint64_t id = 0;      ///< 0: a notification, which is not answered
    bool published = false;    ///< the server took it for a new line
};

class Bot {
public:
    Bot(Chronicle& chronicle, const StorePlan& plan, Tally& tally, std::uint32_t number,
        bool reads_at_once)
        : prompt(reads_at_once),
          chronicle_(chronicle),
          plan_(plan),
          tally_(tally),
          number_(number),
          reader_(1 << 20, 16) {}
    Bot(const Bot&) = delete;
    Bot& operator=(const Bot&) = delete;

    // Its connection, as the fake kernel has it.
    const bool prompt;  ///< it reads at once, always, and says nothing
    ConnId id;
    bool connected = false;
    std::string pipe;           ///< what it wrote on this connection
    std::size_t delivered = 0;  ///< of it
    bool paused = false;
    Time stalled_until{};

    /// A new connection: it says who it is and from where it goes on.
    void connect(Prng& prng);
    /// The connection is gone, and with it what was not answered.
    void disconnected();
    /// Writes one request more.
    void act(Prng& prng);
    bool begun() const noexcept { return begun_; }

    /// The next call that the server has not carried out, if it has come whole.
    std::optional<std::size_t> next_end() const;
    bool takes_call(std::uint64_t published_count);
    /// Bytes came.
    void received(Bytes bytes);

    /// Everything was answered and everything has arrived.
    void check_complete() const;
    bool in_room(std::size_t room) const noexcept { return places_[room].open; }
    Position had(std::size_t room) const noexcept { return places_[room].had; }

private:
    struct Place {
        bool open = false;  ///< the join was answered
        Position had{};
    };
    /// Said under a key, in this session.
    struct Keyed {
        std::size_t room = 0;
        Line line{};
        std::optional<Position> at{};  ///< once it was acknowledged
    };

    void begin(Prng& prng);
    void say(Prng& prng);
    void write_say(std::size_t room, const Line& line, bool unasked);
    void join(Prng& prng);
    void write(BotCall call, std::string_view method, const std::string& params);
    std::optional<Position> draw_since(Prng& prng, std::size_t room) const;
    void line_came(std::string_view text);
    void answered(const BotCall& call, const wire::JsonValue& text);
    void refused(const BotCall& call, std::string_view code);
    void begun(const BotCall& call, const wire::JsonValue& result);
    void joined(const BotCall& call, const wire::JsonValue& standing);
    void said(const BotCall& call, const wire::JsonValue& result);
    void message_came(const wire::JsonValue& params);
    void gap_came(const wire::JsonValue& params);
    [[noreturn]] void strange(std::string_view text) const;

    Chronicle& chronicle_;
    const StorePlan& plan_;
    Tally& tally_;
    std::uint32_t number_;
    wire::JsonReader reader_;
    std::string token_;
    std::uint64_t sessions_ = 0;  ///< begun, with or without success
    bool session_lasts_ = false;  ///< something that was said in it is durable
    bool begun_ = false;          ///< and answered
    std::uint64_t last_id_ = 0;
    std::uint64_t last_line_ = 0;
    std::string buffer_;
    std::array<Place, room_count_max> places_{};
    std::array<std::vector<Position>, room_count_max> read_{};  ///< all it was ever told
    std::vector<BotCall> calls_;                                ///< not answered, in order
    std::size_t taken_ = 0;                                     ///< of these, by the server
    std::map<std::string, Keyed> keyed_;
};

}  // namespace chatd::simulation
