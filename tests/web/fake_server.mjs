// A world for a Chat without network and time: sockets that a test drives by hand, a clock that it
// moves, and the answers of a chatd that has just what the test says.

export class FakeClock {
    #now = 1000;
    #timers = [];

    now() { return this.#now; }
    date() { return 1_700_000_000_000 + this.#now; }
    setTimeout(act, delay) {
        const timer = {due: this.#now + delay, act};
        this.#timers.push(timer);
        return timer;
    }
    clearTimeout(timer) { this.#timers = this.#timers.filter((other) => other !== timer); }

    /** Time goes by, and each timer runs when it is due. */
    advance(delay) {
        const end = this.#now + delay;
        for (let timer; (timer = this.#next(end));) {
            this.#now = Math.max(this.#now, timer.due);
            this.clearTimeout(timer);
            timer.act();
        }
        this.#now = end;
    }

    /** Time goes by while nothing runs, as in a computer that sleeps; then what is due runs once. */
    sleep(delay) {
        this.#now += delay;
        for (const timer of this.#timers.filter(({due}) => due <= this.#now)) {
            this.clearTimeout(timer);
            timer.act();
        }
    }

    #next(end) {
        return this.#timers.filter(({due}) => due <= end).sort((one, other) => one.due - other.due)[0];
    }
}

export class FakeStorage {
    items = new Map();
    getItem(key) { return this.items.get(key) ?? null; }
    setItem(key, value) { this.items.set(key, String(value)); }
    removeItem(key) { this.items.delete(key); }
}

/** All the sockets that a Chat made, and what the server would say on each. */
export class FakeServer {
    sockets = [];
    clock = new FakeClock();
    standings = {lobby: {epoch: 1, seq: 0}};  // where each room stands
    token = 'token-1';
    session = '1';
    guests = 0;

    /** Options of a Chat that lives in this world; the random part of every wait is all of it. */
    options(more = {}) {
        const server = this;
        class FakeSocket {
            constructor(url, protocol) {
                Object.assign(this, {url, protocol, sent: [], closed: null, readyState: 1});
                server.sockets.push(this);
            }
            send(text) { this.sent.push(JSON.parse(text)); }
            close(code = 1005) { this.closed = code; }
        }
        return {url: 'ws://here/ws', nick: 'ana', WebSocket: FakeSocket, clock: this.clock, random: () => 1, ...more};
    }

    get socket() { return this.sockets.at(-1); }

    /** The oldest request that was not taken yet; it must be of this method. */
    take(method) {
        const request = this.socket.sent.shift();
        if (request?.method !== method) throw new Error(`wanted ${method}, got ${JSON.stringify(request)}`);
        return request;
    }

    /** Methods and keys of the requests that were not taken yet. */
    get waiting() { return this.socket.sent.map(({method, params}) => params.body ?? method); }

    answer({id}, result) { this.#say({jsonrpc: '2.0', id, result}); }
    refuse({id}, code, more = {}) {
        this.#say({jsonrpc: '2.0', id, error: {code: -32000, message: `${code}.`, data: {code, retry: false, ...more}}});
    }
    tell(method, params) { this.#say({jsonrpc: '2.0', method, params}); }
    #say(text) { this.socket.onmessage({data: JSON.stringify(text)}); }

    open() { this.socket.onopen({}); }
    cut(code = 1006, reason = '') { this.socket.onclose({code, reason}); }

    session_of(nick, resumed, rooms = []) {
        return {version: '0', session: this.session, nick, token: this.token, resumed, rooms};
    }

    /** From dialling to the nick, for a Chat without a token. */
    hello(nick = 'ana') {
        this.open();
        this.answer(this.take('hello'), this.session_of(`guest-${++this.guests}`, false));
        if (nick) this.answer(this.take('nick'), {nick});
    }

    /** Answers `resume`, and the first ping; the request. `verdict` goes into each room's standing. */
    enter(nick = 'ana', verdict = {}) {
        const request = this.take('resume');
        const rooms = request.params.rooms.map(({room, since}) => ({
            room, others: 0, topic: '', ...this.standings[room] ?? {epoch: 1, seq: 0},
            ...since ? {recovered: true, ...verdict} : {},
        }));
        this.answer(request, this.session_of(nick, true, rooms));
        this.answer(this.take('ping'), {});
        return request;
    }

    /** A numbered message, in the lobby unless told otherwise. */
    message(seq, body, more = {}) {
        this.tell('message', {room: 'lobby', epoch: 1, seq, id: `id-${seq}`, ts: 'now', from: 'bob', body, ...more});
    }

    said(request, seq) {
        this.answer(request, {room: request.params.room, epoch: 1, seq, id: `id-${seq}`, ts: 'now'});
    }
}
