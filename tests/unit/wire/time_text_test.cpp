#include "chatd/wire/time_text.hpp"

#include <limits>
#include <string>

#include "chatd/base/limits.hpp"
#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

constexpr std::int64_t second = 1'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

std::string written_time(UnixMs at) {
    std::string text;
    append_time(text, at);
    return text;
}

std::string local_text(UnixMs at, std::int32_t zone_offset_s) {
    std::string text;
    append_local_time(text, at, zone_offset_s);
    return text;
}

std::string duration_text(std::int64_t ms) {
    std::string text;
    append_duration(text, ms);
    return text;
}

UnixMs random_time(Prng& prng) {
    const auto span = static_cast<std::uint64_t>(time_ms_max - time_ms_min);
    return time_ms_min + static_cast<UnixMs>(prng.below(span + 1));
}

}  // namespace

TEST_CASE("a time is written in UTC with its milliseconds", "[wire][time_text]") {
    CHECK(written_time(0) == "1970-01-01T00:00:00.000Z");
    CHECK(written_time(1'795'687'200'123) == "2026-11-26T10:00:00.123Z");
    CHECK(written_time(-1) == "1969-12-31T23:59:59.999Z");
    CHECK(written_time(951'782'400'000) == "2000-02-29T00:00:00.000Z");
    CHECK(written_time(time_ms_max) == "9999-12-31T23:59:59.999Z");
    CHECK(written_time(time_ms_min) == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("a time outside of four-digit years is written as the nearest one", "[wire][time_text]") {
    CHECK(written_time(time_ms_max + 1) == written_time(time_ms_max));
    CHECK(written_time(std::numeric_limits<UnixMs>::max()) == written_time(time_ms_max));
    CHECK(written_time(std::numeric_limits<UnixMs>::min()) == written_time(time_ms_min));
    CHECK(local_text(time_ms_max, 3'600) == "9999-12-31T23:59:59.999+01:00");
    CHECK(local_text(time_ms_min, -3'600) == "0000-01-01T00:00:00.000-01:00");
}

TEST_CASE("a local time is the same moment with its zone's offset", "[wire][time_text]") {
    const UnixMs at = 1'795'687'200'000;
    CHECK(local_text(at, 7'200) == "2026-11-26T12:00:00.000+02:00");
    CHECK(local_text(at, 0) == "2026-11-26T10:00:00.000+00:00");
    CHECK(local_text(at, -3'600 * 11) == "2026-11-25T23:00:00.000-11:00");
    CHECK(local_text(at, 20'700) == "2026-11-26T15:45:00.000+05:45");
    CHECK(local_text(at, -12'600) == "2026-11-26T06:30:00.000-03:30");
    // Local mean time of old zones has seconds, which RFC 3339 can't write.
    CHECK(local_text(at, 1'172) == "2026-11-26T10:19:00.000+00:19");
    CHECK(local_text(at, 86'400) == "2026-11-26T10:00:00.000+00:00");
}

TEST_CASE("a written time is read back, whatever zone shows it", "[wire][time_text]") {
    Prng prng(1);
    for (int round = 0; round < 5'000; ++round) {
        const UnixMs at = random_time(prng);
        const std::string text = written_time(at);
        CAPTURE(text);
        REQUIRE(parse_time(test::Guarded(text).text()) == at);
        if (at < time_ms_min + day || at > time_ms_max - day) continue;
        const auto offset_min = static_cast<std::int32_t>(prng.below(2 * 24 * 60 - 1)) - 1'439;
        REQUIRE(parse_time(local_text(at, offset_min * 60)) == at);
    }
}

TEST_CASE("times of RFC 3339 are read", "[wire][time_text]") {
    struct Case {
        const char* text;
        UnixMs at;
    };
    const Case cases[] = {
        {"1985-04-12T23:20:50.52Z", 482'196'050'520},
        {"1996-12-19T16:39:57-08:00", 851'042'397'000},
        {"1996-12-20T00:39:57z", 851'042'397'000},
        {"1996-12-20t00:39:57Z", 851'042'397'000},
        {"1937-01-01T12:00:27.87+00:20", -1'041'337'172'130},
        {"2026-11-26T10:00:00.1239999999999999999999Z", 1'795'687'200'123},
        {"2026-11-26T10:00:00.1Z", 1'795'687'200'100},
        {"2026-11-26T10:00:00-00:00", 1'795'687'200'000},
        {"2000-02-29T00:00:00Z", 951'782'400'000},
        // Leap seconds of the RFC's own examples: the last millisecond before them.
        {"1990-12-31T23:59:60Z", 662'687'999'999},
        {"1990-12-31T15:59:60-08:00", 662'687'999'999},
        {"1990-12-31T23:59:60.5Z", 662'687'999'999},
    };
    for (const auto& [text, at] : cases) {
        CAPTURE(text);
        CHECK(parse_time(text) == at);
    }
}

TEST_CASE("what is no time of RFC 3339 is refused", "[wire][time_text]") {
    for (const char* text :
         {"", "2026-11-26", "2026-11-26T10:00Z", "2026-11-26T10:00:00", "2026-11-26 10:00:00Z",
          "2026-11-26T10:00:00.Z", "2026-11-26T10:00:00,5Z", "2026-11-26T10:00:00+02",
          "2026-11-26T10:00:00+0200", "2026-11-26T10:00:00+24:00", "2026-11-26T10:00:00+02:60",
          "2026-11-26T10:00:00Z ", " 2026-11-26T10:00:00Z", "2026-11-26T10:00:00ZZ",
          "2026-11-26T24:00:00Z", "2026-11-26T10:60:00Z", "2026-11-26T10:00:61Z",
          "2026-13-26T10:00:00Z", "2026-00-26T10:00:00Z", "2026-11-31T10:00:00Z",
          "2026-11-00T10:00:00Z", "2026-02-29T10:00:00Z", "1900-02-29T10:00:00Z",
          "26-11-26T10:00:00Z", "12026-11-26T10:00:00Z", "+026-11-26T10:00:00Z",
          "2026-1-26T10:00:00Z", "2026-11-26T1:00:00Z", "2026/11/26T10:00:00Z",
          "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
          // No leap second there.
          "2026-11-26T10:00:60Z", "1990-12-31T23:59:60-08:00"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_time(text));
    }
}

TEST_CASE("a time cut short is none", "[wire][time_text]") {
    for (const std::string text : {"2026-11-26T10:00:00.123Z", "2026-11-26T10:00:00+02:00"}) {
        test::for_every_cut(text, [&](std::string_view first, std::string_view) {
            CAPTURE(first);
            const bool whole = first.size() == text.size();
            CHECK(parse_time(test::Guarded(first).text()).has_value() == whole);
        });
    }
}

TEST_CASE("durations are read in both spellings", "[wire][time_text]") {
    struct Case {
        const char* text;
        std::int64_t ms;
    };
    const Case cases[] = {
        {"PT10M", 10 * minute},
        {"P1DT2H", day + 2 * hour},
        {"P1DT2H3M4S", day + 2 * hour + 3 * minute + 4 * second},
        {"P2W", 14 * day},
        {"P1W1D", 8 * day},
        {"PT36H", 36 * hour},
        {"PT0S", 0},
        {"PT1.5S", 1'500},
        {"PT0,25S", 250},
        {"PT0.0009S", 0},
        {"pt10m", 10 * minute},
        {"90s", 90 * second},
        {"10m", 10 * minute},
        {"2h30m", 2 * hour + 30 * minute},
        {"1d", day},
        {"1w", 7 * day},
        {"1d12h30m15s", day + 12 * hour + 30 * minute + 15 * second},
        {"1D", day},
        {"0.5s", 500},
        {"007m", 7 * minute},
    };
    for (const auto& [text, ms] : cases) {
        CAPTURE(text);
        CHECK(parse_duration(test::Guarded(text).text()) == ms);
    }
}

TEST_CASE("what is no duration is refused", "[wire][time_text]") {
    for (const char* text :
         {"",        "P",     "PT",    "P1",    "PT10",  "P1DT",   "P1Y",    "P1M",
          "P1Y2M3D", "PT1D",  "P1H",   "PT1W",  "P1D1W", "PT1M1H", "PT1M1M", "PT1ST1S",
          "PT1.5H",  "PT.5S", "PT1.S", "10",    "m",     "10 m",   "10m ",   " 10m",
          "10x",     "30m2h", "1m1m",  "-10m",  "+10m",  "1.5h",   "1..5s",  "10ms",
          "ten",     "1y",    "18:00", "0x10s", "P-1D",  "P1D2H"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(test::Guarded(text).text()));
    }
}

TEST_CASE("a duration too large for any use is refused and overflows nothing",
          "[wire][time_text]") {
    CHECK(parse_duration("9007199254740.992s") == 9'007'199'254'740'992);
    CHECK_FALSE(parse_duration("9007199254740.993s"));
    CHECK_FALSE(parse_duration("9007199254741s"));
    CHECK_FALSE(parse_duration("9007199254740992w"));
    CHECK_FALSE(parse_duration("14892w9999999999999s"));
    CHECK_FALSE(parse_duration("99999999999999999999999999999999999999999999s"));
    CHECK_FALSE(parse_duration("P99999999999999999999W"));
}

TEST_CASE("a duration is written short and read back", "[wire][time_text]") {
    CHECK(duration_text(0) == "0s");
    CHECK(duration_text(-5) == "0s");
    CHECK(duration_text(1'500) == "1.5s");
    CHECK(duration_text(1'050) == "1.05s");
    CHECK(duration_text(1) == "0.001s");
    CHECK(duration_text(90 * minute) == "1h30m");
    CHECK(duration_text(14 * day) == "14d");
    CHECK(duration_text(day + 2 * hour + 3 * minute + 4 * second) == "1d2h3m4s");
    CHECK(duration_text(hour + 1) == "1h0.001s");
    Prng prng(2);
    for (int round = 0; round < 5'000; ++round) {
        const auto bound = std::uint64_t{1} << prng.between(1, 53);
        const auto ms = static_cast<std::int64_t>(prng.below(bound));
        const std::string text = duration_text(ms);
        CAPTURE(ms, text);
        REQUIRE(parse_duration(text) == ms);
    }
}

TEST_CASE("when a line is to be said is a duration, a time of day or a time", "[wire][time_text]") {
    struct Case {
        const char* text;
        When::Kind kind;
        std::int64_t ms;
    };
    const Case cases[] = {
        {"10m", When::Kind::after, 10 * minute},
        {"PT10M", When::Kind::after, 10 * minute},
        {"0.001s", When::Kind::after, 1},
        {"366d", When::Kind::after, 366 * day},
        {"18:00", When::Kind::time_of_day, 18 * hour},
        {"18:00:30", When::Kind::time_of_day, 18 * hour + 30 * second},
        {"9:05", When::Kind::time_of_day, 9 * hour + 5 * minute},
        {"00:00", When::Kind::time_of_day, 0},
        {"23:59:59", When::Kind::time_of_day, day - second},
        {"2026-11-26T10:00:00Z", When::Kind::at, 1'795'687'200'000},
        {"2026-11-26T10:00:00+02:00", When::Kind::at, 1'795'680'000'000},
    };
    for (const auto& [text, kind, ms] : cases) {
        CAPTURE(text);
        const auto when = parse_when(test::Guarded(text).text());
        REQUIRE(when);
        CHECK(when->kind == kind);
        CHECK(when->ms == ms);
    }
}

TEST_CASE("a time that no line can wait for is refused with the reason", "[wire][time_text]") {
    struct Case {
        const char* text;
        const char* fault;
    };
    const Case cases[] = {
        {"0s", "that is no time at all"},
        {"PT0S", "that is no time at all"},
        {"366d0.001s", "at most 366d ahead"},
        {"P100W", "at most 366d ahead"},
        {"", "neither a duration nor a time"},
        {"24:00", "neither a duration nor a time"},
        {"18:60", "neither a duration nor a time"},
        {"18:00:60", "neither a duration nor a time"},
        {"18:0", "neither a duration nor a time"},
        {"18:00:", "neither a duration nor a time"},
        {"18", "neither a duration nor a time"},
        {":00", "neither a duration nor a time"},
        {"118:00", "neither a duration nor a time"},
        {"18:00Z", "neither a duration nor a time"},
        {"tomorrow", "neither a duration nor a time"},
    };
    for (const auto& [text, fault] : cases) {
        CAPTURE(text);
        const auto when = parse_when(test::Guarded(text).text());
        REQUIRE_FALSE(when);
        CHECK(when.error() == fault);
    }
}

TEST_CASE("what repeats does so once a minute at most", "[wire][time_text]") {
    const auto every = parse_every("1d");
    REQUIRE(every);
    CHECK(every->kind == When::Kind::every);
    CHECK(every->ms == day);
    CHECK(parse_every("60s")->ms == minute);
    CHECK(parse_every("P366D")->ms == 366 * day);
    CHECK(parse_every("59.999s").error() == "at least 1m");
    CHECK(parse_every("0s").error() == "at least 1m");
    CHECK(parse_every("367d").error() == "at most 366d ahead");
    CHECK(parse_every("18:00").error() == "not a duration");
    CHECK(parse_every("2026-11-26T10:00:00Z").error() == "not a duration");
}

TEST_CASE("no text upsets the readers, and what is read is within bounds", "[wire][time_text]") {
    Prng prng(3);
    const std::string_view pieces = "PTWDHMSZ0123456789:-+.,TtZz 19";
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto left = prng.below(26); left > 0; --left)
            text += pieces[prng.below(pieces.size())];
        const test::Guarded guarded(text);
        CAPTURE(text);
        const auto duration = parse_duration(guarded.text());
        if (duration) REQUIRE(*duration <= static_cast<std::int64_t>(json_integer_max));
        if (duration) REQUIRE(*duration >= 0);
        const auto at = parse_time(guarded.text());
        if (at) REQUIRE(parse_time(written_time(*at)) == at);
        const auto when = parse_when(guarded.text());
        if (!when) REQUIRE_FALSE(when.error().empty());
    }
}
