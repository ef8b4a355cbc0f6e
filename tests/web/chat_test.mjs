// The JavaScript client against a scripted server: no network, no time goes by.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import * as module from '../../clients/web/chatd.js';
import {FakeServer, FakeStorage} from './fake_server.mjs';

const {Chat, ChatError, limits} = module;
const settled = () => new Promise((resolve) => setImmediate(resolve));

function world(options = {}) {
    const server = new FakeServer();
    const chat = new Chat(server.options(options));
    const heard = [];
    for (const event of ['message', 'gap', 'private', 'resumed', 'notice', 'refused', 'edited']) {
        chat.on(event, (value) => heard.push([event, value.body ?? value.code ?? value]));
    }
    const states = [];
    chat.on('state', (value) => states.push(value));
    return {server, chat, heard, states};
}

/** A world whose Chat is online in the lobby. */
function online(options) {
    const all = world(options);
    all.chat.connect();
    all.server.hello();
    all.server.enter();
    all.heard.length = 0;
    return all;
}

function reconnected({server}) {
    server.cut();
    server.clock.advance(250);
    server.open();
}

const bodies = (heard) => heard.filter(([event]) => event === 'message').map(([, body]) => body);

test('a nick is asked for by a session whose token is known', async () => {
    const {server, chat, states} = world({rooms: ['lobby', 'dev'], notices: true});
    const connected = chat.connect();
    assert.equal(server.socket.protocol, 'chatd.json.v1');
    server.open();
    const hello = server.take('hello');
    assert.deepEqual(hello.params, {rooms: []});
    assert.deepEqual(server.waiting, []);
    server.answer(hello, server.session_of('guest-1', false));
    server.answer(server.take('nick'), {nick: 'ana'});
    const resume = server.take('resume');
    assert.deepEqual(resume.params, {token: 'token-1', notices: true, rooms: [{room: 'lobby'}, {room: 'dev'}]});
    server.answer(resume, server.session_of('ana', true, [{room: 'lobby', epoch: 1, seq: 7}, {room: 'dev', epoch: 2, seq: 0}]));
    assert.equal((await connected).nick, 'ana');
    assert.deepEqual(states.map(({state}) => state), ['connecting', 'resuming', 'online']);
    assert.deepEqual([...chat.rooms], [['lobby', {epoch: 1, seq: 7}], ['dev', {epoch: 2, seq: 0}]]);
});

test('lines said while offline go out in order, once, and are acknowledged', async () => {
    const {server, chat} = world();
    const pending = [];
    chat.on('pending', (lines) => pending.push(lines.length));
    const answers = ['one', 'two', 'three'].map((body) => chat.say('lobby', body));
    assert.deepEqual(chat.pending.map(({body}) => body), ['one', 'two', 'three']);
    chat.connect();
    server.hello();
    server.enter();
    const requests = ['one', 'two', 'three'].map((body) => {
        const request = server.take('say');
        assert.equal(request.params.body, body);
        return request;
    });
    assert.equal(new Set(requests.map(({params}) => params.key)).size, 3);
    requests.forEach((request, index) => server.said(request, index + 1));
    assert.deepEqual((await Promise.all(answers)).map(({seq}) => seq), [1, 2, 3]);
    assert.deepEqual(pending, [1, 2, 3, 2, 1, 0]);
});

test('what was not acknowledged is sent again under its key, the rest is not', async () => {
    const {server, chat} = online();
    const answers = ['one', 'two'].map((body) => chat.say('lobby', body));
    const [one, two] = [server.take('say'), server.take('say')];
    server.said(one, 1);
    reconnected({server});
    server.enter();
    const again = server.take('say');
    assert.deepEqual(again.params, two.params);
    assert.deepEqual(server.waiting, []);
    server.said(again, 2);
    assert.deepEqual((await Promise.all(answers)).map(({seq}) => seq), [1, 2]);
});

test('a bounded number of lines is in flight, and a bounded number waits', async () => {
    const {server, chat} = online();
    for (let number = 0; number < limits.pendingLines; ++number) chat.say('lobby', String(number));
    assert.equal(server.waiting.length, limits.linesInFlight);
    await assert.rejects(chat.say('lobby', 'too many'), {code: 'FULL', retry: true});
    server.said(server.take('say'), 1);
    assert.equal(server.waiting.at(-1), String(limits.linesInFlight));
    const long = new Chat(new FakeServer().options());
    const body = 'x'.repeat(limits.bodyBytes);
    for (let units = 0; units < limits.pendingUnits; units += body.length) long.say('lobby', body);
    await assert.rejects(long.say('lobby', 'y'), {code: 'FULL'});
});

