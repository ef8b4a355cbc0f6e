// What the page makes of texts: links, code, hidden characters, commands. Values in, values out.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {commandsOf, completions, understand} from '../../clients/web/commands.js';
import {hexLines, rateOf} from '../../clients/web/datagram_view.js';
import {mentions, parse, safeAddress} from '../../clients/web/rich_text.js';
import {plainLine, visibleParts} from '../../clients/web/visible_text.js';

const kinds = (body, self) => parse(body, self).map(({kind, text}) => [kind, text]);

test('a link ends before the punctuation of its sentence, and keeps the brackets it opened', () => {
    assert.deepEqual(kinds('see https://e.org/a_(b). Or (http://e.org/x), yes'), [
        ['text', 'see '], ['link', 'https://e.org/a_(b)'], ['text', '. Or ('], ['link', 'http://e.org/x'],
        ['text', '), yes'],
    ]);
});

test('only http and https are links, and none that holds a name or a password', () => {
    for (const text of ['javascript:alert(1)', 'data:text/html,x', 'ftp://e.org/', 'https://bank.example@evil.example/']) {
        assert.deepEqual(parse(text).map(({kind}) => kind), ['text'], text);
    }
    assert.equal(safeAddress('https://e.org/')?.href, 'https://e.org/');
    assert.equal(safeAddress(`https://e.org/${'x'.repeat(3000)}`), null);
});

test('a host that looks like another one is spelled out', () => {
    assert.equal(parse('https://аpple.com/')[0].host, 'xn--pple-43d.com');  // its a is Cyrillic
    assert.equal(parse('https://Apple.com/')[0].host, undefined);
});

test('a hidden character ends a link', () => {
    assert.deepEqual(kinds('https://e.org/\u202egnp.exe'), [['link', 'https://e.org/'], ['text', '\u202egnp.exe']]);
});

test('code is what stands between backticks; a block may say its language and is not searched', () => {
    assert.deepEqual(kinds('a `b*` c'), [['text', 'a '], ['code', 'b*'], ['text', ' c']]);
    assert.deepEqual(kinds('```js\nx = 1;\nhttps://e.org\n```!'), [['block', 'x = 1;\nhttps://e.org'], ['text', '!']]);
    assert.deepEqual(kinds('``` open'), [['text', '``` open']]);
});

test('a nick is a mention where it stands alone, whatever it is made of', () => {
    assert.ok(mentions('hi Ana!', 'ana'));
    assert.ok(mentions('@a.b-c: yes', 'a.b-c'));
    for (const text of ['banana', 'ana-lyse', 'x.ana', 'analog', '`ana`']) assert.ok(!mentions(text, 'ana'), text);
});

test('texts made to be slow are not', () => {
    const begun = performance.now();
    for (const piece of ['`', '```', '(', ')', 'https://', 'https://e.org/)', '\u202e', 'ana ', '[', 'a\u0301']) {
        parse(piece.repeat(100_000 / piece.length), 'ana');
        visibleParts(piece.repeat(100_000 / piece.length));
    }
    assert.ok(performance.now() - begun < 5000);
});

test('what cannot be seen becomes a mark with its name', () => {
    assert.deepEqual(visibleParts('a\u202eb'), [{text: 'a'}, {code: 'U+202E', name: 'right-to-left override'}, {text: 'b'}]);
    for (const hidden of ['\u0007', '\u001b', '\u200b', '\u2066', '\ufeff', '\u00ad', '\u{e0041}', '\u3164']) {
        assert.equal(visibleParts(`x${hidden}y`).length, 3, hidden.codePointAt(0).toString(16));
    }
    assert.deepEqual(visibleParts('tab\tand\nnewline \ufffd'), [{text: 'tab\tand\nnewline \ufffd'}]);
});

