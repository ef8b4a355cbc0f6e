// Where the page keeps what outlives a reload, and what a new tab begins with.

const bytesMax = 1 << 20;  // of one value; browsers give about 5 MB in all

function quietly(work, otherwise) {
    try {
        return work();
    } catch {
        return otherwise;  // switched off, or full: the page works without it
    }
}

/**
 * A tab has what it wrote itself; a new tab begins as the last one that wrote, so that closing the
 * browser loses neither name nor place. It has getItem, setItem and removeItem, as chatd.js wants.
 */
export const storage = {
    getItem(name) {
        return quietly(() => sessionStorage.getItem(name) ?? localStorage.getItem(name), null);
    },
    setItem(name, value) {
        if (value.length > bytesMax) return;
        for (const place of ['sessionStorage', 'localStorage']) quietly(() => window[place].setItem(name, value));
    },
    removeItem(name) {
        for (const place of ['sessionStorage', 'localStorage']) quietly(() => window[place].removeItem(name));
    },
};

export function readJson(name) {
    return quietly(() => JSON.parse(storage.getItem(name)), null);
}

export function writeJson(name, value) {
    storage.setItem(name, JSON.stringify(value));
}
