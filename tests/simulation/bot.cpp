#include "simulation/bot.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "simulation/faults.hpp"

namespace chatd::simulation {

namespace {

// Of each room so many positions are remembered to come back from.
constexpr std::size_t read_max = 64;

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string since_text(const std::optional<Position>& since) {
    if (!since) return "";
    return ",\"since\":{\"epoch\":" + std::to_string(since->epoch) +
           ",\"seq\":" + std::to_string(since->seq) + "}";
}

std::uint64_t number_in(const wire::JsonValue& object, std::string_view name) {
    const auto member = object.find(name);
    const auto value = member ? member->integer() : std::nullopt;
    if (!value) violate("answers", "no number " + std::string(name));
    return *value;
}

std::string_view text_in(const wire::JsonValue& object, std::string_view name) {
    const auto member = object.find(name);
    return member ? member->text() : std::string_view{};
}

Position position_in(const wire::JsonValue& object) {
    return {number_in(object, "epoch"), number_in(object, "seq")};
}

Verdict verdict_in(const wire::JsonValue& standing) {
    Verdict verdict{.at = position_in(standing)};
    const auto recovered = standing.find("recovered");
    if (!recovered) violate("verdict_false", "no verdict");
    verdict.recovered = recovered->truth();
    if (const auto missing = standing.find("missing")) {
        verdict.missing_from = position_in(*missing->find("from"));
        verdict.missing_to = position_in(*missing->find("to"));
    }
    return verdict;
}

}  // namespace

// -- what it writes ------------------------------------------------------------------------------

void Bot::connect(Prng& prng) {
    connected = true;
    pipe.clear();
    delivered = 0;
    paused = false;
    buffer_.clear();
    begin(prng);
}

void Bot::disconnected() {
    connected = false;
    begun_ = false;
    calls_.clear();
    taken_ = 0;
    places_ = {};
}

void Bot::write(BotCall call, std::string_view method, const std::string& params) {
    if (call.kind != BotCall::Kind::say || !call.line.key.empty() || call.id != 0) {
        call.id = ++last_id_;
    }
    pipe += R"({"jsonrpc":"2.0",)";
    if (call.id != 0) pipe += "\"id\":" + std::to_string(call.id) + ",";
    pipe += "\"method\":" + quoted(method) + ",\"params\":{" + params + "}}\n";
    call.ready_at = pipe.size();
    calls_.push_back(std::move(call));
}

// From where it goes on: mostly from what it read last, now and then from further back.
std::optional<Position> Bot::draw_since(Prng& prng, std::size_t room) const {
    const std::vector<Position>& read = read_[room];
    if (prompt || read.empty() || prng.chance(10)) return std::nullopt;
    return prng.chance(plan_.older_since) ? read[prng.below(read.size())] : read.back();
}

void Bot::begin(Prng& prng) {
    BotCall call{.kind = BotCall::Kind::begin, .resumes = !token_.empty()};
    std::string rooms;
    for (std::size_t room = 0; room < plan_.room_count; ++room) {
        const bool wanted = prompt || prng.chance(70);
        if (!wanted) continue;
        call.joins[room] = true;
        call.since[room] = draw_since(prng, room);
        rooms += std::string(rooms.empty() ? "" : ",") + "{\"room\":" + quoted(room_names[room]) +
                 since_text(call.since[room]) + "}";
    }
    std::string who = "\"token\":" + quoted(token_);
    if (!call.resumes) {
        // A name of its own for each session: an earlier one may still be held.
        keyed_.clear();
        session_lasts_ = false;
        who = "\"nick\":\"b" + std::to_string(number_) + "-" + std::to_string(++sessions_) + "\"";
    }
    write(std::move(call), call.resumes ? "resume" : "hello", who + ",\"rooms\":[" + rooms + "]");
}

void Bot::act(Prng& prng) {
    if (prng.chance(plan_.rejoin)) return join(prng);
    if (!keyed_.empty() && prng.chance(plan_.resend)) {
        auto chosen = keyed_.begin();
        std::advance(chosen, prng.below(keyed_.size()));
        const Keyed& keyed = chosen->second;
        if (places_[keyed.room].open) return write_say(keyed.room, keyed.line, false);
    }
    say(prng);
}

void Bot::say(Prng& prng) {
    const std::size_t room = prng.below(plan_.room_count);
    if (!places_[room].open) return;
    const std::string name = std::to_string(number_) + "." + std::to_string(++last_line_);
    Line line{.voice = (std::uint64_t{number_} << 32) | sessions_, .key = {}, .body = name};
    line.body += std::string(prng.below(40), 'x') + ".";
    const bool unasked = prng.chance(plan_.unasked);
    if (!unasked && prng.chance(70)) {
        line.key = name;
        keyed_[name] = {.room = room, .line = line, .at = {}};
    }
    write_say(room, line, unasked);
}

void Bot::write_say(std::size_t room, const Line& line, bool unasked) {
    BotCall call{.kind = BotCall::Kind::say, .room = room, .line = line};
    call.id = unasked ? 0 : 1;
    std::string params = "\"room\":" + quoted(room_names[room]) + ",\"body\":" + quoted(line.body);
    if (!line.key.empty()) params += ",\"key\":" + quoted(line.key);
    write(std::move(call), "say", params);
}

void Bot::join(Prng& prng) {
    const std::size_t room = prng.below(plan_.room_count);
    BotCall call{.kind = BotCall::Kind::join, .room = room};
    call.since[room] = draw_since(prng, room);
    write(call, "join", "\"room\":" + quoted(room_names[room]) + since_text(call.since[room]));
}

// -- what the server does with it ----------------------------------------------------------------

std::optional<std::size_t> Bot::next_end() const {
    if (taken_ == calls_.size()) return std::nullopt;
    return calls_[taken_].ready_at;
}

// The next call was read; `published_count` lines more were said than before.
bool Bot::takes_call(std::uint64_t published_count) {
    BotCall& call = calls_[taken_++];
    if (published_count == 0) {
        // A notification is never answered.
        if (call.id == 0) calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(--taken_));
        return true;
    }
    if (call.kind != BotCall::Kind::say || published_count != 1) return false;
    call.published = true;
    chronicle_.said(call.room, call.line);
    if (call.id == 0) calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(--taken_));
    return true;
}

