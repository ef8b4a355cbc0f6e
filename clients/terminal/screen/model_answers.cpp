// What the model asks the server by itself, and what it makes of the answers.

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "chatd/base/limits.hpp"
#include "chatd/client/session.hpp"
#include "chatd/wire/json_call.hpp"
#include "chatd/wire/json_reader.hpp"
#include "chatd/wire/notification.hpp"
#include "chatd/wire/position_text.hpp"
#include "local_time.hpp"
#include "model.hpp"
#include "terminal/paint.hpp"

namespace chatd::terminal {

namespace {

using Lines = std::vector<std::string>;

std::string text_in(const wire::JsonValue& object, const wire::JsonName& name) {
    const auto value = object.find(name);
    return value ? safe(value->text()) : std::string();
}

std::uint64_t number_in(const wire::JsonValue& object, const wire::JsonName& name) {
    const auto value = object.find(name);
    return value ? value->integer().value_or(0) : 0;
}

bool truth_in(const wire::JsonValue& object, const wire::JsonName& name) {
    const auto value = object.find(name);
    return value && value->truth();
}

std::optional<Item> item_of(const wire::KeptEvent& event, std::string_view nick) {
    Entry entry{.at = event.at,
                .when = time_of(event.id),
                .from = safe(event.from),
                .body = safe_lines(event.body),
                .key = event.key,
                .reply_to = event.target,
                .own = event.from == nick,
                .mention = event.from != nick && names(event.body, nick),
                .removed = event.removed};
    Change change{.at = event.at, .target = event.target, .from = entry.from, .off = event.off};
    switch (event.kind) {
        case wire::EventKind::message:
            return entry;
        case wire::EventKind::action:
            entry.kind = Entry::Kind::action;
            return entry;
        case wire::EventKind::topic:
            entry.kind = Entry::Kind::happened;
            entry.body = event.body.empty() ? entry.from + " cleared the topic"
                                            : entry.from + " set the topic: " + entry.body;
            return entry;
        case wire::EventKind::edited:
            change.body = entry.body;
            return change;
        case wire::EventKind::redacted:
            change.kind = Change::Kind::redacted;
            return change;
        case wire::EventKind::reacted:
            change.kind = Change::Kind::reacted;
            change.body = entry.body;
            return change;
        case wire::EventKind::joined:
        case wire::EventKind::left:
        case wire::EventKind::renamed:
        case wire::EventKind::joined_many:
        case wire::EventKind::left_many:
            break;
    }
    return std::nullopt;
}

std::vector<wire::KeptEvent> events_of(const wire::JsonValue& result) {
    std::vector<wire::KeptEvent> events;
    const auto listed = result.find("events");
    if (!listed) return events;
    for (const wire::JsonValue value : *listed) {
        if (auto event = wire::read_listed_event(value)) events.push_back(std::move(*event));
    }
    return events;
}

// "bob · #dev 41 · 14:02, Friday, 27 November 2026"; `present` is the room's epoch, 0 if unknown.
std::string head_of(const wire::KeptEvent& event, Epoch present) {
    std::string head = safe(event.from) + " · #" + safe(event.room) + " ";
    wire::append_position(head, event.at, present);
    const UnixMs when = time_of(event.id);
    return head + " · " + time_of_day(when) + ", " + day_of(when);
}

std::string what_of(const wire::KeptEvent& event) {
    std::string body = safe_lines(event.body);
    std::string target;
    wire::append_position(target, event.target, event.at.epoch);
    switch (event.kind) {
        case wire::EventKind::message:
        case wire::EventKind::action:
            return event.removed ? std::string("(removed)") : body;
        case wire::EventKind::edited:
            return "edited " + target + ": " + body;
        case wire::EventKind::redacted:
            return "took " + target + " back";
        case wire::EventKind::reacted:
            return (event.off ? "unreacted to " : "reacted to ") + target + ": " + body;
        case wire::EventKind::topic:
            return event.body.empty() ? std::string("cleared the topic") : "set the topic: " + body;
        case wire::EventKind::joined:
        case wire::EventKind::left:
        case wire::EventKind::renamed:
        case wire::EventKind::joined_many:
        case wire::EventKind::left_many:
            break;
    }
    return body;
}

using EpochOf = std::function<Epoch(std::string_view room)>;

PagerItem history_item(const wire::KeptEvent& event, std::string text, const EpochOf& epoch_of) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return {head_of(event, epoch_of(event.room)), std::move(text), safe(event.room), event.at};
}

Pager search_pager(std::string_view query, const wire::JsonValue& result, const EpochOf& epoch_of) {
    std::vector<PagerItem> items;
    if (const auto hits = result.find("hits")) {
        for (const wire::JsonValue hit : *hits) {
            const auto value = hit.find("event");
            const auto event = value ? wire::read_listed_event(*value) : std::nullopt;
            if (event) items.push_back(history_item(*event, text_in(hit, "excerpt"), epoch_of));
        }
    }
    const std::string count = items.empty() ? "nothing" : std::to_string(items.size());
    return Pager(fmt::format("{} found: {}{}", count, query,
                             truth_in(result, "more") ? " (there is more; say it closer)" : ""),
                 std::move(items));
}

Pager history_pager(const wire::JsonValue& result, const EpochOf& epoch_of) {
    std::vector<PagerItem> items;
    for (const wire::KeptEvent& event : events_of(result))
        items.push_back(history_item(event, what_of(event), epoch_of));
    return Pager(fmt::format("history of #{}{}", text_in(result, "room"),
                             truth_in(result, "more") ? ", and there is more" : ""),
                 std::move(items));
}

Pager rooms_pager(const wire::JsonValue& result) {
    std::vector<PagerItem> items;
    if (const auto rooms = result.find("rooms")) {
        for (const wire::JsonValue room : *rooms) {
            const std::string name = text_in(room, "room");
            items.push_back(
                {{}, fmt::format("#{:<32} {} here", name, number_in(room, "people")), name, {}});
        }
    }
    return Pager(fmt::format("{} rooms", number_in(result, "total")), std::move(items));
}

std::string schedule_text(const wire::JsonValue& schedule) {
    const std::string every = text_in(schedule, "every");
    return fmt::format("{:>4}  {}{} #{} {}{}", number_in(schedule, "id"), text_in(schedule, "due"),
                       every.empty() ? "" : " every " + every, text_in(schedule, "room"),
                       truth_in(schedule, "action") ? "/me " : "", text_in(schedule, "body"));
}

Pager schedules_pager(const wire::JsonValue& result) {
    std::vector<PagerItem> items;
    if (const auto schedules = result.find("schedules")) {
        for (const wire::JsonValue schedule : *schedules)
            items.push_back({{}, schedule_text(schedule), {}, {}});
    }
    return Pager("what you will say later; /unschedule ID takes it back", std::move(items));
}

Pager stats_pager(const wire::JsonValue& result) {
    std::vector<PagerItem> items;
    for (const wire::JsonValue value : result) {
        items.push_back(
            {{}, fmt::format("{:<40} {:>14}", safe(value.name()), safe(value.written())), {}, {}});
    }
    return Pager("the server's counters", std::move(items));
}

std::string who_text(const wire::JsonValue& result) {
    std::string text =
        fmt::format("{} in #{}:", number_in(result, "total"), text_in(result, "room"));
    if (const auto nicks = result.find("nicks")) {
        for (const wire::JsonValue nick : *nicks)
            text += " " + safe(nick.text());
    }
    return text;
}

/// One line about what was done; empty where the screen shows it anyway.
std::string done_text(std::string_view method, const wire::JsonValue& result) {
    if (method == "who") return who_text(result);
    if (method == "topic" && result.find("topic")) {
        const std::string topic = text_in(result, "topic");
        const std::string from = text_in(result, "from");
        if (topic.empty()) return fmt::format("#{} has no topic.", text_in(result, "room"));
        return from.empty() ? "Topic: " + topic : fmt::format("Topic, set by {}: {}", from, topic);
    }
    if (method == "schedule") {
        return fmt::format("It will be said in #{} at {}; its id is {}.", text_in(result, "room"),
                           text_in(result, "due"), number_in(result, "id"));
    }
    if (method == "unschedule") return "It will not be said.";
    if (method == "ping") return "The server answered.";
    if (method == "datagrams") {
        const std::uint64_t hz = number_in(result, "hz");
        if (hz == 0) return "You no longer see datagrams.";
        return fmt::format(
            "You see the newest datagrams of #lobby, at most {} a second of each sender.", hz);
    }
    if (method == "notices") {
        return truth_in(result, "on") ? "You see who comes and goes."
                                      : "You no longer see who comes and goes.";
    }
    return {};
}

}  // namespace

