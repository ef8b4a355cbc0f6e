#include "completion.hpp"

#include <algorithm>
#include <array>

#include "chatd/base/ascii.hpp"
#include "chatd/wire/text_request.hpp"

namespace chatd::terminal {

namespace {

using Words = std::vector<std::string>;

constexpr std::size_t candidates_max = 1000;

bool begins_with(std::string_view word, std::string_view typed) noexcept {
    return equal_without_case(word.substr(0, typed.size()), typed);
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) noexcept {
    return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 4> with_room{"/join", "/leave", "/who", "/history"};
constexpr std::array<std::string_view, 3> with_own_number{"/edit", "/redact", "/read"};
constexpr std::array<std::string_view, 2> with_others_number{"/reply", "/react"};

/// What is before the word that is completed: the command, and how many words stand between.
struct Before {
    std::string command;
    std::size_t words = 0;
};

Before read_before(std::string_view line) {
    Before before;
    while (true) {
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (line.empty()) return before;
        const std::string_view word = line.substr(0, line.find(' '));
        if (before.words++ == 0) {
            for (const char byte : word)
                before.command += ascii_lower(byte);
        }
        line.remove_prefix(word.size());
    }
}

void add_all(Words& out, const Words& words, std::string_view typed, std::string_view prefix,
             std::string_view suffix) {
    for (const std::string& word : words) {
        if (out.size() == candidates_max) return;
        if (!begins_with(word, typed)) continue;
        out.push_back(std::string(prefix) + word + std::string(suffix));
    }
}

Words candidates_of(const Before& before, std::string_view typed, const Vocabulary& vocabulary) {
    Words out;
    if (before.words == 0 && typed.starts_with('/')) {
        add_all(out, vocabulary.commands, typed, "", " ");
    } else if (typed.starts_with('#')) {
        add_all(out, vocabulary.rooms, typed.substr(1), "#", " ");
    } else if (before.words == 1 && is_one_of(before.command, with_room)) {
        add_all(out, vocabulary.rooms, typed, "#", " ");
    } else if (before.words == 1 && is_one_of(before.command, with_own_number)) {
        add_all(out, vocabulary.own_numbers, typed, "", " ");
    } else if (before.words == 1 && is_one_of(before.command, with_others_number)) {
        add_all(out, vocabulary.others_numbers, typed, "", " ");
    } else if (!typed.empty() || before.command == "/msg") {
        add_all(out, vocabulary.nicks, typed, "", before.words == 0 ? ": " : " ");
    }
    return out;
}

}  // namespace

Words known_commands() {
    Words commands;
    for (const std::string_view line : wire::help_lines()) {
        const std::string_view word = line.substr(0, line.find(' '));
        if (!word.starts_with("//")) commands.emplace_back(word);
    }
    return commands;
}

Completion::Completion(std::string_view line, std::size_t cursor, const Vocabulary& vocabulary) {
    const std::string_view before = line.substr(0, cursor);
    const std::size_t blank = before.find_last_of(' ');
    begin_ = blank == std::string_view::npos ? 0 : blank + 1;
    end_ = cursor;
    candidates_ =
        candidates_of(read_before(before.substr(0, begin_)), before.substr(begin_), vocabulary);
}

const std::string& Completion::choose(int step) {
    const std::size_t count = candidates_.size();
    if (begun_) {
        chosen_ = (chosen_ + (step < 0 ? count - 1 : 1)) % count;
    } else if (step < 0) {
        chosen_ = count - 1;
    }
    begun_ = true;
    end_ = begin_ + candidates_[chosen_].size();
    return candidates_[chosen_];
}

}  // namespace chatd::terminal
