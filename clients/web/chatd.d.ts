// Types of chatd.js. Shapes are those of PROTOCOL.md 13 and 14, and of /rpc/openrpc.json.

export interface Position { epoch: number; seq: number }

/** Where and as what something was said. `id` is a UUID of version 7, `ts` RFC 3339. */
export interface Said extends Position { room: string; id: string; ts: string; repeated?: boolean }

export interface NumberedEvent extends Said { from: string; key?: string }
export interface MessageEvent extends NumberedEvent {
    body: string;
    action?: boolean;
    reply_to?: Position;
    /** It was taken back since; `body` is empty. */
    removed?: boolean;
}
export interface EditedEvent extends NumberedEvent { target: Position; body: string }
export interface RedactedEvent extends NumberedEvent { target: Position }
export interface ReactedEvent extends NumberedEvent { target: Position; reaction: string; off?: boolean }
export interface TopicEvent extends NumberedEvent { topic: string }
export interface PrivateEvent { from: string; body: string; ts: string }
/** One by name, or `count` of them, with `people` there since. */
export interface MovedEvent { room: string; from?: string; count?: number; people?: number }
export interface LeftEvent extends MovedEvent { reason?: string }
export interface RenamedEvent { room: string; from: string; nick: string }
export interface TypingEvent { room: string; from: string; on: boolean }
export interface ReadEvent extends Position { room: string; from: string }
/** The numbers `from` to `to` of an epoch will never come. */
export interface GapEvent { room: string; epoch: number; from: number; to: number }
export interface DatagramEvent { room: string; from: string; number?: number; bytes: number; hex: string }
/** Of the server, or of the Chat: a nick or room it could not have, STORAGE that is full. */
export interface NoticeEvent { code: string; text: string }

export type State = 'connecting' | 'resuming' | 'online' | 'offline' | 'closed';
export interface StateEvent {
    state: State;
    /** How often connecting failed since it last held for a while. */
    attempt: number;
    /** When offline: in how many milliseconds the next attempt begins. */
    retryInMs: number;
    /** When offline or closed: why, in words. */
    reason: string;
    /** When closed. */
    error?: ChatError;
}

/** Where a room stands, after entering it. */
export interface Standing extends Position {
    room: string;
    others: number;
    topic: string;
    /** Only where one had read something: whether all that followed it comes now. */
    recovered?: boolean;
    /** What never will, if not. */
    missing?: { from: Position; to: Position };
}
/** Once each time one gets online, before what was missed. `resumed`: as whom one was before. */
export interface ResumedEvent { nick: string; resumed: boolean; rooms: Standing[] }

export interface PendingLine {
    key: string;
    room: string;
    body: string;
    action: boolean;
    replyTo?: Position;
}
export interface RefusedEvent extends PendingLine { error: ChatError }

export interface ChatEvents {
    state: StateEvent;
    resumed: ResumedEvent;
    message: MessageEvent;
    private: PrivateEvent;
    edited: EditedEvent;
    redacted: RedactedEvent;
    reacted: ReactedEvent;
    topic: TopicEvent;
    joined: MovedEvent;
    left: LeftEvent;
    renamed: RenamedEvent;
    typing: TypingEvent;
    read: ReadEvent;
    gap: GapEvent;
    datagram: DatagramEvent;
    notice: NoticeEvent;
    draining: { reconnect_after_ms: number };
    /** All lines not yet acknowledged, whenever that changes. */
    pending: PendingLine[];
    /** A line that will not be said. */
    refused: RefusedEvent;
    /** Milliseconds of the newest ping. */
    rtt: number;
}

/** `code` is a word of PROTOCOL.md 3, or OFFLINE, LOST, CLOSED, FULL, INVALID_PARAMS, UNKNOWN_METHOD. */
export class ChatError extends Error {
    constructor(code: string, message: string,
                more?: { retry?: boolean; retryAfterMs?: number; detail?: string });
    readonly code: string;
    /** Whether the same may succeed later. */
    readonly retry: boolean;
    /** When, if that is known; else 0. */
    readonly retryAfterMs: number;
    /** What was wrong exactly, or ''. */
    readonly detail: string;
}

