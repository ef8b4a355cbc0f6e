// What clicks, keys and commands do.

import {byId, h} from './dom.js';
import {commandsOf, understand} from './commands.js';
import {plainLine} from './visible_text.js';

const toastMs = 7000;
const roomsEvery = 30_000;      // ms, the list of rooms one is not in
const peopleEvery = 5000;       // ms, who is in a crowd
const againMs = 3000;           // ms, until the vocabulary is asked for again
const seen = new Set(['nick', 'topic', 'edit', 'redact', 'react', 'hex']);  // one sees what they do
const waitingMax = 100;         // private lines that wait for the connection
const unsaidMax = 100;          // lines of a conversation that were given back

export class Actions {
    constructor(parts) {
        Object.assign(this, parts);
        this.commands = commandsOf(null);
        this.peopleAt = 0;
        setInterval(() => this.refreshRooms(), roomsEvery);
        byId('show-help').addEventListener('click', () => this.help());
        byId('menu').addEventListener('click', () => this.drawer(document.body.dataset.drawer === undefined));
        byId('box').addEventListener('input', () => { byId('toast').hidden = true; });
        byId('veil').addEventListener('click', () => this.drawer(false));
    }

    // ---- the connection -----------------------------------------------------------------------

    online() { return this.chat.state === 'online'; }

    call(method, params) { return this.chat.call(method, params); }

    retry() {
        if (this.chat.state === 'closed') this.chat.connect().catch((error) => this.refuse(error.message));
        else window.dispatchEvent(new Event('online'));  // the module then tries at once
    }

    /** After each connect: what the server says about the rooms. */
    entered(nick, rooms) {
        const {model} = this;
        for (const {room, topic, others, missing, recovered} of rooms) {
            const conversation = model.open('room', room);
            conversation.name = room;
            conversation.topic = topic;
            conversation.total = others + 1;
            if (recovered === false && missing) model.gap(room, missing.from, missing.to);
            this.refreshPeople(conversation, true);
        }
        const here = new Set(rooms.map(({room}) => room.toLowerCase()));
        const gone = [...model.conversations.values()]
            .filter(({kind, name}) => kind === 'room' && !here.has(name.toLowerCase()));
        this.nickIs(nick);
        this.close(gone);
        model.current ??= model.conversations.values().next().value ?? null;
        this.show(model.current, false);
        this.refreshRooms();
        this.learnCommands();
        if (this.datagrams.isOpen) this.datagrams.subscribe();
        for (const conversation of model.conversations.values()) this.sendWaiting(conversation);
        this.unsent.adopt(!this.adopted);
        this.adopted = true;
    }

    nickIs(nick) {
        this.model.nick = nick;
        this.sidebar.sync();
        this.log.sync();
    }

    async refreshRooms() {
        if (!this.online() || document.hidden) return;
        const answer = await this.call('rooms').catch(() => null);
        if (!answer) return;
        this.model.others = answer.rooms;
        this.sidebar.sync();
    }

    async refreshPeople(conversation, now = false) {
        if (!now && Date.now() - this.peopleAt < peopleEvery) return;
        this.peopleAt = Date.now();
        conversation.stale = false;
        const answer = await this.call('who', {room: conversation.name}).catch(() => null);
        if (answer) this.model.people(answer.room, answer.nicks, answer.total);
    }

    /** The vocabulary is the server's own. */
    async learnCommands() {
        if (this.learned || !this.online()) return;
        try {
            const answer = await fetch('/rpc/openrpc.json');
            if (!answer.ok) return;
            this.commands = commandsOf(await answer.json());
            this.learned = true;
        } catch {
            setTimeout(() => this.learnCommands(), againMs);  // the connection ended, or was none
        }
    }

    // ---- conversations ------------------------------------------------------------------------

    show(conversation, focus = true) {
        const {model} = this;
        if (model.current === conversation && this.log.conversation === conversation) {
            if (conversation && !conversation.loaded) this.history.newest(conversation);
        } else {
            this.composer.show(conversation);
            model.current = conversation;
            this.log.show(conversation);
            if (conversation) model.show(conversation);
            if (conversation && this.online() && !conversation.loaded) this.history.newest(conversation);
        }
        this.drawer(false);
        if (focus) this.composer.focus();
    }

    async join(name) {
        try {
            const standing = await this.call('join', {room: name});
            const conversation = this.model.open('room', standing.room);
            conversation.topic = standing.topic;
            conversation.total = standing.others + 1;
            this.refreshPeople(conversation, true);
            this.show(conversation);
            return conversation;
        } catch (error) {
            this.refuse(error.message);
            return null;
        }
    }

