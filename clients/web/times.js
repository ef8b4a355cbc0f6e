// Times as people write them, in the reader's language and zone.

const clock = new Intl.DateTimeFormat(undefined, {hour: 'numeric', minute: '2-digit'});
const exact = new Intl.DateTimeFormat(undefined, {dateStyle: 'full', timeStyle: 'medium'});
const weekday = new Intl.DateTimeFormat(undefined, {weekday: 'long', day: 'numeric', month: 'long'});
const otherYear = new Intl.DateTimeFormat(undefined, {day: 'numeric', month: 'long', year: 'numeric'});

export const clockTime = (time) => clock.format(time);
export const exactTime = (time) => exact.format(time);

/** Equal for two times of one day here. */
export function dayOf(time) {
    const date = new Date(time);
    return date.getFullYear() * 10000 + date.getMonth() * 100 + date.getDate();
}

export function dayName(time, now = Date.now()) {
    if (dayOf(time) === dayOf(now)) return 'Today';
    if (dayOf(time) === dayOf(now - 86_400_000)) return 'Yesterday';
    return new Date(time).getFullYear() === new Date(now).getFullYear() ? weekday.format(time) : otherYear.format(time);
}

/** '0.4 ms', '12 ms', '1.2 s' */
export function duration(ms) {
    if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
    return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
