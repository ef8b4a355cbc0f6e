// A bot that says again what others say after "!echo ", over outages and its own restarts:
//     g++ echo_bot.cpp $(pkg-config --cflags --libs chatd-client) -o echo_bot && ./echo_bot
#include <cstdio>

#include "chatd/client/blocking_client.hpp"
#include "chatd/client/state_file.hpp"

using namespace chatd::client;

int main(int argc, char** argv) {
    const auto fail = [](const std::string& why) { return std::puts(why.c_str()), 1; };
    const auto servers = parse_servers(argc > 1 ? argv[1] : "localhost", tcp_port_default);
    if (!servers) return fail(servers.error());
    const auto before = load_state("echo_bot.state");
    if (!before) return fail(before.error());
    BlockingClient chat({.session = {.nick = "echo", .rooms = {"lobby"}}, .servers = *servers},
                        before->value_or(SessionState{}));
    while (const auto event = chat.next_event(time_unlimited)) {
        const auto* message = std::get_if<Message>(&*event);
        if (message != nullptr && !message->own && message->body.starts_with("!echo "))
            if (const auto said = chat.session().say(message->room, message->body.substr(6)); !said)
                std::puts(said.error().c_str());
        if (const auto* denied = std::get_if<Denied>(&*event)) return fail(denied->text);
        const auto saved = save_state("echo_bot.state", chat.client().session_state());
        if (!saved) return fail(saved.error());
    }
    return fail(chat.client().failure().text);
}
