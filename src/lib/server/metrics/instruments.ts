import type { Metric, Registry } from 'prom-client';

// prom-client looks a label set up by a string it builds for every increment. On a path that serves tens of thousands
// of requests a second that is several per cent of all work, so what is counted per request is counted in plain numbers,
// and handed to prom-client's registry when somebody scrapes it.

export interface InstrumentConfig {
  readonly name: string;
  readonly help: string;
}

/** The shape that prom-client's registry and its aggregation read. */
interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
}

/** One series of a counter. */
export class Tally {
  count = 0;
  readonly labels: Readonly<Record<string, string>>;

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels;
  }
}

/** A counter whose series are made once and incremented with `tally.count++`. */
export class TallyCounter {
  readonly #tallies: Tally[] = [];

  constructor(registry: Registry, config: InstrumentConfig) {
    register(registry, config, 'counter', () => this.#tallies.map(({ count, labels }) => ({ value: count, labels })));
  }

  /** A new series, which exists at 0 from now on. */
  tally(labels: Readonly<Record<string, string>>): Tally {
    const tally = new Tally(labels);
    this.#tallies.push(tally);
    return tally;
  }
}

/** A histogram without labels. */
export class PlainHistogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds inclusive upper bounds in ascending order, without infinity */
  constructor(registry: Registry, config: InstrumentConfig & { readonly bounds: readonly number[] }) {
    this.#bounds = config.bounds;
    this.#counts = new Float64Array(config.bounds.length + 1);
    register(registry, config, 'histogram', () => this.#samples(config.name));
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    (this.#counts[bucket] as number)++;
    this.#sum += value;
  }

  #samples(name: string): Sample[] {
    let cumulative = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, bucket) => {
      cumulative += this.#counts[bucket] as number;
      return { value: cumulative, labels: { le }, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { value: this.#sum, labels: {}, metricName: `${name}_sum` },
      { value: cumulative, labels: {}, metricName: `${name}_count` },
    ];
  }
}

function register(
  registry: Registry,
  { name, help }: InstrumentConfig,
  type: 'counter' | 'histogram',
  values: () => Sample[],
): void {
  const metric = {
    name,
    help,
    type,
    aggregator: 'sum',
    get: async () => ({ name, help, type, aggregator: 'sum', values: values() }),
  };
  // The registry calls nothing but `get`; the declared type is that of prom-client's own classes.
  registry.registerMetric(metric as unknown as Metric);
}
