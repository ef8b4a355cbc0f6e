// The page: puts connection, model and views together. What a click or a command does stands in
// actions.js.

import {Chat} from './chatd.js';
import {Actions} from './actions.js';
import {Alerts} from './alerts.js';
import {Composer} from './composer.js';
import {ConnectionView} from './connection_view.js';
import {DatagramView} from './datagram_view.js';
import {History} from './history.js';
import {LogView} from './log_view.js';
import {Model} from './model.js';
import {Panel} from './panel.js';
import {PeopleView} from './people_view.js';
import {ReactionMenu} from './reaction_menu.js';
import {SearchView} from './search_view.js';
import {Sidebar} from './sidebar.js';
import {byId, h, onNextFrame} from './dom.js';
import {shownText} from './rich_text.js';
import {plainLine} from './visible_text.js';
import {readJson, storage, trouble, writeJson, writeNoMore} from './storage.js';
import {Tab, waysOfBrowser} from './tab.js';
import {Unsent} from './unsent.js';

const memorySlot = 'chatd.page';
const saveEvery = 2000;   // ms
const passedMs = 5000;    // how long it is shown who came and went
const adoptEvery = 15_000;  // ms, what tabs that are gone have left

const model = new Model();
const tab = new Tab(waysOfBrowser());
const chat = new Chat({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
    rooms: ['lobby'], notices: true, guest: true, storage, lines: tab,
});
const call = (method, params) => chat.call(method, params);
const history = new History(call, model, () => chat.state === 'online');
const panel = new Panel();
const actions = new Actions({chat, model, history, panel});
const log = new LogView(model, history, actions);
const composer = new Composer(actions);
const sidebar = new Sidebar(model, actions);
const connection = new ConnectionView(model, {call, pending: () => actions.allPending(), retry: () => actions.retry()});
const datagrams = new DatagramView(model, {call});
const search = new SearchView(model, actions);
const unsent = new Unsent({model, chat, tab, composer, actions});
Object.assign(actions, {log, composer, unsent, sidebar, datagrams, reactions: new ReactionMenu((item, word) => actions.react(item, word))});
new Alerts(model, actions);

panel.add('people', new PeopleView(model, actions), byId('show-people'));
panel.add('search', search, byId('show-search'));
panel.add('datagrams', datagrams, byId('show-datagrams'));
panel.add('connection', connection, byId('badge'));

// ---- the server's events --------------------------------------------------------------------

for (const kind of ['message', 'topic', 'edited', 'redacted', 'reacted']) {
    chat.on(kind, (event) => model.numbered(kind, event));
}
for (const kind of ['joined', 'left', 'renamed', 'typing']) chat.on(kind, (event) => model[kind](event));
chat.on('private', (event) => model.private(event));
chat.on('datagram', (event) => model.datagram(event));
chat.on('gap', ({room, epoch, from, to}) => model.gap(room, {epoch, seq: from}, {epoch, seq: to}));
chat.on('notice', ({text}) => actions.refuse(text));
chat.on('refused', (line) => actions.refused(line));
chat.on('pending', () => {
    log.sync();
    connection.show();
});
chat.on('state', (state) => {
    history.failed.clear();
    model.nick = chat.nick || model.nick;
    connection.stateChanged(state);
    document.body.dataset.state = state.state;
    showHead();
    log.sync();
});
chat.on('resumed', ({nick, rooms}) => actions.entered(nick, rooms));
chat.on('renamed', () => {
    if (model.nick !== chat.nick) actions.nickIs(chat.nick);
});

// ---- what is shown of the current conversation ----------------------------------------------

const showHead = onNextFrame(() => {
    const {current} = model;
    byId('title').textContent = current?.label ?? 'chatd';
    const alone = current?.kind === 'private'
        ? (model.isHere(current.name) || chat.state !== 'online' ? 'Only you two see this' : 'Only you two see this. Away just now; it will be kept for them') : '';
    byId('topic').replaceChildren(...shownText(current?.topic || alone));
    byId('menu-dot').hidden = model.unread.lines === 0;
});

const showTyping = onNextFrame(() => {
    const names = [...(model.current?.typists.keys() ?? [])];
    const words = names.length === 0 ? '' : names.length === 1 ? `${names[0]} is typing…`
        : names.length < 4 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are typing…`
            : `${names.length} people are typing…`;
    const passed = passedNow && passedNow.conversation === model.current ? passedNow.text : '';
    byId('typing').textContent = words || passed;
    byId('typing').classList.toggle('busy', words !== '');
});

let passedNow = null;
let passedTimer = null;
model.passed.listen((conversation, text) => {
    passedNow = {conversation, text};
    clearTimeout(passedTimer);
    passedTimer = setTimeout(() => {
        passedNow = null;
        showTyping();
    }, passedMs);
    showTyping();
});

let dirty = false;
model.changed.listen((conversation, what) => {
    dirty = true;
    if (['current', 'topic', 'unread', 'people', 'list'].includes(what)) showHead();
    if (conversation === model.current && (what === 'typing' || what === 'current')) showTyping();
    if (what === 'people' && conversation.stale && conversation === model.current) actions.refreshPeople(conversation);
});

model.watched = (conversation) => conversation === model.current && log.readsAtEnd && !document.hidden && document.hasFocus();
model.arrived.listen((conversation, {from, body}) => {
    if (conversation !== model.current) return;
    log.missed();
    byId('announcer').replaceChildren(h('p', {}, `${from}: ${plainLine(body)}`));
});

for (const event of ['focus', 'visibilitychange']) {
    window.addEventListener(event, () => {
        if (!document.hidden && model.current && log.readsAtEnd) model.read(model.current);
        log.sync();
    });
}

window.history.replaceState(null, '');  // boot.js counts in it

// ---- begin ------------------------------------------------------------------------------------

const save = () => {
    actions.drafted();
    writeJson(memorySlot, model.memory());
    dirty = false;
};
byId('box').addEventListener('input', () => { dirty = true; });
setInterval(() => {
    model.tick();
    if (dirty) save();
}, saveEvery);
window.addEventListener('pagehide', () => {
    save();
    tab.ends();
});
window.addEventListener('pageshow', ({persisted}) => {
    if (!persisted) return;
    writeNoMore();  // its name may be another's by now, and its lines said
    chat.close();
    location.reload();
});
setInterval(() => chat.state === 'online' && unsent.adopt(), adoptEvery);
trouble.tell = () => {
    const title = 'This browser has no more room for what the page keeps';
    actions.refuse(`${title}.`);
    if (model.current) actions.note(model.current, title, 'A reload may lose lines that wait, drafts and private messages.', {tone: 'bad'});
};

for (const hint of document.querySelectorAll('.nc-hint')) hint.textContent = actions.ncHint();
model.remember(readJson(memorySlot));
if (!model.current) model.current = model.open('room', 'lobby');
model.nick = chat.nick;
unsent.restore();
actions.show(model.current, false);
actions.listenToKeys();
composer.focus();
chat.connect().catch((error) => actions.refuse(error.message));
