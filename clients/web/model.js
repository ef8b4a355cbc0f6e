// All that the page knows: conversations (rooms and people), what is unread, who is there and who
// types. It takes the server's events in and tells which conversation changed; it draws nothing.

import {Signal} from './signal.js';
import {Timeline, compare, itemsMax} from './timeline.js';
import {mentions} from './rich_text.js';

export const peopleMax = 1000;      // names of one room that are held; the rest is a number
const typingMs = 8000;              // a typist who is heard of no more has stopped
const typistsMax = 50;              // of one room
const datagramSendersMax = 64;
const privateKeptMax = 200;         // private messages of one person that outlive a reload
export const unseenMax = itemsMax + 500;  // items of a room that nobody draws just now
export const privatesMax = 200;     // conversations with people

export const roomId = (room) => `#${room.toLowerCase()}`;
export const personId = (nick) => `@${nick.toLowerCase()}`;

export class Conversation {
    constructor(id, kind, name) {
        this.id = id;
        this.kind = kind;               // 'room' | 'private'
        this.name = name;
        this.timeline = new Timeline();
        this.unread = 0;
        this.named = 0;                 // unread ones that name the reader
        this.readTo = null;             // the last position that was seen
        this.people = new Map();        // lower case → nick
        this.total = 0;
        this.typists = new Map();       // nick → ms when it is forgotten
        this.topic = '';
        this.draft = '';
        this.waiting = [];              // private lines to be sent: {body, sent}; the first may be on its way
        this.unsaid = [];               // lines that were given back: {title, body}
        this.loaded = false;
        if (kind === 'private') {
            this.timeline.atStart = true;
            this.loaded = true;
        }
    }

    get label() { return this.kind === 'room' ? `#${this.name}` : this.name; }
}

export class Model {
    constructor() {
        this.nick = '';
        this.conversations = new Map();
        this.current = null;
        this.others = [];               // rooms one is not in: {room, people}
        this.datagrams = new Map();     // sender → {from, hex, bytes, count, times}
        this.changed = new Signal();    // (conversation, what): 'lines' | 'people' | 'typing' | 'topic' | 'unread' | 'list'
        this.arrived = new Signal();    // (conversation, {from, body}): a new line of somebody else
        this.passed = new Signal();     // (conversation, text): who came and went
        this.lineCount = 0;             // lines that came, for the rate
        this.watched = () => false;     // (conversation): whether somebody looks at its end just now
    }

    room(name) { return this.conversations.get(roomId(name)); }

    /** The conversation with that id, made if need be. */
    open(kind, name) {
        const id = kind === 'room' ? roomId(name) : personId(name);
        let conversation = this.conversations.get(id);
        if (!conversation) {
            if (kind === 'private') this.makePlace();
            conversation = new Conversation(id, kind, name);
            this.conversations.set(id, conversation);
            this.changed.tell(conversation, 'list');
        }
        return conversation;
    }

    /** Anybody may write to one, under any number of nicks: the oldest of too many goes. */
    makePlace() {
        const privates = [...this.conversations.values()].filter(({kind}) => kind === 'private');
        const idle = privates.find((one) => one !== this.current && !one.draft && one.waiting.length + one.unsaid.length === 0);
        if (privates.length >= privatesMax && idle) this.close(idle);
    }

    close(conversation) {
        this.conversations.delete(conversation.id);
        if (this.current === conversation) this.current = this.conversations.values().next().value ?? null;
        this.changed.tell(conversation, 'list');
    }

    show(conversation) {
        this.current = conversation;
        this.changed.tell(conversation, 'current');
        this.read(conversation);
    }

    isOwn(from) { return from?.toLowerCase() === this.nick.toLowerCase(); }

    // ---- the server's events ------------------------------------------------------------------

