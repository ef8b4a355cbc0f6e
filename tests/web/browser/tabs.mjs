// Several tabs of one browser, and what of them outlives a reload, a closed tab and a crash.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Netcat, bodies, command, eventually, faultless, newTab, online, origin, row, server, until, visitor, write} from './support.mjs';

const chatd = await server();

/** Keeps a page, or those of a context, from the server while `line.cut`; `line.deaf` loses its answers. */
async function wire(place) {
    const line = {cut: false, deaf: false, sockets: new Set()};
    await place.routeWebSocket(/\/ws$/, (socket) => {
        if (line.cut) {
            socket.close();
            return;
        }
        const real = socket.connectToServer();
        real.onMessage((text) => line.deaf || socket.send(text));
        line.sockets.add(socket);
    });
    line.end = () => {
        line.cut = true;
        for (const socket of line.sockets) socket.close();
        line.sockets.clear();
    };
    return line;
}

const pending = (page) => page.$$eval('.pending .body', (all) => all.map((body) => body.textContent));
const dialNow = (page) => page.evaluate(() => dispatchEvent(new Event('online')));  // no long back-off

async function open(context, {wait = true} = {}) {
    const page = await newTab(context, chatd);
    await page.goto(origin(chatd));
    if (wait) await online(page);
    return page;
}

const forbidLocks = (context) => context.addInitScript(() => Object.defineProperty(navigator, 'locks', {value: undefined}));

for (const [how, nick] of [['locks', 'lea'], ['no locks, as without TLS', 'leo']]) {
    test(`two tabs are one person, each with its own lines, and a closed one's are said once (${how})`, async () => {
        let line;
        const a = await visitor(chatd, {
            nick,
            before: async (page) => {
                line = await wire(page.context());
                if (nick === 'leo') await forbidLocks(page.context());
            },
        });
        const b = await open(a.context());
        assert.equal(await b.textContent('#me .nick'), nick);
        for (const page of [a, b]) await command(page, `/join tabs-${nick}`, '#title', `#tabs-${nick}`);
        line.end();
        await Promise.all([a, b].map((page) => page.waitForSelector('#badge[data-state=offline]')));
        for (const text of ['one of a', 'two of a']) await write(a, text);
        await write(b, 'one of b');
        await b.fill('#box', 'half of b');
        await a.reload();
        await until(a, () => document.querySelectorAll('.pending').length === 2);
        assert.deepEqual([await pending(a), await pending(b)], [['one of a', 'two of a'], ['one of b']]);
        assert.equal(await a.inputValue('#box'), '');
        const crashed = a.waitForEvent('crash');
        a.goto('chrome://crash').catch(() => {});
        await crashed;
        line.cut = false;
        await dialNow(b);
        const c = await open(a.context());
        await online(b);
        for (const page of [b, c]) {
            await eventually(async () => (await bodies(page)).length >= 3, () => 'lines are missing');
            await until(page, () => document.querySelectorAll('.pending').length === 0);
            assert.deepEqual((await bodies(page)).sort(), ['one of a', 'one of b', 'two of a']);
        }
        assert.deepEqual([await b.inputValue('#box'), await c.inputValue('#box')], ['half of b', '']);
        const nc = new Netcat(chatd);
        nc.say(`/join tabs-${nick}\n/history 100`);
        await nc.hears('HISTORY END');
        for (const text of ['one of a', 'two of a', 'one of b']) assert.equal(nc.heard.split(`> ${text}\n`).length, 2, text);
        nc.end();
        await b.close();
        const d = await open(a.context());
        await until(d, () => document.getElementById('box').value === 'half of b');
        assert.equal(await c.inputValue('#box'), '');
        await a.context().close();
        faultless();
    });
}

test('a tab that sleeps while another takes its lines over does not say them when it wakes', async () => {
    let line;
    const a = await visitor(chatd, {
        nick: 'lin',
        before: async (page) => {
            line = await wire(page.context());
            await forbidLocks(page.context());
        },
    });
    const b = await open(a.context());
    for (const page of [a, b]) await command(page, '/join asleep', '#title', '#asleep');
    line.end();
    await Promise.all([a, b].map((page) => page.waitForSelector('#badge[data-state=offline]')));
    await write(a, 'written by a');
    await a.waitForSelector('.pending');
    const life = await a.context().newCDPSession(a);
    await life.send('Page.setWebLifecycleState', {state: 'frozen'});
    line.cut = false;
    await dialNow(b);
    await row(b, 'written by a');
    line.cut = true;
    await life.send('Page.setWebLifecycleState', {state: 'active'});
    await until(a, () => document.querySelectorAll('.pending').length === 0);
    line.cut = false;
    await dialNow(a);
    await row(a, 'written by a');
    for (const page of [a, b]) assert.deepEqual(await bodies(page), ['written by a']);
    await a.context().close();
    faultless();
});

test('a page that comes back as it was left writes and says nothing any more, and is read anew', async () => {
    let line;
    const page = await visitor(chatd, {nick: 'lou', before: async (one) => { line = await wire(one.context()); }});
    await command(page, '/join asleep-too', '#title', '#asleep-too');
    line.end();
    await page.waitForSelector('#badge[data-state=offline]');
    await write(page, 'said by another');
    await page.fill('#box', 'taken by another');
    line.cut = false;
    // As if it had been left for another page and, when another tab had taken all of it, gone back to.
    const [left, state] = await page.evaluate(() => {
        dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}));
        for (const key of Object.keys(localStorage)) if (key.startsWith('chatd.tab ')) localStorage.removeItem(key);
        localStorage.setItem('chatd.page', 'of another');
        addEventListener('pagehide', () => { sessionStorage.setItem('left', JSON.stringify(localStorage)); });
        dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}));
        dispatchEvent(new Event('online'));
        return [JSON.stringify(localStorage), document.getElementById('badge').dataset.state];
    });
    assert.equal(state, 'closed');
    await until(page, () => sessionStorage.getItem('left') !== null);
    await online(page);
    assert.equal(await page.evaluate(() => sessionStorage.getItem('left')), left);
    await write(page, 'read anew');
    await row(page, 'read anew');
    assert.deepEqual(await bodies(page), ['read anew']);
    await page.context().close();
    faultless();
});

