import { z } from 'zod';
import { parseDuration, parsePercentage, parseSize } from '../base/units.js';
import { defaultMinBadRequests } from '../slo/defaults.js';
import { alarms } from './schema-alarms.js';
import { aws, deploy, gcp, grafana, image, infrastructure, speech } from './schema-cloud.js';
import { duration, label, port, written } from './schema-values.js';
import { warehouse } from './schema-warehouse.js';

const sloBase = {
  name: label,
  target: written(parsePercentage, '99.9%').refine(
    (value) => value > 0 && value < 1,
    'expected more than 0% and less than 100%',
  ),
  window: written(parseDuration, '30d'),
  minBadRequests: z.int().min(1).max(1_000_000).default(defaultMinBadRequests),
};

const slo = z
  .discriminatedUnion('sli', [
    z.strictObject({ ...sloBase, sli: z.literal('availability') }),
    z.strictObject({ ...sloBase, sli: z.literal('latency'), threshold: written(parseDuration, '100ms') }),
  ])
  .transform(({ window, ...rest }) => {
    if (rest.sli === 'availability') return { ...rest, windowMs: window };
    const { threshold, ...latency } = rest;
    return { ...latency, windowMs: window, thresholdMs: threshold };
  });

const slos = z
  .array(slo)
  .max(20, 'at most 20 SLOs')
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two SLOs have the same name')
  // Which are the default ones depends on the model: `projectSlos`.
  .optional();

/** Of a server of recordings: a recording is larger than a row, and takes longer. */
const audioLimits = z
  .strictObject({
    // What OpenAI's own service takes.
    size: written(parseSize, '25MiB').default(25 * 2 ** 20),
    duration: duration(30 * 60_000),
    queue: z.int().min(0).max(10_000).default(16),
    storage: written(parseSize, '256MiB').default(256 * 2 ** 20),
    timeout: duration(10 * 60_000),
  })
  .refine(({ size, storage }) => storage >= size, {
    path: ['storage'],
    error: 'expected room for at least one recording of serve.limits.audio.size',
  })
  .transform(({ size, duration: durationMs, queue, storage, timeout }) => ({
    sizeBytes: size,
    durationMs,
    queue,
    storageBytes: storage,
    timeoutMs: timeout,
  }));

const serve = z
  .strictObject({
    port: port.default(8080),
    metricsPort: port.optional(),
    // By default 1 process for predictions, as many threads as cores for a speech model.
    workers: z.int().min(1).max(64).optional(),
    auth: z
      .strictObject({ type: z.literal('none', { error: "this version serves without authentication: only 'none'" }) })
      .prefault({ type: 'none' }),
    playground: z.literal(false, { error: 'this version has no playground: only false' }).default(false),
    limits: z
      .strictObject({
        body: written(parseSize, '1MiB').default(2 ** 20),
        queue: z.int().min(1).max(1_000_000).default(4096),
        timeout: duration(10_000),
        audio: audioLimits.prefault({}),
      })
      .prefault({})
      .transform(({ body, queue, timeout, audio }) => ({
        bodyBytes: body,
        queueRows: queue,
        timeoutMs: timeout,
        audio,
      })),
    drain: z
      .strictObject({ delay: duration(1_000), timeout: duration(10_000) })
      .prefault({})
      .transform(({ delay, timeout }) => ({ delayMs: delay, timeoutMs: timeout })),
  })
  .refine(({ port, metricsPort }) => port === 0 || port !== metricsPort, {
    path: ['metricsPort'],
    error: 'expected another port than serve.port',
  });

const loadTest = z
  .strictObject({
    connections: z.int().min(1).max(65_535).default(400),
    duration: duration(45_000),
    minRequests: z.int().min(0).default(50_000),
  })
  .transform(({ duration: durationMs, ...rest }) => ({ ...rest, durationMs }));

/** mlops.yaml. Every key has a default; an unknown key is an error. Later parts add their keys here. */
export const projectSchema = z.strictObject({
  name: label.default('mlops'),
  model: z.string().min(1).optional(),
  serve: serve.prefault({}),
  slos,
  loadTest: loadTest.prefault({}),
  cloud: z.enum(['aws', 'gcp']).optional(),
  aws: aws.optional(),
  gcp: gcp.optional(),
  infrastructure: infrastructure.optional(),
  image: image.optional(),
  deploy: deploy.optional(),
  warehouse: warehouse.optional(),
  speech: speech.optional(),
  alarms: alarms.optional(),
  grafana: grafana.optional(),
});

/** The configuration as the code sees it: units resolved to milliseconds, bytes and ratios. */
export type ProjectConfig = z.output<typeof projectSchema>;

/** JSON Schema (draft 2020-12) of the file as people write it, for editors. */
export function projectJsonSchema(): unknown {
  return z.toJSONSchema(projectSchema, { io: 'input' });
}
