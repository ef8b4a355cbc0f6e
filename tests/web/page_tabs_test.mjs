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
    assert.deepEqual([...duplicate.others()], [[tab.name, ['unsent']]]);
    assert.deepEqual([duplicate.isOwn(`chatd.tab ${tab.name} unsent`), tab.isOwn(`chatd.tab ${tab.name} unsent`)], [null, 'unsent']);
});

/** Locks as a browser has them, for requests that wait for ever or not at all. */
class Locks {
    held = new Set();

    async request(name, options, act = options) {
        if (this.held.has(name)) return act(null);
        this.held.add(name);
        await act({name});
        this.held.delete(name);
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

/** An Unsent over a model, with actions that note what they were asked for. */
function world(tab, {history = () => ({events: [], more: false}), pending = []} = {}) {
    const model = new Model();
    model.current = model.open('room', 'lobby');
    const done = [];
    const note = (name) => (...values) => done.push([name, ...values.map((value) => value?.label ?? value?.title ?? value)]);
    const unsent = new Unsent({
        model, tab, composer: {conversation: model.current, box: {value: ''}, put: note('box')},
        chat: {pending, unsay: note('unsay'), call: async (method, params) => history(params)},
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
        return after.seq < 400 ? {events: [{epoch: 1, seq: 400}], more: true} : {events: [{epoch: 1, seq: 401, key: 'heard'}], more: false};
    };
    const {unsent, done} = world(begin(emptyStorage(), {locks: new Locks()}), {history});
    left('gone', 'chatd ws://here/ws lines', {
        rooms: [['lobby', {epoch: 1, seq: 300}]],
        lines: [line('waits'), line('heard', {sentAt: 5}), line('lost', {sentAt: 5}), line('elsewhere', {room: 'x', sentAt: 5})],
    });
    await unsent.adopt();
    assert.deepEqual(asked, [100, 400, 100, 400]);
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

test('private lines of a closed tab: those that waited wait again, one on its way is given back', async () => {
    const {model, unsent, done} = world(begin(emptyStorage(), {locks: new Locks()}));
    const kept = {kind: 'private', name: 'bob', draft: 'half', waiting: [{body: 'on its way', sent: true}, {body: 'waits', sent: false}],
                  unsaid: [{title: 'given back', body: 'x'}]};
    left('gone', 'unsent', [kept, null, {kind: 'x'}, {kind: 'room', name: 'lobby', draft: 'hm', waiting: [], unsaid: []}]);
    await unsent.adopt();
    const bob = model.conversations.get('@bob');
    assert.deepEqual([bob.waiting, bob.draft], [[{body: 'waits', sent: false}], 'half']);
    assert.deepEqual(done, [['back', 'bob', 'given back'], ['not said', 'bob', 'on its way', 'the page ended before an answer came', true], ['box', 'hm']]);
    assert.equal(unsent.tab.others().size, 0);
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
