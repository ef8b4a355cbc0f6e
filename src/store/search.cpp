#include "store/search.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chatd/base/limits.hpp"
#include "store/event_row.hpp"

namespace chatd::store {

namespace {

constexpr std::string_view mark_open = "\xee\x80\x80";   // U+E000
constexpr std::string_view mark_close = "\xee\x80\x81";  // U+E001
constexpr std::string_view ellipsis = "\xe2\x80\xa6";    // U+2026

// Interrupts whatever runs on the connection once it has taken too many steps; reading is undone
// by that, never a transaction.
class WorkBound {
public:
    explicit WorkBound(sqlite3* database) : database_(database) {
        sqlite3_progress_handler(database_, steps_each, &spent, this);
    }
    WorkBound(const WorkBound&) = delete;
    WorkBound& operator=(const WorkBound&) = delete;
    ~WorkBound() { sqlite3_progress_handler(database_, 0, nullptr, nullptr); }

    bool reached() const noexcept { return steps_ >= limits::search_work_max; }

private:
    static constexpr int steps_each = 10'000;
    static int spent(void* self) {
        auto& bound = *static_cast<WorkBound*>(self);
        bound.steps_ += steps_each;
        return bound.reached() ? 1 : 0;
    }

    sqlite3* database_;
    std::uint32_t steps_ = 0;
};

// An id begins with its time, so that times compare as ids do.
Uuid first_id_at(UnixMs at) {
    return make_uuid7(std::max<UnixMs>(at, 0), 0, 0);
}

// The conditions beside the words; bind_conditions() gives their values in this order.
std::string conditions(const wire::SearchQuery& query, std::int64_t room) {
    std::string sql;
    if (room != 0) sql += " AND events.room = ?";
    if (!query.from.empty()) sql += " AND events.sender = ? COLLATE NOCASE";
    if (query.after) sql += " AND events.id >= ?";
    if (query.before) sql += " AND events.id < ?";
    return sql;
}

std::string words_sql(const std::string& where) {
    // Without conditions the index alone answers; it is the outer loop in any case.
    const char* const joined =
        where.empty() ? "" : "CROSS JOIN events ON events.event = words.rowid ";
    return fmt::format(
        "SELECT words.rowid, bm25(words) FROM words {}WHERE words MATCH ?{} "
        "ORDER BY words.rowid DESC LIMIT ?",
        joined, where);
}

std::string plain_sql(const std::string& where, bool one_room) {
    return fmt::format(
        "SELECT event, 0.0 FROM events WHERE kind <= 1 AND flags & {} = 0{} ORDER BY {} LIMIT ?",
        flag_removed, where, one_room ? "epoch DESC, seq DESC" : "event DESC");
}

// The beginning of a body, cut between characters.
std::string beginning_of(std::string_view body) {
    constexpr std::size_t bytes_max = 200;
    if (body.size() <= bytes_max) return std::string(body);
    std::size_t end = bytes_max;
    while ((static_cast<unsigned char>(body[end]) & 0xc0) == 0x80)
        --end;
    return fmt::format("{}{}", body.substr(0, end), ellipsis);
}

}  // namespace

std::string match_expression(const std::vector<std::string_view>& terms) {
    std::string expression;
    for (const std::string_view term : terms) {
        if (!expression.empty()) expression += " AND ";
        expression += '"';
        for (const char letter : term) {
            expression += letter;
            if (letter == '"') expression += '"';
        }
        expression += '"';
    }
    return expression;
}

Search::Search(const Database& database, RoomTable& rooms)
    : database_(database),
      rooms_(rooms),
      event_(database, fmt::format("SELECT room, {} FROM events WHERE event = ?", event_columns)),
      snippet_(database, fmt::format("SELECT snippet(words, 0, ?, ?, ?, {}) FROM words "
                                     "WHERE words MATCH ? AND rowid = ?",
                                     limits::excerpt_words_max)) {}

chat::SearchPage Search::search(const chat::ReadSearch& ask) {
    chat::SearchPage page{.query = ask.query};
    auto query = wire::parse_search_query(ask.text);
    if (!query) {
        page.error = query.error();
        page.bad_query = true;
        return page;
    }
    Task task{.query = std::move(*query),
              .expression = {},
              .first = std::min(ask.skip, limits::search_skip_max),
              .count = ask.limit == 0 ? limits::search_hits_default
                                      : std::min(ask.limit, limits::search_hits_max)};
    task.expression = match_expression(task.query.terms);
    const std::string_view name = task.query.room.empty() ? ask.room : task.query.room;
    if (!name.empty()) {
        const Room* const room = rooms_.find(name);
        if (room == nullptr && rooms_.failed()) page.error = database_.trouble();
        if (room == nullptr) return page;
        task.room = room->room;
    }

    std::vector<Match> matches;
    bool good = find(task, matches, page.more);
    const std::size_t end = std::min(matches.size(), task.first + task.count);
    for (std::size_t index = task.first; good && index < end; ++index)
        good = show(task, matches[index], page.hits);
    page.more |= matches.size() > end;
    if (!good) page = {.query = ask.query, .error = database_.trouble()};
    return page;
}

bool Search::find(const Task& task, std::vector<Match>& matches, bool& cut_short) {
    const std::string where = conditions(task.query, task.room);
    const bool by_words = !task.expression.empty();
    Statement statement(database_, by_words ? words_sql(where) : plain_sql(where, task.room != 0));
    const Uuid after = first_id_at(task.query.after.value_or(0));
    const Uuid before = first_id_at(task.query.before.value_or(0));
    const WorkBound bound(database_.handle());
    Query query(statement);
    if (by_words) query.bind(task.expression);
    if (task.room != 0) query.bind(task.room);
    if (!task.query.from.empty()) query.bind(task.query.from);
    if (task.query.after) query.bind(after);
    if (task.query.before) query.bind(before);
    query.bind(by_words ? limits::search_candidates_max : task.first + task.count + 1);

    while (query.next())
        matches.push_back({query.integer(0), query.real(1)});
    cut_short = bound.reached();
    if (query.failed() && !cut_short) return false;
    std::sort(matches.begin(), matches.end(), [](const Match& left, const Match& right) {
        return left.rank != right.rank ? left.rank < right.rank : left.event > right.event;
    });
    return true;
}

bool Search::show(const Task& task, const Match& match, std::vector<wire::SearchHit>& hits) {
    Query query(event_, match.event);
    if (!query.next()) return !query.failed();
    const Room* const room = rooms_.find(query.integer(0));
    if (room == nullptr) return !rooms_.failed();
    wire::SearchHit hit{.event = read_event(query, 1, room->name), .excerpt = {}};
    if (!excerpt(task, match.event, hit)) return false;
    hits.push_back(std::move(hit));
    return true;
}

bool Search::excerpt(const Task& task, std::int64_t event, wire::SearchHit& hit) {
    if (task.expression.empty()) {
        hit.excerpt = beginning_of(hit.event.body);
        return true;
    }
    Query query(snippet_, mark_open, mark_close, ellipsis, task.expression, event);
    if (query.next()) hit.excerpt = query.text(0);
    return !query.failed();
}

}  // namespace chatd::store
