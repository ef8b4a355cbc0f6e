#pragma once
// Bind targets to bound sockets: a bare port is both loopbacks with the same number.

#include <expected>
#include <string_view>
#include <vector>

#include "chatd/base/address.hpp"
#include "chatd/io/error.hpp"
#include "chatd/server/options.hpp"
#include "chatd/server/server.hpp"

namespace chatd::server {

/// A descriptor that the holder closes, and where it is bound.
struct BoundSocket {
    int descriptor = -1;
    Address address;
};

using OpenSocket = std::expected<int, io::Error> (*)(const Address& address,
                                                     const Options& options);

/// Binds every target with `open`; on failure nothing stays open. `flag` names them in the error. A
/// port that somebody has is waited for, up to a second: a process that ended may hold it yet.
std::expected<std::vector<BoundSocket>, StartError> bind_all(const std::vector<BindTarget>& targets,
                                                             const Options& options,
                                                             OpenSocket open,
                                                             std::string_view flag);

}  // namespace chatd::server
