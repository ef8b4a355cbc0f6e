#include "store/exchange.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "chatd/base/assert.hpp"
#include "store/event_row.hpp"

namespace chatd::store {

namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};

std::size_t text_bytes(const wire::KeptEvent& event) {
    return memory_bytes(event) - sizeof event;
}

// What a request holds beside the place it stands in.
std::size_t text_bytes(const chat::Persist& request) {
    const Overloaded bytes{
        [](const chat::KeepEvent& write) { return text_bytes(write.event); },
        [](const chat::FireSchedule& write) { return text_bytes(write.line.event); },
        [](const chat::KeepRoom& write) { return write.room.size(); },
        [](const chat::KeepHole& write) { return write.room.size(); },
        [](const chat::KeepSession& write) { return write.nick.size(); },
        [](const chat::KeepPrivate& write) { return write.from.size() + write.body.size(); },
        [](const chat::KeepSchedule& write) {
            return write.nick.size() + write.entry.room.size() + write.entry.body.size();
        },
        [](const chat::ReadHistory& read) { return read.room.size(); },
        [](const chat::ReadSearch& read) { return read.text.size() + read.room.size(); },
        [](const chat::ReadEvent& read) { return read.room.size(); },
        [](const auto&) { return std::size_t{0}; },
    };
    return std::visit(bytes, request);
}

std::size_t bytes_of(const chat::StoreAnswer& answer) {
    std::size_t bytes = sizeof answer;
    if (const auto* page = std::get_if<chat::HistoryPage>(&answer)) {
        for (const auto& event : page->events)
            bytes += memory_bytes(event);
    } else if (const auto* found = std::get_if<chat::SearchPage>(&answer)) {
        for (const auto& hit : found->hits)
            bytes += memory_bytes(hit.event) + hit.excerpt.size();
    } else if (const auto* kept = std::get_if<chat::PrivatesPage>(&answer)) {
        for (const auto& message : kept->messages)
            bytes += sizeof message + message.from.size() + message.body.size();
    }
    return bytes;
}

// A page that says why there is none, for the reads that have a place for it.
bool refuse_read(Entry& entry, const std::string& error, std::vector<chat::StoreAnswer>& answers) {
    if (entry.answered) return false;
    if (const auto* history = std::get_if<chat::ReadHistory>(&entry.request)) {
        answers.push_back(chat::HistoryPage{.query = history->query, .error = error});
    } else if (const auto* search = std::get_if<chat::ReadSearch>(&entry.request)) {
        answers.push_back(chat::SearchPage{.query = search->query, .error = error});
    } else {
        return false;
    }
    entry.answered = true;
    return true;
}

}  // namespace

std::expected<std::unique_ptr<Exchange>, StoreError> Exchange::make(const StoreOptions& options) {
    const int descriptor = eventfd(0, EFD_CLOEXEC);
    if (descriptor < 0) {
        return std::unexpected(StoreError{StoreError::Kind::failed,
                                          "eventfd: " + std::system_category().message(errno)});
    }
    return std::unique_ptr<Exchange>(new Exchange(options, descriptor));
}

Exchange::Exchange(const StoreOptions& options, int wake_descriptor) noexcept
    : queue_max_(options.queue_max),
      queue_bytes_max_(options.queue_bytes_max),
      wake_descriptor_(wake_descriptor) {}

Exchange::~Exchange() {
    ::close(wake_descriptor_);
}

// -- the engine's side -----------------------------------------------------------------------

std::optional<chat::Ticket> Exchange::push(chat::Persist&& request) {
    const std::size_t bytes = sizeof(Entry) + text_bytes(request);
    std::unique_lock lock(mutex_);
    if (stopping_ || queue_count_ >= queue_max_ || queue_bytes_ + bytes > queue_bytes_max_) {
        ++queue_refused_;
        return std::nullopt;
    }
    if (!is_read(request)) ++last_ticket_;
    const chat::Ticket ticket = last_ticket_;
    incoming_.push_back({std::move(request), ticket, bytes});
    queue_count_ += 1;
    queue_bytes_ += bytes;
    const bool wake = waiting_;
    lock.unlock();
    // Waking costs a system call, so only a thread that sleeps is woken.
    if (wake) changed_.notify_one();
    return ticket;
}

