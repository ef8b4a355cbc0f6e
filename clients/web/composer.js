// The box one writes in: drafts, what one answers or changes, completion. It never waits for the
// network: a line leaves the box at once and is shown as waiting until the server has it.

import {byId, h} from './dom.js';
import {completions} from './commands.js';
import {plainLine} from './visible_text.js';

export const bytesMax = 4096;    // of a body
export const linesMax = 64;
const warnFrom = 3500;           // bytes from which the count is shown
const typingEvery = 3000;        // ms between two words that one is typing
const typingEnds = 5000;         // ms without a key

const encoder = new TextEncoder();

export class Composer {
    /** @param {{send: Function, typing: Function, lastOwn: Function, vocabulary: Function, escape: Function}} owner */
    constructor(owner) {
        this.owner = owner;
        this.box = byId('box');
        this.list = byId('completions');
        this.banner = byId('banner');
        this.count = byId('count');
        this.conversation = null;
        this.context = null;         // {kind: 'reply' | 'edit', item, draft}
        this.offered = [];
        this.chosen = -1;
        this.lastTyping = 0;
        this.box.addEventListener('input', () => this.changed());
        this.box.addEventListener('keydown', (event) => this.pressed(event));
        this.box.addEventListener('blur', () => this.offer([]));
        byId('composer').addEventListener('submit', (event) => {
            event.preventDefault();
            this.send();
        });
    }

    show(conversation) {
        if (this.conversation) this.conversation.draft = this.draft;
        this.conversation = conversation;
        this.setContext(null);
        this.put(conversation?.draft ?? '');
        this.box.disabled = !conversation;
        this.box.placeholder = conversation ? `Message ${conversation.label}` : 'Join a room to talk';
        this.box.setAttribute('aria-label', this.box.placeholder);
    }

    /** What stands in the box, or stood there before one began to change a message. */
    get draft() { return this.context?.kind === 'edit' ? this.context.draft : this.box.value; }

    /** What would be lost with the box. */
    get written() {
        const {box, context, draft} = this;
        const isSame = context?.kind === 'edit' && box.value === context.item.body;
        return [...new Set([draft, isSame ? '' : box.value])].filter((text) => text.trim() !== '');
    }

    put(text) {
        this.box.value = text;
        this.fit();
        this.offer([]);
    }

    /** Puts a text into the box, after what stands there; what one was changing stays as it was. */
    add(text) {
        if (this.context?.kind === 'edit') this.setContext(null);
        const {value} = this.box;
        this.put(value.trim() === '' ? text : `${value}\n${text}`);
        this.focus();
    }

    focus() { this.box.focus({preventScroll: true}); }

    // ---- answering and changing ---------------------------------------------------------------

    setContext(context) {
        const {draft} = this;
        if (this.context?.kind === 'edit' && context?.kind !== 'edit') this.put(draft);
        this.context = context && {...context, draft};
        this.banner.hidden = !context;
        if (!context) {
            this.banner.replaceChildren();
            return;
        }
        const {kind, item} = context;
        this.banner.replaceChildren(
            h('span.banner-text', {}, kind === 'reply' ? 'Answering ' : 'Changing your message: ',
                kind === 'reply' && h('bdi.strong', {}, `${item.from} `), h('bdi', {}, plainLine(item.body, 120))),
            h('button.icon', {type: 'button', 'aria-label': 'Never mind', title: 'Never mind (Esc)', onclick: () => this.setContext(null)}, '✕'));
        if (kind === 'edit') this.put(item.body);
        this.focus();
    }

    // ---- keys ---------------------------------------------------------------------------------

