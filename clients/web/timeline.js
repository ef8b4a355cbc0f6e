// What is known of one conversation: a window of its events without holes, oldest first. Values in,
// values out; no element and no connection is known here.
//
//   server:   1 ......................................................... 50,000
//   here:               [first …… items, at most 2,000 …… last]
//                        atStart                          atEnd

export const itemsMax = 2000;    // of one conversation, in memory
const recentMax = 256;           // newest live events, for pages that were read before those came
const changesMax = 4096;         // messages whose changes are remembered
const changesOfOneMax = 64;
export const reactedMax = 1024;  // reactions to one message of which it is known when they changed last

export function compare(a, b) {
    return a.epoch - b.epoch || a.seq - b.seq;
}

export const positionKey = (at) => `${at.epoch}:${at.seq}`;

/**
 * @typedef {object} Item
 * @property {'message'|'topic'|'gap'|'note'} kind
 * @property {{epoch: number, seq: number}} at  notes stand a fraction after what they follow
 * @property {number} version  one more with each change
 * @property {number} time  ms since 1970
 * @property {string} [from] @property {string} [body] @property {boolean} [action]
 * @property {boolean} [removed] @property {boolean} [edited] @property {string} [key]
 * @property {{epoch: number, seq: number}} [replyTo]
 * @property {Map<string, Set<string>>} [reactions]  who put which
 * @property {{epoch: number, seq: number}} [to]  of a gap: its last number
 */

function itemOf(event) {
    return {
        kind: event.kind === 'topic' ? 'topic' : 'message',
        at: {epoch: event.epoch, seq: event.seq},
        version: 0,
        time: Date.parse(event.ts),
        from: event.from,
        body: event.kind === 'topic' ? event.topic : event.body,
        action: event.action === true,
        removed: event.removed === true,
        edited: false,
        key: event.key,
        replyTo: event.reply_to && {epoch: event.reply_to.epoch ?? event.epoch, seq: event.reply_to.seq},
        reactions: new Map(),
        reactedAt: new Map(),
    };
}

export class Timeline {
    constructor() {
        this.items = [];
        this.byPosition = new Map();
        this.keys = new Set();
        this.first = null;      // the oldest and newest positions that are covered; changes count too
        this.last = null;
        this.atStart = false;
        this.atEnd = true;
        this.recent = [];
        this.changes = new Map();
        this.aside = [];        // notes, while the end is not here
    }

    get(at) { return this.byPosition.get(positionKey(at)); }

    /** An event that came just now. Returns the new item, if it became one here. */
    add(event) {
        this.recent.push(event);
        if (this.recent.length > recentMax) this.recent.shift();
        if (!this.atEnd) {
            this.change(event);
            return null;
        }
        const at = {epoch: event.epoch, seq: event.seq};
        if (this.last && compare(at, this.last) <= 0) return null;
        this.last = at;
        this.first ??= at;
        const item = this.take(event);
        if (item) this.items.push(item);
        return item;
    }

    /** One event as an item that stands nowhere yet, or as a change of another. */
    take(event) {
        if (event.kind !== 'message' && event.kind !== 'topic') {
            this.change(event);
            return null;
        }
        const item = itemOf(event);
        const key = positionKey(item.at);
        if (this.byPosition.has(key)) return null;
        this.byPosition.set(key, item);
        if (item.key) this.keys.add(item.key);
        for (const change of this.changes.get(key) ?? []) this.apply(item, change);
        return item;
    }

    /** edited, redacted or reacted. What it changes may come later, from a page, or go and come again. */
    change(event) {
        if (!event.target) return;
        const key = positionKey({epoch: event.target.epoch ?? event.epoch, seq: event.target.seq});
        const item = this.byPosition.get(key);
        if (item) this.apply(item, event);
        const known = this.changes.get(key) ?? [];
        const isOld = (other) => compare(other, event) === 0 || (event.kind === 'edited' && other.kind === 'edited' && compare(other, event) > 0);
        if (known.some(isOld)) return;
        const others = event.kind === 'edited' ? known.filter(({kind}) => kind !== 'edited') : known;
        this.changes.delete(key);  // what changed last is forgotten last
        this.changes.set(key, [...others, event].slice(-changesOfOneMax));
        if (this.changes.size > changesMax) this.changes.delete(this.changes.keys().next().value);
    }