std::vector<chat::StoreAnswer> Exchange::take_answers() {
    std::unique_lock lock(mutex_);
    std::vector<chat::StoreAnswer> taken;
    taken.swap(answers_);
    const bool wake = waiting_ && answers_bytes_ > limits::store_answers_bytes_max;
    answers_bytes_ = 0;
    lock.unlock();
    if (wake) changed_.notify_one();
    return taken;
}

void Exchange::stop(bool whole) {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        stopped_whole_ = whole;
    }
    changed_.notify_one();
}

chat::StoreCounters Exchange::counters() const {
    const std::lock_guard lock(mutex_);
    chat::StoreCounters counters = counted_;
    counters.queue_count = queue_count_;
    counters.queue_bytes = queue_bytes_;
    counters.queue_refused = queue_refused_;
    return counters;
}

// -- the store's side ------------------------------------------------------------------------

std::span<Entry> Exchange::next_group(std::chrono::milliseconds wait_max) {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    if (backlog_done_ == backlog_.size()) {
        changed_.wait_for(lock, wait_max, [this] { return stopping_ || !incoming_.empty(); });
        backlog_.clear();
        backlog_.swap(incoming_);
        backlog_done_ = 0;
    }
    changed_.wait(
        lock, [this] { return stopping_ || answers_bytes_ <= limits::store_answers_bytes_max; });
    waiting_ = false;
    lock.unlock();

    const auto rest = std::span(backlog_).subspan(backlog_done_);
    const std::size_t count_max = std::min(limits::store_group_max, rest.size());
    std::size_t count = 0;
    for (std::size_t reads = 0; count < count_max && reads < limits::store_group_reads_max; ++count)
        reads += is_read(rest[count].request) ? 1 : 0;
    return rest.first(count);
}

void Exchange::finish(std::span<Entry> group, std::vector<chat::StoreAnswer>&& answers,
                      const chat::StoreCounters& counted) {
    CHATD_ASSERT(group.data() == backlog_.data() + backlog_done_);
    std::size_t bytes = 0;
    std::uint64_t writes = 0;
    for (Entry& entry : group) {
        bytes += entry.bytes;
        writes += is_read(entry.request) ? 0 : 1;
    }
    backlog_done_ += group.size();
    {
        const std::lock_guard lock(mutex_);
        queue_count_ -= group.size();
        queue_bytes_ -= bytes;
        writes_finished_ += writes;
    }
    publish(std::move(answers), counted);
}

void Exchange::answer(std::vector<chat::StoreAnswer>&& answers,
                      const chat::StoreCounters& counted) {
    publish(std::move(answers), counted);
}

void Exchange::publish(std::vector<chat::StoreAnswer>&& answers,
                       const chat::StoreCounters& counted) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        counted_ = counted;
        wake = answers_.empty() && !answers.empty();
        for (chat::StoreAnswer& answer : answers) {
            answers_bytes_ += bytes_of(answer);
            answers_.push_back(std::move(answer));
        }
    }
    if (!wake) return;
    const std::uint64_t one = 1;
    // It fails only if the counter overflows, and then it is readable.
    [[maybe_unused]] const auto written = ::write(wake_descriptor_, &one, sizeof one);
}

void Exchange::refuse_reads(const std::string& error, const chat::StoreCounters& counted) {
    std::vector<chat::StoreAnswer> answers;
    for (std::size_t index = backlog_done_; index < backlog_.size(); ++index)
        refuse_read(backlog_[index], error, answers);
    {
        const std::lock_guard lock(mutex_);
        for (Entry& entry : incoming_)
            refuse_read(entry, error, answers);
    }
    publish(std::move(answers), counted);
}

void Exchange::pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    const bool stopping = stopping_;
    changed_.wait_for(lock, time, [this, stopping] { return stopping_ != stopping; });
}

bool Exchange::stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

bool Exchange::stopped_whole() const {
    const std::lock_guard lock(mutex_);
    return stopped_whole_;
}

std::uint64_t Exchange::unfinished_writes() const {
    const std::lock_guard lock(mutex_);
    return last_ticket_ - writes_finished_;
}

}  // namespace chatd::store
