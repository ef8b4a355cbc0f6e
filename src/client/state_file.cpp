#include "chatd/client/state_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "chatd/client/dial.hpp"
#include "chatd/client/socket.hpp"

namespace chatd::client {

namespace {

std::string sentence(std::string_view what, const std::string& path, std::string_view why) {
    return std::string(what) + ' ' + path + ": " + std::string(why) + '.';
}

/// 0, or an errno.
int read_all(int file, std::string& text) {
    std::array<char, 64 * 1024> buffer;
    while (text.size() <= session_state_bytes_max) {
        const ssize_t count = ::read(file, buffer.data(), buffer.size());
        if (count == 0) return 0;
        if (count < 0 && errno != EINTR) return errno;
        if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return EFBIG;
}

int write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(file, text.data(), text.size());
        if (count < 0 && errno != EINTR) return errno;
        if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

}  // namespace

std::expected<std::optional<SessionState>, std::string> load_state(const std::string& path) {
    const Socket file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && errno == ENOENT) return std::nullopt;
    std::string text;
    const int error = file ? read_all(file.fd(), text) : errno;
    if (error != 0) return std::unexpected(sentence("Cannot read", path, error_text(error)));
    auto state = parse_state(text);
    if (!state) return std::unexpected(path + ": " + state.error());
    return std::move(*state);
}

std::expected<void, std::string> save_state(const std::string& path, const SessionState& state) {
    // Of a name that nobody can know before: no link that lies there leads elsewhere.
    std::string fresh = path + ".XXXXXX";
    const auto failed = [&](int error) {
        return std::unexpected(sentence("Cannot write", path, error_text(error)));
    };
    const Socket file(::mkostemp(fresh.data(), O_CLOEXEC));  // its owner's alone
    if (!file) return failed(errno);
    int error = write_all(file.fd(), print_state(state) + '\n');
    if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
    if (error == 0) return {};
    ::unlink(fresh.c_str());
    return failed(error);
}

}  // namespace chatd::client
