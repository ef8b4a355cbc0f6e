// Runs a fuzz target over every file of the corpus directories given, without libFuzzer: what was
// once found stays found, in every build and with every compiler. A target fails by an assertion
// or a sanitizer; an empty or unreadable corpus is a failure too.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Path = std::filesystem::path;

std::vector<Path> files_of(const Path& directory) {
    std::error_code error;
    std::vector<Path> files;
    for (const auto& file : std::filesystem::directory_iterator(directory, error)) {
        if (file.is_regular_file(error)) files.push_back(file.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::optional<std::vector<std::uint8_t>> content_of(const Path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::vector<std::uint8_t> content;
    for (std::istreambuf_iterator<char> at(file), end; at != end; ++at) {
        content.push_back(static_cast<std::uint8_t>(*at));
    }
    return content;
}

bool replay(const Path& directory) {
    const auto files = files_of(directory);
    for (const auto& path : files) {
        const auto content = content_of(path);
        if (!content) {
            std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
            return false;
        }
        // Said before the run, so that a crash names its input.
        std::printf("%s (%zu bytes)\n", path.c_str(), content->size());
        std::fflush(stdout);
        LLVMFuzzerTestOneInput(content->data(), content->size());
    }
    std::printf("%s: %zu inputs replayed\n", directory.c_str(), files.size());
    if (files.empty()) std::fprintf(stderr, "%s: no corpus here\n", directory.c_str());
    return !files.empty();
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count < 2) {
        std::fprintf(stderr, "usage: %s CORPUS-DIRECTORY...\n", arguments[0]);
        return 64;
    }
    return std::all_of(arguments + 1, arguments + argument_count,
                       [](const char* directory) { return replay(directory); })
               ? 0
               : 1;
}
