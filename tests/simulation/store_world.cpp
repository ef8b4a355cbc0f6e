#include "simulation/store_world.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>
#include <variant>

#include "simulation/trace.hpp"

namespace chatd::simulation {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::uint32_t calls_per_turn_max = 2;  ///< read from one bot
constexpr std::uint32_t settle_turns_max = 20'000;
constexpr std::size_t prompt_turns =
    2;  ///< from a line's being said to a prompt reader's having it
constexpr UnixMs restart_ms_max = 1'500;

}  // namespace

StoreWorld::StoreWorld(std::uint64_t seed, Tally& tally)
    : prng_(seed),
      plan_(draw_store_plan(prng_)),
      tally_(tally),
      disk_(plan_.disk, prng_, tally),
      chronicle_(plan_, disk_, tally) {
    for (std::uint32_t number = 0; number <= plan_.bot_count; ++number)
        bots_.push_back(std::make_unique<Bot>(chronicle_, plan_, tally, number, number == 0));
    start({});
}

StoreWorld::~StoreWorld() {
    ++tally_.worlds;
    ++tally_.stored_worlds;
}

void StoreWorld::run() {
    for (std::uint32_t count = 0; count < plan_.turn_count; ++count) {
        const bool slow = prng_.chance(10);
        turn(slow ? Duration(milliseconds(prng_.below(300))) : microseconds(prng_.below(10'000)));
        if (prng_.chance(plan_.crash)) {
            crash();
        } else if (prng_.chance(plan_.stop)) {
            stop();
        }
    }
    settle();
    crash();
    settle();
    stop();
}

// -- the server's lives --------------------------------------------------------------------------

void StoreWorld::start(chat::Restored&& restored) {
    plan_.config.seed = prng_.next();
    plan_.config.token_seed = "secret " + std::to_string(prng_.next());
    plan_.config.unix_start += wall_ahead_;
    wall_ahead_ = 0;
    const auto elapsed = std::chrono::duration_cast<milliseconds>(now_.time_since_epoch());
    engine::EngineConfig config = plan_.config;
    config.unix_start += elapsed.count();
    engine_ = std::make_unique<engine::Engine>(config, engine::DatagramsConfig{}, now_,
                                               std::move(restored));
    links_.clear();
    said_by_then_.clear();
    outputs_seen_ = 0;
    published_ = 0;
}

// `kill -9`: what the kernel has taken still comes, or not.
void StoreWorld::crash() {
    ++tally_.crashes;
    trace(now_, 0, "crash");
    for (Link& link : links_) {
        if (link.bot == nullptr || !link.flight || prng_.chance(50)) continue;
        link.bot->received(link.flight->bytes.subspan(link.flight->done));
    }
    engine_.reset();
    for (const auto& bot : bots_)
        bot->disconnected();
    chat::Restored restored = disk_.crash();
    chronicle_.ended(false, restored);
    wall_ahead_ = static_cast<UnixMs>(prng_.below(restart_ms_max));
    start(std::move(restored));
}

void StoreWorld::stop() {
    ++tally_.clean_stops;
    trace(now_, 0, "clean stop");
    const bool was_calm = std::exchange(calm_, true);
    draining_ = true;
    engine_->drain_begun(now_);
    for (std::uint32_t count = 0; engine_->connection_count() > 0; ++count) {
        if (count == settle_turns_max) violate("ends", "connections are left after a drain");
        turn(milliseconds(20));
    }
    engine_->store_stopping();
    auto last = engine_->take_persists();
    chronicle_.given(last);
    disk_.take(std::move(last));
    engine_.reset();
    for (const auto& bot : bots_)
        bot->disconnected();
    chat::Restored restored = disk_.stop();
    chronicle_.ended(true, restored);
    draining_ = false;
    calm_ = was_calm;
    start(std::move(restored));
}

/// Faults stop: everything is answered and arrives.
void StoreWorld::settle() {
    calm_ = true;
    std::uint32_t idle = 0;
    for (std::uint32_t count = 0; idle < 3; ++count) {
        if (count == settle_turns_max) violate("settles", "the world does not come to rest");
        turn(microseconds(200));
        idle = busy_ == 0 && disk_.idle() ? idle + 1 : 0;
    }
    for (const auto& bot : bots_) {
        if (bot->paused) violate("resumes", "reading stays paused");
        bot->check_complete();
    }
    calm_ = false;
}

// -- the turn ------------------------------------------------------------------------------------

void StoreWorld::turn(Duration step) {
    now_ += step;
    busy_ = 0;
    ++tally_.turns;
    const auto elapsed = std::chrono::duration_cast<milliseconds>(now_.time_since_epoch());
    engine_->clock_read(plan_.config.unix_start + elapsed.count(), 0);
    if (!draining_) connect();
    if (!calm_) act();
    network();
    store();
    end_turn();
    engine_->check_invariants();
    check_prompt();
}

void StoreWorld::connect() {
    for (const auto& bot : bots_) {
        if (bot->connected || (!bot->prompt && chance(60))) continue;
        bot->id = engine_->stream_opened(true, now_);
        if (!bot->id) violate("ids", "no place for a connection");
        if (links_.size() <= bot->id.index) links_.resize(bot->id.index + 1);
        links_[bot->id.index] = Link{.bot = bot.get(), .id = bot->id};
        ++tally_.connections;
        ++busy_;
        bot->connect(prng_);
    }
}

void StoreWorld::act() {
    for (std::uint64_t count = prng_.below(plan_.acts_per_turn_max + 1); count > 0; --count) {
        Bot& bot = *bots_[prng_.between(1, bots_.size() - 1)];
        if (!bot.begun()) continue;
        if (prng_.chance(plan_.reset)) {
            leave(links_[bot.id.index]);
        } else {
            bot.act(prng_);
        }
    }
}

void StoreWorld::network() {
    if (links_.empty()) return;
    const std::size_t start_at = prng_.below(links_.size());
    for (std::size_t step = 0; step < links_.size(); ++step) {
        Link& link = links_[(start_at + step) % links_.size()];
        if (!link.id) continue;
        advance_flight(link);
        if (link.fin_came && link.bot != nullptr) leave(link);
        feed(link);
        if (!link.closing || link.flight) continue;
        engine_->stream_closed(link.id);
        ++busy_;
        link = {};
    }
}

// -- the fake kernel -----------------------------------------------------------------------------

StoreWorld::Link& StoreWorld::link_of(ConnId id) {
    if (id.index >= links_.size() || links_[id.index].id != id) {
        violate("ids", "an output for nobody");
    }
    return links_[id.index];
}

// The bot goes without a word. The engine ends the connection in its own time.
void StoreWorld::leave(Link& link) {
    Bot& bot = *std::exchange(link.bot, nullptr);
    trace(now_, 0, "a bot resets");
    bot.disconnected();
    engine_->stream_failed(link.id, engine::StreamFailure::reset, now_);
    scan_outputs();
}

void StoreWorld::feed(Link& link) {
    for (std::uint32_t count = 0; count < calls_per_turn_max; ++count) {
        if (link.bot == nullptr || link.closing || draining_ || link.bot->paused) return;
        if (!feed_call(link)) return;
    }
}

// Hands over one call or a piece of it; false when no whole one was.
bool StoreWorld::feed_call(Link& link) {
    Bot& bot = *link.bot;
    const auto end = bot.next_end();
    if (!end || bot.delivered == *end) return false;
    std::size_t bytes = *end - bot.delivered;
    if (!bot.prompt && chance(plan_.input_cut)) bytes = prng_.between(1, bytes);
    const std::string piece = bot.pipe.substr(bot.delivered, bytes);
    bot.delivered += bytes;
    ++busy_;
    trace(now_, link.id.index, "writes {}", piece);
    const bool whole = bot.delivered == *end;
    engine_->stream_received(link.id, as_bytes(piece), now_);
    scan_outputs();
    const std::uint64_t count = newly_published();
    const bool fits = whole ? bot.takes_call(count) : count == 0;
    if (!fits) violate("published", std::to_string(count) + " lines for " + piece);
    return whole;
}

std::uint64_t StoreWorld::newly_published() {
    const std::uint64_t before = std::exchange(published_, engine_->counters().messages);
    return published_ - before;
}

void StoreWorld::advance_flight(Link& link) {
    if (!link.flight) return;
    Flight& flight = *link.flight;
    const bool gone = link.bot == nullptr || link.closing;
    if (gone || flight.cancelled) {
        return complete(link,
                        flight.done > 0 ? static_cast<std::int64_t>(flight.done) : -ECANCELED);
    }
    Bot& bot = *link.bot;
    if (!bot.prompt && !calm_) {
        if (now_ < bot.stalled_until) return;
        if (chance(plan_.reader_stalls)) {
            bot.stalled_until = now_ + milliseconds(prng_.between(5, 1'500));
            return;
        }
    }
    std::size_t bytes = flight.bytes.size();
    if (!bot.prompt && chance(plan_.send_short)) bytes = prng_.between(1, bytes);
    flight.done = bytes;
    const Bytes read = flight.bytes.first(bytes);
    if (as_text(read) != std::string_view(flight.expected).substr(0, bytes)) {
        violate("bytes_kept", "a send's bytes changed while it flew");
    }
    trace(now_, link.id.index, "reads {}", as_text(read));
    bot.received(read);
    complete(link, static_cast<std::int64_t>(bytes));
}

void StoreWorld::complete(Link& link, std::int64_t result) {
    link.flight.reset();
    ++busy_;
    engine_->send_completed(link.id, result, now_);
    scan_outputs();
}

// -- the engine's outputs ------------------------------------------------------------------------

void StoreWorld::trace_request(const chat::Persist& request) const {
    if (const auto* read = std::get_if<chat::ReadHistory>(&request)) {
        trace(now_, 0, "the store is asked what follows #{} {}", read->room, text_of(read->after));
    } else if (const auto* event = std::get_if<chat::KeepEvent>(&request)) {
        trace(now_, 0, "the store is given #{} {}", event->event.room, text_of(event->event.at));
    } else if (const auto* hole = std::get_if<chat::KeepHole>(&request)) {
        trace(now_, 0, "the store is told of the hole #{} {}-{}", hole->room,
              text_of({hole->epoch, hole->from}), hole->to);
    }
}

void StoreWorld::trace_answer(const chat::StoreAnswer& answer) const {
    if (const auto* committed = std::get_if<chat::Committed>(&answer)) {
        trace(now_, 0, "the store has committed {}", committed->ticket);
    } else if (const auto* trouble = std::get_if<chat::StoreTrouble>(&answer)) {
        trace(now_, 0, "the store's trouble: '{}'", trouble->text);
    } else if (const auto* page = std::get_if<chat::HistoryPage>(&answer)) {
        trace(now_, 0, "the store has a page of {}, missing {}-{} {}", page->events.size(),
              text_of(page->missing_from), text_of(page->missing_to), page->error);
    }
}

void StoreWorld::store() {
    for (chat::StoreAnswer& answer : disk_.work(now_, calm_)) {
        trace_answer(answer);
        ++busy_;
        engine_->store_answered(std::move(answer), now_);
        scan_outputs();
    }
    if (newly_published() != 0) violate("published", "a line by the store");
}

void StoreWorld::end_turn() {
    engine_->turn_ended(now_);
    auto persists = engine_->take_persists();
    for (const chat::Persist& request : persists)
        trace_request(request);
    chronicle_.given(persists);
    busy_ += persists.size();
    disk_.take(std::move(persists));
    scan_outputs();
    for (const engine::Output& output : engine_->outputs())
        carry_out(output);
    busy_ += engine_->outputs().size();
    engine_->clear_outputs();
    outputs_seen_ = 0;
}

// Whether more may be handed over is known at once, not at the turn's end.
void StoreWorld::scan_outputs() {
    using Kind = engine::Output::Kind;
    const auto outputs = engine_->outputs();
    for (; outputs_seen_ < outputs.size(); ++outputs_seen_) {
        const engine::Output& output = outputs[outputs_seen_];
        Link& link = link_of(output.connection);
        if (link.bot == nullptr) continue;
        if (output.kind == Kind::pause_reading) link.bot->paused = true;
        if (output.kind == Kind::resume_reading) link.bot->paused = false;
    }
}

void StoreWorld::carry_out(const engine::Output& output) {
    using Kind = engine::Output::Kind;
    Link& link = link_of(output.connection);
    if (link.closing) violate("nothing_after_close", "an output after Output::close");
    switch (output.kind) {
        case Kind::send:
            if (link.flight) violate("one_send", "a second send while one flies");
            ++tally_.sends;
            link.flight =
                Flight{.bytes = output.bytes, .expected = std::string(as_text(output.bytes))};
            return;
        case Kind::cancel:
            ++tally_.cancels;
            if (!link.flight) violate("cancel", "nothing flies that could be cancelled");
            link.flight->cancelled = true;
            return;
        case Kind::pause_reading:
            ++tally_.pauses;
            return;
        case Kind::resume_reading:
            return;
        case Kind::shutdown_write:
            if (!draining_) violate("needless_close", "a FIN");
            link.fin_came = true;
            return;
        case Kind::ask_unsent:
            violate("ids", "asked for what it was told nobody knows");
        case Kind::close:
            if (link.bot != nullptr && !draining_) violate("needless_close", "a close");
            link.closing = true;
            return;
    }
}

// Delivery waits for no commit: who reads at once has every line, however the store is.
void StoreWorld::check_prompt() {
    auto& now_said = said_by_then_.emplace_back();
    for (std::size_t room = 0; room < room_count_max; ++room)
        now_said[room] = chronicle_.end(room);
    if (said_by_then_.size() <= prompt_turns) return;
    const auto by_then = said_by_then_.front();
    said_by_then_.pop_front();
    const Bot& prompt = *bots_.front();
    for (std::size_t room = 0; room < room_count_max; ++room) {
        if (!prompt.in_room(room) || prompt.had(room) >= by_then[room]) continue;
        violate("delivered_at_once", "#" + std::string(room_names[room]) + " " +
                                         text_of(by_then[room]) + " was said, " +
                                         text_of(prompt.had(room)) + " is the last that came");
    }
}

}  // namespace chatd::simulation
