#pragma once
// One line client behind `chatcli forward`: its socket, and the session that speaks for it at the
// remote chatd. While that is away, lines wait in the session's outbox and commands in the input;
// nothing of the outage reaches the client but silence.
//
// Lines are said by key and so once. A command is asked when every line before it is said and has
// its answer before the next line is looked at, so replies and rooms are as a chatd would have
// them. One that must not be done twice and was cut off is answered by FAIL COMMAND OFFLINE: then
// nobody knows whether it was done.
//
// Never blocks; the owner polls. One thread.

#include <poll.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/time.hpp"
#include "chatd/client/client.hpp"
#include "chatd/client/socket.hpp"
#include "chatd/wire/json_reader.hpp"
#include "chatd/wire/request.hpp"
#include "command_options.hpp"

namespace chatd::terminal {

/// Undecoded input at which the client is not read any more: TCP makes it wait.
inline constexpr std::size_t forward_input_bytes_max = 64 * 1024;
/// Unsent output at which the remote is not read any more: it treats us as a slow reader.
inline constexpr std::size_t forward_output_bytes_max = 1024 * 1024;

class ForwardConnection {
public:
    /// Takes `local` over, which does not block.
    ForwardConnection(client::Socket local, const ServerOptions& at);

    void add_polled(std::vector<pollfd>& fds) const;
    Time deadline() const noexcept;
    void turn(Time now);

    /// Takes nothing more from the client; what it said so far is still said.
    void end_input();
    /// All is done, and both sides are closed.
    bool ended() const noexcept { return ended_; }
    /// Lines that the remote does not have for sure, those behind a waiting command too.
    std::size_t unsaid() const noexcept;

private:
    struct Pending {
        std::uint64_t id = 0;
        std::string command;  ///< as its replies name it
        std::string method;
        std::string room;  ///< of a page of history
    };

    bool paused() const noexcept { return out_.size() - out_sent_ > forward_output_bytes_max; }
    bool wants_input() const noexcept;
    bool read_local();
    void take_lines();
    bool take_line(std::string_view line);
    bool say(const wire::Say& say);
    bool carry_out(const wire::Request& request);
    bool idle() const noexcept;
    void take_events(Time now);
    void take(client::Event& event, Time now);
    void came_online(const client::Online& online);
    void tell_nick();
    void answered(const client::Answer& answer, Time now);
    void finish_if_done(Time now);
    void farewell(Time now);
    void give_up(std::string_view code, std::string_view text);
    void flush();
    void fail(std::string_view command, std::string_view code, std::string_view text);
    Epoch epoch_of(std::string_view room) const;

    client::Socket local_;
    client::Client remote_;
    wire::JsonReader reader_;
    std::string in_;
    std::string out_;
    std::size_t out_sent_ = 0;
    std::string current_{"lobby"};  ///< where lines go; empty: nowhere
    std::string nick_;              ///< as the client knows it
    bool named_ = false;            ///< it chose that itself: the session will ask for it again
    std::map<std::string, Position, std::less<>> heard_;  ///< of each room, the last told
    std::optional<Pending> pending_;
    std::uint64_t last_ping_ = 0;  ///< asked when all else is answered
    Time farewell_until_ = time_never;
    Time linger_until_ = time_never;  ///< once the remote is done
    bool notices_ = false;
    bool skipping_ = false;  ///< the rest of a line that was too long
    bool input_ended_ = false;
    bool draining_ = false;
    bool local_gone_ = false;
    bool leaving_ = false;
    bool remote_done_ = false;
    bool ended_ = false;
};

}  // namespace chatd::terminal