    /** Nothing is lost by it, and no private line comes to where others read: one decides first. */
    async leave(conversation) {
        const {kind, label, unsaid, waiting} = conversation;
        const why = waiting.length > 0 ? `Something waits to be said to ${label}; it is sent once there is a connection.`
            : unsaid.length > 0 ? `Something was not said in ${label}: put it back into the box or drop it first.`
                : this.writtenIn(conversation).length > 0 ? `What you are writing in ${label} would be lost: send it or empty the box first.` : '';
        if (why) {
            this.refuse(why);
            return;
        }
        try {
            if (kind === 'room') {
                await this.call('leave', {room: conversation.name}).catch((error) => {
                    if (error.code !== 'NOT_IN_ROOM') throw error;
                });
            }
            this.close([conversation]);
            this.show(this.model.current);
            this.refreshRooms();
        } catch (error) {
            this.refuse(error.message);
        }
    }

    writtenIn(conversation) {
        if (this.composer.conversation === conversation) return this.composer.written;
        return conversation.draft.trim() === '' ? [] : [conversation.draft];
    }

    /** What nobody got of what was written there is given back where one goes. */
    close(conversations) {
        const {model} = this;
        const lines = conversations.flatMap((conversation) => [
            ...conversation.unsaid.map(({title, body}) => ({title: `${conversation.label}: ${title}`, body})),
            ...this.writtenIn(conversation).map((body) => ({title: `Was being written to ${conversation.label}`, body})),
        ]);
        for (const conversation of conversations) model.close(conversation);
        if (lines.length > 0) model.current ??= model.open('room', conversations[0].name);
        for (const line of lines) this.giveBack(model.current, line);
    }

    talkTo(nick) {
        if (!this.model.isOwn(nick)) this.show(this.model.open('private', nick));
    }

    /** Changes one's nick; resolves with what was wrong, or null. */
    async rename(nick) {
        try {
            this.nickIs((await this.call('nick', {nick})).nick);
            return null;
        } catch (error) {
            return error.message;
        }
    }

    async jump(room, at) {
        const conversation = this.model.room(room) ?? await this.join(room);
        if (!conversation) return;
        this.show(conversation, false);
        if (window.innerWidth < 900) this.panel.close();
        await this.log.jump(at);
    }

    sawEnd() {
        if (!document.hidden && document.hasFocus()) this.model.read(this.model.current);
    }

    // ---- saying -------------------------------------------------------------------------------

    pending(conversation = this.model.current) {
        if (conversation?.kind === 'private') return conversation.waiting;
        return this.chat.pending.filter(({room}) => room.toLowerCase() === conversation?.name.toLowerCase());
    }

    allPending() {
        const direct = [...this.model.conversations.values()].flatMap(({waiting}) => waiting);
        return [...this.chat.pending, ...direct];
    }

    /** Takes what was written; false leaves it in the box. */
    send(conversation, text, context) {
        if (context?.kind === 'edit') return this.edit(conversation, context.item.at, text);
        const meant = understand(text, this.commands, conversation.timeline.last?.epoch);
        if (meant.error) {
            this.refuse(meant.error);
            return false;
        }
        if (meant.say === undefined) this.command(conversation, meant);
        else this.say(conversation, meant.say, {replyTo: context?.item.at});
        return true;
    }

    edit(conversation, target, body) {
        if (!this.online()) {
            this.refuse('Not connected; change it when online.');
            return false;
        }
        this.call('edit', {room: conversation.name, target, body}).catch((error) => this.notSaid(conversation, body, error.message));
        return true;
    }

    say(conversation, body, {action = false, replyTo} = {}) {
        this.log.toEnd();
        if (conversation.kind === 'private') {
            if (conversation.waiting.length < waitingMax) conversation.waiting.push({body, sent: false});
            else this.notSaid(conversation, body, 'too many lines wait for the connection');
            this.unsent.keep();
            this.sendWaiting(conversation);
            this.log.sync();
        } else {
            this.sayInRoom(conversation.name, body, {action, replyTo});
        }
    }

    sayInRoom(room, body, how) {
        this.chat.say(room, body, how).catch((error) => {
            if (error.code === 'FULL') this.refused({room, body, error});
        });
    }

    /** Private lines have no key: each is sent once, in order, and not again if its fate is unknown. */
    async sendWaiting(conversation) {
        if (conversation.sending || conversation.kind !== 'private') return;
        conversation.sending = true;
        while (this.online() && conversation.waiting.length > 0) {
            const line = conversation.waiting[0];
            const {body} = line;
            line.sent = true;
            this.unsent.keep();  // before it can be on its way
            try {
                const {nick, kept} = await this.call('msg', {nick: conversation.name, body});
                this.model.private({from: this.model.nick, to: conversation.name, body, ts: new Date().toISOString()}, true);
                if (kept && !conversation.toldKept) this.note(conversation, `${nick} is away; it is kept until they return.`);
                conversation.toldKept = kept;
            } catch (error) {
                const unsure = error.code === 'LOST';
                this.notSaid(conversation, body, unsure ? 'the connection ended before an answer came' : error.message, unsure);
            }
            conversation.waiting = conversation.waiting.filter((other) => other !== line);
            this.unsent.keep();
            this.log.sync();
        }
        conversation.sending = false;
    }

