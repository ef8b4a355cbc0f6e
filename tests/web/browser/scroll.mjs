// Fifty thousand messages: few are in the document, scrolling back reaches the first, and what one
// reads never jumps.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Netcat, bodies, command, faultless, row, server, until, visitor, write} from './support.mjs';

const count = 50_000;
const rowsMax = 400;
const chatd = await server();

async function fill() {
    const nc = new Netcat(chatd);
    nc.say('/nick writer\n/join long');
    const texts = Array.from({length: count}, (_, index) => `line ${index + 1}${index % 7 === 0 ? ' and some more of it'.repeat(index % 5) : ''}`);
    nc.socket.write(`${texts.join('\n')}\n/ping done\n`);
    await nc.hears('PONG :done');
    return nc;
}

/** Scrolls up as with a wheel until the first message is there; tells how it went. Runs in the page. */
async function scrollBack() {
    const log = document.getElementById('log');
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const upper = () => [...document.querySelectorAll('.rows .row')].find((row) => row.offsetTop + row.offsetHeight > log.scrollTop);
    const found = {most: 0, jumps: [], steps: 0, disorder: 0};
    const numbers = () => [...document.querySelectorAll('.rows .body')].map((body) => parseInt(body.textContent.slice(5), 10));
    const end = performance.now() + 150_000;
    while (!document.querySelector('.welcome') || log.scrollTop > 0) {
        if (performance.now() > end) break;
        const row = upper();
        const where = row.getBoundingClientRect().top;
        const by = Math.min(log.scrollTop, 6000);
        log.scrollTop -= by;
        await frame();
        found.steps += 1;
        if (row.isConnected && by > 0) {
            const jump = row.getBoundingClientRect().top - where - by;
            if (Math.abs(jump) > 2) found.jumps.push(Math.round(jump));
        }
        found.most = Math.max(found.most, document.querySelectorAll('.rows .row').length);
        const there = numbers();
        found.disorder += there.filter((number, index) => index > 0 && number !== there[index - 1] + 1).length;
    }
    found.first = numbers()[0];
    return found;
}

test('of 50,000 messages a few hundred are in the document, and scrolling reaches the first', async () => {
    const nc = await fill();
    const page = await visitor(chatd, {nick: 'reader', room: 'long'});
    await row(page, `line ${count}`);
    const found = await page.evaluate(scrollBack);
    assert.equal(found.first, 1, JSON.stringify(found));
    assert.ok(found.most <= rowsMax, `${found.most} rows`);
    assert.deepEqual([found.jumps, found.disorder], [[], 0]);

    // What comes meanwhile moves nothing, and is a key away.
    nc.say('something new');
    await page.waitForSelector('#newer:has-text("1 new")');
    assert.equal(await page.evaluate(() => document.getElementById('log').scrollTop), 0);
    await page.focus('#log');
    await page.keyboard.press('End');
    await row(page, 'something new');
    await page.keyboard.press('Home');
    await until(page, () => document.querySelector('.rows .body')?.textContent.startsWith('line 1 ') || document.querySelector('.rows .body')?.textContent === 'line 1');
    await page.click('#newer');
    await row(page, 'something new');

    // Another room and back: the place is kept.
    await page.evaluate(() => { document.getElementById('log').scrollTop -= 1500; });
    await until(page, () => !document.getElementById('newer').hidden);
    const seen = () => page.evaluate(() => {
        const log = document.getElementById('log');
        return [...document.querySelectorAll('.rows .row')].find((one) => one.offsetTop + one.offsetHeight > log.scrollTop + 2).textContent;
    });
    const before = await seen();
    await page.click('#rooms .entry:has-text("lobby")');
    await page.click('#rooms .entry:has-text("long")');
    await row(page, `line ${count - 40}`);
    assert.equal(await seen(), before);

    // One's own line leads to the end.
    await write(page, 'back at the end');
    await row(page, 'back at the end');
    await until(page, () => document.getElementById('newer').hidden);
    assert.ok((await bodies(page)).length <= rowsMax);
    nc.end();
    await page.context().close();
    faultless();
});

test('search leads to a message far back, and on from there', async () => {
    const page = await visitor(chatd, {nick: 'seeker'});
    await command(page, '/join long', '#title', '#long');
    await row(page, `line ${count}`);
    await page.keyboard.press('Control+k');
    await page.fill('#panel input', '"line 12345"');
    await page.click('.hit:has-text("line 12345")');
    await until(page, () => document.activeElement?.textContent.includes('line 12345'));
    await page.evaluate(() => { document.getElementById('log').scrollTop += 9000; });
    await row(page, 'line 12600');
    assert.ok((await page.$$('.rows .row')).length <= rowsMax);
    await page.context().close();
    faultless();
});
