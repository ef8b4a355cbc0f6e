#include "chatd/store/state_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace chatd::store {

namespace {

using Kind = StoreError::Kind;

StoreError refused(std::string_view tried, const std::string& path, int number) {
    const bool permission = number == EACCES || number == EPERM || number == EROFS;
    return {
        permission ? Kind::not_permitted : Kind::failed,
        fmt::format("cannot {} {}: {}; choose a directory of your own with --state DIR, or none "
                    "with --history off",
                    tried, path, std::system_category().message(number))};
}

// Each directory on the way that is missing; the XDG base directories are 0700 too.
std::expected<void, StoreError> make_directories(const std::string& path) {
    for (std::size_t end = 0; end != std::string::npos;) {
        end = path.find('/', end + 1);
        const std::string parent = path.substr(0, end);
        if (mkdir(parent.c_str(), 0700) == 0 || errno == EEXIST) continue;
        // A parent that is there but may not be written to (EROFS, EACCES) is no obstacle.
        struct stat found{};
        const int number = errno;
        if (stat(parent.c_str(), &found) != 0)
            return std::unexpected(refused("make the directory", parent, number));
    }
    struct stat found{};
    if (stat(path.c_str(), &found) != 0)
        return std::unexpected(refused("make the directory", path, errno));
    if (!S_ISDIR(found.st_mode))
        return std::unexpected(refused("use as the state directory", path, ENOTDIR));
    return {};
}

// What the holder wrote into the lock file; it may not have come to it yet.
StoreError taken(const std::string& path, int descriptor) {
    std::array<char, 32> text{};
    const ssize_t length = pread(descriptor, text.data(), text.size() - 1, 0);
    std::string_view holder(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    holder = holder.substr(0, holder.find('\n'));
    return {Kind::in_use,
            fmt::format("{} is in use by {}{}; stop that one, or choose another with --state DIR",
                        path, holder.empty() ? "another process" : "process ", holder)};
}

std::expected<void, StoreError> write_holder(const std::string& path, int descriptor) {
    const std::string text = fmt::format("{}\n", getpid());
    if (ftruncate(descriptor, 0) == 0 &&
        pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()))
        return {};
    return std::unexpected(refused("write to", path, errno));
}

}  // namespace

std::expected<StateDirectory, StoreError> StateDirectory::open(const std::string& path) {
    if (path.empty()) {
        return std::unexpected(
            StoreError{Kind::failed, "no state directory is named; choose one with --state DIR"});
    }
    if (auto made = make_directories(path); !made) return std::unexpected(made.error());

    const std::string lock_path = path + "/lock";
    const int descriptor = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return std::unexpected(refused("open", lock_path, errno));
    StateDirectory directory(path, descriptor);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int number = errno;
        if (number == EWOULDBLOCK) return std::unexpected(taken(path, descriptor));
        return std::unexpected(refused("lock", lock_path, number));
    }
    if (auto written = write_holder(lock_path, descriptor); !written)
        return std::unexpected(written.error());
    return directory;
}

StateDirectory::StateDirectory(std::string path, int descriptor) noexcept
    : path_(std::move(path)), descriptor_(descriptor) {}

StateDirectory::StateDirectory(StateDirectory&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

StateDirectory& StateDirectory::operator=(StateDirectory&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

// The file stays: removing it would let a third process lock another one of the same name.
StateDirectory::~StateDirectory() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::string database_path(std::string_view directory) {
    return std::string(directory) + "/rooms.db";
}

}  // namespace chatd::store
