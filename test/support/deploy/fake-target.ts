import { line } from '../../../src/lib/base/text/line.js';
import type {
  LeftBehind,
  Preview,
  Release,
  RevisionResult,
  RolledOut,
  Target,
  TargetStatus,
} from '../../../src/lib/deploy/target.js';

export const release: Release = {
  name: 'demo',
  image: 'demo:2',
  modelDigest: 'sha256:aa',
  configDigest: 'sha256:bb',
  port: 8080,
  expose: 'internal',
  replicas: { min: 3, max: 10 },
  resources: { cpu: '1', memory: '1Gi' },
  drainMs: 11_000,
};

/** What a step does besides answering: throw, or press Ctrl-C. */
type Hooks = Partial<
  Record<'hold' | 'preview' | 'rollOut' | 'reach' | 'promote' | 'restore' | 'record' | 'leave', () => unknown>
>;

export interface FakeTarget extends Target {
  /** The changing calls in order, such as `rollOut` and `record 4 failed`. */
  readonly calls: string[];
  /** For what others were kept away. */
  readonly held: string[];
}

/** A target that remembers what it was asked. Revision 4 is rolled out; 3 serves, unless this is the first deploy. */
export function fakeTarget(options: {
  url: string;
  serving?: number | undefined;
  unfinished?: number;
  ready?: number;
  hasChanges?: boolean;
  hooks?: Hooks;
}): FakeTarget {
  const { url, hooks = {}, hasChanges = true } = options;
  const serving = 'serving' in options ? options.serving : 3;
  const calls: string[] = [];
  const held: string[] = [];
  const rolledOut: RolledOut = { revision: 4, endpoint: 'http://demo' };
  const step = async <T>(name: keyof Hooks, called: string, answer: T): Promise<T> => {
    calls.push(called);
    await hooks[name]?.();
    return answer;
  };
  return {
    calls,
    kind: 'docker',
    held,
    hold: async (what) => {
      held.push(what?.image ?? 'rollback');
      await hooks.hold?.();
    },
    place: 'the fake place',
    preview: (): Promise<Preview> => step('preview', 'preview', { hasChanges, lines: [line('~ image', 'change')] }),
    rollOut: () => step('rollOut', 'rollOut', rolledOut),
    reach: async (_rolledOut, work) => {
      await step('reach', 'reach', undefined);
      return await work({ url, headers: [['x-target', 'yes']] });
    },
    promote: () => step('promote', 'promote', { ...rolledOut, gapMs: 12 }),
    restore: (revision) => step('restore', `restore ${revision}`, { revision: revision ?? 2, endpoint: 'http://demo' }),
    record: (revision: number, result: RevisionResult, why?: string) => {
      return step('record', `record ${revision} ${result}${why === undefined ? '' : `: ${why}`}`, undefined);
    },
    leave: (cause): Promise<LeftBehind> => {
      return step('leave', `leave ${cause}`, { sentences: ['Something is left.'], actions: ['do something'] });
    },
    status: async (): Promise<TargetStatus> => ({
      image: 'demo:1',
      revision: serving,
      ...(options.unfinished === undefined ? {} : { unfinished: options.unfinished }),
      endpoint: 'http://demo',
      replicas: { ready: options.ready ?? 3, wanted: 3 },
      history: [],
    }),
  };
}
