// `chatcli msg`, `who`, `search` and `export`: questions to a server, and their answers printed.

#include <fmt/core.h>

#include <algorithm>

#include "chatd/base/limits.hpp"
#include "chatd/wire/json_reader.hpp"
#include "chatd/wire/json_text.hpp"
#include "chatd/wire/notification.hpp"
#include "chatd/wire/text_reply.hpp"
#include "commands.hpp"
#include "errand.hpp"
#include "event_lines.hpp"
#include "paint.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;
using wire::JsonObject;
using wire::JsonValue;

/// Asks when it is online, again after a cut if that does no harm, and hands each answer on.
class Asking {
public:
    Asking(const ErrandOptions& options, std::vector<std::string> rooms, bool repeatable)
        : errand(options, std::move(rooms)), repeatable_(repeatable) {
        errand.on_event = [this](client::Event& event) { take(event); };
    }
    virtual ~Asking() = default;

    int run() { return errand.run(); }

protected:
    virtual void begin() = 0;
    virtual void answered(const JsonValue& result) = 0;

    void ask(std::string_view method, const std::string& params) {
        const auto kind = repeatable_ ? client::CallKind::kept : client::CallKind::now;
        asked_ = errand.session().call(method, params, kind);
    }

    Errand errand;

private:
    void take(const client::Event& event) {
        if (std::holds_alternative<client::Online>(event) && asked_ == 0) return begin();
        const auto* answer = std::get_if<client::Answer>(&event);
        if (answer == nullptr || answer->id != asked_) return;
        if (answer->error && answer->error->code == "OFFLINE") {
            return errand.finish(
                ExitCode::io_error,
                "the connection was lost before the answer came; it may be done or not.");
        }
        if (answer->error) return errand.refused(answer->error->text);
        const auto result = reader_.read(as_bytes(answer->result));
        if (!result)
            return errand.finish(ExitCode::failed, "the server's answer is not understood.");
        answered(*result);
    }

    bool repeatable_;
    std::uint64_t asked_ = 0;
    wire::JsonReader reader_{client::session_line_bytes_max, client::session_depth_max};
};

// What stands in an answer, as one line.
std::string written(const JsonValue& result) {
    return std::string(result.written()) + '\n';
}

class Msg : public Asking {
public:
    explicit Msg(const MsgOptions& options)
        : Asking(options.errand, {}, false), options_(options) {}

private:
    void begin() override {
        std::string params;
        JsonObject object(params);
        object.text("nick", options_.to);
        object.text("body", options_.text);
        object.close();
        ask("msg", params);
    }

    void answered(const JsonValue& result) override {
        const auto kept = result.find("kept");
        if (options_.errand.json) {
            errand.print(written(result));
        } else if (kept && kept->truth()) {
            errand.print(fmt::format("{} is away; it is kept until they return.\n", options_.to));
        }
        errand.finish(ExitCode::ok);
    }

    const MsgOptions& options_;
};

class Who : public Asking {
public:
    explicit Who(const WhoOptions& options)
        : Asking(options.errand, {options.room}, true), options_(options) {}

private:
    void begin() override {
        std::string params;
        JsonObject object(params);
        object.text("room", options_.room);
        object.close();
        ask("who", params);
    }

    // Whoever asks is there only to ask.
    void answered(const JsonValue& result) override {
        std::vector<std::string> nicks;
        if (const auto listed = result.find("nicks")) {
            for (const JsonValue nick : *listed) {
                if (nick.text() != errand.session().nick()) nicks.emplace_back(nick.text());
            }
        }
        const auto total = result.find("total");
        const std::uint64_t count = total ? total->integer().value_or(0) : 0;
        std::sort(nicks.begin(), nicks.end());
        errand.print(options_.errand.json ? object_of(result, nicks, count)
                                          : lines_of(nicks, count));
        errand.finish(ExitCode::ok);
    }

    static std::string lines_of(const std::vector<std::string>& nicks, std::uint64_t count) {
        std::string lines;
        for (const std::string& nick : nicks)
            lines += safe(nick) + '\n';
        if (nicks.size() + 1 < count) lines += fmt::format("... {} in all\n", count - 1);
        return lines;
    }

