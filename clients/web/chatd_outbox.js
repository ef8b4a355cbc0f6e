// The lines of a Chat that the server has not acknowledged yet, oldest first. Each has a key of its
// own; what is sent again under its key is said once. No clock and no connection: the owner tells.
//
//     add ──► waiting ──take()──► in flight ──acknowledged or refused──► settle()
//                ▲                    │
//                └──putBack(), lost()─┘

import {bytesOf, ChatError, later, plain, randomWord, sendable} from './chatd_values.js';

/** Bounds of one Chat. */
export const limits = Object.freeze({
    calls: 256,             // requests other than lines, sent and not yet answered
    keysSeen: 4096,         // of lines heard, to know a double by
    requestBytes: 65_536,
    pendingLines: 1000,     // then add() is refused
    pendingUnits: 1 << 20,  // UTF-16 units of their bodies: sessionStorage holds 5 Mi
    linesInFlight: 16,
    bodyBytes: 4096,        // of one line, in UTF-8
    keyAge: 90_000,         // ms; the server knows a key for two minutes
});

const shown = ({key, room, body, action, replyTo}) => ({key, room, body, action, replyTo});

export class Outbox {
    #lines = [];
    #units = 0;
    #inFlight = 0;
    #word = randomWord();
    #lastKey = 0;

    /** What is pending, for people and events: copies. */
    get lines() { return this.#lines.map(shown); }

    /** The same with when each was first sent, for restore() of another run. */
    get kept() { return this.#lines.map((line) => ({...shown(line), sentAt: line.sentAt})); }

    restore(kept) {
        for (const line of kept) this.#push(line);
    }

    /** A promise of what the server says about it; rejects with FULL or LINE_TOO_LONG. */
    add(room, body, {action = false, replyTo, key = `${this.#word}-${++this.#lastKey}`} = {}) {
        const known = this.find(key);
        if (known) return known.answer.promise;
        const full = this.#lines.length >= limits.pendingLines ||
            this.#units + body.length > limits.pendingUnits;
        const long = bytesOf(body) > limits.bodyBytes || room.length > 256;
        if (long || full) {
            const refused = later();
            refused.reject(long ?
                new ChatError('LINE_TOO_LONG', `a line has at most ${limits.bodyBytes} bytes`) :
                new ChatError('FULL', 'too many lines wait; say it later', {retry: true}));
            return refused.promise;
        }
        return this.#push({key, room, body, action, replyTo, sentAt: 0}).answer.promise;
    }

    find(key) { return this.#lines.find((line) => line.key === key); }

    #push(line) {
        const whole = {...line, flying: false, unsure: false, answer: later()};
        this.#lines.push(whole);
        this.#units += line.body.length;
        return whole;
    }

    /** A session stands. Lines sent before may have been said; where their keys may be forgotten,
     *  because the session is another one or too much time went by, nobody can be sure. */
    sessionStands(isSame, date) {
        for (const line of this.#lines) {
            line.unsure = line.sentAt > 0 && !(isSame && date - line.sentAt < limits.keyAge);
        }
    }

    /** The next line to send, in the order of its room, or undefined. Unsure ones of a room that is
     *  `behind` wait until it was read up to now: there would be their echo. */
    take(behind, date) {
        if (this.#inFlight >= limits.linesInFlight) return undefined;
        const waiting = new Set();
        for (const line of this.#lines) {
            const room = plain(line.room);
            if (line.flying || waiting.has(room)) continue;
            if (line.unsure && behind.has(room)) {
                waiting.add(room);
                continue;
            }
            line.flying = true;
            line.unsure = false;
            line.sentAt ||= date;
            this.#inFlight += 1;
            return line;
        }
        return undefined;
    }

    /** Refused for the moment: it is its turn again. */
    putBack(line) {
        line.flying = false;
        this.#inFlight -= 1;
    }

    /** The connection is lost, and with it every answer. */
    lost() {
        for (const line of this.#lines) line.flying = false;
        this.#inFlight = 0;
    }

    /** Answered for good. */
    settle(line) {
        if (!this.#lines.includes(line)) return;  // one has let go of it
        if (line.flying) this.#inFlight -= 1;
        this.#units -= line.body.length;
        this.#lines = this.#lines.filter((other) => other !== line);
    }

    /** The unsure line whose echo was just read, or undefined. A key alone can be guessed. */
    unsureLike({key, room, body}) {
        return this.#lines.find((line) => line.unsure && line.key === key &&
            plain(line.room) === plain(room) && sendable(line.body) === body);
    }

    /** Whoever waits for an answer gets none here; the lines stay. */
    rejectAll(error) {
        for (const line of this.#lines) line.answer.reject(error);
    }

    clear() {
        this.#lines = [];
        this.#units = 0;
        this.#inFlight = 0;
    }
}
