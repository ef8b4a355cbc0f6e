// What belongs to one tab alone: lines that were not said yet, and drafts. It lies in localStorage
// under the tab's name, so that another tab can take it over when this one is gone.
//
// The name lies in sessionStorage only from the end of a page to the beginning of the next in the
// same tab. So a duplicated tab copies no name, and a tab that crashed leaves one that nobody bears.
// A tab that was duplicated while it showed another page has left one name in two places: an item
// `free` lies beside the others, and who begins first takes it away, and with it the name.
// Who lives holds the lock of its name; where there are no locks (they need a secure context) it
// answers whoever asks. A tab that sleeps and does not answer can be robbed: `isOwn` tells it.

import {randomWord} from './chatd_values.js';
import {put, quietly, remove, tellIfFull} from './storage.js';

const slot = 'chatd.tab';
const free = 'free';
const answerMs = 1000;  // a tab that lives answers within that

export class Tab {
    #locks; #channel; #wait;
    #asked = new Map();  // name of another tab → 'asking' | 'refused' | 'held'

    /** @param {{locks?: LockManager, channel?: BroadcastChannel}} ways  to tell whether a tab lives */
    constructor({locks, channel, wait = setTimeout}) {
        const left = quietly(() => sessionStorage.getItem(slot), null);
        remove('sessionStorage', slot);
        this.name = left && this.getItem(free, left) ? left : randomWord();
        this.removeItem(free);
        this.#locks = locks;
        this.#channel = channel;
        this.#wait = (act, delay) => wait(act, delay);
        locks?.request(`${slot} ${this.name}`, () => new Promise(() => {})).catch(() => {});
        if (!channel) return;
        channel.onmessage = ({data}) => this.#heard(data);
        channel.postMessage({here: this.name});
    }

    /** The page ends; the next one in this tab has the name, if something lies under it. */
    ends() {
        if (this.itemsOf(this.name).size === 0) return;
        put('sessionStorage', slot, this.name);
        put('localStorage', `${slot} ${this.name} ${free}`, 'yes');
    }

    // ---- items; with getItem, setItem and removeItem it is a storage as chatd.js wants -----------

    getItem(item, name = this.name) { return quietly(() => localStorage.getItem(`${slot} ${name} ${item}`), null); }

    setItem(item, value) {
        if (put('localStorage', `${slot} ${this.name} ${item}`, value)) return;
        this.removeItem(item);  // old lines may have been said since
        tellIfFull();
    }

    removeItem(item, name = this.name) { remove('localStorage', `${slot} ${name} ${item}`); }

    /** The item that a key of localStorage is, if it is one of this tab. */
    isOwn(key) {
        const own = `${slot} ${this.name} `;
        return key?.startsWith(own) ? key.slice(own.length) : null;
    }

    /** What lies under the name of a tab: item → text. */
    itemsOf(name) {
        const own = `${slot} ${name} `;
        const keys = quietly(() => Object.keys(localStorage), []).filter((key) => key.startsWith(own)).sort();
        return new Map(keys.map((key) => [key.slice(own.length), this.getItem(key.slice(own.length), name)]));
    }

    /** The names of other tabs that have left something, whether they live or not. */
    others() {
        const names = quietly(() => Object.keys(localStorage), []).map((key) => /^chatd\.tab (\w+) ./.exec(key)?.[1]);
        return [...new Set(names)].filter((name) => name && name !== this.name);
    }

    // ---- who takes over ---------------------------------------------------------------------------

    /** If the tab of that name is gone and nobody else is taking it over: what ends the claim. */
    claim(name) {
        if (this.#locks) return this.#lock(name);
        return this.#channel ? this.#ask(name) : Promise.resolve(null);
    }

    #lock(name) {
        return new Promise((done) => {
            this.#locks.request(`${slot} ${name}`, {ifAvailable: true}, (lock) => new Promise((release) => {
                done(lock && release);
                if (!lock) release();
            })).catch(() => done(null));
        });
    }

    #ask(name) {
        if (this.#asked.has(name)) return Promise.resolve(null);
        this.#asked.set(name, 'asking');
        this.#channel.postMessage({asks: name, by: this.name});
        return new Promise((done) => this.#wait(() => {
            const release = () => this.#asked.delete(name);
            if (this.#asked.get(name) === 'asking') {
                this.#asked.set(name, 'held');
                done(release);
            } else {
                release();
                done(null);
            }
        }, answerMs));
    }

    // Of two that ask, the one whose name comes first goes on.
    #heard({asks, by, here}) {
        const mine = this.#asked.get(asks ?? here);
        if (here !== undefined && mine === 'asking') this.#asked.set(here, 'refused');
        if (asks === undefined) return;
        if (asks === this.name || mine === 'held') this.#channel.postMessage({here: asks});
        else if (mine === 'asking' && by < this.name) this.#asked.set(asks, 'refused');
        else if (mine === 'asking') this.#channel.postMessage({asks, by: this.name});  // it came later
    }
}

/** The ways of this browser. */
export function waysOfBrowser() {
    return {
        locks: navigator.locks,
        channel: quietly(() => new BroadcastChannel(slot), undefined),
    };
}
