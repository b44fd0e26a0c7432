import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP connection on which a test writes what it likes. */
export class RawConnection {
  readonly socket: Socket;
  received = '';
  /** True once the other side has ended the connection, by FIN or RST. */
  closed = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.received += text;
    });
    this.socket.on('error', () => undefined);
    this.socket.once('end', () => this.#end()).once('close', () => this.#end());
    onTestFinished(() => void this.socket.destroy());
  }

  send(text: string | Buffer): this {
    this.socket.write(text);
    return this;
  }

  /** The statuses of the answers so far, in their order. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  }

  /** The bodies of the answers so far that are JSON objects, in their order. */
  get bodies(): unknown[] {
    return [...this.received.matchAll(/\r\n\r\n(\{.*?\})(?=HTTP\/|$)/gs)].map((match) =>
      JSON.parse(match[1] as string),
    );
  }

  #end(): void {
    this.closed = true;
  }
}

/** An HTTP request as text. */
export function rawPost(body: string, headers: Readonly<Record<string, string | number>> = {}): string {
  const all = { Host: 'test', 'Content-Length': Buffer.byteLength(body), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /api HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
