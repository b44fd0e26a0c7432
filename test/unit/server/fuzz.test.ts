import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { listeningApp, type TestApp } from '../../support/app.js';
import { between, pick, seeded } from '../../support/random.js';
import { RawConnection, rawPost } from '../../support/raw-http.js';

const row = '{"array":[5,0,0]}';

/** Whatever was sent: no 5xx, nothing logged as a fault, nothing left behind, and the next request is answered. */
async function expectUnharmed({ metrics, lines, budget, metric, port }: TestApp & { port: number }): Promise<void> {
  const text = await metrics.registry.metrics();
  const faults = [...text.matchAll(/^mlops_requests_total\{.*code="5\d\d"\} (\d+)$/gm)];
  expect(faults.length).toBeGreaterThan(0);
  expect(faults.map((match) => match[1])).toEqual(faults.map(() => '0'));
  await expect.poll(() => metric('mlops_in_flight')).toBe(0);
  expect([lines, budget.usedBytes]).toEqual([[], 0]);
  const connection = new RawConnection(port).send(rawPost(row));
  await expect.poll(() => connection.bodies).toEqual([{ predicciones: [5] }]);
}

describe('nothing a client sends is a fault of the server', () => {
  it('1,000 damaged requests', async () => {
    const made = await listeningApp();
    const random = seeded(4_711);
    for (let wave = 0; wave < 20; wave++) {
      const connections = Array.from({ length: 50 }, () => {
        const connection = new RawConnection(made.port).send(Buffer.from(damaged(random), 'latin1'));
        if (random() < 0.1) connection.socket.resetAndDestroy();
        else connection.socket.end();
        return connection;
      });
      await expect.poll(() => connections.every(({ closed }) => closed), { timeout: 5_000 }).toBe(true);
    }
    await expectUnharmed(made);
  });

  it('2,000 bodies of all kinds of JSON', async () => {
    const made = await listeningApp();
    const random = seeded(815);
    const statuses = new Map<number, number>();
    for (let wave = 0; wave < 20; wave++) {
      const bodies = Array.from({ length: 100 }, () => odd(random, 0));
      for (const status of await Promise.all(bodies.map((body) => post(made.url, body)))) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
    expect([...statuses.keys()].sort()).toEqual([200, 400]);
    await expectUnharmed(made);
  });
});

function damaged(random: () => number): string {
  let text = pick(random, [
    rawPost(row, { 'Content-Type': 'application/json' }),
    rawPost(row, { Expect: '100-continue' }),
    `POST /api HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n${row}\r\n0\r\n\r\n`,
    'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /readyz HTTP/1.0\r\n\r\n',
    `${rawPost(row)}${rawPost(row)}`,
  ]);
  for (let damage = between(random, 1, 4); damage > 0; damage--) {
    const at = between(random, 0, text.length);
    const piece = text.slice(between(random, 0, text.length), between(random, 0, text.length));
    const insert = pick(random, [
      String.fromCharCode(between(random, 0, 255)),
      '',
      '\r\n',
      '\0',
      piece,
      ': ',
      '[[[',
      '%',
    ]);
    text = text.slice(0, at) + insert + text.slice(at + between(random, 0, 5));
  }
  return text;
}

/** Values that are sometimes what the route expects. */
function odd(random: () => number, depth: number): string {
  const more = () => odd(random, depth + 1);
  const list = (count: number) => `[${Array.from({ length: count }, more).join(',')}]`;
  if (depth === 0 && random() < 0.6) return `{"array":${random() < 0.3 ? '[1,2,3]' : more()}}`;
  const leaves = [
    '1',
    '-0.5',
    '1e400',
    '1e-400',
    '12345678901234567890',
    'null',
    'true',
    '""',
    '"\\ud800"',
    '{}',
    '[]',
    'NaN',
    '',
  ];
  if (depth > 3 || random() < 0.4) return pick(random, leaves);
  if (random() < 0.6) return list(between(random, 0, 4));
  return `{${['"array"', '"__proto__"', '"constructor"', '"toString"'].map((key) => `${key}:${more()}`).join(',')}}`;
}

function post(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}/api`, { method: 'POST', agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    request.once('error', reject).end(body);
  });
}
