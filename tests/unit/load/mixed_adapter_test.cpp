#include "adapter_reader.hpp"

using namespace chatd;
using namespace chatd::load;

TEST_CASE("mixed: each member speaks its own", "[load][mixed]") {
    const auto adapter = make_mixed_adapter(Protocol::sse, Protocol::json, {});
    CHECK(adapter->greeting(listener).starts_with("GET /v1/rooms/lobby/events "));
    CHECK(adapter->greeting(publisher).starts_with(R"({"jsonrpc":"2.0")"));
    std::string bytes;
    adapter->encode("hi", bytes);
    CHECK(bytes.starts_with(R"({"jsonrpc":"2.0","id":1,"method":"say")"));

    Heard heard;
    adapter->decode("event: message\ndata: {\"body\":\"one\"}\n\n", listener, true, heard);
    CHECK(heard.bodies.size() == 1);
    heard.clear();
    adapter->decode(R"({"jsonrpc":"2.0","result":{},"id":"login"})"
                    "\n",
                    publisher, false, heard);
    CHECK(heard.ready);
}

TEST_CASE("mixed: whether publishers hear themselves is their protocol's matter", "[load][mixed]") {
    const auto json_speaks = make_mixed_adapter(Protocol::chatd, Protocol::json, {})->traits();
    CHECK(json_speaks.echoes_own);
    CHECK(json_speaks.publishers_hear);
    const auto text_speaks = make_mixed_adapter(Protocol::json, Protocol::chatd, {})->traits();
    CHECK_FALSE(text_speaks.echoes_own);
    CHECK(text_speaks.publishers_hear);
    CHECK_FALSE(make_mixed_adapter(Protocol::sse, Protocol::chatd, {})->traits().listens_only);
}

TEST_CASE("mixed: only what meets in one room of chatd mixes", "[load][mixed]") {
    for (const Protocol protocol : {Protocol::chatd, Protocol::websocket, Protocol::json,
                                    Protocol::websocket_json, Protocol::sse})
        CHECK(may_mix(protocol));
    for (const Protocol protocol : {Protocol::udp, Protocol::redis, Protocol::nats, Protocol::ncat,
                                    Protocol::irc, Protocol::mqtt, Protocol::floor})
        CHECK_FALSE(may_mix(protocol));
}
