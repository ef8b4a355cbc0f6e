// Where the page keeps what outlives a reload, and what a new tab begins with. (What belongs to one
// tab alone is kept by tab.js.)

const unitsMax = 2 << 20;  // of one value, UTF-16; browsers give about 5 Mi in all

let told = false;
let over = false;

/** What this page knows is older than what lies there: from now on it writes nothing any more. */
export function writeNoMore() { over = true; }

/** The page says what is done when something was not kept, the first time. */
export const trouble = {tell() {}};

function tellTrouble() {
    if (!told) queueMicrotask(() => trouble.tell());
    told = true;
}

export function quietly(work, otherwise) {
    try {
        return work();
    } catch {
        return otherwise;  // switched off: the page works without it
    }
}

/** Puts a value into a place, 'localStorage' or 'sessionStorage'; whether it is there now. */
export function put(place, name, value) {
    if (over || value.length > unitsMax) return over;
    return quietly(() => {
        window[place].setItem(name, value);
        return true;
    }, false);
}

export function remove(place, name) {
    if (!over) quietly(() => window[place].removeItem(name));
}

/** Tells once that there is no room, unless nothing is kept anyway because the browser forbids it. */
export function tellIfFull() {
    if (quietly(() => Boolean(window.sessionStorage && window.localStorage), false)) tellTrouble();
}

/**
 * A tab has what it wrote itself; a new tab begins as the last one that wrote, so that closing the
 * browser loses neither name nor place. It is a storage as chatd.js wants it.
 */
export const storage = {
    getItem(name) {
        return quietly(() => sessionStorage.getItem(name) ?? localStorage.getItem(name), null);
    },
    /** What the last one wrote, this tab or another. */
    getShared(name) { return quietly(() => localStorage.getItem(name), null); },
    setItem(name, value) {
        const kept = ['sessionStorage', 'localStorage'].filter((place) => put(place, name, value));
        if (kept.length < 2) tellIfFull();
    },
    removeItem(name) {
        for (const place of ['sessionStorage', 'localStorage']) remove(place, name);
    },
};

export function readJson(name) {
    return quietly(() => JSON.parse(storage.getItem(name)), null);
}

export function writeJson(name, value) {
    storage.setItem(name, JSON.stringify(value));
}