    refused({room, body, error}) { this.notSaid(this.placeOf(room), body, error.message); }

    /** Where something about a room is shown, if need be of one that one is not in. */
    placeOf(room) { return this.model.room(room) ?? this.model.current ?? this.model.open('room', room); }

    notSaid(conversation, body, why, unsure = false) {
        this.giveBack(conversation, {title: `${unsure ? 'Perhaps not said' : 'Not said'}: ${why}`, body});
    }

    /** A line that nobody got stays, over reloads too, until one takes it up again or drops it. */
    giveBack(conversation, line) {
        conversation.unsaid = [...conversation.unsaid, line].slice(-unsaidMax);
        this.note(conversation, line.title, line.body, {tone: 'bad', again: line.body, line});
        this.model.changed.tell(conversation, 'list');
        this.unsent.keep();
    }

    takeUp(item) {
        const {current} = this.model;
        current.unsaid = current.unsaid.filter((line) => line !== item.line);
        current.timeline.remove(item);
        for (const what of ['lines', 'list']) this.model.changed.tell(current, what);
        this.drafted();
    }

    /** What stands in the box is kept. */
    drafted() {
        const {conversation, draft} = this.composer;
        if (conversation) conversation.draft = draft;
        this.unsent.keep();
    }

    /** Another tab has all of it now, but for the line that is on its way. */
    letGo(conversation) {
        conversation.waiting = conversation.waiting.slice(0, conversation.sending ? 1 : 0);
        conversation.unsaid = [];
        const {timeline} = conversation;
        for (const item of [...timeline.items, ...timeline.aside].filter(({line}) => line)) timeline.remove(item);
        for (const what of ['lines', 'list']) this.model.changed.tell(conversation, what);
    }

    note(conversation, title, text = '', more = {}) {
        conversation.timeline.note({title, text, ...more});
        this.model.changed.tell(conversation, 'lines');
    }

    typing(conversation, on) {
        if (this.online() && conversation?.kind === 'room') {
            this.call('typing', {room: conversation.name, on}).catch(() => {});  // nobody waits for it
        }
    }

    async change(method, params) {
        try {
            await this.call(method, params);
        } catch (error) {
            this.refuse(error.message);
        }
    }

    react(item, word) {
        const off = [...(item.reactions.get(word) ?? [])].some((nick) => this.model.isOwn(nick));
        this.change('react', {room: this.model.current.name, target: item.at, reaction: word, off});
    }

    async redact(item) {
        const dialog = byId('confirm');
        const {name} = this.model.current;
        byId('confirm-text').textContent = plainLine(item.body);
        dialog.returnValue = 'no';
        dialog.showModal();
        await new Promise((done) => dialog.addEventListener('close', done, {once: true}));
        if (dialog.returnValue === 'yes') this.change('redact', {room: name, target: item.at});
    }

    // ---- commands -----------------------------------------------------------------------------

    async command(conversation, {name, method, params}) {
        switch (name) {
            case 'help': this.help(); return;
            case 'me': this.say(conversation, params.body, {action: true}); return;
            case 'reply': this.say(conversation, params.body, {replyTo: params.reply_to}); return;
            case 'join': this.join(params.room); return;
            case 'leave':
                await null;  // so long the command stands in the box
                this.leave(conversation);
                return;
            case 'search': this.panel.show('search'); this.panel.views.get('search').view.opened(params.query); return;
            case 'dgram':
                if (params.hz === 0) this.panel.close();
                else this.panel.show('datagrams');
                return;
            case 'msg': {
                const direct = this.model.open('private', params.nick);
                this.show(direct);
                this.say(direct, params.body);
                return;
            }
            default:
        }
        const inRoom = conversation.kind === 'room' ? {room: conversation.name} : {};
        try {
            const result = await this.call(method, {...inRoom, ...params});
            if (name === 'nick') this.nickIs(result.nick);
            if (!seen.has(name) || (name === 'topic' && !params.topic)) this.note(conversation, `/${name}`, answerText(result));
        } catch (error) {
            this.note(conversation, `/${name}: ${error.message}`, '', {tone: 'bad'});
        }
    }

