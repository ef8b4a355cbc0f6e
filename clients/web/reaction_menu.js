// The small menu of reactions.

import {byId, h} from './dom.js';

const words = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '👀', '🚀', '✅', '❌', '💯'];
const bytesMax = 32;  // of a reaction

export class ReactionMenu {
    /** @param {(item: object, word: string) => void} react */
    constructor(react) {
        this.react = react;
        this.menu = byId('reactions');
        this.own = h('input', {placeholder: 'or a word', 'aria-label': 'A reaction in your own words', autocomplete: 'off', maxlength: '32'});
        const form = h('form', {}, this.own);
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.chose(this.own.value.trim());
        });
        this.menu.append(h('div.words', {}, ...words.map((word) => h('button', {
            type: 'button', 'aria-label': word, onclick: () => this.chose(word),
        }, word))), form);
        this.menu.addEventListener('keydown', (event) => {
            const buttons = [...this.menu.querySelectorAll('button')];
            const at = buttons.indexOf(document.activeElement);
            const by = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: 6, ArrowUp: -6}[event.key];
            if (event.key === 'Escape') this.close();
            else if (at >= 0 && by) buttons[(at + by + buttons.length) % buttons.length].focus();
            else return;
            event.preventDefault();
            event.stopPropagation();
        });
        document.addEventListener('pointerdown', (event) => {
            if (!this.menu.hidden && !this.menu.contains(event.target)) this.close(false);
        });
    }

    open(item, row) {
        Object.assign(this, {item, row});
        this.own.value = '';
        this.menu.hidden = false;
        const at = row.getBoundingClientRect();
        const size = this.menu.getBoundingClientRect();
        const left = Math.min(at.right - size.width - 12, window.innerWidth - size.width - 8);
        const top = at.bottom + size.height + 8 < window.innerHeight ? at.bottom : at.top - size.height;
        this.menu.style.left = `${Math.max(8, left)}px`;
        this.menu.style.top = `${Math.max(8, top)}px`;
        this.menu.querySelector('button').focus();
    }

    close(back = true) {
        this.menu.hidden = true;
        if (back) this.row?.focus({preventScroll: true});
    }

    chose(word) {
        if (word === '' || new TextEncoder().encode(word).length > bytesMax) return;
        this.close();
        this.react(this.item, word);
    }
}
