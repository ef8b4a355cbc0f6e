#include "session_keeper.hpp"

#include <utility>

#include "session_file.hpp"

namespace chatd::terminal {

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
    if (write(state)) written_ = std::move(state);
}

bool SessionKeeper::finish(const client::SessionState& state) {
    move_to(state);
    return write(state);
}

void SessionKeeper::forget() {
    if (!path_.empty()) forget_session(path_);
}

// Under another name it is another file, and what is not said waits in that one alone. A name that
// the server chose is nobody to come back to.
void SessionKeeper::move_to(const client::SessionState& state) {
    if (state.nick.empty() || state.nick.starts_with("guest-")) return;
    std::string path = session_file_path(server_, state.nick);
    if (path == path_) return;
    client::SessionState left = std::exchange(written_, {});
    left.unsaid.clear();
    if (!path_.empty() && !write(left)) forget();
    path_ = std::move(path);
}

// Nobody who has said nothing is nothing to keep.
bool SessionKeeper::write(const client::SessionState& state) {
    return !(state.token.empty() && state.unsaid.empty()) && save_session(path_, state);
}

}  // namespace chatd::terminal
