import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../support/cli.js';
import { hasMoto, type Moto, startMoto } from '../../support/moto.js';

const group = '/aws/lambda/flight-delay-transcribe';

describe.skipIf(!hasMoto)('mlops logs against moto', () => {
  let moto: Moto;

  beforeAll(async () => {
    moto = await startMoto();
    const sdk = await import('@aws-sdk/client-cloudwatch-logs');
    const client = new sdk.CloudWatchLogsClient({
      region: 'us-east-1',
      endpoint: moto.url,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });
    await client.send(new sdk.CreateLogGroupCommand({ logGroupName: group }));
    await client.send(new sdk.CreateLogStreamCommand({ logGroupName: group, logStreamName: 's' }));
    const now = Date.now();
    const messages = ['{"level":"info","msg":"ready"}', '{"level":"error","severity":"ERROR","msg":"broken"}'];
    await client.send(
      new sdk.PutLogEventsCommand({
        logGroupName: group,
        logStreamName: 's',
        logEvents: messages.map((message, index) => ({ timestamp: now - 60_000 + index, message })),
      }),
    );
    client.destroy();
  });
  afterAll(() => moto.stop());

  const logs = (...args: string[]) => runCli(['logs', '--log-group', group, ...args], { env: moto.env });

  // moto does not filter: what is asked is tested where CloudWatch is scripted, that it is asked and read is tested here.
  it('reads the rows, newest first', async () => {
    const { exitCode, stdout, stderr } = await logs('--errors', '--since', '1h');
    expect(stderr).toContain('2 rows');
    expect(exitCode).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/^\S+ /, '')),
    ).toEqual(['ERROR broken', 'INFO  ready']);
  });

  it('writes JSON lines', async () => {
    const { stdout } = await logs('--json');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      expect.objectContaining({ '@message': expect.stringContaining('broken'), '@ptr': expect.any(String) }),
      expect.objectContaining({ '@message': expect.stringContaining('ready') }),
    ]);
  });

  it('gets through throttling and a fault', async () => {
    moto.faults.push(
      { call: 'logs:StartQuery', fault: 'throttle', times: 2 },
      { call: 'logs:GetQueryResults', fault: 'error', times: 1 },
    );
    const { exitCode, stdout } = await logs();
    expect([exitCode, stdout.trim().split('\n').length]).toEqual([0, 2]);
  });

  it('names the permission that is missing, and stale credentials', async () => {
    moto.faults.push({ call: 'logs:StartQuery', fault: 'denied', times: 1 });
    const denied = await logs('--json');
    expect([denied.exitCode, JSON.parse(denied.stdout)]).toMatchObject([1, { error: { code: 'ACCESS_DENIED' } }]);
    moto.faults.push({ call: 'logs:StartQuery', fault: 'expired', times: 1 });
    expect((await logs()).exitCode).toBe(5);
  });

  it('says that a log group is not there', async () => {
    const { exitCode, stdout } = await runCli(['logs', '--log-group', '/not/there', '--json'], { env: moto.env });
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([2, { error: { code: 'LOG_GROUP_MISSING' } }]);
  });
});
