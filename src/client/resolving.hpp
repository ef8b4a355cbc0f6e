#pragma once
// A name being looked up on a thread of its own, for getaddrinfo blocks. The thread owns what it
// writes together with whoever waits, and nothing else: it may be left behind. One thread at a
// time on the waiting side.

#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "chatd/client/dialling.hpp"

namespace chatd::client {

class Resolving {
public:
    using Result = std::expected<std::vector<Endpoint>, DialError>;

    /// Begins. An IP literal needs no thread and is there at once. So is a failure to begin.
    explicit Resolving(const Target& target);
    Resolving(const Resolving&) = delete;
    Resolving& operator=(const Resolving&) = delete;
    ~Resolving();

    /// Readable once the result is there.
    int fd() const noexcept;
    /// The result, once it is there, and once.
    std::optional<Result> take();

private:
    struct Shared;

    bool begin(const Target& target);

    std::shared_ptr<Shared> shared_;
};

}  // namespace chatd::client
