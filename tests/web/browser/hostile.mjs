// Texts and crowds that were made to do harm do nothing.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Netcat, faultless, row, server, until, visitor, write} from './support.mjs';

const chatd = await server();

const markup = [
    '<script>window.harmed = 1</script>', '<img src=x onerror="window.harmed = 1">', '<b>bold</b>&amp;',
    '"><svg onload=window.harmed=1>', '[x](javascript:window.harmed=1)', 'javascript:window.harmed=1',
    '`<img src=x onerror=window.harmed=1>`', '```<iframe srcdoc="<script>parent.harmed=1</script>">```',
    '</textarea></div></main><h1>owned</h1>', '{{constructor.constructor("harmed=1")()}}', 'https://e.org/"onmouseover="harmed=1',
];
const odd = [
    'user\u202etxt.exe', '\u2066\u2067\u2068 isolates \u202d\u202a', 'in\u200bvis\u2060ible\ufeff', '\u0007\u0008\u001b[31mred\u001b[0m',
    `z${'\u0301\u0302\u0320'.repeat(600)}algo`, 'שלום hello עולם', '﷽'.repeat(40), '👩‍👩‍👧‍👦 👩🏽‍🚀', `W${'w'.repeat(3000)}W`, '\u{e0041}\u{e0042} tags',
];

test('markup stays text, and nothing of it runs', async () => {
    const page = await visitor(chatd, {nick: 'mia'});
    const nc = new Netcat(chatd);
    nc.say('/nick mallory');
    for (const text of markup) nc.say(text);
    nc.say('/topic <img src=x onerror=window.harmed=1>');
    nc.say('/me <script>window.harmed = 1</script>');
    nc.say('/msg mia <script>window.harmed = 1</script>');
    nc.say('the end of it');
    await row(page, 'the end of it');
    await page.waitForSelector('#topic:has-text("<img src=x")');
    await page.waitForSelector('#directs .entry:has-text("mallory")');
    const found = await page.evaluate(() => ({
        harmed: window.harmed,
        foreign: document.querySelectorAll('#log :is(script, img, svg, iframe, h1, b, form, style, link, object)').length,
        links: [...document.querySelectorAll('#log a')].map((link) => [link.protocol, link.rel, link.target]),
    }));
    assert.equal(found.harmed, undefined);
    assert.equal(found.foreign, 0);
    assert.deepEqual(found.links, [['https:', 'noopener noreferrer nofollow', '_blank']]);
    for (const text of markup.slice(0, 6)) await row(page, text);
    nc.end();
    await page.context().close();
    faultless();
});

test('hidden characters are shown, and no line leaves its place', async () => {
    const page = await visitor(chatd, {nick: 'noa', room: 'odd', width: 360, height: 700});
    const nc = new Netcat(chatd);
    nc.say('/nick oddly\n/join odd');
    for (const text of odd) nc.say(text);
    nc.say('the end of it');
    await row(page, 'the end of it');
    const found = await page.evaluate(() => {
        const log = document.getElementById('log').getBoundingClientRect();
        return {
            marks: [...document.querySelectorAll('.hidden-mark')].map((mark) => mark.textContent),
            wide: [...document.querySelectorAll('.rows .body')].filter((body) => {
                const box = body.getBoundingClientRect();
                return box.right > log.right + 1 || box.left < log.left;
            }).length,
            scrolls: document.documentElement.scrollWidth > innerWidth || document.getElementById('log').scrollWidth > Math.ceil(log.width),
            tallest: Math.max(...[...document.querySelectorAll('.rows .body')].filter((body) => body.textContent.endsWith('algo')).map((body) => body.offsetHeight)),
            isolated: [...document.querySelectorAll('.rows .body')].every((body) => body.dir === 'auto' && getComputedStyle(body).unicodeBidi === 'isolate'),
        };
    });
    for (const code of ['202E', '200B', '2060', 'FEFF', '2066', '001B', 'E0041']) {
        assert.ok(found.marks.includes(code) || found.marks.includes('FFFD'), `${code} of ${found.marks}`);
    }
    assert.deepEqual([found.wide, found.scrolls, found.isolated], [0, false, true]);
    assert.ok(found.tallest < 60, `marks piled up to ${found.tallest}px`);
    nc.end();
    await page.context().close();
    faultless();
});