    pressed(event) {
        if (event.isComposing) return;
        if (this.offered.length > 0 && this.pressedInList(event)) {
            event.preventDefault();
            return;
        }
        if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            this.send();
        } else if (event.key === 'Escape') {
            if (this.context) this.setContext(null);
            else this.owner.escape();
        } else if (event.key === 'ArrowUp' && this.box.value === '' && !event.altKey) {
            const item = this.owner.lastOwn();
            if (item) this.setContext({kind: 'edit', item});
            event.preventDefault();
        } else if (event.key === 'Tab' && !event.shiftKey && this.completeNick()) {
            event.preventDefault();
        }
    }

    pressedInList(event) {
        const last = this.offered.length - 1;
        switch (event.key) {
            case 'ArrowDown': this.choose(this.chosen >= last ? 0 : this.chosen + 1); return true;
            case 'ArrowUp': this.choose(this.chosen <= 0 ? last : this.chosen - 1); return true;
            case 'Escape': this.offer([]); return true;
            case 'Tab': this.accept(this.offered[Math.max(this.chosen, 0)]); return true;
            case 'Enter': {
                const offer = this.offered[this.chosen];
                if (!offer || event.shiftKey || this.box.value === offer.text.trimEnd()) return false;
                this.accept(offer);
                return true;
            }
            default: return false;
        }
    }

    /** Tab after the beginning of a nick; otherwise it leaves the box, as everywhere. */
    completeNick() {
        const before = this.box.value.slice(0, this.box.selectionStart);
        const [word] = /[\w.-]*$/.exec(before);
        if (word === '') return false;
        const {nicks} = this.owner.vocabulary();
        const fits = nicks.filter((nick) => nick.toLowerCase().startsWith(word.toLowerCase()));
        if (fits.length === 0) return false;
        const from = before.length - word.length;
        this.accept({from, text: `${fits[0]}${from === 0 ? ': ' : ' '}`});
        return true;
    }

    changed() {
        this.fit();
        const before = this.box.value.slice(0, this.box.selectionStart);
        this.offer(completions(before, this.owner.vocabulary()));
        this.tellTyping();
    }

    fit() {
        this.box.style.height = 'auto';
        this.box.style.height = `${Math.min(this.box.scrollHeight, 220)}px`;
        const bytes = this.box.value.length > warnFrom / 4 ? encoder.encode(this.box.value).length : 0;
        this.count.hidden = bytes < warnFrom;
        this.count.textContent = bytes > bytesMax
            ? `${(bytes - bytesMax).toLocaleString()} bytes too long` : `${(bytesMax - bytes).toLocaleString()} bytes left`;
        this.count.classList.toggle('over', bytes > bytesMax);
    }

    tellTyping() {
        const {conversation} = this;
        const on = this.box.value !== '' && !this.box.value.startsWith('/');
        const now = Date.now();
        clearTimeout(this.typingTimer);
        if (on && now - this.lastTyping > typingEvery) {
            this.lastTyping = now;
            this.owner.typing(conversation, true);
        }
        if (this.lastTyping > 0) this.typingTimer = setTimeout(() => this.endTyping(conversation), on ? typingEnds : 0);
    }

    endTyping(conversation) {
        clearTimeout(this.typingTimer);
        if (this.lastTyping > 0) this.owner.typing(conversation, false);
        this.lastTyping = 0;
    }

    // ---- completion ---------------------------------------------------------------------------

    offer(offered) {
        this.offered = offered;
        this.list.hidden = offered.length === 0;
        this.box.setAttribute('aria-expanded', String(offered.length > 0));
        this.list.replaceChildren(...offered.map((offer, index) => {
            const option = h('li', {role: 'option', id: `completion-${index}`, 'aria-selected': 'false'},
                h('span.completion-label', {}, offer.label), h('span.completion-hint', {}, offer.hint));
            option.addEventListener('pointerdown', (event) => {
                event.preventDefault();
                this.accept(offer);
            });
            return option;
        }));
        this.choose(offered.length > 0 ? 0 : -1);
    }

    choose(index) {
        this.list.children[this.chosen]?.setAttribute('aria-selected', 'false');
        this.chosen = index;
        const option = this.list.children[index];
        option?.setAttribute('aria-selected', 'true');
        option?.scrollIntoView({block: 'nearest'});
        if (option) this.box.setAttribute('aria-activedescendant', option.id);
        else this.box.removeAttribute('aria-activedescendant');
    }

    accept(offer) {
        const at = this.box.selectionStart;
        this.box.setRangeText(offer.text, offer.from, at, 'end');
        this.changed();
    }

    // ---- away ---------------------------------------------------------------------------------

    send() {
        const text = this.box.value.replace(/\r\n?/g, '\n').trimEnd();
        if (text.trim() === '' || !this.conversation) return;
        const bytes = encoder.encode(text).length;
        if (bytes > bytesMax || text.split('\n').length > linesMax) {
            this.fit();
            this.owner.refuse(bytes > bytesMax
                ? `A message has at most ${bytesMax.toLocaleString()} bytes; this one has ${bytes.toLocaleString()}. Send it in parts.`
                : `A message has at most ${linesMax} lines. Send it in parts.`);
            return;
        }
        const {context, conversation} = this;
        if (!this.owner.send(conversation, text, context)) return;
        this.endTyping(conversation);
        conversation.draft = context?.kind === 'edit' ? context.draft : '';
        if (this.conversation !== conversation) return;  // a command led elsewhere, where another draft is
        this.context = null;
        this.setContext(null);
        this.put(conversation.draft);
    }
}
