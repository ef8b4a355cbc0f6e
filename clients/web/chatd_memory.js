// What a Chat remembers over reloads, in one item: who it is, and where it has read up to. The lines
// not yet said are an item of their own, for they may lie in another storage: several Chats can be
// one person, but each says its own lines. With them lies how far each room had been read, so that
// whoever takes them over later knows from where on to look whether they were said.

export class Memory {
    #storage; #lines; #slot; #hasLines = false; #isFull = false;

    /** Without a `storage` only the lines are kept, without `lines` too nothing. */
    constructor(storage, lines, slot) {
        this.#storage = storage;
        this.#lines = lines ?? storage;
        this.#slot = slot;
    }

    get keeps() { return Boolean(this.#lines); }

    /** What was written last, with the lines as `pending`; what cannot be read is passed over. Before
     *  the lines had an item of their own they were a member `pending` of the other. */
    read() {
        const {lines = []} = this.#readItem(this.#lines, `${this.#slot} lines`);
        const {pending = [], ...kept} = this.#readItem(this.#storage, this.#slot);
        this.#hasLines = lines.length > 0;
        return {...kept, pending: [...pending, ...lines]};
    }

    #readItem(storage, name, get = 'getItem') {
        try {
            return JSON.parse(storage?.[get](name) ?? '{}') ?? {};
        } catch {
            return {};
        }
    }

    /** The token that another Chat on this storage has written since, or ''; with a nick only that of
     *  who bears it. So tabs whose session the server has forgotten become one person again. */
    tokenBeside(token, nick) {
        const kept = this.#readItem(this.#storage, this.#slot, this.#storage?.getShared ? 'getShared' : 'getItem');
        const fits = kept.token !== token && (nick === undefined || kept.nick === nick);
        return fits ? kept.token ?? '' : '';
    }

    /** What went wrong, the first time in a row, or undefined. */
    write(kept, lines) {
        const wasFull = this.#isFull;
        try {
            this.#writeLines(kept, lines);
            this.#storage?.setItem(this.#slot, JSON.stringify(kept));
            this.#isFull = false;
        } catch (error) {
            this.#isFull = true;
            if (!wasFull) return error;
        }
        return undefined;
    }

    #writeLines({rooms}, lines) {
        if (!this.#lines || (lines.length === 0 && !this.#hasLines)) return;
        this.#hasLines = lines.length > 0;
        try {
            if (!this.#hasLines) this.#lines.removeItem(`${this.#slot} lines`);
            else this.#lines.setItem(`${this.#slot} lines`, JSON.stringify({rooms, lines}));
        } catch (error) {
            this.#lines.removeItem(`${this.#slot} lines`);  // old lines may have been said since
            throw error;
        }
    }

    clear() {
        this.#storage?.removeItem(this.#slot);
        this.#lines?.removeItem(`${this.#slot} lines`);
    }
}
