#include "conversation.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "chatd/wire/shown.hpp"
#include "terminal/paint.hpp"

namespace chatd::terminal {

namespace {

Position position_of(const Item& item) noexcept {
    return std::visit([](const auto& one) { return one.at; }, item);
}

}  // namespace

const Entry* Conversation::find(Position at) const noexcept {
    const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
                                    [at](const Entry& entry) { return entry.at == at; });
    return !at || found == entries_.rend() ? nullptr : &*found;
}

const Entry* Conversation::find(std::uint64_t serial) const noexcept {
    const std::size_t index = index_of(serial);
    return index < entries_.size() ? &entries_[index] : nullptr;
}

std::size_t Conversation::index_of(std::uint64_t serial) const noexcept {
    const auto found = std::lower_bound(
        entries_.begin(), entries_.end(), serial,
        [](const Entry& entry, std::uint64_t wanted) { return entry.serial < wanted; });
    if (found == entries_.end() || found->serial != serial) return entries_.size();
    return static_cast<std::size_t>(found - entries_.begin());
}

bool Conversation::has_key(std::string_view from, std::string_view key) const noexcept {
    return std::any_of(entries_.rbegin(), entries_.rend(),
                       [&](const Entry& entry) { return entry.key == key && entry.from == from; });
}

bool Conversation::append(Entry entry) {
    const bool full = entries_.size() >= entries_max && !scroll.following;
    if (entry.at && (more_after_ || full)) {
        more_after_ = true;
        dropped_ = std::max(dropped_, entry.at);
        return false;
    }
    if (entry.at && entry.at <= newest_) return true;  // a page had it already
    note(entry.at);
    entry.serial = serial_next_++;
    apply_known(entry);
    entries_.push_back(std::move(entry));
    while (entries_.size() > entries_max)
        drop_oldest();
    return true;
}

void Conversation::change(Change change) {
    if (change.at > newest_ && !more_after_) newest_ = change.at;
    for (Entry& entry : entries_) {
        if (entry.at == change.target) apply(entry, change);
    }
    remember(std::move(change));
}

void Conversation::add_older(Page page, bool more) {
    more_before_ = more;
    const Position edge = oldest_;
    const auto is_new = [edge](const Item& item) { return !edge || position_of(item) < edge; };
    std::erase_if(page, [&](const Item& item) { return !is_new(item); });
    // First all changes: an entry takes them in their order.
    for (const Item& item : page) {
        note(position_of(item));
        if (const auto* change = std::get_if<Change>(&item)) remember(*change);
    }
    for (Item& item : page | std::views::reverse) {
        auto* entry = std::get_if<Entry>(&item);
        if (entry == nullptr) continue;
        apply_known(*entry);
        entry->serial = --serial_first_;
        entries_.push_front(std::move(*entry));
    }
    while (entries_.size() > entries_max)
        drop_newest();
}

void Conversation::add_newer(Page page, bool more) {
    const Position before = newest_;
    for (Item& item : page) {
        if (position_of(item) <= newest_) continue;
        if (auto* change = std::get_if<Change>(&item)) {
            newest_ = change->at;
            this->change(std::move(*change));
            continue;
        }
        Entry& entry = std::get<Entry>(item);
        note(entry.at);
        entry.serial = serial_next_++;
        apply_known(entry);
        entries_.push_back(std::move(entry));
    }
    // What came live after the server read the page is after it. One that brings nothing has it
    // not.
    more_after_ = more || (newest_ > before && newest_ < dropped_);
    if (!more_after_) dropped_ = {};
    while (entries_.size() > entries_max)
        drop_oldest();
}

void Conversation::replace(Page page, bool more_before, bool more_after) {
    entries_.clear();
    oldest_ = newest_ = {};
    more_after_ = false;
    add_newer(std::move(page), more_after);
    more_before_ = more_before;
}

void Conversation::note(Position at) noexcept {
    if (!at) return;
    if (!oldest_ || at < oldest_) oldest_ = at;
    if (at > newest_) newest_ = at;
}

void Conversation::apply(Entry& entry, const Change& change) {
    switch (change.kind) {
        case Change::Kind::edited:
            if (entry.removed) return;
            entry.body = change.body;
            entry.edited = true;
            return;
        case Change::Kind::redacted:
            entry.body.clear();
            entry.removed = true;
            entry.reactions.clear();
            return;
        case Change::Kind::reacted:
            break;
    }
    auto& reactions = entry.reactions;
    auto found = std::find_if(reactions.begin(), reactions.end(), [&](const Reaction& reaction) {
        return reaction.word == change.body;
    });
    if (found == reactions.end()) {
        if (change.off) return;
        found = reactions.insert(reactions.end(), Reaction{change.body, {}});
    }
    std::erase(found->from, change.from);
    if (!change.off) found->from.push_back(change.from);
    if (found->from.empty()) reactions.erase(found);
}

void Conversation::apply_known(Entry& entry) {
    if (!entry.at) return;
    auto [first, last] = changes_.equal_range(entry.at);
    std::vector<const Change*> known;
    for (; first != last; ++first)
        known.push_back(&first->second);
    std::sort(known.begin(), known.end(),
              [](const Change* one, const Change* other) { return one->at < other->at; });
    for (const Change* change : known)
        apply(entry, *change);
}

void Conversation::remember(Change change) {
    const auto [first, last] = changes_.equal_range(change.target);
    const bool known =
        std::any_of(first, last, [&](const auto& one) { return one.second.at == change.at; });
    if (known) return;
    if (changes_.size() == changes_max) changes_.erase(changes_.begin());
    changes_.emplace(change.target, std::move(change));
}

void Conversation::drop_newest() {
    entries_.pop_back();
    more_after_ = true;
    const auto last = std::find_if(entries_.rbegin(), entries_.rend(),
                                   [](const Entry& entry) { return bool(entry.at); });
    newest_ = last == entries_.rend() ? Position{} : last->at;
}

void Conversation::drop_oldest() {
    const bool numbered = bool(entries_.front().at);
    entries_.pop_front();
    if (!numbered) return;
    more_before_ = true;
    const auto first = std::find_if(entries_.begin(), entries_.end(),
                                    [](const Entry& entry) { return bool(entry.at); });
    oldest_ = first == entries_.end() ? Position{} : first->at;
}

std::string safe_lines(std::string_view text) {
    std::string out;
    wire::for_each_line(text, [&out](std::string_view line) {
        if (!out.empty()) out += '\n';
        append_safe(out, line);
    });
    return out;
}

}  // namespace chatd::terminal
