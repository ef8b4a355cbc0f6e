// Who wants to know of something, and the telling.

export class Signal {
    constructor() { this.listeners = []; }

    listen(listener) { this.listeners.push(listener); }

    tell(...values) {
        for (const listener of this.listeners) listener(...values);
    }
}
