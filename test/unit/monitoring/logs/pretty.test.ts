import { PassThrough, Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { longestLine, prettyPrint } from '../../../../src/lib/monitoring/logs/pretty.js';
import { readRecord } from '../../../../src/lib/monitoring/logs/record.js';
import { formatRow } from '../../../../src/lib/monitoring/logs/rows.js';
import { createServerLog } from '../../../../src/lib/server/log.js';

const plain = (_tone: string, text: string) => text;

async function pretty(chunks: readonly (string | Buffer)[], options: { json?: boolean; paint?: typeof plain } = {}) {
  const written: Buffer[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  const input = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  await prettyPrint(input, output, { json: options.json ?? false, paint: options.paint ?? plain });
  return Buffer.concat(written);
}

async function ourErrorLine(): Promise<string> {
  const lines: string[] = [];
  const log = await createServerLog({
    level: 'info',
    access: false,
    target: { write: (line) => void lines.push(line) },
  });
  log.fault('failed', { route: '/api', requestId: 'r-1', err: new TypeError('broken') }, 'request failed');
  return lines.join('');
}

describe('log lines from a pipe', () => {
  it('come out with time, level, message, request and stack', async () => {
    const text = (await pretty([await ourErrorLine()])).toString();
    const [first, second, third] = text.split('\n');
    expect(first).toMatch(
      /^\d{4}-\S+Z ERROR request failed requestId=r-1 reason=failed route=\/api err=\{.*"message":"broken"/,
    );
    expect(second).toBe('    TypeError: broken');
    expect(third).toMatch(/^ {4} {4}at /);
    expect(text).not.toContain('severity');
  });

  it.each([
    ['text', 'listening on 8080\n'],
    ['JSON that is no log line', '{"predicciones": [0]}\n[1, 2]\n"x"\n'],
    ['broken JSON', '{"level":"info","msg":\n'],
    ['nothing on a line', '\n\n  \n'],
    ['no newline at the end', 'a\nb'],
    ['Windows line ends', 'a\r\nb\r\n'],
    ['deep nesting', `${'['.repeat(100_000)}\n{"a":${'{"a":'.repeat(20_000)}\n`],
  ])('pass through unchanged: %s', async (_what, text) => {
    expect((await pretty([text])).toString()).toBe(text);
  });

  it('pass through byte for byte when they are no UTF-8', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a, 0xc3]);
    expect(await pretty([bytes])).toEqual(bytes);
  });

  it('are whole lines, however they arrive', async () => {
    const line = '{"level":"warn","msg":"añb"}\n';
    const bytes = [...Buffer.from(line.repeat(3))].map((byte) => Buffer.from([byte]));
    expect((await pretty(bytes)).toString()).toBe('WARN  añb\n'.repeat(3));
  });

  it('pass through in pieces when they are huge, and the next one is read again', async () => {
    const huge = `{"level":"info","msg":"${'x'.repeat(3 * longestLine)}"}`;
    const chunks = [...(huge.match(/.{1,65536}/gs) ?? []), '\n', '{"level":30,"msg":"after"}\n'];
    expect((await pretty(chunks)).toString()).toBe(`${huge}\nINFO  after\n`);
    const [cut, after] = (await pretty(chunks, { json: true }))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(cut).toMatchObject({ truncated: true });
    expect(String(cut?.message).length).toBeLessThanOrEqual(longestLine);
    expect(after).toEqual({ level: 30, msg: 'after' });
  });

  it('hold nothing that a terminal would obey', async () => {
    const text = (await pretty(['{"level":"info","msg":"\\u001b[2Jgone\\u0007","x":"\\u009b31m"}\n'])).toString();
    expect(text).toBe('INFO  \\x1b[2Jgone\\x07 x=\\x9b31m\n');
  });

  it('with --json are JSON, all of them', async () => {
    const lines = (await pretty(['{"level":"info","msg":"a"}\nplain "text"\n\n'], { json: true }))
      .toString()
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 'info', msg: 'a' },
      { message: 'plain "text"' },
    ]);
  });

  it('end when nobody reads any more, without an error', async () => {
    const output = new PassThrough({ highWaterMark: 1 });
    let produced = 0;
    const endless = (async function* () {
      for (;;) {
        produced++;
        if (produced === 50) output.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
        output.resume();
        await new Promise((resolve) => setImmediate(resolve));
        yield Buffer.from('line\n');
      }
    })();
    await prettyPrint(endless, output, { json: false, paint: plain });
    expect(produced).toBeLessThan(60);
  });
});

describe('a record', () => {
  it.each([
    ['pino numbers', '{"level":50,"time":0,"msg":"x"}', { level: 'error', time: '1970-01-01T00:00:00.000Z' }],
    [
      'Lambda',
      '{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR","requestId":"r","message":"x"}',
      { level: 'error', fields: { requestId: 'r' } },
    ],
    [
      'an exception in Lambda',
      '{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR","requestId":"r","message":{"errorType":"Error","errorMessage":"x","stackTrace":["a","b"]}}',
      { level: 'error', fields: { requestId: 'r', errorType: 'Error' }, stack: 'a\nb' },
    ],
    ['Cloud Logging', '{"severity":"WARNING","message":"x"}', { level: 'warn' }],
    [
      'Container Insights',
      '{"log":"{\\"level\\":\\"info\\",\\"msg\\":\\"x\\"}","kubernetes":{"pod_name":"p-1"}}',
      { level: 'info', fields: { pod: 'p-1' } },
    ],
    [
      'Container Insights, parsed',
      '{"log_processed":{"level":"fatal","msg":"x"},"kubernetes":{"pod_name":"p-1"}}',
      { level: 'fatal' },
    ],
    ['a stack as a list', '{"level":"error","msg":"x","stackTrace":["a","b"]}', { stack: 'a\nb' }],
  ])('is read from %s', (_what, text, expected) => {
    expect(readRecord(text)).toMatchObject({ message: 'x', ...expected });
  });

  it('is none without a level that is one', () => {
    expect(readRecord('{"level":"gold","message":"x"}')).toBeUndefined();
    expect(readRecord('{"level":{"a":1},"message":"x"}')).toBeUndefined();
    expect(readRecord('{"level":999,"message":"x"}')).toBeUndefined();
    expect(readRecord('{"level":"info"}')).toBeUndefined();
  });
});

describe('a row of CloudWatch', () => {
  it('is shown like a line from a pipe when it is one', () => {
    const row = { '@timestamp': '2026-01-31 10:00:00.000', '@message': '{"level":"error","msg":"x"}\n', '@ptr': 'p' };
    expect(formatRow(row, plain)).toBe('2026-01-31T10:00:00.000Z ERROR x');
  });

  it('is its text or its fields otherwise', () => {
    expect(formatRow({ '@timestamp': '2026-01-31 10:00:00.000', '@message': 'START RequestId: 1\n' }, plain)).toBe(
      '2026-01-31T10:00:00.000Z START RequestId: 1',
    );
    expect(formatRow({ 'bin(1h)': '2026-01-31 10:00:00.000', 'count(*)': '7' }, plain)).toBe(
      'bin(1h)=2026-01-31 10:00:00.000 count(*)=7',
    );
  });
});
