// What cannot be seen must not act: control characters, bidi overrides and zero-width characters
// are found here, so that the page shows each as a small mark instead of obeying it.

// Unicode 15: Cc, bidi controls (UAX 9), default-ignorable characters (UAX 44) but for variation
// selectors, which emoji need.
const hidden = new RegExp(
    '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5'
    + '\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0'
    + '\\ufff0-\\ufffc\\ufffe\\uffff\\u{e0000}-\\u{e0fff}]', 'u');
const hiddenOrFlag = new RegExp(`\\u{1f3f4}[\\u{e0020}-\\u{e007e}]{1,8}\\u{e007f}|${hidden.source}`, 'gu');

const joiner = '\u200d';
const nonJoiner = '\u200c';
const joinsBefore = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]$/u;
const joinsAfter = /^\p{Extended_Pictographic}/u;
const cursiveBefore = /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Telugu}\p{Script=Sinhala}\p{M}]$/u;

const names = new Map([
    [0x00ad, 'soft hyphen'], [0x061c, 'Arabic letter mark'], [0x200b, 'zero-width space'],
    [0x200c, 'zero-width non-joiner'], [0x200d, 'zero-width joiner'],
    [0x200e, 'left-to-right mark'], [0x200f, 'right-to-left mark'], [0x2028, 'line separator'],
    [0x2029, 'paragraph separator'], [0x202a, 'left-to-right embedding'],
    [0x202b, 'right-to-left embedding'], [0x202c, 'end of direction'],
    [0x202d, 'left-to-right override'], [0x202e, 'right-to-left override'],
    [0x2060, 'word joiner'], [0x2066, 'left-to-right isolate'], [0x2067, 'right-to-left isolate'],
    [0x2068, 'first strong isolate'], [0x2069, 'end of isolate'], [0xfeff, 'byte order mark'],
]);

/** True where the character at `index` joins what stands around it, as in 👩‍💻 or Persian. */
function joins(text, index) {
    const before = text.slice(Math.max(0, index - 3), index);
    if (text[index] === joiner && joinsBefore.test(before)) return joinsAfter.test(text.slice(index + 1, index + 3));
    return cursiveBefore.test(before);
}

/** 'U+202E' of a character. */
export function codeOf(character) {
    return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * Cuts a text into what can be seen and what cannot.
 * @param {string} text
 * @returns {Array<{text: string} | {code: string, name: string}>} marks have code and name
 */
export function visibleParts(text) {
    const parts = [];
    let shown = 0;
    for (const match of text.matchAll(hiddenOrFlag)) {
        const found = match[0];
        if (found.length > 2) continue;  // the flag of a region
        if ((found === joiner || found === nonJoiner) && joins(text, match.index)) continue;
        if (match.index > shown) parts.push({text: text.slice(shown, match.index)});
        parts.push({code: codeOf(found), name: names.get(found.codePointAt(0)) ?? 'control character'});
        shown = match.index + found.length;
    }
    if (shown < text.length) parts.push({text: text.slice(shown)});
    return parts;
}

/** A text for places that show one line and no marks: titles, notifications, labels. */
export function plainLine(text, lengthMax = 200) {
    const line = visibleParts(text.slice(0, lengthMax * 2)).map((part) => part.text ?? '\ufffd').join('')
        .replace(/\s+/g, ' ').trim();
    return line.length > lengthMax ? `${line.slice(0, lengthMax - 1)}…` : line;
}

export const hiddenCharacter = hidden;
