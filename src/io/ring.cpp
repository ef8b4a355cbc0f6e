#include "chatd/io/ring.hpp"

#include <liburing.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "chatd/base/assert.hpp"
#include "chatd/io/udp.hpp"
#include "io/kernel_compat.hpp"

namespace chatd::io {

namespace {

constexpr std::uint16_t stream_group = 0;
constexpr std::uint16_t datagram_group = 1;

// A group of provided buffers: the ring of their descriptions and the memory behind them.
class BufferGroup {
public:
    BufferGroup() = default;
    BufferGroup(const BufferGroup&) = delete;
    BufferGroup& operator=(const BufferGroup&) = delete;
    ~BufferGroup() {
        if (ring_ != nullptr) munmap(ring_, ring_bytes());
        if (memory_ != nullptr) munmap(memory_, memory_bytes());
    }

    int create(io_uring& ring, std::uint16_t group, std::uint16_t count, std::uint32_t bytes) {
        count_ = count;
        bytes_ = bytes;
        ring_ = static_cast<io_uring_buf_ring*>(map(ring_bytes()));
        memory_ = static_cast<std::byte*>(map(memory_bytes()));
        if (ring_ == nullptr || memory_ == nullptr) return -ENOMEM;
        io_uring_buf_reg registration{};
        registration.ring_addr = reinterpret_cast<std::uintptr_t>(ring_);
        registration.ring_entries = count;
        registration.bgid = group;
        if (const int result = io_uring_register_buf_ring(&ring, &registration, 0); result != 0) {
            return result;
        }
        io_uring_buf_ring_init(ring_);
        for (std::uint16_t buffer = 0; buffer < count; ++buffer)
            add(buffer, buffer);
        io_uring_buf_ring_advance(ring_, count);
        return 0;
    }

    std::byte* at(std::uint16_t buffer) const noexcept {
        return memory_ + std::size_t{buffer} * bytes_;
    }
    void give_back(std::uint16_t buffer) noexcept {
        CHATD_ASSERT(buffer < count_);
        add(buffer, 0);
        io_uring_buf_ring_advance(ring_, 1);
    }

private:
    // Populated at once: no page fault on the way of a line, and memory that does not seem to grow
    // with the first connections.
    static void* map(std::size_t bytes) {
        void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        return mapped == MAP_FAILED ? nullptr : mapped;
    }
    void add(std::uint16_t buffer, int offset) noexcept {
        io_uring_buf_ring_add(ring_, at(buffer), bytes_, buffer, io_uring_buf_ring_mask(count_),
                              offset);
    }
    std::size_t ring_bytes() const noexcept { return count_ * sizeof(io_uring_buf); }
    std::size_t memory_bytes() const noexcept { return std::size_t{count_} * bytes_; }

    io_uring_buf_ring* ring_ = nullptr;
    std::byte* memory_ = nullptr;
    std::uint16_t count_ = 0;
    std::uint32_t bytes_ = 0;
};

bool supports(io_uring& ring, int operation) {
    io_uring_probe* probe = io_uring_get_probe_ring(&ring);
    if (probe == nullptr) return false;
    const bool supported =
        operation <= probe->last_op && (probe->ops[operation].flags & IO_URING_OP_SUPPORTED) != 0;
    io_uring_free_probe(probe);
    return supported;
}

// What a kernel's refusal means to the person who started the program.
const char* explain(int error_number) noexcept {
    switch (error_number) {
        case ENOSYS:
            return "this kernel has no io_uring; chatd needs Linux 6.1 or newer (see: uname -r)";
        case EPERM:
            return "io_uring is disabled here; as root: sysctl kernel.io_uring_disabled=0 (in a "
                   "container: allow the io_uring_* calls in its seccomp profile)";
        case EINVAL:
            return "this kernel lacks io_uring features of Linux 6.1 (single issuer, deferred task "
                   "run, buffer rings); see: uname -r";
        case ENOMEM:
            return "not enough lockable memory for io_uring; raise it with: ulimit -l 65536";
        case EMFILE:
            return "the limit of open files is too low for io_uring; raise it with: ulimit -n "
                   "20000";
        default:
            return "io_uring cannot be set up";
    }
}

}  // namespace

struct Ring::State {
    io_uring ring{};
    bool ring_made = false;
    std::uint32_t slots = 0;
    bool can_install_ordinary = false;
    BufferGroup stream_buffers;
    BufferGroup datagram_buffers;
    msghdr datagram_layout{};  // sizes of name and control in every received datagram
    RingCounters counters;

    ~State() {
        if (ring_made) io_uring_queue_exit(&ring);
    }

    // Never null: a full queue is submitted first, which makes room at once without SQPOLL.
    io_uring_sqe* entry(Operation operation) noexcept {
        io_uring_sqe* sqe = io_uring_get_sqe(&ring);
        while (sqe == nullptr) {
            ++counters.submission_full;
            submit();
            sqe = io_uring_get_sqe(&ring);
        }
        ++counters.submissions;
        // The preparation helpers clear user_data in some releases and not in others.
        sqe->user_data = operation.packed();
        return sqe;
    }

