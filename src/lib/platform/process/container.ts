import { writeSync } from 'node:fs';
import { type Machine, thisMachine } from './machine.js';
import { watchSignals } from './signals.js';

/** What a program that is the whole of a container has of its process. */
export interface ContainerProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first SIGTERM or SIGINT. */
  readonly stop: AbortSignal;
  readonly machine: Machine;
  /** The file descriptor that `writeLine` writes to. */
  readonly logTarget: OutputDescriptor;
  /** Returns when the line is out, so that the last one is not lost. */
  readonly writeLine: (line: string) => void;
}

/** Of stdout and of stderr. */
export type OutputDescriptor = 1 | 2;

/** Handles signals from here on: as process 1 of a container, what nobody handles would do nothing. */
export function containerProcess(logTarget: OutputDescriptor): ContainerProcess {
  return {
    env: process.env,
    stop: watchSignals().signal,
    machine: thisMachine(),
    logTarget,
    writeLine: (line) => writeSync(logTarget, `${line}\n`),
  };
}
