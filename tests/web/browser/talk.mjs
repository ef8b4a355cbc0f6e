// People in browsers, one with nc and one with chatcli meet in the same room.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Chatcli, Netcat, bodies, command, faultless, row, server, until, visitor, write} from './support.mjs';

const chatd = await server();
const [ana, bob] = await Promise.all([visitor(chatd, {nick: 'ana'}), visitor(chatd, {nick: 'bob'})]);

const enter = (page, room) => command(page, `/join ${room}`, '#title', `#${room}`);

test('two browsers, nc and chatcli talk, and all see the same in the same order', async () => {
    const nc = new Netcat(chatd);
    const cli = new Chatcli(chatd, 'dora');
    nc.say('/nick carl');
    await nc.hears('You are carl');
    await cli.hears('dora');
    await write(ana, 'hello from ana');
    await Promise.all([row(bob, 'hello from ana'), nc.hears('<ana> hello from ana'), cli.hears('hello from ana')]);
    await write(bob, 'hello from bob');
    await Promise.all([row(ana, 'hello from bob'), nc.hears('<bob> hello from bob'), cli.hears('hello from bob')]);
    nc.say('hello from nc');
    await Promise.all([row(ana, 'hello from nc'), row(bob, 'hello from nc'), cli.hears('hello from nc')]);
    cli.say('hello from chatcli');
    await Promise.all([row(ana, 'hello from chatcli'), row(bob, 'hello from chatcli'), nc.hears('hello from chatcli')]);
    const said = ['ana', 'bob', 'nc', 'chatcli'].map((who) => `hello from ${who}`);
    assert.deepEqual([await bodies(ana), await bodies(bob)], [said, said]);
    await until(ana, () => document.getElementById('people-count').textContent === '4');
    nc.say('/me waves');
    await ana.waitForSelector('.action-line:has-text("carl waves")');
    nc.end();
    await ana.waitForSelector('#typing:has-text("carl went")');
    cli.end();
    faultless();
});

test('a reload keeps name, room, draft and private lines', async () => {
    const page = await visitor(chatd, {nick: 'rita', room: 'dev'});
    const nc = new Netcat(chatd);
    nc.say('/nick sam');
    nc.say('/msg rita just between us');
    await page.waitForSelector('#directs .entry:has-text("sam")');
    await write(page, 'before the reload');
    await row(page, 'before the reload');
    await page.fill('#box', 'half a sentence');
    await page.reload();
    await row(page, 'before the reload');
    assert.equal(await page.textContent('#title'), '#dev');
    assert.equal(await page.textContent('#me .nick'), 'rita');
    assert.equal(await page.inputValue('#box'), 'half a sentence');
    await page.click('#directs .entry');
    await row(page, 'just between us');
    await write(page, 'indeed');
    await Promise.all([nc.hears('@rita indeed'), row(page, 'indeed')]);
    assert.deepEqual(await bodies(page), ['just between us', 'indeed']);
    nc.end();
    await page.context().close();
    faultless();
});

test('what was said is changed, taken back, reacted to and answered, and the others see it', async () => {
    await Promise.all([enter(ana, 'changes'), enter(bob, 'changes')]);
    const act = async (page, text, name) => {
        await page.hover(`.rows .row:has-text("${text}")`);
        await page.click(`.row-tools [data-act=${name}]`);
    };
    await write(ana, 'a mistaek');
    await row(bob, 'a mistaek');
    await ana.press('#box', 'ArrowUp');
    await write(ana, 'a mistake');
    await bob.waitForSelector('.row:has-text("a mistake") .edited');
    await act(bob, 'a mistake', 'menu');
    await bob.click('#reactions button[aria-label="🎉"]');
    await ana.waitForSelector('.reaction[aria-pressed=false]:has-text("🎉")');
    await ana.click('.reaction');
    await bob.waitForSelector('.reaction[aria-pressed=true] .count:text-is("2")');
    await act(bob, 'a mistake', 'reply');
    await write(bob, 'no harm done');
    await ana.waitForSelector('.row:has-text("no harm done") .quote:has-text("a mistake")');
    await act(ana, 'a mistake', 'redact');
    await ana.click('#confirm button[value=yes]');
    await Promise.all([ana, bob].map((page) => page.waitForSelector('.removed')));
    assert.ok(!(await bodies(bob)).includes('a mistake'));
    assert.equal(await bob.$('.row-tools [data-act=redact]:visible'), null, 'only one\'s own lines can be taken back');
    await bob.focus('#box');
    await bob.keyboard.type('hm');
    await ana.waitForSelector('#typing:text-is("bob is typing…")');
    faultless();
});

