// A client of chatd that behaves on bad networks: JSON-RPC over WebSocket (PROTOCOL.md 13, 14), for
// browsers and Node >= 18, without dependencies.
//
//     import {Chat} from './chatd.js';
//     const chat = new Chat({url: 'ws://localhost:4399/ws', nick: 'ana', rooms: ['lobby']});
//     chat.on('message', ({room, from, body}) => console.log(`#${room} <${from}> ${body}`));
//     chat.connect();
//     await chat.say('lobby', 'hello');
//
// A Chat is one identity in some rooms, across any number of connections. Each line said gets a
// key and stays in `pending`, over outages and reloads, until the server has acknowledged it; lines
// go out in order, and a repetition is recognised by its key. Whoever listens gets each message of
// a room once, in the room's order; what will never come is told by `gap` and `resumed`.
//
// What it must remember lies in `storage`: the token, the nick, where each room was read up to, the
// lines not yet said. The default is sessionStorage, which each tab has for itself; a storage that
// two tabs share makes them one person with one reading place, and then each needs `lines`, a
// storage of its own for the lines. chatd.d.ts has all the types.

import {Memory} from './chatd_memory.js';
import {limits, Outbox} from './chatd_outbox.js';
import {bytesOf, ChatError, isAfter, isGuest, later, listenToPage, nickRefusals, numberedEvents, ownStorage,
        plain, readText, refusal, requestText, roomRefusals, socketUrl, systemClock, Timers} from './chatd_values.js';

export {ChatError, limits};

const socketOpen = 1;    // WebSocket.OPEN, which not every implementation carries on itself
const drainWait = 1000;  // ms, when a server that goes away says nothing more exact

export class Chat {
    #url; #Socket; #storage; #memory; #clock; #random; #retry; #keepalive; #dialTimeout; #entry; #guest;
    #asked; #firstRooms; #wanted;                 // nick and rooms of the options; not yet entered
    #listeners = new Map();
    #state = 'closed'; #socket = null; #opening = null;
    #attempt = 0; #drain = 0; #timers; #unhook = () => {};
    #token = ''; #session = ''; #nick = ''; #refused = '';
    #rooms = new Map();                           // name -> {epoch, seq}: read up to there
    #behind = new Map();                          // plain name -> position that a catch-up reaches
    #calls = new Map(); #lastId = 0; #heard = false; #pingedAt = 0; #late = false; #rtt = null;
    #outbox = new Outbox(); #seen = new Map(); #saving = false;

