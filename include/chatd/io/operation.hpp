#pragma once
// What an io_uring operation was for, packed into its 64-bit user_data and back. The generation
// tells a late completion for a closed connection from one for the connection that took its slot
// (ARCHITECTURE.md, pitfall 2). Plain values.

#include <cstdint>

namespace chatd::io {

enum class OperationKind : std::uint8_t {
    none,
    accept,             ///< index: listener
    receive,            ///< index: stream slot
    send,               ///< index: stream slot
    cancel,             ///< index: stream slot
    shutdown,           ///< index: stream slot
    close,              ///< index: stream slot
    receive_datagrams,  ///< index: datagram socket
    send_datagrams,     ///< index: datagram socket; completes only when it failed
    unsent,             ///< index: stream slot; yields a descriptor to ask
    signal,             ///< the signal descriptor
    store,              ///< the store's descriptor: answers wait
};

/// `generation` keeps its low 24 bits: a slot would have to be reused 16 million times while one
/// operation of its first owner is still flying.
struct Operation {
    OperationKind kind = OperationKind::none;
    std::uint32_t index = 0;
    std::uint32_t generation = 0;

    static constexpr std::uint32_t generation_mask = 0xffffff;

    constexpr std::uint64_t packed() const noexcept {
        return static_cast<std::uint64_t>(kind) << 56 |
               static_cast<std::uint64_t>(generation & generation_mask) << 32 | index;
    }
    static constexpr Operation unpacked(std::uint64_t data) noexcept {
        return {static_cast<OperationKind>(data >> 56), static_cast<std::uint32_t>(data),
                static_cast<std::uint32_t>(data >> 32) & generation_mask};
    }
    friend constexpr bool operator==(const Operation&, const Operation&) = default;
};

}  // namespace chatd::io