test('a line that is refused for the moment is said later', async () => {
    const {server, chat, heard} = online();
    const answer = chat.say('lobby', 'one');
    server.refuse(server.take('say'), 'STORE_BEHIND', {retry: true, retry_after_ms: 700});
    chat.say('lobby', 'two');
    server.clock.advance(699);
    assert.deepEqual(server.waiting, []);
    server.clock.advance(1);
    assert.deepEqual(server.waiting, ['one', 'two']);
    server.said(server.take('say'), 1);
    assert.equal((await answer).seq, 1);
    assert.deepEqual(heard, []);
});

test('a line that is refused for good is given back', async () => {
    const {server, chat, heard} = online();
    const answer = chat.say('nowhere', 'one');
    server.refuse(server.take('say'), 'NOT_IN_ROOM', {detail: '#nowhere'});
    await assert.rejects(answer, (error) => error instanceof ChatError && error.code === 'NOT_IN_ROOM' &&
        error.message === 'NOT_IN_ROOM. (#nowhere)');
    assert.deepEqual([chat.pending, heard], [[], [['refused', 'one']]]);
});

test('what no server would take is refused at once', async () => {
    const {server, chat} = online();
    await assert.rejects(chat.say('lobby', 'ä'.repeat(limits.bodyBytes / 2) + 'x'), {code: 'LINE_TOO_LONG'});
    await assert.rejects(chat.call('search', {q: 'x'.repeat(limits.requestBytes)}), {code: 'TOO_LONG'});
    chat.say('lobby', 'half a pair: \ud83d, a whole one: \u{1f600}');
    assert.deepEqual(server.waiting, ['half a pair: \ufffd, a whole one: \u{1f600}']);
});

test('each message is told once and in order', () => {
    const {server, chat, heard} = online();
    server.message(1, 'a');
    server.message(2, 'b', {key: 'k'});
    server.message(2, 'b', {key: 'k'});
    reconnected({server});
    const {params} = server.enter();
    assert.deepEqual(params.rooms, [{room: 'lobby', since: {epoch: 1, seq: 2}}]);
    server.message(2, 'b', {key: 'k'});
    server.message(3, 'c');
    server.tell('gap', {room: 'lobby', epoch: 1, from: 4, to: 6});
    server.message(5, 'never');
    server.message(7, 'd');
    server.tell('edited', {room: 'lobby', epoch: 1, seq: 7, body: 'told before'});
    server.tell('edited', {room: 'lobby', epoch: 1, seq: 8, body: 'D'});
    assert.deepEqual(bodies(heard), ['a', 'b', 'c', 'd']);
    assert.equal(heard.filter(([event]) => event === 'gap').length, 1);
    assert.deepEqual(heard.filter(([event]) => event === 'edited'), [['edited', 'D']]);
    assert.deepEqual(chat.rooms.get('lobby'), {epoch: 1, seq: 8});
});

test('a line that comes again after a crash, under its key, is no second one', () => {
    const {server, heard} = online();
    server.message(5, 'hello', {key: 'k1'});
    server.message(1, 'hello', {epoch: 2, key: 'k1'});
    server.message(2, 'hello', {epoch: 2, key: 'k2'});
    server.message(3, 'another under an old key', {epoch: 2, key: 'k1'});
    assert.deepEqual(bodies(heard), ['hello', 'hello', 'another under an old key']);
});

test('a server that stands before what one has read is followed from where it stands', () => {
    const {server, heard} = online();
    server.message(5, 'a');
    reconnected({server});
    server.standings.lobby = {epoch: 1, seq: 2};
    server.enter('ana', {recovered: false});
    server.message(3, 'b');
    assert.deepEqual(bodies(heard), ['a', 'b']);
});

