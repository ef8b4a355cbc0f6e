#pragma once
// Which numbers a room has given, over all its epochs: a position's neighbours, known without the
// events. Reads compare them with the events that are there, and so find what is missing. A plain
// value.

#include <optional>
#include <vector>

#include "chatd/base/position.hpp"
#include "chatd/chat/persistence.hpp"

namespace chatd::store {

class NumberLine {
public:
    /// `epochs` in order, the present one last.
    explicit NumberLine(std::vector<chat::EpochEnd> epochs) : epochs_(std::move(epochs)) {}

    /// The first number given after `at`; nullopt if none was.
    std::optional<Position> next(Position at) const noexcept;

    /// The last number given before `at`; none if none was.
    Position previous(Position at) const noexcept;

    /// The last number of all; none if none was given.
    Position last() const noexcept;

    const std::vector<chat::EpochEnd>& epochs() const noexcept { return epochs_; }

private:
    std::vector<chat::EpochEnd> epochs_;
};

}  // namespace chatd::store
