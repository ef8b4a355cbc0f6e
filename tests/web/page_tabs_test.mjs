// The tabs of one browser: who has which name, and who takes over what a tab has left.

import assert from 'node:assert/strict';
import {beforeEach, test} from 'node:test';

/** A Storage as browsers have it: its items are properties, its methods are not among them. */
function emptyStorage() {
    const define = (value) => ({value, enumerable: false});
    return Object.defineProperties({}, {
        getItem: define(function getItem(name) { return Object.hasOwn(this, name) ? this[name] : null; }),
        setItem: define(function setItem(name, value) { this[name] = value; }),
        removeItem: define(function removeItem(name) { delete this[name]; }),
    });
}

Object.assign(globalThis, {window: globalThis, addEventListener() {}});
const {Tab} = await import('../../clients/web/tab.js');
const {Unsent} = await import('../../clients/web/unsent.js');
const {Model} = await import('../../clients/web/model.js');

const settled = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
    globalThis.localStorage = emptyStorage();
    globalThis.sessionStorage = emptyStorage();
});

/** A tab with a sessionStorage of its own; it reads its name while it begins. */
function begin(session, ways = {}) {
    globalThis.sessionStorage = session;
    return new Tab(ways);
}

test('a tab has its name again after a reload; a duplicate and a tab that crashed have new ones', () => {
    const session = emptyStorage();
    const tab = begin(session);
    tab.setItem('unsent', 'one');
    const duplicate = begin(Object.assign(emptyStorage(), session));
    const afterCrash = begin(Object.assign(emptyStorage(), session));
    assert.equal(new Set([tab.name, duplicate.name, afterCrash.name]).size, 3);
    globalThis.sessionStorage = session;
    tab.ends();
    const reloaded = begin(session);
    assert.deepEqual([reloaded.name, reloaded.getItem('unsent')], [tab.name, 'one']);
    assert.deepEqual([duplicate.others(), [...duplicate.itemsOf(tab.name)]], [[tab.name], [['unsent', 'one']]]);
    assert.deepEqual([duplicate.isOwn(`chatd.tab ${tab.name} unsent`), tab.isOwn(`chatd.tab ${tab.name} unsent`)], [null, 'unsent']);
});

test('of two tabs that one was duplicated into while it showed another page, one has its name', () => {
    const session = emptyStorage();
    const tab = begin(session);
    tab.setItem('unsent', 'one');
    globalThis.sessionStorage = session;
    tab.ends();
    const copy = Object.assign(emptyStorage(), session);
    const [first, second] = [begin(copy), begin(session)];
    assert.deepEqual([first.name, first.getItem('unsent'), second.getItem('unsent')], [tab.name, 'one', null]);
    assert.notEqual(second.name, tab.name);
    globalThis.sessionStorage = session;
    second.ends();
    assert.deepEqual([Object.keys(session), Object.keys(localStorage).length], [[], 1], 'who has nothing leaves nothing');
});

/** Locks as a browser has them: who finds one held waits for it, or gets null at once. */
class Locks {
    queues = new Map();  // name → those that have it or wait for it

    async request(name, ...more) {
        const [{ifAvailable = false}, act] = more.length === 1 ? [{}, ...more] : more;
        const before = this.queues.get(name);
        if (before && ifAvailable) return act(null);
        const mine = (async () => {
            await before;
            return act({name});
        })();
        this.queues.set(name, mine);
        await mine;
        if (this.queues.get(name) === mine) this.queues.delete(name);
    }
}

/** Channels of one name: each hears what the others say, a little later. */
class Channels {
    all = [];

    open() {
        const channel = {postMessage: (data) => {
            for (const other of this.all) if (other !== channel) setImmediate(() => other.onmessage?.({data}));
        }};
        this.all.push(channel);
        return channel;
    }
}

for (const how of ['locks', 'channels']) {
    test(`of several tabs one takes over what a closed tab has left, and nobody what a living one has (${how})`, async () => {
        const [locks, channels, waits] = [new Locks(), new Channels(), []];
        const ways = () => (how === 'locks' ? {locks} : {channel: channels.open(), wait: (act) => waits.push(act)});
        const tabs = [1, 2, 3].map(() => begin(emptyStorage(), ways()));
        const claims = (name) => tabs.map((tab) => (tab.name === name ? null : tab.claim(name)));
        const answers = async (asked) => {
            await settled();
            await settled();  // a question and its answer
            for (const act of waits.splice(0)) act();
            return (await Promise.all(asked)).filter(Boolean);
        };
        const [release, ...more] = await answers(claims('gone'));
        assert.deepEqual([typeof release, more.length], ['function', 0]);
        assert.equal((await answers(claims('gone'))).length, 0, 'it is being taken over');
        release();
        await settled();
        assert.equal((await answers(claims('gone'))).length, 1);
        assert.equal((await answers(claims(tabs[0].name))).length, 0, 'it lives');
    });
}