// -- what it hears -------------------------------------------------------------------------------

void Bot::strange(std::string_view text) const {
    violate("answers", "bot " + std::to_string(number_) + ": " + std::string(text));
}

void Bot::received(Bytes bytes) {
    append(buffer_, bytes);
    std::size_t start = 0;
    for (auto end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n', start)) {
        line_came(std::string_view(buffer_).substr(start, end - start));
        start = end + 1;
    }
    buffer_.erase(0, start);
}

void Bot::line_came(std::string_view text) {
    const auto value = reader_.read(as_bytes(text));
    if (!value) strange(text);
    if (value->find("id")) {
        const std::uint64_t id_of_call = number_in(*value, "id");
        const auto call = std::find_if(calls_.begin(), calls_.end(), [&](const BotCall& other) {
            return other.id == id_of_call;
        });
        const auto taken_end = calls_.begin() + static_cast<std::ptrdiff_t>(taken_);
        if (call >= taken_end) strange("an answer to nothing: " + std::string(text));
        const BotCall answered_call = *call;
        calls_.erase(call);
        --taken_;
        return answered(answered_call, *value);
    }
    const std::string_view method = text_in(*value, "method");
    const auto params = value->find("params");
    if (!params) strange(text);
    if (method == "message") return message_came(*params);
    if (method == "gap") return gap_came(*params);
    if (method != "notice" && method != "draining") strange(text);
}

