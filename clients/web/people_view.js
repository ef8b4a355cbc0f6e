// Who is in the room: a list with a filter, however many there are.

import {arrowKeys, avatar, byId, h, onNextFrame, refill, tinted} from './dom.js';

const shownMax = 200;  // people that are listed; the filter finds the others

export class PeopleView {
    /** @param {{talkTo: (nick: string) => void}} owner */
    constructor(model, owner) {
        Object.assign(this, {model, owner, title: 'People'});
        this.filter = h('input', {type: 'search', placeholder: 'Find somebody', 'aria-label': 'Find somebody in this room', autocomplete: 'off'});
        this.list = h('ul.people', {'aria-label': 'People in this room'});
        this.rest = h('p.quiet');
        this.element = h('div.view', {}, this.filter, this.list, this.rest);
        this.filter.addEventListener('input', () => this.syncNow());
        this.list.addEventListener('click', (event) => {
            const nick = event.target.closest('button')?.dataset.nick;
            if (nick) owner.talkTo(nick);
        });
        arrowKeys(this.list, 'button.entry');
        this.sync = onNextFrame(() => this.syncNow());
        model.changed.listen((conversation, what) => {
            if (what === 'current' || (conversation === model.current && ['people', 'typing'].includes(what))) this.sync();
        });
    }

    opened() {
        this.syncNow();
        this.filter.focus({preventScroll: true});
    }

    syncNow() {
        const conversation = this.model.current;
        const total = conversation?.kind === 'room' ? conversation.total : 0;
        byId('people-count').textContent = total > 9999 ? `${Math.floor(total / 1000)}k` : String(total);
        byId('show-people').setAttribute('aria-label', `People in this room: ${total}`);
        byId('show-people').hidden = conversation?.kind !== 'room';
        if (!this.element.isConnected || !conversation) return;
        const wanted = this.filter.value.trim().toLowerCase();
        const names = [...conversation.people.values()].filter((nick) => nick.toLowerCase().includes(wanted))
            .sort((a, b) => a.localeCompare(b));
        refill(this.list, names.slice(0, shownMax).map((nick) => this.entry(nick, conversation)));
        const hidden = total - Math.min(names.length, shownMax);
        this.rest.textContent = wanted === '' && hidden > 0 ? `and ${hidden.toLocaleString()} more`
            : names.length === 0 ? 'Nobody by that name' : '';
    }

    entry(nick, conversation) {
        const own = this.model.isOwn(nick);
        return h('li', {'data-key': nick}, h('button.entry', {type: 'button', 'data-nick': nick, title: own ? 'This is you' : `Talk to ${nick} alone`},
            avatar(nick), tinted(h('bdi.nick', {}, nick), nick),
            own ? h('span.quiet', {}, 'you') : conversation.typists.has(nick) && h('span.quiet', {}, 'typing…')));
    }
}
