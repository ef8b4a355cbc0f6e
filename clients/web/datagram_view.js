// The live datagrams of the lobby: of each sender the newest, as hex and as characters, and how
// many a second come.

import {byId, h, refill, tinted} from './dom.js';
import {shownText} from './rich_text.js';

const drawEvery = 200;     // ms
const shownMax = 32;       // senders
const bytesPerLine = 8;
const showHz = 20;
const rateMs = 2000;       // over which the rate is taken

/** Lines of a hex dump: {offset, hex, characters}. `hex` is 'deadbeef', blanks between or not. */
export function hexLines(hex, bytesOfLine = bytesPerLine) {
    const bytes = hex.replace(/[^0-9a-f]/gi, '').match(/../g) ?? [];
    const lines = [];
    for (let at = 0; at < bytes.length; at += bytesOfLine) {
        const part = bytes.slice(at, at + bytesOfLine);
        const character = (byte) => {
            const code = parseInt(byte, 16);
            return code >= 32 && code < 127 ? String.fromCharCode(code) : '.';
        };
        lines.push({
            offset: at.toString(16).padStart(4, '0'),
            hex: part.join(' ').toLowerCase().padEnd(bytesOfLine * 3 - 1),
            characters: part.map(character).join(''),
        });
    }
    return lines;
}

/** How many of these times (ms) lie in the last `rateMs`, a second. */
export function rateOf(times, now) {
    return times.filter((time) => time > now - rateMs).length / (rateMs / 1000);
}

export class DatagramView {
    /** @param {{call: Function}} owner */
    constructor(model, owner) {
        Object.assign(this, {model, owner, title: 'Live datagrams'});
        this.status = h('p.quiet', {role: 'status'});
        this.list = h('div.datagrams');
        this.box = h('input', {placeholder: 'de ad be ef', 'aria-label': 'Bytes to send, in hex', autocomplete: 'off', spellcheck: 'false'});
        const form = h('form.send-hex', {}, this.box, h('button.plain', {type: 'submit'}, 'Send'));
        form.addEventListener('submit', (event) => this.sends(event));
        this.answer = h('p.quiet', {role: 'status'});
        this.element = h('div.view', {}, this.status, this.list, form, this.answer);
    }

    /** Asks for them again after a reconnect. */
    async subscribe() {
        this.subscribed = false;
        try {
            await this.owner.call('datagrams', {hz: showHz});
            this.subscribed = true;
            this.answer.textContent = '';
        } catch (error) {
            this.answer.textContent = error.message;
        }
    }

    opened() {
        if (this.timer) return;
        this.subscribe();
        this.draw();
        this.timer = setInterval(() => this.draw(), drawEvery);
        byId('show-datagrams').setAttribute('aria-expanded', 'true');
    }

    closed() {
        clearInterval(this.timer);
        this.timer = null;
        this.owner.call('datagrams', {hz: 0}).catch(() => {});  // offline: nothing comes anyway
        byId('show-datagrams').setAttribute('aria-expanded', 'false');
    }

    get isOpen() { return Boolean(this.timer); }

    draw() {
        const now = performance.now();
        const senders = [...this.model.datagrams.values()];
        const rate = senders.reduce((sum, {times}) => sum + rateOf(times, now), 0);
        this.status.textContent = !this.subscribed ? 'Asking the server for them…' : senders.length === 0
            ? 'Waiting for bytes on the UDP port. Send some: echo hi | nc -u HOST PORT'
            : `${senders.length === 1 ? 'One sender' : `${senders.length} senders`}, ${rate.toFixed(1)} a second are shown`;
        refill(this.list, senders.slice(-shownMax).reverse().map((sender) => this.card(sender, now)));
    }

    card({from, hex, bytes, count, times}, now) {
        const lines = hexLines(hex).map(({offset, hex: pairs, characters}) => `${offset}  ${pairs}  ${characters}`);
        const cut = hex.replace(/[^0-9a-f]/gi, '').length / 2 < bytes;
        return h('section.datagram', {'data-key': from, 'aria-label': `Datagrams of ${from}`},
            h('header', {}, tinted(h('bdi.nick', {}, ...shownText(from)), from),
                h('span.quiet', {}, `${bytes} B · ${rateOf(times, now).toFixed(1)}/s · ${count.toLocaleString()} seen`)),
            h('pre', {}, lines.join('\n') + (cut ? '\n…' : '')));
    }

    async sends(event) {
        event.preventDefault();
        try {
            await this.owner.call('datagram', {hex: this.box.value});
            this.answer.textContent = 'Sent to all UDP peers.';
            this.box.value = '';
        } catch (error) {
            this.answer.textContent = error.message;
        }
    }
}