test('without locks and channels nobody takes anything over', async () => {
    assert.equal(await begin(emptyStorage()).claim('gone'), null);
});

/** An Unsent over a model, with actions that note what they were asked for. Something may happen
 *  between a question and its answer: `meanwhile`. */
function world(tab, {history = () => ({events: [], more: false}), meanwhile = () => {}, pending = []} = {}) {
    const model = new Model();
    model.nick = 'ana';
    model.current = model.open('room', 'lobby');
    const done = [];
    const note = (name) => (...values) => done.push([name, ...values.map((value) => value?.label ?? value?.title ?? value)]);
    const unsent = new Unsent({
        model, tab, composer: {conversation: model.current, box: {value: ''}, put: note('box')},
        chat: {pending, unsay: note('unsay'), call: async (method, params) => {
            await settled();
            meanwhile();
            return history(params);
        }},
        actions: {
            placeOf: (room) => model.room(room) ?? model.current, giveBack: note('back'), notSaid: note('not said'), letGo: note('let go'), sendWaiting() {},
            sayInRoom: (room, body, {key}) => done.push(['say', room, body, key]), log: {sync() {}},
        },
    });
    return {model, unsent, done};
}

const left = (name, item, value) => localStorage.setItem(`chatd.tab ${name} ${item}`, JSON.stringify(value));
const line = (key, more = {}) => ({key, room: 'lobby', body: key, action: false, sentAt: 0, ...more});

test('lines of a closed tab are said under their keys; those that were sent only if the history has none', async () => {
    const asked = [];
    const history = ({after}) => {
        asked.push(after.seq);
        if (after.seq < 400) return {events: [{epoch: 1, seq: 400, key: 'heard', body: 'a guessed key', from: 'eve'}], more: true};
        return {events: [{epoch: 1, seq: 401, key: 'heard', body: 'heard\ufffd', from: 'nan'}, {epoch: 1, seq: 402, key: 'changed', body: 'since', from: 'Ana'},
                         {epoch: 1, seq: 403, key: 'lost', body: 'stolen', from: 'eve'}], more: false};
    };
    const {unsent, done} = world(begin(emptyStorage(), {locks: new Locks()}), {history});
    left('gone', 'chatd ws://here/ws lines', {
        rooms: [['dev', {epoch: 1, seq: 2}], ['lobby', {epoch: 1, seq: 300}]],
        lines: [line('waits'), line('heard', {body: 'heard\ud83d', sentAt: 5}), line('changed', {sentAt: 5}), line('lost', {sentAt: 5}),
                line('elsewhere', {room: 'x', sentAt: 5}), null, {key: 'nonsense', room: 7}],
    });
    await unsent.adopt();
    assert.deepEqual(asked, [100, 400], 'each page once');
    assert.deepEqual(done, [['say', 'lobby', 'waits', 'waits'], ['say', 'lobby', 'lost', 'lost'],
                            ['not said', '#lobby', 'elsewhere', 'the page ended before an answer came', true]]);
    assert.deepEqual(Object.keys(localStorage), []);
});

test('what cannot be looked up because the connection ended stays where it lies', async () => {
    const history = () => { throw Object.assign(new Error('cut off'), {retry: true}); };
    const {unsent, done} = world(begin(emptyStorage(), {locks: new Locks()}), {history});
    left('gone', 'chatd ws://here/ws lines', {rooms: [['lobby', {epoch: 1, seq: 3}]], lines: [line('waits'), line('sent', {sentAt: 5})]});
    await unsent.adopt();
    assert.deepEqual([done, Object.keys(localStorage).length], [[], 1]);
});

