#include "chatd/wire/http_body.hpp"

#include <algorithm>

#include "chatd/base/limits.hpp"
#include "support/asked.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace chatd::wire;
using namespace std::string_literals;

namespace {

struct Taken {
    BodyStatus status = BodyStatus::incomplete;
    std::size_t consumed = 0;
    std::string body;
    friend bool operator==(const Taken&, const Taken&) = default;
};

/// Feeds the pieces, each against a guard page, for as long as the reader wants more.
Taken take(const HttpRequest& request, std::size_t bytes_max,
           std::initializer_list<std::string_view> pieces) {
    HttpBodyReader reader;
    Taken taken{.status = reader.begin(request, bytes_max), .consumed = 0, .body = {}};
    for (const std::string_view piece : pieces) {
        const Guarded guarded(piece);
        const auto pushed = reader.push(guarded.bytes(), taken.body);
        CHECK(pushed.status == reader.status());
        CHECK((pushed.consumed == piece.size() || pushed.status != BodyStatus::incomplete));
        taken.status = pushed.status;
        taken.consumed += pushed.consumed;
    }
    return taken;
}

const HttpRequest& chunked() {
    static const Asked asked("POST /", {"Transfer-Encoding: chunked"});
    return *asked;
}

Taken take_chunks(std::string_view input, std::size_t bytes_max = 1000) {
    const Taken whole = take(chunked(), bytes_max, {input});
    for_every_cut(input, [&](std::string_view first, std::string_view second) {
        CHECK(take(chunked(), bytes_max, {first, second}) == whole);
    });
    return whole;
}

BodyStatus status_of_chunks(std::string_view input, std::size_t bytes_max = 1000) {
    return take_chunks(input, bytes_max).status;
}

}  // namespace

TEST_CASE("a request without a body is complete at once", "[wire][http-body]") {
    const Asked bare("GET /");
    const Asked empty("POST /", {"Content-Length: 0"});
    for (const Asked* asked : {&bare, &empty}) {
        CHECK(take(**asked, 0, {}).status == BodyStatus::complete);
        CHECK(take(**asked, 10, {"GET /next"}) == Taken{BodyStatus::complete, 0, ""});
    }
}

TEST_CASE("a body by Content-Length ends where it says, however it is cut", "[wire][http-body]") {
    const Asked asked("POST /", {"Content-Length: 5"});
    const std::string input = "a\r\nb\0GET /next"s;
    for_every_cut(input, [&](std::string_view first, std::string_view second) {
        CHECK(take(*asked, 5, {first, second}) == Taken{BodyStatus::complete, 5, "a\r\nb\0"s});
    });
    CHECK(take(*asked, 5, {"abcd"}) == Taken{BodyStatus::incomplete, 4, "abcd"});
    CHECK(take(*asked, 5, {}).status == BodyStatus::incomplete);
}

TEST_CASE("a Content-Length above the bound is refused before the body", "[wire][http-body]") {
    const Asked asked("POST /", {"Content-Length: 5"});
    CHECK(take(*asked, 4, {"abcde"}) == Taken{BodyStatus::too_long, 0, ""});
    const Asked endless("POST /", {"Content-Length: 18446744073709551615"});
    CHECK(take(*endless, 65536, {"abcde"}) == Taken{BodyStatus::too_long, 0, ""});
}

TEST_CASE("chunks are joined, however they are cut", "[wire][http-body]") {
    const std::string input =
        "4\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n\r\nGET /next";
    const Taken taken = take_chunks(input);
    CHECK(taken.status == BodyStatus::complete);
    CHECK(taken.body == "Wikipedia in \r\n\r\nchunks.");
    CHECK(input.substr(taken.consumed) == "GET /next");
}

TEST_CASE("chunks that come byte by byte are joined", "[wire][http-body]") {
    HttpBodyReader reader;
    std::string body;
    REQUIRE(reader.begin(chunked(), 10) == BodyStatus::incomplete);
    for (const char byte : "2;a=b\r\nab\r\n00a0\r\n"s) {
        CHECK(reader.push(as_bytes({&byte, 1}), body).consumed == 1);
    }
    CHECK(reader.status() == BodyStatus::too_long);
    CHECK(body == "ab");
}

TEST_CASE("chunked bodies that are taken", "[wire][http-body]") {
    struct Row {
        std::string_view input, body;
    };
    const Row table[] = {
        {"0\r\n\r\n", ""},
        {"000\r\n\r\n", ""},
        {"0000000000000001\r\nx\r\n0000000000000000\r\n\r\n", "x"},
        {"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"},
        {"1;\r\nx\r\n0\r\n\r\n", "x"},
        {"1;name\r\nx\r\n0;last\r\n\r\n", "x"},
        {"1;name=value;other=\"quoted; \\\" text\"\r\nx\r\n0\r\n\r\n", "x"},
        {"1 \t;name\r\nx\r\n0\r\n\r\n", "x"},
        {"1;gr\xc3\xbc\xc3\x9f\r\nx\r\n0\r\n\r\n", "x"},
        {"0\r\nExpires: never\r\nX:\r\n\r\n", ""},
        {"0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", ""},
        {"3\r\n0\r\n\r\n0\r\n\r\n", "0\r\n"},
    };
    for (const Row& row : table) {
        CAPTURE(row.input);
        const Taken taken = take_chunks(row.input);
        CHECK(taken.status == BodyStatus::complete);
        CHECK(taken.body == row.body);
        CHECK(taken.consumed == row.input.size());
        for (std::size_t cut = 0; cut < row.input.size(); ++cut) {
            CHECK(status_of_chunks(row.input.substr(0, cut)) == BodyStatus::incomplete);
        }
    }
}