test('two tabs whose session the server has forgotten are one person again', async () => {
    const other = await server();
    const a = await visitor(other, {nick: 'nora'});
    const b = await newTab(a.context(), other);
    const line = await wire(b);
    await b.goto(origin(other));
    await online(b);
    for (const page of [a, b]) page.expected.push(/WebSocket connection to .* failed|ERR_CONNECTION_RE/);
    await other.end();
    other.forget();
    await Promise.all([a, b].map((page) => page.waitForSelector('#badge[data-state=offline]')));
    line.cut = true;
    await other.start();
    await dialNow(a);
    await online(a);
    line.cut = false;
    await dialNow(b);
    await online(b);
    for (const page of [a, b]) assert.equal(await page.textContent('#me .nick'), 'nora');
    await until(a, () => document.getElementById('people-count').textContent === '1');
    await a.context().close();
    faultless();
});

test('a line that a closed tab had sent is not said again after its key is forgotten', async () => {
    let line;
    const a = await visitor(chatd, {nick: 'max', before: async (page) => { line = await wire(page.context()); }});
    const b = await open(a.context());
    for (const page of [a, b]) await command(page, '/join later', '#title', '#later');
    line.deaf = true;
    await write(a, 'heard by all');
    const nc = new Netcat(chatd);
    nc.say('/join later');
    await eventually(() => {
        nc.say('/history 10');
        return nc.heard.includes('> heard by all\n');
    });
    await a.close();
    // As if an hour had gone by: of the line under another key only the history knows.
    await b.evaluate(() => {
        const name = Object.keys(localStorage).find((key) => key.endsWith(' lines'));
        const kept = JSON.parse(localStorage.getItem(name));
        const [sent] = kept.lines;
        kept.lines = [sent, {...sent, key: 'never-heard', body: 'never arrived'}, {...sent, key: 'x', room: 'nowhere', body: 'who knows'}];
        kept.lines.forEach((one) => { one.sentAt -= 3_600_000; });
        localStorage.setItem(name, JSON.stringify(kept));
    });
    line.end();
    Object.assign(line, {cut: false, deaf: false});
    await dialNow(b);
    await row(b, 'never arrived');
    await b.waitForSelector('.note:has-text("Perhaps not said"):has-text("who knows")');
    assert.deepEqual(await bodies(b), ['heard by all', 'never arrived']);
    nc.end();
    await a.context().close();
    faultless();
});

test('private lines that wait outlive a reload; those on their way come back to be decided on', async () => {
    let line;
    const page = await visitor(chatd, {nick: 'ned', before: async (one) => { line = await wire(one.context()); }});
    const nc = new Netcat(chatd);
    nc.say('/nick olaf');
    await nc.hears('You are olaf');
    await command(page, '/msg olaf hello', '#title', 'olaf');
    await nc.hears('@ned hello');
    line.end();
    await page.waitForSelector('#badge[data-state=offline]');
    for (const text of ['first', 'second']) await write(page, text);
    await page.reload();
    await until(page, () => document.querySelectorAll('.pending').length === 2);
    Object.assign(line, {cut: false});
    await dialNow(page);
    await until(page, () => document.querySelectorAll('.pending').length === 0);
    await nc.hears('@ned second');
    assert.deepEqual(await bodies(page), ['hello', 'first', 'second']);

    line.deaf = true;
    for (const text of ['third', 'fourth']) await write(page, text);
    await nc.hears('@ned third');
    line.end();
    line.cut = true;
    line.deaf = false;
    await page.reload();
    await page.waitForSelector('.note:has-text("Perhaps not said"):has-text("third")');
    await page.reload();
    await page.waitForSelector('.note:has-text("Perhaps not said"):has-text("third")');
    assert.deepEqual(await pending(page), ['fourth']);
    await page.waitForSelector('#directs .entry[aria-label="olaf, 1 not said"] .unsaid');
    assert.doesNotMatch(await page.textContent('#topic'), /Away/, 'nobody knows while offline');
    await page.fill('#box', 'and');
    await page.click('[data-act=again]');
    await page.waitForSelector('#directs .unsaid', {state: 'detached'});
    assert.equal(await page.inputValue('#box'), 'and\nthird');
    await page.fill('#box', '');
    line.cut = false;
    await dialNow(page);
    await row(page, 'fourth');
    await page.reload();
    await row(page, 'fourth');
    assert.equal(await page.$$eval('.note', (all) => all.length), 0);
    for (const text of ['first', 'second', 'third', 'fourth']) assert.equal(nc.heard.split(`@ned ${text}\n`).length, 2, text);
    nc.end();
    await page.context().close();
    faultless();
});

test('that the browser has no more room is said once', async () => {
    const page = await visitor(chatd, {
        nick: 'quentin',
        before: (one) => one.addInitScript(() => {
            Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
        }),
    });
    await page.waitForSelector('.note:has-text("no more room")');
    for (const text of ['one', 'two']) await write(page, text);
    await row(page, 'two');
    assert.equal((await page.$$('.note:has-text("no more room")')).length, 1);
    await page.context().close();
    faultless();
});
