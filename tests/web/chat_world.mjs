// A Chat in a world of its own (fake_server.mjs), and what it told.

import {Chat} from '../../clients/web/chatd.js';
import {FakeServer} from './fake_server.mjs';

export const settled = () => new Promise((resolve) => setImmediate(resolve));

export function world(options = {}) {
    const server = new FakeServer();
    const chat = new Chat(server.options(options));
    const heard = [];
    for (const event of ['message', 'gap', 'private', 'resumed', 'notice', 'refused', 'edited']) {
        chat.on(event, (value) => heard.push([event, value.body ?? value.code ?? value]));
    }
    const states = [];
    chat.on('state', (value) => states.push(value));
    return {server, chat, heard, states};
}

/** A world whose Chat is online in the lobby. */
export function online(options) {
    const all = world(options);
    all.chat.connect();
    all.server.hello();
    all.server.enter();
    all.heard.length = 0;
    return all;
}

export function reconnected({server}) {
    server.cut();
    server.clock.advance(250);
    server.open();
}