TEST_CASE("chunked bodies that are malformed", "[wire][http-body]") {
    const std::string table[] = {
        "\r\n",
        "x\r\n",
        "-1\r\nx\r\n",
        "+1\r\nx\r\n",
        " 1\r\nx\r\n",
        "0x1\r\nx\r\n",
        "1h\r\nx\r\n",
        ";name\r\nx\r\n",
        "1\nx\r\n",
        "1\rx\r\n",
        "1\r\rx\r\n",
        "1 \r\nx\r\n",
        "1 2\r\nx\r\n",
        "1\tname\r\nx\r\n",
        "1;na\nme\r\nx\r\n",
        "1;na\rme\r\nx\r\n",
        "1;a=\"\n\"\r\nx\r\n",
        "1;na\0me\r\nx\r\n"s,
        "1;na\x7fme\r\nx\r\n",
        "1\r\nxy\r\n",
        "1\r\nx\n",
        "1\r\nx\r\r",
        "1\r\nx0\r\n\r\n",
        "0\r\n\n",
        "0\r\n\r\r",
        "0\r\n\rX",
        "0\r\n X: folded\r\n\r\n",
        "0\r\nX: y\r\n folded\r\n\r\n",
        "0\r\nGET / HTTP/1.1\r\n\r\n",
        "0\r\n: no name\r\n\r\n",
        "0\r\nX : y\r\n\r\n",
        "0\r\nX: y\n\r\n",
        "0\r\nX: y\0\r\n\r\n"s,
        "0\r\nno colon\r\n\r\n",
        "00000000000000001\r\nx\r\n",
        "10000000000000000\r\nx\r\n",
        "FFFFFFFFFFFFFFFFF\r\nx\r\n",
    };
    for (const std::string& input : table) {
        CAPTURE(input);
        CHECK(status_of_chunks(input) == BodyStatus::malformed);
    }
}

TEST_CASE("chunks are bounded together, by what their sizes say", "[wire][http-body]") {
    CHECK(status_of_chunks("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", 5) == BodyStatus::complete);
    CHECK(status_of_chunks("2\r\nab\r\n3\r\n", 4) == BodyStatus::too_long);
    CHECK(status_of_chunks("1\r\n", 0) == BodyStatus::too_long);
    CHECK(status_of_chunks("0\r\n\r\n", 0) == BodyStatus::complete);
    for (const std::string_view size :
         {"FFFFFFFFFFFFFFFF", "ffffffffffffffff", "8000000000000000", "7fffffffffffffff", "3e9"}) {
        CAPTURE(size);
        const Taken taken = take_chunks("1\r\nx\r\n" + std::string(size) + "\r\nabc");
        CHECK(taken.status == BodyStatus::too_long);
        CHECK(taken.body == "x");
    }
}

TEST_CASE("extensions and trailers are bounded together", "[wire][http-body]") {
    const std::size_t most = limits::http_chunk_extra_bytes_max;
    const auto extended = [](std::size_t bytes) {
        // ';' and CR count as well.
        return "1;" + std::string(bytes - 2, 'e') + "\r\nx\r\n0\r\n";
    };
    CHECK(take(chunked(), 9, {extended(most), "\r"}).status == BodyStatus::malformed);
    CHECK(take(chunked(), 9, {extended(most - 1), "\r\n"}).status == BodyStatus::complete);
    CHECK(take(chunked(), 9, {extended(most + 1)}).status == BodyStatus::malformed);
    const auto trailed = [](std::size_t bytes) {
        // Each CR counts, no LF does.
        return "0\r\nX:" + std::string(bytes - 4, 't') + "\r\n\r\n";
    };
    CHECK(take(chunked(), 9, {trailed(most)}).status == BodyStatus::complete);
    CHECK(take(chunked(), 9, {trailed(most + 1)}).status == BodyStatus::malformed);
    const std::string many = "1;e\r\nx\r\n";
    HttpBodyReader reader;
    std::string body;
    CHECK(reader.begin(chunked(), 1'000'000) == BodyStatus::incomplete);
    std::size_t chunk_count = 0;
    while (reader.push(as_bytes(many), body).status == BodyStatus::incomplete)
        ++chunk_count;
    CHECK(reader.status() == BodyStatus::malformed);
    CHECK(chunk_count == most / 3);
}

TEST_CASE("a reader takes the next body after begin", "[wire][http-body]") {
    HttpBodyReader reader;
    std::string body;
    CHECK(reader.begin(chunked(), 10) == BodyStatus::incomplete);
    CHECK(reader.push(as_bytes("7;x"), body).status == BodyStatus::incomplete);
    CHECK(reader.begin(chunked(), 1) == BodyStatus::incomplete);
    CHECK(reader.push(as_bytes("1\r\ny\r\n0\r\n\r\n"), body).status == BodyStatus::complete);
    CHECK(body == "y");
    CHECK(reader.push(as_bytes("1\r\nz\r\n0\r\n\r\n"), body).consumed == 0);
    CHECK(body == "y");
}

TEST_CASE("a body that is not taken has its problem", "[wire][http-body]") {
    const Problem long_one = problem_of(BodyStatus::too_long, 4096);
    CHECK(long_one.status == 413);
    CHECK(long_one.code == "BODY_TOO_LONG");
    CHECK(long_one.detail.find("4096") != std::string::npos);
    const Problem bad = problem_of(BodyStatus::malformed, 4096);
    CHECK(bad.status == 400);
    CHECK(bad.code == "BAD_BODY");
    CHECK_FALSE(bad.detail.empty());
    std::size_t searched = 0;
    CHECK(find_head_end(as_bytes(continue_answer), searched) == continue_answer.size());
}
