#include "support/catch.hpp"
#include "support/text_requests.hpp"

using namespace chatd;
using test::check_cases;

TEST_CASE("a line is scheduled in a while, at a time or again and again", "[wire][text_request]") {
    check_cases({
        {"/in 10m tea is ready", "schedule 0 after 600000 'tea is ready'"},
        {"/in PT10M tea", "schedule 0 after 600000 'tea'"},
        {"/in #dev 1d12h  tea  is ready ", "in #dev schedule 0 after 129600000 'tea  is ready'"},
        {"/in 10m #dev tea", "schedule 0 after 600000 '#dev tea'"},
        {"/at 18:00 go home", "schedule 0 time_of_day 64800000 'go home'"},
        {"/at #dev 9:30:15 stand up", "in #dev schedule 0 time_of_day 34215000 'stand up'"},
        {"/at 2026-11-26T10:00:00Z now", "schedule 0 at 1795687200000 'now'"},
        {"/every 1d backup", "schedule 0 every 86400000 'backup'"},
        {"/every #ops PT1H backup", "in #ops schedule 0 every 3600000 'backup'"},
    });
}

TEST_CASE("a scheduled action is written as it would be said", "[wire][text_request]") {
    check_cases({
        {"/in 10m /me leaves", "schedule 0 after 600000 me 'leaves'"},
        {"/every 1d /me  waves ", "schedule 0 every 86400000 me 'waves'"},
        {"/in 10m /me", "IN NEED_MORE_PARAMS"},
        {"/in 10m /meow", "schedule 0 after 600000 '/meow'"},
        {"/in 10m /quit", "schedule 0 after 600000 '/quit'"},
        {"/in 10m say /me x", "schedule 0 after 600000 'say /me x'"},
    });
}

TEST_CASE("a time that does not fit its command is refused with the reason",
          "[wire][text_request]") {
    check_cases({
        {"/in", "IN NEED_MORE_PARAMS"},
        {"/in 10m", "IN NEED_MORE_PARAMS"},
        {"/in #dev 10m", "IN NEED_MORE_PARAMS"},
        {"/in soon tea", "IN BAD_TIME (neither a duration nor a time)"},
        {"/in 18:00 tea", "IN BAD_TIME (/in takes a duration, /at a time)"},
        {"/in 0s tea", "IN BAD_TIME (that is no time at all)"},
        {"/in 400d tea", "IN BAD_TIME (at most 366d ahead)"},
        {"/at 10m tea", "AT BAD_TIME (/at takes a time, /in a duration)"},
        {"/at 25:00 tea", "AT BAD_TIME (neither a duration nor a time)"},
        {"/at 18:00", "AT NEED_MORE_PARAMS"},
        {"/every 59s tea", "EVERY BAD_TIME (at least 1m)"},
        {"/every 18:00 tea", "EVERY BAD_TIME (not a duration)"},
        {"/every 1d", "EVERY NEED_MORE_PARAMS"},
    });
}

TEST_CASE("schedules are listed, replaced and cancelled by their id", "[wire][text_request]") {
    check_cases({
        {"/schedules", "schedules"},
        {"/schedules all", "schedules"},
        {"/unschedule 7", "unschedule 7"},
        {"/unschedule", "UNSCHEDULE NEED_MORE_PARAMS"},
        {"/unschedule 0", "UNSCHEDULE BAD_ARGUMENT"},
        {"/unschedule seven", "UNSCHEDULE BAD_ARGUMENT"},
        {"/unschedule 7 8", "UNSCHEDULE BAD_ARGUMENT"},
        {"/unschedule 9007199254740993", "UNSCHEDULE BAD_ARGUMENT"},
        {"/reschedule 7 in 10m tea", "schedule 7 after 600000 'tea'"},
        {"/reschedule 7 at #dev 18:00 /me goes",
         "in #dev schedule 7 time_of_day 64800000 me 'goes'"},
        {"/reschedule 7 every 1d backup", "schedule 7 every 86400000 'backup'"},
        {"/reschedule", "RESCHEDULE NEED_MORE_PARAMS"},
        {"/reschedule 7", "RESCHEDULE NEED_MORE_PARAMS"},
        {"/reschedule 7 in 10m", "RESCHEDULE NEED_MORE_PARAMS"},
        {"/reschedule x in 10m tea", "RESCHEDULE BAD_ARGUMENT"},
        {"/reschedule 7 10m tea", "RESCHEDULE BAD_ARGUMENT"},
        {"/reschedule 7 in 18:00 tea", "RESCHEDULE BAD_TIME (/in takes a duration, /at a time)"},
    });
}
