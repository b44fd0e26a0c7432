import type { Reporter } from '../../base/progress/reporter.js';
import type { S3Objects } from '../../platform/aws/s3-objects.js';
import { describeLoad } from '../../warehouse/copy-sources.js';
import type { SourceError } from '../../warehouse/errors.js';
import type { WarehouseSettings } from '../../warehouse/settings.js';
import { makeList, objectName, type S3Object } from '../../warehouse/sources/list.js';
import type { CopyResult, Warehouse } from '../../warehouse/types.js';
import { type Handler, type RunContext, untilDeadline } from '../handler.js';
import { loadUnits, type MetricValues, metricLine } from '../metrics.js';
import type { PipelineSettings } from '../settings.js';
import { culpritOf, toTryNext } from './culprit.js';
import { type Batch, findNew, inBatches, partOf, type Results } from './find-new.js';
import { committedLoads } from './ledger.js';
import { LoadedStore } from './loaded.js';

export interface LoadHandlerDeps {
  /** The value of the metrics' dimension. */
  readonly project: string;
  readonly s3: () => Promise<S3Objects>;
  /** Opened when there is something to load: a warehouse that sleeps costs nothing. */
  readonly openWarehouse: (reporter: Reporter) => Promise<Warehouse>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** To the log that CloudWatch reads. */
  readonly writeLine: (line: string) => void;
}

export interface LoadResponse {
  readonly loads: readonly Pick<CopyResult, 'status' | 'loadId' | 'files' | 'counts'>[];
  /** Objects that are no results: the others were loaded. They are not tried again as they are. */
  readonly refused: readonly Failure[];
  /** Objects that were refused by an earlier run and are still as they were. */
  readonly refusedBefore: number;
  /** Objects that could not be loaded, among them what was replaced meanwhile. The next run tries them again. */
  readonly failed: readonly Failure[];
  /** The next run has more to do. */
  readonly isMoreLeft: boolean;
}

interface Failure {
  readonly source: string;
  readonly code: string;
  readonly message: string;
}

/** Of one load. A run makes as many as it has time for. */
const mostPerLoad = { objects: 1_000, bytes: 256 * 2 ** 20 };
/** Kept for rolling back and for the answer. */
const reserveMs = 15_000;
/** With less than this another load is not begun; the first one always is, or a short run would never do any. */
const leastMs = 60_000;
/**
 * Loads the results that the warehouse does not have yet. A run that dies at any point loses nothing and the next one ends
 * with the same table: what was loaded is what the ledger of the warehouse says. What one object has wrong stops that
 * object, until there is another one under its key; what the warehouse has wrong is the error of the run.
 */
export function createLoadHandler(
  settings: PipelineSettings,
  warehouse: WarehouseSettings,
  deps: LoadHandlerDeps,
): Handler {
  return async (_event, context) => {
    const run = new LoadRun(settings, warehouse, deps, context);
    try {
      return await run.all();
    } finally {
      run.end();
    }
  };
}

async function* following<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

