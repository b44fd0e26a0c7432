import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 50;
const chunkBytes = 64 * 1024;

/** Two files that stand in for the pipes of a program, which may thus outlive the reader. */
export interface OutputFiles {
  /** Descriptors for the program to write to; close them with `started` once it has them. */
  readonly stdout: number;
  readonly stderr: number;
  started(): void;
  /** Lines of stdout as they come, until `ended` has resolved and everything is read. */
  lines(ended: Promise<unknown>): AsyncGenerator<string>;
  /** The last `maxBytes` of stderr. */
  stderrTail(maxBytes: number): string;
}

/**
 * The files lose their names at once and are reachable through their descriptors only: nobody else reads them, and
 * nothing stays behind, however this process ends.
 */
export function createOutputFiles(): OutputFiles {
  const dir = mkdtempSync(join(tmpdir(), 'mlops-run-'));
  const open = (name: string) => {
    const path = join(dir, name);
    return { write: openSync(path, 'ax', 0o600), read: openSync(path, 'r') };
  };
  const stdout = open('stdout');
  const stderr = open('stderr');
  rmSync(dir, { recursive: true, force: true });
  return {
    stdout: stdout.write,
    stderr: stderr.write,
    started: () => {
      closeSync(stdout.write);
      closeSync(stderr.write);
    },
    lines: (ended) => follow(stdout.read, ended),
    stderrTail: (maxBytes) => {
      const text = readAll(stderr.read);
      closeSync(stderr.read);
      return text.slice(-maxBytes);
    },
  };
}

async function* follow(descriptor: number, ended: Promise<unknown>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(chunkBytes);
  let hasEnded = false;
  const end = ended.then(() => {
    hasEnded = true;
  });
  let position = 0;
  let rest = '';
  try {
    for (;;) {
      // Asked before reading: what was written before the end is then read for certain.
      const last = hasEnded;
      const bytes = readSync(descriptor, buffer, 0, chunkBytes, position);
      position += bytes;
      const lines = (rest + decoder.write(buffer.subarray(0, bytes))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (bytes > 0) continue;
      if (last) break;
      await Promise.race([sleep(pollMs), end]);
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(descriptor);
  }
}

function readAll(descriptor: number): string {
  const buffer = Buffer.alloc(chunkBytes);
  const chunks: Buffer[] = [];
  for (let position = 0; ; ) {
    const bytes = readSync(descriptor, buffer, 0, chunkBytes, position);
    if (bytes === 0) return Buffer.concat(chunks).toString('utf8');
    chunks.push(Buffer.from(buffer.subarray(0, bytes)));
    position += bytes;
  }
}
