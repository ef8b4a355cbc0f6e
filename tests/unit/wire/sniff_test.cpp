#include "chatd/wire/sniff.hpp"

#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;
using namespace std::string_literals;

namespace Catch {
template <>
struct StringMaker<Dialect> {
    static std::string convert(Dialect dialect) {
        constexpr const char* names[] = {"undecided", "text", "http", "json", "tls", "proxy"};
        return names[static_cast<std::size_t>(dialect)];
    }
};
}  // namespace Catch

namespace {

/// `input` decides `dialect` with its last byte and not before; undecided: not at all.
struct Case {
    std::string input;
    Dialect dialect;
};

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;

const std::vector<Case> cases = {
    // TLS and PROXY
    {"\x16\x03", Dialect::tls},
    {"\x16", Dialect::undecided},
    {"\x16\x02", Dialect::text},
    {"\x16\n", Dialect::text},
    {"PROXY TCP4 ", Dialect::proxy},
    {"PROXY TCP6 ", Dialect::proxy},
    {"PROXY UNKNOWN", Dialect::proxy},
    {signature, Dialect::proxy},
    {"PROXY TCP4", Dialect::undecided},
    {"PROXY UNKNOW", Dialect::undecided},
    {"PROXY war\n", Dialect::text},
    {"PROXY TCP4\n", Dialect::text},
    {"PROXY TCP5 1", Dialect::text},
    {"PROXY UNKNOWS\n", Dialect::text},
    {"PROXY  ", Dialect::text},
    {"proxy TCP4 1", Dialect::text},
    {"PROXY TCP5 HTTP/1.1\r\n", Dialect::http},
    // An empty first line may be the signature's beginning, a bare LF may not.
    {"\n", Dialect::text},
    {"\r", Dialect::undecided},
    {"\r\n", Dialect::undecided},
    {"\r\nG", Dialect::text},
    {"\r\n\n", Dialect::text},
    {"\r\n\r\n", Dialect::undecided},
    {"\r\n\r\nh", Dialect::text},
    {"\r\r", Dialect::text},
    {signature.substr(0, 11) + "\r", Dialect::text},
    // JSON
    {"{\"", Dialect::json},
    {"{}", Dialect::json},
    {"{ \t \"", Dialect::json},
    {"{\t}", Dialect::json},
    {"[{", Dialect::json},
    {"[]", Dialect::json},
    {"[ \t{", Dialect::json},
    {"[ ]", Dialect::json},
    {"{", Dialect::undecided},
    {"[  ", Dialect::undecided},
    {"{h", Dialect::text},  // {hello}
    {"[d", Dialect::text},  // [deploy] done
    {"[\"", Dialect::text},
    {"[[", Dialect::text},
    {"{{", Dialect::text},
    {"{\n", Dialect::text},
    {"{\r", Dialect::text},
    {"[ \n", Dialect::text},
    {" ", Dialect::text},  // blanks before the brace are not in the rule
    // HTTP
    {"GET / HTTP/1.1\r\n", Dialect::http},
    {"GET / HTTP/1.0\n", Dialect::http},
    {"GET / HTTP/1.9\n", Dialect::http},
    {"BREW /pot HTTP/1.1\r\n", Dialect::http},
    {"!#$%&'*+-.^_`|~09azAZ x HTTP/1.1\n", Dialect::http},
    {"OPTIONS * HTTP/1.1\r\n", Dialect::http},
    {"GET /caf\xc3\xa9 HTTP/1.1\r\n", Dialect::http},
    {"GET http://host:4399/?a=[1]{2} HTTP/1.1\r\n", Dialect::http},
    {"GET / HTTP/1.1", Dialect::undecided},
    {"GET / HTTP/1.1\r", Dialect::undecided},
    {"GET / HTTP/1.1\rx", Dialect::text},
    {"GET / HTTP/1.1\r\r", Dialect::text},
    {"GET / HTTP/1.1 ", Dialect::text},
    {"GET / HTTP/1.10", Dialect::text},
    {"GET / HTTP/1.x", Dialect::text},
    {"GET / HTTP/1\r", Dialect::text},
    {"GET / HTTP/2", Dialect::text},
    {"PRI * HTTP/2", Dialect::text},
    {"GET / h", Dialect::text},  // the version's case counts
    {"GET  ", Dialect::text},
    {"GET /\r", Dialect::text},
    {"GET /\n", Dialect::text},
    {"GET \n", Dialect::text},
    {"GET /\t", Dialect::text},
    {"GET /\x7f", Dialect::text},
    {"GET /\0"s, Dialect::text},
    {"GET\n", Dialect::text},
    {"GET\r", Dialect::text},
    {"GET\t", Dialect::text},
    // Text
    {"hello\n", Dialect::text},
    {"hello", Dialect::undecided},
    {"hello,", Dialect::text},
    {"hello world\n", Dialect::text},
    {"hello world a", Dialect::text},
    {"GET me a", Dialect::text},  // GET me a coffee
    {"hi there Ha", Dialect::text},
    {"/", Dialect::text},
    {"\xc3", Dialect::text},
    {"\0"s, Dialect::text},
    {"\x1b", Dialect::text},
    {"(", Dialect::text},
};

Dialect whole(std::string_view input) {
    Sniffer sniffer;
    return sniffer.push(as_bytes(input));
}

}  // namespace

TEST_CASE("the first bytes decide, at the byte that leaves one dialect", "[wire][sniff]") {
    for (const auto& [input, dialect] : cases) {
        CAPTURE(input);
        CHECK(whole(input) == dialect);
        CHECK(whole(input.substr(0, input.size() - 1)) == Dialect::undecided);
    }
}

