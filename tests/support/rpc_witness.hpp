#pragma once
// Overhears JSON-RPC and holds all of it against the OpenRPC document: each result against its
// method's schema, each error against the refusals that the method lists, each notification
// against its schema. A test program that includes support/rpc.hpp has one at every client that
// speaks JSON lines, whatever the test is about.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chatd/wire/sniff.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"
#include "support/openrpc.hpp"

namespace chatd::test {

/// One connection's, or one POST's, calls and what came back. Problems are failed checks.
class RpcConversation {
public:
    /// A whole text that was sent; what is not JSON asks for nothing.
    void sent(std::string_view text) {
        const auto value = reader_.read(as_bytes(text));
        if (!value) return;
        for_each(*value, [this](const wire::JsonValue& call) {
            const auto id = call.find("id");
            const auto method = call.find("method");
            if (id && method) asked_.emplace(id->written(), method->text());
        });
    }

    /// A whole text that came.
    void received(std::string_view text) {
        const auto value = reader_.read(as_bytes(text));
        INFO(text);
        CHECK(value);
        if (!value) return;
        for_each(*value, [this](const wire::JsonValue& answer) { CHECK(problem(answer) == ""); });
    }

    /// What was refused, as (method, data.code).
    const std::set<std::pair<std::string, std::string>>& refused() const { return refused_; }
    std::size_t answered_count() const { return answered_count_; }

private:
    template <class Visit>
    static void for_each(const wire::JsonValue& text, Visit&& visit) {
        if (!text.is(wire::JsonKind::array)) return visit(text);
        for (const wire::JsonValue entry : text)
            visit(entry);
    }

    std::string problem(const wire::JsonValue& told) {
        static const OpenRpc document;
        if (const auto method = told.find("method")) {
            return document.misfit_of_notification(method->text(), *told.find("params"));
        }
        ++answered_count_;
        const auto id = told.find("id");
        if (!id) return "an answer without id";
        std::string method;
        if (const auto asked = asked_.find(std::string(id->written())); asked != asked_.end()) {
            method = asked->second;
            asked_.erase(asked);
        } else if (!id->is(wire::JsonKind::null)) {
            return "nobody asked " + std::string(id->written());
        }
        if (const auto result = told.find("result")) {
            return document.misfit_of_result(method, *result);
        }
        const auto error = told.find("error");
        if (!error) return "neither result nor error";
        if (const auto data = error->find("data")) {
            const auto code = data->find("code");
            if (code) refused_.emplace(method, code->text());
        }
        return document.misfit_of_error(method, *error);
    }

    wire::JsonReader reader_{1 << 24, 64};
    std::multimap<std::string, std::string> asked_;
    std::set<std::pair<std::string, std::string>> refused_;
    std::size_t answered_count_ = 0;
};

/// A conversation in lines of JSON, whose bytes come in any pieces.
class RpcLines {
public:
    void sent(std::string_view bytes) {
        if (dialect_ == wire::Dialect::undecided) dialect_ = sniffer_.push(as_bytes(bytes));
        if (dialect_ == wire::Dialect::undecided) sent_ += bytes;
        if (dialect_ != wire::Dialect::json) return;
        for_each_line(sent_, bytes, [this](std::string_view line) { heard_.sent(line); });
    }
    void received(std::string_view bytes) {
        if (dialect_ != wire::Dialect::json) return;
        for_each_line(received_, bytes, [this](std::string_view line) { heard_.received(line); });
    }

private:
    template <class Visit>
    static void for_each_line(std::string& kept, std::string_view bytes, Visit&& visit) {
        kept += bytes;
        std::size_t begin = 0;
        for (std::size_t end; (end = kept.find('\n', begin)) != std::string::npos; begin = end + 1)
            visit(std::string_view(kept).substr(begin, end - begin));
        kept.erase(0, begin);
    }

    wire::Sniffer sniffer_;
    wire::Dialect dialect_ = wire::Dialect::undecided;
    std::string sent_;
    std::string received_;
    RpcConversation heard_;
};

/// Overhears every client of one driver.
class RpcWitness : public Witness {
public:
    void sent(const Client& client, std::string_view bytes) override {
        lines_[&client].sent(bytes);
    }
    void received(const Client& client, std::string_view bytes) override {
        lines_[&client].received(bytes);
    }

private:
    std::map<const Client*, RpcLines> lines_;
};

inline const bool witnessed = [] {
    EngineDriver::make_witness = []() -> std::unique_ptr<Witness> {
        return std::make_unique<RpcWitness>();
    };
    return true;
}();

}  // namespace chatd::test
