#pragma once
// The served OpenRPC document, and what is said over JSON-RPC held against it. Problems are texts
// that say what and where; empty means that all is as described.

#include <string>
#include <string_view>

#include "chatd/wire/json_rpc.hpp"
#include "chatd/wire/openrpc.hpp"
#include "support/json.hpp"
#include "support/json_schema.hpp"

namespace chatd::test {

class OpenRpc {
public:
    OpenRpc() : text_(wire::openrpc_document()), schemas_(text_.value()) {}

    const wire::JsonValue& root() const { return text_.value(); }
    const JsonSchemas& schemas() const { return schemas_; }

    std::optional<wire::JsonValue> method(std::string_view name) const {
        return named("methods", name);
    }
    std::optional<wire::JsonValue> notification(std::string_view name) const {
        return named("x-notifications", name);
    }

    bool may_refuse(std::string_view method_name, std::string_view code) const {
        const auto described = method(method_name);
        if (!described) return false;
        const wire::JsonValue codes = *described->find("x-refusals");
        return std::any_of(codes.begin(), codes.end(),
                           [&](const wire::JsonValue& known) { return known.text() == code; });
    }

    std::string misfit_of_result(std::string_view method_name,
                                 const wire::JsonValue& result) const {
        const auto described = method(method_name);
        if (!described) return std::string(method_name) + " is no method, and has a result";
        return schemas_.misfit(*described->find("result")->find("schema"), result,
                               std::string(method_name));
    }

    std::string misfit_of_notification(std::string_view name, const wire::JsonValue& params) const {
        const auto described = notification(name);
        if (!described) return std::string(name) + " is no notification";
        return schemas_.misfit(*described->find("params"), params, std::string(name));
    }

    /// An error that a method was answered with; an empty name for what was no call at all.
    std::string misfit_of_error(std::string_view method_name, const wire::JsonValue& error) const {
        const std::string code(error.find("code")->written());
        const auto data = error.find("data");
        const std::string where = std::string(method_name) + " with " + code;
        const auto detail = data ? data->find("detail") : std::nullopt;
        if (code == std::to_string(wire::rpc_code::refused)) {
            return misfit_of_refusal(method_name, error);
        }
        if (code == std::to_string(wire::rpc_code::method_not_found)) {
            if (method(method_name)) return where + " is a method";
            return detail ? "" : where + " says not where the methods are listed";
        }
        if (code == std::to_string(wire::rpc_code::invalid_params)) {
            if (!method(method_name)) return where + " is no method";
            return detail ? "" : where + " says not which member does not fit";
        }
        // What is no call is no method's doing.
        return method_name.empty() ? "" : where + " answers a call";
    }

private:
    std::string misfit_of_refusal(std::string_view method_name,
                                  const wire::JsonValue& error) const {
        const auto data = error.find("data");
        const auto code = data ? data->find("code") : std::nullopt;
        if (!code) return std::string(method_name) + " is refused without data.code";
        const std::string where = std::string(method_name) + " with " + std::string(code->text());
        if (!may_refuse(method_name, code->text())) return where + " is not among its x-refusals";
        const auto described = root().find("x-refusals")->find(code->text());
        if (!described) return where + " is not among the x-refusals";
        if (described->find("message")->text() != error.find("message")->text()) {
            return where + " has another message";
        }
        const auto retry = data->find("retry");
        const bool same = retry && retry->truth() == described->find("retry")->truth();
        return same ? "" : where + " has another retry";
    }

    std::optional<wire::JsonValue> named(std::string_view list, std::string_view name) const {
        const wire::JsonValue all = *root().find(list);
        for (const wire::JsonValue one : all) {
            if (one.find("name")->text() == name) return one;
        }
        return std::nullopt;
    }

    JsonText text_;
    JsonSchemas schemas_;
};

}  // namespace chatd::test
