import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  form,
  recording,
  type SpeechAppOptions,
  speechApp,
  transcriptions,
} from '../../../support/endpoint/speech-app.js';

interface Operation {
  readonly requestBody?: { content: Record<string, { schema: { properties: Record<string, Schema> } }> };
  readonly responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}
type Schema = Record<string, unknown> & { readonly enum?: readonly string[]; readonly description?: string };
interface Document {
  readonly paths: Record<string, { get?: Operation; post?: Operation; parameters?: { name: string }[] }>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

async function described(options: SpeechAppOptions = {}) {
  const made = await speechApp(options);
  const answer = await made.app.inject('/openapi.json');
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  return { ...made, document: answer.json() as Document };
}

/** Whether a value is what the document says of an answer. */
function fits({ components }: Document, schema: Schema, value: unknown): boolean {
  const local = JSON.stringify({ ...schema, $defs: components.schemas }).replaceAll(
    '#/components/schemas/',
    '#/$defs/',
  );
  return z.fromJSONSchema(JSON.parse(local)).safeParse(value).success;
}

function schemaOf({ paths }: Document, path: string, status: number): Schema {
  const operation = paths[path]?.post ?? paths[path]?.get;
  const schema = operation?.responses[status]?.content?.['application/json']?.schema;
  if (schema === undefined) throw new Error(`${path} has no schema for ${status}`);
  return schema;
}

test('is OpenAPI 3.1, in which every reference leads somewhere and every path says its parameters', async () => {
  const { document } = await described();
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: expect.any(String), version: '1' } });
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(5);
  for (const [, name] of references) expect(Object.keys(document.components.schemas)).toContain(name);
  for (const [path, { parameters = [], get, post }] of Object.entries(document.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(parameters.map(({ name }) => name)).toEqual(inPath);
    for (const [status, response] of Object.entries((get ?? post)?.responses ?? {})) {
      expect(status).toMatch(/^[2-5]\d\d$/);
      expect(response).toMatchObject({ description: expect.any(String) });
    }
  }
});

test('has every route of the server and no other', async () => {
  const { app, document } = await described();
  const template = (path: string) => path.replaceAll('{model}', 'moonshine-tiny').replaceAll('{version}', '1');
  for (const [path, { get }] of Object.entries(document.paths)) {
    if (get !== undefined) expect([path, (await app.inject(template(path))).statusCode]).toEqual([path, 200]);
    const methods = ((await app.inject({ method: 'OPTIONS', url: template(path) })).headers.allow as string).split(
      ', ',
    );
    expect(methods.includes('POST')).toBe(document.paths[path]?.post !== undefined);
  }
  const routes = app.printRoutes({ commonPrefix: false }).match(/(?<=[├└]── )\S+/g) ?? [];
  const known = routes.map((route) => route.replace(/:(\w+)/g, '{$1}')).filter((route) => route.startsWith('/'));
  expect(known.length).toBeGreaterThan(5);
  for (const route of known) expect(Object.keys(document.paths).some((path) => path.includes(route))).toBe(true);
});

test('has the fields of the form that are taken, and the limits that are kept', async () => {
  const { app, document, engine } = await described({ limits: { sizeBytes: 2048, durationMs: 90_000, queue: 3 } });
  const { post } = document.paths[transcriptions] ?? {};
  const properties = post?.requestBody?.content['multipart/form-data']?.schema.properties ?? {};
  const { file, ...fields } = properties;
  expect(file?.description).toContain('At most 2.0 KiB (2048 bytes) and 1 m 30 s');
  expect(post?.responses[413]).toMatchObject({
    description: expect.stringContaining('2.0 KiB, or longer than 1 m 30 s'),
  });
  expect(post?.responses[503]).toMatchObject({ description: expect.stringContaining('Full: 3 recordings') });

  const unknown = await app.inject(recording('Hello', ['colour', 'blue']));
  const { message } = (unknown.json() as { error: { message: string } }).error;
  expect(message.split('expected file, ')[1]?.split(', ').sort()).toEqual(Object.keys(fields).sort());
  const sample = (schema: Schema) =>
    String(schema.enum?.[0] ?? schema.const ?? (schema.examples as string[])?.[0] ?? 'x');
  for (const [name, schema] of Object.entries(fields)) {
    const one = schema.type === 'array' ? (schema.items as Schema) : schema;
    const answer = await app.inject(recording('Hello', [name, sample(one)]));
    expect([name, answer.statusCode]).toEqual([name, 200]);
  }
  expect(engine.calls.length).toBeGreaterThan(5);
});

test('says of each answer what it is', async () => {
  const { app, document, engine } = await described({ limits: { sizeBytes: 2048 } });
  engine.answer = { warnings: [{ kind: 'runaway', startS: 1, endS: 2 }] };
  const answers = [
    [transcriptions, await app.inject(recording('Hello'))],
    [transcriptions, await app.inject(recording('Hello', ['response_format', 'verbose_json']))],
    [transcriptions, await app.inject(recording('Hello', ['stream', 'true']))],
    [transcriptions, await app.inject(recording('Hello', ['model', 'whisper-1']))],
    [transcriptions, await app.inject(recording('x'.repeat(3000)))],
    [transcriptions, await app.inject(form(['model', 'moonshine-tiny']))],
    ['/v1/models', await app.inject('/v1/models')],
    ['/v1/models/{model}', await app.inject('/v1/models/moonshine-tiny')],
    ['/v1/models/{model}', await app.inject('/v1/models/other')],
    ['/v2/models/{model}/ready', await app.inject('/v2/models/other/ready')],
  ] as const;
  expect(answers.map(([, { statusCode }]) => statusCode)).toEqual([200, 200, 400, 404, 413, 400, 200, 200, 404, 404]);
  for (const [path, { statusCode, body }] of answers) {
    const schema = schemaOf(document, path, statusCode);
    expect([path, statusCode, fits(document, schema, JSON.parse(body))]).toEqual([path, statusCode, true]);
    expect(fits(document, schema, { ...JSON.parse(body), more: 1 })).toBe(false);
  }
});
