// Two protocols of one server: who listens speaks one, who publishes another. So a form is measured
// alone, however it was said, and so who cannot speak, as a reader of events, is spoken to.

#include <algorithm>

#include "load/adapter.hpp"

namespace chatd::load {

namespace {

class MixedAdapter final : public Adapter {
public:
    MixedAdapter(std::unique_ptr<Adapter> listening, std::unique_ptr<Adapter> publishing)
        : Adapter({}), listening_(std::move(listening)), publishing_(std::move(publishing)) {}

    Traits traits() const noexcept override {
        Traits traits = publishing_->traits();
        traits.body_bytes_max =
            std::min(traits.body_bytes_max, listening_->traits().body_bytes_max);
        return traits;
    }
    std::string greeting(const Member& member) override { return of(member).greeting(member); }
    void encode(std::string_view body, std::string& target) override {
        publishing_->encode(body, target);
    }
    void decode(std::string_view input, const Member& member, bool ready, Heard& heard) override {
        of(member).decode(input, member, ready, heard);
    }

private:
    Adapter& of(const Member& member) const noexcept {
        return member.publishes ? *publishing_ : *listening_;
    }

    std::unique_ptr<Adapter> listening_;
    std::unique_ptr<Adapter> publishing_;
};

}  // namespace

std::unique_ptr<Adapter> make_mixed_adapter(Protocol listening, Protocol publishing, Venue venue) {
    auto speaks = make_adapter(publishing, venue);
    return std::make_unique<MixedAdapter>(make_adapter(listening, std::move(venue)),
                                          std::move(speaks));
}

}  // namespace chatd::load
