/** The part of autocannon's public interface that is used here; its package brings no types. */
declare module 'autocannon' {
  interface Options {
    url: string;
    connections: number;
    /** Seconds. */
    duration: number;
    /** Seconds. */
    timeout: number;
    /** Milliseconds. */
    sampleInt: number;
    skipAggregateResult: boolean;
    setupClient: (client: unknown) => void;
  }

  /** Resolves when the run has ended, rejects when it could not be set up. */
  interface Run extends PromiseLike<unknown> {
    stop(): void;
  }

  export default function autocannon(options: Options): Run;
}