    /** A numbered event of a room: message, topic, edited, redacted, reacted. */
    numbered(kind, event) {
        const conversation = this.open('room', event.room);
        conversation.timeline.add({...event, kind});
        if (conversation.timeline.items.length > unseenMax) conversation.timeline.trim(true);
        if (kind === 'topic') {
            conversation.topic = event.topic;
            this.changed.tell(conversation, 'topic');
        }
        if (kind === 'message') {
            this.lineCount += 1;
            this.stopsTyping(conversation, event.from);
            this.count(conversation, event);
        }
        this.changed.tell(conversation, 'lines');
        if (kind === 'message' && !this.isOwn(event.from)) this.arrived.tell(conversation, event);
    }

    private(event, own = false) {
        const other = own ? event.to : event.from;
        const conversation = this.open('private', other);
        const at = {epoch: 1, seq: Math.floor(conversation.timeline.last?.seq ?? 0) + 1};
        conversation.timeline.add({...event, ...at, kind: 'message'});
        conversation.timeline.trim(true);
        this.lineCount += 1;
        if (!own) {
            this.stopsTyping(conversation, event.from);
            this.count(conversation, {...event, ...at});
            this.arrived.tell(conversation, event);
        }
        this.changed.tell(conversation, 'lines');
    }

    count(conversation, event) {
        const at = {epoch: event.epoch, seq: event.seq};
        if (this.isOwn(event.from) || this.watched(conversation)) {
            conversation.readTo = at;
            return;
        }
        if (conversation.readTo && compare(at, conversation.readTo) <= 0) return;
        conversation.unread += 1;
        if (conversation.kind === 'private' || mentions(event.body, this.nick)) conversation.named += 1;
        this.changed.tell(conversation, 'unread');
    }

    /** Everything of a conversation has been seen. */
    read(conversation) {
        if (conversation.timeline.last) conversation.readTo = conversation.timeline.last;
        if (conversation.unread === 0 && conversation.named === 0) return;
        conversation.unread = 0;
        conversation.named = 0;
        this.changed.tell(conversation, 'unread');
    }

    get unread() {
        let [lines, named] = [0, 0];
        for (const conversation of this.conversations.values()) {
            lines += conversation.unread;
            named += conversation.named;
        }
        return {lines, named};
    }

    gap(room, from, to) {
        const conversation = this.room(room);
        if (conversation?.timeline.gap(from, to)) this.changed.tell(conversation, 'lines');
    }

    // ---- who is there -------------------------------------------------------------------------

    people(room, nicks, total) {
        const conversation = this.room(room);
        if (!conversation) return;
        conversation.people = new Map(nicks.slice(0, peopleMax).map((nick) => [nick.toLowerCase(), nick]));
        conversation.total = total;
        this.changed.tell(conversation, 'people');
    }

    joined({room, from, count, people}) {
        const conversation = this.room(room);
        if (!conversation) return;
        if (from === undefined) {
            this.crowd(conversation, people, `${count} came`);
            return;
        }
        if (!conversation.people.has(from.toLowerCase())) {
            conversation.total += 1;
            if (conversation.people.size < peopleMax) conversation.people.set(from.toLowerCase(), from);
        }
        this.changed.tell(conversation, 'people');
        if (!this.isOwn(from)) this.passed.tell(conversation, `${from} came`);
    }

    left({room, from, count, people, reason}) {
        const conversation = this.room(room);
        if (!conversation) return;
        if (from === undefined) {
            this.crowd(conversation, people, `${count} went`);
            return;
        }
        if (conversation.people.delete(from.toLowerCase())) conversation.total -= 1;
        conversation.typists.delete(from);
        this.changed.tell(conversation, 'people');
        this.changed.tell(conversation, 'typing');
        this.passed.tell(conversation, `${from} went${reason && reason !== 'closed' ? ` (${reason})` : ''}`);
    }

    crowd(conversation, people, text) {
        conversation.total = people;
        conversation.stale = true;
        this.changed.tell(conversation, 'people');
        this.passed.tell(conversation, text);
    }

