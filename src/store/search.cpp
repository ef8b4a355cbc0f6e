#include "store/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

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

// The conditions beside the words; bind() gives their values in this order.
std::string conditions(const wire::SearchQuery& query, std::int64_t room) {
    std::string sql;
    if (room != 0) sql += " AND events.room = ?";
    if (!query.from.empty()) sql += " AND events.sender = ? COLLATE NOCASE";
    if (query.after) sql += " AND events.id >= ?";
    if (query.before) sql += " AND events.id < ?";
    return sql;
}

std::string words_sql(std::string_view column, const std::string& where) {
    // Without conditions the index alone answers; it is the outer loop in any case.
    const char* const joined =
        where.empty() ? "" : "CROSS JOIN events ON events.event = words.rowid ";
    return fmt::format(
        "SELECT words.rowid, {} FROM words {}WHERE words MATCH ?{} "
        "ORDER BY words.rowid DESC LIMIT ?",
        column, joined, where);
}

// The excerpt of these events alone.
std::string excerpt_column(const std::vector<std::int64_t>& events) {
    std::string list;
    for (const std::int64_t event : events) {
        if (!list.empty()) list += ',';
        list += std::to_string(event);
    }
    return fmt::format("CASE WHEN words.rowid IN ({}) THEN snippet(words, 0, ?, ?, ?, {}) END",
                       list, limits::excerpt_words_max);
}

std::string plain_sql(const std::string& where, bool one_room) {
    return fmt::format(
        "SELECT event, 0.0 FROM events WHERE kind <= 1 AND flags & {} = 0{} ORDER BY {} LIMIT ?",
        flag_removed, where, one_room ? "epoch DESC, seq DESC" : "event DESC");
}

// Blocks are the same for every page, so that no hit is on two of them.
std::size_t whole_blocks(std::size_t matches) {
    constexpr std::size_t block = limits::search_ranked_max;
    return (matches + block - 1) / block * block;
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
      event_(database, fmt::format("SELECT room, {} FROM events WHERE event = ?", event_columns)) {}

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

    task.where = conditions(task.query, task.room);
    task.after = first_id_at(task.query.after.value_or(0));
    task.before = first_id_at(task.query.before.value_or(0));

    std::vector<Match> matches;
    std::vector<std::int64_t> shown;
    bool good = find(task, matches, page.more);
    const std::size_t end = std::min(matches.size(), task.first + task.count);
    for (std::size_t index = task.first; good && index < end; ++index)
        good = show(matches[index].event, shown, page.hits);
    good = good && add_excerpts(task, shown, page.hits);
    page.more |= matches.size() > end;
    if (!good) page = {.query = ask.query, .error = database_.trouble()};
    return page;
}

// What words_sql() and plain_sql() ask for, in their order; the task outlives the query.
void Search::bind(Query& query, const Task& task) {
    const std::size_t wanted = task.first + task.count + 1;
    const bool by_words = !task.expression.empty();
    if (by_words) query.bind(task.expression);
    if (task.room != 0) query.bind(task.room);
    if (!task.query.from.empty()) query.bind(task.query.from);
    if (task.query.after) query.bind(task.after);
    if (task.query.before) query.bind(task.before);
    query.bind(by_words ? whole_blocks(wanted) : wanted);
}

bool Search::find(const Task& task, std::vector<Match>& matches, bool& cut_short) {
    Statement statement(database_, task.expression.empty()
                                       ? plain_sql(task.where, task.room != 0)
                                       : words_sql("word_rank(words)", task.where));
    const WorkBound bound(database_.handle());
    Query query(statement);
    bind(query, task);
    while (query.next())
        matches.push_back({query.integer(0), query.real(1)});
    cut_short = bound.reached();
    if (query.failed() && !cut_short) return false;
    rank_in_blocks(matches);
    return true;
}

void Search::rank_in_blocks(std::vector<Match>& matches) {
    for (std::size_t begin = 0; begin < matches.size(); begin += limits::search_ranked_max) {
        const std::size_t count =
            std::min<std::size_t>(limits::search_ranked_max, matches.size() - begin);
        const auto block = std::span(matches).subspan(begin, count);
        std::sort(block.begin(), block.end(), [](const Match& left, const Match& right) {
            return left.rank != right.rank ? left.rank < right.rank : left.event > right.event;
        });
    }
}

bool Search::show(std::int64_t event, std::vector<std::int64_t>& shown,
                  std::vector<wire::SearchHit>& hits) {
    Query query(event_, event);
    if (!query.next()) return !query.failed();
    const Room* const room = rooms_.find(query.integer(0));
    if (room == nullptr) return !rooms_.failed();
    hits.push_back({.event = read_event(query, 1, room->name), .excerpt = {}});
    shown.push_back(event);
    return true;
}

// FTS5 makes an excerpt only where it walks the index, and beginning such a walk costs more, the
// more is kept. So the walk that found the matches is done again, once, as far as the last of them.
bool Search::add_excerpts(const Task& task, const std::vector<std::int64_t>& shown,
                          std::vector<wire::SearchHit>& hits) {
    if (task.expression.empty()) {
        for (wire::SearchHit& hit : hits)
            hit.excerpt = beginning_of(hit.event.body);
        return true;
    }
    if (shown.empty()) return true;
    Statement statement(database_, words_sql(excerpt_column(shown), task.where));
    Query query(statement, mark_open, mark_close, ellipsis);
    bind(query, task);
    for (std::size_t left = shown.size(); left > 0 && query.next();) {
        const auto found = std::find(shown.begin(), shown.end(), query.integer(0));
        if (found == shown.end()) continue;
        hits[static_cast<std::size_t>(found - shown.begin())].excerpt = query.text(1);
        --left;
    }
    return !query.failed();
}

}  // namespace chatd::store
