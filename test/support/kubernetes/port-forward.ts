import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { controlFrame, dataFrame, type Frame, finFlag, frameTypes, HeaderCodec, readFrames } from './spdy.js';

/**
 * The API server's side of kubectl port-forward. Its WebSockets are refused, upon which kubectl takes SPDY, as with servers
 * before 1.31. `podPort` is where the program of every pod really listens. https://kubernetes.io/docs/reference/kubectl/generated/kubectl_port-forward/
 */
export function openTunnel({ headers }: IncomingMessage, socket: Duplex, podPort: number): void {
  if (headers.upgrade !== 'SPDY/3.1') {
    socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  const protocol = 'X-Stream-Protocol-Version: portforward.k8s.io';
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${protocol}\r\n\r\n`);
  new Tunnel(socket, podPort).start();
}

class Tunnel {
  readonly #socket: Duplex;
  readonly #codec = new HeaderCodec();
  readonly #pods = new Map<number, Socket>();
  #buffer: Buffer = Buffer.alloc(0);
  #work: Promise<void> = Promise.resolve();

  readonly #podPort: number;

  constructor(socket: Duplex, podPort: number) {
    this.#socket = socket;
    this.#podPort = podPort;
  }

  start(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      const { frames, rest } = readFrames(Buffer.concat([this.#buffer, chunk]));
      this.#buffer = rest;
      // One after the other: the header blocks share a compression context.
      for (const frame of frames) this.#work = this.#work.then(() => this.#take(frame));
    });
    const end = () => {
      for (const pod of this.#pods.values()) pod.destroy();
    };
    this.#socket.once('close', end).once('error', end);
  }

  async #take(frame: Frame): Promise<void> {
    if ('stream' in frame) {
      const pod = this.#pods.get(frame.stream);
      if (frame.payload.length > 0) pod?.write(frame.payload);
      if ((frame.flags & finFlag) !== 0) pod?.end();
    } else if (frame.control === frameTypes.ping) {
      this.#send(controlFrame(frameTypes.ping, frame.payload));
    } else if (frame.control === frameTypes.rstStream) {
      this.#pods.get(frame.payload.readUInt32BE(0))?.destroy();
    } else if (frame.control === frameTypes.synStream) {
      await this.#open(frame.payload);
    }
  }

  async #open(payload: Buffer): Promise<void> {
    const id = payload.readUInt32BE(0) & 0x7fffffff;
    const headers = await this.#codec.decode(payload.subarray(10));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(id);
    this.#send(controlFrame(frameTypes.synReply, Buffer.concat([head, await this.#codec.encodeNone()])));
    // Of the two streams of a connection, one is for errors: there are none.
    if (headers.get('streamtype') === 'error') return this.#send(dataFrame(id, finFlag, Buffer.alloc(0)));
    const pod = connect(this.#podPort, '127.0.0.1');
    this.#pods.set(id, pod);
    pod.on('data', (chunk) => this.#send(dataFrame(id, 0, chunk)));
    pod
      .once('error', () => pod.destroy())
      .once('close', () => {
        this.#pods.delete(id);
        this.#send(dataFrame(id, finFlag, Buffer.alloc(0)));
      });
  }

  #send(frame: Buffer): void {
    if (this.#socket.writable) this.#socket.write(frame);
  }
}
