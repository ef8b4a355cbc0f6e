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

/**
 * Puts `entries` into a list. Each has a data-key; one that is there already stays the element it
 * is, and with it the focus, a click that has begun and a selection. Where the one with the focus
 * is gone, the next has it.
 */
export function refill(list, entries) {
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    const place = focused ? [...list.children].findIndex((child) => child.contains(focused)) : 0;
    const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
    const wanted = entries.map((entry) => {
        const old = known.get(entry.dataset.key);
        return old ? become(old, entry) : entry;
    });
    const stays = new Set(wanted);
    for (const child of [...list.children]) if (!stays.has(child)) child.remove();
    wanted.forEach((child, index) => {
        if (list.children[index] !== child) list.insertBefore(child, list.children[index] ?? null);
    });
    if (!focused || document.activeElement === focused) return;
    const heir = list.contains(focused) ? focused : list.children[Math.min(place, wanted.length - 1)]?.querySelector('button');
    heir?.focus({preventScroll: true});
}

/** Changes an element into the likes of another, where they differ; the element. */
function become(old, fresh) {
    if (old.isEqualNode(fresh)) return old;
    for (const name of old.getAttributeNames()) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const {name, value} of fresh.attributes) {
        if (name === 'style') old.style.cssText = fresh.style.cssText;  // as an attribute the policy forbids it
        else if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    const parts = [...fresh.childNodes];
    const alike = parts.length === old.childNodes.length
        && parts.every((part, index) => part.nodeName === old.childNodes[index].nodeName);
    if (!alike) old.replaceChildren(...parts);
    else parts.forEach((part, index) => {
        if (part.nodeType === 1) become(old.childNodes[index], part);
        else if (old.childNodes[index].data !== part.data) old.childNodes[index].data = part.data;
    });
    return old;
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
