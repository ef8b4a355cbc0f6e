// Round trip and rate of messages over the last minutes: one sample a second in, a picture out.

const samplesMax = 300;    // seconds

/** A ring of samples; null where nothing is known. */
export class Series {
    constructor() { this.values = []; }

    push(value) {
        this.values.push(value);
        if (this.values.length > samplesMax) this.values.shift();
    }

    get max() { return this.values.reduce((most, value) => Math.max(most, value ?? 0), 0); }
}

/** The next 1, 2 or 5 times a power of ten that is not below. */
export function niceCeiling(value) {
    if (!(value > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(value));
    return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

function path(context, values, {width, height, top, ceiling}) {
    const step = width / (samplesMax - 1);
    const first = samplesMax - values.length;
    let drawn = false;
    context.beginPath();
    values.forEach((value, index) => {
        if (value === null) {
            drawn = false;
            return;
        }
        const x = (first + index) * step;
        const y = top + height - (Math.min(value, ceiling) / ceiling) * height;
        if (drawn) context.lineTo(x, y);
        else context.moveTo(x, y);
        drawn = true;
    });
}

/**
 * Draws bars for the rate and a line for the round trip, each to its own scale.
 * @param {HTMLCanvasElement} canvas
 * @param {{rtt: Series, rate: Series}} series
 */
export function draw(canvas, {rtt, rate}) {
    const ratio = window.devicePixelRatio || 1;
    const {clientWidth: width, clientHeight: height} = canvas;
    if (width === 0) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d');
    const style = getComputedStyle(canvas);
    context.scale(ratio, ratio);
    context.lineJoin = 'round';
    const half = height / 2;
    const ceilings = {rtt: niceCeiling(rtt.max), rate: niceCeiling(rate.max)};
    const place = {width, height: half - 4};

    context.strokeStyle = style.getPropertyValue('--line');
    context.lineWidth = 1;
    for (const y of [half - 0.5, height - 0.5]) {
        context.beginPath();
        context.moveTo(0, y);
        context.lineTo(width, y);
        context.stroke();
    }
    context.strokeStyle = style.getPropertyValue('--graph-rtt');
    context.lineWidth = 1.5;
    path(context, rtt.values, {...place, top: 2, ceiling: ceilings.rtt});
    context.stroke();

    context.fillStyle = style.getPropertyValue('--graph-rate');
    const step = width / samplesMax;
    rate.values.forEach((value, index) => {
        const tall = ((value ?? 0) / ceilings.rate) * (half - 4);
        context.fillRect((samplesMax - rate.values.length + index) * step, height - 1 - tall, Math.max(step - 0.3, 0.7), tall);
    });
}
