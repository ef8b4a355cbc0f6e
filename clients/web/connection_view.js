// The badge that says what is happening on the way to the server, and the view behind it: the
// state in words, what waits to be said, round trip and rate over time.

import {byId, h} from './dom.js';
import {Series, draw, niceCeiling} from './graph.js';
import {duration} from './times.js';

const pingEvery = 5;   // s, while somebody looks

export class ConnectionView {
    /** @param {{call: Function, pending: Function, retry: Function}} owner */
    constructor(model, owner) {
        Object.assign(this, {model, owner, title: 'Connection'});
        this.series = {rtt: new Series(), rate: new Series()};
        this.state = {state: 'connecting', attempt: 0, retryInMs: 0, reason: ''};
        this.rtt = null;
        this.seconds = 0;
        this.linesBefore = 0;
        this.picture = h('canvas.graph', {role: 'img'});
        this.words = h('p');
        this.scale = h('p.quiet');
        this.retryNow = h('button.plain', {type: 'button', hidden: true, onclick: () => owner.retry()}, 'Try now');
        this.facts = h('dl.facts');
        this.element = h('div.view', {}, this.words, this.retryNow, this.picture, this.scale, this.facts);
        setInterval(() => this.second(), 1000);
        this.show();
    }

    opened() { this.show(); }

    stateChanged(state) {
        this.state = {...state, until: performance.now() + state.retryInMs};
        if (state.state !== 'online') this.rtt = null;
        this.show();
        if (state.state === 'online') this.ping();
    }

    async ping() {
        const begun = performance.now();
        try {
            await this.owner.call('ping');
            this.rtt = performance.now() - begun;
            this.show();
        } catch { /* the state says why */ }
    }

    second() {
        this.seconds += 1;
        this.series.rate.push(this.model.lineCount - this.linesBefore);
        this.linesBefore = this.model.lineCount;
        this.series.rtt.push(this.rtt);
        if (this.state.state === 'online' && !document.hidden && this.seconds % pingEvery === 0) this.ping();
        this.show();
    }

    /** What is happening, in few words. */
    label() {
        const {state, until} = this.state;
        switch (state) {
            case 'online': return this.rtt === null ? 'online' : duration(this.rtt);
            case 'resuming': return 'catching up…';
            case 'connecting': return 'connecting…';
            case 'closed': return 'disconnected';
            default: {
                const left = Math.ceil((until - performance.now()) / 1000);
                return left > 0 ? `offline, again in ${left} s` : 'offline, trying…';
            }
        }
    }

    sentence() {
        const {state, reason, attempt} = this.state;
        switch (state) {
            case 'online': return 'Connected. What is said arrives at once.';
            case 'resuming': return 'Connected; fetching what was said meanwhile.';
            case 'connecting': return attempt > 0 ? `Trying to reach the server, for the ${attempt + 1}. time.` : 'Reaching the server.';
            case 'closed': return `The page has given up: ${reason}. Reload it to try again.`;
            default: return `The server cannot be reached: ${reason}. You can write on; it will be said once the connection is back.`;
        }
    }

    show() {
        const badge = byId('badge');
        const {state} = this.state;
        const waiting = this.owner.pending().length;
        badge.dataset.state = state;
        const text = `${this.label()}${waiting > 0 && state !== 'online' ? ` · ${waiting} waiting` : ''}`;
        if (byId('badge-text').textContent !== text) byId('badge-text').textContent = text;
        badge.title = this.sentence();
        badge.setAttribute('aria-label', `Connection: ${state === 'online' ? `online, ${text}` : text}`);
        if (this.told !== state) byId('told').textContent = state === 'online' && this.told === undefined ? '' : this.sentence();
        this.told = state;
        if (!document.hidden) draw(byId('sparkline'), this.series);
        if (this.element.isConnected) this.showView(waiting);
    }

    showView(waiting) {
        const {rtt, rate} = this.series;
        this.words.textContent = this.sentence();
        this.retryNow.hidden = !['offline', 'closed'].includes(this.state.state);
        draw(this.picture, this.series);
        this.picture.setAttribute('aria-label', `The last five minutes: round trip now ${this.rtt === null ? 'unknown' : duration(this.rtt)}, ${rate.values.at(-1) ?? 0} messages a second`);
        this.scale.textContent = `Five minutes. Above: round trip, up to ${duration(niceCeiling(rtt.max))}. Below: messages a second, up to ${niceCeiling(rate.max)}.`;
        const facts = [
            ['Round trip', this.rtt === null ? '–' : duration(this.rtt)],
            ['Messages a second', String(rate.values.at(-1) ?? 0)],
            ['Lines waiting to be said', String(waiting)],
            ['Server', location.host],
        ];
        this.facts.replaceChildren(...facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
    }
}
