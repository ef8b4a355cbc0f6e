#include "screen_chat.hpp"

#include <fmt/core.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <clocale>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chatd/client/client.hpp"
#include "chatd/client/clock.hpp"
#include "chatd/wire/name.hpp"
#include "output.hpp"
#include "screen/draw.hpp"
#include "screen/front.hpp"
#include "screen/model.hpp"
#include "session_keeper.hpp"
#include "signals.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

constexpr Duration farewell_wait_max = std::chrono::seconds(2);
constexpr std::size_t keys_per_turn_max = 4096;  // a pasted screenful
constexpr std::size_t pending_shown_max = 200;

// chatd speaks UTF-8; a terminal whose locale was forgotten nearly always does too.
void use_utf8_locale() {
    std::setlocale(LC_CTYPE, "");
    if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

UnixMs wall_clock_now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

std::vector<std::string> rooms_of(const ChatOptions& options) {
    if (options.room.empty()) return {};
    return {std::string(wire::bare_room(options.room))};
}

client::ClientOptions client_options_of(const ChatOptions& options) {
    return options.at.with({.nick = options.nick, .rooms = rooms_of(options), .notices = true});
}

// Servers that stand in for each other know the same people.
std::string servers_text(const ChatOptions& options) {
    std::string text;
    for (const client::Target& server : options.at.servers)
        text += (text.empty() ? "" : ",") + server.text();
    return text;
}

class ScreenChat {
public:
    ScreenChat(const ChatOptions& options, std::unique_ptr<Front> front)
        : keeper_(servers_text(options), options.nick),
          front_(std::move(front)),
          client_(client_options_of(options), keeper_.load()),
          model_(options.nick, room_names()),
          several_(options.at.servers.size() > 1),
          signals_(open_signals({SIGINT, SIGTSTP, SIGWINCH, SIGTERM, SIGHUP, SIGQUIT})) {}

    int run() {
        model_.set_size(front_->size().rows, front_->size().columns);
        while (!ending_)
            turn();
        say_farewell();
        front_.reset();
        if (!last_words_.empty()) complain(last_words_);
        return *ending_;
    }

private:
    std::vector<std::string> room_names() const {
        std::vector<std::string> names;
        for (const client::SessionState::Room& room : client_.session().rooms())
            names.push_back(room.room);
        return names;
    }

    void turn() {
        update_model();
        front_->show(draw(model_));
        wait();
        read_signals();
        read_keys();
        carry_out();
        const Time now = client::now();
        keep(now);  // what was said, before it is sent
        client_.turn(now);
        take_events();
        keep(now);
        client_.flush(now);
        check_end();
    }

    void update_model() {
        model_.set_now(wall_clock_now());
        update_connection();
        update_pending();
    }

    void update_connection() {
        const Time now = client::now();
        Connection connection{.state = Connection::State::connecting,
                              .rtt = client_.session().rtt(),
                              .retry_in = {},
                              .server = server_of_several(),
                              .reason = client_.failure().text};
        switch (client_.state()) {
            case client::Client::State::dialling:
                break;
            case client::Client::State::greeting:
                connection.state = Connection::State::resuming;
                break;
            case client::Client::State::online:
                connection.state = Connection::State::online;
                break;
            case client::Client::State::waiting:
                connection.retry_in = std::max(Duration::zero(), client_.retry_at() - now);
                [[fallthrough]];
            case client::Client::State::stopped:
            case client::Client::State::gave_up:
            case client::Client::State::left:
                connection.state = Connection::State::offline;
                break;
        }
        model_.set_connection(std::move(connection));
    }

    std::string server_of_several() const {
        const auto& server = client_.server();
        return several_ && server ? server->text() : std::string();
    }

    void update_pending() {
        std::vector<PendingLine> pending;
        for (const client::Outbox::Line& line : client_.session().outbox().lines()) {
            if (pending.size() == pending_shown_max) break;
            pending.push_back({line.key, line.room, line.body, line.action});
        }
        model_.set_pending(std::move(pending));
    }

    void wait() {
        std::vector<pollfd> polled;
        client_.add_polled(polled);
        polled.push_back({STDIN_FILENO, POLLIN, 0});
        polled.push_back({signals_.fd(), POLLIN, 0});
        const Time now = client::now();
        Time deadline = std::min(client_.deadline(), keeper_.deadline());
        const UnixMs stale_at = model_.stale_at();
        if (stale_at != std::numeric_limits<UnixMs>::max()) {
            const auto stale_in = std::chrono::milliseconds(stale_at - model_.now());
            deadline = std::min(deadline, now + stale_in);
        }
        ::poll(polled.data(), polled.size(), client::poll_timeout_ms(now, deadline));
        // The terminal went away: nobody is there to be told.
        if ((polled[polled.size() - 2].revents & (POLLHUP | POLLERR)) != 0) end(128 + SIGHUP);
    }

    void read_signals() {
        while (const auto number = next_signal(signals_)) {
            switch (*number) {
                case SIGWINCH:
                    front_->resized();
                    model_.set_size(front_->size().rows, front_->size().columns);
                    break;
                case SIGTSTP:
                    suspend();
                    break;
                default:
                    end(128 + *number);
                    break;
            }
        }
    }

    void read_keys() {
        for (std::size_t count = 0; count < keys_per_turn_max; ++count) {
            const auto key = front_->next_key();
            if (!key) return;
            model_.pressed(*key);
            carry_out();
        }
    }

    void take_events() {
        while (auto event = client_.session().next_event()) {
            if (auto* answer = std::get_if<client::Answer>(&*event)) {
                const auto asked = questions_.find(answer->id);
                if (asked == questions_.end()) continue;
                answer->id = asked->second;
                questions_.erase(asked);
            }
            keeper_.note_change();
            if (std::holds_alternative<client::Online>(*event)) {
                keeper_.note_own_change();
                update_connection();
            }
            model_.happened(*event);
            carry_out();
        }
    }

    void carry_out() {
        for (const Wish& wish : model_.take_wishes())
            std::visit(*this, wish);
    }

public:  // what the model wishes
    void operator()(const SayWish& say) {
        const auto said = client_.session().say(say.room, say.body, {say.action, say.reply_to});
        if (!said) return model_.refused(say.body, said.error());
        keeper_.note_own_change();
    }
    void operator()(const AskWish& ask) {
        questions_[client_.session().call(ask.method, ask.params)] = ask.question;
    }
    void operator()(const EnterWish& enter) {
        client_.session().join(enter.room);
        keeper_.note_change();
    }
    void operator()(const ExitWish& exit) { client_.session().leave(exit.room); }
    void operator()(const RenameWish& rename) {
        client_.session().set_nick(rename.nick);
        if (client_.session().stopped()) client_.dial();
    }
    void operator()(const BellWish&) { front_->ring_bell(); }
    void operator()(const RedrawWish&) { front_->redraw(); }
    void operator()(const SuspendWish&) { suspend(); }
    void operator()(const EndWish& wish) {
        for_good_ = for_good_ || wish.for_good;
        end(wish.status);
    }

private:
    void suspend() {
        front_->suspend();
        model_.set_size(front_->size().rows, front_->size().columns);
    }

    void end(int status) {
        if (!ending_) ending_ = status;
    }

    // Where nobody ever answered there is nothing to wait for.
    void check_end() {
        if (ending_ || client_.state() != client::Client::State::gave_up) return;
        last_words_ = client_.failure().text;
        end(client::status_of(client_.failure().code));
    }

    // What was typed last is said, where there is somebody to say it to.
    void say_farewell() {
        const Time until = client::now() + farewell_wait_max;
        const auto wait_while = [&](auto unfinished) {
            while (client_.state() == client::Client::State::online && client::now() < until &&
                   unfinished()) {
                std::vector<pollfd> polled;
                client_.add_polled(polled);
                ::poll(polled.data(), polled.size(), client::poll_timeout_ms(client::now(), until));
                client_.turn(client::now());
                while (client_.session().next_event()) {
                }
            }
        };
        wait_while([this] { return !client_.session().outbox().empty(); });
        const client::SessionState state = client_.session_state();
        bool saved = false;
        if (for_good_ && client_.state() == client::Client::State::online) {
            client_.leave();
            client_.session().call("quit");
            wait_while([this] { return client_.state() == client::Client::State::online; });
            keeper_.forget();
        } else {
            saved = keeper_.finish(state);
        }
        if (state.unsaid.empty()) return;
        last_words_ = fmt::format("{} of your lines could not be said{}.", state.unsaid.size(),
                                  saved ? "; they will be when you are back" : "");
    }

    void keep(Time now) {
        // As long as nobody is there a line has not left; after the greeting it may have.
        const bool connected = client_.state() == client::Client::State::greeting ||
                               client_.state() == client::Client::State::online;
        if (connected && !connected_) keeper_.note_own_change();
        connected_ = connected;
        if (keeper_.deadline() <= now) keeper_.save(client_.session_state(), now, connected);
    }

    SessionKeeper keeper_;
    std::unique_ptr<Front> front_;
    client::Client client_;
    Model model_;
    bool several_;  // servers
    client::Socket signals_;
    std::map<std::uint64_t, std::uint64_t> questions_;  // of a Session's call: of the model
    std::string last_words_;
    std::optional<int> ending_;
    bool for_good_ = false;
    bool connected_ = false;  // when the state was kept last
};

}  // namespace

std::optional<int> run_screen_chat(const ChatOptions& options, bool colours) {
    use_utf8_locale();
    std::unique_ptr<Front> front = Front::open(colours);
    if (!front) return std::nullopt;
    return ScreenChat(options, std::move(front)).run();
}

}  // namespace chatd::terminal
