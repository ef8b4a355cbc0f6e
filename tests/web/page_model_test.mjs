// What the page knows: the window over a room, and the model of rooms, people and unread lines.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {niceCeiling, Series} from '../../clients/web/graph.js';
import {Model, peopleMax, privatesMax, unseenMax} from '../../clients/web/model.js';
import {Timeline, itemsMax, reactedMax} from '../../clients/web/timeline.js';

const ts = '2026-11-27T10:00:00.000Z';
const message = (seq, more = {}) => ({kind: 'message', room: 'lobby', epoch: 1, seq, ts, from: 'bob', body: `${seq}`, ...more});
const change = (kind, seq, target, more = {}) => ({kind, room: 'lobby', epoch: 1, seq, ts, from: 'bob', target: {epoch: 1, seq: target}, ...more});
const range = (from, to) => Array.from({length: to - from + 1}, (_, index) => message(from + index));
const seqs = (timeline) => timeline.items.map((item) => item.at.seq);

test('what comes is put after what is there, and twice it is nothing', () => {
    const timeline = new Timeline();
    timeline.page('newest', range(1, 3), false);
    assert.ok(timeline.add(message(4)));
    assert.equal(timeline.add(message(4)), null);
    assert.equal(timeline.add(message(2)), null);
    assert.deepEqual(seqs(timeline), [1, 2, 3, 4]);
    assert.deepEqual([timeline.atStart, timeline.atEnd], [true, true]);
});

test('lines that came while the first page was on its way are not lost', () => {
    const timeline = new Timeline();
    timeline.add(message(50));
    timeline.add(message(51));
    timeline.page('newest', range(40, 50), true);
    assert.deepEqual(seqs(timeline), [40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51]);
    assert.equal(timeline.atStart, false);
});

test('a newest page far ahead begins anew: there is never a hole', () => {
    const timeline = new Timeline();
    timeline.page('newest', range(1, 3), false);
    timeline.page('newest', range(90, 92), true);
    assert.deepEqual(seqs(timeline), [90, 91, 92]);
    assert.equal(timeline.add(message(4)), null);
    timeline.add(message(93));
    assert.deepEqual(seqs(timeline), [90, 91, 92, 93]);
});

test('pages are put before and after', () => {
    const timeline = new Timeline();
    timeline.page('around', range(50, 60), true);
    assert.deepEqual([timeline.atStart, timeline.atEnd], [false, false]);
    assert.equal(timeline.add(message(90)), null, 'the end is not here');
    timeline.page('before', range(40, 49), false);
    timeline.page('after', range(61, 89), false);
    assert.deepEqual(seqs(timeline), range(40, 90).map(({seq}) => seq));
    assert.deepEqual([timeline.atStart, timeline.atEnd], [true, true]);
});

test('changes find their message, whichever comes first', () => {
    const timeline = new Timeline();
    timeline.page('newest', range(5, 6), true);
    timeline.add(change('edited', 7, 6, {body: 'better'}));
    timeline.add(change('reacted', 8, 2, {reaction: '👍', from: 'ana'}));
    timeline.add(change('redacted', 9, 5));
    timeline.page('before', range(1, 4), false);
    assert.deepEqual(timeline.items.map(({body}) => body), ['1', '2', '3', '4', '', 'better']);
    assert.equal(timeline.get({epoch: 1, seq: 6}).edited, true);
    assert.deepEqual([...timeline.get({epoch: 1, seq: 2}).reactions.get('👍')], ['ana']);
    timeline.add(change('reacted', 10, 2, {reaction: '👍', from: 'ana', off: true}));
    assert.equal(timeline.get({epoch: 1, seq: 2}).reactions.size, 0);
});

test('an edit that a page lists does not undo a later one', () => {
    const timeline = new Timeline();
    timeline.page('newest', [message(1, {body: 'third'}), change('edited', 2, 1, {body: 'second'})], false);
    assert.deepEqual([timeline.items[0].body, timeline.items[0].edited], ['third', true]);
    timeline.add(change('edited', 3, 1, {body: 'fourth'}));
    assert.equal(timeline.items[0].body, 'fourth');
});

test('a reaction that was taken back stays so when a page lists that it was put', () => {
    const timeline = new Timeline();
    timeline.page('newest', range(5, 6), true);
    timeline.add(change('reacted', 7, 2, {reaction: '👍', off: true}));
    timeline.page('before', [message(2), change('reacted', 3, 2, {reaction: '👍'}), message(4)], false);
    assert.equal(timeline.get({epoch: 1, seq: 2}).reactions.size, 0);
});

test('what changed is known again after one was elsewhere', () => {
    const timeline = new Timeline();
    timeline.page('newest', range(1, 3), false);
    timeline.add(change('edited', 4, 1, {body: 'better'}));
    timeline.add(change('reacted', 5, 2, {reaction: '👍', from: 'ana'}));
    timeline.page('around', range(500, 510), true);
    timeline.page('around', [message(1, {body: 'better'}), ...range(2, 3)], true);
    assert.equal(timeline.get({epoch: 1, seq: 1}).edited, true);
    assert.deepEqual([...timeline.get({epoch: 1, seq: 2}).reactions.get('👍')], ['ana']);
});

