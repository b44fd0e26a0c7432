import { MlopsError } from '../../base/errors/mlops-error.js';
import type { Reporter } from '../../base/progress/reporter.js';
import type { S3Objects } from '../../platform/aws/s3-objects.js';
import { describeLoad } from '../../warehouse/copy-sources.js';
import type { WarehouseSettings } from '../../warehouse/settings.js';
import { makeList, objectName, type S3Object } from '../../warehouse/sources/list.js';
import type { CopyResult, Warehouse } from '../../warehouse/types.js';
import { type Handler, type RunContext, untilDeadline } from '../handler.js';
import { loadUnits, type MetricValues, metricLine } from '../metrics.js';
import type { PipelineSettings } from '../settings.js';
import { type Batch, findNew, inBatches, partOf } from './find-new.js';
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
  /** Objects that cannot be loaded as they are: the others were. They are tried again in the next run. */
  readonly failed: readonly { readonly source: string; readonly code: string; readonly message: string }[];
  /** The next run has more to do. */
  readonly isMoreLeft: boolean;
}

/** Of one load. A run makes as many as it has time for. */
const mostPerLoad = { objects: 1_000, bytes: 256 * 2 ** 20 };
/** Kept for rolling back and for the answer. */
const reserveMs = 15_000;
/** With less than this another load is not begun; the first one always is, or a short run would never do any. */
const leastMs = 60_000;
/** About an object, not about the warehouse: without it the others can be loaded. */
const ofContent = ['BAD_RECORD', 'SOURCE_CHANGED'];

/**
 * Loads the results that the warehouse does not have yet. A run that dies at any point loses nothing and the next one ends
 * with the same table: what was loaded is what the ledger of the warehouse says. What one object has wrong stops that
 * object; what the warehouse has wrong is the error of the run.
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

class LoadRun {
  readonly #settings: PipelineSettings;
  readonly #warehouse: WarehouseSettings;
  readonly #deps: LoadHandlerDeps;
  readonly #context: RunContext;
  readonly #deadline: ReturnType<typeof untilDeadline>;
  readonly #values: MetricValues<typeof loadUnits> = { LoadsDone: 0, LoadsFailed: 0, RowsLoaded: 0 };
  readonly #loads: LoadResponse['loads'][number][] = [];
  readonly #failed: LoadResponse['failed'][number][] = [];

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
    const looksNew = await findNew(results, store, () => true, signal).next();
    if (looksNew.done === true) {
      reporter.note(`Nothing new below s3://${bucket}/${prefix}`);
      return this.#response(false);
    }
    const warehouse = await this.#failing(() => this.#deps.openWarehouse(reporter));
    try {
      const committed = await this.#failing(() => committedLoads(warehouse, this.#warehouse.table, signal));
      const news = findNew(results, store, (loadId) => committed.has(loadId), signal);
      let hasBegun = false;
      for await (const batch of inBatches(news, mostPerLoad)) {
        if (hasBegun && !this.#hasTime()) return this.#response(true);
        hasBegun = true;
        await this.#load(batch, warehouse, store);
      }
    } finally {
      await warehouse.close();
    }
    return this.#response(false);
  }

  /** The metrics of this run. */
  end(): void {
    this.#deadline.clear();
    const { project, writeLine, now } = this.#deps;
    const { requestId } = this.#context;
    writeLine(metricLine(loadUnits, this.#values, { project, at: now(), function: 'load', requestId }));
  }

  /** One transaction; where an object stops it, as many as it takes to load all others. */
  async #load({ format, objects }: Batch, warehouse: Warehouse, store: LoadedStore): Promise<void> {
    const { reporter } = this.#context;
    let result: CopyResult;
    try {
      result = await warehouse.copy(makeList(format, objects), { signal: this.#deadline.signal });
    } catch (error) {
      const isOfContent = error instanceof MlopsError && ofContent.includes(error.code);
      const [first] = objects;
      if (isOfContent && objects.length > 1 && this.#hasTime()) {
        const half = Math.ceil(objects.length / 2);
        await this.#load({ format, objects: objects.slice(0, half) }, warehouse, store);
        await this.#load({ format, objects: objects.slice(half) }, warehouse, store);
        return;
      }
      this.#values.LoadsFailed += 1;
      if (!isOfContent || first === undefined || objects.length > 1) throw error;
      const { code, message, why } = error;
      this.#failed.push({
        source: objectName(first),
        code,
        message: why === undefined ? message : `${message}: ${why}`,
      });
      reporter.warn(`${objectName(first)} is not loaded: ${message}: ${why ?? code}`);
      return;
    }
    const { status, loadId, files, counts } = result;
    this.#loads.push({ status, loadId, files, counts });
    this.#values.LoadsDone += Number(status === 'loaded');
    this.#values.RowsLoaded += status === 'loaded' ? counts.inserted + counts.updated : 0;
    reporter.note(describeLoad(result));
    await this.#remember(objects, loadId, store);
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

  #response(isMoreLeft: boolean): LoadResponse {
    if (isMoreLeft) this.#context.reporter.note('No time for another load: the next run goes on');
    return { loads: this.#loads, failed: this.#failed, isMoreLeft };
  }
}