TEST_CASE("the dialect does not depend on how the bytes are cut", "[wire][sniff]") {
    for (const auto& [input, dialect] : cases) {
        CAPTURE(input);
        const test::Guarded guarded(input);
        const Dialect expected = whole(input);
        test::for_every_cut(guarded.text(), [&](std::string_view first, std::string_view second) {
            Sniffer sniffer;
            sniffer.push(as_bytes(first));
            CHECK(sniffer.push(as_bytes(second)) == expected);
        });
        Sniffer sniffer;
        for (const char byte : input)
            sniffer.push(as_bytes({&byte, 1}));
        CHECK(sniffer.dialect() == expected);
    }
}

TEST_CASE("what follows the decision changes nothing", "[wire][sniff]") {
    for (const auto& [input, dialect] : cases) {
        if (dialect == Dialect::undecided) continue;
        CAPTURE(input);
        for (const std::string_view tail : {"\n", "GET / HTTP/1.1\r\n", "{\"", "\x16\x03"}) {
            CHECK(whole(input + std::string(tail)) == dialect);
            Sniffer sniffer;
            sniffer.push(as_bytes(input));
            CHECK(sniffer.push(as_bytes(tail)) == dialect);
        }
    }
}

TEST_CASE("chat that resembles another dialect is chat", "[wire][sniff]") {
    for (const char* line :
         {"GET me a coffee\n", "[deploy] done\n", "{hello}\n", "PROXY war\n", "PROXY TCP4\n",
          "GET / HTTP/1.1 is how it begins\n", "HTTP/1.1 200 OK\n", "POST it\n", "[1, 2]\n"}) {
        CAPTURE(line);
        CHECK(whole(line) == Dialect::text);
    }
}

TEST_CASE("a newline decides, whatever stands before it", "[wire][sniff]") {
    Prng prng(4);
    constexpr std::string_view alphabet = "GETPROXY TCP46UNKW /HTTP1.09{}[]\"\t\r\x16\x03,a";
    for (int round = 0; round < 50'000; ++round) {
        std::string line;
        for (std::uint64_t bytes = prng.below(24); bytes > 0; --bytes) {
            line += alphabet[prng.below(alphabet.size())];
        }
        const Dialect decided = whole(line + '\n');
        if (decided == Dialect::undecided) CHECK(line == "\r");
        Sniffer sniffer;
        for (std::size_t at = 0; at <= line.size();) {
            const std::size_t bytes = prng.between(1, 5);
            sniffer.push(as_bytes(std::string_view(line + '\n').substr(at, bytes)));
            at += bytes;
        }
        CHECK(sniffer.dialect() == decided);
    }
}

TEST_CASE("an unfinished line that begins with a method is known as such", "[wire][sniff]") {
    for (const std::string method :
         {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}) {
        CAPTURE(method);
        Sniffer sniffer;
        sniffer.push(as_bytes(method));
        CHECK_FALSE(sniffer.http_method_begun());
        sniffer.push(as_bytes(" "));
        CHECK(sniffer.http_method_begun());
        sniffer.push(as_bytes("/ HTTP/1.1\r"));
        CHECK(sniffer.http_method_begun());
        sniffer.push(as_bytes("\n"));
        CHECK(sniffer.dialect() == Dialect::http);
        CHECK_FALSE(sniffer.http_method_begun());
    }
    for (const char* line : {"", "BREW /", "get /", "GETS /", "GE", "GET me a", "hello wor"}) {
        CAPTURE(line);
        Sniffer sniffer;
        sniffer.push(as_bytes(line));
        CHECK_FALSE(sniffer.http_method_begun());
    }
}

TEST_CASE("a line without newline is text past its limit", "[wire][sniff]") {
    const auto at_limit = [](std::string start, char fill) {
        start.resize(limits::line_bytes_max, fill);
        return start;
    };
    for (const auto& line : {at_limit("a", 'a'), at_limit("{", ' '), at_limit("[", '\t')}) {
        CHECK(whole(line) == Dialect::undecided);
        CHECK(whole(line + line.back()) == Dialect::text);
    }
    // The space comes as the first byte past the limit: no target stands yet.
    CHECK(whole(at_limit("a", 'a') + ' ') == Dialect::text);
}

TEST_CASE("a request line without end is HTTP past the head's limit", "[wire][sniff]") {
    std::string line = "GET /";
    line.resize(limits::http_head_bytes_max, 'a');
    CHECK(whole(line) == Dialect::undecided);
    CHECK(whole(line + 'a') == Dialect::http);
    CHECK(whole(line + ',') == Dialect::http);
    CHECK(whole(line + '\n') == Dialect::text);
    CHECK(whole(line.substr(0, limits::line_bytes_max) + "\n") == Dialect::text);
    CHECK(whole(line.substr(0, limits::line_bytes_max) + " HTTP/1.1\r\n") == Dialect::http);
    CHECK(whole(line.substr(0, limits::line_bytes_max) + " and more") == Dialect::text);
}

TEST_CASE("a WebSocket message is JSON by the same rule", "[wire][sniff]") {
    CHECK(begins_as_json("{\"jsonrpc\":\"2.0\"}"));
    CHECK(begins_as_json("[{}]"));
    CHECK_FALSE(begins_as_json("{hello}"));
    CHECK_FALSE(begins_as_json("{"));
    CHECK_FALSE(begins_as_json(""));
    CHECK_FALSE(begins_as_json("GET / HTTP/1.1\r\n"));
}