test('a gap stands in its place until the history fills it', () => {
    const timeline = new Timeline();
    timeline.page('newest', range(1, 3), false);
    assert.ok(timeline.gap({epoch: 1, seq: 4}, {epoch: 1, seq: 9}));
    assert.equal(timeline.gap({epoch: 1, seq: 4}, {epoch: 1, seq: 9}), null);
    timeline.add(message(10));
    assert.deepEqual(timeline.items.map(({kind}) => kind), ['message', 'message', 'message', 'gap', 'message']);
    timeline.page('before', range(4, 9), true);
    assert.deepEqual(seqs(timeline), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('only so many are kept, those where one reads', () => {
    const timeline = new Timeline();
    timeline.page('newest', range(1, itemsMax + 10), false);
    timeline.trim(true);
    assert.deepEqual([timeline.items.length, timeline.items[0].at.seq, timeline.atStart], [itemsMax, 11, false]);
    timeline.page('before', range(1, 10), false);
    timeline.trim(false);
    assert.deepEqual([timeline.items.length, timeline.items[0].at.seq, timeline.atEnd], [itemsMax, 1, false]);
    assert.equal(timeline.last.seq, itemsMax);
});

test('a note stands at the end, whatever pages come, and not while the end is elsewhere', () => {
    const timeline = new Timeline();
    const note = timeline.note({again: 'not said'});
    timeline.page('newest', range(1, 3), false);
    assert.deepEqual(timeline.items.map(({kind}) => kind), ['message', 'message', 'message', 'note']);
    timeline.page('around', range(50, 60), true);
    assert.equal(timeline.items.includes(note), false);
    timeline.page('after', range(61, 62), false);
    assert.equal(timeline.items.at(-1), note);
    timeline.add(message(63));
    timeline.remove(note);
    assert.deepEqual([timeline.items.at(-1).at.seq, timeline.items.includes(note)], [63, false]);
});

test('a line that was given back is not given up with what is far away', () => {
    const timeline = new Timeline();
    timeline.page('newest', range(1, 3), false);
    timeline.note({title: 'told'});
    const notes = ['one', 'two'].map((body) => timeline.note({line: {body}}));
    timeline.page('after', range(4, itemsMax + 50), false);
    timeline.trim(true);
    assert.deepEqual(timeline.items.slice(-3).map(({kind}) => kind), ['message', 'note', 'note']);
    assert.deepEqual(timeline.items.slice(-2), notes);
    timeline.trim(true);
    assert.equal(timeline.items.length, itemsMax);
    timeline.add(message(itemsMax + 51));
    assert.equal(timeline.items.at(-1).kind, 'message');
    timeline.atEnd = false;
    timeline.items.push(...range(itemsMax + 52, 2 * itemsMax + 60).map(({epoch, seq}) => ({kind: 'message', at: {epoch, seq}})));
    timeline.trim(true);
    assert.deepEqual(timeline.aside, notes);
});

test('of reactions that come and go a bounded number is remembered', () => {
    const timeline = new Timeline();
    timeline.page('newest', range(1, 1), false);
    for (let seq = 2; seq < 3 * reactedMax; seq += 1) timeline.add(change('reacted', seq, 1, {reaction: `${seq >> 1}`, off: seq % 2 === 1}));
    timeline.add(change('reacted', 3 * reactedMax, 1, {reaction: 'last'}));
    const {reactions, reactedAt} = timeline.items[0];
    assert.deepEqual([[...reactions.keys()], reactedAt.size], [['last'], reactedMax]);
});

test('epochs order before numbers', () => {
    const timeline = new Timeline();
    timeline.page('newest', [message(900), message(1, {epoch: 2})], false);
    assert.ok(timeline.add(message(2, {epoch: 2})));
    assert.deepEqual(seqs(timeline), [900, 1, 2]);
});

// ---- model ------------------------------------------------------------------------------------

function world() {
    const model = new Model();
    model.nick = 'ana';
    const lobby = model.open('room', 'lobby');
    const dev = model.open('room', 'dev');
    model.show(lobby);
    model.watched = (conversation) => conversation === model.current;
    return {model, lobby, dev};
}

test('lines count as unread where nobody looks, and those that name one count besides', () => {
    const {model, dev} = world();
    model.numbered('message', message(1));
    model.numbered('message', {...message(1), room: 'dev'});
    model.numbered('message', {...message(2), room: 'dev', body: 'Ana, look'});
    model.numbered('message', {...message(3), room: 'dev', from: 'ANA'});
    assert.deepEqual(model.unread, {lines: 2, named: 1});
    model.show(dev);
    assert.deepEqual(model.unread, {lines: 0, named: 0});
});

test('who comes, goes and is renamed is told by name and by number', () => {
    const {model, lobby} = world();
    model.people('lobby', ['ana', 'bob'], 2);
    model.joined({room: 'lobby', from: 'eve'});
    model.joined({room: 'lobby', from: 'eve'});
    assert.equal(lobby.total, 3);
    const direct = model.open('private', 'eve');
    model.renamed({room: 'lobby', from: 'eve', nick: 'mallory'});
    assert.deepEqual([direct.name, model.isHere('Mallory'), model.isHere('eve')], ['mallory', true, false]);
    model.left({room: 'lobby', from: 'mallory', reason: 'quit'});
    assert.deepEqual([lobby.total, model.isHere('mallory')], [2, false]);
    model.joined({room: 'lobby', count: 9000, people: 9002});
    assert.deepEqual([lobby.total, lobby.stale], [9002, true]);
    model.people('lobby', Array.from({length: 10_000}, (_, index) => `n${index}`), 10_000);
    assert.equal(lobby.people.size, peopleMax);
});

test('who types is forgotten when they say something, stop, go or are silent', () => {
    const {model, lobby} = world();
    const types = (from) => model.typing({room: 'lobby', from, on: true}, 1000);
    for (const nick of ['a', 'b', 'c', 'd', 'ana']) types(nick);
    assert.deepEqual([...lobby.typists.keys()], ['a', 'b', 'c', 'd']);
    model.numbered('message', message(1, {from: 'a'}));
    model.typing({room: 'lobby', from: 'b', on: false});
    model.left({room: 'lobby', from: 'c'});
    assert.deepEqual([...lobby.typists.keys()], ['d']);
    model.tick(1000 + 9000);
    assert.equal(lobby.typists.size, 0);
});

test('private lines and places outlive a reload, and what nobody has got is told apart', () => {
    const {model, dev} = world();
    dev.draft = 'half a sen';
    model.private({from: 'bob', body: 'psst', ts});
    model.private({from: 'ana', to: 'bob', body: 'yes?', ts}, true);
    model.numbered('message', {...message(7), room: 'dev'});
    model.show(dev);
    const again = new Model();
    again.nick = 'ana';
    again.remember(JSON.parse(JSON.stringify(model.memory())));
    assert.equal(again.current.id, '#dev');
    assert.equal(again.current.draft, '');
    assert.deepEqual(model.unsent(), [{kind: 'room', name: 'dev', draft: 'half a sen', waiting: [], unsaid: []}]);
    assert.deepEqual(again.current.readTo, {epoch: 1, seq: 7});
    const direct = again.conversations.get('@bob');
    assert.deepEqual(direct.timeline.items.map(({body}) => body), ['psst', 'yes?']);
    assert.equal(direct.unread, 1);
    new Model().remember({conversations: [null, {kind: 'x', name: 'y'}, {}]});
});

test('a room that nobody draws keeps a bounded number of lines, the newest', () => {
    const {model, dev} = world();
    const count = unseenMax + 1;
    for (let seq = 1; seq <= count; seq += 1) model.numbered('message', {...message(seq), room: 'dev'});
    assert.equal(dev.timeline.items.length, itemsMax);
    assert.equal(dev.timeline.items.at(-1).at.seq, count);
    assert.equal(dev.timeline.atEnd, true);
});

test('the oldest private conversation goes when there are too many, if nothing is being written in it', () => {
    const {model} = world();
    const write = (number) => model.private({from: `n${number}`, body: 'psst', ts});
    for (let number = 0; number < privatesMax; number += 1) write(number);
    const one = (number) => model.conversations.get(`@n${number}`);
    one(0).draft = 'half a sen';
    one(1).waiting = [{body: 'not yet sent'}];
    model.show(one(2));
    for (let number = privatesMax; number < privatesMax + 10; number += 1) write(number);
    assert.equal([...model.conversations.values()].filter(({kind}) => kind === 'private').length, privatesMax);
    assert.deepEqual([0, 1, 2, 3, 12, 13].map((number) => Boolean(one(number))), [true, true, true, false, false, true]);
});

test('datagrams: of each sender the newest, and when they came', () => {
    const {model} = world();
    for (let count = 0; count < 100; count += 1) model.datagram({from: `udp:${count}`, hex: '00', bytes: 1}, 1000);
    assert.equal(model.datagrams.size, 64);
    model.datagram({from: 'udp:99', hex: 'ff', bytes: 1}, 7000);
    const {hex, count, times} = model.datagrams.get('udp:99');
    assert.deepEqual([hex, count, times], ['ff', 2, [7000]]);
});

test('the picture holds five minutes, and its scale is a round number', () => {
    const series = new Series();
    for (let second = 0; second < 400; second += 1) series.push(second % 7 === 0 ? null : second);
    assert.equal(series.values.length, 300);
    assert.equal(series.max, 398);
    assert.deepEqual([0, 0.3, 1, 3, 20, 21, 700].map(niceCeiling), [1, 0.5, 1, 5, 20, 50, 1000]);
});
