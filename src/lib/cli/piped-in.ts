import { fstatSync } from 'node:fs';

/** Whether somebody hands over something on stdin: a pipe, a file or a socket; not a terminal, and not the /dev/null of a scheduler. */
export function isPipedIn(): boolean {
  const stdin = fstatSync(0);
  return stdin.isFIFO() || stdin.isFile() || stdin.isSocket();
}
