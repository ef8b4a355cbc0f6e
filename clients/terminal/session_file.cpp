#include "session_file.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "chatd/base/ascii.hpp"
#include "chatd/client/state_file.hpp"

namespace chatd::terminal {

namespace {

constexpr std::size_t name_bytes_max = 200;

bool is_plain(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '_' || byte == '.';
}

// Lower case; whatever else could not stand in a name of a file becomes '_'.
std::string file_name(std::string_view text) {
    std::string name;
    for (const char written : text.substr(0, name_bytes_max)) {
        const char byte = ascii_lower(written);
        const bool hides = byte == '.' && name.empty();  // and ".." leads elsewhere
        name += is_plain(byte) && !hides ? byte : '_';
    }
    return name;
}

std::string state_directory() {
    const char* const state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && *state == '/') return std::string(state) + "/chatcli";
    const char* const home = std::getenv("HOME");
    if (home == nullptr || *home != '/') return {};
    return std::string(home) + "/.local/state/chatcli";
}

}  // namespace

std::string session_file_path(std::string_view server, std::string_view nick) {
    const std::string directory = state_directory();
    if (directory.empty() || nick.empty() || server.empty()) return {};
    return directory + "/" + file_name(server) + "/" + file_name(nick) + ".json";
}

client::SessionState load_session(const std::string& path) {
    if (path.empty()) return {};
    const auto state = client::load_state(path);
    return state ? state->value_or(client::SessionState{}) : client::SessionState{};
}

bool save_session(const std::string& path, const client::SessionState& state) {
    if (path.empty()) return false;
    const std::filesystem::path directory = std::filesystem::path(path).parent_path();
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (!error) {
        std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
    }
    return !error && client::save_state(path, state).has_value();
}

void forget_session(const std::string& path) {
    ::unlink(path.c_str());
}

}  // namespace chatd::terminal
