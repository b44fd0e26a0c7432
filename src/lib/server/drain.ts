import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';

/** How often connections that have become idle are looked for while the last requests finish. */
const sweepMs = 50;

/** A connection without a single byte is no request, but one may be on its way: it gets this long. */
const silenceMs = 1_000;

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
}

/**
 * Stops accepting connections, lets the requests in flight finish, and ends connections as they become idle. Resolves
 * when no connection is left, with the number of those that had to be cut at `timeoutMs`.
 */
export async function closeServer(server: Server, connections: Connections, options: CloseOptions): Promise<number> {
  await acceptWaiting(connections);
  const deadline = performance.now() + options.timeoutMs;
  const silenceEnds = performance.now() + Math.min(silenceMs, options.timeoutMs);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
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
 * The kernel resets connections that wait to be accepted when the port closes. libuv accepts one in each turn of the
 * event loop, so the port closes after a turn that had nothing to accept.
 */
async function acceptWaiting(connections: Connections): Promise<void> {
  const end = performance.now() + silenceMs;
  let before: number;
  do {
    before = connections.accepted;
    await setImmediate();
  } while (connections.accepted > before && performance.now() < end);
}
