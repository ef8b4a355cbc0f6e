// The page for everybody: by keyboard, with enough contrast, on a phone, with little motion; and
// light enough for a slow line.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Netcat, bodies, command, faultless, origin, picture, row, server, until, visitor, write} from './support.mjs';

const weightMax = 80_000;  // bytes of the whole page, compressed
const chatd = await server();
const ken = await visitor(chatd, {nick: 'ken'});

/** Which elements Tab reaches, and which of them show no focus. Runs in the page between the keys. */
const focused = () => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const holder = element.closest('.writing');
    return {
        name: element.id || element.dataset.id || element.className || element.tagName,
        visible: parseFloat(style.outlineWidth) > 0 || (holder && getComputedStyle(holder).boxShadow !== 'none'),
        label: element.getAttribute('aria-label') || element.textContent.trim() || element.placeholder || element.title,
    };
};

test('everything is done by keyboard alone, and one sees where one is', async () => {
    const page = ken;
    const nc = new Netcat(chatd);
    nc.say('/nick lou\nfirst\nsecond');
    await row(page, 'second');
    await page.focus('.skip');
    await page.keyboard.press('Shift+Tab');
    const reached = [];
    while (reached.length < 40 && !reached.some(({name}) => name === 'box')) {
        await page.keyboard.press('Tab');
        reached.push(await page.evaluate(focused));
    }
    const names = reached.map(({name}) => name);
    for (const name of ['skip', 'bell', 'show-help', '#lobby', 'join-box', 'show-datagrams', 'me', 'badge', 'show-search', 'show-people', 'log', 'box']) {
        assert.ok(names.includes(name), `${name} of ${names}`);
    }
    assert.deepEqual(reached.filter(({visible}) => !visible), []);
    assert.deepEqual(reached.filter(({label, name}) => !label && name !== 'log'), []);

    // Read, react, answer, change and take back.
    await page.focus('#log');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await until(page, () => document.activeElement.textContent.includes('first'));
    await page.keyboard.press('+');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.row:has-text("first") .reaction:has-text("❤️")');
    await page.keyboard.press('r');
    await page.keyboard.type('an answer');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.rows .row:has-text("an answer") .quote:has-text("first")');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('a change');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.row:has-text("a change") .edited');
    await page.focus('#log');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.removed');
    await page.keyboard.press('Escape');

    // Who said it: by a key on the message, or by the tools behind it.
    for (const keys of [['P'], ['Tab', 'Tab', 'Tab', 'Enter']]) {
        await page.focus('.rows .row:has-text("second")');
        for (const key of keys) await page.keyboard.press(key);
        await page.waitForSelector('#title:text-is("lou")');
        await page.keyboard.press('Alt+ArrowUp');
        await page.waitForSelector('#title:text-is("#lobby")');
    }

    // Rooms, help, name.
    await command(page, '/join second-room', '#title', '#second-room');
    await page.keyboard.press('Alt+ArrowUp');
    await page.waitForSelector('#title:text-is("#lobby")');
    await page.keyboard.press('Control+/');
    await page.waitForSelector('#help[open]');
    await page.keyboard.press('Escape');
    await until(page, () => !document.getElementById('help').open);
    await page.focus('#me');
    await page.keyboard.press('Enter');
    await page.keyboard.type('kenneth');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#me .nick:text-is("kenneth")');
    nc.end();
    faultless();
});

