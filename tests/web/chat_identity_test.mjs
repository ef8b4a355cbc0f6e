// Who the JavaScript client is, where, and what of it outlives a reload, against a scripted server.

import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import * as module from '../../clients/web/chatd.js';
import {fileStorage} from '../../clients/web/file_storage.mjs';
import {online, reconnected, settled, world} from './chat_world.mjs';
import {FakeServer, FakeStorage} from './fake_server.mjs';

const {Chat, limits} = module;

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

test('a file is a storage for the next run', (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'chatd-web-'));
    context.after(() => rmSync(folder, {recursive: true}));
    const path = join(folder, 'kept.json');
    const storage = fileStorage(path);
    assert.equal(storage.getItem('one'), null);
    storage.setItem('one', '1');
    storage.setItem('two', 2);
    storage.removeItem('one');
    const next = fileStorage(path);
    assert.deepEqual([next.getItem('one'), next.getItem('two')], [null, '2']);
    writeFileSync(path, 'broken');
    assert.throws(() => fileStorage(path), /holds no storage; remove it/);
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

test('two Chats of one person say their own lines, and one takes a line over under its key', async () => {
    const storage = new FakeStorage();
    const [own, others] = [new FakeStorage(), new FakeStorage()];
    const first = online({storage, lines: own});
    first.chat.say('lobby', 'one');
    const {params} = first.server.take('say');
    await settled();
    const next = (lines) => new Chat(new FakeServer().options({storage, lines}));
    assert.deepEqual([next(own).pending.map(({key}) => key), next(others).pending], [[params.key], []]);
    const kept = JSON.parse(own.getItem('chatd ws://here/ws lines'));
    assert.deepEqual([kept.rooms, kept.lines.length, kept.lines[0].sentAt > 0], [[['lobby', {epoch: 1, seq: 0}]], 1, true]);

    const second = world({storage, lines: others});
    second.chat.connect();
    second.server.open();
    second.server.enter();
    for (let count = 0; count < 2; count += 1) second.chat.say('lobby', 'one', {key: params.key});
    assert.deepEqual([second.server.take('say').params, second.server.waiting], [params, []]);
    assert.deepEqual([first.chat.unsay(params.key), first.chat.unsay(params.key)], [true, false]);
    await settled();
    assert.equal(own.items.size, 0);
    reconnected(first);
    first.server.enter();
    assert.deepEqual(first.server.waiting, []);
});

test('lines of a Chat without a storage of its own are kept where they shall lie', async () => {
    const lines = new FakeStorage();
    const {chat} = online({lines});
    chat.say('lobby', 'one');
    await settled();
    assert.deepEqual([...lines.items.keys()], ['chatd ws://here/ws lines']);
    assert.deepEqual(new Chat(new FakeServer().options({lines})).pending.map(({body}) => body), ['one']);
});

test('lines that lie where they were kept before are said, too', async () => {
    const [storage, lines] = [new FakeStorage(), new FakeStorage()];
    const old = {key: 'w-1', room: 'lobby', body: 'one', action: false, sentAt: 0};
    storage.setItem('chatd ws://here/ws', JSON.stringify({token: 'token-1', session: '1', asked: 'ana', nick: 'ana', rooms: [], entered: false, pending: [old]}));
    const {server, chat} = world({storage, lines});
    chat.connect();
    server.open();
    server.enter();
    assert.equal(server.take('say').params.key, 'w-1');
    await settled();
    assert.equal(new Chat(new FakeServer().options({storage, lines})).pending.length, 1, 'and from now on once');
});

test('a name that another Chat of the same person has taken is kept, a guest\'s is not', () => {
    const first = online({storage: new FakeStorage()});
    reconnected(first);
    first.server.enter('nell');
    assert.deepEqual([first.chat.nick, first.chat.state], ['nell', 'online']);
    first.server.clock.advance(6000);
    reconnected(first);
    first.server.answer(first.server.take('resume'), first.server.session_of('guest-7', true));
    assert.equal(first.server.take('nick').params.nick, 'nell');
});

test('two Chats of one person whose session is forgotten become one person again', async () => {
    const storage = new FakeStorage();
    const first = online({storage});
    await settled();
    const second = world({storage, guest: true});
    second.chat.connect();
    second.server.open();
    second.server.enter();
    for (const {server} of [first, second]) {
        reconnected({server});
        server.refuse(server.take('resume'), 'BAD_TOKEN');
        server.clock.advance(500);
    }
    // Both ask for a new session at once; one gets the nick, and the other asks once more.
    [first.server.token, second.server.token] = ['token-2', 'token-3'];
    second.server.hello('');
    first.server.hello();
    first.server.enter();
    second.server.refuse(second.server.take('nick'), 'NICK_IN_USE');
    await settled();
    second.server.clock.advance(3000);
    second.server.open();
    second.server.answer(second.server.take('resume'), second.server.session_of('guest-1', true));
    second.server.refuse(second.server.take('nick'), 'NICK_IN_USE');
    second.server.clock.advance(3000);
    second.server.open();
    assert.equal(second.server.enter().params.token, 'token-2');
    assert.deepEqual([second.chat.nick, second.chat.state], ['ana', 'online']);
    // Now one after the other.
    for (const {server} of [first, second]) server.clock.advance(6000);
    await settled();
    reconnected(first);
    first.server.refuse(first.server.take('resume'), 'BAD_TOKEN');
    first.server.clock.advance(500);
    first.server.token = 'token-4';
    first.server.hello();
    first.server.enter();
    await settled();
    reconnected(second);
    second.server.refuse(second.server.take('resume'), 'BAD_TOKEN');
    second.server.clock.advance(500);
    second.server.open();
    assert.equal(second.server.enter().params.token, 'token-4');
});

test('a storage that is full is told once, and holds no lines that were said since', async () => {
    const storage = new FakeStorage();
    const {server, chat, heard} = online({storage});
    chat.say('lobby', 'one');
    await settled();
    const {setItem} = storage;
    storage.setItem = () => { throw new Error('quota'); };
    for (const body of ['two', 'three']) {
        chat.say('lobby', body);
        await settled();
    }
    assert.deepEqual([heard, storage.getItem('chatd ws://here/ws lines')], [[['notice', 'STORAGE']], null]);
    storage.setItem = setItem;
    server.said(server.take('say'), 1);
    await settled();
    assert.equal(new Chat(new FakeServer().options({storage})).pending.length, 2);
});

test('forget() leaves nothing behind', async () => {
    const storage = new FakeStorage();
    const {chat, server} = online({storage});
    chat.say('lobby', 'one');
    chat.forget();
    assert.deepEqual([server.waiting, server.socket.closed], [['one', 'quit'], 1000]);
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

test('only whoever nobody can be again says goodbye', () => {
    for (const [storage, wanted] of [[undefined, ['quit']], [new FakeStorage(), []]]) {
        const {server, chat} = online({storage});
        chat.close();
        assert.deepEqual(server.waiting, wanted);
    }
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
