#pragma once
// Drives a screen model in tests: keys typed, events of a server that is not there, and what is
// drawn of it all. Header only; for one test at a time.

#include <clocale>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "screen/draw.hpp"
#include "screen/model.hpp"

namespace chatd::terminal {

inline constexpr UnixMs friday = 1795787000000;  // 2026-11-27T13:43:20Z

/// What the screen asks of the process: UTF-8, and here a zone that is the same everywhere.
inline void use_utf8() {
    std::setlocale(LC_CTYPE, "C.UTF-8");
}
inline void use_utf8_and_utc() {
    use_utf8();
    ::setenv("TZ", "UTC", 1);
    ::tzset();
}

class ScreenDriver {
public:
    explicit ScreenDriver(std::size_t rows = 24, std::size_t columns = 80,
                          const std::vector<std::string>& rooms = {})
        : model("me", rooms) {
        use_utf8_and_utc();
        model.set_now(friday);
        model.set_size(rows, columns);
    }

    void type(std::string_view text) {
        while (!text.empty())
            model.pressed({.kind = Key::Kind::text, .text = std::string(take_cluster(text).text)});
    }
    void press(Key::Kind kind) { model.pressed({.kind = kind}); }
    void press_control(char letter) {
        model.pressed({.kind = Key::Kind::control, .letter = letter});
    }
    void press_alt(char letter) { model.pressed({.kind = Key::Kind::alt, .letter = letter}); }
    void click(std::size_t row, std::size_t column) {
        model.pressed({.kind = Key::Kind::click, .place = {row, column}});
    }
    void enter(std::string_view line) {
        type(line);
        press(Key::Kind::enter);
    }

    /// The connection comes up in these rooms, each standing at `last`.
    void go_online(const std::vector<std::string>& rooms, Position last = {}) {
        model.set_connection(
            {.state = Connection::State::online, .rtt = std::chrono::milliseconds(3)});
        client::Online online{.nick = "me", .token = "t", .resumed = false, .rooms = {}};
        for (const std::string& room : rooms)
            online.rooms.push_back({.room = room,
                                    .at = last,
                                    .others = 1,
                                    .topic = {},
                                    .recovered = {},
                                    .missing_from = {},
                                    .missing_to = {}});
        model.happened(online);
    }
    void say(std::string room, Seq seq, std::string from, std::string body, std::string key = {}) {
        client::Message message;
        message.room = std::move(room);
        message.at = {1, seq};
        message.ts = friday;
        message.own = from == "me";
        message.from = std::move(from);
        message.body = std::move(body);
        message.key = std::move(key);
        model.happened(message);
    }

    /// The wishes since the last call, as words: "ask who {"room":"dev"}".
    std::vector<std::string> wishes() {
        std::vector<std::string> words;
        for (const Wish& wish : model.take_wishes())
            words.push_back(std::visit(*this, wish));
        return words;
    }
    std::string last_wish() {
        const std::vector<std::string> all = wishes();
        return all.empty() ? std::string() : all.back();
    }
    std::string operator()(const SayWish& say) {
        return "say " + say.room + " " + (say.action ? "/me " : "") + say.body +
               (say.reply_to ? " re " + std::to_string(say.reply_to.epoch) + ":" +
                                   std::to_string(say.reply_to.seq)
                             : "");
    }
    std::string operator()(const AskWish& ask) {
        asked.emplace_back(ask);
        return "ask " + ask.method + " " + ask.params;
    }
    std::string operator()(const EnterWish& enter) { return "enter " + enter.room; }
    std::string operator()(const ExitWish& exit) { return "exit " + exit.room; }
    std::string operator()(const RenameWish& rename) { return "rename " + rename.nick; }
    std::string operator()(const BellWish&) { return "bell"; }
    std::string operator()(const RedrawWish&) { return "redraw"; }
    std::string operator()(const SuspendWish&) { return "suspend"; }
    std::string operator()(const EndWish& end) {
        return "end " + std::to_string(end.status) + (end.for_good ? " for good" : "");
    }

    /// Answers the last question of that method; wishes() has been called since it was asked.
    bool answer(std::string_view method, std::string result) {
        return answer(method, std::move(result), {});
    }
    bool refuse(std::string_view method, std::string text) {
        return answer(method, {},
                      client::CallError{.rpc_code = -32000, .code = "NO", .text = std::move(text)});
    }

    std::vector<std::string> screen() const {
        const Picture picture = draw(model);
        std::vector<std::string> rows;
        for (std::size_t row = 0; row < picture.cells.rows(); ++row)
            rows.push_back(picture.cells.row_text(row));
        return rows;
    }
    std::string text() const { return draw(model).cells.text(); }
    bool shows(std::string_view wanted) const { return text().find(wanted) != std::string::npos; }

    Model model;
    std::vector<AskWish> asked;

private:
    bool answer(std::string_view method, std::string result,
                std::optional<client::CallError> error) {
        for (auto ask = asked.rbegin(); ask != asked.rend(); ++ask) {
            if (ask->method != method) continue;
            model.happened(client::Answer{.id = ask->question,
                                          .method = std::string(method),
                                          .result = std::move(result),
                                          .error = std::move(error)});
            asked.erase(std::next(ask).base());
            return true;
        }
        return false;
    }
};

}  // namespace chatd::terminal
