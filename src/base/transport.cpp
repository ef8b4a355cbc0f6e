#include "chatd/base/transport.hpp"

namespace chatd {

std::string_view word_of(TcpState state) noexcept {
    switch (state) {
        case TcpState::unknown:
            return "UNKNOWN";
        case TcpState::established:
            return "ESTAB";
        case TcpState::syn_sent:
            return "SYN-SENT";
        case TcpState::syn_received:
            return "SYN-RECV";
        case TcpState::fin_wait_1:
            return "FIN-WAIT-1";
        case TcpState::fin_wait_2:
            return "FIN-WAIT-2";
        case TcpState::time_wait:
            return "TIME-WAIT";
        case TcpState::closed:
            return "CLOSED";
        case TcpState::close_wait:
            return "CLOSE-WAIT";
        case TcpState::last_ack:
            return "LAST-ACK";
        case TcpState::listening:
            return "LISTEN";
        case TcpState::closing:
            return "CLOSING";
    }
    return "UNKNOWN";
}

}  // namespace chatd
