import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/lib/base/errors/mlops-error.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { loadProject } from '../../../src/lib/project/project.js';
import { projectJsonSchema } from '../../../src/lib/project/schema.js';
import { projectSlos, sloLimits } from '../../../src/lib/project/slos.js';
import { tempDir } from '../../support/temp-dir.js';

const everything = `
name: flight-delay
model: ./model/flight-delay.onnx
serve: { port: 8080, metricsPort: 9090, workers: 1, auth: { type: none }, playground: false, limits: { body: 1MiB, queue: 4096, timeout: 10s, audio: { size: 25MiB, duration: 30m, queue: 16, storage: 256MiB, timeout: 10m } } }
slos:
  - { name: availability, sli: availability, target: 99.9%, window: 30d }
  - { name: latency, sli: latency, threshold: 100ms, target: 99%, window: 30d }
loadTest: { connections: 400, duration: 45s, minRequests: 50000 }
cloud: aws
aws: { region: us-east-1 }
gcp: { project: my-project, region: us-central1 }
infrastructure: { features: { pipeline: false, warehouse: false } }
image: { repository: flight-delay }
deploy: { target: eks, namespace: default, expose: internal, replicas: { min: 3, max: 10 }, resources: { cpu: 1, memory: 1Gi } }
warehouse: { engine: duckdb, path: ./warehouse.duckdb, table: transcription_results }
speech: { model: moonshine-tiny }
alarms: { topic: flight-delay-alarms, subscribe: [] }
`;

test('every key of the file is read, with units resolved', () => {
  const config = parseProject(everything);
  const audio = {
    sizeBytes: 25 * 2 ** 20,
    durationMs: 1_800_000,
    queue: 16,
    storageBytes: 2 ** 28,
    timeoutMs: 600_000,
  };
  expect(config.serve.limits).toEqual({ bodyBytes: 2 ** 20, queueRows: 4096, timeoutMs: 10_000, audio });
  expect(parseProject('').serve.limits.audio).toEqual(audio);
  expect(config.slos?.[1]).toEqual({
    name: 'latency',
    sli: 'latency',
    thresholdMs: 100,
    target: 0.99,
    windowMs: 2_592_000_000,
    minBadRequests: 5,
  });
  expect(config.loadTest).toEqual({ connections: 400, durationMs: 45_000, minRequests: 50_000 });
});

test('the file is optional, and an empty one is the same as none', async () => {
  const dir = await tempDir();
  const absent = await loadProject(dir);
  expect(absent.file).toBeUndefined();
  await writeFile(join(dir, 'mlops.yaml'), '# nothing yet\n');
  const empty = await loadProject(dir);
  expect(empty.file).toBe(join(dir, 'mlops.yaml'));
  expect(empty.config).toEqual(absent.config);
  expect(projectSlos(absent.config).map(({ name }) => name)).toEqual(['availability', 'latency']);
});

describe('a wrong file is one error that lists every problem with its line', () => {
  const problems = (text: string): string[] => {
    try {
      parseProject(text);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      return (error as UsageError).why?.split('\n') ?? [];
    }
    throw new Error('it was accepted');
  };

  test('unknown keys, wrong types and impossible values together', () => {
    expect(
      problems(
        'name: Flight\nserve:\n  port: 99999\n  prot: 1\nloadTest:\n  duration: 45\nslos:\n  - name: a\n    sli: speed\n',
      ),
    ).toEqual([
      "line 1: 'name': expected 1 to 63 lower-case letters, digits and dashes",
      expect.stringMatching(/^line 3: 'serve.port': too big/),
      "line 4: 'serve.prot' is not a known key",
      "line 6: 'loadTest.duration': expected text such as 45s",
      expect.stringMatching(/^line 9: 'slos.0.sli': /),
    ]);
  });

  test('YAML that cannot be read', () => {
    expect(problems('name: a\nserve: {port: 1\n')[0]).toMatch(/^line \d+: /);
    expect(problems('name: a\nname: b\n')[0]).toMatch(/^line 2: .*unique/);
  });

  test('authentication that this version does not have is refused, not ignored', () => {
    expect(problems('serve:\n  auth: { type: api-key }\n')).toEqual([
      "line 2: 'serve.auth.type': this version serves without authentication: only 'none'",
    ]);
  });

  test('metrics on the port of the service, unless both are any free one', () => {
    expect(problems('serve:\n  port: 9090\n  metricsPort: 9090\n')).toEqual([
      "line 3: 'serve.metricsPort': expected another port than serve.port",
    ]);
    expect(parseProject('serve: { port: 0, metricsPort: 0 }').serve).toMatchObject({ port: 0, metricsPort: 0 });
  });

  test('room for less than one recording', () => {
    expect(problems('serve:\n  limits:\n    audio:\n      size: 1GiB\n      storage: 1MiB\n')).toEqual([
      "line 5: 'serve.limits.audio.storage': expected room for at least one recording of serve.limits.audio.size",
    ]);
  });

  test('a target of 100% and two SLOs of one name', () => {
    const slo = (target: string) => `  - { name: a, sli: availability, target: ${target}, window: 30d }\n`;
    expect(problems(`slos:\n${slo('100%')}`)[0]).toContain('less than 100%');
    expect(problems(`slos:\n${slo('99%')}${slo('98%')}`)[0]).toContain('same name');
  });

  test('a list where a map belongs', () => {
    expect(problems('- a\n')[0]).toMatch(/^line 1: the file: /);
  });
});

test('the JSON Schema describes the file as people write it', () => {
  const schema = projectJsonSchema() as { properties: { loadTest: { properties: { duration: { type: string } } } } };
  expect(schema.properties.loadTest.properties.duration.type).toBe('string');
});

test('without slos the threshold is one that the kind of the model can keep', () => {
  const thresholds = (yaml: string, reference?: string) =>
    projectSlos(parseProject(yaml), reference).flatMap((slo) => (slo.sli === 'latency' ? [slo.thresholdMs] : []));
  expect(thresholds('')).toEqual([100]);
  expect(thresholds('model: moonshine-tiny')).toEqual([30_000]);
  expect(thresholds('', 'moonshine-tiny')).toEqual([30_000]);
  expect(thresholds('model: moonshine-tiny', './other.onnx')).toEqual([100]);
  const given = 'slos: [{ name: fast, sli: latency, threshold: 9ms, target: 99%, window: 30d }]';
  expect(thresholds(`model: moonshine-tiny\n${given}`)).toEqual([9]);
  expect(projectSlos(parseProject('model: moonshine-tiny\nslos: []'))).toEqual([]);
});

test('the limit of an answer is that of the kind of the model', () => {
  const limits = 'serve: { limits: { timeout: 3s, audio: { timeout: 4m } } }';
  expect(sloLimits(parseProject(limits))).toEqual({ isSpeech: false, timeoutMs: 3_000 });
  expect(sloLimits(parseProject(`model: moonshine-tiny\n${limits}`))).toEqual({ isSpeech: true, timeoutMs: 240_000 });
});
