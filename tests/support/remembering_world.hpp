#pragma once
// An engine with the store of fake_store.hpp, which can be held up and let go.

#include "support/rpc.hpp"

namespace chatd::test {

struct RememberingWorld {
    FakeStore store;
    EngineDriver driver;

    explicit RememberingWorld(const engine::EngineConfig& config = remembering()) : driver(config) {
        driver.store = &store;
        driver.settle();
    }
    /// The store catches up.
    void unstall() {
        store.stalled = false;
        driver.settle();
    }
};

}  // namespace chatd::test
