// Before all else: a part of the page that did not arrive is asked for again, by loading the page
// anew. (Browsers keep connections ready; one that has waited too long may have been greeted as
// somebody with nc, and then its next request has no answer.)
'use strict';

window.addEventListener('error', ({target}) => {
    if (!['SCRIPT', 'LINK'].includes(target?.tagName)) return;
    const slot = 'chatd.again';
    const tries = Number(sessionStorage.getItem(slot) ?? 0);
    if (tries >= 3) return;
    sessionStorage.setItem(slot, String(tries + 1));
    setTimeout(() => location.reload(), tries * 1000);
}, true);
