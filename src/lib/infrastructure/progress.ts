import { formatDuration } from '../base/units.js';
import type { ResourceAction, TerraformEvent } from './terraform/events.js';

const doing: Partial<Record<ResourceAction, string>> = {
  create: 'creating',
  update: 'changing',
  delete: 'destroying',
  read: 'reading',
};

const longestListed = 3;

export interface AppliedCounts {
  readonly created: number;
  readonly changed: number;
  readonly destroyed: number;
}

/** Follows the events of an apply: how many of how many, what is under way and for how long. */
export class ApplyProgress {
  readonly #now: () => number;
  readonly #underWay = new Map<string, { action: ResourceAction; since: number }>();
  #total = 0;
  #done = 0;
  readonly #applied = { created: 0, changed: 0, destroyed: 0 };
  readonly failed: string[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  see(event: TerraformEvent): void {
    switch (event.type) {
      case 'planned_change':
        this.#total += steps(event.action);
        break;
      case 'apply_start':
        this.#underWay.set(event.address, { action: event.action, since: this.#now() });
        break;
      case 'apply_complete':
        this.#underWay.delete(event.address);
        this.#done += 1;
        this.#count(event.action);
        break;
      case 'apply_errored':
        this.#underWay.delete(event.address);
        this.failed.push(event.address);
        break;
    }
  }

  get applied(): AppliedCounts {
    return { ...this.#applied };
  }

  /** `12 of 48` */
  get count(): string {
    return `${this.#done} of ${Math.max(this.#total, this.#done)}`;
  }

  /** `12 of 48 · creating aws_eks_cluster.main (3 m 20 s) and 2 more`, the longest-running first. */
  text(): string {
    const running = [...this.#underWay].sort(([, a], [, b]) => a.since - b.since);
    const listed = running.slice(0, longestListed).map(([address, { action, since }]) => {
      return `${doing[action] ?? action} ${address} (${formatDuration(this.#now() - since)})`;
    });
    const more = running.length > longestListed ? ` and ${running.length - longestListed} more` : '';
    return listed.length === 0 ? this.count : `${this.count} · ${listed.join(', ')}${more}`;
  }

  #count(action: ResourceAction): void {
    if (action === 'create') this.#applied.created += 1;
    if (action === 'update') this.#applied.changed += 1;
    if (action === 'delete') this.#applied.destroyed += 1;
  }
}

/** A replacement is a destruction and a creation. */
function steps(action: ResourceAction): number {
  if (action === 'replace') return 2;
  return action === 'create' || action === 'update' || action === 'delete' ? 1 : 0;
}