class LoadRun {
  readonly #settings: PipelineSettings;
  readonly #warehouse: WarehouseSettings;
  readonly #deps: LoadHandlerDeps;
  readonly #context: RunContext;
  readonly #deadline: ReturnType<typeof untilDeadline>;
  readonly #values: MetricValues<typeof loadUnits> = {
    ...{ LoadsDone: 0, LoadsFailed: 0, LoadsRefused: 0, RowsLoaded: 0 },
  };
  readonly #loads: LoadResponse['loads'][number][] = [];
  readonly #refused: Failure[] = [];
  readonly #failed: Failure[] = [];
  #refusedBefore = 0;
  #isMoreLeft = false;

  constructor(settings: PipelineSettings, warehouse: WarehouseSettings, deps: LoadHandlerDeps, context: RunContext) {
    this.#settings = settings;
    this.#warehouse = warehouse;
    this.#deps = deps;
    this.#context = context;
    this.#deadline = untilDeadline(context, reserveMs, deps.now);
  }

  async all(): Promise<LoadResponse> {
    const { bucket, results: prefix, loaded } = this.#settings;
    const { reporter } = this.#context;
    const { signal } = this.#deadline;
    const s3 = await this.#deps.s3();
    const results = { s3, bucket, prefix };
    const store = await LoadedStore.open(s3, { bucket, prefix: loaded, warehouse: this.#warehouse }, signal);
    // Until the warehouse is asked, what is noted counts as loaded.
    let committed: ReadonlySet<string> | undefined;
    const taken = new Set<string>();
    const isCommitted = (loadId: string) => committed?.has(loadId) ?? taken.add(loadId).has(loadId);
    const listing = this.#findNew(results, store, isCommitted);
    const first = await listing.next();
    if (first.done === true) {
      reporter.note(`Nothing new below s3://${bucket}/${prefix}`);
      return this.#response();
    }
    const warehouse = await this.#failing(() => this.#deps.openWarehouse(reporter));
    try {
      const ledger = await this.#failing(() => committedLoads(warehouse, this.#warehouse.table, signal));
      committed = ledger;
      const wasRight = [...taken].every((loadId) => ledger.has(loadId));
      const news = wasRight ? following(first.value, listing) : this.#findNew(results, store, isCommitted);
      let hasBegun = false;
      for await (const batch of inBatches(news, mostPerLoad)) {
        this.#isMoreLeft ||= hasBegun && !this.#hasTime();
        if (this.#isMoreLeft) break;
        hasBegun = true;
        await this.#load(batch, warehouse, store);
      }
    } finally {
      await warehouse.close();
    }
    return this.#response();
  }

  /** The metrics of this run. */
  end(): void {
    this.#deadline.clear();
    const { project, writeLine, now } = this.#deps;
    const { requestId } = this.#context;
    writeLine(metricLine(loadUnits, this.#values, { project, at: now(), function: 'load', requestId }));
  }

  #findNew(results: Results, store: LoadedStore, isCommitted: (loadId: string) => boolean) {
    this.#refusedBefore = 0;
    const onRefused = () => {
      this.#refusedBefore += 1;
    };
    return findNew(results, store, { isCommitted, onRefused }, this.#deadline.signal);
  }

  /** One transaction; where objects stop it, as many as it takes to load all others. */
  async #load({ format, objects }: Batch, warehouse: Warehouse, store: LoadedStore, isAgain = false): Promise<void> {
    let result: CopyResult;
    try {
      result = await warehouse.copy(makeList(format, objects), { signal: this.#deadline.signal });
    } catch (error) {
      const culprit = culpritOf(error, objects);
      if (culprit === undefined || (culprit.object === undefined && !this.#hasTime())) {
        this.#values.LoadsFailed += 1;
        throw error;
      }
      if (culprit.object !== undefined) await this.#setAside(culprit.object, culprit.error, store);
      for (const those of toTryNext(objects, culprit.object, isAgain)) {
        this.#isMoreLeft ||= !this.#hasTime();
        if (this.#isMoreLeft) return;
        await this.#load({ format, objects: those }, warehouse, store, true);
      }
      return;
    }
    const { status, loadId, files, counts } = result;
    this.#loads.push({ status, loadId, files, counts });
    this.#values.LoadsDone += Number(status === 'loaded');
    this.#values.RowsLoaded += status === 'loaded' ? counts.inserted + counts.updated : 0;
    this.#context.reporter.note(describeLoad(result));
    await this.#remember(objects, loadId, store);
  }

  async #setAside(object: S3Object, { code, reason }: SourceError, store: LoadedStore): Promise<void> {
    const { reporter } = this.#context;
    const failure = { source: objectName(object), code, message: reason };
    if (code !== 'BAD_RECORD') {
      // There is another one now, or none: the next run will see.
      this.#values.LoadsFailed += 1;
      this.#failed.push(failure);
      reporter.warn(`${failure.source} is not loaded in this run: ${code}: ${reason}`);
      return;
    }
    const part = partOf(object.key, this.#settings.results);
    const note = await store.refuse(part, object, { code, reason, at: new Date(this.#deps.now()) });
    this.#values.LoadsRefused += 1;
    this.#refused.push(failure);
    reporter.warn(
      `${failure.source} is refused: ${code}: ${reason} It is tried again when it is replaced, or when ${note} is deleted`,
    );
  }

  async #remember(objects: readonly S3Object[], loadId: string, store: LoadedStore): Promise<void> {
    const parts = Map.groupBy(objects, ({ key }) => partOf(key, this.#settings.results));
    for (const [part, those] of parts) await store.add(part, those, loadId);
  }

  /** What keeps all from being loaded is a load that failed. */
  async #failing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#values.LoadsFailed += 1;
      throw error;
    }
  }

  #hasTime(): boolean {
    const leftMs = this.#context.deadlineMs - reserveMs - this.#deps.now();
    return leftMs >= leastMs && !this.#context.signal.aborted;
  }

  #response(): LoadResponse {
    const { reporter } = this.#context;
    const { bucket, loaded } = this.#settings;
    if (this.#refusedBefore > 0) {
      const these =
        this.#refusedBefore === 1 ? '1 result stays refused' : `${this.#refusedBefore} results stay refused`;
      reporter.note(`${these}; why is in refused.json of its day below s3://${bucket}/${loaded}`);
    }
    if (this.#isMoreLeft) reporter.note('No time for another load: the next run goes on');
    return {
      ...{ loads: this.#loads, refused: this.#refused, refusedBefore: this.#refusedBefore },
      ...{ failed: this.#failed, isMoreLeft: this.#isMoreLeft },
    };
  }
}
