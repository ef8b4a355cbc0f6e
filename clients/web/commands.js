// Slash commands: which there are is what the server's own description (/rpc/openrpc.json) says;
// how they are written is that of the text dialect (PROTOCOL.md 3). Values in, values out.

// Methods that the page itself speaks, or that people have another word for here.
const unspoken = new Set(['hello', 'resume', 'say', 'typing', 'read', 'notices', 'history', 'quit',
    'datagram', 'datagrams', 'schedule', 'msg', 'edit', 'redact', 'react', 'search', 'join']);

// name, method, what it takes, summary. A `+` takes the rest of the line, a `?` may be missing.
const spoken = [
    ['me', 'say', 'body:text+', 'Says what you do: /me waves.', {action: true}],
    ['join', 'join', 'room:word', null],
    ['msg', 'msg', 'nick:word body:text+', null],
    ['reply', 'say', 'reply_to:position body:text+', 'Answers message number N.'],
    ['edit', 'edit', 'target:position body:text+', null],
    ['redact', 'redact', 'target:position', null],
    ['react', 'react', 'target:position reaction:word', null],
    ['search', 'search', 'query:text+', null],
    ['hex', 'datagram', 'hex:text+', null],
    ['dgram', 'datagrams', 'hz:hz?', 'Shows the live datagrams of the lobby, or no more: /dgram off.'],
    ['in', 'schedule', 'when:duration body:text+', 'Says a line later: /in 10m tea is ready.'],
    ['at', 'schedule', 'when:word body:text+', 'Says a line at a time: /at 18:00 dinner.'],
    ['every', 'schedule', 'every:duration body:text+', 'Says a line again and again: /every 1d standup.'],
];

const wordOf = {
    duration: 'DURATION', position: 'N', number: 'NUMBER', flag: 'on|off', hz: 'on|off|HZ',
};

function parameter(text) {
    const [, name, type, sign] = /^(\w+):(\w+)([+?]?)$/.exec(text);
    return {name, type, rest: sign === '+', required: sign !== '?'};
}

/** The type of a parameter of the description. */
function typeOf(schema = {}) {
    const reference = schema.$ref?.split('/').at(-1) ?? '';
    if (reference === 'Position' || reference === 'Target') return 'position';
    if (schema.type === 'integer' || ['Number', 'NumberOrZero', 'Count'].includes(reference)) return 'number';
    return schema.type === 'boolean' ? 'flag' : schema.type === 'object' || schema.type === 'array' ? null : 'word';
}

function described(method, resolve) {
    const takes = method.params.map(resolve).map((param) => ({
        name: param.name, type: typeOf(param.schema), required: param.required === true, rest: false,
    })).filter((param) => param.type !== null && param.name !== 'room');
    if (takes.at(-1)?.type === 'word') takes.at(-1).rest = true;
    return takes;
}

/**
 * The commands of a server.
 * @param {object} document  its OpenRPC description
 * @returns {Map<string, {name, method, takes, fixed, summary, usage}>}
 */
export function commandsOf(document) {
    const methods = new Map((document?.methods ?? []).map((method) => [method.name, method]));
    const resolve = (param) => (param.$ref ? document.components.contentDescriptors[param.$ref.split('/').at(-1)] : param);
    const commands = new Map();
    const add = (name, method, takes, summary, fixed = {}) => {
        const usage = [`/${name}`, ...takes.map((param) => {
            const word = param.name === 'body' ? 'TEXT' : wordOf[param.type] ?? param.name.toUpperCase();
            return param.required ? word : `[${word}]`;
        })].join(' ');
        commands.set(name, {name, method, takes, fixed, summary, usage});
    };
    for (const [name, method, takes, summary, fixed] of spoken) {
        if (methods.has(method)) add(name, method, takes.split(' ').map(parameter), summary ?? methods.get(method).summary, fixed);
    }
    for (const [name, method] of methods) {
        if (!unspoken.has(name)) add(name, name, described(method, resolve), method.summary);
    }
    add('help', null, [], 'Shows the shortcuts and how others can join.');
    return new Map([...commands].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const readers = {
    word: (text) => text,
    text: (text) => text,
    duration: (text) => text,
    number: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
    flag: (text) => ({on: true, off: false})[text],
    hz: (text) => ({on: 10, off: 0})[text] ?? readers.number(text),
    position: (text, epoch) => {
        const match = /^(?:(\d{1,15}):)?(\d{1,15})$/.exec(text);
        return match ? {epoch: Number(match[1] ?? epoch), seq: Number(match[2])} : undefined;
    },
};

/** How many letters must change between two words, up to 3. */
function distance(a, b) {
    let row = Array.from({length: b.length + 1}, (_, index) => index);
    for (let i = 1; i <= a.length; i += 1) {
        const next = [i];
        for (let j = 1; j <= b.length; j += 1) {
            next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
        }
        row = next;
    }
    return row.at(-1);
}

function unknown(name, commands) {
    const near = [...commands.keys()].map((other) => [distance(name, other), other]).sort((a, b) => a[0] - b[0])[0];
    const hint = near && near[0] <= 2 ? ` Did you mean /${near[1]}?` : '';
    return `There is no command /${name.slice(0, 32)}.${hint} Type / to see all of them; // begins a line with a slash.`;
}

/**
 * What a text in the box means.
 * @param {string} text
 * @param {Map} commands
 * @param {number} epoch  that positions without one are of
 * @returns {{say: string} | {error: string} | {name: string, method: string|null, params: object}}
 */
export function understand(text, commands, epoch = 1) {
    if (!text.startsWith('/')) return {say: text};
    if (text.startsWith('//')) return {say: text.slice(1)};
    const [, name, rest] = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
    const command = commands.get(name.toLowerCase());
    if (!command) return {error: unknown(name.toLowerCase(), commands)};
    const params = {...command.fixed};
    let left = rest.trim();
    for (const {name: key, type, rest: takesRest, required} of command.takes) {
        const [word] = /^\S*/.exec(left);
        const found = takesRest ? left : word;
        if (found === '') {
            if (required) return {error: `Something is missing: ${command.usage}`};
            continue;
       }
        const value = readers[type](found, epoch);
        if (value === undefined) return {error: `“${found.slice(0, 40)}” does not fit: ${command.usage}`};
        params[key] = value;
        left = takesRest ? '' : left.slice(word.length).trim();
    }
    if (left !== '') return {error: `“${left.slice(0, 40)}” is too much: ${command.usage}`};
    return {name: command.name, method: command.method, params};
}

/** What fits what is being typed: commands, people or rooms. */
export function completions(before, {commands, nicks, rooms}) {
    const command = /^\/([\w-]*)$/.exec(before);
    if (command) {
        return [...commands.values()].filter(({name}) => name.startsWith(command[1].toLowerCase()))
            .map(({name, usage, summary}) => ({from: 0, text: `/${name} `, label: usage, hint: summary}));
    }
    const word = /(^|\s)([@#])([\w.-]*)$/.exec(before);
    if (!word) return [];
    const [, , sign, begun] = word;
    const from = before.length - begun.length - 1;
    const fits = (name) => name.toLowerCase().startsWith(begun.toLowerCase());
    const names = sign === '@' ? nicks : rooms;
    return names.filter(fits).slice(0, 8).map((name) => ({
        from,
        text: sign === '@' ? `${name}${from === 0 ? ': ' : ' '}` : `#${name} `,
        label: sign + name,
        hint: '',
    }));
}
