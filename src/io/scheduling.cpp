#include "chatd/io/scheduling.hpp"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace chatd::io {

namespace {

// sched_setattr(2), as Linux 3.14 has it; Debian 12's C library has no wrapper yet, and the
// kernel's own header does not go together with <sched.h>.
struct Attributes {
    std::uint32_t size = sizeof(Attributes);
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

constexpr long this_thread = 0;
constexpr long no_flags = 0;

bool read_attributes(Attributes& attributes) noexcept {
    return syscall(SYS_sched_getattr, this_thread, &attributes, sizeof attributes, no_flags) == 0;
}

bool is_ordinary(const Attributes& attributes) noexcept {
    return attributes.policy == SCHED_OTHER || attributes.policy == SCHED_BATCH;
}

}  // namespace

void ask_for_short_turns() noexcept {
    Attributes attributes;
    // Who runs chatd under a real-time policy has said what is wanted.
    if (!read_attributes(attributes) || !is_ordinary(attributes)) return;
    attributes.runtime = static_cast<std::uint64_t>(short_turn.count());
    // Nothing depends on it: if it is refused, all stays as it is.
    [[maybe_unused]] const long done =
        syscall(SYS_sched_setattr, this_thread, &attributes, no_flags);
}

std::chrono::nanoseconds turn_length() noexcept {
    Attributes attributes;
    if (!read_attributes(attributes) || !is_ordinary(attributes)) return {};
    return std::chrono::nanoseconds{attributes.runtime};
}

}  // namespace chatd::io
