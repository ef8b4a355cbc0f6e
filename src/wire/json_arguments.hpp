#pragma once
// The arguments of one call, matched to the parameters of its method and checked one by one, so
// that making a request of them is a matter of names. Borrows from the call; valid while it is.

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/wire/json_request.hpp"
#include "chatd/wire/json_value.hpp"

namespace chatd::wire {

inline constexpr std::size_t json_params_max = 8;  // of one method

class JsonArguments {
public:
    /// `params` are the call's, an array or an object if any. The error names the member and says
    /// what is wrong with it.
    static std::expected<JsonArguments, std::string> match(const JsonMethod& method,
                                                           std::optional<JsonValue> params,
                                                           std::size_t datagram_bytes_max);

    // Each takes the name of a parameter of that kind.
    bool has(const JsonName& name) const noexcept { return value(name).has_value(); }
    std::string_view text(const JsonName& name) const noexcept;
    std::optional<std::string_view> optional_text(const JsonName& name) const noexcept;
    std::uint64_t integer(const JsonName& name, std::uint64_t otherwise) const noexcept;
    std::uint32_t integer32(const JsonName& name, std::uint32_t otherwise) const noexcept;
    bool boolean(const JsonName& name, bool otherwise) const noexcept;
    std::optional<bool> optional_boolean(const JsonName& name) const noexcept;
    Position position(const JsonName& name) const noexcept;
    std::optional<Position> optional_position(const JsonName& name) const noexcept;
    std::optional<SlowReader> slow_reader(const JsonName& name) const noexcept;
    std::optional<std::vector<RoomSince>> rooms(const JsonName& name) const;

    std::size_t datagram_bytes_max() const noexcept { return datagram_bytes_max_; }

private:
    JsonArguments(const JsonMethod& method, std::size_t datagram_bytes_max) noexcept
        : method_(&method), datagram_bytes_max_(datagram_bytes_max) {}

    void take_by_name(const JsonValue& params) noexcept;
    std::string take_by_position(const JsonValue& params);
    std::string problem() const;
    std::optional<JsonValue> value(const JsonName& name) const noexcept;

    const JsonMethod* method_;
    std::size_t datagram_bytes_max_;
    std::array<std::optional<JsonValue>, json_params_max> values_{};  // as method_->params
};

}  // namespace chatd::wire
