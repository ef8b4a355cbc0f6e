// The log: a window of at most `rowsMax` rows over a timeline, however many messages there are.
//
//   timeline   [ ........................................................ ]
//   rows                    [ above | what one sees | below ]
//
// Rows are made once for each item and kept while they are in the window. Whatever is put in or
// taken out above, the row at the upper edge stays where it is on the screen.

import {byId, h, onNextFrame} from './dom.js';
import {messageRow, pendingRow, standing} from './message_row.js';
import {compare} from './timeline.js';

export const rowsMax = 320;
const tailRows = 120;       // when one reads at the end
const aboveRows = 200;      // of a window that was moved
const moveWithin = 40;      // rows between what one sees and the end of the window
const loadWithin = 60;      // items between what one sees and the end of the timeline
const endPixels = 48;       // so near to the end counts as the end

export class LogView {
    /**
     * @param {import('./model.js').Model} model
     * @param {import('./history.js').History} history
     * @param {{act: Function, pending: () => Array, online: () => boolean, beginning: (conversation) => Node}} owner
     */
    constructor(model, history, owner) {
        Object.assign(this, {model, history, owner});
        this.log = byId('log');
        this.beginning = h('div.beginning');
        this.rows = h('div.rows');
        this.pendings = h('div.pendings');
        this.log.append(this.beginning, this.rows, this.pendings);
        this.made = new Map();      // item → {row, mark}
        this.itemOf = new WeakMap();
        this.follows = true;
        this.window = [0, 0];
        this.conversation = null;
        this.unseen = 0;
        this.sync = onNextFrame(() => this.syncNow());
        this.scrolled = onNextFrame(() => this.scrolledNow());
        this.log.addEventListener('scroll', this.scrolled, {passive: true});
        this.log.addEventListener('click', (event) => this.clicked(event));
        this.log.addEventListener('keydown', (event) => this.pressed(event));
        for (const how of ['pointerover', 'focusin']) {
            this.log.addEventListener(how, (event) => this.pointedAt(event.target.closest?.('.row.is-message')));
        }
        this.log.addEventListener('pointerleave', () => this.pointedAt(document.activeElement?.closest('.row.is-message')));
        this.tools = byId('row-tools');
        this.tools.remove();
        this.tools.hidden = false;
        byId('newer').addEventListener('click', () => this.toEnd());
        new ResizeObserver(() => this.follows && this.stick()).observe(this.log);
        model.changed.listen((conversation, what) => {
            if (conversation === this.conversation && what === 'lines') this.sync();
        });
    }

    get items() { return this.conversation?.timeline.items ?? []; }
    get readsAtEnd() { return this.follows && this.conversation?.timeline.atEnd === true; }

    show(conversation) {
        if (this.conversation) this.conversation.place = this.follows ? null : this.upperEdge()?.item.at;
        this.conversation = conversation;
        this.made.clear();
        this.rows.replaceChildren();
        this.follows = !conversation?.place;
        this.goal = conversation?.place ?? null;
        this.unseen = 0;
        this.freshFrom = this.firstFresh(conversation);
        this.syncNow();
    }

    firstFresh(conversation) {
        if (!conversation?.unread || !conversation.readTo) return null;
        return conversation.timeline.items.find((item) => item.kind === 'message'
            && compare(item.at, conversation.readTo) > 0 && !this.model.isOwn(item.from)) ?? null;
    }

    // ---- rows ---------------------------------------------------------------------------------

    syncNow() {
        const {conversation, items} = this;
        if (!conversation) return;
        conversation.timeline.trim(this.follows);
        const edge = this.follows ? null : this.upperEdge();
        this.chooseWindow(edge);
        this.putRows(items);
        this.putPending();
        this.putBeginning();
        if (this.goal) this.reachGoal();
        else this.keepInPlace(edge);
        if (this.follows) this.stick();
        this.countUnseen();
        this.loadNear();
    }

    /** The lower edge of a row counts: its head may go when rows are put before it. */
    keepInPlace(edge) {
        const row = edge && this.made.get(edge.item)?.row;
        if (row) this.log.scrollTop += row.offsetTop + row.offsetHeight - edge.bottom;
    }

