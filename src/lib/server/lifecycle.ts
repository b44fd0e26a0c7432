export type Phase = 'starting' | 'ready' | 'draining' | 'aborting';

/**
 * Where a server is in its life. Routes read it: `/readyz` is 200 in `ready` only, and from `draining` on every answer
 * ends its connection, so that clients move on to another server while this one still answers.
 */
export class Lifecycle {
  #phase: Phase = 'starting';
  readonly #leavers: (() => void)[] = [];

  get phase(): Phase {
    return this.#phase;
  }

  get ready(): boolean {
    return this.#phase === 'ready';
  }

  /** Answers carry `connection: close`. */
  get leaving(): boolean {
    return this.#phase === 'draining' || this.#phase === 'aborting';
  }

  /** The time to drain is over: connections that are still open are cut, which is the server's fault. */
  get aborting(): boolean {
    return this.#phase === 'aborting';
  }

  /** @param listener is called once, as soon as the server is `leaving` */
  whenLeaving(listener: () => void): void {
    this.#leavers.push(listener);
  }

  /** Only forward: a server that drains does not become ready again. */
  enter(phase: Phase): void {
    const order: readonly Phase[] = ['starting', 'ready', 'draining', 'aborting'];
    if (order.indexOf(phase) > order.indexOf(this.#phase)) this.#phase = phase;
    if (this.leaving) for (const listener of this.#leavers.splice(0)) listener();
  }
}
