// Talks to chatd through npm's `ws`: node ws_client.cjs URL MODE, what it sees on stdout.
//   talk    says /nick NAME and then each line of stdin; prints each message
//   echo    sends text, binary, a mebibyte and a ping to /echo and checks what comes back
//   deflate offers permessage-deflate and prints what the server chose
'use strict';
const WebSocket = require('ws');
const assert = require('node:assert');
const { once } = require('node:events');
const [url, mode] = process.argv.slice(2);

async function talk(socket) {
    socket.on('message', (data) => console.log(data.toString()));
    for await (const line of require('node:readline').createInterface(process.stdin)) {
        socket.send(line);
    }
    socket.close(1000);
    const [code] = await once(socket, 'close');
    console.log(`closed ${code}`);
}

async function echo(socket) {
    for (const payload of ['', 'grüße', 'x'.repeat(70000)]) {
        socket.send(payload);
        const [data, isBinary] = await once(socket, 'message');
        assert.deepStrictEqual([data.toString(), isBinary], [payload, false]);
    }
    const bytes = Buffer.alloc(1 << 20, 0xfe);
    socket.send(bytes);
    const [data, isBinary] = await once(socket, 'message');
    assert.ok(isBinary && bytes.equals(data));
    socket.send('in ', { fin: false });
    socket.send('parts');
    assert.strictEqual((await once(socket, 'message'))[0].toString(), 'in parts');
    socket.ping('hello');
    assert.strictEqual((await once(socket, 'pong'))[0].toString(), 'hello');
    socket.close(3000, 'done');
    const [code, reason] = await once(socket, 'close');
    console.log(`echo ok, closed ${code} ${reason}`);
}

async function deflate(socket) {
    console.log(`extensions '${socket.extensions}'`);
    socket.close(1000);
    await once(socket, 'close');
}

async function main() {
    const socket = new WebSocket(url, { perMessageDeflate: mode === 'deflate' });
    await once(socket, 'open');
    await { talk, echo, deflate }[mode](socket);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
