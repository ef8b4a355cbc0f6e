// What reaches somebody who does not look: the count in the title, and notifications for those who
// asked for them.

import {byId} from './dom.js';
import {plainLine} from './visible_text.js';
import {mentions} from './rich_text.js';
import {readJson, writeJson} from './storage.js';

const slot = 'chatd.alerts';

export class Alerts {
    /** @param {{show: Function}} owner */
    constructor(model, owner) {
        Object.assign(this, {model, owner});
        this.wanted = readJson(slot) === true;
        this.button = byId('bell');
        this.button.hidden = !('Notification' in window);
        this.button.addEventListener('click', () => this.toggle());
        model.changed.listen((conversation, what) => {
            if (what === 'unread' || what === 'current') this.title();
        });
        model.arrived.listen((conversation, line) => this.arrived(conversation, line));
        this.showButton();
        this.title();
    }

    get on() { return this.wanted && 'Notification' in window && Notification.permission === 'granted'; }

    title() {
        const {lines, named} = this.model.unread;
        const where = this.model.current ? `${this.model.current.label} – ` : '';
        document.title = `${named > 0 ? `(${named}!) ` : lines > 0 ? `(${lines}) ` : ''}${where}chatd`;
        if (lines > 0) navigator.setAppBadge?.(named || lines).catch(() => {});
        else navigator.clearAppBadge?.().catch(() => {});
    }

    /** A browser is asked for leave only here, on somebody's click. */
    async toggle() {
        if (this.on) this.wanted = false;
        else this.wanted = (await Notification.requestPermission()) === 'granted';
        writeJson(slot, this.wanted);
        this.showButton();
        if (Notification.permission === 'denied') {
            byId('told').textContent = 'The browser does not allow notifications of this page; its settings change that.';
        }
    }

    showButton() {
        this.button.setAttribute('aria-pressed', String(this.on));
        this.button.title = this.on ? 'You are notified of private messages and of your name'
            : 'Notify me of private messages and of my name';
    }

    arrived(conversation, {from, body}) {
        const concerns = conversation.kind === 'private' || mentions(body, this.model.nick);
        if (!this.on || !concerns || !document.hidden) return;
        const where = conversation.kind === 'room' ? ` in #${conversation.name}` : '';
        let note;
        try {
            note = new Notification(`${from}${where}`, {body: plainLine(body, 160), tag: conversation.id});
        } catch {
            return;  // Chrome on Android has the name, but only for service workers
        }
        note.onclick = () => {
            window.focus();
            this.owner.show(conversation);
            note.close();
        };
    }
}
