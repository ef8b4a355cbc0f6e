// What the JavaScript client says and hears, against a scripted server: no network, no time goes by.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Chat, ChatError, limits} from '../../clients/web/chatd.js';
import {online, reconnected, world} from './chat_world.mjs';
import {FakeServer} from './fake_server.mjs';

const bodies = (heard) => heard.filter(([event]) => event === 'message').map(([, body]) => body);

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

test('what is said while the connection closes is said by the next', async () => {
    const {server, chat} = online();
    server.socket.readyState = 2;
    const answer = chat.say('lobby', 'late');
    assert.deepEqual(server.waiting, []);
    reconnected({server});
    server.enter();
    server.said(server.take('say'), 1);
    assert.equal((await answer).seq, 1);
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

test('of a line that one has let go of no refusal is told, and the next is sent', () => {
    for (const more of [{}, {retry: true, retry_after_ms: 1}]) {
        const {server, chat, heard} = online();
        for (let number = 0; number < 2 * limits.linesInFlight; ++number) chat.say('lobby', `${number}`);
        const all = server.socket.sent.splice(0);
        for (const {params} of all) chat.unsay(params.key);
        for (const request of all) server.refuse(request, 'TROUBLE', more);
        server.clock.advance(1);
        assert.deepEqual([server.waiting.length, chat.pending.length, heard], [limits.linesInFlight, limits.linesInFlight, []]);
        server.said(server.take('say'), 1);
        chat.say('lobby', 'another');
        chat.say('lobby', 'and one');
        assert.equal(server.waiting.length, limits.linesInFlight);
    }
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
    server.standings.lobby = {epoch: 1, seq: 3};
    server.enter();
    chat.say('lobby', 'four');
    assert.deepEqual(server.waiting, []);
    server.message(1, 'under a guessed key', {key: one.params.key});
    server.message(2, 'one', {room: 'dev', key: one.params.key});
    assert.equal(chat.pending.length, 4);
    server.message(2, 'one', {from: 'ana', key: one.params.key});
    assert.equal((await answers[0]).seq, 2);
    server.message(3, 'of another');
    assert.deepEqual(server.waiting, ['two', 'three', 'four']);
});

test('a double that reaches the end of a catch-up lets the unsure lines go', () => {
    const {server, chat} = online();
    server.message(1, 'hello', {key: 'k1'});
    chat.say('lobby', 'one').catch(() => {});
    server.take('say');
    server.cut();
    server.clock.advance(250);
    server.open();
    server.session = '2';
    server.standings.lobby = {epoch: 2, seq: 1};
    server.enter();
    assert.deepEqual(server.waiting, []);
    server.message(1, 'hello', {epoch: 2, key: 'k1'});
    assert.deepEqual(server.waiting, ['one']);
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

test('who asks need not wait, and an address that may not be used is no end', () => {
    const {server, chat, states} = world();
    chat.connect();
    server.cut();
    chat.connect();
    server.clock.advance(0);
    assert.deepEqual([states.at(-1).state, server.sockets.length], ['connecting', 2]);
    class Forbidden { constructor() { throw new Error('not from here'); } }
    const barred = new Chat(server.options({WebSocket: Forbidden}));
    barred.on('state', (value) => states.push(value));
    barred.connect();
    assert.deepEqual([states.at(-1).state, states.at(-1).reason], ['offline', 'not from here']);
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
    server.clock.advance(15_000);
    server.take('ping');
    server.clock.advance(9_999);
    server.tell('private', {from: 'bob', body: 'psst', ts: 'now'});
    server.clock.advance(1 + 5000);
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
    server.clock.advance(15_000);
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
    for (const data of ['<html>', 'null', '7']) {
        const {server, states} = online();
        server.socket.onmessage({data});
        assert.equal(states.at(-1).reason, 'the server sent something that is no JSON-RPC');
    }
});
