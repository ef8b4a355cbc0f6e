#pragma once
// Asks the kernel about TCP connections by their addresses (sock_diag(7) over netlink): direct
// descriptors answer no getsockopt. One connection is looked up in the kernel's hash table, however
// many there are, within the call and without waiting: some microseconds each.

#include <cstdint>
#include <expected>
#include <optional>

#include "chatd/base/address.hpp"
#include "chatd/base/transport.hpp"
#include "chatd/io/error.hpp"

namespace chatd::io {

/// One netlink socket. One thread at a time.
class TcpDiag {
public:
    static std::expected<TcpDiag, Error> open() noexcept;
    TcpDiag(TcpDiag&& other) noexcept;
    TcpDiag& operator=(TcpDiag&& other) noexcept;
    TcpDiag(const TcpDiag&) = delete;
    TcpDiag& operator=(const TcpDiag&) = delete;
    ~TcpDiag();

    /// What the kernel knows of our side of a connection; none when there is no such connection,
    /// or the kernel lacks inet_diag.
    std::optional<TcpInfo> ask(const Address& local, const Address& peer) noexcept;

private:
    explicit TcpDiag(int descriptor) noexcept : descriptor_(descriptor) {}

    int descriptor_ = -1;
    std::uint32_t sequence_ = 0;
};

}  // namespace chatd::io