test('lists that are painted anew keep the place of the keyboard, and a click that has begun', async () => {
    const nc = new Netcat(chatd);
    nc.say('/nick busy\n/join elsewhere\n/join busy-room');
    await nc.hears('JOIN OK #busy-room');
    const page = await visitor(chatd, {nick: 'xena', room: 'still'});
    const people = ['bo', 'cy', 'di'].map((nick) => {
        const one = new Netcat(chatd);
        one.say(`/nick ${nick}\n/join still`);
        return one;
    });
    await command(page, '/join busy-room', '#title', '#busy-room');
    await page.keyboard.press('Alt+ArrowUp');
    await page.waitForSelector('#title:text-is("#still")');
    let count = 0;
    const more = async () => {
        nc.say(`line ${count += 1}`);
        await page.waitForSelector(`#rooms .unread .count:text-is("${count}")`, {state: 'attached'});
    };
    const at = () => page.evaluate(() => JSON.stringify({...document.activeElement.dataset}));
    for (const [selector, place] of [['[data-leave="#still"]', '{"leave":"#still"}'], ['[data-id="#busy-room"]', '{"id":"#busy-room"}'],
                                     ['[data-room=elsewhere]', '{"room":"elsewhere"}']]) {
        await page.focus(selector);
        await more();
        assert.equal(await at(), place);
    }
    for (const selector of ['#me .me-hint', '[data-id="#busy-room"]']) {
        await page.hover(selector);
        await page.mouse.down();
        await more();
        await page.mouse.up();
        if (!selector.startsWith('#me')) continue;
        await page.waitForSelector('#nick-box:visible');
        await page.press('#nick-box', 'Escape');
    }
    await page.waitForSelector('#title:text-is("#busy-room")');

    await page.click('[data-id="#still"]');
    await page.click('#show-people');
    await page.focus('.people [data-nick=cy]');
    people.push(new Netcat(chatd));
    people.at(-1).say('/nick al\n/join still');
    await page.waitForSelector('.people [data-nick=al]');
    assert.equal(await at(), '{"nick":"cy"}');
    people[1].end();
    await page.waitForSelector('.people [data-nick=cy]', {state: 'detached'});
    assert.equal(await at(), '{"nick":"di"}');

    for (let number = 0; number < 30; number += 1) nc.say(`needles ${number}`);
    await page.click('#show-search');
    await until(page, () => document.querySelector('#panel input').value === '');
    await page.fill('#panel input', 'needles in:busy-room');
    await page.waitForSelector('#panel .plain:text-is("Show more"):visible');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const hit = await page.evaluate(() => document.activeElement.textContent);
    await page.$eval('#panel input', (box) => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'})));
    await page.waitForSelector('#panel [role=status]:text-is("Searching…")', {state: 'detached'});
    assert.equal(await page.evaluate(() => document.activeElement.textContent), hit);
    // Where the button goes away under the focus, it is on what was found, or in the box.
    const search = async (query, focused) => {
        await page.$eval('#panel input', (box, text) => {
            box.value = text;
            box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}));
        }, query);
        await until(page, (wanted) => document.activeElement.matches(wanted), focused);
    };
    await page.focus('#panel .plain');
    await search('needles 25 in:busy-room', '.hits > :first-child > .hit');
    await page.focus('#panel input');
    for (const query of ['nowhere-to-be-found', '']) {
        await search('needles in:busy-room', 'input');
        await page.waitForSelector('#panel .plain:text-is("Show more"):visible');
        await page.focus('#panel .plain');
        await search(query, '#panel input');
    }
    await search('needles in:busy-room', 'input');
    await page.waitForSelector('#panel .plain:text-is("Show more"):visible');
    await page.focus('#panel .plain');
    await page.keyboard.press('Enter');
    await until(page, () => document.querySelectorAll('.hit').length === 30);
    assert.equal(await page.evaluate(() => [...document.querySelectorAll('.hit')].indexOf(document.activeElement)), 20);
    for (const one of [nc, ...people]) one.end();
    await page.context().close();
    faultless();
});

test('roles and names are there for those who listen', async () => {
    const page = ken;
    const nc = new Netcat(chatd);
    nc.say('/nick paul\nlisten to this');
    await page.waitForSelector('#announcer:has-text("paul: listen to this")', {state: 'attached'});
    const found = await page.evaluate(() => ({
        log: document.querySelector('[role=log]').id,
        unnamed: [...document.querySelectorAll('button, input, textarea, [role=dialog], nav, aside')]
            .filter((element) => !(element.getAttribute('aria-label') || element.getAttribute('aria-labelledby') || element.labels?.length || element.textContent.trim()))
            .map((element) => element.outerHTML.slice(0, 80)),
        twice: [...document.querySelectorAll('[id]')].map(({id}) => id).filter((id, index, all) => all.indexOf(id) !== index),
        language: document.documentElement.lang,
        current: document.querySelector('[aria-current=page]').dataset.id,
    }));
    assert.deepEqual(found, {log: 'log', unnamed: [], twice: [], language: 'en', current: '#lobby'});
    nc.end();
    faultless();
});

