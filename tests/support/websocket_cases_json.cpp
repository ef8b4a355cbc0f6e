// Prints the WebSocket conformance table (websocket_cases.hpp) as JSON for the black-box test:
//   [{"name", "section", "sent": [{"hex", "times"}], "expected": [{"opcode", "hex", "times"}],
//     "close": code of the close frame, 1005 for one without, 0 for none}]

#include <cstdio>

#include "support/websocket_cases.hpp"

namespace {

using chatd::test::Repeated;

// The names and sections hold no character that JSON escapes.
void print_text(const char* key, const std::string& value) {
    std::printf("\"%s\": \"%s\", ", key, value.c_str());
}

void print_bytes(const Repeated& repeated) {
    std::fputs("\"hex\": \"", stdout);
    for (const char byte : repeated.bytes)
        std::printf("%02x", static_cast<unsigned char>(byte));
    std::printf("\", \"times\": %zu}", repeated.times);
}

void print_case(const chatd::test::WebSocketCase& tested) {
    std::putchar('{');
    print_text("name", tested.name);
    print_text("section", tested.section);
    const char* separator = "";
    std::fputs("\"sent\": [", stdout);
    for (const Repeated& piece : tested.sent) {
        std::printf("%s{", separator);
        print_bytes(piece);
        separator = ", ";
    }
    std::fputs("], \"expected\": [", stdout);
    separator = "";
    for (const auto& frame : tested.expected) {
        std::printf("%s{\"opcode\": %d, ", separator, static_cast<int>(frame.opcode));
        print_bytes(frame.payload);
        separator = ", ";
    }
    std::printf("], \"close\": %d}", tested.close_code);
}

}  // namespace

int main() {
    const char* separator = "[";
    for (const auto& tested : chatd::test::websocket_cases()) {
        std::puts(separator);
        print_case(tested);
        separator = ",";
    }
    std::puts("\n]");
    return std::fflush(stdout) == 0 ? 0 : 1;
}