test('where keys may be forgotten, the echo decides what is sent again', async () => {
    const {server, chat} = online();
    const answers = ['one', 'two', 'three'].map((body) => chat.say('lobby', body));
    const one = server.take('say');
    server.cut();
    server.clock.advance(250);
    server.open();
    [server.token, server.session] = ['token-2', '2'];
    server.refuse(server.take('resume'), 'BAD_TOKEN');
    server.clock.advance(500);
    server.hello();
    server.standings.lobby = {epoch: 1, seq: 2};
    server.enter();
    chat.say('lobby', 'four');
    assert.deepEqual(server.waiting, []);
    server.message(1, 'one', {from: 'ana', key: one.params.key});
    assert.equal((await answers[0]).seq, 1);
    server.message(2, 'of another');
    assert.deepEqual(server.waiting, ['two', 'three', 'four']);
});

test('within the time that the server knows keys, nothing waits for an echo', () => {
    const {server, chat} = online();
    chat.say('lobby', 'one');
    server.cut();
    server.clock.advance(250);
    server.open();
    server.standings.lobby = {epoch: 1, seq: 9};
    server.enter();
    assert.deepEqual(server.waiting, ['one']);
    server.cut();
    server.clock.advance(limits.keyAge);
    server.open();
    server.enter();
    assert.deepEqual(server.waiting, []);
    server.message(9, 'of another');
    assert.deepEqual(server.waiting, ['one']);
});

test('waits double up to their cap, and attempts are counted', async () => {
    const {server, chat, states} = world({retry: {max: 5, base: 100, cap: 300}});
    const connected = chat.connect();
    for (const wait of [100, 200, 300, 300, 300]) {
        server.cut();
        assert.equal(states.at(-1).retryInMs, wait);
        server.clock.advance(wait - 1);
        assert.equal(states.at(-1).state, 'offline');
        server.clock.advance(1);
        assert.equal(states.at(-1).state, 'connecting');
    }
    server.cut();
    assert.equal(states.at(-1).state, 'closed');
    await assert.rejects(connected, {code: 'LOST'});
    assert.equal(server.sockets.length, 6);
});

test('the random part of a wait is anything between nothing and all of it', () => {
    const {server, chat, states} = world({random: () => 0.25});
    chat.connect();
    server.cut();
    assert.equal(states.at(-1).retryInMs, 63);
});

test('only a connection that held begins the waits anew', () => {
    const {server, states} = online({retry: {base: 100, stable: 1000}});
    for (const [held, wait] of [[0, 100], [999, 200], [1000, 100]]) {
        server.clock.advance(held);
        server.cut();
        assert.equal(states.at(-1).retryInMs, wait);
        server.clock.advance(wait);
        server.open();
        server.enter();
    }
});

test('a server that goes away is given the time that it asks for', () => {
    const {server, chat, states} = online();
    const told = [];
    chat.on('draining', (params) => told.push(params));
    server.tell('draining', {reconnect_after_ms: 3000});
    server.cut(1001, 'chatd is stopping');
    assert.equal(told.length, 1);
    assert.deepEqual([states.at(-1).retryInMs, states.at(-1).reason], [6000, 'chatd is stopping']);
    server.clock.advance(6000);
    server.cut(1012);
    assert.equal(states.at(-1).retryInMs, 2000);
});

test('a server that is silent is left, and one that says anything is not', () => {
    const {server, states} = online();
    server.clock.advance(10_000 + 15_000);
    server.take('ping');
    server.clock.advance(9_999);
    server.tell('private', {from: 'bob', body: 'psst', ts: 'now'});
    server.clock.advance(1 + 15_000);
    server.take('ping');
    server.clock.advance(9_999);
    assert.equal(states.at(-1).state, 'online');
    server.clock.advance(1);
    assert.equal(states.at(-1).state, 'offline');
    assert.equal(server.sockets.at(0).closed, 1005);
});

test('a timer that comes late asks once more before it gives up', () => {
    for (const answers of [true, false]) {
        const {server, chat} = online();
        server.clock.sleep(3_600_000);  // the interval's timer: it pings
        server.clock.sleep(3_600_000);  // and this one finds no answer
        assert.equal(chat.state, 'online');
        if (answers) server.tell('private', {from: 'bob', body: 'psst', ts: 'now'});
        server.clock.advance(10_001);
        assert.equal(chat.state, answers ? 'online' : 'offline');
    }
});