    renamed({room, from, nick}) {
        const conversation = this.room(room);
        if (conversation?.people.delete(from.toLowerCase())) {
            conversation.people.set(nick.toLowerCase(), nick);
            this.changed.tell(conversation, 'people');
            this.passed.tell(conversation, `${from} is now ${nick}`);
        }
        const direct = this.conversations.get(personId(from));
        if (direct && !this.conversations.has(personId(nick))) {
            this.conversations.delete(direct.id);
            direct.id = personId(nick);
            direct.name = nick;
            this.conversations.set(direct.id, direct);
            this.changed.tell(direct, 'list');
        }
    }

    /** Whether somebody is known to be in a room of ours. */
    isHere(nick) {
        const key = nick.toLowerCase();
        return [...this.conversations.values()].some((conversation) => conversation.people.has(key));
    }

    typing({room, from, on}, now = Date.now()) {
        const conversation = this.room(room);
        if (!conversation || this.isOwn(from)) return;
        if (!on) {
            this.stopsTyping(conversation, from);
        } else if (conversation.typists.size < typistsMax || conversation.typists.has(from)) {
            conversation.typists.set(from, now + typingMs);
            this.changed.tell(conversation, 'typing');
        }
    }

    stopsTyping(conversation, nick) {
        if (conversation.typists.delete(nick)) this.changed.tell(conversation, 'typing');
    }

    /** Forgets typists whose time is over. */
    tick(now = Date.now()) {
        for (const conversation of this.conversations.values()) {
            for (const [nick, until] of conversation.typists) {
                if (until < now) this.stopsTyping(conversation, nick);
            }
        }
    }

    // ---- datagrams ----------------------------------------------------------------------------

    datagram({from, hex, bytes}, now = performance.now()) {
        const known = this.datagrams.get(from);
        if (!known && this.datagrams.size >= datagramSendersMax) {
            this.datagrams.delete(this.datagrams.keys().next().value);
        }
        const times = (known?.times ?? []).filter((time) => time > now - 5000).slice(-999);
        times.push(now);
        this.datagrams.set(from, {from, hex, bytes, count: (known?.count ?? 0) + 1, times});
    }

    // ---- what outlives a reload ---------------------------------------------------------------

    /** What one has written and nobody has got, as plain values. */
    unsent() {
        return [...this.conversations.values()].filter(({draft, waiting, unsaid}) => draft || waiting.length + unsaid.length > 0)
            .map(({kind, name, draft, waiting, unsaid}) => ({kind, name, draft, waiting, unsaid}));
    }

    /** Private messages, what is read and what is shown, as plain values. */
    memory() {
        return {
            current: this.current?.id,
            conversations: [...this.conversations.values()].map((conversation) => ({
                kind: conversation.kind,
                name: conversation.name,
                readTo: conversation.readTo,
                unread: conversation.unread,
                named: conversation.named,
                lines: conversation.kind === 'private'
                    ? conversation.timeline.items.filter((item) => item.kind === 'message').slice(-privateKeptMax)
                        .map(({from, body, time, at}) => ({from, body, time, seq: at.seq}))
                    : undefined,
            })),
        };
    }

    /** Puts a memory back; what does not fit is passed over. */
    remember(memory) {
        for (const kept of memory?.conversations ?? []) {
            if (typeof kept?.name !== 'string' || !['room', 'private'].includes(kept.kind)) continue;
            const conversation = this.open(kept.kind, kept.name);
            conversation.readTo = kept.readTo ?? null;
            conversation.unread = kept.unread ?? 0;
            conversation.named = kept.named ?? 0;
            for (const {from, body, time, seq} of kept.lines ?? []) {
                conversation.timeline.add({kind: 'message', epoch: 1, seq, from, body, ts: new Date(time).toISOString()});
            }
        }
        this.current = this.conversations.get(memory?.current) ?? null;
    }
}
