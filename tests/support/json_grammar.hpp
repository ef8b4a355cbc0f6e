#pragma once
// What is a JSON text, by the grammar of RFC 8259 alone: recursive descent over single bytes, the
// oracle that the reader is held against. Nothing is read, only judged.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/utf8.hpp"

namespace chatd::test {

class JsonGrammar {
public:
    /// Whether it is one value in UTF-8, with arrays and objects at most `depth_max` deep and no
    /// half of a surrogate pair in an escape.
    static bool accepts(std::string_view text, std::uint32_t depth_max) {
        if (!wire::utf8_valid(as_bytes(text))) return false;
        JsonGrammar grammar(text);
        return grammar.element(depth_max) && grammar.rest_.empty();
    }

private:
    explicit JsonGrammar(std::string_view text) : rest_(text) {}

    char front() const { return rest_.empty() ? '\0' : rest_.front(); }
    bool take(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take(std::string_view wanted) {
        if (!rest_.starts_with(wanted)) return false;
        rest_.remove_prefix(wanted.size());
        return true;
    }
    void blanks() {
        while (take(' ') || take('\t') || take('\r') || take('\n')) {
        }
    }

    bool element(std::uint32_t depth) {
        blanks();
        if (!value(depth)) return false;
        blanks();
        return true;
    }
    bool value(std::uint32_t depth) {
        switch (front()) {
            case '[':
                return depth > 0 && array(depth - 1);
            case '{':
                return depth > 0 && object(depth - 1);
            case '"':
                return string();
            case 't':
                return take(std::string_view("true"));
            case 'f':
                return take(std::string_view("false"));
            case 'n':
                return take(std::string_view("null"));
            default:
                return number();
        }
    }
    bool array(std::uint32_t depth) {
        take('[');
        blanks();
        if (take(']')) return true;
        do {
            if (!element(depth)) return false;
        } while (take(','));
        return take(']');
    }
    bool object(std::uint32_t depth) {
        take('{');
        blanks();
        if (take('}')) return true;
        do {
            blanks();
            if (!string()) return false;
            blanks();
            if (!take(':') || !element(depth)) return false;
        } while (take(','));
        return take('}');
    }

    bool string() {
        if (!take('"')) return false;
        while (!take('"')) {
            if (rest_.empty() || static_cast<unsigned char>(rest_.front()) < 0x20) return false;
            const bool fits = take('\\') ? escape() : take(rest_.front());
            if (!fits) return false;
        }
        return true;
    }
    bool escape() {
        for (const char plain : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) {
            if (take(plain)) return true;
        }
        const auto unit = code_unit();
        if (!unit || (*unit >= 0xdc00 && *unit < 0xe000)) return false;
        if (*unit < 0xd800 || *unit >= 0xe000) return true;
        if (!take('\\')) return false;
        const auto low = code_unit();
        return low && *low >= 0xdc00 && *low < 0xe000;
    }
    std::optional<std::uint32_t> code_unit() {
        if (!take('u')) return std::nullopt;
        std::uint32_t unit = 0;
        for (int digit = 0; digit < 4; ++digit) {
            constexpr std::string_view digits = "0123456789abcdef";
            const char lower =
                front() >= 'A' && front() <= 'F' ? static_cast<char>(front() - 'A' + 'a') : front();
            const std::size_t digit_value = rest_.empty() ? digits.npos : digits.find(lower);
            if (digit_value == digits.npos) return std::nullopt;
            rest_.remove_prefix(1);
            unit = unit * 16 + static_cast<std::uint32_t>(digit_value);
        }
        return unit;
    }

    bool digits() {
        bool any = false;
        for (; front() >= '0' && front() <= '9'; any = true)
            rest_.remove_prefix(1);
        return any;
    }
    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (!take('e') && !take('E')) return true;
        if (!take('+')) take('-');
        return digits();
    }

    std::string_view rest_;
};

}  // namespace chatd::test
