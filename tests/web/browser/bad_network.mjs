// The page behind a proxy that cuts its connection between and inside of messages, or lets nothing
// pass; and before a server that stands still. The page's clock is moved, so that no test waits.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {Netcat, bodies, eventually, faultless, online, row, server, until, visitor, write} from './support.mjs';

const chatd = await server();
const program = fileURLToPath(new URL('../../support/fault_proxy.py', import.meta.url));

/** tests/support/fault_proxy.py, on a port as a server has one. */
class FaultProxy {
    async start() {
        this.process = spawn('setpriv', ['--pdeathsig', 'KILL', '/usr/bin/python3', program, `127.0.0.1:${chatd.port}`],
                             {stdio: ['pipe', 'pipe', 'inherit']});
        this.lines = createInterface(this.process.stdout);
        this.port = Number((await once(this.lines, 'line'))[0].split(':')[1]);
        return this;
    }

    say(fault) { this.process.stdin.write(`${fault}\n`); }

    /** How many connections came to it. */
    async accepted() {
        this.say('accepted');
        return Number((await once(this.lines, 'line'))[0]);
    }

    end() { this.process.stdin.end(); }
}

test('a page that is cut off again and again loses and doubles nothing, and does not storm', async () => {
    const proxy = await new FaultProxy().start();
    const page = await visitor(proxy, {nick: 'kim', room: 'cuts'});
    page.expected.push(/WebSocket connection to .* failed|ERR_CONNECTION_RE/);
    const nc = new Netcat(chatd);
    nc.say('/nick other\n/join cuts');
    await nc.hears('JOIN OK');
    const before = await proxy.accepted();
    const faults = ['cut rst', 'cut fin 200', 'cut rst 30'];
    const wanted = [];
    for (const fault of faults) {
        proxy.say(fault);
        for (const name of ['a', 'b', 'c']) {
            wanted.push(`kim ${fault} ${name}`, `other ${fault} ${name}`);
            await write(page, wanted.at(-2));
            nc.say(wanted.at(-1));
        }
        await row(page, wanted.at(-1));
        await eventually(() => page.evaluate(() => {
            dispatchEvent(new Event('online'));  // no long back-off
            return document.querySelectorAll('.pending').length === 0;
        }), () => `not all is said after ${fault}`);
        await online(page);
    }
    await eventually(async () => (await bodies(page)).length >= wanted.length, () => 'lines are missing');
    const shown = await bodies(page);
    assert.deepEqual([...shown].sort(), [...wanted].sort());
    for (const author of ['kim', 'other']) {
        const of = (lines) => lines.filter((line) => line.startsWith(author));
        assert.deepEqual(of(shown), of(wanted));
    }
    nc.say('/history 100');
    await nc.hears('HISTORY END');
    for (const text of wanted) assert.equal(nc.heard.split(`> ${text}\n`).length, text.startsWith('kim') ? 3 : 2, text);
    const dialled = await proxy.accepted() - before;
    assert.ok(dialled <= 3 * faults.length, `${dialled} connections after ${faults.length} cuts`);
    nc.end();
    await page.context().close();
    proxy.end();
    faultless();
});

const silenceMs = 15_000 + 10_000;  // until a ping is due, and until it counts as unanswered
const dialMs = 10_000;

/** A visitor whose clock a test can move, with each state it was in and how often it dialled. */
async function watched(place, options) {
    let dialled = 0;
    const page = await visitor(place, {...options, before: async (one) => {
        one.on('websocket', () => { dialled += 1; });
        await one.addInitScript(() => { window.entriesByName = performance.getEntriesByName.bind(performance); });
        await one.clock.install();
        await one.addInitScript(() => {
            performance.getEntriesByName = window.entriesByName;  // which the clock takes away
            window.states = [];
            document.addEventListener('DOMContentLoaded', () => {
                new MutationObserver(() => window.states.push([document.body.dataset.state, document.getElementById('badge').title]))
                    .observe(document.body, {attributeFilter: ['data-state']});
            });
        });
    }});
    page.expected.push(/WebSocket connection to .* failed|ERR_CONNECTION_RE/);
    await page.evaluate(() => { window.states = []; });
    dialled = 0;
    return {page, dialled: () => dialled, states: () => page.evaluate(() => window.states)};
}

