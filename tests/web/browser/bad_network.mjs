// The page behind a proxy that cuts its connection between and inside of messages.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {Netcat, bodies, eventually, faultless, online, row, server, visitor, write} from './support.mjs';

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
