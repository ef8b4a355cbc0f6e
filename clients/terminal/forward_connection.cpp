#include "forward_connection.hpp"

#include <fmt/core.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "chatd/base/limits.hpp"
#include "chatd/wire/name.hpp"
#include "chatd/wire/text_reply.hpp"
#include "chatd/wire/text_request.hpp"
#include "event_lines.hpp"
#include "forward_text.hpp"
#include "paint.hpp"

namespace chatd::terminal {

namespace {

constexpr std::size_t input_bytes_max = 16 * 1024;  // read at a time
// How long the goodbye may take: the nick is free at once if it arrives, else a day later.
constexpr Duration farewell_max = std::chrono::seconds(2);
// How long a client may take to read what is left for it when all is over.
constexpr Duration linger_max = std::chrono::seconds(10);

bool would_block(int error) noexcept {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

// Whoever listens here hides outages, so the first one too.
ServerOptions patient(ServerOptions options) {
    options.retry_first = true;
    return options;
}

}  // namespace

ForwardConnection::ForwardConnection(client::Socket local, const ServerOptions& at)
    : local_(std::move(local)),
      remote_(patient(at).with({})),
      reader_(client::session_line_bytes_max, client::session_depth_max) {}

void ForwardConnection::add_polled(std::vector<pollfd>& fds) const {
    short events = wants_input() ? POLLIN : 0;
    if (out_sent_ < out_.size()) events = static_cast<short>(events | POLLOUT);
    // Without a wish it is not asked: one that hung up would answer again and again.
    if (!local_gone_ && events != 0) fds.push_back({local_.fd(), events, 0});
    if (!paused() && !remote_done_) remote_.add_polled(fds);
}

Time ForwardConnection::deadline() const noexcept {
    if (ended_) return time_never;
    if (remote_done_) return linger_until_;
    return paused() ? farewell_until_ : std::min(remote_.deadline(), farewell_until_);
}

void ForwardConnection::turn(Time now) {
    if (ended_) return;
    if (!local_gone_ && wants_input()) (void)read_local();
    take_lines();
    if (!paused() && !remote_done_) {
        remote_.turn(now);
        take_events(now);
        take_lines();
    }
    // Lines that waited for room in the output; each round takes at least one.
    bool held = paused();
    flush();
    while (held && !paused()) {
        take_lines();
        held = paused();
        flush();
    }
    finish_if_done(now);
    if (!remote_done_) return;
    if (linger_until_ == time_never) linger_until_ = now + linger_max;
    if (local_gone_ || out_sent_ == out_.size() || now >= linger_until_) {
        local_.close();
        ended_ = true;
    }
}

bool ForwardConnection::wants_input() const noexcept {
    return !input_ended_ && !leaving_ && !paused() && in_.size() < forward_input_bytes_max;
}

void ForwardConnection::end_input() {
    while (!local_gone_ && wants_input() && read_local()) {
    }
    input_ended_ = draining_ = true;
}

std::size_t ForwardConnection::unsaid() const noexcept {
    const std::size_t lines = remote_.session().outbox().size() + (pending_ ? 1 : 0);
    if (leaving_) return lines;  // what comes after /quit is not to be said
    const auto whole = static_cast<std::size_t>(std::count(in_.begin(), in_.end(), '\n'));
    return lines + whole + (in_.empty() || in_.ends_with('\n') ? 0 : 1);
}

// False: nothing more is there.
bool ForwardConnection::read_local() {
    std::array<char, input_bytes_max> buffer;
    const ssize_t count = ::recv(local_.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) {
        in_.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0) {
        input_ended_ = true;
    } else if (!would_block(errno)) {
        input_ended_ = local_gone_ = true;
    }
    return count > 0;
}

// -- what the client says ----------------------------------------------------------------------

void ForwardConnection::take_lines() {
    std::size_t taken = 0;
    while (!pending_ && !leaving_ && !paused() && taken < in_.size()) {
        const std::string_view rest = std::string_view(in_).substr(taken);
        const std::size_t end = rest.find('\n');
        const bool whole = end != std::string_view::npos;
        std::string_view line = rest.substr(0, end);
        // One more for a CR that belongs to the line's end.
        if (!skipping_ && line.size() > limits::line_bytes_max + 1) {
            wire::append_text_failure(out_, "*", {.error = wire::Errc::line_too_long});
            skipping_ = true;
        }
        if (skipping_) {
            skipping_ = !whole;
            taken += line.size() + (whole ? 1 : 0);
            continue;
        }
        // The last line counts without its end.
        if (!whole && !input_ended_) break;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty() && !take_line(line)) break;
        taken += whole ? end + 1 : rest.size();
    }
    in_.erase(0, taken);
}

// False: not now.
bool ForwardConnection::take_line(std::string_view line) {
    if (line.size() > limits::line_bytes_max) {
        wire::append_text_failure(out_, "*", {.error = wire::Errc::line_too_long});
        return true;
    }
    const auto request = wire::decode_text_request(line, limits::datagram_bytes_max);
    if (!request) {
        wire::append_text_failure(
            out_, request.error().command,
            {.error = request.error().error, .detail = request.error().detail});
        return true;
    }
    if (const auto* said = std::get_if<wire::Say>(&*request)) return say(*said);
    return carry_out(*request);
}

bool ForwardConnection::say(const wire::Say& said) {
    const std::string_view room = said.room.empty() ? std::string_view(current_) : said.room;
    if (room.empty()) {
        wire::append_text_failure(out_, wire::command_of(said), {.error = wire::Errc::no_room});
        return true;
    }
    client::Session& session = remote_.session();
    if (!session.outbox().refusal(said.body.size()).empty()) return false;
    client::SayOptions options{.action = said.action, .reply_to = said.reply_to};
    if (said.reply_to != Position{} && !said.reply_to) options.reply_to.epoch = epoch_of(room);
    if (const auto key = session.say(room, said.body, options); !key) {
        fail("*", "REFUSED", key.error());
    }
    return true;
}

// A command goes when all before it is said; then its order is the server's.
bool ForwardConnection::carry_out(const wire::Request& request) {
    if (!idle()) return false;
    const std::string command(wire::command_of(request));
    if (std::holds_alternative<wire::Help>(request)) {
        wire::append_text_reply(out_, command, wire::HelpReply{});
        return true;
    }
    if (std::holds_alternative<wire::Quit>(request)) {
        wire::append_text_reply(out_, command, wire::QuitReply{});
        input_ended_ = leaving_ = true;
        return true;
    }
    const ForwardedPlace place{current_, [this](std::string_view room) { return epoch_of(room); }};
    const auto call = call_of(request, place);
    if (!call) {
        fail(command, "NOT_FORWARDED",
             "chatcli forward does not carry that; connect to chatd itself.");
        return true;
    }
    if (!remote_.session().online()) return false;
    const auto* history = std::get_if<wire::History>(&request);
    pending_ =
        Pending{.id = remote_.session().call(
                    call->method, call->params,
                    call->repeatable ? client::CallKind::kept : client::CallKind::now),
                .command = command,
                .method = std::string(call->method),
                .room = history == nullptr || history->room.empty() ? current_
                                                                    : std::string(history->room)};
    return true;
}

bool ForwardConnection::idle() const noexcept {
    return !pending_ && remote_.session().outbox().empty();
}

Epoch ForwardConnection::epoch_of(std::string_view room) const {
    room = wire::bare_room(room);
    for (const auto& known : remote_.session().rooms()) {
        if (wire::same_name(known.room, room)) return known.last.epoch;
    }
    return 0;
}

// -- what the remote says ----------------------------------------------------------------------

void ForwardConnection::take_events(Time now) {
    while (auto event = remote_.session().next_event())
        take(*event, now);
    if (!remote_.ended() || remote_done_) return;
    if (!leaving_) give_up("OFFLINE", remote_.failure().text);
    remote_done_ = true;
}

void ForwardConnection::take(client::Event& event, Time now) {
    if (const auto* online = std::get_if<client::Online>(&event)) return came_online(*online);
    if (const auto* answer = std::get_if<client::Answer>(&event)) return answered(*answer, now);
    if (const auto* denied = std::get_if<client::Denied>(&event)) {
        return give_up(denied->code, denied->text);
    }
    if (const auto* refused = std::get_if<client::RoomRefused>(&event)) {
        if (refused->room == current_) current_.clear();
        return fail("JOIN", refused->code, refused->room + ": " + refused->text);
    }
    if (const auto* notice = std::get_if<client::Notice>(&event);
        notice != nullptr && (notice->code == "NICK_IN_USE" || notice->code == "BAD_NICK")) {
        named_ = false;  // somebody else has it since the server lost us
        return tell_nick();
    }
    if (const auto numbered = numbered_event(event)) {
        heard_[numbered->event.room] = numbered->event.at;
    }
    if (!leaving_ || !input_ended_) append_told(out_, event, remote_.session().nick(), notices_);
}

void ForwardConnection::came_online(const client::Online& online) {
    if (nick_.empty()) nick_ = online.nick;
    tell_nick();
    for (const client::RoomStanding& standing : online.rooms) {
        if (!standing.recovered) heard_[standing.room] = standing.at;  // from now on
        const auto range = missing_after(standing, heard_[standing.room]);
        if (standing.position_unknown()) heard_[standing.room] = standing.at;
        if (!range) continue;
        append_gap_notice(out_, standing.room, range->first, range->second,
                          standing.position_unknown() ? "this server does not know what came before"
                                                      : "they are gone");
    }
}

// A guest may be another one after the server forgot it.
void ForwardConnection::tell_nick() {
    const client::Session& session = remote_.session();
    if (named_ || !session.online() || session.nick() == nick_) return;
    nick_ = session.nick();
    out_ += fmt::format("NOTE NICK GUEST {0} :You are {0}; /nick NAME changes it.\n", safe(nick_));
}

void ForwardConnection::answered(const client::Answer& answer, Time now) {
    if (answer.id == last_ping_) return farewell(now);
    if (leaving_ && answer.method == "quit") {
        remote_done_ = true;
        return;
    }
    if (!pending_ || answer.id != pending_->id) return;
    const Pending pending = std::move(*pending_);
    pending_.reset();
    if (answer.error) {
        const bool offline = answer.error->code == "OFFLINE";
        return fail(pending.command, answer.error->code,
                    offline ? "The connection was lost meanwhile; it may be done or not."
                            : answer.error->text);
    }
    const auto result = reader_.read(as_bytes(answer.result));
    auto reply = result ? reply_of(pending.method, *result, epoch_of(pending.room)) : std::nullopt;
    if (!reply)
        return fail(pending.command, "BAD_ANSWER", "The server's answer is not understood.");
    if (const auto* join = std::get_if<wire::JoinReply>(&*reply)) {
        current_ = join->standing.room;
        if (!join->standing.recovered) heard_[current_] = join->standing.at;
    } else if (auto* leave = std::get_if<wire::LeaveReply>(&*reply)) {
        // Of a room that is not current here; after a cut the server may take another for it.
        if (leave->room != current_ && !current_.empty()) leave->current = current_;
        current_ = leave->current;
    } else if (const auto* nick = std::get_if<wire::NickReply>(&*reply)) {
        nick_ = nick->nick;
        named_ = true;
    } else if (const auto* notices = std::get_if<wire::NoticesReply>(&*reply)) {
        notices_ = notices->on;
    }
    wire::append_text_reply(out_, pending.command, *reply);
}

// -- the end -----------------------------------------------------------------------------------

// The client has no more to say: once all is said and answered, a ping's answer comes after what
// its rooms held, and then it is over.
void ForwardConnection::finish_if_done(Time now) {
    if (now >= farewell_until_) remote_done_ = true;
    if (remote_done_ || farewell_until_ != time_never) return;
    if (!input_ended_ || !idle() || last_ping_ != 0) return;
    if (leaving_) return farewell(now);  // by /quit
    if (!in_.empty()) return;
    if (!remote_.session().online()) {
        remote_done_ = draining_;
        return;
    }
    last_ping_ = remote_.session().call("ping", {}, client::CallKind::kept);
}

void ForwardConnection::farewell(Time now) {
    leaving_ = true;
    farewell_until_ = now + farewell_max;
    if (remote_.session().online()) {
        remote_.session().call("quit");
    } else {
        remote_done_ = true;
    }
    remote_.leave();
}

void ForwardConnection::give_up(std::string_view code, std::string_view text) {
    fail("*", code, text);
    input_ended_ = leaving_ = remote_done_ = true;
}

void ForwardConnection::flush() {
    while (!local_gone_ && out_sent_ < out_.size()) {
        const ssize_t count = ::send(local_.fd(), out_.data() + out_sent_, out_.size() - out_sent_,
                                     MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && would_block(errno)) break;
        if (count < 0) {
            input_ended_ = local_gone_ = true;
        } else {
            out_sent_ += static_cast<std::size_t>(count);
        }
    }
    if (local_gone_ || out_sent_ == out_.size()) {
        out_.clear();
        out_sent_ = 0;
    }
}

void ForwardConnection::fail(std::string_view command, std::string_view code,
                             std::string_view text) {
    out_ += fmt::format("FAIL {} {} :", command, safe(code));
    append_safe(out_, text);
    out_ += '\n';
}

}  // namespace chatd::terminal
