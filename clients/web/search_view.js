// Search in all rooms that are kept, with what was found marked.

import {arrowKeys, avatar, h, refill, tinted} from './dom.js';
import {renderExcerpt} from './rich_text.js';
import {clockTime, dayName} from './times.js';

const waitMs = 220;    // after the last key
const hitsPage = 20;
const hitsMax = 1000;  // the server's bound of skip

export class SearchView {
    /** @param {{call: Function, jump: (room: string, at: object) => void}} owner */
    constructor(model, owner) {
        Object.assign(this, {model, owner, title: 'Search'});
        this.box = h('input', {type: 'search', placeholder: 'Words, "a phrase", from:nick, in:room', 'aria-label': 'Search messages', autocomplete: 'off', maxlength: '500'});
        this.status = h('p.quiet', {role: 'status'});
        this.list = h('ol.hits', {'aria-label': 'What was found'});
        arrowKeys(this.list, 'button.hit');
        this.more = h('button.plain', {type: 'button', hidden: true}, 'Show more');
        this.element = h('div.view', {}, this.box, this.status, this.list, this.more);
        this.box.addEventListener('input', () => {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.search(0), waitMs);
        });
        this.box.addEventListener('keydown', (event) => {
            if (event.key === 'Enter') this.search(0);
            if (event.key === 'ArrowDown') this.list.querySelector('button')?.focus();
        });
        this.more.addEventListener('click', () => this.search(this.list.children.length));
        this.asked = 0;
        this.tellHow();
    }

    opened(query) {
        if (query !== undefined) {
            this.box.value = query;
            this.search(0);
        }
        this.box.focus();
        this.box.select();
    }

    tellHow() {
        this.status.textContent = 'Finds all words; narrow it by from:ana, in:dev, before:2026-11-01 or after:2026-10-01.';
    }

    async search(skip) {
        clearTimeout(this.timer);
        const query = this.box.value.trim();
        this.asked += 1;
        const {asked} = this;
        const asksMore = () => document.activeElement === this.more;
        if (query === '') {
            if (asksMore()) this.box.focus();
            this.list.replaceChildren();
            this.more.hidden = true;
            this.tellHow();
            return;
        }
        this.status.textContent = 'Searching…';
        let answer;
        try {
            answer = await this.owner.call('search', {query, limit: hitsPage, skip});
        } catch (error) {
            if (asked !== this.asked) return;
            this.status.textContent = error.message;
            if (skip === 0) this.list.replaceChildren();
            return;
        }
        if (asked !== this.asked) return;  // one has typed on
        const hits = answer.hits.map((hit) => this.hit(hit));
        if (skip === 0) refill(this.list, hits);
        else this.list.append(...hits);
        const isLast = !answer.more || this.list.children.length >= hitsMax;
        if (asksMore() && (isLast || skip > 0)) (this.list.children[skip]?.firstElementChild ?? this.box).focus();
        this.more.hidden = isLast;
        const count = this.list.children.length;
        this.status.textContent = count === 0 ? 'Nothing was found.' : `${count}${answer.more ? '+' : ''} found`;
    }

    hit({event, excerpt}) {
        const time = Date.parse(event.ts);
        const text = h('div.body', {dir: 'auto'});
        text.append(renderExcerpt(excerpt));
        const at = {epoch: event.epoch, seq: event.seq};
        return h('li', {'data-key': `${event.room} ${at.epoch} ${at.seq}`}, h('button.hit', {type: 'button', onclick: () => this.owner.jump(event.room, at)},
            h('span.hit-head', {}, avatar(event.from), tinted(h('bdi.nick', {}, event.from), event.from),
                h('span.quiet', {}, `#${event.room} · ${dayName(time)}, ${clockTime(time)}`)), text));
    }
}
