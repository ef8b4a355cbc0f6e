#pragma once
// The one door to io_uring: a ring with a table of direct descriptors and two groups of provided
// buffers, one for streams and one for datagrams, so that neither can starve the other.
//
// Flags: SINGLE_ISSUER | DEFER_TASKRUN | COOP_TASKRUN | SUBMIT_ALL (Linux 6.1). Completion work
// runs only inside submit_and_wait(), on the thread that made the ring: every function here is for
// that thread alone. Operations are queued and leave with the next submit_and_wait(); when the
// submission queue is full, what is queued is submitted first (pitfall 14).
//
// Time-outs need no operation: submit_and_wait() hands its own to the kernel (EXT_ARG, 5.11).

#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <span>

#include "chatd/base/bytes.hpp"
#include "chatd/base/time.hpp"
#include "chatd/io/error.hpp"
#include "chatd/io/operation.hpp"

namespace chatd::io {

struct RingOptions {
    unsigned submission_entries = 4096;
    unsigned completion_entries = 32'768;  ///< at least twice the worst batch (pitfall 5)
    std::uint32_t slots_max = 20'000;      ///< direct descriptors; RLIMIT_NOFILE bounds it
    std::uint16_t stream_buffers = 256;    ///< a power of two
    std::uint32_t stream_buffer_bytes = 8 * 1024;
    std::uint16_t datagram_buffers =
        256;  ///< given back at the end of a turn, so the most one takes
    std::uint32_t datagram_buffer_bytes = 2 * 1024;
    bool mask_features = false;  ///< pretend to be Linux 6.1: nothing newer is used
};

/// One completion. `more`: the multishot operation goes on; when false it has ended, whatever the
/// result says, and must be armed again (pitfalls 1 and 5).
struct Completion {
    Operation operation;
    std::int32_t result = 0;  ///< bytes or a descriptor, or a negative errno
    bool more = false;
    bool has_buffer = false;
    std::uint16_t buffer = 0;
};

struct RingCounters {
    std::uint64_t enters = 0;
    std::uint64_t submissions = 0;
    std::uint64_t completions = 0;
    std::uint64_t overflows = 0;        ///< completion queue overflowed: nothing is lost, but slow
    std::uint64_t submission_full = 0;  ///< submissions that found the queue full
};

class Ring {
public:
    /// Makes a ring. The error's `what` is a whole sentence that says what is wrong with this
    /// kernel, or its limits, and what to type.
    static std::expected<std::unique_ptr<Ring>, Error> create(const RingOptions& options);
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    ~Ring();

    std::uint32_t slot_count() const noexcept;
    const RingCounters& counters() const noexcept;
    /// Whether install_ordinary() works here: FIXED_FD_INSTALL, Linux 6.8.
    bool can_install_ordinary() const noexcept;

    /// Puts an ordinary descriptor into a direct slot; the caller still closes its own.
    std::expected<void, Error> install(std::uint32_t slot, int descriptor) noexcept;

    void accept(int listener, Operation operation) noexcept;               ///< multishot
    void receive(std::uint32_t slot, Operation operation) noexcept;        ///< multishot
    void receive_datagrams(int descriptor, Operation operation) noexcept;  ///< multishot
    /// Waits for the whole (MSG_WAITALL), and may still complete short. `bytes` must stay until
    /// then.
    void send(std::uint32_t slot, Bytes bytes, Operation operation) noexcept;
    /// MSG_DONTWAIT, completes only when it failed. `message` and all it names must stay until the
    /// next submit() or submit_and_wait() returns.
    void send_datagrams(int descriptor, const msghdr& message, Operation operation) noexcept;
    void read(int descriptor, MutableBytes target, Operation operation) noexcept;
    /// Cancels operations that carry exactly `target`; the cancellation itself completes too.
    void cancel(Operation target, Operation operation) noexcept;
    void shutdown(std::uint32_t slot, int how, Operation operation) noexcept;
    void close(std::uint32_t slot, Operation operation) noexcept;
    /// Completes with an ordinary descriptor of a direct slot, which the caller closes.
    void install_ordinary(std::uint32_t slot, Operation operation) noexcept;

    /// Submits what is queued without waiting. Sends that do not wait are over when it returns.
    void submit() noexcept;

    /// Submits what is queued and waits until something completes or `timeout` has passed
    /// (time_never - now() and the like: any long time). Never fails for EINTR or a full queue.
    void submit_and_wait(Duration timeout) noexcept;

    /// Takes up to `target.size()` completions off the queue; how many it took.
    std::size_t take_completions(std::span<Completion> target) noexcept;

    /// The bytes of a stream completion; valid until its buffer is given back.
    Bytes stream_bytes(const Completion& completion) const noexcept;
    void give_back_stream_buffer(std::uint16_t buffer) noexcept;

    /// One received datagram, as recvmsg lays it out in its buffer.
    struct DatagramParts {
        Bytes name;
        Bytes control;
        Bytes payload;
        bool truncated = false;  ///< MSG_TRUNC: larger than the buffer; never relay it
        bool valid = false;
    };
    DatagramParts datagram_parts(const Completion& completion) const noexcept;
    void give_back_datagram_buffer(std::uint16_t buffer) noexcept;

private:
    struct State;
    explicit Ring(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace chatd::io