export interface KeyValueStorage {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
    /** What was written last by whomever, where getItem prefers what one wrote oneself. */
    getShared?(key: string): string | null;
}

/** The part of a browser's WebSocket that is used. */
export interface SocketLike {
    onopen: ((event: any) => void) | null;
    onmessage: ((event: any) => void) | null;
    onerror: ((event: any) => void) | null;
    onclose: ((event: any) => void) | null;
    send(text: string): void;
    close(code?: number): void;
    terminate?(): void;
}

export interface ChatOptions {
    /** ws:, wss:, http: or https:; in a page also relative to it, and by default its own /ws. */
    url?: string | URL;
    /** Without one a guest's. One that is taken ends the first connect() with NICK_IN_USE. */
    nick?: string;
    /** To enter the first time; afterwards those one is in count. Default: lobby. */
    rooms?: string[];
    /** Default: sessionStorage, which a tab has for itself (a duplicated tab is the same person,
     *  connected twice); outside of a page nothing is kept. On Node: fileStorage(path). */
    storage?: KeyValueStorage;
    /** Where the lines not yet said lie; default: `storage`. For several Chats that are one person:
     *  each says its own lines. */
    lines?: KeyValueStorage;
    /** Tells Chats on one storage and server apart. Default: chatd. */
    name?: string;
    /** Whether joined, left and renamed are told. */
    notices?: boolean;
    slowReader?: 'backfill' | 'oldest' | 'latest' | 'close';
    /** Go on as a guest if the nick is taken. */
    guest?: boolean;
    /** Attempt n waits a random part of min(cap, base * 2^(n-1)) ms, and after `max` of them it is
     *  given up; a connection that held for `stable` ms begins anew.
     *  Default: {max: 200, base: 250, cap: 36000, stable: 5000}. */
    retry?: { max?: number; base?: number; cap?: number; stable?: number };
    /** A ping each `interval` ms; anything heard within `timeout` ms of it counts as an answer.
     *  Default: {interval: 15000, timeout: 10000}. */
    keepalive?: { interval?: number; timeout?: number };
    /** Milliseconds from dialling until online. Default: 10000. */
    dialTimeout?: number;
    /** On Node before 22: that of npm's ws. */
    WebSocket?: new (url: string, protocol: string) => SocketLike;
    /** For tests. */
    clock?: {
        now(): number;
        date(): number;
        setTimeout(act: () => void, delay: number): any;
        clearTimeout(timer: any): void;
    };
    /** For tests. */
    random?: () => number;
}

export const limits: {
    readonly pendingLines: number;
    readonly pendingUnits: number;
    readonly bodyBytes: number;
    readonly linesInFlight: number;
    readonly keyAge: number;
    readonly calls: number;
    readonly keysSeen: number;
    readonly requestBytes: number;
};

export class Chat {
    constructor(options?: ChatOptions);
    readonly nick: string;
    readonly state: State;
    readonly rtt: number | null;
    /** Room -> the last position that was told. */
    readonly rooms: Map<string, Position>;
    readonly pending: PendingLine[];

    on<Name extends keyof ChatEvents>(event: Name, listener: (value: ChatEvents[Name]) => void): () => void;
    off<Name extends keyof ChatEvents>(event: Name, listener: (value: ChatEvents[Name]) => void): void;

    /** Connects, and stays connected; while it waits for the next attempt, this begins it. */
    connect(): Promise<ResumedEvent>;
    /** Without a storage nobody can come back: then the nick is free. */
    close(): void;
    /** Who one was is nobody any more. */
    forget(): void;

    /** Rejects with a ChatError: the server's refusal, FULL, or CLOSED (the line stays kept). */
    say(room: string, body: string, how?: {
        action?: boolean;
        replyTo?: Position;
        /** That of a line which another Chat had kept, so that it is said once. */
        key?: string;
    }): Promise<Said>;
    /** Lets go of a line: it is not sent again. True if it was pending. */
    unsay(key: string): boolean;
    /** Rejects with a ChatError: the server's refusal, FULL, OFFLINE, or LOST (nobody knows). */
    call(method: string, params?: object): Promise<any>;
}
