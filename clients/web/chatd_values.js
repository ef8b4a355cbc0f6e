// Small things that chatd.js and chatd_outbox.js share: errors, positions, names, addresses.

export const numberedEvents = new Set(['message', 'edited', 'redacted', 'reacted', 'topic']);
export const nickRefusals = new Set(['NICK_IN_USE', 'BAD_NICK']);
export const roomRefusals = new Set(['BAD_ROOM', 'ROOM_LOOKS_ALIKE', 'TOO_MANY_ROOMS']);
const faults = {[-32601]: 'UNKNOWN_METHOD', [-32602]: 'INVALID_PARAMS'};

/** What went wrong: `code` is a word of PROTOCOL.md 3, or OFFLINE, LOST, CLOSED, FULL. */
export class ChatError extends Error {
    constructor(code, message, {retry = false, retryAfterMs = 0, detail = ''} = {}) {
        super(detail ? `${message} (${detail})` : message);
        Object.assign(this, {name: 'ChatError', code, retry, retryAfterMs, detail});
    }
}

/** The error of a JSON-RPC answer. */
export function refusal({code, message, data = {}}) {
    return new ChatError(data.code ?? faults[code] ?? 'FAULT', message,
                         {retry: data.retry, retryAfterMs: data.retry_after_ms, detail: data.detail});
}

/** JSON that every server can read: half a surrogate pair, which is no text, becomes U+FFFD. */
export function requestText(request) {
    return JSON.stringify(request, (_, value) => typeof value === 'string' ? sendable(value) : value);
}

/** A text as it is sent: halves of characters are no UTF-8. */
export const sendable = (text) => text.replace(/\p{Surrogate}/gu, '\uFFFD');

export const bytesOf = (text) => new TextEncoder().encode(text).length;

/** The object that a text of the server is, or undefined. */
export function readText(data) {
    try {
        const text = JSON.parse(data);
        return typeof text === 'object' ? text ?? undefined : undefined;
    } catch {
        return undefined;
    }
}

/** A promise to be settled later; that nobody looks at a refusal is no fault of the program's. */
export function later() {
    const made = {};
    made.promise = new Promise((resolve, reject) => Object.assign(made, {resolve, reject}));
    made.promise.catch(() => {});
    return made;
}

/** Positions {epoch, seq} order by epoch, then by number. */
export function isAfter(one, other) {
    return one.epoch > other.epoch || (one.epoch === other.epoch && one.seq > other.seq);
}

/** A room's name as it compares: without its mark, in one case. */
export const plain = (room) => room.replace(/^#/, '').toLowerCase();

export const isGuest = (nick) => /^guest-\d+$/i.test(nick);

/** ws: and wss: as they are, http: and https: as their likes; in a page, relative to it. */
export function socketUrl(url) {
    const whole = new URL(url ?? '/ws', globalThis.location?.href);
    whole.protocol = whole.protocol.replace(/^http/, 'ws');
    whole.hash = '';
    return whole.href;
}

/** This tab's storage: not there outside of a page, and forbidden in some. */
export function ownStorage() {
    try {
        return globalThis.sessionStorage;
    } catch {
        return undefined;
    }
}

/** Unlike any other. Node 18 has no global crypto; Math.random will do, nothing is secret here. */
export function randomWord() {
    const words = globalThis.crypto?.getRandomValues(new Uint32Array(3)) ??
        [0, 0, 0].map(() => Math.random() * 2 ** 32 >>> 0);
    return Array.from(words, (word) => word.toString(36)).join('');
}

export const systemClock = {
    now: () => performance.now(),  // ms that only grow
    date: () => Date.now(),        // ms that other runs understand
    setTimeout: (act, delay) => setTimeout(act, delay),
    clearTimeout: (timer) => clearTimeout(timer),
};

/** Timers by name, at most one of each; `clock` is systemClock or one like it. */
export class Timers {
    #clock;
    #running = new Map();

    constructor(clock) { this.#clock = clock; }

    has(name) { return this.#running.has(name); }

    after(name, delay, act) {
        this.cancel(name);
        this.#running.set(name, this.#clock.setTimeout(() => {
            this.#running.delete(name);
            act();
        }, delay));
    }

    cancel(name) {
        this.#clock.clearTimeout(this.#running.get(name));
        this.#running.delete(name);
    }

    cancelAllBut(kept) {
        for (const name of [...this.#running.keys()]) if (name !== kept) this.cancel(name);
    }
}

/** Listens to each event of the page {event: act}, if there is one; returns what ends that. */
export function listenToPage(acts) {
    for (const [event, act] of Object.entries(acts)) globalThis.addEventListener?.(event, act);
    return () => {
        for (const [event, act] of Object.entries(acts)) globalThis.removeEventListener?.(event, act);
    };
}
