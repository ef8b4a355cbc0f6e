// Before all else: a part of the page that did not arrive is asked for again, by loading the page
// anew. (Browsers keep connections ready; one that has waited too long may have been greeted as
// somebody with nc, and then its next request has no answer.) It counts in the history's state,
// which outlives a reload and is there where storage is forbidden.
'use strict';

window.addEventListener('error', ({target}) => {
    if (!['SCRIPT', 'LINK'].includes(target?.tagName)) return;
    const tries = history.state?.again ?? 0;
    if (tries >= 3) return;
    history.replaceState({again: tries + 1}, '');
    setTimeout(() => location.reload(), tries * 1000);
}, true);
