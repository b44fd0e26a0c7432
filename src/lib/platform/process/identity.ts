import { hostname } from 'node:os';
import { hasCode } from '../../base/errors/describe.js';

/** Who does something that others have to wait for. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
}

export function thisProcess(): ProcessIdentity {
  return { host: hostname(), pid: process.pid };
}

/** Whether a process of this machine is there, also one of another user. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
