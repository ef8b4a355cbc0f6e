// What one has written and nobody has got yet: drafts, private lines that wait, lines that were given
// back. It is kept for this tab, and what tabs that are gone have left is taken over, by one tab once.

import {sendable} from './chatd_values.js';
import {quietly} from './storage.js';

const item = 'unsent';
const linesItem = / lines$/;   // where chatd.js keeps lines of rooms
const lookBack = 200;          // numbers before what was read, from where on a line is looked for
const pagesMax = 20;           // of history, of 500 events each
const releaseMs = 1000;        // until everybody sees that it was taken
const unsure = 'the page ended before an answer came';

const isText = (value) => typeof value === 'string';
const list = (value) => (Array.isArray(value) ? value : []);

export class Unsent {
    /** @param {{model, chat, tab, composer, actions}} parts */
    constructor(parts) {
        Object.assign(this, parts);
        this.adopting = false;
        window.addEventListener('storage', ({key, newValue}) => {
            const own = newValue === null && this.tab.isOwn(key);
            if (own) this.robbed(own);
        });
    }

    keep() {
        const kept = this.model.unsent();
        if (kept.length > 0) this.tab.setItem(item, JSON.stringify(kept));
        else this.tab.removeItem(item);
    }

    restore() {
        for (const kept of this.read(this.tab.name)) this.takeOver(kept, true);
        this.keep();
    }

    /** What fits of what a tab has kept. */
    read(name) {
        const kept = quietly(() => JSON.parse(this.tab.getItem(item, name)), null);
        return list(kept)
            .filter((one) => isText(one?.name) && ['room', 'private'].includes(one.kind))
            .map(({kind, name: other, draft, waiting, unsaid}) => ({
                kind, name: other, draft: isText(draft) ? draft : '',
                waiting: list(waiting).filter((line) => isText(line?.body)),
                unsaid: list(unsaid).filter((line) => isText(line?.body) && isText(line.title)),
            }));
    }

    /** A line whose fate is unknown is not sent by itself: private ones have no key. */
    takeOver({kind, name, draft, waiting, unsaid}, own) {
        const {model, actions} = this;
        const conversation = own || kind === 'private' ? model.open(kind, name) : actions.placeOf(name);
        for (const line of unsaid) actions.giveBack(conversation, line);
        for (const {body, sent} of waiting) {
            if (sent) actions.notSaid(conversation, body, unsure, true);
            else conversation.waiting.push({body, sent: false});
        }
        if (draft) this.putDraft(conversation, draft, name);
    }

    /** Into the box of its own conversation, if that is empty. */
    putDraft(conversation, draft, name) {
        const inBox = this.composer.conversation === conversation;
        const here = inBox ? this.composer.box.value : conversation.draft;
        if (here === draft) return;
        if (here !== '' || name.toLowerCase() !== conversation.name.toLowerCase()) {
            this.actions.giveBack(conversation, {title: `Was being written to ${name}, in a tab that was closed`, body: draft});
            return;
        }
        conversation.draft = draft;
        if (inBox) this.composer.put(draft);
    }

    // ---- tabs that are gone -----------------------------------------------------------------------

    /** `all`: drafts too, with which a page begins; else only what waits to be said. */
    async adopt(all = false) {
        if (this.adopting) return;
        this.adopting = true;
        for (const name of this.tab.others()) {
            const waits = () => [...this.tab.itemsOf(name).keys()].some((one) => linesItem.test(one))
                || this.read(name).some(({waiting}) => waiting.length > 0);
            if (!all && !waits()) continue;
            const release = await this.tab.claim(name);
            if (!release) continue;
            await this.adoptFrom(name).catch(() => {});  // cut off; there is a next time
            setTimeout(release, releaseMs);
        }
        this.adopting = false;
    }

    async adoptFrom(name) {
        const {actions, model, tab} = this;
        const left = tab.itemsOf(name);
        const room = [...left.keys()].find((one) => linesItem.test(one));
        const kept = quietly(() => JSON.parse(left.get(room)), null);
        const lines = list(kept?.lines).filter((line) => isText(line?.body) && isText(line.room));
        const fates = await this.fatesOf(lines.filter(({sentAt}) => sentAt > 0), new Map(kept?.rooms));
        // Who bears the name has taken away that it is free, or writes; or another was faster.
        if (JSON.stringify([...tab.itemsOf(name)]) !== JSON.stringify([...left])) return;
        for (const one of this.read(name)) this.takeOver(one, false);
        this.keep();
        for (const one of left.keys()) tab.removeItem(one, name);
        for (const line of lines) {
            const fate = fates.get(line) ?? 'not said';
            if (fate === 'not said') actions.sayInRoom(line.room, line.body, line);
            else if (fate === 'unsure') actions.notSaid(actions.placeOf(line.room), line.body, unsure, true);
        }
        for (const conversation of model.conversations.values()) actions.sendWaiting(conversation);
        actions.log.sync();
    }

    /** Whether lines that were sent are in the history: line → 'said', 'not said' or 'unsure'. Their
     *  keys may be forgotten by now, and this tab may have read their echo before they came here. */
    async fatesOf(lines, since) {
        const fates = new Map(lines.map((line) => [line, 'unsure']));
        for (const [room, position] of since) {
            const sought = lines.filter((line) => line.room === room);
            if (sought.length > 0) await this.lookFor(sought, room, position, fates);
        }
        return fates;
    }

    async lookFor(lines, room, {epoch, seq}, fates) {
        let after = {epoch, seq: Math.max(0, seq - lookBack)};
        for (let page = 0; page < pagesMax; page += 1) {
            let answer;
            try {
                answer = await this.chat.call('history', {room, after, limit: 500});
            } catch (error) {
                if (error.retry) throw error;
                return;
            }
            for (const line of lines) if (answer.events.some((event) => this.isEcho(event, line))) fates.set(line, 'said');
            const missing = lines.filter((line) => fates.get(line) !== 'said');
            const isLast = !answer.more || answer.events.length === 0;
            if (isLast) for (const line of missing) fates.set(line, 'not said');
            if (isLast || missing.length === 0) return;
            const last = answer.events.at(-1);
            after = {epoch: last.epoch, seq: last.seq};
        }
    }

    /** A key alone can be guessed; and what one said oneself may have been changed since. */
    isEcho({key, body, from}, line) {
        return key === line.key && (body === sendable(line.body) || this.model.isOwn(from));
    }

    /** Another tab has taken over an item, because this one slept. */
    robbed(own) {
        if (linesItem.test(own)) {
            for (const {key} of this.chat.pending) this.chat.unsay(key);
        } else if (own === item) {
            for (const conversation of this.model.conversations.values()) this.actions.letGo(conversation);
        }
    }
}