    chooseWindow(edge) {
        const {items} = this;
        if (this.follows) {
            this.window = [Math.max(0, items.length - tailRows), items.length];
            return;
        }
        const at = this.goal ?? edge?.item.at;
        const index = at ? Math.max(0, items.findIndex((item) => compare(item.at, at) >= 0)) : 0;
        const start = this.window[0] === 0 && !this.made.size ? -1 : items.indexOf(this.itemAt(0));
        const end = start < 0 ? -1 : start + this.rows.childElementCount;
        const seen = Math.ceil(this.log.clientHeight / 24);
        const fits = start >= 0 && (start === 0 || index - start > moveWithin)
            && (end >= items.length || end - index > moveWithin + seen);
        const from = fits ? start : Math.max(0, index - aboveRows);
        this.window = [from, Math.min(items.length, Math.max(fits ? end : 0, from + rowsMax))];
        if (this.window[1] - from > rowsMax) this.window[1] = from + rowsMax;
    }

    itemAt(index) { return this.itemOf.get(this.rows.children[index]); }

    putRows(items) {
        const context = {
            self: this.model.nick,
            freshFrom: this.freshFrom,
            isOwn: (nick) => this.model.isOwn(nick),
            quoted: (at) => this.conversation.timeline.get(at),
        };
        const wanted = new Set();
        let next = this.rows.firstElementChild;
        for (let index = this.window[0]; index < this.window[1]; index += 1) {
            const item = items[index];
            const how = standing(item, items[index - 1], context);
            let made = this.made.get(item);
            if (made?.mark !== how.mark) {
                const row = messageRow(item, how, context);
                if (made) {
                    const focused = made.row.contains(document.activeElement);
                    if (made.row === next) next = next.nextElementSibling;
                    made.row.replaceWith(row);
                    if (focused) row.focus({preventScroll: true});
                }
                this.itemOf.set(row, item);
                made = {row, mark: how.mark};
                this.made.set(item, made);
            }
            wanted.add(made.row);
            // Putting a row where it is already would take its focus away.
            if (made.row === next) next = next.nextElementSibling;
            else if (!made.row.isConnected || made.row.nextElementSibling !== next) this.rows.insertBefore(made.row, next);
        }
        for (const [item, {row}] of this.made) {
            if (wanted.has(row)) continue;
            row.remove();
            this.made.delete(item);
        }
    }

    putPending() {
        const {conversation} = this;
        const keys = conversation.timeline.keys;
        const lines = conversation.timeline.atEnd
            ? this.owner.pending(conversation).filter((line) => !line.key || !keys.has(line.key)) : [];
        this.pendings.replaceChildren(...lines.slice(-50).map((line) => pendingRow(line, this.model.nick, this.owner.online())));
    }

    putBeginning() {
        const {timeline} = this.conversation;
        const state = `${this.conversation.id} ${timeline.atStart} ${this.history.isLoading(this.conversation)} ${timeline.items.length === 0} ${this.model.nick}`;
        if (this.beginning.dataset.state === state) return;
        this.beginning.dataset.state = state;
        this.beginning.replaceChildren(...(timeline.atStart
            ? [this.owner.beginning(this.conversation)]
            : [h('p.loading', {}, this.history.isLoading(this.conversation) ? 'Loading earlier messages…' : '')]));
    }

    // ---- where one is -------------------------------------------------------------------------

    /** The first row that one sees: {row, item, bottom}. */
    upperEdge() {
        const rows = this.rows.children;
        let [low, high] = [0, rows.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (rows[middle].offsetTop + rows[middle].offsetHeight <= this.log.scrollTop) low = middle + 1;
            else high = middle;
        }
        const row = rows[Math.min(low, rows.length - 1)];
        return row ? {row, item: this.itemOf.get(row), bottom: row.offsetTop + row.offsetHeight} : null;
    }

    stick() {
        this.log.scrollTop = this.log.scrollHeight;
        this.lastTop = this.log.scrollTop;
    }

    seesEnd() {
        const {scrollTop, scrollHeight, clientHeight} = this.log;
        return scrollHeight - scrollTop - clientHeight < endPixels && this.window[1] === this.items.length
            && this.conversation.timeline.atEnd;
    }

    scrolledNow() {
        if (!this.conversation) return;
        const {scrollTop} = this.log;
        const atEnd = this.seesEnd();
        if (atEnd) this.follows = true;
        else if (scrollTop < (this.lastTop ?? 0) - 1) this.follows = false;
        this.lastTop = scrollTop;
        if (atEnd) this.owner.sawEnd();
        this.syncNow();
    }

