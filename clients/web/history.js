// Pages of history, one at a time for each conversation.

const pageMax = 400;       // events of one page, of at most 500
const retryMs = 1000;
const around = 60;         // messages that are shown before the one that was asked for

export class History {
    /**
     * @param {(method: string, params: object) => Promise<object>} call
     * @param {() => boolean} online  nothing is asked while offline
     */
    constructor(call, model, online) {
        Object.assign(this, {call, model, online});
        this.loading = new Map();   // conversation → promise
        this.failed = new Map();    // conversation → ms until which it is not asked again
    }

    isLoading(conversation) { return this.loading.has(conversation); }

    /** What was said last. `anew` gives up what is here, to stand at the end. */
    newest(conversation, anew = false) {
        return this.ask(conversation, {}, 'newest', anew);
    }

    older(conversation) {
        const {first} = conversation.timeline;
        return this.ask(conversation, first ? {before: first} : {}, first ? 'before' : 'newest');
    }

    newer(conversation) {
        return this.ask(conversation, {after: conversation.timeline.last}, 'after');
    }

    around(conversation, at) {
        return this.ask(conversation, {after: {epoch: at.epoch, seq: Math.max(0, at.seq - around)}}, 'around');
    }

    async start(conversation) {
        const done = await this.ask(conversation, {after: {epoch: 1, seq: 0}}, 'around');
        if (done) conversation.timeline.atStart = true;
        return done;
    }

    /** Resolves with whether the page came. */
    async ask(conversation, params, which, anew = false) {
        if (conversation.kind !== 'room' || !this.online()) return false;
        if (this.loading.has(conversation)) await this.loading.get(conversation);
        if ((this.failed.get(conversation) ?? 0) > Date.now()) return false;
        const asked = this.load(conversation, params, which, anew);
        this.loading.set(conversation, asked);
        const done = await asked;
        this.loading.delete(conversation);
        this.model.changed.tell(conversation, 'lines');
        return done;
    }

    async load(conversation, params, which, anew) {
        try {
            const page = await this.call('history', {room: conversation.name, limit: pageMax, ...params});
            if (anew) conversation.timeline.clear();
            conversation.timeline.page(which, page.events, page.more);
            conversation.loaded = true;
            return true;
        } catch {
            this.failed.set(conversation, Date.now() + retryMs);  // cut off, or the store is troubled
            setTimeout(() => this.model.changed.tell(conversation, 'lines'), retryMs + 1);
            return false;
        }
    }
}
