// What the page's actions do where something fails: no text is lost, nothing throws.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Actions} from '../../clients/web/actions.js';
import {Alerts} from '../../clients/web/alerts.js';
import {Composer} from '../../clients/web/composer.js';
import {Model} from '../../clients/web/model.js';

/** An element that nobody sees. */
const element = () => ({
    value: '', hidden: false, style: {}, children: [], scrollHeight: 0, classList: {toggle() {}},
    ...Object.fromEntries(['addEventListener', 'setAttribute', 'removeAttribute', 'replaceChildren', 'append', 'focus'].map((name) => [name, () => {}])),
});

/** Actions without a page: what they refused, and the connection that `call` is. */
function world(state, call) {
    globalThis.document = {getElementById: element, createElement: element};
    const actions = Object.create(Actions.prototype);
    const refusals = [];
    const model = new Model();
    model.nick = 'ana';
    Object.assign(actions, {
        model, refusals, chat: {state, call, pending: []}, commands: new Map(),
        log: {toEnd() {}, sync() {}, show() {}}, unsent: {keep() {}, adopt() {}}, composer: new Composer(actions), sidebar: {sync() {}},
        datagrams: {}, panel: {}, drawer() {}, refuse: (text) => refusals.push(text),
    });
    actions.history = {newest() {}};
    return actions;
}

const givenBack = ({timeline}) => timeline.items.filter(({kind}) => kind === 'note').map(({again}) => again);
const answers = async () => ({room: 'lobby', nicks: [], total: 0, rooms: []});
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
    const told = [];
    actions.model.changed.listen((_, what) => told.push(what));
    actions.letGo(bob);
    assert.deepEqual(told, ['lines', 'list']);
    assert.deepEqual([givenBack(bob), actions.model.unsent()], [[], []]);
});

const titles = ({timeline}) => timeline.items.filter(({kind}) => kind === 'note').map(({title}) => title);

test('no conversation is closed while something in it would be lost', async () => {
    const actions = world('online', answers);
    const {composer, model, refusals} = actions;
    const [lobby, dev, bob] = [model.open('room', 'lobby'), model.open('room', 'dev'), model.open('private', 'bob')];
    bob.waiting = [{body: 'waits', sent: false}];
    await actions.leave(bob);
    bob.waiting = [];
    actions.notSaid(dev, 'back', 'why');
    await actions.leave(dev);
    actions.letGo(dev);
    dev.draft = 'half';
    await actions.leave(dev);
    actions.show(lobby);
    composer.box.value = 'a sen';
    await actions.leave(lobby);
    composer.box.value = '';
    composer.setContext({kind: 'edit', item: {body: 'said', from: 'ana'}});
    composer.box.value = 'said better';
    await actions.leave(lobby);
    assert.deepEqual([refusals.map((text) => text.slice(0, 20)), model.conversations.size], [[
        'Something waits to b', 'Something was not sa', 'What you are writing', 'What you are writing', 'What you are writing',
    ], 3]);
    composer.setContext(null);
    for (const one of [bob, lobby]) await actions.leave(one);
    assert.deepEqual([[...model.conversations.keys()], model.current, composer.box.value], [['#dev'], dev, 'half']);
});

test('what is written while the server lets one leave is given back where one goes', async () => {
    const actions = world('online', answers);
    const {composer, model} = actions;
    const [dev, lobby] = [model.open('room', 'dev'), model.open('room', 'lobby')];
    actions.commands = new Map([['leave', {name: 'leave', method: 'leave', takes: [], fixed: {}}]]);
    actions.show(dev);
    composer.box.value = '/leave';
    composer.send();
    await null;
    composer.box.value = 'one more thing';
    await settled();
    assert.deepEqual([model.current, composer.box.value, titles(lobby), givenBack(lobby)], [lobby, '', ['Was being written to #dev'], ['one more thing']]);
});

test('of a room that is gone after an outage nothing is lost', () => {
    const actions = world('online', answers);
    const {composer, model} = actions;
    const [lobby, dev, ops] = ['lobby', 'dev', 'ops'].map((name) => model.open('room', name));
    actions.learned = true;
    ops.draft = 'half';
    actions.show(dev);
    actions.notSaid(dev, 'back', 'why');
    composer.box.value = 'a sen';
    actions.entered('ana', [{room: 'lobby', topic: '', others: 0}]);
    assert.deepEqual([model.current, composer.box.value, titles(lobby), givenBack(lobby)],
                     [lobby, '', ['#dev: Not said: why', 'Was being written to #dev', 'Was being written to #ops'], ['back', 'a sen', 'half']]);
    composer.box.value = 'last';
    actions.entered('ana', []);
    assert.deepEqual(givenBack(model.current), ['back', 'a sen', 'half', 'last'], 'it stays open, for there is no other');
});

test('a command that leads elsewhere leaves the draft there as it is', async () => {
    const actions = world('online', async () => ({nick: 'bob', kept: false}));
    const {composer, model} = actions;
    const [lobby, bob] = [model.open('room', 'lobby'), model.open('private', 'bob')];
    bob.draft = 'half';
    actions.show(lobby);
    actions.commands = new Map([['msg', {name: 'msg', method: 'msg', takes: [{name: 'nick', type: 'word', required: true}, {name: 'body', type: 'text', rest: true, required: true}], fixed: {}}]]);
    composer.box.value = '/msg bob psst';
    composer.send();
    await settled();
    assert.deepEqual([model.current, composer.box.value, lobby.draft], [bob, 'half', '']);
});

test('who changes a message has their draft again afterwards, and loses no line that is put back', () => {
    const actions = world('online', async () => ({}));
    const {composer, model} = actions;
    const lobby = model.open('room', 'lobby');
    const item = {body: 'said', from: 'ana', at: {epoch: 1, seq: 1}};
    const change = () => composer.setContext({kind: 'edit', item});
    actions.show(lobby);
    composer.box.value = 'half';
    change();
    actions.drafted();
    assert.deepEqual([composer.box.value, lobby.draft], ['said', 'half']);
    composer.pressed({key: 'Escape'});
    assert.equal(composer.box.value, 'half');
    change();
    composer.box.value = 'said better';
    composer.send();
    assert.deepEqual([composer.box.value, lobby.draft], ['half', 'half']);
    change();
    actions.notSaid(lobby, 'back', 'why');
    composer.add('back');
    composer.pressed({key: 'Escape'});
    assert.deepEqual([composer.box.value, composer.context], ['half\nback', null]);
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
