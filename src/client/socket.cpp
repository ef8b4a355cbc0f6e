#include "chatd/client/socket.hpp"

#include <unistd.h>

namespace chatd::client {

Socket& Socket::operator=(Socket&& other) noexcept {
    if (this != &other) {
        close();
        fd_ = other.release();
    }
    return *this;
}

void Socket::close() noexcept {
    // Linux frees the descriptor even when close() reports an error: never try twice.
    if (fd_ >= 0) ::close(release());
}

}  // namespace chatd::client
