// The place beside the log, where one of several views stands: people, search, datagrams, connection.

import {byId} from './dom.js';

export class Panel {
    constructor() {
        this.views = new Map();
        this.open = null;
        byId('panel-close').addEventListener('click', () => this.close());
        byId('panel').addEventListener('keydown', (event) => {
            if (event.key === 'Escape') this.close();
        });
    }

    /** @param {{title: string, element: HTMLElement, opened: Function, closed?: Function}} view */
    add(name, view, button) {
        this.views.set(name, {view, button});
        button?.addEventListener('click', () => this.toggle(name));
    }

    toggle(name) {
        if (this.open === name) this.close();
        else this.show(name);
    }

    show(name) {
        if (this.open !== name) {
            this.leave();
            const {view, button} = this.views.get(name);
            this.open = name;
            byId('panel-title').textContent = view.title;
            byId('panel-body').replaceChildren(view.element);
            byId('panel').hidden = false;
            document.body.dataset.panel = name;
            button?.setAttribute('aria-expanded', 'true');
        }
        this.views.get(name).view.opened();
    }

    leave() {
        if (!this.open) return;
        const {view, button} = this.views.get(this.open);
        button?.setAttribute('aria-expanded', 'false');
        this.open = null;
        view.closed?.();
    }

    close() {
        const button = this.open && this.views.get(this.open).button;
        const hadFocus = byId('panel').contains(document.activeElement);
        this.leave();
        byId('panel').hidden = true;
        delete document.body.dataset.panel;
        if (hadFocus) (button ?? byId('box')).focus();
    }
}
