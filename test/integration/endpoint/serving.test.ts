import { createReadStream, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { describe, expect, test } from 'vitest';
import { longReading, missedWords, reading } from '../../support/endpoint/heard.js';
import { hasRecordings } from '../../support/requirements.js';
import { scrape, startServe } from '../../support/serve-process.js';
import { speechModel } from '../../support/speech-model.js';
import { tempDir } from '../../support/temp-dir.js';

const available = hasRecordings() && (await speechModel()) !== undefined;
const model = 'moonshine-tiny';
const route = (code: number) => `mlops_requests_total{route="/v1/audio/transcriptions",code="${code}"}`;

/** `mlops serve moonshine-tiny` with an mlops.yaml and a folder for temporary files of its own. */
async function serving(yaml = '', args: readonly string[] = []) {
  const dir = await tempDir();
  const temp = join(dir, 'tmp');
  await mkdir(temp);
  await writeFile(join(dir, 'mlops.yaml'), yaml);
  const served = await startServe([model, ...args], dir, { TMPDIR: temp });
  const client = new OpenAI({ baseURL: `${served.url}/v1`, apiKey: 'none', maxRetries: 0 });
  /** Recordings that lie in the temporary folder. */
  const stored = async () => (await readdir(temp, { recursive: true })).filter((name) => /\/\d+$/.test(name));
  return { ...served, dir, temp, client, stored };
}

/** What a server leaves behind when it has ended. */
const left = async (temp: string) => (await readdir(temp)).filter((name) => name.startsWith('mlops-'));

const form = (bytes: Uint8Array<ArrayBuffer>, name = 'a.wav') => {
  const body = new FormData();
  body.append('file', new File([bytes], name));
  return body;
};

const file = () => createReadStream(reading);

describe.skipIf(!available)('the npm package openai', () => {
  test('gets all formats', async () => {
    const { client, url, stored } = await serving();
    const create = client.audio.transcriptions.create.bind(client.audio.transcriptions);
    const json = await create({ file: file(), model });
    expect(missedWords(json.text)).toBeLessThanOrEqual(1);
    expect(json.usage).toEqual({ type: 'duration', seconds: 8 });

    const verbose = await create({
      file: file(),
      model,
      language: 'en',
      temperature: 0,
      response_format: 'verbose_json',
      timestamp_granularities: ['segment'],
    });
    expect(verbose).toMatchObject({ language: 'english', duration: expect.closeTo(7.1, 1) });
    const segments = verbose.segments ?? [];
    expect(missedWords(segments.map(({ text }) => text).join(' '))).toBeLessThanOrEqual(1);
    expect(segments[0]?.start).toBeGreaterThanOrEqual(0);
    expect(segments.at(-1)?.end).toBeLessThanOrEqual(7.1);

    const text = await create({ file: file(), model, response_format: 'text' });
    expect(missedWords(text as unknown as string)).toBeLessThanOrEqual(1);
    const srt = await create({ file: file(), model, response_format: 'srt' });
    expect(srt).toMatch(/^1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\n\S/);
    const vtt = await create({ file: file(), model, response_format: 'vtt' });
    expect(vtt).toMatch(/^WEBVTT\n\n00:00:00\.\d{3} --> 00:00:0\d\.\d{3}\n\S/);

    // What nobody set is a threshold that recordings can keep: each of these took longer than 100 ms.
    expect(await scrape(url, 'mlops_slo_requests_total{slo="latency"}')).toBe(5);
    expect(await scrape(url, 'mlops_slo_good_total{slo="latency"}')).toBe(5);

    expect((await client.models.list()).data.map(({ id }) => id)).toEqual([model]);
    expect((await fetch(`${url}/v2/models/${model}/ready`)).status).toBe(200);
    expect(await stored()).toEqual([]);
  });

  test('throws what says what is wrong, and where', async () => {
    const { client, stored } = await serving();
    const ask = async (...given: Parameters<typeof client.audio.transcriptions.create>) =>
      await client.audio.transcriptions.create(...given).then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(await ask({ file: file(), model: 'whisper-1' })).toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
      type: 'invalid_request_error',
      message: "404 The model 'whisper-1' is not served here: this is moonshine-tiny",
    });
    const noAudio = await toFile(Buffer.from('{"speech": "none"}'), 'speech.wav');
    expect(await ask({ file: noAudio, model })).toMatchObject({
      status: 415,
      code: 'audio_unknown',
      message: expect.stringMatching(/^415 speech\.wav is in no audio format that is known here/),
    });
    const cut = await toFile(readFileSync(reading).subarray(0, 100_000), 'cut.wav');
    expect(await ask({ file: cut, model })).toMatchObject({
      status: 422,
      code: 'audio_truncated',
      message: expect.stringMatching(/^422 cut\.wav is cut off: /),
    });
    expect(await ask({ file: await toFile(Buffer.alloc(0), 'empty.wav'), model })).toMatchObject({ status: 422 });
    expect(await ask({ file: file(), model, stream: true })).toMatchObject({ status: 400, param: 'stream' });
    expect(await stored()).toEqual([]);
  });
});

