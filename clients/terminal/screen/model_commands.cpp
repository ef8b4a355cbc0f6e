// What a typed line means. It is the text dialect's own language (wire/text_request.hpp); what the
// server has to do about it is asked by JSON-RPC.

#include <fmt/core.h>

#include <utility>

#include "chatd/base/limits.hpp"
#include "chatd/wire/errc.hpp"
#include "chatd/wire/name.hpp"
#include "chatd/wire/text_request.hpp"
#include "model.hpp"

namespace chatd::terminal {

namespace {

constexpr std::size_t datagram_bytes_max = 1200;  // --udp-raw-max of a server that has its defaults

Pager help_pager() {
    std::vector<PagerItem> items;
    for (const std::string_view line : wire::help_lines())
        items.push_back({{}, std::string(line), {}, {}});
    for (const std::string_view line : {
             "",
             "Tab                   completes commands, nicks, rooms and numbers of messages",
             "Up, Down              what you typed before",
             "PgUp, PgDn, wheel     what was said before",
             "Alt-Up, Alt-Down      the room above, below; Ctrl-P, Ctrl-N too; or click it",
             "Alt-1 … Alt-9, Alt-A  that room; the next one with something unread",
             "Ctrl-L                draws the screen anew",
             "Ctrl-C                clears the line; twice: the end",
             "Ctrl-D                the end, until you are back under your name",
             "Escape                closes this",
         }) {
        items.push_back({{}, std::string(line), {}, {}});
    }
    return Pager("help", std::move(items));
}

}  // namespace

/// Carries out one typed request.
struct RequestTaker {
    Model& model;

    void operator()(wire::Say& say) const {
        const std::string_view room = room_or_current(say.room);
        if (room.empty()) return model.add_told(Entry::Kind::failed, text_of(wire::Errc::no_room));
        model.wishes_.emplace_back(SayWish{std::string(wire::bare_room(room)),
                                           std::string(say.body), say.action,
                                           in_epoch(room, say.reply_to)});
    }
    void operator()(wire::Help&) const { model.pager_ = std::make_unique<Pager>(help_pager()); }
    void operator()(wire::Quit&) const { model.wishes_.emplace_back(EndWish{.for_good = true}); }
    void operator()(wire::Nick& nick) const {
        model.wishes_.emplace_back(RenameWish{std::string(nick.name)});
    }
    void operator()(wire::Join& join) const {
        const Room* const room = model.find_room(join.room);
        if (room != nullptr) model.show_room(*room);
        if (join.since || join.slow_reader) return ask(join);
        if (room != nullptr && !room->left) return;
        model.wishes_.emplace_back(EnterWish{std::string(wire::bare_room(join.room))});
    }
    void operator()(wire::Leave& leave) const {
        const Room* const room = model.current();
        if (leave.room.empty() && room != nullptr && room->is_person) {
            return model.remove_room("@" + room->name);
        }
        const std::string_view name = room_or_current(leave.room);
        if (name.empty()) return model.add_told(Entry::Kind::failed, text_of(wire::Errc::no_room));
        model.wishes_.emplace_back(ExitWish{std::string(wire::bare_room(name))});
    }
    void operator()(wire::Msg& msg) const {
        Room& room = model.room_of(msg.nick, true);
        model.show_room(room);
        model.ask({Model::Question::Purpose::shown, room.name, {}, std::string(msg.body)}, msg);
    }
    void operator()(wire::Search& search) const { ask(search, search.query); }
    void operator()(wire::History& history) const {
        history.room = room_or_current(history.room);
        if (history.after.seq > 0) history.after = in_epoch(history.room, history.after);
        if (history.before.seq > 0) history.before = in_epoch(history.room, history.before);
        ask(history);
    }
    void operator()(wire::Read& read) const {
        read.room = room_or_current(read.room);
        read.at = in_epoch(read.room, read.at);
        ask(read);
    }
    template <class R>
    void operator()(R& request) const {
        if constexpr (requires { request.room; }) request.room = room_or_current(request.room);
        ask(request);
    }

private:
    void ask(const wire::Request& request, std::string_view text = {}) const {
        const Room* const room = model.current();
        const bool in_room = room != nullptr && !room->is_person;
        model.ask({Model::Question::Purpose::shown,
                   in_room ? room->name : std::string(),
                   {},
                   std::string(text)},
                  request);
    }
    std::string_view room_or_current(std::string_view room) const {
        if (!room.empty()) return room;
        const Room* const current = model.current();
        if (current == nullptr || current->is_person) return {};
        return current->name;
    }
    /// A number without its epoch is of the one that the room stands in.
    Position in_epoch(std::string_view room, Position at) const {
        const Room* const known = model.find_room(room);
        if (at.seq > 0 && at.epoch == 0 && known != nullptr) at.epoch = known->epoch;
        return at;
    }
};

void Model::submit() {
    const std::string line = editor_.submit();
    completion_.reset();
    if (line.empty()) return;
    follow();
    submit_line(line);
}

void Model::submit_line(std::string_view line) {
    const Room* const room = current();
    if (room != nullptr && room->is_person && (!line.starts_with('/') || line.starts_with("//"))) {
        if (line.starts_with('/')) line.remove_prefix(1);
        wire::Msg msg{room->name, line};
        return RequestTaker{*this}(msg);
    }
    auto request = wire::decode_text_request(line, datagram_bytes_max);
    if (!request) {
        std::string why(text_of(request.error().error));
        if (!request.error().detail.empty()) why += " (" + request.error().detail + ")";
        return add_told(Entry::Kind::failed, fmt::format("{}\n{}", line, why));
    }
    std::visit(RequestTaker{*this}, *request);
}

}  // namespace chatd::terminal
