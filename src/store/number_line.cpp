#include "store/number_line.hpp"

#include <ranges>

namespace chatd::store {

std::optional<Position> NumberLine::next(Position at) const noexcept {
    for (const chat::EpochEnd& end : epochs_) {
        if (end.epoch == at.epoch && at.seq < end.last) return Position{end.epoch, at.seq + 1};
        if (end.epoch > at.epoch && end.last > 0) return Position{end.epoch, 1};
    }
    return std::nullopt;
}

Position NumberLine::previous(Position at) const noexcept {
    if (at.seq > 1) return {at.epoch, at.seq - 1};
    Position found;
    for (const chat::EpochEnd& end : epochs_) {
        if (end.epoch >= at.epoch) break;
        if (end.last > 0) found = {end.epoch, end.last};
    }
    return found;
}

Position NumberLine::last() const noexcept {
    for (const chat::EpochEnd& end : std::views::reverse(epochs_)) {
        if (end.last > 0) return {end.epoch, end.last};
    }
    return {};
}

}  // namespace chatd::store
