#include "model.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "chatd/base/ascii.hpp"
#include "chatd/wire/hex.hpp"
#include "chatd/wire/name.hpp"
#include "chatd/wire/position_text.hpp"
#include "terminal/event_lines.hpp"
#include "terminal/paint.hpp"

namespace chatd::terminal {

namespace {

bool is_word(char byte) noexcept {
    const auto code = static_cast<unsigned char>(byte);
    return code >= 0x80 || (byte >= '0' && byte <= '9') ||
           (ascii_lower(byte) >= 'a' && ascii_lower(byte) <= 'z');
}

std::string range_text(Position from, Position to, Epoch present) {
    std::string range;
    wire::append_position(range, from, present);
    if (to == from) return range;
    range += "–";
    wire::append_position(range, to, present);
    return range;
}

// What was passed over while one was there; a server may have kept it.
std::string gap_text(const client::Gap& gap, Epoch present) {
    const std::string range = range_text({gap.epoch, gap.from}, {gap.epoch, gap.to}, present);
    const Seq count = gap.to - gap.from + 1;
    return count == 1
               ? fmt::format("Message {} did not come. /history shows it if it is kept.", range)
               : fmt::format("{} messages did not come: {}. /history shows those that are kept.",
                             count, range);
}

std::string gone_text(Position from, Position to, Epoch present) {
    if (from.epoch != to.epoch) return "Some messages will not come: they are gone.";
    const std::string range = range_text(from, to, present);
    const Seq count = to.seq - from.seq + 1;
    return count == 1 ? fmt::format("Message {} will not come: it is gone.", range)
                      : fmt::format("{} messages will not come: {} are gone.", count, range);
}

}  // namespace

bool LessByLetters::operator()(std::string_view one, std::string_view other) const noexcept {
    return std::lexicographical_compare(
        one.begin(), one.end(), other.begin(), other.end(),
        [](char a, char b) { return ascii_lower(a) < ascii_lower(b); });
}

bool names(std::string_view body, std::string_view nick) noexcept {
    if (nick.empty()) return false;
    for (std::size_t at = 0; at + nick.size() <= body.size(); ++at) {
        if (at > 0 && is_word(body[at - 1])) continue;
        const std::size_t behind = at + nick.size();
        if (behind < body.size() && is_word(body[behind])) continue;
        if (wire::same_name(body.substr(at, nick.size()), nick)) return true;
    }
    return false;
}

/// Takes one event into the model.
struct EventTaker {
    Model& model;

    void operator()(const client::Online& online) const {
        model.nick_ = safe(online.nick);
        for (const auto& room : model.all_rooms_)
            room->left = !room->is_person;
        // Of several servers, where one is now; the first time that is no news.
        const std::string& server = model.connection_.server;
        const std::string before = std::exchange(model.server_, server);
        const bool moved = !before.empty() && before != server;
        for (const client::RoomStanding& standing : online.rooms)
            model.enter(standing, moved);
        if (moved) {
            model.add_told(Entry::Kind::told,
                           fmt::format("You are at {} now; {} was lost.", server, before));
        }
        model.ask({.purpose = Model::Question::Purpose::rooms, .room = {}, .at = {}, .text = {}},
                  wire::Rooms{});
    }
    void operator()(const client::Offline&) const {
        for (const auto& room : model.all_rooms_)
            room->typing.clear();
    }
    void operator()(const client::Denied& denied) const {
        model.add_told(Entry::Kind::failed, denied.text);
        if (denied.code.find("NICK") != std::string::npos) {
            model.add_told(Entry::Kind::told, "/nick NAME takes another one.");
        }
    }
    void operator()(const client::Entered& entered) const {
        model.enter(entered.standing, false);
        if (const Room* room = model.find_room(entered.standing.room)) model.show_room(*room);
    }
    void operator()(const client::Exited& exited) const { model.remove_room(exited.room); }
    void operator()(const client::RoomRefused& refused) const {
        model.add_told(Entry::Kind::failed, fmt::format("#{}: {}", refused.room, refused.text));
        Room* const room = model.find_room(refused.room);
        if (room != nullptr && room->talk.entries().empty()) model.remove_room(refused.room);
    }
    void operator()(const client::Said&) const {}  // its message tells it
    void operator()(const client::Refused& refused) const {
        Room* const room = model.find_room(refused.room);
        const std::string text = fmt::format("Not said: {}\n{}", refused.body, refused.text);
        if (room != nullptr) return model.add_told(*room, Entry::Kind::failed, text);
        model.add_told(Entry::Kind::failed, text);
    }
    void operator()(const client::Answer& answer) const { model.answered(answer); }

