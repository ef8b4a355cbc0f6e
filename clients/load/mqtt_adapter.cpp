// MQTT 3.1.1, QoS 0: CONNECT without keep-alive, SUBSCRIBE, PUBLISH.

#include "load/adapter.hpp"

namespace chatd::load {

namespace {

// MQTT 3.1.1 table 2.1: the packet types, in the high nibble, with the flags each must have.
constexpr unsigned char connect = 0x10;
constexpr unsigned char connack = 0x20;
constexpr unsigned char publish = 0x30;
constexpr unsigned char subscribe = 0x82;
constexpr unsigned char suback = 0x90;
constexpr unsigned char refused_topic = 0x80;

void append_u16(std::string& target, std::size_t value) {
    target.push_back(static_cast<char>((value >> 8) & 0xff));
    target.push_back(static_cast<char>(value & 0xff));
}

void append_text(std::string& target, std::string_view text) {
    append_u16(target, text.size());
    target.append(text);
}

/// A fixed header: the type, then the size of what follows, seven bits a byte (2.2.3).
void append_header(std::string& target, unsigned char type, std::size_t rest_bytes) {
    target.push_back(static_cast<char>(type));
    do {
        const std::size_t low = rest_bytes & 0x7f;
        rest_bytes >>= 7;
        target.push_back(static_cast<char>(rest_bytes == 0 ? low : (low | 0x80)));
    } while (rest_bytes != 0);
}

struct Packet {
    unsigned char type = 0;
    std::string_view rest;
    std::size_t bytes = 0;  ///< the whole packet; 0 while it is not all there
    bool malformed = false;
};

Packet first_packet(std::string_view input) noexcept {
    Packet packet;
    if (input.empty()) return packet;
    packet.type = static_cast<unsigned char>(input[0]);
    std::size_t rest_bytes = 0;
    for (std::size_t index = 1; index < input.size(); ++index) {
        const auto byte = static_cast<unsigned char>(input[index]);
        rest_bytes |= static_cast<std::size_t>(byte & 0x7f) << (7 * (index - 1));
        if ((byte & 0x80) == 0) {
            if (input.size() - index - 1 < rest_bytes) return packet;
            packet.rest = input.substr(index + 1, rest_bytes);
            packet.bytes = index + 1 + rest_bytes;
            return packet;
        }
        if (index == 4) {  // 2.2.3: at most four bytes
            packet.malformed = true;
            return packet;
        }
    }
    return packet;
}

class MqttAdapter final : public Adapter {
public:
    using Adapter::Adapter;

    Traits traits() const noexcept override { return {.echoes_own = true}; }

    std::string greeting(const Member& member) override {
        std::string rest;
        append_text(rest, "MQTT");
        rest.push_back(4);     // protocol level, 3.1.2.2
        rest.push_back(0x02);  // clean session, 3.1.2.4
        append_u16(rest, 0);   // no keep-alive, 3.1.2.10
        append_text(rest, nick_of(member));
        std::string packet;
        append_header(packet, connect, rest.size());
        return packet + rest;
    }

    void encode(std::string_view body, std::string& target) override {
        append_header(target, publish, 2 + venue_.room.size() + body.size());
        append_text(target, venue_.room);
        target.append(body);
    }

    void decode(std::string_view input, const Member& member, bool, Heard& heard) override {
        while (heard.consumed < input.size()) {
            const Packet packet = first_packet(input.substr(heard.consumed));
            if (packet.malformed) heard.refusal = "a packet length over four bytes";
            if (packet.bytes == 0) return;
            heard.consumed += packet.bytes;
            take(packet, member, heard);
        }
    }

private:
    void take(const Packet& packet, const Member& member, Heard& heard) const {
        if ((packet.type & 0xf0) == publish) {
            take_publish(packet.rest, heard);
        } else if (packet.type == connack) {
            // 3.2.2.3: the second byte is the return code, 0 = accepted.
            if (packet.rest.size() != 2 || packet.rest[1] != 0) {
                heard.refusal = "CONNACK refuses the connection";
            } else if (member.listens) {
                heard.reply += subscription();
            } else {
                heard.ready = true;
            }
        } else if (packet.type == suback) {
            const bool granted = !packet.rest.empty() &&
                                 static_cast<unsigned char>(packet.rest.back()) != refused_topic;
            if (granted) heard.ready = true;
            if (!granted) heard.refusal = "SUBACK refuses the topic";
        }
    }

    /// 3.3.2: the topic, no packet identifier at QoS 0, then the payload.
    static void take_publish(std::string_view rest, Heard& heard) {
        if (rest.size() < 2) return;
        const std::size_t topic_bytes =
            static_cast<std::size_t>(static_cast<unsigned char>(rest[0])) << 8 |
            static_cast<unsigned char>(rest[1]);
        if (rest.size() < 2 + topic_bytes) return;
        heard.bodies.push_back(rest.substr(2 + topic_bytes));
    }

    std::string subscription() const {
        std::string rest;
        append_u16(rest, 1);  // packet identifier
        append_text(rest, venue_.room);
        rest.push_back(0);  // QoS 0
        std::string packet;
        append_header(packet, subscribe, rest.size());
        return packet + rest;
    }
};

}  // namespace

std::unique_ptr<Adapter> make_mqtt_adapter(Venue venue) {
    return std::make_unique<MqttAdapter>(std::move(venue));
}

}  // namespace chatd::load