const kinds = {
    'writes one more': (tab, keep) => keep([line('sent', {sentAt: 5}), line('one more')]),
    'has written nothing yet': () => {},
};
for (const [how, act] of Object.entries(kinds)) {
    test(`a tab that is back while another looks up what it has left keeps it (it ${how})`, async () => {
        const [locks, session] = [new Locks(), emptyStorage()];
        const before = begin(session);
        const keep = (lines) => left(before.name, 'chatd ws://here/ws lines', {rooms: [['lobby', {epoch: 1, seq: 3}]], lines});
        keep([line('sent', {sentAt: 5})]);
        left(before.name, 'unsent', [{kind: 'private', name: 'bob', draft: 'half', waiting: [], unsaid: []}]);
        globalThis.sessionStorage = session;
        before.ends();
        const back = [];
        let there;
        const {unsent, done} = world(begin(emptyStorage(), {locks}), {meanwhile() {
            const tab = begin(session, {locks});
            back.push(tab);
            act(tab, keep);
            there = JSON.stringify([...tab.itemsOf(tab.name)]);
        }});
        await unsent.adopt(true);
        const [tab] = back;
        assert.deepEqual([back.length, tab.name, done, JSON.stringify([...tab.itemsOf(tab.name)])], [1, before.name, [], there]);
    });
}

test('what a tab that seemed to sleep writes while another looks up what it has stays where it lies', async () => {
    const keep = (...keys) => left('sleeps', 'chatd ws://here/ws lines', {rooms: [['lobby', {epoch: 1, seq: 3}]], lines: keys.map((key) => line(key, {sentAt: 5}))});
    keep('one');
    const {unsent, done} = world(begin(emptyStorage(), {locks: new Locks()}), {meanwhile: () => keep('one', 'two')});
    await unsent.adopt();
    assert.deepEqual([done, Object.keys(localStorage).length], [[], 1]);
});

test('a tab that is back after another took over what it had left has another name', async () => {
    const session = emptyStorage();
    const before = begin(session);
    left(before.name, 'unsent', [{kind: 'private', name: 'bob', draft: 'half', waiting: [], unsaid: []}]);
    globalThis.sessionStorage = session;
    before.ends();
    const {unsent, model} = world(begin(emptyStorage(), {locks: new Locks()}));
    await unsent.adopt(true);
    assert.equal(model.conversations.get('@bob').draft, 'half');
    assert.notEqual(begin(session).name, before.name);
});

test('private lines of a closed tab: those that waited wait again, one on its way is given back', async () => {
    const {model, unsent, done} = world(begin(emptyStorage(), {locks: new Locks()}));
    const kept = {kind: 'private', name: 'bob', draft: 'half', waiting: [{body: 'on its way', sent: true}, {body: 'waits', sent: false}],
                  unsaid: [{title: 'given back', body: 'x'}]};
    left('gone', 'unsent', [kept, null, {kind: 'x'}, {kind: 'room', name: 'lobby', draft: 'hm', waiting: [], unsaid: []}]);
    await unsent.adopt();
    const bob = model.conversations.get('@bob');
    assert.deepEqual([bob.waiting, bob.draft], [[{body: 'waits', sent: false}], 'half']);
    assert.deepEqual(done, [['back', 'bob', 'given back'], ['not said', 'bob', 'on its way', 'the page ended before an answer came', true], ['box', 'hm']]);
    assert.deepEqual(unsent.tab.others(), []);
});

test('a draft never comes into the box of another room, and nonsense is passed over', async () => {
    const {unsent, done} = world(begin(emptyStorage(), {locks: new Locks()}));
    left('gone', 'unsent', [{kind: 'room', name: 'elsewhere', draft: 'hm'}, {kind: 'room', name: 'lobby', draft: 7, waiting: [{}], unsaid: [{body: 'x'}]}]);
    await unsent.adopt(true);
    assert.deepEqual(done, [['back', '#lobby', 'Was being written to elsewhere, in a tab that was closed']]);
});

test('drafts alone wait for a page that begins', async () => {
    const {unsent, done} = world(begin(emptyStorage(), {locks: new Locks()}));
    left('gone', 'unsent', [{kind: 'room', name: 'lobby', draft: 'hm', waiting: [], unsaid: []}]);
    await unsent.adopt();
    assert.deepEqual(done, []);
    await unsent.adopt(true);
    assert.deepEqual(done, [['box', 'hm']]);
});

test('a tab that slept while another took its lines lets go of them', () => {
    const {unsent, done} = world(begin(emptyStorage()), {pending: [line('k1'), line('k2')]});
    unsent.robbed('chatd ws://here/ws lines');
    unsent.robbed('unsent');
    assert.deepEqual(done, [['unsay', 'k1'], ['unsay', 'k2'], ['let go', '#lobby']]);
});
