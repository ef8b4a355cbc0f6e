#include "server/store_link.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

#include "chatd/base/exit_code.hpp"
#include "chatd/io/system_clock.hpp"
#include "chatd/server/log.hpp"

namespace chatd::server {

namespace {

constexpr std::chrono::seconds hand_over_time_max{5};
constexpr std::chrono::milliseconds hand_over_pause{1};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string(value);
}

}  // namespace

std::string state_directory(const std::string& given) {
    if (!given.empty()) return given;
    if (std::string systemd = variable("STATE_DIRECTORY"); !systemd.empty()) return systemd;
    if (const std::string state = variable("XDG_STATE_HOME"); !state.empty()) {
        return state + "/chatd";
    }
    const std::string home = variable("HOME");
    return home.empty() ? home : home + "/.local/state/chatd";
}

StartError no_state_directory() {
    return {status_of(ExitCode::usage),
            "no place to keep history: $HOME is not set; name one with --state DIR, or keep none "
            "with --history off"};
}

StartError start_error_of(const store::StoreError& error) {
    using Kind = store::StoreError::Kind;
    ExitCode code = ExitCode::io_error;
    switch (error.kind) {
        case Kind::in_use:
            code = ExitCode::state_in_use;
            break;
        case Kind::not_permitted:
            code = ExitCode::not_permitted;
            break;
        case Kind::not_there:
            code = ExitCode::failed;
            break;
        case Kind::newer_version:
        case Kind::damaged:
        case Kind::failed:
            break;
    }
    return {status_of(code), error.text};
}

std::expected<std::unique_ptr<StoreLink>, StartError> StoreLink::open(const StateOptions& options) {
    const std::string directory = state_directory(options.directory);
    if (directory.empty()) return std::unexpected(no_state_directory());
    store::StoreOptions store_options{.directory = directory, .now = io::unix_ms};
    store_options.sync_full = options.sync_full;
    store_options.retention = {.age = options.retain_age,
                               .room_count_max = options.retain_count,
                               .room_bytes_max = options.retain_bytes};
    auto store = store::Store::open(store_options);
    if (!store) return std::unexpected(start_error_of(store.error()));
    return std::unique_ptr<StoreLink>(new StoreLink(std::move(*store)));
}

void StoreLink::take_answers(engine::Engine& engine, Time now) {
    for (chat::StoreAnswer& answer : store_->take_answers()) {
        if (const auto* trouble = std::get_if<chat::StoreTrouble>(&answer)) {
            if (trouble->text.empty()) {
                log(LogLevel::info, "store_writes_again");
            } else {
                log(LogLevel::error,
                    "store_trouble error=\"{}\" hint=\"lines are delivered, "
                    "acknowledgements wait\"",
                    trouble->text);
            }
        }
        engine.store_answered(std::move(answer), now);
    }
}

void StoreLink::turn_ended(engine::Engine& engine) {
    for (chat::Persist& request : engine.take_persists())
        waiting_.push_back(std::move(request));
    while (!waiting_.empty() && store_->push(std::move(waiting_.front())))
        waiting_.pop_front();
}

bool StoreLink::stop(engine::Engine& engine) {
    engine.store_stopping();
    turn_ended(engine);
    // The queue may be full; the store's thread empties it.
    const Time deadline = io::now() + hand_over_time_max;
    while (!waiting_.empty() && io::now() < deadline) {
        std::this_thread::sleep_for(hand_over_pause);
        // Nobody hears them any more, but the store waits while too many lie there.
        (void)store_->take_answers();
        turn_ended(engine);
    }
    const auto left = std::count_if(waiting_.begin(), waiting_.end(),
                                    [](const auto& write) { return !chat::is_read(write); });
    if (left > 0) log(LogLevel::error, "store_too_slow writes_lost={}", left);
    const auto stopped = store_->stop(left == 0);
    if (!stopped) log(LogLevel::error, "store_not_stopped error=\"{}\"", stopped.error().text);
    return stopped.has_value() && left == 0;
}

}  // namespace chatd::server
