#pragma once
// One client's end of the stream: takes the bytes apart with parsers of its own and holds every
// line against the model. Owned by its client; borrows the model and what it knows of the client.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/websocket.hpp"
#include "simulation/faults.hpp"
#include "simulation/model.hpp"

namespace chatd::simulation {

class Reader {
public:
    Reader(Model& model, Person& person, bool stranger)
        : model_(model), person_(person), stranger_(stranger) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// Bytes came. `resolve` carries out one more request that may have been, and says whether
    /// there was one: an answer may be the first sign of it.
    void received(Bytes bytes, const std::function<bool()>& resolve);
    /// The server's FIN, with nothing lost before it.
    void ended();

    /// It is in the room without having asked: the lobby, silently or by its first bytes. The
    /// position lies between the two.
    void placed(std::size_t room, std::uint64_t from, std::uint64_t until, std::uint64_t told);
    /// It may have been placed as late as this.
    void placed_until(std::size_t room, std::uint64_t until);
    void displaced(std::size_t room) { places_[room].open = false; }
    /// Nothing was received or is owed that has not come.
    void check_complete() const;

    std::vector<std::string> take_pings() { return std::exchange(pings_, {}); }
    void expect_pong(std::string payload) { pongs_.push_back(std::move(payload)); }
    bool closed() const noexcept { return closed_; }
    std::uint64_t gap_count() const noexcept { return gap_count_; }
    bool sees_datagrams = false;

private:
    struct Place {
        bool open = false;
        bool was_open = false;
        bool after_gap = false;
        bool begun = false;     ///< something of the room has come
        std::uint64_t low = 0;  ///< index of the next line; while low < high it lies between
        std::uint64_t high = 0;
        std::size_t line = 0;  ///< lines of it that have come
        /// Other places where it may stand after a gap: numbers begin again with a new room.
        std::vector<std::uint64_t> otherwise{};
        std::uint64_t told = 0;  ///< events up to here have come or are missed
    };

    enum class Mode : std::uint8_t { undecided, text, http_head, frames };

    void take_text();
    bool take_head();
    void take_frames();
    void line_came(std::string_view line);
    void check_line(std::string_view line);
    void said(std::size_t room, std::string_view line);
    [[noreturn]] void not_expected(const Place& place, std::size_t room, std::string_view line);
    void gap(std::string_view line);
    bool gap_fits(const Place& place, std::size_t room, std::uint64_t from, std::uint64_t to) const;
    std::optional<std::uint64_t> expected_at(const Place& place, std::size_t room,
                                             std::string_view line) const;
    void told(std::string_view line);
    void answer(std::string_view line);
    void answered(const Reply& reply, std::string_view line);
    void sent(const Reply& reply, std::string_view line);
    bool is_message(const PrivateMessage& message, std::string_view line) const;
    bool stray_message_came(std::string_view line);
    void private_line(std::string_view line);
    void pong_came(std::string payload);
    std::string context() const;
    Place& place_for(std::size_t room, std::string_view line);

    Model& model_;
    Person& person_;
    bool stranger_;
    const std::function<bool()>* resolve_ = nullptr;
    Mode mode_ = Mode::undecided;
    std::string buffer_;
    std::array<Place, room_count_max> places_{};
    LineFilter filter_;
    wire::WebSocketDecoder decoder_{wire::WebSocketRole::client};
    std::string message_;
    std::string scratch_;
    std::vector<std::string> pings_;
    std::vector<std::string> pongs_;
    std::int64_t list_lines_ = 0;
    std::uint32_t private_at_ = UINT32_MAX;  ///< a message of several lines that has begun
    std::size_t private_line_ = 0;
    std::uint64_t gap_count_ = 0;
    bool notices_ = false;
    bool closed_ = false;
    bool welcomed_ = false;
};

}  // namespace chatd::simulation
