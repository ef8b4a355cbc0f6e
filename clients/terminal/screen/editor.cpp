#include "editor.hpp"

#include <utility>

#include "glyphs.hpp"

namespace chatd::terminal {

namespace {

bool is_blank(char byte) noexcept {
    return byte == ' ' || byte == '\t';
}

}  // namespace

bool Editor::insert(std::string_view utf8_text) {
    return replace(cursor_, cursor_, utf8_text);
}

bool Editor::replace(std::size_t begin, std::size_t end, std::string_view utf8_text) {
    if (text_.size() - (end - begin) + utf8_text.size() > bytes_max) return false;
    text_.replace(begin, end - begin, utf8_text);
    cursor_ = begin + utf8_text.size();
    return true;
}

void Editor::left() noexcept {
    cursor_ = cluster_before(text_, cursor_);
}

void Editor::right() noexcept {
    cursor_ = cluster_after(text_, cursor_);
}

void Editor::word_left() noexcept {
    while (cursor_ > 0 && is_blank(text_[cursor_ - 1]))
        --cursor_;
    while (cursor_ > 0 && !is_blank(text_[cursor_ - 1]))
        --cursor_;
}

void Editor::word_right() noexcept {
    while (cursor_ < text_.size() && is_blank(text_[cursor_]))
        ++cursor_;
    while (cursor_ < text_.size() && !is_blank(text_[cursor_]))
        ++cursor_;
}

void Editor::erase_left() {
    const std::size_t begin = cluster_before(text_, cursor_);
    text_.erase(begin, cursor_ - begin);
    cursor_ = begin;
}

void Editor::erase_right() {
    text_.erase(cursor_, cluster_after(text_, cursor_) - cursor_);
}

void Editor::cut_word_left() {
    const std::size_t end = cursor_;
    word_left();
    cut(cursor_, end);
}

void Editor::cut_to_home() {
    cut(0, cursor_);
}

void Editor::cut_to_end() {
    cut(cursor_, text_.size());
}

void Editor::paste() {
    insert(cut_);
}

void Editor::cut(std::size_t begin, std::size_t end) {
    if (begin == end) return;
    cut_ = text_.substr(begin, end - begin);
    text_.erase(begin, end - begin);
    cursor_ = begin;
}

void Editor::older() {
    if (shown_ == 0) return;
    if (shown_ == kept_.size()) typed_ = std::move(text_);
    show(kept_[--shown_]);
}

void Editor::newer() {
    if (shown_ == kept_.size()) return;
    ++shown_;
    show(shown_ == kept_.size() ? std::exchange(typed_, {}) : kept_[shown_]);
}

void Editor::show(std::string text) {
    text_ = std::move(text);
    cursor_ = text_.size();
}

void Editor::clear() {
    show({});
    typed_.clear();
    shown_ = kept_.size();
}

std::string Editor::submit() {
    std::string line = std::move(text_);
    if (!line.empty() && (kept_.empty() || kept_.back() != line)) {
        if (kept_.size() == lines_kept_max) kept_.pop_front();
        kept_.push_back(line);
    }
    clear();
    return line;
}

}  // namespace chatd::terminal