    void operator()(const client::Message& message) const {
        Room& room = model.room_of(message.room);
        room.epoch = std::max(room.epoch, message.at.epoch);
        const std::string from = safe(message.from);
        room.typing.erase(from);
        std::erase(room.speakers, from);
        room.speakers.insert(room.speakers.begin(), from);
        if (room.speakers.size() > Model::speakers_max) room.speakers.pop_back();
        model.add(room, {.kind = message.action ? Entry::Kind::action : Entry::Kind::said,
                         .at = message.at,
                         .when = message.ts,
                         .from = from,
                         .body = safe_lines(message.body),
                         .key = message.key,
                         .reply_to = message.reply_to,
                         .own = message.own,
                         .mention = !message.own && names(message.body, model.nick_),
                         .removed = message.removed});
    }
    void operator()(const client::Edited& edited) const {
        change(edited.room, {Change::Kind::edited, edited.at, edited.target, safe(edited.from),
                             safe_lines(edited.body)});
    }
    void operator()(const client::Redacted& redacted) const {
        change(redacted.room,
               {Change::Kind::redacted, redacted.at, redacted.target, safe(redacted.from), {}});
    }
    void operator()(const client::Reacted& reacted) const {
        change(reacted.room, {Change::Kind::reacted, reacted.at, reacted.target, safe(reacted.from),
                              safe(reacted.reaction), reacted.off});
    }
    void operator()(const client::TopicSet& set) const {
        Room& room = model.room_of(set.room);
        room.topic = safe(set.topic);
        happened(room, set.at, set.ts,
                 set.topic.empty()
                     ? fmt::format("{} cleared the topic", safe(set.from))
                     : fmt::format("{} set the topic: {}", safe(set.from), room.topic));
    }
    void operator()(const client::Joined& joined) const {
        Room& room = model.room_of(joined.room);
        if (joined.from.empty()) {
            return crowd(room, joined.people, fmt::format("{} joined", joined.count));
        }
        if (room.people.insert(safe(joined.from)).second) ++room.people_count;
        if (joined.from == model.nick_) return;
        happened(room, {}, model.now_, fmt::format("{} joined", safe(joined.from)));
    }
    void operator()(const client::Left& left) const {
        Room& room = model.room_of(left.room);
        if (left.from.empty()) return crowd(room, left.people, fmt::format("{} left", left.count));
        const std::string from = safe(left.from);
        if (room.people.erase(from) > 0 && room.people_count > 0) --room.people_count;
        room.typing.erase(from);
        happened(room, {}, model.now_,
                 left.reason.empty() ? fmt::format("{} left", from)
                                     : fmt::format("{} left ({})", from, safe(left.reason)));
    }
    void operator()(const client::Renamed& renamed) const {
        const std::string nick = safe(renamed.nick);
        if (renamed.own) model.nick_ = nick;
        Room* const room = model.find_room(renamed.room);
        if (room == nullptr) return;
        room->people.erase(safe(renamed.from));
        room->people.insert(nick);
        happened(*room, {}, model.now_, fmt::format("{} is now {}", safe(renamed.from), nick));
    }
    void operator()(const client::Private& told) const {
        model.add(model.room_of(told.from, true), {.when = told.at,
                                                   .from = safe(told.from),
                                                   .body = safe_lines(told.body),
                                                   .mention = false});
    }
    void operator()(const client::Typing& typing) const {
        Room& room = model.room_of(typing.room);
        if (typing.from == model.nick_) return;
        room.typing.erase(safe(typing.from));
        constexpr auto counts =
            std::chrono::duration_cast<std::chrono::milliseconds>(Model::typing_time);
        if (typing.on) room.typing[safe(typing.from)] = model.now_ + counts.count();
    }
    void operator()(const client::Read&) const {}  // nobody's business but the reader's
    void operator()(const client::Gap& gap) const {
        Room& room = model.room_of(gap.room);
        model.add(
            room,
            {.kind = Entry::Kind::gap, .when = model.now_, .body = gap_text(gap, room.epoch)});
    }
    void operator()(const client::Datagram& datagram) const {
        std::string body = fmt::format("{}B ", datagram.payload.size());
        constexpr std::size_t shown_bytes_max = 64;
        const Bytes payload(datagram.payload);
        wire::append_hex_ascii(body, payload.first(std::min(payload.size(), shown_bytes_max)));
        if (payload.size() > shown_bytes_max) body += " …";
        model.add(model.room_of(datagram.room), {.kind = Entry::Kind::datagram,
                                                 .when = model.now_,
                                                 .from = safe(datagram.from),
                                                 .body = std::move(body)});
    }
    void operator()(const client::Notice& notice) const {
        model.add_told(Entry::Kind::failed, notice.text);
    }
    void operator()(const client::Draining&) const {
        model.add_told(Entry::Kind::told, "The server is stopping; this comes back by itself.");
    }

private:
    void change(std::string_view room, Change change) const {
        model.room_of(room).talk.change(std::move(change));
    }
    void happened(Room& room, Position at, UnixMs when, std::string text) const {
        model.add(room,
                  {.kind = Entry::Kind::happened, .at = at, .when = when, .body = std::move(text)});
    }
    void crowd(Room& room, std::uint64_t people, std::string text) const {
        if (people > 0) text += fmt::format(" ({} here)", people);
        happened(room, {}, model.now_, std::move(text));
        model.ask_people(room);
    }
};

Model::Model(std::string nick, const std::vector<std::string>& rooms) : nick_(std::move(nick)) {
    for (const std::string& room : rooms)
        room_of(room);
    if (all_rooms_.empty()) room_of("lobby");
}

void Model::set_size(std::size_t rows, std::size_t columns) {
    rows_ = std::max<std::size_t>(rows, 1);
    columns_ = std::max<std::size_t>(columns, 1);
}

void Model::set_now(UnixMs now) {
    now_ = now;
    for (const auto& room : all_rooms_)
        std::erase_if(room->typing, [now](const auto& one) { return one.second <= now; });
}

void Model::happened(const client::Event& event) {
    std::visit(EventTaker{*this}, event);
}

std::vector<Wish> Model::take_wishes() {
    return std::exchange(wishes_, {});
}

const Room* Model::current() const noexcept {
    return current_ < all_rooms_.size() ? all_rooms_[current_].get() : nullptr;
}

Room* Model::current_room() {
    return current_ < all_rooms_.size() ? all_rooms_[current_].get() : nullptr;
}

Room* Model::find_room(std::string_view name, bool is_person) {
    name = wire::bare_room(name);
    for (const auto& room : all_rooms_) {
        if (room->is_person == is_person && wire::same_name(room->name, name)) return room.get();
    }
    return nullptr;
}

Room& Model::room_of(std::string_view name, bool is_person) {
    name = wire::bare_room(name);
    if (Room* room = find_room(name, is_person)) return *room;
    auto room = std::make_unique<Room>();
    room->name = safe(name);
    room->is_person = is_person;
    // Rooms before persons; where there are too many, the first person that is not looked at goes.
    const auto first_person = std::find_if(all_rooms_.begin(), all_rooms_.end(),
                                           [](const auto& one) { return one->is_person; });
    const auto place = is_person ? all_rooms_.end() : first_person;
    const auto index = static_cast<std::size_t>(place - all_rooms_.begin());
    Room& made = **all_rooms_.insert(place, std::move(room));
    if (all_rooms_.size() > 1 && index <= current_) ++current_;
    if (all_rooms_.size() > rooms_max) {
        for (std::size_t at = 0; at < all_rooms_.size(); ++at) {
            if (at == current_ || all_rooms_[at].get() == &made || !all_rooms_[at]->is_person)
                continue;
            all_rooms_.erase(all_rooms_.begin() + static_cast<std::ptrdiff_t>(at));
            if (at < current_) --current_;
            break;
        }
    }
    return made;
}

void Model::remove_room(std::string_view name) {
    const bool is_person = name.starts_with('@');
    name = is_person ? name.substr(1) : wire::bare_room(name);
    const auto found = std::find_if(all_rooms_.begin(), all_rooms_.end(), [&](const auto& room) {
        return room->is_person == is_person && wire::same_name(room->name, name);
    });
    if (found == all_rooms_.end()) return;
    const auto index = static_cast<std::size_t>(found - all_rooms_.begin());
    all_rooms_.erase(found);
    if (index < current_ || (index == current_ && index > 0)) --current_;
    if (const Room* room = current()) show_room(*room);
}

void Model::show_room(std::size_t index) {
    if (index >= all_rooms_.size()) return;
    if (index != current_ && current_ < all_rooms_.size())
        all_rooms_[current_]->talk.read_serial = 0;
    current_ = index;
    pager_.reset();
    completion_.reset();
    Room& room = *all_rooms_[index];
    if (!room.talk.scroll.following) return;
    room.unread = 0;
    room.mentioned = false;
}

void Model::show_room(const Room& room) {
    for (std::size_t index = 0; index < all_rooms_.size(); ++index) {
        if (all_rooms_[index].get() == &room) return show_room(index);
    }
}

void Model::enter(const client::RoomStanding& standing, bool moved) {
    Room& room = room_of(standing.room);
    room.name = safe(standing.room);  // as its maker spells it
    room.left = false;
    room.topic = safe(standing.topic);
    room.people_count = standing.others + 1;
    room.epoch = standing.at.epoch;
    const bool lost = standing.recovered == false;
    const auto missing = missing_after(standing, room.talk.newest());
    const bool had_any = bool(room.talk.newest());
    const auto tell = [&](std::string text) {
        add(room, {.kind = Entry::Kind::gap, .when = now_, .body = std::move(text)});
    };
    // Another server, or another store: its positions say nothing about what is here.
    const bool strange = lost && (standing.at < room.talk.newest() || standing.position_unknown());
    if (moved || strange) room.talk = {};
    if (standing.position_unknown()) {
        tell("This server does not know what you read before. What it has stands above.");
    } else if (missing) {
        tell(gone_text(missing->first, missing->second, room.epoch));
    } else if (lost && had_any && !standing.missing_from) {
        tell("What was said meanwhile may be missing here.");
    }
    // Of the epochs before the present one too, in which nothing may have been said yet.
    if (!room.talk.newest()) ask_newest(room);
    ask_people(room);
}

void Model::add(Room& room, Entry entry) {
    const bool counts = (entry.is_said() || entry.kind == Entry::Kind::gap) && !entry.own;
    const bool calls = (entry.mention || room.is_person) && !entry.own;
    const bool known = entry.at && entry.at <= room.talk.newest();
    const std::uint64_t last = room.talk.entries().empty() ? 0 : room.talk.entries().back().serial;
    const bool own = entry.own;
    room.talk.append(std::move(entry));
    if (own && room.talk.scroll.following) room.talk.read_serial = 0;
    if (!counts || known) return;
    if (is_seen(room) && room.talk.scroll.following) return;
    if (room.talk.read_serial == 0 && room.unread == 0) room.talk.read_serial = last;
    ++room.unread;
    room.mentioned = room.mentioned || calls;
    if (calls) wishes_.emplace_back(BellWish{});
}

void Model::add_told(Entry::Kind kind, std::string_view text) {
    if (Room* room = current_room()) add_told(*room, kind, text);
}

void Model::add_told(Room& room, Entry::Kind kind, std::string_view text) {
    room.talk.append({.kind = kind, .when = now_, .body = safe_lines(text)});
}

bool Model::is_seen(const Room& room) const noexcept {
    return current() == &room && pager_ == nullptr;
}

void Model::refused(std::string_view line, std::string_view why) {
    add_told(Entry::Kind::failed, why);
    if (editor_.empty()) editor_.insert(line);
}

Look Model::look() const {
    Look look;
    look.columns = areas().talk.columns;
    look.nick = nick_;
    const std::string& typed = editor_.text();
    for (const std::string_view command : {"/edit ", "/redact ", "/react ", "/reply ", "/read "})
        look.numbers = look.numbers || typed.starts_with(command);
    if (const Room* room = current()) look.epoch = room->epoch;
    return look;
}

UnixMs Model::stale_at() const noexcept {
    constexpr UnixMs second = 1000;
    UnixMs stale_at = connection_.retry_in ? now_ + second : std::numeric_limits<UnixMs>::max();
    if (const Room* const room = current()) {
        for (const auto& [nick, until] : room->typing)
            stale_at = std::min(stale_at, until);
    }
    return stale_at;
}

}  // namespace chatd::terminal
