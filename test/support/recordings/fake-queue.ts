import type { Queue, QueueMessage } from '../../../src/lib/platform/aws/sqs.js';

/** A queue in memory that says what was done to it. When it is empty it waits for `push`, or for the abort. */
export class FakeQueue implements Queue {
  readonly url = 'https://sqs.us-east-1.amazonaws.com/123456789012/fake';
  /** `delete m1`, `visibility m1 0`, .. */
  readonly calls: string[] = [];
  readonly waiting: QueueMessage[] = [];
  /** Thrown by the next calls to `receive`. */
  readonly outages: Error[] = [];
  maxReceives: number | undefined = 3;
  isStale = false;
  #wake: () => void = () => {};

  push(id: string, body: unknown, receiveCount = 1): void {
    this.waiting.push({ id, body: typeof body === 'string' ? body : JSON.stringify(body), receipt: id, receiveCount });
    this.#wake();
  }

  async settings() {
    return { maxReceives: this.maxReceives };
  }

  async receive({ atMost, waitS, signal }: Parameters<Queue['receive']>[0]): Promise<QueueMessage[]> {
    const outage = this.outages.shift();
    if (outage !== undefined) throw outage;
    if (this.waiting.length === 0 && waitS >= 20) {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    }
    const taken = this.waiting.splice(0, atMost);
    this.calls.push(...taken.map(({ id }) => `receive ${id}`));
    return taken;
  }

  async changeVisibility({ id }: QueueMessage, visibilityS: number): Promise<boolean> {
    this.calls.push(`visibility ${id} ${visibilityS}`);
    return !this.isStale;
  }

  async delete({ id }: QueueMessage): Promise<void> {
    this.calls.push(`delete ${id}`);
  }
}

/** An event as S3 sends it. */
export function created(...objects: readonly [bucket: string, key: string][]) {
  return {
    Records: objects.map(([name, key]) => ({
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: {
        bucket: { name },
        object: { key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'), size: 3 },
      },
    })),
  };
}