/** Sits between page and server, and adds what no server of ours would send. */
function liar(lies) {
    return (page) => page.routeWebSocket(/\/ws$/, (socket) => {
        const real = socket.connectToServer();
        page.tell = (method, params) => socket.send(JSON.stringify({jsonrpc: '2.0', method, params}));
        real.onMessage((text) => socket.send(lies(text)));
    });
}

test('lines of 100 kB are cut, and shown whole when asked for', async () => {
    const page = await visitor(chatd, {nick: 'pam', room: 'large', before: liar((text) => text)});
    const ts = '2026-11-27T10:00:00.000Z';
    ['x', '` ', '```\n', 'https://e.org/( ', '\u202e', '<b>'].forEach((piece, index) => {
        page.tell('message', {room: 'large', epoch: 1e15, seq: index + 1, ts, id: 'x', from: '<img src=x onerror=window.harmed=1>', body: piece.repeat(100_000 / piece.length)});
    });
    page.tell('message', {room: 'large', epoch: 1e15, seq: 7, ts, id: 'x', from: 'x'.repeat(9000), body: 'the end of it'});
    await row(page, 'the end of it');
    const longest = () => page.$$eval('.rows .body', (all) => Math.max(...all.map((body) => body.textContent.length)));
    assert.ok(await longest() < 40_000);
    await page.click('.rows .row:first-child .body .link');
    assert.ok(await longest() >= 100_000);
    assert.equal(await page.evaluate(() => window.harmed), undefined);
    assert.equal(await page.evaluate(() => document.getElementById('log').scrollWidth > document.getElementById('log').clientWidth), false);
    await page.context().close();
    faultless();
});

test('ten thousand people in a room are a short list and a number', async () => {
    const nicks = Array.from({length: 10_000}, (_, index) => `person-${index}`);
    const page = await visitor(chatd, {
        nick: 'quin',
        before: liar((text) => (text.includes('"nicks":[')
            ? JSON.stringify({...JSON.parse(text), result: {room: 'lobby', nicks, total: 10_000}}) : text)),
    });
    await until(page, () => document.getElementById('people-count').textContent === '10k');
    await page.click('#show-people');
    await page.waitForSelector('#panel .quiet:has-text("and 9,800 more")');
    for (let index = 0; index < 500; index += 1) page.tell('joined', {room: 'lobby', from: `late-${index}`});
    for (let index = 0; index < 500; index += 1) page.tell('typing', {room: 'lobby', from: `late-${index}`, on: true});
    await page.waitForSelector('#typing:has-text("50 people are typing…")');
    assert.ok(await page.$$eval('.people li', (all) => all.length) <= 200);
    await page.fill('#panel input', 'person-77');
    await until(page, () => document.querySelectorAll('.people li').length === 11);
    await page.fill('#box', '@person-9');
    await until(page, () => document.querySelectorAll('#completions li').length === 8);
    await page.context().close();
    faultless();
});

/** A browser that forbids the page to keep anything. */
function forbidStorage() {
    for (const name of ['sessionStorage', 'localStorage']) {
        Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError'); }});
    }
}

for (const how of ['allowed', 'forbidden']) {
    test(`a part of the page that does not arrive is asked for again, where storage is ${how}`, async () => {
        let broken = 2;
        const page = await visitor(chatd, {
            nick: `olga-${how}`,
            before: async (one) => {
                one.expected.push(/Failed to load resource/);
                if (how === 'forbidden') await one.addInitScript(forbidStorage);
                await one.route(/timeline-/, (route) => (broken-- > 0 ? route.abort() : route.continue()));
            },
        });
        assert.equal(broken, -1);
        await write(page, `storage is ${how}`);
        await row(page, `storage is ${how}`);
        await page.context().close();
        faultless();
    });
}