    /** To a message: its window is fetched if it is not here. */
    async jump(at) {
        const {conversation} = this;
        if (!conversation.timeline.get(at) && !(await this.history.around(conversation, at))) return;
        if (conversation !== this.conversation) return;
        this.follows = false;
        this.goal = at;
        this.flash = at;
        this.syncNow();
    }

    reachGoal() {
        const item = this.conversation.timeline.get(this.goal)
            ?? this.items.find((other) => compare(other.at, this.goal) >= 0);
        const row = this.made.get(item)?.row;
        this.goal = null;
        if (!row) return;
        this.log.scrollTop = row.offsetTop - (this.flash ? this.log.clientHeight / 3 : 0);
        this.lastTop = this.log.scrollTop;
        if (this.flash) {
            row.classList.add('flash');
            row.addEventListener('animationend', () => row.classList.remove('flash'), {once: true});
            row.focus({preventScroll: true});
        }
        this.flash = null;
    }

    async toEnd() {
        const {conversation} = this;
        if (!conversation.timeline.atEnd && !(await this.history.newest(conversation, true))) return;
        this.follows = true;
        this.syncNow();
        this.owner.sawEnd();
    }

    async toStart() {
        const {conversation} = this;
        if (!conversation.timeline.atStart && !(await this.history.start(conversation))) return;
        this.follows = false;
        this.goal = this.items[0]?.at ?? null;
        this.syncNow();
        this.log.scrollTop = 0;
        this.rows.firstElementChild?.focus({preventScroll: true});
    }

    loadNear() {
        const {conversation, items} = this;
        const {timeline} = conversation;
        if (this.history.isLoading(conversation)) return;
        const edge = this.follows ? Math.max(0, items.length - 1 - tailRows) : items.indexOf(this.upperEdge()?.item);
        if (!timeline.atStart && edge < loadWithin && (this.follows ? items.length < tailRows : true)) {
            this.history.older(conversation);
        } else if (!timeline.atEnd && items.length - edge < loadWithin + Math.ceil(this.log.clientHeight / 24)) {
            this.history.newer(conversation);
        }
    }

    countUnseen() {
        const near = this.readsAtEnd || this.seesEnd();
        if (near) this.unseen = 0;
        const button = byId('newer');
        button.hidden = near || this.follows;
        button.textContent = this.unseen > 0 ? `↓ ${this.unseen} new` : '↓ To the newest';
    }

    /** A line came that is not in sight. */
    missed() {
        if (this.readsAtEnd) return;
        this.unseen += 1;
        this.countUnseen();
    }

    // ---- what is done with rows ---------------------------------------------------------------

    pointedAt(row) {
        const item = row && this.itemOf.get(row);
        if (!item || item.removed) {
            if (!this.tools.contains(document.activeElement)) this.tools.remove();
            return;
        }
        if (this.tools.parentNode === row) return;
        row.append(this.tools);
        const own = this.model.isOwn(item.from);
        const inRoom = this.conversation.kind === 'room';
        for (const button of this.tools.querySelectorAll('button')) {
            button.hidden = !inRoom || button.dataset[own ? 'others' : 'own'] !== undefined;
        }
    }

    clicked(event) {
        const target = event.target.closest('[data-act]');
        const row = event.target.closest('.row');
        const item = row && this.itemOf.get(row);
        if (target && item) this.owner.act(target.dataset.act, item, target);
    }

    pressed(event) {
        const row = event.target.closest('.row');
        if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('button, a, input')) return;
        const moves = {ArrowUp: -1, ArrowDown: 1};
        if (event.key === 'Home') this.toStart();
        else if (event.key === 'End') this.toEnd();
        else if (moves[event.key]) this.step(row, moves[event.key]);
        else if (row && !this.owner.key(event.key, this.itemOf.get(row), row)) return;
        else if (!row) return;
        event.preventDefault();
    }

    step(row, by) {
        const next = row ? (by < 0 ? row.previousElementSibling : row.nextElementSibling)
            : this.follows ? this.rows.lastElementChild : this.upperEdge()?.row;
        if (!next) return;
        next.focus({preventScroll: true});
        next.scrollIntoView({block: 'nearest'});
    }
}