test('what joins emoji and letters stays', () => {
    for (const text of ['👩‍💻', '👩🏽‍🚀', '❤️', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', 'می‌خواهم', 'क्‍ष']) assert.deepEqual(visibleParts(text), [{text}]);
    assert.equal(visibleParts('pass\u200dword').length, 3);
});

test('a plain line is short, on one line, and hides nothing', () => {
    assert.equal(plainLine(' a\n\n b\u202e '), 'a b\ufffd');
    assert.equal(plainLine('x'.repeat(300), 10), 'xxxxxxxxx…');
});

// ---- commands ---------------------------------------------------------------------------------

const room = {name: 'room', required: false, schema: {$ref: '#/components/schemas/Room'}};
const method = (name, ...params) => ({name, summary: `${name}.`, params});
const document = {
    methods: [
        method('say'), method('hello'), method('rooms'), method('search'), method('edit'), method('react'), method('schedule'),
        method('topic', {$ref: '#/components/contentDescriptors/room'}, {name: 'topic', schema: {type: 'string'}}),
        method('nick', {name: 'nick', required: true, schema: {$ref: '#/components/schemas/Nick'}}),
        method('unschedule', {name: 'id', required: true, schema: {$ref: '#/components/schemas/Number'}}),
        method('brandnew', {name: 'count', required: true, schema: {type: 'integer'}}, {name: 'on', schema: {type: 'boolean'}}),
    ],
    components: {contentDescriptors: {room}},
};
const commands = commandsOf(document);

test('the commands are those that the server describes, and no other', () => {
    for (const name of ['me', 'reply', 'nick', 'topic', 'in', 'help', 'brandnew']) assert.ok(commands.has(name), name);
    for (const name of ['hello', 'say', 'msg', 'hex']) assert.ok(!commands.has(name), name);
    assert.equal(commands.get('brandnew').usage, '/brandnew NUMBER [on|off]');
    assert.deepEqual([...commandsOf(null).keys()], ['help']);
});

test('a command is read by what it takes', () => {
    const params = (text) => understand(text, commands, 7).params;
    assert.deepEqual(params('/nick ana'), {nick: 'ana'});
    assert.deepEqual(params('/topic a new one'), {topic: 'a new one'});
    assert.deepEqual(params('/topic'), {});
    assert.deepEqual(params('/me  waves\nand bows'), {action: true, body: 'waves\nand bows'});
    assert.deepEqual(params('/reply 3:41 yes, it is'), {reply_to: {epoch: 3, seq: 41}, body: 'yes, it is'});
    assert.deepEqual(params('/react 41 👍'), {target: {epoch: 7, seq: 41}, reaction: '👍'});
    assert.deepEqual(params('/in 10m tea'), {when: '10m', body: 'tea'});
    assert.deepEqual(params('/brandnew 3 off'), {count: 3, on: false});
});

test('what is no command says so, and what to do', () => {
    const error = (text) => understand(text, commands).error;
    assert.match(error('/nikc ana'), /no command \/nikc\. Did you mean \/nick\?/);
    assert.match(error('/zzzzzz'), /Type \/ to see all of them/);
    assert.match(error('/nick'), /missing: \/nick NICK/);
    assert.match(error('/unschedule x'), /“x” does not fit: \/unschedule NUMBER/);
    assert.match(error('/rooms now'), /“now” is too much/);
    assert.deepEqual(understand('//etc/motd', commands), {say: '/etc/motd'});
    assert.deepEqual(understand('3/4', commands), {say: '3/4'});
});

test('commands, people and rooms are completed', () => {
    const known = {commands, nicks: ['ana', 'Anton', 'bob'], rooms: ['lobby', 'dev']};
    assert.deepEqual(completions('/un', known).map(({text}) => text), ['/unschedule ']);
    assert.deepEqual(completions('@an', known).map(({text}) => text), ['ana: ', 'Anton: ']);
    assert.deepEqual(completions('see #d', known), [{from: 4, text: '#dev ', label: '#dev', hint: ''}]);
    assert.deepEqual(completions('mail a@b', known), []);
});

// ---- datagrams --------------------------------------------------------------------------------

test('bytes are shown eight to a line, in hex and as characters', () => {
    assert.deepEqual(hexLines('48 69 00 7f ff 41 42 43 44'), [
        {offset: '0000', hex: '48 69 00 7f ff 41 42 43', characters: 'Hi...ABC'},
        {offset: '0008', hex: '44'.padEnd(23), characters: 'D'},
    ]);
    assert.deepEqual(hexLines(''), []);
});

test('a rate is taken over the last two seconds', () => {
    assert.equal(rateOf([100, 4000, 5000, 5900], 6000), 1);
    assert.equal(rateOf([], 6000), 0);
});
