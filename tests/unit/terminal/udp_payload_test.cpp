#include "udp_payload.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "chatd/base/bytes.hpp"
#include "chatd/base/limits.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;
using client::ExitCode;

namespace {

std::string text_of(const Payload& payload) {
    return std::string(as_text(payload));
}

// A file with `content` that goes away at the end.
struct TemporaryFile {
    explicit TemporaryFile(std::string_view content) {
        const int fd = ::mkstemp(path.data());
        REQUIRE(fd >= 0);
        std::FILE* const file = ::fdopen(fd, "wb");
        std::fwrite(content.data(), 1, content.size(), file);
        std::fclose(file);
    }
    ~TemporaryFile() { std::remove(path.c_str()); }
    std::string path = "/tmp/chatd-payload-XXXXXX";
};

}  // namespace

TEST_CASE("each source gives its bytes", "[terminal][udp_payload]") {
    CHECK(text_of(*read_payload(HexPayload{"68 69"}, false)) == "hi");
    CHECK(text_of(*read_payload(TextPayload{"hi\n"}, false)) == "hi\n");
    const std::string all("\0\xff\n", 3);
    const TemporaryFile file(all);
    CHECK(text_of(*read_payload(FilePayload{file.path}, false)) == all);
    CHECK(read_payload(StdinHexLines{}, false)->empty());
}

TEST_CASE("the largest datagram passes and one more byte does not", "[terminal][udp_payload]") {
    for (const std::size_t extra : {std::size_t{0}, std::size_t{1}}) {
        const std::string text(limits::datagram_bytes_max + extra, 'x');
        const TemporaryFile file(text);
        std::string hex;
        for (std::size_t index = 0; index < text.size(); ++index)
            hex += "78";
        for (const PayloadOption& option :
             {PayloadOption(TextPayload{text}), PayloadOption(FilePayload{file.path}),
              PayloadOption(HexPayload{hex})}) {
            const auto payload = read_payload(option, false);
            REQUIRE(payload.has_value() == (extra == 0));
            if (!payload) CHECK(payload.error().exit_code == ExitCode::usage);
        }
    }
}

TEST_CASE("nothing is sent only where that is meant", "[terminal][udp_payload]") {
    const TemporaryFile file("");
    for (const PayloadOption& option :
         {PayloadOption(TextPayload{""}), PayloadOption(HexPayload{""}),
          PayloadOption(FilePayload{file.path})}) {
        CHECK_FALSE(read_payload(option, false));
        REQUIRE(read_payload(option, true));
        CHECK(read_payload(option, true)->empty());
    }
}

TEST_CASE("errors name the place", "[terminal][udp_payload]") {
    const auto hex = payload_from_hex("de ag", "line 3", false);
    REQUIRE_FALSE(hex);
    CHECK(hex.error().message.starts_with("line 3, column 5: "));
    CHECK(hex.error().message.ends_with('.'));
    const auto file = read_payload(FilePayload{"/no/such\x1b"}, false);
    REQUIRE_FALSE(file);
    CHECK(file.error().exit_code == ExitCode::io_error);
    CHECK(file.error().message == "--file /no/such␛: no such file or directory.");
    CHECK(read_payload(FilePayload{"/tmp"}, false).error().exit_code == ExitCode::io_error);
}

TEST_CASE("blank lines and comments hold no datagram", "[terminal][udp_payload]") {
    for (const char* line : {"", "  ", "\t\r", "# de ad", "  # x"})
        CHECK(is_comment(line));
    for (const char* line : {"de", " de # x", "x"})
        CHECK_FALSE(is_comment(line));
}
