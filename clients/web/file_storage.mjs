// A storage for chatd.js on Node: one file, so that a program that is started again is the same
// person and goes on where it was. A file is for one running program.

import {readFileSync, renameSync, writeFileSync} from 'node:fs';

/** getItem, setItem and removeItem on a file, which need not be there yet. */
export function fileStorage(path) {
    const items = new Map(Object.entries(read(path)));
    const write = () => {
        writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(items)), {mode: 0o600});
        renameSync(`${path}.new`, path);
    };
    return {
        getItem: (name) => items.get(name) ?? null,
        setItem(name, value) {
            items.set(name, String(value));
            write();
        },
        removeItem(name) {
            items.delete(name);
            write();
        },
    };
}

function read(path) {
    try {
        return JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
        if (error.code === 'ENOENT') return {};
        throw new Error(`${path} holds no storage; remove it (${error.message})`);
    }
}
