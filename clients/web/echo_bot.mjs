// Says back what it is asked to: `!echo hello` in a room, or anything to it alone.
//
//     node echo_bot.mjs [ORIGIN [ROOM...]]         ORIGIN as in ws://localhost:4399
//
// Who it is stands in echo_bot.json, so that it is the same one when it is started again. Node before
// 22 has no WebSocket of its own: then run it where `npm install ws` was done.

import {createRequire} from 'node:module';
import {Chat} from './chatd.js';
import {fileStorage} from './file_storage.mjs';

const {WebSocket = createRequire(`${process.cwd()}/`)('ws')} = globalThis;
const [origin = 'ws://localhost:4399', ...rooms] = process.argv.slice(2);
const chat = new Chat({url: `${origin}/ws`, nick: 'echo', rooms: rooms.length ? rooms : ['lobby'], WebSocket,
                       storage: fileStorage('echo_bot.json')});

chat.on('message', ({room, body, epoch, seq}) => {
    if (body.startsWith('!echo ')) chat.say(room, body.slice(6), {replyTo: {epoch, seq}});
});
chat.on('private', ({from, body}) => chat.call('msg', {nick: from, body}).catch(console.error));
chat.on('state', ({state, reason}) => console.log(state, reason));
chat.connect().catch(() => { process.exitCode = 1; });
