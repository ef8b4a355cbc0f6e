// The server ends in the middle and comes back: nothing is lost, nothing is said twice.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Netcat, bodies, eventually, faultless, online, row, server, until, visitor, write} from './support.mjs';

const chatd = await server();
const range = (name, count) => Array.from({length: count}, (_, index) => `${name} ${index + 1}`);
const refused = /WebSocket connection to .* failed|ERR_CONNECTION_REFUSED/;

for (const [signal, room] of [['SIGTERM', 'restart'], ['SIGKILL', 'crash']]) {
    test(`after ${signal} and a new start every line is there once`, async () => {
        const [gus, hal] = await Promise.all([visitor(chatd, {nick: `gus-${room}`, room}), visitor(chatd, {nick: `hal-${room}`, room})]);
        for (const page of [gus, hal]) page.expected.push(refused);
        for (const text of range('before', 5)) await write(gus, text);
        await row(hal, 'before 5');
        const talk = async (page, name) => {
            for (const text of range(name, 10)) await write(page, text);
        };
        const talking = [talk(gus, 'gus'), talk(hal, 'hal')];
        await chatd.end(signal);
        await Promise.all(talking);
        await gus.waitForSelector('#badge[data-state=offline]');
        await write(gus, 'said while nobody hears');
        await gus.waitForSelector('.pending:has-text("said while nobody hears") .sending:text-is("waits for the connection")');
        assert.match(await gus.textContent('#badge'), /offline.* waiting|connecting/);
        await chatd.start();
        for (const page of [gus, hal]) await page.evaluate(() => dispatchEvent(new Event('online')));  // no long back-off
        await Promise.all([online(gus), online(hal)]);
        await Promise.all([gus, hal].map((page) => row(page, 'said while nobody hears')));
        await Promise.all([gus, hal].map((page) => until(page, () => document.querySelectorAll('.pending').length === 0)));
        const all = [...range('before', 5), ...range('gus', 10), ...range('hal', 10), 'said while nobody hears'].sort();
        for (const page of [gus, hal]) {
            await eventually(async () => (await bodies(page)).length >= all.length, () => 'lines are missing');
            assert.deepEqual((await bodies(page)).sort(), all);
        }
        assert.deepEqual(await bodies(gus), await bodies(hal));
        assert.equal(await gus.textContent('#me .nick'), `gus-${room}`);
        const nc = new Netcat(chatd);
        nc.say(`/join ${room}\n/history 200`);
        await nc.hears('HISTORY END');
        for (const text of all) assert.equal(nc.heard.split(`> ${text}\n`).length, 2, text);
        nc.end();
        await Promise.all([gus.context().close(), hal.context().close()]);
        faultless();
    });
}

test('typing does not wait for the network: the box is empty at once, the line is shown', async () => {
    const page = await visitor(chatd, {nick: 'ivy', room: 'quick'});
    page.expected.push(refused);
    await page.context().setOffline(true);
    const took = await page.evaluate(() => {
        const box = document.getElementById('box');
        box.value = 'no waiting';
        const begun = performance.now();
        box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}));
        return {ms: performance.now() - begun, left: box.value};
    });
    assert.equal(took.left, '');
    assert.ok(took.ms < 100, `${took.ms} ms`);
    await page.waitForSelector('.row:has-text("no waiting")');
    await page.context().close();
    faultless();
});

test('lines that are gone for good are told in their place', async () => {
    const page = await visitor(chatd, {
        nick: 'jon', room: 'holes',
        before: (one) => one.routeWebSocket(/\/ws$/, (socket) => {
            const real = socket.connectToServer();
            real.onMessage((text) => {
                // A gap where the server would tell one: before the next line.
                if (text.includes('"body":"after the gap"') && text.includes('"method":"message"')) {
                    const {room, epoch, seq} = JSON.parse(text).params;
                    socket.send(JSON.stringify({jsonrpc: '2.0', method: 'gap', params: {room, epoch, from: seq, to: seq + 4}}));
                    text = text.replace(`"seq":${seq}`, `"seq":${seq + 5}`);
                }
                socket.send(text);
            });
        }),
    });
    await page.waitForSelector('.welcome');
    const nc = new Netcat(chatd);
    nc.say('/join holes\nbefore the gap\nafter the gap');
    await row(page, 'after the gap');
    assert.deepEqual(await page.$$eval('.rows .row', (rows) => rows.map((one) => one.className.match(/is-(\w+)/)[1])), ['message', 'gap', 'message']);
    assert.match(await page.textContent('.gap'), /5 messages are missing here.*number 2 to 6/);
    nc.end();
    await page.context().close();
    faultless();
});
