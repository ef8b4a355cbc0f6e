#pragma once
// CHATD_ASSERT stays on in release: a broken invariant ends the process before it spreads.
// CHATD_ASSERT_COSTLY runs only where CHATD_COSTLY_ASSERTS is defined (tests and simulation).
// Input from the network is never asserted, only checked and answered.

namespace chatd {

/// Prints `file:line: assertion failed: condition` to stderr and aborts. Any thread.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace chatd

#define CHATD_ASSERT(condition)                                        \
    do {                                                               \
        if (!(condition)) [[unlikely]] {                               \
            ::chatd::assertion_failed(#condition, __FILE__, __LINE__); \
        }                                                              \
    } while (false)

#ifdef CHATD_COSTLY_ASSERTS
#define CHATD_ASSERT_COSTLY(condition) CHATD_ASSERT(condition)
#else
#define CHATD_ASSERT_COSTLY(condition) \
    do {                               \
    } while (false)
#endif
