// What the page's actions do where something fails: no text is lost, nothing throws.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Actions} from '../../clients/web/actions.js';
import {Alerts} from '../../clients/web/alerts.js';
import {Model} from '../../clients/web/model.js';

/** Actions without a page: what they refused, and the connection that `call` is. */
function world(state, call) {
    const actions = Object.create(Actions.prototype);
    const refusals = [];
    const model = new Model();
    model.nick = 'ana';
    Object.assign(actions, {
        model, refusals, chat: {state, call, pending: []}, commands: [],
        log: {toEnd() {}, sync() {}}, unsent: {keep() {}}, composer: {box: {value: ''}}, refuse: (text) => refusals.push(text),
    });
    return actions;
}

const givenBack = ({timeline}) => timeline.items.filter(({kind}) => kind === 'note').map(({again}) => again);
const settled = () => new Promise((resolve) => setImmediate(resolve));
const edit = {kind: 'edit', item: {at: {epoch: 1, seq: 1}}};

test('a change that is written while offline stays in the box', () => {
    const actions = world('offline', () => assert.fail('nothing may be asked'));
    const lobby = actions.model.open('room', 'lobby');
    assert.equal(actions.send(lobby, 'better', edit), false);
    assert.match(actions.refusals[0], /^Not connected/);
});

test('a change that is refused is given back', async () => {
    const actions = world('online', () => Promise.reject(new Error('too late')));
    const lobby = actions.model.open('room', 'lobby');
    assert.equal(actions.send(lobby, 'better', edit), true);
    await settled();
    assert.deepEqual(givenBack(lobby), ['better']);
});

test('a private line that finds no place to wait is given back', () => {
    const actions = world('offline', () => assert.fail('nothing may be asked'));
    const bob = actions.model.open('private', 'bob');
    for (let number = 0; number <= 100; number += 1) actions.say(bob, `${number}`);
    assert.equal(bob.waiting.length, 100);
    assert.deepEqual(givenBack(bob), ['100']);
});

test('a refused line of a room that one has left is given back where no conversation is open', () => {
    const actions = world('online');
    actions.refused({room: 'gone', body: 'hello', error: new Error('no such room')});
    assert.deepEqual(givenBack(actions.model.room('gone')), ['hello']);
});

test('a line that was given back stays until it is taken up or dropped', () => {
    const actions = world('offline');
    const bob = actions.model.open('private', 'bob');
    actions.model.show(bob);
    for (const body of ['one', 'two']) actions.notSaid(bob, body, 'the connection ended', true);
    assert.deepEqual(bob.unsaid, ['one', 'two'].map((body) => ({title: 'Perhaps not said: the connection ended', body})));
    actions.takeUp(bob.timeline.items[0]);
    assert.deepEqual([givenBack(bob), actions.model.unsent()[0].unsaid.length], [['two'], 1]);
    actions.letGo(bob);
    assert.deepEqual([givenBack(bob), actions.model.unsent()], [[], []]);
});

test('a browser that makes no notifications for pages is no hindrance', () => {
    let tried = 0;
    const page = {document: {hidden: true}, window: {Notification: true}, Notification: class {
        static permission = 'granted';
        constructor() {
            tried += 1;
            throw new TypeError('Illegal constructor');
        }
    }};
    Object.assign(globalThis, page);
    const alerts = Object.assign(Object.create(Alerts.prototype), {wanted: true, model: {nick: 'ana'}});
    alerts.arrived({kind: 'private', id: '@bob'}, {from: 'bob', body: 'psst'});
    assert.equal(tried, 1);
    for (const name of Object.keys(page)) delete globalThis[name];
});
