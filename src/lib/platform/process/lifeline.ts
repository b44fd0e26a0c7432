import type { Readable } from 'node:stream';

/**
 * Aborts, as SIGTERM would, when the stream ends: at the other end of our stdin is the process that started us, and it
 * is gone. What comes in is not looked at. Watching does not keep the process alive.
 */
export function abortAtEnd(stream: Readable & { unref?: () => void }): AbortSignal {
  const controller = new AbortController();
  stream.once('end', () => controller.abort('SIGTERM')).once('error', () => controller.abort('SIGTERM'));
  stream.resume();
  stream.unref?.();
  return controller.signal;
}
