// Elements made from values. Text only ever becomes a text node, so nothing that somebody wrote is
// read as markup.

/**
 * h('button.primary', {type: 'button', 'aria-label': 'Send', onclick: send}, 'Send')
 * @param {string} what  tag and classes: 'span.nick.own'
 * @param {object} [options]  attributes; on… are listeners; false, null and undefined are left out
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElement}
 */
export function h(what, options = {}, ...children) {
    const [tag, ...classes] = what.split('.');
    const element = document.createElement(tag);
    if (classes.length > 0) element.className = classes.join(' ');
    for (const [name, value] of Object.entries(options)) {
        if (value === false || value === null || value === undefined) continue;
        if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
        else element.setAttribute(name, value === true ? '' : String(value));
    }
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
    return element;
}

export const byId = (id) => document.getElementById(id);

/** Runs `work` once in the next frame, however often it is asked for until then. */
export function onNextFrame(work) {
    let waits = false;
    return () => {
        if (waits) return;
        waits = true;
        requestAnimationFrame(() => {
            waits = false;
            work();
        });
    };
}

/** The hue of a name, 0 to 359: the same name, in any case, always has the same. */
export function hueOf(name) {
    let hash = 2166136261;
    for (const unit of name.toLowerCase()) hash = Math.imul(hash ^ unit.codePointAt(0), 16777619);
    return (hash >>> 0) % 360;
}

/** An element coloured by a name; the colours themselves stand in the style sheet. */
export function tinted(element, name) {
    element.style.setProperty('--hue', String(hueOf(name)));
    return element;
}

/** The round picture of a name: its first letter. */
export function avatar(name) {
    return tinted(h('span.avatar', {'aria-hidden': 'true'}, name.slice(0, 1).toUpperCase()), name);
}

/** Moves the focus among the children of a list by arrow keys, Home and End. */
export function arrowKeys(list, selector) {
    list.addEventListener('keydown', (event) => {
        const items = [...list.querySelectorAll(selector)];
        const at = items.indexOf(document.activeElement);
        const next = {
            ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1,
        }[event.key];
        if (at < 0 || next === undefined || event.altKey || !items[next]) return;
        event.preventDefault();
        items[next].focus();
    });
}
