import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../../base/errors/describe.js';
import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import { formatSize } from '../../base/units.js';
import { BodyBudget } from '../http/body.js';
import { turnedAway } from '../http/problem.js';

/** What an upload counts at least: a bound on the number of small ones. */
const leastBytes = 64 * 2 ** 10;

/**
 * Where recordings lie while they are received and worked on: a folder that only this user can look into (mkdtemp makes
 * it 0700), with a bound on all of them together, because it may be a tmpfs and that is memory.
 */
export class UploadStorage {
  readonly #dir: string;
  readonly #budget: BodyBudget;
  #last = 0;

  private constructor(dir: string, limitBytes: number) {
    this.#dir = dir;
    this.#budget = new BodyBudget(limitBytes);
  }

  /**
   * @param parent a folder for temporary files
   * @throws PrerequisiteError `UPLOADS_NOT_WRITABLE`
   */
  static async create(parent: string, limitBytes: number): Promise<UploadStorage> {
    try {
      return new UploadStorage(await mkdtemp(join(parent, 'mlops-uploads-')), limitBytes);
    } catch (error) {
      throw new PrerequisiteError(`Recordings cannot be stored in ${parent}`, {
        code: 'UPLOADS_NOT_WRITABLE',
        why: describeError(error),
        actions: ['Set TMPDIR to a folder that can be written', 'In a container with a read-only root: --tmpfs /tmp'],
        cause: error,
      });
    }
  }

  get usedBytes(): number {
    return this.#budget.usedBytes;
  }

  /**
   * Room for one upload.
   * @param announcedBytes what its request says that it is going to send, if it says so; as far as it may be stored
   * @throws HttpProblem 503 when there is none
   */
  open(announcedBytes: number | undefined): Upload {
    const upload = new Upload(join(this.#dir, `${++this.#last}`), this.#budget);
    // A storage smaller than the least has room for one.
    upload.grow(Math.max(announcedBytes ?? 0, Math.min(leastBytes, this.#budget.limitBytes)));
    return upload;
  }

  async close(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** One recording on disk. */
export class Upload {
  readonly path: string;
  readonly #budget: BodyBudget;
  #reserved = 0;

  constructor(path: string, budget: BodyBudget) {
    this.path = path;
    this.#budget = budget;
  }

  /** It has `bytes` in all, or is going to. Throws HttpProblem 503 when there is no room for as many. */
  grow(bytes: number): void {
    const more = bytes - this.#reserved;
    if (more <= 0) return;
    if (!this.#budget.take(more)) {
      const limit = `${formatSize(this.#budget.limitBytes)}, the limit serve.limits.audio.storage`;
      throw turnedAway('storage', `The recordings being worked on fill ${limit}: try again later`);
    }
    this.#reserved += more;
  }

  /** Deletes the file, if there is one, and makes room. May be called twice. */
  async discard(): Promise<void> {
    await rm(this.path, { force: true });
    this.#budget.giveBack(this.#reserved);
    this.#reserved = 0;
  }
}
