// chatd over TCP: one of its dialects, a line each.

#include "load/dialect.hpp"
#include "load/lines.hpp"

namespace chatd::load {

namespace {

class LineAdapter final : public Adapter {
public:
    LineAdapter(Venue venue, std::unique_ptr<Dialect> dialect)
        : Adapter(std::move(venue)), dialect_(std::move(dialect)) {}

    Traits traits() const noexcept override {
        return {.publishers_hear = true, .echoes_own = dialect_->echoes_own()};
    }
    std::string greeting(const Member& member) override { return dialect_->login(nick_of(member)); }
    void encode(std::string_view body, std::string& target) override {
        dialect_->append_said(body, target);
        target.push_back('\n');
    }
    void decode(std::string_view input, const Member&, bool, Heard& heard) override {
        heard.consumed =
            for_each_line(input, [&](std::string_view line) { dialect_->take(line, heard); });
    }

private:
    std::unique_ptr<Dialect> dialect_;
};

}  // namespace

std::unique_ptr<Adapter> make_chatd_adapter(Venue venue) {
    auto dialect = make_text_dialect(venue);
    return std::make_unique<LineAdapter>(std::move(venue), std::move(dialect));
}

std::unique_ptr<Adapter> make_json_adapter(Venue venue) {
    auto dialect = make_json_dialect(venue);
    return std::make_unique<LineAdapter>(std::move(venue), std::move(dialect));
}

}  // namespace chatd::load