test('the time to the server and back is measured', () => {
    const {server, chat} = online();
    const measured = [];
    chat.on('rtt', (rtt) => measured.push(rtt));
    assert.equal(chat.rtt, 0);
    server.clock.advance(10_000 + 15_000);
    server.clock.advance(42);
    server.answer(server.take('ping'), {});
    assert.deepEqual([chat.rtt, measured], [42, [42]]);
});

test('a connection that never answers is given up in time', () => {
    const {server, chat, states} = world({dialTimeout: 4000});
    chat.connect();
    server.open();
    server.clock.advance(4000);
    assert.deepEqual([states.at(-1).state, server.sockets[0].closed], ['offline', 1005]);
});

test('a reload keeps who one is, where one was, and what was not yet said', async () => {
    const storage = new FakeStorage();
    const {server, chat} = online({storage});
    server.message(3, 'a');
    chat.say('lobby', 'one');
    const {params} = server.take('say');
    await settled();
    const after = new FakeServer();
    const reloaded = new Chat(after.options({storage}));
    assert.deepEqual([reloaded.nick, reloaded.pending.map(({key}) => key)], ['ana', [params.key]]);
    reloaded.connect();
    after.open();
    assert.equal(after.enter().params.token, 'token-1');
    assert.deepEqual(after.take('say').params, params);
    const elsewhere = world({storage: new FakeStorage()});
    elsewhere.chat.connect();
    elsewhere.server.open();
    elsewhere.server.take('hello');
});

test('where one has read is kept soon, and what is broken in a storage is passed over', async () => {
    const storage = new FakeStorage();
    const {server} = online({storage});
    await settled();
    server.message(4, 'a');
    server.clock.advance(200);
    await settled();
    assert.match(storage.getItem('chatd ws://here/ws'), /"seq":4/);
    storage.setItem('chatd ws://here/ws', '{broken');
    const {chat} = world({storage});
    assert.deepEqual([chat.nick, chat.pending], ['ana', []]);
});

test('a storage that is full is told, and the line is said all the same', async () => {
    const storage = new FakeStorage();
    const {server, chat, heard} = online({storage});
    await settled();
    storage.setItem = () => { throw new Error('quota'); };
    chat.say('lobby', 'one');
    await settled();
    assert.deepEqual([server.waiting, heard[0]], [['one'], ['notice', 'STORAGE']]);
});

test('forget() leaves nothing behind', async () => {
    const storage = new FakeStorage();
    const {chat, server} = online({storage});
    chat.say('lobby', 'one');
    chat.forget();
    await settled();
    assert.deepEqual([storage.items.size, chat.pending, chat.rooms.size], [0, [], 0]);
    chat.connect();
    server.hello();
    assert.deepEqual(server.enter().params.rooms, [{room: 'lobby'}]);
});

test('a nick that is taken ends the first connect, or makes a guest', async () => {
    for (const guest of [false, true]) {
        const {server, chat, states, heard} = world({guest});
        const connected = chat.connect();
        server.hello('');
        server.refuse(server.take('nick'), 'NICK_IN_USE');
        if (guest) {
            server.enter('guest-1');
            assert.deepEqual([(await connected).nick, chat.nick, heard[0]], ['guest-1', 'guest-1', ['notice', 'NICK_IN_USE']]);
        } else {
            await assert.rejects(connected, {code: 'NICK_IN_USE'});
            assert.equal(states.at(-1).error.code, 'NICK_IN_USE');
        }
    }
});

test('another nick is tried with the session that was refused the first', async () => {
    const storage = new FakeStorage();
    const {server, chat} = world({storage});
    chat.connect();
    server.hello('');
    server.refuse(server.take('nick'), 'NICK_IN_USE');
    await settled();
    const second = new FakeServer();
    const other = new Chat(second.options({storage, nick: 'eve'}));
    other.connect();
    second.open();
    const resume = second.take('resume');
    assert.deepEqual(resume.params.rooms, []);
    second.answer(resume, second.session_of('guest-1', true));
    assert.equal(second.take('nick').params.nick, 'eve');
});

test('a token that is no longer known is replaced, and places are kept', () => {
    const {server, chat} = online();
    server.message(6, 'a');
    reconnected({server});
    server.refuse(server.take('resume'), 'BAD_TOKEN');
    server.clock.advance(500);
    server.token = 'token-2';
    server.hello();
    const {params} = server.enter();
    assert.deepEqual(params, {token: 'token-2', rooms: [{room: 'lobby', since: {epoch: 1, seq: 6}}]});
    assert.equal(chat.state, 'online');
});

