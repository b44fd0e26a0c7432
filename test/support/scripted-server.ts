import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** One request as the scripted server saw it. */
export interface ScriptedRequest {
  /** 1 for the first request of the server. */
  readonly number: number;
  /** 1 for the first request on this connection. */
  readonly onConnection: number;
  readonly head: string;
  readonly body: string;
}

/** What a script can do to the connection. */
export interface Wire {
  /** A complete answer with `Content-Length`. */
  answer(status: number, body: string, headers?: Record<string, string>): void;
  /** Bytes as they stand. */
  raw(text: string): void;
  /** FIN. What still arrives is counted as `ignored`. */
  close(): void;
  /** RST. */
  reset(): void;
  after(ms: number, work: () => void): void;
}

export type Script = (request: ScriptedRequest, wire: Wire) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  /** Requests that were handed to the script. */
  requests: number;
  /** Complete answers given with `answer`. */
  answers: number;
  /** Requests that arrived whole after the script had closed their connection. */
  ignored: number;
  connections: number;
  /** Bodies in the order of arrival. */
  readonly bodies: string[];
  stop(): Promise<void>;
}

/**
 * A server on 127.0.0.1 that misbehaves on purpose and counts for itself. It reads requests on its own, byte by byte,
 * because Node's server would correct half of what the scripts do.
 */
export async function startScriptedServer(script: Script, tls?: TlsOptions): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const onConnection = (socket: Socket) => {
    state.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket);
  };
  const listener: Server = tls === undefined ? createServer(onConnection) : createTlsServer(tls, onConnection);
  // A refused handshake is the client's business.
  listener.on('tlsClientError', () => undefined);

  function serve(socket: Socket): void {
    let pending = Buffer.alloc(0);
    let onThis = 0;
    let closed = false;
    const wire: Wire = {
      answer: (status, body, headers = {}) => {
        state.answers++;
        const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        wire.raw(`HTTP/1.1 ${status} X\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${extra.join('')}\r\n${body}`);
      },
      raw: (text) => void (socket.writable && socket.write(text)),
      close: () => {
        closed = true;
        socket.end();
      },
      reset: () => {
        closed = true;
        socket.resetAndDestroy();
      },
      after: (ms, work) => {
        const timer = setTimeout(() => {
          timers.delete(timer);
          work();
        }, ms);
        timers.add(timer);
      },
    };
    socket.on('data', (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      for (;;) {
        const headEnd = pending.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const head = pending.toString('latin1', 0, headEnd);
        const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        if (pending.length < headEnd + 4 + length) return;
        const body = pending.toString('utf8', headEnd + 4, headEnd + 4 + length);
        pending = pending.subarray(headEnd + 4 + length);
        if (closed) {
          state.ignored++;
          continue;
        }
        state.requests++;
        state.bodies.push(body);
        script({ number: state.requests, onConnection: ++onThis, head, body }, wire);
      }
    });
  }

  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', 4096, resolve));
  const { port } = listener.address() as { port: number };
  const state: ScriptedServer = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests: 0,
    answers: 0,
    ignored: 0,
    connections: 0,
    bodies: [],
    stop: async () => {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
  return state;
}