describe.skipIf(!available)('limits', () => {
  test('on size and on duration are 413 and named', async () => {
    const { url, stored } = await serving('serve: { limits: { audio: { size: 1MiB, duration: 10s } } }');
    const post = async (seconds: number) => {
      const body = form(new Uint8Array(longReading(seconds)));
      const answer = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body });
      return [answer.status, ((await answer.json()) as { error: { message: string } }).error.message];
    };
    expect(await post(60)).toEqual([413, expect.stringContaining('serve.limits.audio.size')]);
    expect(await post(21)).toEqual([413, 'a.wav is longer than 10 s, the limit serve.limits.audio.duration']);
    expect(await stored()).toEqual([]);
  });

  test('on recordings at once: the rest gets 503 with Retry-After, and all that were taken are right', async () => {
    const { url, stored } = await serving('serve: { limits: { audio: { queue: 2 } } }', ['--workers', '2']);
    const bytes = new Uint8Array(readFileSync(reading));
    const asked = Array.from({ length: 12 }, async () => {
      const answer = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form(bytes) });
      const body = (await answer.json()) as { text?: string };
      return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text: body.text };
    });
    const answers = await Promise.all(asked);
    const taken = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(taken.length).toBeGreaterThanOrEqual(4);
    expect(refused.length).toBeGreaterThan(0);
    for (const { text = '' } of taken) expect(missedWords(text)).toBeLessThanOrEqual(1);
    for (const { status, retryAfter } of refused) expect([status, retryAfter]).toEqual([503, '1']);
    expect(await scrape(url, route(200))).toBe(taken.length);
    expect(await scrape(url, 'mlops_rejected_total{reason="queue_full"}')).toBe(refused.length);
    expect(await scrape(url, 'mlops_audio_seconds_total')).toBeCloseTo(7.1 * taken.length, 0);
    expect(await stored()).toEqual([]);
  });
});

describe.skipIf(!available)('work in flight', () => {
  test('ends when its client goes, and the thread is free for the next one', async () => {
    const { url, stored } = await serving('', ['--workers', '1']);
    const gone = new AbortController();
    const long = fetch(`${url}/v1/audio/transcriptions`, {
      method: 'POST',
      body: form(new Uint8Array(longReading(300))),
      signal: gone.signal,
    }).catch((error: Error) => error.name);
    await expect.poll(stored, { timeout: 10_000 }).toHaveLength(1);
    await expect.poll(() => scrape(url, 'mlops_queue_delay_seconds_count'), { timeout: 10_000 }).toBe(1);
    gone.abort();
    expect(await long).toBe('AbortError');
    await expect.poll(() => scrape(url, route(499))).toBe(1);
    const body = form(new Uint8Array(readFileSync(reading)));
    const next = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body });
    expect(missedWords(((await next.json()) as { text: string }).text)).toBeLessThanOrEqual(1);
    // The long recording was given up, not finished first.
    expect(await scrape(url, 'mlops_audio_seconds_total')).toBeCloseTo(7.1, 0);
    expect(await stored()).toEqual([]);
  });

  test('is finished after SIGTERM, within the drain timeout', async () => {
    const yaml = 'serve: { drain: { delay: 100ms, timeout: 60s } }';
    const { url, child, exited, log, temp, stored } = await serving(yaml, ['--workers', '1']);
    const bytes = new Uint8Array(longReading(30));
    const asked = Array.from({ length: 2 }, () =>
      fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form(bytes) }),
    );
    await expect.poll(stored, { timeout: 10_000 }).toHaveLength(2);
    child.kill('SIGTERM');
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.map(({ headers }) => headers.get('connection'))).toEqual(['close', 'close']);
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(log.at(-1)).toMatchObject({ msg: 'stopped' });
    expect(await left(temp)).toEqual([]);
  });

  test('is cut off when the drain timeout is over, and the process ends', async () => {
    const yaml = 'serve: { drain: { delay: 0s, timeout: 200ms } }';
    const { url, child, exited, log, temp, stored } = await serving(yaml, ['--workers', '1']);
    const long = fetch(`${url}/v1/audio/transcriptions`, {
      method: 'POST',
      body: form(new Uint8Array(longReading(600))),
    }).catch((error: Error) => error.message);
    await expect.poll(stored, { timeout: 10_000 }).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await long).toBe('fetch failed');
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(log.map(({ msg }) => msg)).toContain('connections cut: the drain timeout is over');
    expect(await left(temp)).toEqual([]);
  });
});
