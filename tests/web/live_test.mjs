// The JavaScript client with a real chatd (the program that CHATD names) and npm's ws.

import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {after, before, test} from 'node:test';
import {Chat} from '../../clients/web/chatd.js';
import {Chatd} from './chatd_process.mjs';
import {FakeStorage} from './fake_server.mjs';

const {WebSocket} = createRequire(new URL('../integration/package.json', import.meta.url))('ws');
const chatd = new Chatd();
const chats = [];
before(() => chatd.start());
after(async () => {
    for (const chat of chats) chat.close();
    await chatd.stop();
});

function person(nick, room, more = {}) {
    const retry = {base: 20, cap: 200, max: 1000};
    const chat = new Chat({url: chatd.url, nick, rooms: [room], WebSocket, retry, ...more});
    chats.push(chat);
    chat.heard = [];
    chat.on('message', ({body}) => chat.heard.push(body));
    chat.connect();
    return chat;
}

/** The next such event that fits. */
function next(chat, event, fits = () => true) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${event} in time; heard ${chat.heard.slice(-5)}`)), 15_000);
        const stop = chat.on(event, (value) => {
            if (!fits(value)) return;
            clearTimeout(timer);
            stop();
            resolve(value);
        });
    });
}

const online = (chat) => chat.state === 'online' || next(chat, 'state', ({state}) => state === 'online');
const hears = (chat, count) => chat.heard.length >= count || next(chat, 'message', () => chat.heard.length >= count);

test('two of them talk, and each line is acknowledged with the number that it has', async () => {
    const [ana, bob] = [person('ana', 'talk'), person('bob', 'talk')];
    await Promise.all([ana.connect(), bob.connect()]);
    const said = await ana.say('talk', 'hello');
    assert.deepEqual([said.room, said.seq], ['talk', 1]);
    await bob.say('talk', 'waves', {action: true, replyTo: {epoch: said.epoch, seq: said.seq}});
    await Promise.all([hears(ana, 2), hears(bob, 2)]);
    assert.deepEqual([ana.heard, bob.heard], [['hello', 'waves'], ['hello', 'waves']]);
    assert.deepEqual(ana.rooms.get('talk'), {epoch: said.epoch, seq: 2});
    const whisper = next(bob, 'private');
    await ana.call('msg', {nick: 'bob', body: 'psst'});
    assert.equal((await whisper).body, 'psst');
    await assert.rejects(ana.say('elsewhere', 'x'), {code: 'NOT_IN_ROOM'});
    await assert.rejects(ana.call('nosuch'), {code: 'UNKNOWN_METHOD'});
    assert.ok((await ana.call('history', {room: 'talk'})).events.length === 2);
    assert.ok(ana.rtt >= 0);
});

test('a reload is the same person and gets what it missed', async () => {
    const storage = new FakeStorage();
    const [cyd, dan] = [person('cyd', 'reload', {storage}), person('dan', 'reload')];
    await Promise.all([cyd.connect(), dan.connect()]);
    await dan.say('reload', 'one');
    await hears(cyd, 1);
    cyd.close();
    cyd.say('reload', 'said while closed');
    await dan.say('reload', 'two');
    const again = person('cyd', 'lobby', {storage});
    const {resumed, rooms} = await next(again, 'resumed');
    assert.deepEqual([resumed, rooms.map(({room, recovered}) => [room, recovered])], [true, [['reload', true]]]);
    await hears(again, 2);
    assert.deepEqual([again.heard, again.nick], [['two', 'said while closed'], 'cyd']);
});

test('nobody gets the nick of another', async () => {
    const first = person('eve', 'nicks');
    await first.connect();
    const refused = await person('eve', 'nicks').connect().catch((error) => error);
    assert.equal(refused.code, 'NICK_IN_USE');
});

test('whoever keeps nothing leaves the nick to others', async () => {
    const [first, watcher] = [person('fay', 'nicks'), person('watcher', 'nicks', {notices: true})];
    await Promise.all([first.connect(), watcher.connect()]);
    const left = next(watcher, 'left', ({from}) => from === 'fay');
    first.close();
    await left;
    assert.equal((await person('fay', 'nicks').connect()).nick, 'fay');
});

test('a server that is killed or stopped again and again loses and doubles nothing', async () => {
    const [writer, reader] = [person('writer', 'storm'), person('reader', 'storm')];
    await Promise.all([writer.connect(), reader.connect()]);
    const wanted = [];
    const acknowledged = [];
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL']) {
        for (let number = 0; number < 100; ++number) {
            wanted.push(`${wanted.length}`);
            acknowledged.push(writer.say('storm', wanted.at(-1)));
        }
        await hears(reader, reader.heard.length + 1);
        await chatd.end(signal);
        wanted.push(`said while away, ${wanted.length}`);
        acknowledged.push(writer.say('storm', wanted.at(-1)));
        await chatd.start();
        await Promise.all([online(writer), online(reader)]);
    }
    await Promise.all(acknowledged);
    await hears(reader, wanted.length);
    await writer.say('storm', 'end');
    await hears(reader, wanted.length + 1);
    assert.deepEqual(reader.heard, [...wanted, 'end']);
    const kept = [];
    for (let before; ;) {
        const {events, more} = await reader.call('history', {room: 'storm', limit: 200, before});
        kept.unshift(...events.map(({body}) => body));
        if (!more) break;
        before = {epoch: events[0].epoch, seq: events[0].seq};
    }
    assert.deepEqual(kept, [...wanted, 'end']);
});
