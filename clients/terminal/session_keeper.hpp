#pragma once
// When the file of a session (session_file.hpp) is written, so that a kill at any moment loses
// nothing and doubles nothing: at once when a line was said, before it is sent, and when one became
// somebody; all else, which the server tells again, at most once a second. Times are arguments; one
// thread.

#include <chrono>
#include <string>
#include <string_view>

#include "chatd/base/time.hpp"
#include "chatd/client/session_state.hpp"

namespace chatd::terminal {

class SessionKeeper {
public:
    static constexpr Duration pause = std::chrono::seconds(1);

    /// `server` and `nick` as the user wrote them; without a nick nothing is kept until there is
    /// one.
    SessionKeeper(std::string server, std::string_view nick);

    /// What the last run left.
    client::SessionState load();

    /// Something happened.
    void note_change() noexcept { changed_ = true; }
    /// Something happened that only we know.
    void note_own_change() noexcept { changed_ = urgent_ = true; }
    /// When save() is due.
    Time deadline() const noexcept;
    /// Writes it, if it is not what was written last. `connected`: lines leave, and a kill comes,
    /// without a word, so all of them count as sent.
    void save(client::SessionState state, Time now, bool connected);

    /// The last time. False: the next run will not know of it.
    bool finish(const client::SessionState& state);
    /// The session is over for good.
    void forget();

private:
    void move_to(const client::SessionState& state);
    static bool write(const std::string& path, client::SessionState state,
                      const client::SessionState& found);

    std::string server_;
    std::string path_;
    client::SessionState written_;
    client::SessionState found_;  ///< under a name that was taken on the way
    Time saved_at_ = Time::min();
    bool changed_ = false;
    bool urgent_ = false;
};

}  // namespace chatd::terminal
