import { connect, isIP, type OnReadOpts, type Socket, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { ShardConfig } from '../shard.js';

export interface DialEvents {
  /** The connection is established; with TLS, its certificate is accepted. */
  onOpen(): void;
  /** `bytes` is overwritten by the next read. */
  onBytes(bytes: Buffer): void;
  /** The peer closed, or the socket failed. Called once. */
  onEnd(error: Error | undefined): void;
}

/** Opens one connection to one of the target's addresses, chosen by `attempt`. */
export type Dial = (attempt: number, events: DialEvents) => Socket;

const readBufferBytes = 65_536;

/**
 * TLS is verified against the target's name unless `insecure`: an untrusted peer gets no byte of HTTP. All connections
 * of a thread read into one buffer, one at a time, so that an answer costs no allocation.
 */
export function createDial(config: ShardConfig): Dial {
  const buffer = Buffer.allocUnsafeSlow(readBufferBytes);
  const name = isIP(config.hostname) === 0 ? { servername: config.hostname } : {};
  return (attempt, events) => {
    let ended = false;
    const end = (error?: Error) => {
      if (ended) return;
      ended = true;
      events.onEnd(error);
    };
    const onread: OnReadOpts = {
      buffer,
      callback: (length, shared) => {
        if (!ended) events.onBytes((shared as Buffer).subarray(0, length));
        return true;
      },
    };
    const options: TcpNetConnectOpts = {
      host: config.addresses[attempt % config.addresses.length] ?? config.hostname,
      port: config.port,
      noDelay: true,
      onread,
    };
    const socket = config.secure
      ? connectTls({ ...options, ...name, rejectUnauthorized: !config.insecure } as ConnectionOptions)
      : connect(options);
    socket.once(config.secure ? 'secureConnect' : 'connect', () => {
      if (!ended) events.onOpen();
    });
    socket.on('end', () => end());
    socket.on('close', () => end());
    socket.on('error', end);
    return socket;
  };
}