    constructor({url, nick = '', rooms = ['lobby'], storage, lines, name = 'chatd', notices, slowReader,
                 guest = false, retry = {}, keepalive = {}, dialTimeout = 10_000,
                 WebSocket = globalThis.WebSocket, clock = systemClock, random = Math.random} = {}) {
        if (!WebSocket) throw new TypeError('no WebSocket here: pass {WebSocket}, on Node that of npm\'s ws');
        this.#url = socketUrl(url);
        this.#storage = storage ?? ownStorage();
        this.#memory = new Memory(this.#storage, lines, `${name} ${this.#url}`);
        this.#retry = {max: 200, base: 250, cap: 36_000, stable: 5000, ...retry};
        this.#keepalive = {interval: 15_000, timeout: 10_000, ...keepalive};
        this.#entry = {notices, slow_reader: slowReader};
        [this.#Socket, this.#clock, this.#timers, this.#random] = [WebSocket, clock, new Timers(clock), random];
        [this.#dialTimeout, this.#guest, this.#asked] = [dialTimeout, guest, nick];
        this.#firstRooms = [...new Set(rooms)];
        this.#wanted = this.#firstRooms;
        this.#restore();
    }

    /** The nick one has, or will ask for. */
    get nick() { return this.#nick || this.#asked; }
    get state() { return this.#state; }
    /** Milliseconds to the server and back, of the last ping; null before the first. */
    get rtt() { return this.#rtt; }
    /** Room -> {epoch, seq}, the last message that was told; a copy. */
    get rooms() { return new Map(this.#rooms); }
    /** The lines not yet acknowledged, oldest first; copies. */
    get pending() { return this.#outbox.lines; }

    /** Calls `listener` with each such event; returns what ends that. */
    on(event, listener) {
        if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
        this.#listeners.get(event).add(listener);
        return () => this.off(event, listener);
    }

    off(event, listener) { this.#listeners.get(event)?.delete(listener); }

    /** Begins to connect, and stays connected until close(). Resolves when online for the first
     *  time, rejects when it is given up; nobody has to look. While it waits it tries at once. */
    connect() {
        if (this.#state === 'offline') this.#timers.after('retry', 0, () => this.#dial());
        if (this.#opening) return this.#opening.promise;
        this.#opening = later();
        this.#unhook = this.#watchPage();
        this.#attempt = 0;
        this.#dial();
        return this.#opening.promise;
    }

    /** Ends the connection. Identity and lines not yet said stay in the storage, for the next Chat
     *  on it; without one nobody can come back, so this says goodbye, and the nick is free. */
    close() { this.#end(new ChatError('CLOSED', 'closed by this program', {retry: true}), !this.#storage); }

    /** Says goodbye and forgets who one was: token, places, lines not yet said. */
    forget() {
        this.#end(new ChatError('CLOSED', 'forgotten by this program'), true);
        this.#outbox.clear();
        [this.#token, this.#session, this.#nick] = ['', '', ''];
        [this.#rooms, this.#wanted] = [new Map(), this.#firstRooms];
        queueMicrotask(() => this.#memory.clear());  // after what close() keeps
    }

    /** Says `body` once, however often that takes. Resolves with {room, epoch, seq, id, ts} when
     *  the server has acknowledged it; rejects when it was refused for good, or FULL. */
    say(room, body, how = {}) {
        const answer = this.#outbox.add(room, body, how);
        this.#flush();
        this.#pendingChanged();
        return answer;
    }

    /** Lets go of a line: it is not sent again. True if there was one with this key. */
    unsay(key) {
        const line = this.#outbox.find(key);
        if (line) this.#settle(line, () => line.answer.reject(new ChatError('CLOSED', 'let go by this program')));
        return Boolean(line);
    }

    /** Any other method of the server. Rejects with OFFLINE, LOST or the server's refusal. */
    call(method, params = {}) {
        return new Promise((resolve, reject) => {
            if (this.#state !== 'online') {
                reject(new ChatError('OFFLINE', 'not connected; try again when online', {retry: true}));
            } else if (this.#calls.size >= limits.calls + limits.linesInFlight) {
                reject(new ChatError('FULL', 'too many calls wait for an answer', {retry: true}));
            } else {
                this.#ask(method, params, (result) => {
                    this.#noteAnswer(method, params, result);
                    resolve(result);
                }, reject);
            }
        });
    }

    // ---- the way to the server ----------------------------------------------------------------

    #dial() {
        this.#setState('connecting', {attempt: this.#attempt});
        this.#drain = 0;
        let socket;
        try {
            this.#socket = socket = new this.#Socket(this.#url, 'chatd.json.v1');
        } catch (error) {
            return this.#lost(error.message);  // a page may not use every address
        }
        const mine = (act) => (event) => { if (this.#socket === socket) act(event); };
        socket.onopen = mine(() => this.#begin());
        socket.onmessage = mine(({data}) => this.#received(data));
        socket.onerror = () => {};  // a close follows, and says as much
        socket.onclose = mine(({code, reason}) => this.#lost(reason || `connection ended (${code})`, code));
        this.#timers.after('dial', this.#dialTimeout, () => this.#lost('no answer from the server in time'));
    }

    // A nick is asked for only by a session whose token is here: an answer to `hello` that got lost
    // would leave the nick to a session that nobody can resume.
    #begin() {
        this.#setState('resuming', {attempt: this.#attempt});
        if (this.#refused) this.#token ||= this.#memory.tokenBeside(this.#refused);
        if (!this.#token) {
            this.#ask('hello', {rooms: []}, (session) => {
                this.#token = session.token;
                this.#save();
                this.#name(session.nick);
            });
        } else if (this.#asked && !this.#nick) {
            this.#resume([], (session) => this.#name(session.nick));
        } else {
            this.#enter();
        }
    }

    // Takes the nick that is wanted, then goes on into the rooms.
    #name(given) {
        const wanted = this.nick;
        if (!wanted || wanted === given || isGuest(wanted)) return this.#enter(given);
        this.#ask('nick', {nick: wanted}, ({nick}) => {
            this.#nick = nick;
            this.#save();
            this.#enter();
        }, (error) => {
            if (!nickRefusals.has(error.code)) return this.#refusedEntry(error);
            const token = this.#memory.tokenBeside(this.#token, wanted);
            if (token || this.#refused) {  // who has the nick may be about to write its token down
                [this.#token, this.#session, this.#refused] = [token || this.#token, '', ''];
                return this.#lost(error.message, 0, 2 * this.#retry.base);
            }
            if (!this.#guest && !this.#nick) return this.#end(error);
            this.#emit('notice', {code: error.code, text: error.message});
            this.#enter(given);
        });
    }

    #enter(nick = this.nick) {
        const since = new Map([...this.#rooms].map(([room, position]) => [room, {room, since: position}]));
        for (const room of this.#wanted) if (!this.#roomLike(room)) since.set(room, {room});
        this.#resume([...since.values()], (session) => {
            // As a guest its time was up; as somebody else another Chat of this person has renamed it.
            if (nick && session.nick !== nick && isGuest(session.nick)) return this.#name(session.nick);
            this.#entered(session);
        });
    }

    #resume(rooms, done) {
        const {notices, slow_reader} = this.#entry;
        const entries = rooms.map((room) => ({...room, slow_reader}));
        this.#ask('resume', {token: this.#token, notices, rooms: entries}, done);
    }

    // A token that is no longer known is replaced, by that of a Chat on the same storage; a room that cannot be entered is left behind.
    #refusedEntry(error) {
        if (error.code === 'LOST') return;
        const room = roomRefusals.has(error.code) && this.#roomLike(error.detail, this.#wanted);
        if (error.code === 'BAD_TOKEN') {
            [this.#refused, this.#token, this.#session] = [this.#token, this.#memory.tokenBeside(this.#token), ''];
        } else if (room) {
            this.#rooms.delete(room);
            this.#wanted = this.#wanted.filter((wanted) => plain(wanted) !== plain(room));
            this.#emit('notice', {code: error.code, text: `#${plain(room)}: ${error.message}`});
        } else if (!error.retry) {
            return this.#end(error);
        }
        this.#save();
        this.#lost(error.message, 0, error.retryAfterMs);
    }

    #entered(session) {
        const before = new Map([...this.#rooms].map(([room, position]) => [plain(room), position]));
        this.#nick = session.nick;
        this.#rooms = new Map();
        this.#behind.clear();
        for (const standing of session.rooms) this.#standsAt(standing, before.get(plain(standing.room)));
        [this.#wanted, this.#refused] = [[], ''];
        this.#outbox.sessionStands(this.#session === session.session, this.#clock.date());
        this.#session = session.session;
        this.#save();
        this.#timers.cancel('dial');
        this.#timers.after('stable', this.#retry.stable, () => { this.#attempt = 0; });
        this.#setState('online');
        this.#opening.resolve(session);
        this.#emit('resumed', {nick: session.nick, resumed: session.resumed, rooms: session.rooms});
        this.#ping();
        this.#flush();
    }

    // Where a room stands that was just entered; `since` is what one had read of it.
    #standsAt({room, epoch, seq, recovered}, since) {
        const standing = {epoch, seq};
        const read = since && isAfter(standing, since) ? since : standing;
        this.#rooms.set(room, read);
        if (recovered && read !== standing) this.#behind.set(plain(room), standing);
    }

    #lost(reason, code = 0, hint = 0) {
        this.#drop();
        this.#attempt += 1;
        if (this.#attempt > this.#retry.max) {
            return this.#end(new ChatError('LOST', `given up after ${this.#retry.max} attempts: ${reason}`));
        }
        const leaves = code === 1001 || code === 1012;
        const wait = Math.max(hint, leaves ? this.#drain || drainWait : 0);
        const ceiling = Math.min(this.#retry.cap, this.#retry.base * 2 ** Math.min(this.#attempt - 1, 40));
        const delay = Math.round(wait + this.#random() * Math.max(wait, ceiling));
        this.#setState('offline', {attempt: this.#attempt, retryInMs: delay, reason});
        this.#timers.after('retry', delay, () => this.#dial());
    }

    // Lets go of the connection, if any: what was asked is lost, what was said will be said again.
    #drop(code) {
        const socket = this.#socket;
        this.#socket = null;
        this.#timers.cancelAllBut('save');
        this.#outbox.lost();
        const calls = [...this.#calls.values()];
        this.#calls.clear();
        if (socket && code) socket.close(code);
        else if (socket?.terminate) socket.terminate();  // ws waits 30 s for an answer to close()
        else socket?.close();
        const error = new ChatError('LOST', 'the connection ended before the answer came', {retry: true});
        for (const {failed} of calls) failed(error);
    }

    #end(error, forGood = false) {
        if (this.#state === 'closed') return;
        if (forGood && this.#state === 'online') this.#ask('quit', {}, () => {}, () => {});
        this.#drop(1000);
        this.#unhook();
        this.#save();
        const opening = this.#opening;
        this.#opening = null;
        this.#outbox.rejectAll(error);
        this.#setState('closed', {reason: error.message, error});
        opening.reject(error);
    }

    // ---- requests, answers, events --------------------------------------------------------------

    // `done` and `failed` run before anything that arrived later is looked at.
    #ask(method, params, done, failed = (error) => this.#refusedEntry(error)) {
        const id = ++this.#lastId;
        const text = requestText({jsonrpc: '2.0', id, method, params});
        if (bytesOf(text) > limits.requestBytes) {
            return failed(new ChatError('TOO_LONG', `a request has at most ${limits.requestBytes} bytes`));
        }
        this.#calls.set(id, {done, failed});
        // A socket that is closing takes nothing more, and browsers complain; its end ends the call.
        if (this.#socket.readyState === socketOpen) this.#socket.send(text);
    }

    #received(data) {
        this.#heard = true;
        this.#late = false;
        const text = readText(data);
        if (!text) return this.#lost('the server sent something that is no JSON-RPC');
        if (typeof text.method === 'string') return this.#told(text.method, text.params ?? {});
        const call = this.#calls.get(text.id);
        if (!call) return;
        this.#calls.delete(text.id);
        if (text.error) call.failed(refusal(text.error));
        else call.done(text.result);
    }

    // What an answer says about where one is.
    #noteAnswer(method, params, result) {
        if (method === 'join' && (params.since || !this.#rooms.has(result.room))) {
            this.#standsAt(result, params.since);
        }
        if (method === 'leave') {
            this.#rooms.delete(result.room);
            this.#behind.delete(plain(result.room));
            this.#flush();
        }
        if (method === 'nick') this.#nick = result.nick;
        if (['join', 'leave', 'nick'].includes(method)) this.#save();
    }

    #told(method, params) {
        if (method === 'draining') this.#drain = params.reconnect_after_ms;
        if (method === 'renamed' && params.from === this.#nick) this.#nick = params.nick;
        if (method === 'gap') this.#readUpTo(params.room, {epoch: params.epoch, seq: params.to});
        if (numberedEvents.has(method) && !this.#readUpTo(params.room, params)) return;
        const isDouble = method === 'message' && params.key && this.#isDouble(params);
        if (!isDouble) this.#emit(method, params);
        if (this.#behind.has(plain(params.room ?? '')) && this.#caughtUp(params.room)) this.#flush();
    }

    // False for what was told before.
    #readUpTo(room, {epoch, seq}) {
        const last = this.#rooms.get(room);
        if (last && !isAfter({epoch, seq}, last)) return false;
        if (last) this.#rooms.set(room, {epoch, seq});
        this.#saveSoon();
        return true;
    }

    #caughtUp(room) {
        const last = this.#rooms.get(room);
        if (last && isAfter(this.#behind.get(plain(room)), last)) return false;
        return this.#behind.delete(plain(room));
    }

    // A line that a crashed server delivered and then forgot is said again by whoever wrote it.
    #isDouble({room, from, key, body, epoch, seq, id, ts}) {
        const line = this.#outbox.unsureLike({key, room, body});
        if (line) this.#settle(line, () => line.answer.resolve({room, epoch, seq, id, ts}));
        const name = JSON.stringify([room, from, key]);
        if (this.#seen.get(name) === body) return true;
        this.#seen.set(name, body);
        if (this.#seen.size > limits.keysSeen) this.#seen.delete(this.#seen.keys().next().value);
        return false;
    }

    // ---- lines to be said -----------------------------------------------------------------------

    #flush() {
        if (this.#state !== 'online' || this.#timers.has('flush')) return;
        for (let line; (line = this.#outbox.take(this.#behind, this.#clock.date()));) this.#send(line);
        this.#save();
    }

    #send(line) {
        const {key, room, body, action, replyTo} = line;
        this.#ask('say', {key, room, body, action: action || undefined, reply_to: replyTo}, (said) => {
            this.#settle(line, () => line.answer.resolve(said));
            this.#flush();
        }, (error) => {
            if (error.code === 'LOST') return;
            if (this.#outbox.find(key) !== line) return this.#flush();  // one has let go of it
            if (error.retry) {
                this.#outbox.putBack(line);
                this.#timers.after('flush', error.retryAfterMs || this.#retry.base, () => this.#flush());
                return;
            }
            this.#settle(line, () => line.answer.reject(error));
            const {answer, sentAt, flying, unsure, ...said} = line;
            this.#emit('refused', {...said, error});
            this.#flush();
        });
    }

    #settle(line, answer) {
        this.#outbox.settle(line);
        answer();
        this.#pendingChanged();
    }

    #pendingChanged() {
        this.#save();
        if (this.#listeners.get('pending')?.size) this.#emit('pending', this.pending);
    }

    // ---- is anybody there? ----------------------------------------------------------------------

    #ping() {
        const pingedAt = this.#clock.now();
        this.#pingedAt = pingedAt;
        this.#heard = false;
        this.#ask('ping', {}, () => {
            this.#rtt = this.#clock.now() - pingedAt;
            this.#emit('rtt', this.#rtt);
        }, () => {});
        this.#timers.after('pong', this.#keepalive.timeout, () => this.#pongDue());
    }

    // Anything that arrived since counts. A timer that comes late tells of a page in the background
    // or a computer that slept, not of the server: then it is asked once more.
    #pongDue() {
        const {interval, timeout} = this.#keepalive;
        if (this.#heard) return this.#timers.after('pong', Math.max(0, interval - timeout), () => this.#ping());
        const late = this.#clock.now() - this.#pingedAt > timeout + 1000;
        if (!late || this.#late) return this.#lost('the server does not answer');
        this.#late = true;
        this.#ping();
    }

    // A browser knows when the network is back, and when somebody looks at the page again.
    #watchPage() {
        return listenToPage({
            online: () => {
                if (this.#state !== 'offline') return;
                this.#timers.after('retry', this.#random() * this.#retry.base, () => this.#dial());
            },
            visibilitychange: () => {
                if (this.#state === 'online' && !globalThis.document?.hidden) this.#ping();
            },
            pagehide: () => this.#saveNow(),
        });
    }

    // ---- what is remembered, timers, listeners ----------------------------------------------------

    #restore() {
        const kept = this.#memory.read();
        this.#token = kept.token ?? '';
        this.#session = kept.session ?? '';
        if (this.#asked === '' || kept.asked === this.#asked) this.#nick = kept.nick ?? '';
        this.#rooms = new Map(kept.rooms ?? []);
        if (kept.entered) this.#wanted = [];
        this.#outbox.restore(kept.pending);
    }

    // What happens in one go is kept in one go, before anything else can happen.
    #save() {
        if (!this.#memory.keeps || this.#saving) return;
        this.#saving = true;
        queueMicrotask(() => this.#saveNow());
    }

    #saveNow() {
        this.#saving = false;
        this.#timers.cancel('save');
        const kept = {token: this.#token, session: this.#session, asked: this.#asked, nick: this.#nick,
                      rooms: [...this.#rooms], entered: this.#wanted.length === 0};
        const error = this.#memory.write(kept, this.#outbox.kept);
        if (error) this.#emit('notice', {code: 'STORAGE', text: `not kept for a reload: ${error.message}`});
    }

    #saveSoon() {
        if (this.#memory.keeps && !this.#timers.has('save')) this.#timers.after('save', 200, () => this.#save());
    }

    #roomLike(name, others = []) {
        return [...this.#rooms.keys(), ...others].find((room) => plain(room) === plain(name));
    }

    #setState(state, more = {}) {
        this.#state = state;
        this.#emit('state', {state, attempt: 0, retryInMs: 0, reason: '', ...more});
    }

    // A listener that throws stops neither the others nor the Chat.
    #emit(event, value) {
        for (const listener of [...(this.#listeners.get(event) ?? [])]) {
            try {
                listener(value);
            } catch (error) {
                queueMicrotask(() => { throw error; });
            }
        }
    }
}
