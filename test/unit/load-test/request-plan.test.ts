import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseHeader, serialise } from '../../../src/lib/load-test/request.js';
import { type PlanInput, planRequests, type RequestPlan } from '../../../src/lib/load-test/request-plan.js';
import { parseTarget } from '../../../src/lib/load-test/target.js';
import { sharedTempDir } from '../../support/temp-dir.js';

const baseDir = await sharedTempDir();

const rows = () => [
  [1, 0],
  [0, 1],
];

function plan(url: string, options: Partial<PlanInput['options']> = {}): Promise<RequestPlan> {
  return planRequests({
    target: parseTarget(url),
    options: { method: undefined, headers: [], body: undefined, ...options },
    baseDir,
    rows,
  });
}

const wire = ({ target, requests }: RequestPlan) =>
  requests.map((request) => serialise(target, request).toString('latin1'));

describe('planRequests', () => {
  it('asks /api about the rows, one at a time', async () => {
    const planned = await plan('http://h:1/api');
    expect(wire(planned)).toEqual(
      ['{"array":[1,0]}', '{"array":[0,1]}'].map(
        (body) =>
          `POST /api HTTP/1.1\r\nHost: h:1\r\nUser-Agent: mlops load-test\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n${body}`,
      ),
    );
    expect(planned.check).toMatchObject({ kind: 'predictions', rows: [1, 1] });
  });

  it('takes a URL without a path for /api, and says so', async () => {
    const planned = await plan('http://h:1');
    expect(planned.target.path).toBe('/api');
    expect(planned.notes).toEqual(['The URL has no path: testing http://h:1/api.']);
    expect((await plan('http://h:1', { method: 'GET' })).target.path).toBe('/');
  });

  it('sends GET without a body to any other URL and looks at the status only', async () => {
    const planned = await plan('http://h/health?x=1');
    expect(wire(planned)).toEqual(['GET /health?x=1 HTTP/1.1\r\nHost: h\r\nUser-Agent: mlops load-test\r\n\r\n']);
    expect(planned.check.kind).toBe('status');
  });

  it.each([
    ['{"array": [1, 2]}', [1]],
    ['{"array": [[1, 2], [3, 4]]}', [2]],
    ['{"array": []}', [0]],
    ['{"wrong": [1, 2]}', [null]],
    ['null', [null]],
  ])('counts the rows of the body %s', async (body, expected) => {
    const planned = await plan('http://h/api', { body });
    expect(planned.method).toBe('POST');
    expect(planned.check).toMatchObject({ kind: 'predictions', rows: expected });
  });

  it('reads a body from a file', async () => {
    await writeFile(join(baseDir, 'body.json'), '{"a": 1}');
    expect(wire(await plan('http://h/score', { body: '@body.json', method: 'put' }))[0]).toMatch(
      /^PUT \/score .*\r\n\r\n{"a": 1}$/s,
    );
    await expect(plan('http://h/', { body: '@none.json' })).rejects.toMatchObject({
      code: 'INVALID_BODY',
      exitCode: 2,
    });
  });

  it('takes a body that is not JSON only with its content type', async () => {
    await expect(plan('http://h/', { body: 'hello' })).rejects.toMatchObject({ code: 'INVALID_BODY', exitCode: 2 });
    const [request] = wire(await plan('http://h/', { body: 'hello', headers: ['content-type: text/plain'] }));
    expect(request).toContain('content-type: text/plain\r\nContent-Length: 5\r\n\r\nhello');
    expect(request).not.toContain('application/json');
  });

  it('lets headers replace its own, the password in the URL included', async () => {
    const [request] = wire(
      await plan('http://a:b@h/x', { headers: ['Authorization: Bearer t', 'Host: other', 'User-Agent: me'] }),
    );
    expect(request).toBe('GET /x HTTP/1.1\r\nAuthorization: Bearer t\r\nHost: other\r\nUser-Agent: me\r\n\r\n');
  });

  it('refuses an unknown method', async () => {
    await expect(plan('http://h/', { method: 'BREW' })).rejects.toMatchObject({ code: 'INVALID_METHOD', exitCode: 2 });
  });
});

describe('parseHeader', () => {
  it('takes what curl takes', () => {
    expect(parseHeader('X-Empty:')).toEqual(['X-Empty', '']);
    expect(parseHeader('X-Time: 12:30')).toEqual(['X-Time', '12:30']);
  });

  it.each([
    'no colon',
    ': value',
    'a b: c',
    'X: a\r\nEvil: 1',
    'X: a\nEvil: 1',
    'X: \0',
    'X\r\n: a',
    'Content-Length: 5',
    'transfer-encoding: chunked',
  ])('refuses %j without repeating its value', (text) => {
    expect(() => parseHeader(text)).toThrow(expect.objectContaining({ code: 'INVALID_HEADER', exitCode: 2 }));
  });

  it('does not repeat a value that may be a secret', () => {
    expect(() => parseHeader('Authorization: Bearer s3cr3t\n')).not.toThrow();
    expect(() => parseHeader('Authorization: Bearer s3cr3t\u0000x')).toThrow(/^(?!.*s3cr3t)/);
  });
});
