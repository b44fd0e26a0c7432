import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** The most that a burst of new connections can delay its first ones. */
const longestHoldMs = 50;

/**
 * libuv accepts one connection in each turn of the event loop. When hundreds of clients connect at once and those that
 * are in already get their requests served, every turn is longer than the one before, and the last ones wait for a
 * second or more. So new connections are not read until a turn has brought no further one: nothing but accepting
 * happens in these turns, and hundreds are in within milliseconds. A connection that comes alone waits for two turns.
 */
export function admitInBursts(server: Server): void {
  // An option of net.Server that http.createServer does not pass on. Without effect, all this does is resume what runs.
  (server as Server & { pauseOnConnect: boolean }).pauseOnConnect = true;
  let held: Socket[] = [];
  let heldSince = 0;
  let more = false;

  const nextTurn = () => {
    if (more && performance.now() - heldSince < longestHoldMs) {
      more = false;
      setImmediate(nextTurn);
      return;
    }
    const admitted = held;
    held = [];
    for (const socket of admitted) socket.resume();
  };

  server.on('connection', (socket: Socket) => {
    if (held.length === 0) {
      heldSince = performance.now();
      setImmediate(nextTurn);
    }
    held.push(socket);
    more = true;
  });
}
