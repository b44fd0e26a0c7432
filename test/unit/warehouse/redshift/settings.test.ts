import { describe, expect, it } from 'vitest';
import { resolveConnection, stagingPlace } from '../../../../src/lib/warehouse/redshift/connection.js';
import { readPlainSettings } from '../../../../src/lib/warehouse/redshift/plain-settings.js';
import { warehouseDeps } from '../../../support/redshift/warehouse.js';

const connect = async (env: Record<string, string>) =>
  await resolveConnection(readPlainSettings(env).redshift, warehouseDeps({ env }));

describe('the plain settings', () => {
  it('connect directly with a password', async () => {
    const connection = await connect({
      REDSHIFT_HOST: 'db.example.com',
      REDSHIFT_DB: 'dev',
      REDSHIFT_USER: 'ana',
      REDSHIFT_PASSWORD: 'x',
    });
    expect(connection).toMatchObject({
      kind: 'direct',
      target: { host: 'db.example.com', port: 5439, database: 'dev', user: 'ana' },
    });
    expect(JSON.stringify(connection)).not.toContain('"x"');
  });

  it.each([
    ['flights.abc123.eu-west-1.redshift.amazonaws.com', { cluster: 'flights' }, 'eu-west-1'],
    ['flights.123456789012.us-east-1.redshift-serverless.amazonaws.com', { workgroup: 'flights' }, 'us-east-1'],
  ])('without one find the Data API by the name of the host: %s', async (host, place, region) => {
    const connection = await connect({ REDSHIFT_HOST: host, REDSHIFT_USER: 'ana' });
    expect(connection).toMatchObject({ kind: 'data-api', region, target: { ...place, database: 'dev' } });
  });

  it('say what is missing', async () => {
    await expect(connect({})).rejects.toMatchObject({ code: 'REDSHIFT_UNSPECIFIED' });
    await expect(connect({ REDSHIFT_HOST: 'db.example.com' })).rejects.toMatchObject({
      why: expect.stringContaining('user and a password'),
    });
    await expect(connect({ REDSHIFT_WORKGROUP: 'w' })).rejects.toMatchObject({ why: 'The region is not known.' });
    expect(() => readPlainSettings({ REDSHIFT_PORT: 'x' })).toThrow('not a port');
    expect(() => stagingPlace({})).toThrow('Where Redshift is');
  });

  it('stage in the bucket, below the prefix of manifests', () => {
    const { table, redshift } = readPlainSettings({ S3_BUCKET: 'b-1', REDSHIFT_TABLE: 'people', REDSHIFT_HOST: '' });
    expect(table).toBe('people');
    expect(redshift.host).toBeUndefined();
    expect(stagingPlace(redshift)).toEqual({ bucket: 'b-1', prefix: 'loads/' });
    const other = readPlainSettings({ S3_BUCKET: 'b-1', MANIFEST_PREFIX: 'm' }).redshift;
    expect(stagingPlace(other)).toEqual({ bucket: 'b-1', prefix: 'm/' });
  });
});