    vocabulary() {
        const {current, conversations, others} = this.model;
        const nicks = current?.kind === 'room' ? [...current.people.values()].filter((nick) => !this.model.isOwn(nick)) : [current?.name ?? ''];
        const rooms = [...conversations.values()].filter(({kind}) => kind === 'room').map(({name}) => name);
        return {commands: this.commands, nicks, rooms: [...new Set([...rooms, ...others.map(({room}) => room)])]};
    }

    lastOwn() {
        if (this.model.current?.kind !== 'room') return null;
        return this.model.current.timeline.items.findLast((item) => item.kind === 'message' && !item.removed && this.model.isOwn(item.from));
    }

    // ---- rows ---------------------------------------------------------------------------------

    act(name, item, target) {
        switch (name) {
            case 'person': this.talkTo(item.from); break;
            case 'jump': this.log.jump(item.replyTo); break;
            case 'react': this.react(item, target.dataset.word); break;
            case 'menu': this.reactions.open(item, target.closest('.row')); break;
            case 'reply': this.composer.setContext({kind: 'reply', item}); break;
            case 'edit': this.composer.setContext({kind: 'edit', item}); break;
            case 'redact': this.redact(item); break;
            case 'fill': this.log.jump(item.at); break;
            case 'again': this.composer.add(item.again); this.takeUp(item); break;
            case 'drop': this.composer.focus(); this.takeUp(item); break;
            default:
        }
    }

    /** A key on a row; true if it meant something. */
    key(key, item, row) {
        if (key === 'Escape') {
            this.composer.focus();
            return true;
        }
        if (!item?.from || this.model.current.kind !== 'room') return false;
        const own = this.model.isOwn(item.from);
        const there = item.kind === 'message' && !item.removed;
        const name = {
            p: !own && 'person', r: there && 'reply', '+': there && 'menu', e: there && own && 'edit', Delete: there && own && 'redact',
        }[key.length === 1 ? key.toLowerCase() : key];
        if (name) this.act(name, item, row);
        return Boolean(name);
    }

    // ---- the page -----------------------------------------------------------------------------

    escape() {
        if (this.panel.open) this.panel.close();
        else this.log.toEnd();
    }

    refuse(text) {
        const toast = byId('toast');
        toast.textContent = text;
        toast.hidden = false;
        clearTimeout(this.toastTimer);
        this.toastTimer = setTimeout(() => { toast.hidden = true; }, toastMs);
    }

    help() { byId('help').showModal(); }

    drawer(open) {
        if (open) document.body.dataset.drawer = '';
        else delete document.body.dataset.drawer;
        byId('veil').hidden = !open;
        byId('menu').setAttribute('aria-expanded', String(open));
        if (open) byId('sidebar').querySelector('button.entry')?.focus();
    }

    ncHint() { return `nc ${location.hostname.replace(/^\[|\]$/g, '')} ${location.port || (location.protocol === 'https:' ? 443 : 80)}`; }

    /** What stands above the first message of a conversation. */
    beginning(conversation) {
        const isRoom = conversation.kind === 'room';
        const title = h('h3', {}, isRoom ? 'This is the beginning of ' : 'Between you and ', h('bdi', {}, conversation.label));
        const guest = /^guest-\d+$/.test(this.model.nick);
        return h('section.welcome', {}, title,
            h('p', {}, isRoom ? 'Say something below; whoever is here gets it at once, and whoever comes later finds it.'
                : 'Only you two see what is said here. It is kept in this browser, and for whoever is away.'),
            isRoom && guest && h('p', {}, 'You are ', h('bdi.strong', {}, this.model.nick), '. ',
                h('button.link', { type: 'button', onclick: () => { this.drawer(true); this.sidebar.editNick(); } }, 'Choose a name'), ' whenever you like.'),
            isRoom && h('p', {}, 'From a terminal it is the same room: ', h('code', {}, this.ncHint())));
    }

    listenToKeys() {
        document.addEventListener('keydown', (event) => {
            const control = event.ctrlKey || event.metaKey;
            if (control && !event.shiftKey && event.key.toLowerCase() === 'k') this.panel.show('search');
            else if ((control && event.key === '/') || event.key === 'F1') this.help();
            else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
                this.sidebar.step(event.key === 'ArrowUp' ? -1 : 1, event.shiftKey);
            } else if (event.key === 'Escape' && document.body.dataset.drawer !== undefined) this.drawer(false);
            else return;
            event.preventDefault();
        });
    }
}

/** The answer to a command, as people read it. */
function answerText(result) {
    const value = (what) => (typeof what === 'object' ? JSON.stringify(what) : String(what));
    return Object.entries(result ?? {}).map(([name, what]) => `${name}: ${Array.isArray(what)
        ? what.slice(0, 200).map(value).join(', ') || 'none' : value(what)}`).join('\n') || 'Done.';
}
