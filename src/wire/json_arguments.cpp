#include "wire/json_arguments.hpp"

#include "chatd/base/assert.hpp"
#include "chatd/base/limits.hpp"

namespace chatd::wire {

namespace {

constexpr std::string_view missing = ": is missing";
constexpr JsonParam room_param{.name = "room", .max = limits::line_bytes_max};
constexpr JsonParam since_param{.name = "since", .kind = JsonParamKind::position};
constexpr JsonParam slow_reader_param{.name = "slow_reader", .kind = JsonParamKind::slow_reader};

// Problems are "member: what is wrong", or empty.

std::string text_problem(const JsonParam& param, const std::string& path, const JsonValue& value) {
    if (!value.is(JsonKind::string)) return path + ": must be a string";
    const std::string_view text = value.text();
    if (text.size() < param.min) return path + ": must not be empty";
    if (text.size() > param.max) {
        return path + ": has at most " + std::to_string(param.max) + " bytes";
    }
    if (text.find('\0') != std::string_view::npos) return path + ": must hold no NUL character";
    return {};
}

std::string integer_problem(std::uint64_t min, std::uint64_t max, const std::string& path,
                            const JsonValue& value) {
    const auto number = value.integer();
    if (number && *number >= min && *number <= max) return {};
    return path + ": must be an integer from " + std::to_string(min) + " to " + std::to_string(max);
}

std::string position_problem(bool epoch_required, const std::string& path, const JsonValue& value) {
    if (!value.is(JsonKind::object)) {
        return path + R"(: must be a position, {"epoch":1,"seq":41})";
    }
    const auto epoch = value.find("epoch");
    const auto seq = value.find("seq");
    if (!seq) return path + ".seq" + std::string(missing);
    if (!epoch && epoch_required) return path + ".epoch" + std::string(missing);
    if (epoch) {
        auto problem = integer_problem(1, json_integer_max, path + ".epoch", *epoch);
        if (!problem.empty()) return problem;
    }
    return integer_problem(0, json_integer_max, path + ".seq", *seq);
}

std::optional<SlowReader> slow_reader_of(std::string_view text) noexcept {
    if (text == "backfill") return SlowReader::backfill;
    if (text == "oldest") return SlowReader::oldest;
    if (text == "latest") return SlowReader::latest;
    if (text == "close") return SlowReader::close;
    return std::nullopt;
}

std::string value_problem(const JsonParam& param, const std::string& path, const JsonValue& value);

std::optional<JsonValue> given(const JsonValue& object, const JsonName& name) noexcept {
    const auto member = object.find(name);
    return member && !member->is(JsonKind::null) ? member : std::nullopt;
}

std::string room_since_problem(const std::string& path, const JsonValue& value) {
    if (value.is(JsonKind::string)) return text_problem(room_param, path, value);
    if (!value.is(JsonKind::object)) {
        return path + R"(: must be a room, "dev" or {"room":"dev","since":…})";
    }
    if (!given(value, room_param.name)) return path + ".room" + std::string(missing);
    for (const JsonParam& param : {room_param, since_param, slow_reader_param}) {
        const auto member = given(value, param.name);
        if (!member) continue;
        auto problem = value_problem(param, path + "." + std::string(param.name), *member);
        if (!problem.empty()) return problem;
    }
    return {};
}

std::string rooms_problem(const std::string& path, const JsonValue& value) {
    if (!value.is(JsonKind::array)) return path + ": must be an array of rooms";
    if (value.count() > limits::rooms_per_connection_max) {
        return path + ": has at most " + std::to_string(limits::rooms_per_connection_max) +
               " rooms";
    }
    std::size_t index = 0;
    for (const JsonValue room : value) {
        auto problem = room_since_problem(path + "[" + std::to_string(index++) + "]", room);
        if (!problem.empty()) return problem;
    }
    return {};
}

std::string value_problem(const JsonParam& param, const std::string& path, const JsonValue& value) {
    switch (param.kind) {
        case JsonParamKind::text:
            return text_problem(param, path, value);
        case JsonParamKind::integer:
            return integer_problem(param.min, param.max, path, value);
        case JsonParamKind::boolean:
            return value.is(JsonKind::boolean) ? std::string{} : path + ": must be true or false";
        case JsonParamKind::position:
            return position_problem(true, path, value);
        case JsonParamKind::target:
            return position_problem(false, path, value);
        case JsonParamKind::slow_reader:
            if (value.is(JsonKind::string) && slow_reader_of(value.text())) return {};
            return path + R"(: must be "backfill", "oldest", "latest" or "close")";
        case JsonParamKind::rooms:
            return rooms_problem(path, value);
    }
    return path;
}

Position position_of(const JsonValue& value) noexcept {
    return {value.integer_of("epoch"), value.integer_of("seq")};
}

RoomSince room_since_of(const JsonValue& value) noexcept {
    if (value.is(JsonKind::string)) return {.room = value.text()};
    RoomSince since;
    if (const auto room = given(value, room_param.name)) since.room = room->text();
    if (const auto at = given(value, since_param.name)) since.since = position_of(*at);
    if (const auto word = given(value, slow_reader_param.name)) {
        since.slow_reader = slow_reader_of(word->text());
    }
    return since;
}

}  // namespace

std::expected<JsonArguments, std::string> JsonArguments::match(const JsonMethod& method,
                                                               std::optional<JsonValue> params,
                                                               std::size_t datagram_bytes_max) {
    CHATD_ASSERT(method.params.size() <= json_params_max);
    JsonArguments arguments(method, datagram_bytes_max);
    if (params && params->is(JsonKind::object)) arguments.take_by_name(*params);
    if (params && params->is(JsonKind::array)) {
        auto problem = arguments.take_by_position(*params);
        if (!problem.empty()) return std::unexpected(std::move(problem));
    }
    auto problem = arguments.problem();
    if (!problem.empty()) return std::unexpected(std::move(problem));
    return arguments;
}

void JsonArguments::take_by_name(const JsonValue& params) noexcept {
    for (const JsonValue member : params) {
        for (std::size_t index = 0; index < method_->params.size(); ++index) {
            if (member.is_named(method_->params[index].name)) values_[index] = member;
        }
    }
}

std::string JsonArguments::take_by_position(const JsonValue& params) {
    if (params.count() > method_->params.size()) {
        return "params: has at most " + std::to_string(method_->params.size()) + " for this method";
    }
    std::size_t index = 0;
    for (const JsonValue element : params)
        values_[index++] = element;
    return {};
}

std::string JsonArguments::problem() const {
    for (std::size_t index = 0; index < method_->params.size(); ++index) {
        const JsonParam& param = method_->params[index];
        const auto& argument = values_[index];
        const bool is_given = argument && !argument->is(JsonKind::null);
        if (!is_given && param.required) return std::string(param.name) + std::string(missing);
        if (!is_given) continue;
        auto problem = value_problem(param, std::string(param.name), *argument);
        if (!problem.empty()) return problem;
    }
    return {};
}

std::optional<JsonValue> JsonArguments::value(const JsonName& name) const noexcept {
    for (std::size_t index = 0; index < method_->params.size(); ++index) {
        if (method_->params[index].name != name) continue;
        const auto& found = values_[index];
        return found && !found->is(JsonKind::null) ? found : std::nullopt;
    }
    CHATD_ASSERT(false);  // every name asked for stands in the method's own table
    return std::nullopt;
}

std::string_view JsonArguments::text(const JsonName& name) const noexcept {
    return optional_text(name).value_or(std::string_view{});
}

std::optional<std::string_view> JsonArguments::optional_text(const JsonName& name) const noexcept {
    const auto argument = value(name);
    if (!argument) return std::nullopt;
    return argument->text();
}

std::uint64_t JsonArguments::integer(const JsonName& name, std::uint64_t otherwise) const noexcept {
    const auto argument = value(name);
    return argument ? argument->integer().value_or(otherwise) : otherwise;
}

std::uint32_t JsonArguments::integer32(const JsonName& name,
                                       std::uint32_t otherwise) const noexcept {
    const std::uint64_t number = integer(name, otherwise);
    CHATD_ASSERT(number <= UINT32_MAX);  // the table's bound
    return static_cast<std::uint32_t>(number);
}

bool JsonArguments::boolean(const JsonName& name, bool otherwise) const noexcept {
    return optional_boolean(name).value_or(otherwise);
}

std::optional<bool> JsonArguments::optional_boolean(const JsonName& name) const noexcept {
    const auto argument = value(name);
    if (!argument) return std::nullopt;
    return argument->truth();
}

Position JsonArguments::position(const JsonName& name) const noexcept {
    return optional_position(name).value_or(Position{});
}

std::optional<Position> JsonArguments::optional_position(const JsonName& name) const noexcept {
    const auto argument = value(name);
    if (!argument) return std::nullopt;
    return position_of(*argument);
}

std::optional<SlowReader> JsonArguments::slow_reader(const JsonName& name) const noexcept {
    const auto argument = value(name);
    return argument ? slow_reader_of(argument->text()) : std::nullopt;
}

std::optional<std::vector<RoomSince>> JsonArguments::rooms(const JsonName& name) const {
    const auto argument = value(name);
    if (!argument) return std::nullopt;
    std::vector<RoomSince> rooms;
    rooms.reserve(argument->count());
    for (const JsonValue room : *argument)
        rooms.push_back(room_since_of(room));
    return rooms;
}

}  // namespace chatd::wire