    static std::string object_of(const JsonValue& result, const std::vector<std::string>& nicks,
                                 std::uint64_t count) {
        std::string line;
        JsonObject object(line);
        const auto room = result.find("room");
        object.text("room", room ? room->text() : "");
        object.name("nicks");
        wire::append_json_array(
            line, nicks, [&](const std::string& nick) { wire::append_json_string(line, nick); });
        object.integer("total", count > 0 ? count - 1 : 0);
        object.close();
        return line + '\n';
    }

    const WhoOptions& options_;
};

class Search : public Asking {
public:
    explicit Search(const SearchOptions& options)
        : Asking(options.errand, {}, true), options_(options), left_(options.limit) {}

private:
    void begin() override {
        std::string params;
        JsonObject object(params);
        object.text("query", options_.query);
        if (!options_.room.empty()) object.text("room", options_.room);
        object.integer("limit", std::min(left_, limits::search_hits_max));
        if (options_.limit > left_) object.integer("skip", options_.limit - left_);
        object.close();
        ask("search", params);
    }

    void answered(const JsonValue& result) override {
        const auto hits = result.find("hits");
        const auto more = result.find("more");
        std::uint32_t count = 0;
        if (hits) {
            for (const JsonValue hit : *hits) {
                print(hit);
                ++count;
            }
        }
        found_ = found_ || count > 0;
        left_ -= std::min(count, left_);
        if (count > 0 && left_ > 0 && more && more->truth()) return begin();
        if (!found_) return errand.finish(ExitCode::failed, "nothing was found.");
        errand.finish(ExitCode::ok);
    }

    void print(const JsonValue& hit) {
        if (options_.errand.json) return errand.print(written(hit));
        const auto event = hit.find("event");
        const auto excerpt = hit.find("excerpt");
        auto kept = event ? wire::read_listed_event(*event) : std::nullopt;
        if (!kept || !excerpt) return;
        wire::SearchReply reply;
        reply.hits.push_back({with_safe_names(std::move(*kept)), std::string(excerpt->text())});
        std::string lines;
        wire::append_text_reply(lines, "SEARCH", reply);
        // Without what makes an entry of a list of them, and without the list's end.
        wire::for_each_reply_line(lines, [&](std::string_view line) {
            if (line.starts_with("-- ")) errand.print(std::string(line.substr(3)) + '\n');
        });
    }

    const SearchOptions& options_;
    std::uint32_t left_;
    bool found_ = false;
};

class Export : public Asking {
public:
    explicit Export(const ExportOptions& options)
        : Asking(options.errand, {options.room}, true),
          options_(options),
          after_(options.since.value_or(Position{1, 0})) {}

private:
    void begin() override {
        std::string params;
        JsonObject object(params);
        object.text("room", options_.room);
        object.position("after", after_);
        object.integer("limit", limits::history_page_max);
        object.close();
        ask("history", params);
    }

    void answered(const JsonValue& result) override {
        std::string lines;
        bool any = false;
        if (const auto events = result.find("events")) {
            for (const JsonValue event : *events) {
                auto kept = wire::read_listed_event(event);
                if (!kept) continue;
                after_ = kept->at;
                const UnixMs ts = time_of(kept->id);
                append_json_line(lines, {std::move(*kept), ts});
                any = true;
            }
        }
        found_ = found_ || any;
        errand.print(lines);
        const auto more = result.find("more");
        if (any && more && more->truth() && !errand.finished()) return begin();
        if (!found_ && !options_.since) {
            return errand.finish(ExitCode::failed,
                                 fmt::format("the room {} has no messages.", options_.room));
        }
        errand.finish(ExitCode::ok);
    }

    const ExportOptions& options_;
    Position after_;
    bool found_ = false;
};

}  // namespace

int run_command(const MsgOptions& options) {
    return Msg(options).run();
}
int run_command(const WhoOptions& options) {
    return Who(options).run();
}
int run_command(const SearchOptions& options) {
    return Search(options).run();
}
int run_command(const ExportOptions& options) {
    return Export(options).run();
}

}  // namespace chatd::terminal
