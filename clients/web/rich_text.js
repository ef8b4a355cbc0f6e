// A body as tokens (parse, a pure function) and as elements (render): links, code, mentions.

import {h} from './dom.js';
import {hiddenCharacter, visibleParts} from './visible_text.js';

const linkLengthMax = 2048;  // characters; longer ones stay text
export const shownLengthMax = 8000;  // characters of a body that are shown before one asks for all

const hiddenInside = hiddenCharacter.source.slice(1, -1);
const pieces = new RegExp(
    '```(?:[\\w+#.-]{0,20}\\n)?(?<block>[\\s\\S]*?)```'
    + '|`(?<code>[^`\\n]+)`'
    + `|(?<link>\\bhttps?:\\/\\/[^\\s<>"'\`${hiddenInside}]+)`, 'giu');

/** The link without the punctuation of the sentence around it; `)` stays where it closes one. */
function trimLink(found) {
    let end = found.length;
    let open = [...found].reduce((sum, c) => sum + (c === '(') - (c === ')'), 0);
    while (end > 0) {
        const last = found[end - 1];
        if (last === ')' && open < 0) open += 1;
        else if (!'.,;:!?\'"*_~]}'.includes(last)) break;
        end -= 1;
    }
    return found.slice(0, end);
}

/** The address a link leads to, or null: http and https alone, and no name or password in it. */
export function safeAddress(text) {
    if (text.length > linkLengthMax) return null;
    try {
        const address = new URL(text);
        const web = address.protocol === 'http:' || address.protocol === 'https:';
        return web && address.hostname !== '' && address.username === '' && address.password === '' ? address : null;
    } catch {
        return null;
    }
}

function pushWords(tokens, text, self) {
    if (text === '') return;
    if (!self) {
        tokens.push({kind: 'text', text});
        return;
    }
    const name = self.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const parts = text.split(new RegExp(`(?<![\\w.-])(@?${name})(?![\\w-])`, 'giu'));
    parts.forEach((part, index) => {
        if (part !== '') tokens.push({kind: index % 2 === 1 ? 'mention' : 'text', text: part});
    });
}

/**
 * @param {string} body
 * @param {string} [self]  the reader's nick: where it stands alone is a mention
 * @returns {Array<{kind: 'text'|'code'|'block'|'link'|'mention', text: string, href?: string, host?: string}>}
 */
export function parse(body, self = '') {
    const text = body.replace(/\r\n/g, '\n');
    const tokens = [];
    let done = 0;
    for (const match of text.matchAll(pieces)) {
        const {block, code, link} = match.groups;
        let length = match[0].length;
        let token;
        if (block !== undefined) {
            token = {kind: 'block', text: block.replace(/\n$/, '')};
        } else if (code !== undefined) {
            token = {kind: 'code', text: code};
        } else {
            const shown = trimLink(link.slice(0, linkLengthMax + 1));
            const address = safeAddress(shown);
            if (address === null) continue;
            length = shown.length;
            // What the eye takes for another site is spelled out.
            const host = shown.toLowerCase().includes(address.hostname) ? undefined : address.hostname;
            token = {kind: 'link', text: shown, href: address.href, host};
        }
        pushWords(tokens, text.slice(done, match.index), self);
        tokens.push(token);
        done = match.index + length;
    }
    pushWords(tokens, text.slice(done), self);
    return tokens;
}

/** True if a body names `self`. */
export const mentions = (body, self) => parse(body, self).some((token) => token.kind === 'mention');

/** A text in which nothing is hidden: text nodes and marks. */
export function shownText(text) {
    return visibleParts(text).map((part) => part.text
        ?? h('span.hidden-mark', {title: `${part.code}, ${part.name}`}, part.code.slice(2)));
}

function elementOf(token) {
    switch (token.kind) {
        case 'block': return h('pre.block', {tabindex: '0', dir: 'auto'}, h('code', {}, ...shownText(token.text)));
        case 'code': return h('code', {dir: 'auto'}, ...shownText(token.text));
        case 'mention': return h('mark.mention', {}, token.text);
        case 'link': {
            const link = h('a', {
                href: token.href, target: '_blank', rel: 'noopener noreferrer nofollow', dir: 'auto', title: token.href,
            }, token.text);
            if (token.host) link.append(h('span.host', {}, ` (${token.host})`));
            return link;
        }
        default: return null;
    }
}

/**
 * A body as a fragment.
 * @param {string} body
 * @param {{self?: string, all?: boolean}} [options]  all: however long it is
 */
export function render(body, {self = '', all = false} = {}) {
    const fragment = document.createDocumentFragment();
    const cut = !all && body.length > shownLengthMax;
    for (const token of parse(cut ? body.slice(0, shownLengthMax) : body, self)) {
        fragment.append(...(token.kind === 'text' ? shownText(token.text) : [elementOf(token)]));
    }
    if (cut) {
        const more = h('button.link', {type: 'button'}, `… show all ${body.length.toLocaleString()} characters`);
        more.addEventListener('click', () => more.parentNode.replaceChildren(render(body, {self, all: true})));
        fragment.append(' ', more);
    }
    return fragment;
}

/** Text with U+E000 and U+E001 around what was found, as the server's search gives it. */
export function renderExcerpt(excerpt) {
    const fragment = document.createDocumentFragment();
    for (const [index, part] of excerpt.split(/[\ue000\ue001]/).entries()) {
        fragment.append(...(index % 2 === 1 ? [h('mark', {}, ...shownText(part))] : shownText(part)));
    }
    return fragment;
}