test('a room that cannot be entered is left out', () => {
    const {server, chat, heard} = world({rooms: ['lobby', 'Dev']});
    chat.connect();
    server.hello();
    server.refuse(server.take('resume'), 'ROOM_LOOKS_ALIKE', {detail: 'Dev'});
    server.clock.advance(250);
    server.open();
    assert.deepEqual(server.enter().params.rooms, [{room: 'lobby'}]);
    assert.deepEqual(heard[0], ['notice', 'ROOM_LOOKS_ALIKE']);
});

test('rooms that are joined and left later are those of the next connection', async () => {
    const {server, chat} = online();
    const joined = chat.call('join', {room: 'dev'});
    server.answer(server.take('join'), {room: 'Dev', epoch: 1, seq: 4, others: 0, topic: ''});
    const left = chat.call('leave', {room: 'lobby'});
    server.answer(server.take('leave'), {room: 'lobby', current: 'Dev'});
    await Promise.all([joined, left]);
    const again = chat.call('join', {room: 'dev'});
    server.answer(server.take('join'), {room: 'Dev', epoch: 1, seq: 9, others: 0, topic: ''});
    await again;
    reconnected({server});
    assert.deepEqual(server.enter().params.rooms, [{room: 'Dev', since: {epoch: 1, seq: 4}}]);
});

test('calls need a connection, and those whose answer is lost say so', async () => {
    const {server, chat} = online();
    const lost = chat.call('who', {room: 'lobby'});
    server.cut();
    await assert.rejects(lost, {code: 'LOST', retry: true});
    await assert.rejects(chat.call('who'), {code: 'OFFLINE', retry: true});
});

test('the number of calls without an answer is bounded', async () => {
    const {chat} = online();
    for (let number = 0; number < limits.calls + limits.linesInFlight; ++number) chat.call('rooms');
    await assert.rejects(chat.call('rooms'), {code: 'FULL'});
});

test('after close() nothing happens any more, and lines are kept', async () => {
    const {server, chat, states} = online();
    const answer = chat.say('lobby', 'one');
    const {socket} = server;
    chat.close();
    await assert.rejects(answer, {code: 'CLOSED', retry: true});
    socket.onclose({code: 1000, reason: ''});
    server.clock.advance(3_600_000);
    assert.deepEqual([socket.closed, server.sockets.length, states.at(-1).state], [1000, 1, 'closed']);
    assert.deepEqual(chat.pending.map(({body}) => body), ['one']);
    chat.connect();
    server.open();
    server.enter();
    assert.deepEqual(server.waiting, ['one']);
});

test('what is no JSON ends the connection', () => {
    const {server, states} = online();
    server.socket.onmessage({data: '<html>'});
    assert.equal(states.at(-1).reason, 'the server sent something that is no JSON');
});

test('addresses are those of a socket', () => {
    for (const [url, wanted] of [['http://here/', 'ws://here/'], ['https://here/ws#x', 'wss://here/ws'],
                                 ['ws://here:1/ws', 'ws://here:1/ws']]) {
        const server = new FakeServer();
        new Chat(server.options({url})).connect();
        assert.equal(server.socket.url, wanted);
    }
    assert.throws(() => new Chat({WebSocket: null}), /pass \{WebSocket\}/);
    assert.throws(() => new Chat(new FakeServer().options({url: 'nonsense'})), TypeError);
});

test('the types name what the module has', () => {
    const types = readFileSync(new URL('../../clients/web/chatd.d.ts', import.meta.url), 'utf8');
    const exported = [...types.matchAll(/^export (?:class|const) (\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(exported.sort(), Object.keys(module).sort());
    const body = types.slice(types.indexOf('export class Chat {'));
    const members = [...body.matchAll(/^ {4}(?:readonly )?(\w+)[(<:]/gm)].map(([, name]) => name);
    assert.deepEqual(members.sort(), Object.getOwnPropertyNames(Chat.prototype).sort());
    const bounds = types.slice(types.indexOf('export const limits'), types.indexOf('export class Chat {'));
    assert.deepEqual([...bounds.matchAll(/readonly (\w+)/g)].map(([, name]) => name).sort(), Object.keys(limits).sort());
});
