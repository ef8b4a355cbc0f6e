// The list of rooms and people one talks to, with what is unread; and who one is.

import {arrowKeys, avatar, byId, h, onNextFrame, refill, tinted} from './dom.js';

const othersMax = 100;  // rooms one is not in that are listed

export class Sidebar {
    /** @param {{show: Function, join: Function, leave: Function, rename: Function}} owner */
    constructor(model, owner) {
        Object.assign(this, {model, owner});
        this.sync = onNextFrame(() => this.syncNow());
        model.changed.listen((conversation, what) => {
            if (['list', 'unread', 'current', 'people'].includes(what)) this.sync();
        });
        for (const id of ['rooms', 'directs', 'others']) {
            arrowKeys(byId(id), 'button.entry');
            byId(id).addEventListener('click', (event) => this.clicked(event));
        }
        byId('join').addEventListener('submit', (event) => this.joins(event));
        byId('me').addEventListener('click', () => this.editNick());
        byId('rename').addEventListener('submit', (event) => this.renames(event));
        byId('nick-box').addEventListener('keydown', (event) => event.key === 'Escape' && this.endEdit());
        byId('rename-cancel').addEventListener('click', () => this.endEdit());
    }

    syncNow() {
        const {model} = this;
        const all = [...model.conversations.values()];
        const rooms = all.filter(({kind}) => kind === 'room');
        const directs = all.filter(({kind}) => kind === 'private');
        refill(byId('rooms'), rooms.map((room) => this.entry(room)));
        refill(byId('directs'), directs.map((direct) => this.entry(direct)));
        byId('directs-part').hidden = directs.length === 0;
        const others = model.others.filter(({room}) => !model.room(room)).slice(0, othersMax);
        byId('others-part').hidden = others.length === 0;
        refill(byId('others'), others.map(({room, people}) => h('li', {'data-key': room}, h('button.entry', {
            type: 'button', 'data-room': room, title: `Join #${room}`,
        }, h('span.sign', {'aria-hidden': 'true'}, '#'), h('bdi.name', {}, room),
        h('span.people-count', {}, people === 1 ? '1 there' : `${people} there`)))));
        const {nick} = model;
        if (this.shownNick === nick) return;  // a click that has begun would be none
        this.shownNick = nick;
        byId('me').replaceChildren(avatar(nick || '?'), h('span.me-text', {},
            tinted(h('bdi.me-nick.nick', {}, nick || 'connecting…'), nick), h('span.me-hint', {}, 'Change your name')));
    }

    entry(conversation) {
        const current = conversation === this.model.current;
        const {unread, named, unsaid} = conversation;
        const isRoom = conversation.kind === 'room';
        const here = !isRoom && this.model.isHere(conversation.name);
        return h(`li${unread > 0 ? '.unread' : ''}${named > 0 ? '.named' : ''}`, {'data-key': conversation.id}, h('button.entry', {
            type: 'button', 'data-id': conversation.id, 'aria-current': current ? 'page' : false,
            'aria-label': `${conversation.label}${unread > 0 ? `, ${unread} unread` : ''}${named > 0 && isRoom ? `, ${named} name you` : ''}${unsaid.length > 0 ? `, ${unsaid.length} not said` : ''}`,
        }, isRoom ? h('span.sign', {'aria-hidden': 'true'}, '#') : h(`span.presence${here ? '.here' : ''}`, {'aria-hidden': 'true'}),
        h('bdi.name', {}, conversation.name),
        unsaid.length > 0 && h('span.count.unsaid', {'aria-hidden': 'true'}, '!'),
        unread > 0 && h('span.count', {}, unread > 999 ? '999+' : String(unread))),
        h('button.icon.leave', {
            type: 'button', 'data-leave': conversation.id, title: isRoom ? 'Leave this room' : 'Close',
            'aria-label': `${isRoom ? 'Leave' : 'Close'} ${conversation.label}`,
        }, '✕'));
    }

    clicked(event) {
        const {id, leave, room} = event.target.closest('button')?.dataset ?? {};
        if (leave) this.owner.leave(this.model.conversations.get(leave));
        else if (room) this.owner.join(room);
        else if (id) this.owner.show(this.model.conversations.get(id));
    }

    joins(event) {
        event.preventDefault();
        const box = byId('join-box');
        const name = box.value.trim().replace(/^#/, '');
        if (name === '') return;
        box.value = '';
        this.owner.join(name);
    }

    /** The next (1) or previous (-1) conversation; `unreadOnly` passes over those that are read. */
    step(by, unreadOnly = false) {
        const all = [...this.model.conversations.values()].sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'room' ? -1 : 1));
        const at = all.indexOf(this.model.current);
        for (let count = 1; count <= all.length; count += 1) {
            const next = all[(at + by * count + all.length * count) % all.length];
            if (next && (!unreadOnly || next.unread > 0)) {
                this.owner.show(next);
                return;
            }
        }
    }

    // ---- one's name ---------------------------------------------------------------------------

    editNick() {
        byId('me').hidden = true;
        byId('rename').hidden = false;
        this.nickError('');
        byId('nick-box').value = /^guest-\d+$/.test(this.model.nick) ? '' : this.model.nick;
        byId('nick-box').focus();
        byId('nick-box').select();
    }

    endEdit() {
        const hadFocus = byId('rename').contains(document.activeElement);
        byId('me').hidden = false;
        byId('rename').hidden = true;
        if (hadFocus) byId('me').focus();
    }

    nickError(text) {
        byId('nick-error').textContent = text;
        byId('nick-error').hidden = text === '';
        byId('nick-box').setAttribute('aria-invalid', String(text !== ''));
    }

    async renames(event) {
        event.preventDefault();
        const nick = byId('nick-box').value.trim();
        if (nick === '' || nick === this.model.nick) {
            this.endEdit();
            return;
        }
        const error = await this.owner.rename(nick);
        if (error) this.nickError(error);
        else this.endEdit();
    }
}
