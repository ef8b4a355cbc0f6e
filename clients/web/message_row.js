// One row of the log: an item of a timeline as elements. What may be done with it is not decided
// here; buttons bear data-act, and log_view tells who listens.

import {avatar, h, tinted} from './dom.js';
import {render, shownText} from './rich_text.js';
import {clockTime, dayName, dayOf, exactTime} from './times.js';
import {plainLine} from './visible_text.js';

const groupMs = 5 * 60_000;  // lines of one author closer together than this share one head

/** How an item stands to the one before it: {head, day} and what a row of it depends on. */
export function standing(item, previous, context) {
    const day = !previous || dayOf(previous.time) !== dayOf(item.time);
    const said = item.kind === 'message' && !item.action;
    const follows = said && previous?.kind === 'message' && !previous.action && previous.from === item.from
        && item.time - previous.time < groupMs && !item.replyTo && !day;
    const fresh = context.freshFrom === item;
    const reply = item.replyTo ? context.quoted(item.replyTo)?.version ?? -1 : '';
    return {head: !follows, day, fresh, mark: `${item.version} ${+follows} ${+day} ${+fresh} ${reply} ${context.self}`};
}

function timeOf(item) {
    return h('time', {datetime: new Date(item.time).toISOString(), title: exactTime(item.time)}, clockTime(item.time));
}

const nickOf = (nick) => tinted(h('bdi.nick', {'data-act': 'person', 'data-nick': nick}, nick), nick);

function quote(item, context) {
    const quoted = context.quoted(item.replyTo);
    const text = quoted ? (quoted.removed ? 'taken back' : plainLine(quoted.body, 90)) : `message ${item.replyTo.seq}`;
    return h('button.quote', {type: 'button', 'data-act': 'jump', title: 'Show the message this answers'},
        h('span.quote-arrow', {'aria-hidden': 'true'}, '↩ '),
        quoted && h('bdi.quote-nick', {}, `${quoted.from} `), h('bdi', {}, text));
}

function reactions(item, context) {
    if (!item.reactions?.size) return null;
    const list = h('div.reactions', {role: 'group', 'aria-label': 'Reactions'});
    for (const [word, who] of [...item.reactions].slice(0, 40)) {
        const own = [...who].some((nick) => nick.toLowerCase() === context.self.toLowerCase());
        const names = [...who].slice(0, 20).join(', ');
        list.append(h('button.reaction', {
            type: 'button', 'data-act': 'react', 'data-word': word, 'aria-pressed': String(own),
            'aria-label': `${plainLine(word)}, ${who.size}: ${names}`, title: names,
        }, h('bdi.word', {}, ...shownText(word)), h('span.count', {}, String(who.size))));
    }
    return list;
}

function bodyOf(item, context) {
    if (item.removed) return h('div.body.removed', {}, 'Message taken back');
    const body = h('div.body', {dir: 'auto'});
    body.append(render(item.body, {self: context.isOwn(item.from) ? '' : context.self}));
    if (item.edited) body.append(' ', h('span.edited', {title: 'It was changed after it was said'}, '(edited)'));
    return body;
}

function messageLine(item, {head}, context) {
    if (item.action) {
        return h('div.line.action-line', {}, h('span.star', {'aria-hidden': 'true'}, '✳'),
            h('div.content', {}, item.replyTo && quote(item, context),
                h('div.action-body', {}, nickOf(item.from), ' ', bodyOf(item, context)), reactions(item, context)),
            timeOf(item));
    }
    const content = h('div.content', {},
        item.replyTo && quote(item, context),
        head && h('div.by', {}, nickOf(item.from), timeOf(item)),
        bodyOf(item, context), reactions(item, context));
    return h('div.line', {}, head ? avatar(item.from) : timeOf(item), content);
}

function gapLine(item) {
    const same = item.at.epoch === item.to.epoch;
    const count = same ? item.to.seq - item.at.seq + 1 : 0;
    const what = !same ? 'Some messages are missing here'
        : count === 1 ? 'One message is missing here' : `${count.toLocaleString()} messages are missing here`;
    return h('div.line.gap', {role: 'note'}, h('span.gap-mark', {'aria-hidden': 'true'}, '⋯'),
        h('span', {}, `${what}: they were never delivered to you`,
            same ? ` (number ${item.at.seq}${count > 1 ? ` to ${item.to.seq}` : ''}). ` : '. '),
        h('button.link', {type: 'button', 'data-act': 'fill'}, 'Look in the history'));
}

function noteLine(item) {
    return h('div.line.note', {role: 'note', 'data-tone': item.tone ?? 'plain'},
        h('div.note-body', {}, h('div.note-title', {}, ...shownText(item.title)),
            item.text && h('div.note-text', {dir: 'auto'}, ...shownText(item.text)),
            ...(item.again === undefined ? [] : [['again', 'Put it back into the box'], ['drop', 'Drop it']])
                .map(([act, text]) => h('button.link', {type: 'button', 'data-act': act}, text)),
            h('span.note-only', {}, 'Only you see this')));
}

function topicLine(item) {
    return h('div.line.topic-line', {}, nickOf(item.from), item.body === '' ? ' cleared the topic' : ' set the topic: ',
        item.body && h('bdi', {}, ...shownText(item.body)), ' ', timeOf(item));
}

/**
 * @param {import('./timeline.js').Item} item
 * @param {ReturnType<typeof standing>} how
 * @param {{self: string, isOwn: (nick: string) => boolean, quoted: (at: object) => object|undefined}} context
 */
export function messageRow(item, how, context) {
    const line = {message: messageLine, gap: gapLine, note: noteLine, topic: topicLine}[item.kind];
    const row = h(`div.row.is-${item.kind}${how.head ? '.head' : ''}`, {role: 'article', tabindex: '-1'});
    if (item.kind === 'message') {
        row.setAttribute('aria-label', `${item.from}, ${clockTime(item.time)}`);
        if (context.isOwn(item.from)) row.classList.add('own');
    }
    if (how.day) row.append(h('div.day', {}, h('span', {}, dayName(item.time))));
    if (how.fresh) row.append(h('div.fresh', {}, h('span', {}, 'New')));
    row.append(line(item, how, context));
    return row;
}

/** A line of one's own that the server has not acknowledged yet. */
export function pendingRow(line, nick, online) {
    const body = h('div.body', {dir: 'auto'});
    body.append(render(line.body));
    const state = online ? 'sending…' : 'waits for the connection';
    return h('div.row.head.pending', {role: 'article', 'aria-label': `${nick}, ${state}`},
        h('div.line', {}, avatar(nick), h('div.content', {},
            h('div.by', {}, tinted(h('bdi.nick', {}, nick), nick), h('span.sending', {}, state)), body)));
}
