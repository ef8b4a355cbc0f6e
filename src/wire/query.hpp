#pragma once
// What a URL says in percent-encoding (RFC 3986 2.1), decoded: path segments and query parameters.
// Strict: what is not UTF-8, or holds NUL, is no text. Values own their bytes. Any thread.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatd::wire {

/// Decodes one path segment or one half of a parameter; '+' is a blank in a query alone. Nothing
/// when a '%' lacks its two hex digits, or the result holds NUL or is not UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank);

/// The parameters of a query, `name=value` between '&'; no '=' is an empty value.
class Query {
public:
    /// Refused, with a sentence, are bad encodings, a name given twice, which two readers could
    /// take for different values, and more than limits::http_parameters_max.
    static std::expected<Query, std::string_view> decode(std::string_view query);

    /// The value of that parameter, nullptr when it is not given.
    const std::string* find(std::string_view name) const noexcept;

private:
    struct Parameter {
        std::string name;
        std::string value;
    };
    std::vector<Parameter> parameters_;
};

}  // namespace chatd::wire
