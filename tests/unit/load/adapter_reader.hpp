#pragma once
// For tests of adapters: what a member hears of an input, read whole, cut at every byte and byte by
// byte, each against a guard page; and what it says.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "load/adapter.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

namespace chatd::load {

inline const Member listener{.number = 7, .listens = true};
inline const Member publisher{.number = 8, .publishes = true};

/// What a member heard over several reads, with its own copies.
struct Log {
    std::vector<std::string> bodies;
    std::string replies;
    std::string refusal;
    std::uint64_t gaps = 0;
    std::uint64_t answers = 0;
    bool ready = false;

    friend bool operator==(const Log&, const Log&) = default;
};

/// A member whose input arrives in pieces, as Fleet reads it.
class Reader {
public:
    Reader(Protocol protocol, Member member)
        : adapter_(make_adapter(protocol, {})), member_(member) {
        adapter_->greeting(member);
    }

    void read(std::string_view piece) {
        const test::Guarded input(rest_ + std::string(piece));
        Heard heard;
        adapter_->decode(input.text(), member_, log_.ready, heard);
        for (const auto body : heard.bodies)
            log_.bodies.emplace_back(body);
        log_.replies += heard.reply;
        log_.gaps += heard.gaps;
        log_.answers += heard.answers;
        log_.ready = log_.ready || heard.ready;
        if (log_.refusal.empty()) log_.refusal = heard.refusal;
        REQUIRE(heard.consumed <= input.text().size());
        rest_ = input.text().substr(heard.consumed);
    }
    const Log& log() const { return log_; }
    const std::string& rest() const { return rest_; }

private:
    std::unique_ptr<Adapter> adapter_;
    Member member_;
    std::string rest_;
    Log log_;
};

/// The log of `input` read whole; reading it cut anywhere must give the same.
inline Log heard_in(Protocol protocol, std::string_view input, Member member = listener) {
    Reader whole(protocol, member);
    whole.read(input);
    test::for_every_cut(input, [&](std::string_view first, std::string_view second) {
        Reader cut(protocol, member);
        cut.read(first);
        cut.read(second);
        CHECK(cut.log() == whole.log());
        CHECK(cut.rest() == whole.rest());
    });
    Reader slow(protocol, member);
    for (std::size_t index = 0; index < input.size(); ++index)
        slow.read(input.substr(index, 1));
    CHECK(slow.log() == whole.log());
    return whole.log();
}

inline std::string said(Protocol protocol, std::string_view body) {
    const auto adapter = make_adapter(protocol, {});
    adapter->greeting(publisher);
    std::string bytes;
    adapter->encode(body, bytes);
    return bytes;
}

inline std::string greeting(Protocol protocol, Member member, Venue venue = {}) {
    return make_adapter(protocol, std::move(venue))->greeting(member);
}

using Bodies = std::vector<std::string>;

}  // namespace chatd::load
