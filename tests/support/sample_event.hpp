#pragma once
// One event for tests of the JSON encoders, and how its beginning is written: number 42 of epoch 3
// in dev, said by ana at 2026-11-26T10:00:00.123Z.

#include <string>
#include <string_view>

#include "chatd/base/uuid.hpp"
#include "chatd/wire/event.hpp"

namespace chatd::test {

inline constexpr UnixMs sample_ms = 1'795'687'200'123;
inline constexpr Position sample_at{3, 42};
inline const Uuid sample_id = make_uuid7(sample_ms, 0x123, 0x456);

inline wire::Event sample_event(wire::EventKind kind, std::string_view body) {
    return {
        .kind = kind, .room = "dev", .from = "ana", .body = body, .id = sample_id, .at = sample_at};
}

/// What every JSON object of it begins with, up to its time, without a comma behind.
inline std::string sample_head() {
    std::string id;
    append_uuid(id, sample_id);
    return R"({"room":"dev","epoch":3,"seq":42,"id":")" + id +
           R"(","ts":"2026-11-26T10:00:00.123Z")";
}

}  // namespace chatd::test