void Bot::answered(const BotCall& call, const wire::JsonValue& text) {
    if (const auto error = text.find("error")) {
        const auto data = error->find("data");
        return refused(call, data ? text_in(*data, "code") : error->written());
    }
    const auto result = text.find("result");
    if (!result) strange(text.written());
    switch (call.kind) {
        case BotCall::Kind::begin:
            return begun(call, *result);
        case BotCall::Kind::join:
            return joined(call, *result);
        case BotCall::Kind::say:
            return said(call, *result);
    }
}

void Bot::refused(const BotCall& call, std::string_view code) {
    if (call.kind == BotCall::Kind::say && code == "STORE_BEHIND") {
        if (call.published) strange("what was said is refused: " + call.line.body);
        ++tally_.refused;
        return;
    }
    if (!call.resumes || code != "BAD_TOKEN") strange("refused: " + std::string(code));
    // Its session was not durable when the crash came, nor was anything that was said in it.
    if (session_lasts_) violate("acknowledged_lasts", "a session is gone: " + token_);
    token_.clear();
    Prng prng(last_id_);
    begin(prng);
}

void Bot::begun(const BotCall& call, const wire::JsonValue& result) {
    begun_ = true;
    token_ = text_in(result, "token");
    const auto rooms = result.find("rooms");
    if (!rooms) strange(result.written());
    for (const wire::JsonValue standing : *rooms) {
        const std::size_t room = room_named(text_in(standing, "room"));
        if (!call.joins[room]) strange(standing.written());
        joined(call, standing);
    }
}

void Bot::joined(const BotCall& call, const wire::JsonValue& standing) {
    const std::size_t room = room_named(text_in(standing, "room"));
    const Position at = position_in(standing);
    chronicle_.heard_of(room, at);
    const auto& since = call.since[room];
    // Without a position, in a room that it is in nothing changes.
    if (!since && places_[room].open) return;
    const Position from = since ? chronicle_.judged(room, *since, verdict_in(standing)) : at;
    places_[room] = {.open = true, .had = from};
    // It had been told this; whoever comes back with it knows nothing of what came before.
    read_[room].push_back(from);
}

void Bot::said(const BotCall& call, const wire::JsonValue& result) {
    const Position at = position_in(result);
    chronicle_.heard_of(call.room, at);
    chronicle_.acknowledged(call.room, at, call.line);
    session_lasts_ = true;
    if (call.published == (result.find("repeated").has_value())) {
        strange("repeated or not: " + call.line.body);
    }
    if (!call.published) ++tally_.repeated;
    const auto keyed = keyed_.find(call.line.key);
    if (keyed == keyed_.end()) return;
    if (keyed->second.at && *keyed->second.at != at) {
        violate("said_once", "key " + call.line.key + " was at " + text_of(*keyed->second.at) +
                                 ", is at " + text_of(at));
    }
    keyed->second.at = at;
}

void Bot::message_came(const wire::JsonValue& params) {
    const std::size_t room = room_named(text_in(params, "room"));
    const Position at = position_in(params);
    Place& place = places_[room];
    if (!place.open) violate("join_reply_first", "#" + std::string(room_names[room]));
    chronicle_.heard_of(room, at);
    place.had = chronicle_.message_came(room, place.had, at, text_in(params, "key"),
                                        text_in(params, "body"));
    read_[room].push_back(at);
    if (read_[room].size() > read_max) read_[room].erase(read_[room].begin());
}

void Bot::gap_came(const wire::JsonValue& params) {
    const std::size_t room = room_named(text_in(params, "room"));
    Place& place = places_[room];
    if (!place.open) violate("join_reply_first", "#" + std::string(room_names[room]));
    const Epoch epoch = number_in(params, "epoch");
    place.had = chronicle_.gap_came(room, place.had, {epoch, number_in(params, "from")},
                                    {epoch, number_in(params, "to")});
}

void Bot::check_complete() const {
    if (!calls_.empty()) strange("no answer to a call of " + std::to_string(calls_.size()));
    for (std::size_t room = 0; room < room_count_max; ++room) {
        if (places_[room].open) chronicle_.check_arrived(room, places_[room].had);
    }
}

}  // namespace chatd::simulation