/** Texts whose contrast (WCAG 2.2, 1.4.3) to what is behind them is below 4.5. Runs in the page. */
function faint() {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (rgb) => rgb.slice(0, 3).map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const color = rgba(getComputedStyle(at).backgroundColor);
            if (color[3] > 250) return color;
        }
        return rgba('white');
    };
    const found = new Set();
    for (const element of document.querySelectorAll('body *')) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!own || !element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})) continue;
        const [a, b] = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) found.add(`${contrast.toFixed(2)} ${element.className || element.tagName}: ${element.textContent.slice(0, 30)}`);
    }
    return [...found];
}

/** A room in which a bit of everything has been said. */
async function scene(page, others) {
    const nc = new Netcat(chatd);
    nc.say(`/nick ${others[0]}\n/join garden`);
    nc.say('Morning! The tomatoes are ripe, pictures at https://garden.example/tomatoes');
    nc.say('`make deploy` went through, by the way');
    await row(page, 'make deploy');
    await write(page, 'Lovely. This is what waters them:\n```py\ndef water(bed, litres=4):\n    bed.valve.open(litres)\n```');
    await row(page, 'bed.valve');
    const other = new Netcat(chatd);
    other.say(`/nick ${others[1]}\n/join garden`);
    other.say('/me brings the basket');
    await row(page, 'brings the basket');
    other.say('Did somebody turn off the \u202erotatortni\u202c pump?');
    nc.say('/topic Ripe things, wet things, and who feeds the hens');
    other.say('شكراً للجميع, see you at five');
    await row(page, 'see you at five');
    await page.hover('.row:has-text("tomatoes are ripe")');
    await page.click('.row-tools [data-act=menu]');
    await page.click('#reactions button[aria-label="🎉"]');
    await page.hover('.row:has-text("pump")');
    await page.click('.row-tools [data-act=reply]');
    await write(page, 'That was me, it is on again');
    await row(page, 'it is on again');
    other.say(`/msg ${await page.textContent('#me .nick')} thank you!`);
    other.say('/join hens\nall fed');
    return [nc, other];
}

for (const theme of ['light', 'dark']) {
    test(`every text of the ${theme} page has a contrast of 4.5 to 1`, async () => {
        const names = theme === 'light' ? ['ana', 'noor', 'tomas'] : ['ana-2', 'noor-2', 'tomas-2'];
        const page = await visitor(chatd, {nick: names[0], theme, width: 1120, height: 700});
        await picture(page, `first-${theme}`);
        assert.deepEqual(await page.evaluate(faint), []);
        await command(page, '/join garden', '#title', '#garden');
        const people = await scene(page, names.slice(1));
        await page.waitForSelector('#directs .entry');
        await page.mouse.move(640, 5);
        await picture(page, `room-${theme}`);
        assert.deepEqual(await page.evaluate(faint), []);
        await write(page, '/nosuch');
        await page.fill('#box', '/re');
        await page.waitForSelector('#completions li');
        await picture(page, `commands-${theme}`);
        assert.deepEqual(await page.evaluate(faint), []);
        await page.fill('#box', '');
        for (const button of ['people', 'search', 'datagrams']) {
            await page.click(`#show-${button}`);
            if (button === 'search') {
                await page.fill('#panel input', 'tomatoes in:garden');
                await page.waitForSelector('.hit mark');
            }
            if (button === 'datagrams') {
                await until(page, () => document.querySelector('#panel .quiet').textContent.startsWith('Waiting'));
                for (const [index, nc] of people.entries()) nc.say(`/hex 0${index + 1} 00 48 65 6e 73 20 61 72 65 20 66 65 64 ff ${'a0 '.repeat(index * 30)}`);
                await until(page, () => document.querySelectorAll('.datagram').length === 2);
            }
            await picture(page, `${button}-${theme}`);
            assert.deepEqual(await page.evaluate(faint), []);
        }
        await page.click('#badge');
        await picture(page, `connection-${theme}`);
        assert.deepEqual(await page.evaluate(faint), []);
        await page.click('#show-help');
        await picture(page, `help-${theme}`);
        assert.deepEqual(await page.evaluate(faint), []);
        for (const nc of people) nc.end();
        await page.context().close();
        faultless();
    });
}

