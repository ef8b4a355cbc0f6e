#include "chatd/client/state_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

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

/// A file is written under its own name, this and six letters, and renamed.
constexpr std::string_view unfinished = ".unfinished-";
constexpr std::string_view unknown_letters = "XXXXXX";
constexpr auto writing_max = std::chrono::minutes(1);  // longer it is of somebody who was killed

void remove_unfinished(const std::filesystem::path& path) {
    const std::string begin = path.filename().string() + std::string(unfinished);
    const auto old = std::filesystem::file_time_type::clock::now() - writing_max;
    std::error_code error;
    for (std::filesystem::directory_iterator files(absolute(path, error).parent_path(), error), end;
         !error && files != end; files.increment(error)) {
        const std::string name = files->path().filename().string();
        if (!name.starts_with(begin) || name.size() != begin.size() + unknown_letters.size())
            continue;
        std::error_code gone;
        const auto written = std::filesystem::last_write_time(files->path(), gone);
        if (!gone && written < old) std::filesystem::remove(files->path(), gone);
    }
}

}  // namespace

std::expected<std::optional<SessionState>, std::string> load_state(const std::string& path) {
    remove_unfinished(path);
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
    std::string fresh = path + std::string(unfinished) + std::string(unknown_letters);
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