    apply(item, event) {
        item.version += 1;
        // A later change is never undone by an older one that a page brings.
        const at = {epoch: event.epoch, seq: event.seq};
        if (event.kind === 'edited') {
            item.edited = true;
            if (!item.removed && !event.listed && (!item.editedAt || compare(item.editedAt, at) < 0)) {
                item.body = event.body;
                item.editedAt = at;
            }
        } else if (event.kind === 'redacted') {
            item.removed = true;
            item.body = '';
            item.reactions.clear();
        } else if (event.kind === 'reacted' && !item.removed) {
            const name = JSON.stringify([event.reaction, event.from]);
            const before = item.reactedAt.get(name);
            if (before && compare(before, at) >= 0) return;
            item.reactedAt.delete(name);  // what changed last is forgotten last
            item.reactedAt.set(name, at);
            if (item.reactedAt.size > reactedMax) item.reactedAt.delete(item.reactedAt.keys().next().value);
            const who = item.reactions.get(event.reaction) ?? new Set();
            if (event.off) who.delete(event.from);
            else who.add(event.from);
            if (who.size > 0) item.reactions.set(event.reaction, who);
            else item.reactions.delete(event.reaction);
        }
    }

    /**
     * A page of history, oldest first.
     * @param {'newest'|'before'|'after'|'around'} which  what was asked for; around begins anew
     * @param {boolean} more  there is more in that direction
     */
    page(which, events, more) {
        for (const event of events) event.listed = true;
        const positions = events.map((event) => ({epoch: event.epoch, seq: event.seq}));
        const [oldest, newest] = [positions[0], positions.at(-1)];
        const apart = this.last && oldest && compare(oldest, this.last) > 0;
        if (which === 'around' || (which === 'newest' && (apart || !this.last))) this.clear();
        // Messages first: a change in the page may be of one of them.
        const items = [...events.filter((event) => !event.target), ...events.filter((event) => event.target)]
            .map((event) => this.take(event)).filter((item) => item !== null);
        this.items = [...this.items, ...items].sort((a, b) => compare(a.at, b.at));
        this.fillGaps(positions);
        if (oldest && (!this.first || compare(oldest, this.first) < 0)) this.first = oldest;
        if (newest && (!this.last || compare(newest, this.last) > 0)) this.last = newest;
        if (which === 'before' || which === 'newest') this.atStart ||= !more;
        if (which === 'after' || which === 'around') this.atEnd = !more;
        if (which === 'newest') this.atEnd = true;
        if (!this.atEnd) return;
        for (const note of this.aside.splice(0)) this.toEnd(note);
        this.catchUp();
    }

    /** Live events that came while a page was on its way, and that it does not hold. */
    catchUp() {
        const recent = this.recent;
        this.recent = [];
        for (const event of recent) this.add(event);
    }

    clear() {
        this.aside.push(...this.items.filter(({kind}) => kind === 'note'));
        this.items = [];
        this.byPosition.clear();
        this.keys.clear();
        this.first = null;
        this.last = null;
        this.atStart = false;
        this.atEnd = false;
    }

    /** Numbers from `from` to `to` that will not come; a position each. */
    gap(from, to) {
        if (!this.atEnd || this.items.some((item) => item.kind === 'gap' && compare(item.at, from) === 0)) return null;
        const item = {kind: 'gap', at: from, to, version: 0, time: Date.now()};
        const index = this.items.findLastIndex((other) => compare(other.at, from) < 0);
        this.items.splice(index + 1, 0, item);
        return item;
    }

    fillGaps(positions) {
        const filled = (gap) => positions.some((at) => compare(gap.at, at) <= 0 && compare(at, gap.to) <= 0);
        this.items = this.items.filter((item) => item.kind !== 'gap' || !filled(item));
    }

    /** Something only this reader sees, after what is the newest now. */
    note(values) {
        const item = {kind: 'note', version: 0, time: Date.now(), ...values};
        this.toEnd(item);
        return item;
    }

    toEnd(item) {
        this.remove(item);
        const last = this.items.at(-1)?.at ?? {epoch: 0, seq: 0};
        item.at = {epoch: last.epoch, seq: last.seq + 1e-4};
        this.items.push(item);
    }

    remove(item) {
        for (const list of ['items', 'aside']) this[list] = this[list].filter((other) => other !== item);
    }

    /** Keeps at most `itemsMax`, and gives up what is far from where somebody reads, but for lines
     *  that were given back: those come to the end again. */
    trim(readsAtEnd) {
        const surplus = this.items.length - itemsMax;
        if (surplus <= 0) return;
        const gone = readsAtEnd ? this.items.splice(0, surplus) : this.items.splice(itemsMax);
        for (const item of gone) {
            this.byPosition.delete(positionKey(item.at));
            if (item.key) this.keys.delete(item.key);
        }
        const whole = (at) => ({epoch: at.epoch, seq: Math.floor(at.seq)});
        if (readsAtEnd) {
            this.first = whole(this.items[0].at);
            this.atStart = false;
            for (const note of gone.filter(({line}) => line)) {
                if (this.atEnd) this.toEnd(note);
                else this.aside.push(note);
            }
        } else {
            this.last = whole(this.items.at(-1).at);
            this.atEnd = false;
            this.aside.push(...gone.filter(({kind}) => kind === 'note'));
        }
    }
}
