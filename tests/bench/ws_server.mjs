// The peer that npm's `ws` makes in its README's way: every text message goes to all other clients
// as `<nick> message`. It speaks as much of chatd.text.v1 as chatload needs: /nick and its reply.
//
//     node ws_server.mjs PORT FOLDER-OF-NODE-MODULES

import { createRequire } from 'node:module';

const [port, modules] = process.argv.slice(2);
const { WebSocket, WebSocketServer } = createRequire(`${modules}/`)('ws');

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(port),
  backlog: 4096,
  perMessageDeflate: false,
  handleProtocols: (offered) => (offered.has('chatd.text.v1') ? 'chatd.text.v1' : false),
});

server.on('connection', (socket) => {
  let nick = 'guest';
  socket.on('message', (data) => {
    const text = data.toString();
    if (text.startsWith('/nick ')) {
      nick = text.slice('/nick '.length);
      socket.send(`NOTE NICK OK ${nick} :You are ${nick}.`);
      return;
    }
    const line = `<${nick}> ${text}`;
    server.clients.forEach((other) => {
      if (other !== socket && other.readyState === WebSocket.OPEN) other.send(line);
    });
  });
});
