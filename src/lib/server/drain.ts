import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Admission } from './http/admission.js';

/** How often connections that have become idle are looked for while the last requests finish. */
const sweepMs = 50;

/** A connection without a single byte is no request, but one may be on its way: it gets this long. */
const silenceMs = 1_000;

/** Nobody has connected for this long: longer than it takes a client near by to connect again. */
const quietMs = 25;

/** How long such a moment is waited for, and so the most that a new connection is left unread. */
const longestQuestMs = 500;
const mostTurns = 1_000;

/** The open connections of a server, whatever state they are in. */
export class Connections {
  readonly #sockets = new Set<Socket>();
  #accepted = 0;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#accepted++;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get count(): number {
    return this.#sockets.size;
  }

  /** Since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Ends connections on which nothing was ever sent. `closeIdleConnections` of Node takes them for active ones. */
  endSilent(): void {
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

export interface CloseOptions {
  /** How long requests in flight may take. */
  readonly timeoutMs: number;
  /** Called before connections are cut because that time is over. */
  readonly onAbort: () => void;
  readonly admission: Pick<Admission, 'hold' | 'admit'>;
  /** Resolves when nobody accepts connections on the port any more; without it `server` was the only one. */
  readonly portClosed?: () => Promise<void>;
}

/**
 * Stops accepting connections, lets the requests in flight finish, and ends connections as they become idle. Resolves
 * when no connection is left, with the number of those that had to be cut at `timeoutMs`.
 *
 * The kernel resets connections that wait to be accepted when the port closes, and clients that reconnect after every
 * answer make one at any time. So while the port closes, new connections are accepted and not read: whoever waits for
 * an answer does not connect again, and soon nobody does. They are answered when the port is closed.
 */
export async function closeServer(server: Server, connections: Connections, options: CloseOptions): Promise<number> {
  const { admission } = options;
  const deadline = performance.now() + options.timeoutMs;
  admission.hold();
  await untilNobodyConnects(connections, Math.min(longestQuestMs, options.timeoutMs));
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await options.portClosed?.();
  admission.admit();
  const silenceEnds = performance.now() + Math.min(silenceMs, options.timeoutMs);
  let cut = 0;
  for (;;) {
    const done = await Promise.race([closed.then(() => true), setTimeout(sweepMs, false)]);
    if (done && connections.count === 0) return cut;
    await setImmediate();
    server.closeIdleConnections();
    if (performance.now() >= silenceEnds) connections.endSilent();
    if (performance.now() >= deadline && cut === 0) {
      cut = connections.count;
      options.onAbort();
      connections.destroyAll();
    }
  }
}

/**
 * Resolves after a while without a new connection. When there is none, because others than those who wait for answers
 * keep connecting, after a turn of the event loop that had nothing to accept: libuv accepts one in each.
 */
async function untilNobodyConnects(connections: Connections, longestMs: number): Promise<void> {
  const end = performance.now() + longestMs;
  const bringsAnother = async (pause: Promise<unknown>) => {
    const before = connections.accepted;
    await pause;
    return connections.accepted > before;
  };
  while (performance.now() < end && (await bringsAnother(setTimeout(quietMs))));
  for (let turn = 0; turn < mostTurns && (await bringsAnother(setImmediate())); turn++);
}