void Model::ask(Question question, const wire::Request& request) {
    AskWish wish{.question = ++question_last_, .method = {}, .params = {}};
    wish.method = wire::append_call_json(wish.params, request);
    questions_.emplace(wish.question, std::move(question));
    wishes_.emplace_back(std::move(wish));
}

void Model::ask_newest(Room& room) {
    if (room.is_person || std::exchange(room.asking, true)) return;
    ask({Question::Purpose::newest, room.name, {}, {}},
        wire::History{.room = room.name, .limit = page_limit});
}

void Model::ask_older(Room& room) {
    if (!room.talk.more_before() || connection_.state != Connection::State::online) return;
    if (std::exchange(room.asking, true)) return;
    ask({Question::Purpose::older, room.name, {}, {}},
        wire::History{.room = room.name, .before = room.talk.oldest(), .limit = page_limit});
}

void Model::ask_newer(Room& room) {
    if (!room.talk.more_after() || connection_.state != Connection::State::online) return;
    if (std::exchange(room.asking, true)) return;
    ask({Question::Purpose::newer, room.name, {}, {}},
        wire::History{.room = room.name, .after = room.talk.newest(), .limit = page_limit});
}

void Model::ask_around(Room& room, Position at) {
    if (std::exchange(room.asking, true)) return;
    const Seq before = std::min<Seq>(at.seq, page_limit / 2);
    ask({Question::Purpose::around, room.name, at, {}},
        wire::History{
            .room = room.name, .after = {at.epoch, at.seq - before}, .limit = page_limit});
}

