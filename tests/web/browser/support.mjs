// What the browser tests share: one chromium, pages that are watched for faults, and people who
// talk by other means. Every wait is for a condition, none for a time.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import {createRequire} from 'node:module';
import {connect} from 'node:net';
import {after, test} from 'node:test';
import {Chatd} from '../chatd_process.mjs';

const {chromium} = createRequire(import.meta.url)('playwright-core');
// Chromium holds connections ready and may speak on them late; then a greeting would have come.
process.env.CHATD_FLAGS ??= '--listen-after 0 --greet-after 0';
export const patience = 45_000;  // ms, for what takes a moment

// Files wait for their servers while they load. This first test lasts until page_test.mjs has loaded
// them all, or the end would come before the last of them has named its tests.
let allLoaded;
const loading = new Promise((resolve) => { allLoaded = resolve; });
test('chromium and the servers start', () => loading);
export {allLoaded};

const faults = [];
const endings = [];
const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
after(async () => {
    await browser.close();
    for (const end of endings.reverse()) await end();
});

/** A chatd of one file's own. */
export async function server() {
    const chatd = new Chatd();
    endings.push(() => chatd.stop());
    return chatd.start();
}

export const origin = (chatd) => `http://127.0.0.1:${chatd.port}`;

/**
 * Somebody with a browser of their own. Whatever the console shows in red, a script that fails, a
 * request to elsewhere and a breach of the policy are faults; `faultless` fails then.
 */
export async function visitor(chatd, {nick, room, theme = 'light', width = 1100, height = 720, before: prepare, ...more} = {}) {
    const context = await browser.newContext({
        viewport: {width, height}, colorScheme: theme, locale: 'en-GB', timezoneId: 'UTC', ...more,
    });
    context.setDefaultTimeout(patience);
    await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
            console.error(`policy ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
        });
    });
    const page = await newTab(context, chatd);
    await prepare?.(page);
    await page.goto(origin(chatd));
    await online(page);
    if (nick) await command(page, `/nick ${nick}`, '#me .nick', nick);
    if (room) await command(page, `/join ${room}`, '#title', `#${room}`);
    return page;
}

/** A tab of a browser, still empty, that is watched for faults. */
export async function newTab(context, chatd) {
    const page = await context.newPage();
    page.expected = [];
    const fault = (text) => {
        if (!page.expected.some((pattern) => pattern.test(text))) faults.push(text);
    };
    page.on('console', (line) => ['error', 'warning'].includes(line.type()) && fault(`${line.text()} (${line.location().url})`));
    page.on('pageerror', (error) => fault(error.stack));
    page.on('request', (request) => {
        if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).host !== new URL(origin(chatd)).host) fault(`a request to ${request.url()}`);
    });
    return page;
}

export const online = (page) => page.waitForSelector('#badge[data-state=online]');

/** Types a command once the page knows the server's vocabulary, and waits for its effect. */
export async function command(page, text, selector, shown) {
    await page.waitForFunction(() => performance.getEntriesByName(new URL('/rpc/openrpc.json', location).href).length > 0);
    await write(page, text);
    await page.waitForSelector(`${selector}:text-is("${shown}")`, {state: 'attached'});
}

/** Writes into the box and sends it. */
export async function write(page, text) {
    await page.fill('#box', text);
    await page.press('#box', 'Enter');
}

/** Waits for an acknowledged row that holds this text. */
export const row = (page, text) => page.waitForSelector(`.rows .row:has-text(${JSON.stringify(text)})`);

/** The texts of all messages in the document, in order. */
export const bodies = (page) => page.$$eval('.rows .is-message .body', (all) => all.map((body) => body.textContent));

/** Fails with what went wrong in any page since the last time. */
export function faultless() {
    assert.deepEqual(faults.splice(0), []);
}

/** Somebody with nc: a bare TCP connection. */
export class Netcat {
    heard = '';

    constructor(chatd) {
        this.socket = connect(chatd.port, '127.0.0.1');
        this.socket.setEncoding('utf8');
        this.socket.on('data', (text) => { this.heard += text; });
        this.socket.on('error', () => {});  // the server may be killed
    }

    say(text) { this.socket.write(`${text}\n`); }

    /** Waits until it heard this text. */
    hears(text) { return eventually(() => this.heard.includes(text), () => `nc never heard ${text}:\n${this.heard.slice(-2000)}`); }

    end() { this.socket.destroy(); }
}

/** Somebody with chatcli, in a pipe. */
export class Chatcli {
    heard = '';

    constructor(chatd, nick) {
        this.process = spawn('setpriv', ['--pdeathsig', 'KILL', process.env.CHATCLI, '--plain', '--nick', nick, `127.0.0.1:${chatd.port}`],
                             {stdio: ['pipe', 'pipe', 'ignore']});
        this.process.stdout.setEncoding('utf8');
        this.process.stdout.on('data', (text) => { this.heard += text; });
    }

    say(text) { this.process.stdin.write(`${text}\n`); }

    hears(text) { return eventually(() => this.heard.includes(text), () => `chatcli never heard ${text}:\n${this.heard.slice(-2000)}`); }

    end() { this.process.kill(); }
}

export async function eventually(holds, why = () => 'it never came true') {
    const end = Date.now() + patience;
    while (!(await holds())) {
        if (Date.now() > end) assert.fail(why());
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

/** Waits until this is so in the page; `holds` runs there. */
export const until = (page, holds, argument) => page.waitForFunction(holds, argument, {timeout: patience});

/** Takes a picture, if SCREENSHOTS names a folder for them. */
export async function picture(page, name) {
    const folder = process.env.SCREENSHOTS;
    if (!folder) return;
    mkdirSync(folder, {recursive: true});
    await page.screenshot({path: `${folder}/${name}.png`, animations: 'disabled', caret: 'hide'});
}
