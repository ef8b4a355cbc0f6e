#include "simulation/faults.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace chatd::simulation {

namespace {

// Every so many lines one is spoilt: in small worlds, too, and not at once.
constexpr std::uint32_t spoilt_every = 8;

constexpr std::array<PlantedFault, 34> faults{{
    {"line_lost", Fault::line_lost},
    {"line_repeated", Fault::line_repeated},
    {"lines_swapped", Fault::lines_swapped},
    {"gap_too_long", Fault::gap_too_long},
    {"gap_too_short", Fault::gap_too_short},
    {"gap_missing", Fault::gap_missing},
    {"gap_late", Fault::gap_late},
    {"join_reply_late", Fault::join_reply_late},
    {"private_misread", Fault::private_misread},
    {"rest_lost", Fault::rest_lost},
    {"rest_repeated", Fault::rest_repeated},
    {"second_send", Fault::second_send},
    {"header_spoilt", Fault::header_spoilt},
    {"bytes_changed", Fault::bytes_changed},
    {"train_lost", Fault::train_lost},
    {"train_repeated", Fault::train_repeated},
    {"commit_lost", Fault::commit_lost},
    {"epoch_kept", Fault::epoch_kept},
    {"missing_untold", Fault::missing_untold},
    {"keys_lost", Fault::keys_lost},
    {"wrong_generation", Fault::hook, Planted::wrong_generation},
    {"rest_forgotten", Fault::hook, Planted::rest_forgotten},
    {"wake_forgotten", Fault::hook, Planted::wake_forgotten},
    {"cursor_kept", Fault::hook, Planted::cursor_kept},
    {"own_lines_sent", Fault::hook, Planted::own_lines_sent},
    {"until_ignored", Fault::hook, Planted::until_ignored},
    {"pin_kept_on_leave", Fault::hook, Planted::pin_kept_on_leave},
    {"pinned_run_reused", Fault::hook, Planted::pinned_run_reused},
    {"owed_forgotten", Fault::hook, Planted::owed_forgotten},
    {"cancel_forgotten", Fault::hook, Planted::cancel_forgotten},
    {"acknowledged_early", Fault::hook, Planted::acknowledged_early},
    {"hole_forgotten", Fault::hook, Planted::hole_forgotten},
    {"tail_promised", Fault::hook, Planted::tail_promised},
    {"delivery_awaits_commit", Fault::hook, Planted::delivery_awaits_commit},
}};

bool is_said(std::string_view line) {
    return line.starts_with('<') || line.starts_with('#');
}
bool is_gap(std::string_view line) {
    return line.starts_with("NOTE * GAP ");
}

// The gap notice with its last number moved by `step`.
std::string moved_gap(std::string_view line, int step) {
    const auto dash = line.find('-');
    const auto end = line.find(" :");
    const std::uint64_t last = std::stoull(std::string(line.substr(dash + 1, end - dash - 1)));
    const std::uint64_t moved = step > 0 ? last + 1 : last - 1;
    return std::string(line.substr(0, dash + 1)) + std::to_string(moved) +
           std::string(line.substr(end));
}

}  // namespace

std::span<const PlantedFault> planted_faults() noexcept {
    return faults;
}

const PlantedFault* find_fault(std::string_view name) noexcept {
    const auto found = std::find_if(faults.begin(), faults.end(),
                                    [&](const PlantedFault& fault) { return fault.name == name; });
    return found == faults.end() ? nullptr : &*found;
}

bool plant([[maybe_unused]] const PlantedFault& planted) noexcept {
#ifdef CHATD_PLANTED_FAULTS
    planted_now = planted.hook;
#else
    if (planted.hook != Planted::none) return false;
#endif
    active_fault = planted.fault;
    return true;
}

void LineFilter::pass(std::string_view line, const Sink& sink) {
    if (!held_.empty()) {
        const std::string held = std::exchange(held_, {});
        sink(line);
        return sink(held);
    }
    const bool spoilt = is_said(line) && ++said_count_ % spoilt_every == 0;
    switch (active_fault) {
        case Fault::line_lost:
            if (spoilt) return;
            break;
        case Fault::line_repeated:
            if (spoilt) sink(line);
            break;
        case Fault::lines_swapped:
            if (spoilt) return void(held_ = line);
            break;
        case Fault::gap_too_long:
            if (is_gap(line)) return sink(moved_gap(line, 1));
            break;
        case Fault::gap_too_short:
            if (is_gap(line)) return sink(moved_gap(line, -1));
            break;
        case Fault::gap_missing:
            if (is_gap(line)) return;
            break;
        case Fault::gap_late:
            if (is_gap(line)) return void(held_ = line);
            break;
        case Fault::join_reply_late:
            if (line.starts_with("NOTE JOIN OK")) return void(held_ = line);
            break;
        case Fault::private_misread:
            if (line.starts_with('@'))
                return sink("@nobody" + std::string(line.substr(line.find(' '))));
            break;
        default:
            break;
    }
    sink(line);
}

}  // namespace chatd::simulation