void Model::ask_people(Room& room) {
    ask({Question::Purpose::people, room.name, {}, {}}, wire::Who{room.name});
}

void Model::answered(const client::Answer& answer) {
    const auto found = questions_.find(answer.id);
    if (found == questions_.end()) return;
    const Question question = std::move(found->second);
    questions_.erase(found);
    switch (question.purpose) {
        case Question::Purpose::newest:
        case Question::Purpose::older:
        case Question::Purpose::newer:
        case Question::Purpose::around:
            return page_came(question, answer);
        case Question::Purpose::people:
        case Question::Purpose::rooms:
            return names_came(question, answer);
        case Question::Purpose::shown:
            return show_answer(question, answer);
    }
}

void Model::page_came(const Question& question, const client::Answer& answer) {
    Room* const room = find_room(question.room);
    if (room == nullptr) return;
    room->asking = false;
    if (answer.error) return;  // offline, or no history here: it is tried again when it is needed
    wire::JsonReader reader(client::session_line_bytes_max, client::session_depth_max);
    const auto result = reader.read(as_bytes(answer.result));
    if (!result) return;
    Page page;
    for (const wire::KeptEvent& event : events_of(*result)) {
        if (auto item = item_of(event, nick_)) page.push_back(std::move(*item));
    }
    const bool more = truth_in(*result, "more");
    switch (question.purpose) {
        case Question::Purpose::newest:
            if (room->talk.more_after()) {
                room->talk.replace(std::move(page), more, false);
                break;
            }
            [[fallthrough]];
        case Question::Purpose::older:
            room->talk.add_older(std::move(page), more);
            break;
        case Question::Purpose::newer:
            room->talk.add_newer(std::move(page), more);
            break;
        case Question::Purpose::around: {
            room->talk.replace(std::move(page), true, more);
            if (const Entry* entry = room->talk.find(question.at)) show_entry(*room, entry->serial);
            break;
        }
        case Question::Purpose::people:
        case Question::Purpose::rooms:
        case Question::Purpose::shown:
            break;
    }
    if (room == current()) view_moved();
}

void Model::names_came(const Question& question, const client::Answer& answer) {
    if (answer.error) return;
    wire::JsonReader reader(client::session_line_bytes_max, client::session_depth_max);
    const auto result = reader.read(as_bytes(answer.result));
    if (!result) return;
    if (question.purpose == Question::Purpose::rooms) {
        known_rooms_.clear();
        const auto rooms = result->find("rooms");
        if (!rooms) return;
        for (const wire::JsonValue room : *rooms)
            known_rooms_.push_back(text_in(room, "room"));
        return;
    }
    Room* const room = find_room(question.room);
    const auto nicks = result->find("nicks");
    if (room == nullptr || !nicks) return;
    room->people.clear();
    for (const wire::JsonValue nick : *nicks)
        room->people.insert(safe(nick.text()));
    room->people_count = number_in(*result, "total");
}

void Model::show_answer(const Question& question, const client::Answer& answer) {
    Room* const asked_in = find_room(question.room, answer.method == "msg");
    Room* const room = asked_in != nullptr ? asked_in : current_room();
    if (answer.error) {
        const std::string why =
            question.text.empty() || answer.method != "msg"
                ? answer.error->text
                : fmt::format("Not said: {}\n{}", question.text, answer.error->text);
        if (room != nullptr) add_told(*room, Entry::Kind::failed, why);
        return;
    }
    wire::JsonReader reader(client::session_line_bytes_max, client::session_depth_max);
    const auto result = reader.read(as_bytes(answer.result));
    if (!result) return;
    const auto page = [this](Pager pager) { pager_ = std::make_unique<Pager>(std::move(pager)); };
    const EpochOf epoch_of = [this](std::string_view name) {
        const Room* const known = find_room(name);
        return known == nullptr ? Epoch{0} : known->epoch;
    };
    if (answer.method == "search") return page(search_pager(question.text, *result, epoch_of));
    if (answer.method == "history") return page(history_pager(*result, epoch_of));
    if (answer.method == "rooms") return page(rooms_pager(*result));
    if (answer.method == "schedules") return page(schedules_pager(*result));
    if (answer.method == "stats") return page(stats_pager(*result));
    if (room == nullptr) return;
    if (answer.method == "msg") {
        add(*room, {.when = now_, .from = nick_, .body = safe_lines(question.text), .own = true});
        if (truth_in(*result, "kept")) {
            add_told(*room, Entry::Kind::told,
                     room->name + " is away; it is kept until they return.");
        }
        return;
    }
    const std::string text = done_text(answer.method, *result);
    if (!text.empty()) add_told(*room, Entry::Kind::told, text);
}

}  // namespace chatd::terminal