    void submit() noexcept {
        const int result = io_uring_submit(&ring);
        // EBUSY and EAGAIN: the kernel wants its completions reaped, or memory; both pass.
        CHATD_ASSERT(result >= 0 || result == -EINTR || result == -EAGAIN || result == -EBUSY);
        if (result == -EBUSY) io_uring_get_events(&ring);
    }
};

Ring::Ring(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ring::~Ring() = default;

std::expected<std::unique_ptr<Ring>, Error> Ring::create(const RingOptions& options) {
    auto state = std::make_unique<State>();
    const auto refuse = [](int result) {
        return std::unexpected(Error{-result, explain(-result)});
    };
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                       IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE |
                       IORING_SETUP_CLAMP;
    parameters.cq_entries = options.completion_entries;
    int result = io_uring_queue_init_params(options.submission_entries, &state->ring, &parameters);
    if (result != 0) return refuse(result);
    state->ring_made = true;
    if (io_uring_register_ring_fd(&state->ring) < 0) return refuse(-EINVAL);
    if ((result = io_uring_register_files_sparse(&state->ring, options.slots_max)) != 0) {
        return refuse(result);
    }
    state->slots = options.slots_max;
    state->can_install_ordinary =
        !options.mask_features && supports(state->ring, op_fixed_fd_install);
    result = state->stream_buffers.create(state->ring, stream_group, options.stream_buffers,
                                          options.stream_buffer_bytes);
    if (result == 0) {
        result = state->datagram_buffers.create(
            state->ring, datagram_group, options.datagram_buffers, options.datagram_buffer_bytes);
    }
    if (result != 0) return refuse(result);
    state->datagram_layout.msg_namelen = static_cast<socklen_t>(udp_name_bytes);
    state->datagram_layout.msg_controllen = udp_control_bytes;
    return std::unique_ptr<Ring>(new Ring(std::move(state)));
}

std::uint32_t Ring::slot_count() const noexcept {
    return state_->slots;
}
bool Ring::can_install_ordinary() const noexcept {
    return state_->can_install_ordinary;
}
const RingCounters& Ring::counters() const noexcept {
    return state_->counters;
}

std::expected<void, Error> Ring::install(std::uint32_t slot, int descriptor) noexcept {
    CHATD_ASSERT(slot < state_->slots);
    const int result = io_uring_register_files_update(&state_->ring, slot, &descriptor, 1);
    if (result < 0) return std::unexpected(Error{-result, "files update"});
    return {};
}

void Ring::accept(int listener, Operation operation) noexcept {
    io_uring_sqe* sqe = state_->entry(operation);
    // An ordinary descriptor, no address buffer: a multishot accept has one for all.
    io_uring_prep_multishot_accept(sqe, listener, nullptr, nullptr, SOCK_CLOEXEC);
    sqe->user_data = operation.packed();
}

void Ring::receive(std::uint32_t slot, Operation operation) noexcept {
    io_uring_sqe* sqe = state_->entry(operation);
    io_uring_prep_recv_multishot(sqe, static_cast<int>(slot), nullptr, 0, 0);
    sqe->flags |= IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    sqe->buf_group = stream_group;
    sqe->user_data = operation.packed();
}

void Ring::receive_datagrams(int descriptor, Operation operation) noexcept {
    io_uring_sqe* sqe = state_->entry(operation);
    // Real lengths of truncated datagrams are not needed: MSG_TRUNC in the flags is enough.
    io_uring_prep_recvmsg_multishot(sqe, descriptor, &state_->datagram_layout, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = datagram_group;
    sqe->user_data = operation.packed();
}

void Ring::send(std::uint32_t slot, Bytes bytes, Operation operation) noexcept {
    io_uring_sqe* sqe = state_->entry(operation);
    io_uring_prep_send(sqe, static_cast<int>(slot), bytes.data(), bytes.size(),
                       MSG_WAITALL | MSG_NOSIGNAL);
    sqe->flags |= IOSQE_FIXED_FILE;
    sqe->user_data = operation.packed();
}

void Ring::send_datagrams(int descriptor, const msghdr& message, Operation operation) noexcept {
    io_uring_sqe* sqe = state_->entry(operation);
    io_uring_prep_sendmsg(sqe, descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    sqe->user_data = operation.packed();
}

void Ring::read(int descriptor, MutableBytes target, Operation operation) noexcept {
    io_uring_sqe* sqe = state_->entry(operation);
    io_uring_prep_read(sqe, descriptor, target.data(), static_cast<unsigned>(target.size()), 0);
    sqe->user_data = operation.packed();
}

void Ring::cancel(Operation target, Operation operation) noexcept {
    io_uring_sqe* sqe = state_->entry(operation);
    io_uring_prep_cancel64(sqe, target.packed(), 0);
    sqe->user_data = operation.packed();
}

void Ring::shutdown(std::uint32_t slot, int how, Operation operation) noexcept {
    io_uring_sqe* sqe = state_->entry(operation);
    io_uring_prep_shutdown(sqe, static_cast<int>(slot), how);
    sqe->flags |= IOSQE_FIXED_FILE;
    sqe->user_data = operation.packed();
}

void Ring::close(std::uint32_t slot, Operation operation) noexcept {
    io_uring_sqe* sqe = state_->entry(operation);
    io_uring_prep_close_direct(sqe, slot);
    sqe->user_data = operation.packed();
}

void Ring::install_ordinary(std::uint32_t slot, Operation operation) noexcept {
    CHATD_ASSERT(state_->can_install_ordinary);
    io_uring_sqe* sqe = state_->entry(operation);
    io_uring_prep_nop(sqe);
    sqe->opcode = op_fixed_fd_install;
    sqe->fd = static_cast<int>(slot);
    sqe->flags |= IOSQE_FIXED_FILE;
    sqe->user_data = operation.packed();
}

void Ring::submit() noexcept {
    // The kernel may take fewer than all when it is short of memory.
    constexpr int tries_max = 100;
    for (int tries = 0; tries < tries_max && io_uring_sq_ready(&state_->ring) > 0; ++tries) {
        ++state_->counters.enters;
        state_->submit();
    }
}

void Ring::submit_and_wait(Duration timeout) noexcept {
    constexpr Duration timeout_max = std::chrono::hours{1};
    timeout = std::clamp(timeout, Duration::zero(), timeout_max);
    __kernel_timespec limit{};
    limit.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(timeout).count();
    limit.tv_nsec = (timeout % std::chrono::seconds{1}).count();
    io_uring_cqe* first = nullptr;
    ++state_->counters.enters;
    const int result = io_uring_submit_and_wait_timeout(&state_->ring, &first, 1, &limit, nullptr);
    CHATD_ASSERT(result >= 0 || result == -ETIME || result == -EINTR || result == -EAGAIN ||
                 result == -EBUSY);
    // Pitfall 5: an overflown completion is kept by the kernel until it is asked for.
    if ((*state_->ring.sq.kflags & IORING_SQ_CQ_OVERFLOW) != 0) {
        ++state_->counters.overflows;
        io_uring_get_events(&state_->ring);
    }
}

std::size_t Ring::take_completions(std::span<Completion> target) noexcept {
    constexpr std::size_t batch_max = 256;
    std::array<io_uring_cqe*, batch_max> batch;
    const auto wanted = static_cast<unsigned>(std::min(target.size(), batch_max));
    const unsigned count = io_uring_peek_batch_cqe(&state_->ring, batch.data(), wanted);
    for (unsigned index = 0; index < count; ++index) {
        const io_uring_cqe& cqe = *batch[index];
        target[index] = {
            .operation = Operation::unpacked(cqe.user_data),
            .result = cqe.res,
            .more = (cqe.flags & IORING_CQE_F_MORE) != 0,
            .has_buffer = (cqe.flags & IORING_CQE_F_BUFFER) != 0,
            .buffer = static_cast<std::uint16_t>(cqe.flags >> IORING_CQE_BUFFER_SHIFT)};
    }
    io_uring_cq_advance(&state_->ring, count);
    state_->counters.completions += count;
    return count;
}

Bytes Ring::stream_bytes(const Completion& completion) const noexcept {
    CHATD_ASSERT(completion.has_buffer);
    CHATD_ASSERT(completion.result >= 0);
    return {state_->stream_buffers.at(completion.buffer),
            static_cast<std::size_t>(completion.result)};
}

void Ring::give_back_stream_buffer(std::uint16_t buffer) noexcept {
    state_->stream_buffers.give_back(buffer);
}

Ring::DatagramParts Ring::datagram_parts(const Completion& completion) const noexcept {
    CHATD_ASSERT(completion.has_buffer);
    std::byte* buffer = state_->datagram_buffers.at(completion.buffer);
    io_uring_recvmsg_out* out =
        io_uring_recvmsg_validate(buffer, completion.result, &state_->datagram_layout);
    if (out == nullptr) return {};
    const auto* name = static_cast<const std::byte*>(io_uring_recvmsg_name(out));
    const auto* payload =
        static_cast<const std::byte*>(io_uring_recvmsg_payload(out, &state_->datagram_layout));
    const auto payload_bytes =
        io_uring_recvmsg_payload_length(out, completion.result, &state_->datagram_layout);
    return {.name = {name, std::min<std::size_t>(out->namelen, udp_name_bytes)},
            .control = {name + udp_name_bytes,
                        std::min<std::size_t>(out->controllen, udp_control_bytes)},
            .payload = {payload, payload_bytes},
            .truncated = (out->flags & MSG_TRUNC) != 0,
            .valid = true};
}

void Ring::give_back_datagram_buffer(std::uint16_t buffer) noexcept {
    state_->datagram_buffers.give_back(buffer);
}

}  // namespace chatd::io
