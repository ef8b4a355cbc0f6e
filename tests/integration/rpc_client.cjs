// A public JSON-RPC client library speaks to chatd:
//     node rpc_client.cjs http|ws ORIGIN     ORIGIN as in 127.0.0.1:4399
// Prints one JSON object with what came of its calls.
"use strict";
const { JSONRPCClient } = require("json-rpc-2.0");
const { WebSocket } = require("ws");

const [carrier, origin] = process.argv.slice(2);

function overHttp() {
  const client = new JSONRPCClient(async (request) => {
    const answer = await fetch(`http://${origin}/rpc`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    if (answer.status === 200) return client.receive(await answer.json());
    if (request.id !== undefined) throw new Error(answer.statusText);
  });
  return { client, close: () => {} };
}

async function overWebSocket() {
  const socket = new WebSocket(`ws://${origin}/ws`, "chatd.json.v1");
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  const client = new JSONRPCClient(async (request) => socket.send(JSON.stringify(request)));
  socket.on("message", (data) => {
    const text = JSON.parse(data.toString());
    if (Array.isArray(text) || "id" in text) client.receive(text);
  });
  return { client, close: () => socket.close() };
}

async function main() {
  const { client, close } = carrier === "http" ? overHttp() : await overWebSocket();
  const found = {};
  found.ping = await client.request("ping", { token: carrier });
  found.said = await client.request("say", { body: `by ${carrier}` });
  found.batch = await client.requestAdvanced([
    { jsonrpc: "2.0", id: "a", method: "ping", params: ["positional"] },
    { jsonrpc: "2.0", id: "b", method: "nosuch" },
  ]);
  client.notify("ping", {});
  found.refused = await client.request("msg", { nick: "nobody1", body: "x" }).then(
    () => "nothing", (error) => ({ code: error.code, data: error.data }));
  console.log(JSON.stringify(found));
  close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
