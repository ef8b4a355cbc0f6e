// A chatd of a test's own, on a port and a state directory of its own. It ends with the test: by
// stop(), or with this process (setpriv --pdeathsig).

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

// One that the kernel gives to nobody who dials: else somebody may have it before the next start.
function steadyPort() {
    const [lowest] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t').map(Number);
    return 10_000 + Math.floor(Math.random() * (lowest - 10_000));
}

export class Chatd {
    #state = mkdtempSync(join(tmpdir(), 'chatd-web-'));
    #process = null;
    port = steadyPort();

    get url() { return `ws://127.0.0.1:${this.port}/ws`; }

    /** Starts it, on the same port and state as before. */
    async start() {
        const flags = ['--tcp', `127.0.0.1:${this.port}`, '--udp', '127.0.0.1:0', '--state', this.#state];
        const more = (process.env.CHATD_FLAGS ?? '').split(' ').filter(Boolean);
        this.#process = spawn('setpriv', ['--pdeathsig', 'KILL', process.env.CHATD, ...more, ...flags],
                              {stdio: ['ignore', 'pipe', 'pipe']});
        let log = '';
        const found = new Promise((resolve, reject) => {
            const read = (data) => {
                log += data;
                const match = /\bready\b.*\btcp=127\.0\.0\.1:(\d+)/.exec(log);
                if (match) resolve(Number(match[1]));
            };
            this.#process.stdout.on('data', read);
            this.#process.stderr.on('data', read);
            this.#process.on('exit', () => reject(new Error(`chatd did not become ready:\n${log}`)));
        });
        this.port = await found;
        return this;
    }

    /** Ends it by this signal, and waits until it has. */
    async end(signal = 'SIGTERM') {
        const ended = once(this.#process, 'exit');
        this.#process.kill(signal);
        await ended;
    }

    /** SIGSTOP and SIGCONT: it stands still, and goes on. */
    signal(signal) { this.#process.kill(signal); }

    /** All that it had kept is gone at the next start. */
    forget() { rmSync(this.#state, {recursive: true}); }

    async stop() {
        await this.end();
        this.forget();
    }
}