/** Ends a dial that is under way, and any long back-off. */
async function comesBack(page) {
    await page.clock.runFor(dialMs);
    await eventually(async () => {
        await page.evaluate(() => dispatchEvent(new Event('online')));
        return page.waitForSelector('#badge[data-state=online]', {timeout: 1000}).then(() => true, () => false);
    }, () => 'the page does not come back');
}

/** Everybody has each line once, in the page and in the history. */
async function allOnce(page, room, wanted) {
    await until(page, () => document.querySelectorAll('.pending').length === 0);
    await eventually(async () => (await bodies(page)).length >= wanted.length, () => 'lines are missing');
    assert.deepEqual((await bodies(page)).sort(), [...wanted].sort());
    const nc = new Netcat(chatd);
    nc.say(`/join ${room}\n/history 100`);
    await nc.hears('HISTORY END');
    for (const text of wanted) assert.equal(nc.heard.split(`> ${text}\n`).length, 2, text);
    nc.end();
}

test('a connection that goes silent without closing is noticed, shown and replaced', async () => {
    const proxy = await new FaultProxy().start();
    const {page, dialled, states} = await watched(proxy, {nick: 'kit', room: 'silence'});
    const nc = new Netcat(chatd);
    nc.say('/nick other-kit\n/join silence');
    await write(page, 'before');
    await row(page, 'before');
    proxy.say('freeze');
    await proxy.accepted();  // it has obeyed
    await write(page, 'said into the silence');
    nc.say('said meanwhile');
    await page.waitForSelector('.pending:has-text("said into the silence") .sending:text-is("sending…")');
    await page.clock.runFor(silenceMs + 1000);
    await row(page, 'said meanwhile');
    await online(page);
    const [[first, title]] = await states();
    assert.deepEqual([first, /does not answer.*You can write on/.test(title)], ['offline', true], title);
    assert.equal(dialled(), 1);
    await allOnce(page, 'silence', ['before', 'said into the silence', 'said meanwhile']);

    // Now nothing passes of whatever is dialled.
    proxy.say('mode stall');
    proxy.say('cut rst');
    await page.waitForSelector('#badge:not([data-state=online])');
    await write(page, 'said to nobody');
    await page.waitForSelector('.pending:has-text("said to nobody") .sending:text-is("waits for the connection")');
    const before = dialled();
    await page.clock.runFor(10 * dialMs);
    const tried = dialled() - before;
    assert.ok(tried >= 2 && tried <= 11, `${tried} attempts in ${10 * dialMs} ms`);
    proxy.say('mode pass');
    await comesBack(page);
    await allOnce(page, 'silence', ['before', 'said into the silence', 'said meanwhile', 'said to nobody']);
    nc.end();
    await page.context().close();
    proxy.end();
    faultless();
});

test('a server that stands still is noticed; when it goes on, every line is there once', async () => {
    const {page, dialled, states} = await watched(chatd, {nick: 'kay', room: 'standstill'});
    await write(page, 'before');
    await row(page, 'before');
    chatd.signal('SIGSTOP');
    for (const text of ['into its socket', 'and one more']) await write(page, text);
    await page.clock.runFor(silenceMs + 1000);
    await write(page, 'said while it stands');
    await page.clock.runFor(2 * dialMs);
    assert.equal((await states()).some(([state]) => state === 'online'), false);
    assert.ok(dialled() >= 1 && dialled() <= 4, `${dialled()} attempts`);
    chatd.signal('SIGCONT');
    await comesBack(page);
    await allOnce(page, 'standstill', ['before', 'into its socket', 'and one more', 'said while it stands']);
    await page.context().close();
    faultless();
});

test('a computer that slept asks once more before it dials', async () => {
    const {page, dialled, states} = await watched(chatd, {nick: 'kip', room: 'sleep'});
    await page.clock.fastForward(silenceMs * 20);
    await write(page, 'awake');
    await row(page, 'awake');
    await page.clock.runFor(9000);
    assert.deepEqual([dialled(), await states()], [0, []]);
    await page.context().close();
    faultless();
});
