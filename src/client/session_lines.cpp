// The lines that a session says: when they leave, and how they are found again after a cut.

#include <algorithm>
#include <utility>

#include "chatd/base/limits.hpp"
#include "chatd/client/session.hpp"
#include "chatd/wire/json_text.hpp"
#include "chatd/wire/name.hpp"

namespace chatd::client {

namespace {

/// How old a line may be that is sent again without a look at its room: the server forgets keys
/// that are older than limits::key_age_max, and the line has a way to go.
constexpr Duration key_trusted_max = limits::key_age_max - std::chrono::seconds{20};

/// A line is looked for while rooms tell anything, but not for ever. A short keepalive leaves a
/// silent server sooner; it makes no room come faster, and its answers are no sign that one still
/// comes.
constexpr Duration search_silence_max = std::chrono::seconds{10};
constexpr Duration search_max = std::chrono::minutes{2};

std::string said_params(const Outbox::Line& line) {
    std::string params;
    wire::JsonObject object(params);
    object.text("room", line.room);
    object.text("body", line.body);
    object.text("key", line.key);
    if (line.action) object.boolean("action", true);
    if (line.reply_to) object.position("reply_to", line.reply_to);
    object.close();
    return params;
}

}  // namespace

// -- when they leave ---------------------------------------------------------------------------

// Lines go in their order: one that has to wait keeps back those behind it.
void Session::fill() {
    if (!online() || draining_ || !broken_.empty()) return;
    for (Outbox::Line& line : outbox_.lines()) {
        if (line.request != 0) continue;
        if (outbox_.on_their_way() >= window()) return;
        if (unsent_.size() - unsent_from_ >= session_unsent_bytes_max || must_wait(line)) return;
        if (!line.perhaps_said || is_doubtful(line)) {
            line.identity = identity_;
            line.first_sent = now_;
        }
        const std::uint64_t id = ++last_id_;
        write("say", said_params(line), id);
        outbox_.left(line, id);
    }
}

// How many lines may be on their way. One, until those that the server put off are said: else it
// could put the first off again and take the second. They are among the oldest.
std::size_t Session::window() const noexcept {
    const auto& lines = outbox_.lines();
    const auto oldest =
        static_cast<std::ptrdiff_t>(std::min(lines.size(), options_.unanswered_max));
    const bool any =
        std::any_of(lines.begin(), lines.begin() + oldest,
                    [](const Outbox::Line& line) { return line.not_before != Time{}; });
    return any ? 1 : options_.unanswered_max;
}

const Outbox::Line* Session::next_line() const noexcept {
    if (draining_) return nullptr;
    const auto& lines = outbox_.lines();
    const auto found = std::find_if(lines.begin(), lines.end(),
                                    [](const Outbox::Line& line) { return line.request == 0; });
    return found == lines.end() ? nullptr : &*found;
}

bool Session::must_wait(const Outbox::Line& line) const noexcept {
    if (line.not_before > now_) return true;
    return is_doubtful(line) && !is_caught_up(line.room) && now_ < search_end();
}

// Until when a line is looked for among what comes back: what is not sent is as good as lost.
Time Session::search_end() const noexcept {
    return std::min(std::max(greeted_at_, last_told_) + search_silence_max,
                    greeted_at_ + search_max);
}

// Whether the server may have said it without remembering its key.
bool Session::is_doubtful(const Outbox::Line& line) const noexcept {
    return line.perhaps_said &&
           (line.identity != identity_ || now_ > line.first_sent + key_trusted_max);
}

bool Session::is_caught_up(std::string_view name) const noexcept {
    const Room* room = find_room(name);
    return room == nullptr || room->last >= room->target;
}

// -- how they are found again ------------------------------------------------------------------

// One's own line, among what the room tells. One that is not on its way was said before the cut.
// One that is has its answer coming, which alone says that it is durable; should that get lost, it
// is known where the line stood.
void Session::own_line_seen(const wire::KeptEvent& event) {
    if (event.key.empty()) return;
    Outbox::Line* line = outbox_.find_key(event.key);
    if (line == nullptr || !line->perhaps_said || !wire::same_name(line->room, event.room)) return;
    if (line->request == 0) {
        settle(*line, event.at);
    } else {
        line->seen_at = event.at;
        line->seen_place = place_;
    }
}

// Lines that are not asked about again because the server may have forgotten their keys, and do not
// come back because they were seen before the cut: they stand if the room still knows that
// position. A room of another server knows nothing of it.
void Session::settle_seen_lines(const std::vector<RoomStanding>& rooms) {
    std::vector<std::string> stand;
    for (Outbox::Line& line : outbox_.lines()) {
        if (!line.seen_at || line.seen_place != place_ || !is_doubtful(line)) continue;
        const auto standing = std::find_if(
            rooms.begin(), rooms.end(),
            [&](const RoomStanding& room) { return wire::same_name(room.room, line.room); });
        if (standing == rooms.end()) continue;
        if (standing->recovered == true) stand.push_back(line.key);
        if (standing->recovered == false) line.seen_at = {};
    }
    for (const std::string& key : stand) {
        Outbox::Line& line = *outbox_.find_key(key);
        settle(line, line.seen_at);
    }
}

// It was said before a cut that took its answer.
void Session::settle(Outbox::Line& line, Position at) {
    Outbox::Line said = outbox_.remove(line);
    events_.emplace_back(
        Said{.key = std::move(said.key), .room = std::move(said.room), .at = at, .repeated = true});
}

}  // namespace chatd::client