test('on a phone of 320 pixels nothing is cut off, and rooms are a drawer', async () => {
    const page = await visitor(chatd, {nick: 'tina', width: 320, height: 640, hasTouch: true, isMobile: true});
    await command(page, '/join garden', '#title', '#garden');
    await row(page, 'see you at five');
    await picture(page, 'narrow');
    const wide = () => page.evaluate(() => [...document.querySelectorAll('body *')]
        .filter((element) => element.checkVisibility({checkVisibilityCSS: true}) && !element.closest('.unseen, .skip, pre *, .quote *, #topic *, #sidebar'))
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 100)));
    assert.deepEqual(await wide(), []);
    await page.tap('#menu');
    await until(page, () => document.getElementById('sidebar').getBoundingClientRect().left === 0);
    await picture(page, 'drawer');
    await page.tap('#rooms .entry:has-text("lobby")');
    await page.waitForSelector('#title:text-is("#lobby")');
    await until(page, () => getComputedStyle(document.getElementById('sidebar')).visibility === 'hidden');
    await page.tap('#show-people');
    await page.waitForSelector('.people .entry');
    assert.deepEqual(await wide(), []);
    await page.tap('#panel-close');
    await page.context().close();
    faultless();
});

test('who wants little motion gets none', async () => {
    const page = await visitor(chatd, {nick: 'una', reducedMotion: 'reduce', width: 400});
    assert.ok(await page.evaluate(() => parseFloat(getComputedStyle(document.getElementById('sidebar')).transitionDuration) < 0.001));
    await page.context().close();
    faultless();
});

test('a browser is asked for notifications only on a click', async () => {
    const page = await visitor(chatd, {
        nick: 'vic',
        before: (one) => one.addInitScript(() => {
            window.asked = [];
            window.shown = [];
            window.Notification = class {
                static permission = 'default';
                static async requestPermission() {
                    window.asked.push(navigator.userActivation.isActive);
                    return (window.Notification.permission = 'granted');
                }
                constructor(title, {body}) { window.shown.push([title, body]); }
            };
            Object.defineProperty(document, 'hidden', {get: () => window.away === true});
        }),
    });
    assert.deepEqual(await page.evaluate(() => window.asked), []);
    await page.click('#bell');
    await page.waitForSelector('#bell[aria-pressed=true]');
    assert.deepEqual(await page.evaluate(() => window.asked), [true]);
    await page.evaluate(() => { window.away = true; });
    const nc = new Netcat(chatd);
    nc.say('/nick wim\nnothing for you\nvic: <b>look</b>\n/msg vic psst');
    await until(page, () => window.shown.length === 2);
    assert.deepEqual(await page.evaluate(() => window.shown.sort()), [['wim in #lobby', 'vic: <b>look</b>'], ['wim', 'psst']]);
    nc.end();
    await page.context().close();
    faultless();
});

test('the whole page weighs at most 80 kB, and nothing of it comes from elsewhere', async () => {
    const page = ken;
    const parts = await page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .map(({name, encodedBodySize}) => [name, encodedBodySize]));
    const files = parts.filter(([name]) => !name.endsWith('/rpc/openrpc.json'));
    assert.ok(files.length > 10, JSON.stringify(files));
    assert.ok(files.every(([name]) => name.startsWith(origin(chatd))));
    const weight = files.reduce((sum, [, bytes]) => sum + bytes, 0);
    assert.ok(weight > 10_000 && weight <= weightMax, `${weight} bytes: ${JSON.stringify(files)}`);
    const seconds = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
    console.log(`page weight ${weight} bytes in ${files.length} files, first paint after ${Math.round(seconds)} ms`);
    assert.equal((await bodies(page)).every((text) => typeof text === 'string'), true);
    faultless();
});