test('unread lines are counted, one\'s name more so, and the title tells', async () => {
    const page = await visitor(chatd, {nick: 'uma', room: 'quiet'});
    const nc = new Netcat(chatd);
    nc.say('/nick vera\n/join loud');
    await command(page, '/join loud', '#title', '#loud');
    await page.click('#rooms .entry:has-text("quiet")');
    nc.say('one\ntwo\numa, three');
    await page.waitForSelector('#rooms .named .entry:has-text("loud") .count:text-is("3")');
    await until(page, () => document.title === '(1!) #quiet – chatd');
    await page.keyboard.press('Alt+Shift+ArrowDown');
    await page.waitForSelector('#title:text-is("#loud")');
    await page.waitForSelector('mark.mention:text-is("uma")');
    await until(page, () => document.title === '#loud – chatd' && !document.querySelector('.entry .count'));
    nc.end();
    await page.context().close();
    faultless();
});

test('commands are the server\'s own; an unknown one says what to do', async () => {
    const page = ana;
    await enter(page, 'orders');
    await page.fill('#box', '/top');
    await page.waitForSelector('#completions li:has-text("/topic")');
    await page.press('#box', 'Tab');
    assert.equal(await page.inputValue('#box'), '/topic ');
    await page.keyboard.type('tea at five');
    await page.press('#box', 'Enter');
    await page.waitForSelector('#topic:text-is("tea at five")');
    await write(page, '/nosuch thing');
    await page.waitForSelector('#toast:has-text("no command /nosuch")');
    assert.equal(await page.inputValue('#box'), '/nosuch thing', 'what was typed is not lost');
    await write(page, '/rooms');
    await page.waitForSelector('.note:has-text("orders")');
    faultless();
});

test('search marks what it finds and leads there', async () => {
    const page = bob;
    await enter(page, 'library');
    for (const text of ['a needle in here', 'only hay', 'no NEEDLE anywhere']) await write(page, text);
    await row(page, 'no NEEDLE anywhere');
    await page.keyboard.press('Control+k');
    await page.fill('#panel input', 'needle in:library');
    await until(page, () => document.querySelectorAll('.hit').length === 2);
    assert.deepEqual(await page.$$eval('.hit mark', (all) => all.map((mark) => mark.textContent)), ['NEEDLE', 'needle']);
    await page.click('.hit:has-text("in here")');
    await until(page, () => document.activeElement?.textContent.includes('a needle in here'));
    await page.fill('#panel input', '"');
    await page.waitForSelector('#panel [role=status]:has-text("search")');
    faultless();
});

test('datagrams are shown as hex, with their rate', async () => {
    const page = ana;
    const nc = new Netcat(chatd);
    nc.say('/nick dirk');
    await nc.hears('You are dirk');
    await page.click('#show-datagrams');
    await page.waitForSelector('#panel-title:text-is("Live datagrams")');
    await until(page, () => document.querySelector('#panel .quiet').textContent.startsWith('Waiting'));
    nc.say('/hex de ad be ef 48 69');
    await page.waitForSelector('.datagram:has-text("dirk") pre:has-text("de ad be ef 48 69        ....Hi")');
    assert.match(await page.textContent('.datagram .quiet'), /^6 B · \d\.\d\/s · 1 seen$/);
    nc.end();
    faultless();
});
