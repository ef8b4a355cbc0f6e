#pragma once
// The model as cells: what the screen shows now. Values in, values out; any thread.

#include "cells.hpp"
#include "model.hpp"

namespace chatd::terminal {

struct Picture {
    Cells cells;
    Place cursor;  ///< where the terminal's own cursor belongs: in the line being typed
};

Picture draw(const Model& model);

}  // namespace chatd::terminal
