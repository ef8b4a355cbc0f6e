// Datagrams that people post from a stream or by HTTP.

#include "engine/requests.hpp"

namespace chatd::engine {

using wire::Errc;
using wire::Outcome;

Outcome post_datagram(Core& core, const Connection& connection, std::string_view nick,
                      const wire::Datagram& datagram) {
    SourceRate* rate = nullptr;
    if (!connection.loopback) rate = &core.posting_rates[connection.id.index];
    switch (core.datagrams.post(datagram.payload, rate, core.now)) {
        case PostOutcome::posted:
            core.datagram_view.offer_posted(connection.id, nick, datagram.payload, core.now);
            core.datagrams_offered = true;
            return wire::Done{};
        case PostOutcome::empty:
            return failure(Errc::empty);
        case PostOutcome::too_long:
            return failure(Errc::bad_hex, "the datagram is too long");
        case PostOutcome::busy:
            return failure(Errc::too_fast);
    }
    return failure(Errc::too_fast);
}

}  // namespace chatd::engine
