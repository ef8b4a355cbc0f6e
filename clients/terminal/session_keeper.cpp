#include "session_keeper.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "session_file.hpp"

namespace chatd::terminal {

namespace {

// Nobody who has said nothing is nothing to keep.
bool is_somebody(const client::SessionState& state) noexcept {
    return !state.token.empty() || !state.unsaid.empty();
}

}  // namespace

SessionKeeper::SessionKeeper(std::string server, std::string_view nick)
    : server_(std::move(server)), path_(session_file_path(server_, nick)) {}

client::SessionState SessionKeeper::load() {
    return written_ = load_session(path_);
}

Time SessionKeeper::deadline() const noexcept {
    if (!changed_) return time_never;
    return urgent_ || saved_at_ == Time::min() ? Time::min() : saved_at_ + pause;
}

void SessionKeeper::save(client::SessionState state, Time now, bool connected) {
    changed_ = urgent_ = false;
    saved_at_ = now;
    for (client::SessionState::Line& line : state.unsaid)
        line.perhaps_said = line.perhaps_said || connected;
    move_to(state);
    if (state == written_) return;
    if (write(path_, state, found_)) written_ = std::move(state);
}

bool SessionKeeper::finish(const client::SessionState& state) {
    move_to(state);
    return write(path_, state, found_);
}

void SessionKeeper::forget() {
    if (!path_.empty()) forget_session(path_);
}

// Under another name it is another file, and what is not said waits in that one alone; it is there
// before it is taken out of the old one. A name that the server chose is nobody to come back to.
void SessionKeeper::move_to(const client::SessionState& state) {
    if (state.nick.empty() || state.nick.starts_with("guest-")) return;
    std::string path = session_file_path(server_, state.nick);
    if (path == path_) return;
    client::SessionState found = load_session(path);
    if (!write(path, state, found)) return;
    client::SessionState left = std::exchange(written_, state);
    left.unsaid = std::exchange(found_, std::move(found)).unsaid;
    const std::string old = std::exchange(path_, std::move(path));
    if (old.empty() || (is_somebody(left) && save_session(old, left))) return;
    if (left.unsaid.empty()) forget_session(old);
}

// What an earlier run left under that name waits there for the next one, beside what is ours. That
// run has to see the rooms from where a line may have been said.
bool SessionKeeper::write(const std::string& path, client::SessionState state,
                          const client::SessionState& found) {
    std::vector<client::SessionState::Line> lines = found.unsaid;
    std::erase_if(lines, [&](const client::SessionState::Line& line) {
        return std::any_of(state.unsaid.begin(), state.unsaid.end(),
                           [&](const auto& own) { return own.key == line.key; });
    });
    for (client::SessionState::Room& room : state.rooms) {
        for (const client::SessionState::Room& known : found.rooms) {
            const bool searched = std::any_of(
                lines.begin(), lines.end(), [&](const client::SessionState::Line& line) {
                    return line.perhaps_said && line.room == room.room;
                });
            if (!searched || !known.last || known.room != room.room) continue;
            if (found.server == state.server) room.last = std::min(room.last, known.last);
        }
    }
    lines.insert(lines.end(), state.unsaid.begin(), state.unsaid.end());
    state.unsaid = std::move(lines);
    return is_somebody(state) && save_session(path, state);
}

}  // namespace chatd::terminal
