// The JavaScript client as a program for the fault tests: node fault_client.mjs HOST:PORT NICK ROOM [MAX]
// Says each line of stdin, prints {"heard"}, {"said"} and {"state"} as they happen, and ends when stdin
// does and everything is said, or with 1 when it gives up.
import {createRequire} from 'node:module';
import {createInterface} from 'node:readline';
import {Chat} from '../../clients/web/chatd.js';

const {WebSocket} = createRequire(import.meta.url)('ws');
const [address, nick, room, max = '10000'] = process.argv.slice(2);
const tell = (what) => console.log(JSON.stringify(what));
const chat = new Chat({
    url: `ws://${address}/ws`, nick, rooms: [room], WebSocket, dialTimeout: 1500,
    retry: {base: 20, cap: 200, max: Number(max)}, keepalive: {interval: 300, timeout: 500},
});
chat.on('message', ({body}) => tell({heard: body}));
chat.on('state', ({state, reason}) => tell({state, reason}));
chat.connect().catch(() => process.exit(1));
const answers = [];
for await (const line of createInterface(process.stdin)) {
    answers.push(chat.say(room, line).then(() => tell({said: line})));
}
await Promise.all(answers);
chat.close();
