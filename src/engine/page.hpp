#pragma once
// What a browser shows that opens the chat port, until the web client takes its place.

#include <string_view>

namespace chatd::engine {

inline constexpr std::string_view page = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>chatd</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
pre { padding: .75rem 1rem; overflow-x: auto; border: 1px solid #8884; border-radius: .5rem; }
</style>
</head>
<body>
<h1>chatd</h1>
<p>This is a chat server. Everyone meets in the same rooms, whatever they come with.</p>
<h2>From a terminal</h2>
<pre>nc localhost 4399
chatcli localhost:4399 --nick ana</pre>
<h2>From a browser or a program</h2>
<pre>const socket = new WebSocket('ws://localhost:4399/ws', 'chatd.text.v1');
socket.onmessage = (event) => console.log(event.data);
socket.onopen = () => socket.send('hello');</pre>
<h2>With datagrams</h2>
<pre>nc -u localhost 8080</pre>
<p>Type a line to talk; <code>/help</code> lists the commands.
<a href="/healthz">Health</a>, <a href="/metrics">metrics</a>.</p>
</body>
</html>
)";

inline constexpr std::string_view page_fields =
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";

}  // namespace chatd::engine
