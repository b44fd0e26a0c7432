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
    ['FLIGHTS.abc123.EU-WEST-1.redshift.amazonaws.com:5439/dev', { cluster: 'flights' }, 'eu-west-1'],
  ])('without one find the Data API by the name of the host: %s', async (host, place, region) => {
    const connection = await connect({ REDSHIFT_HOST: host, REDSHIFT_USER: 'ana', AWS_REGION: 'ap-south-1' });
    expect(connection).toMatchObject({ kind: 'data-api', region, target: { ...place, database: 'dev' } });
  });

  it('take the port and the database from what the console shows, unless told', async () => {
    const given = { REDSHIFT_HOST: 'DB.example.com:5440/calls', REDSHIFT_USER: 'ana', REDSHIFT_PASSWORD: 'x' };
    expect(await connect(given)).toMatchObject({ target: { host: 'db.example.com', port: 5440, database: 'calls' } });
    expect(await connect({ ...given, REDSHIFT_PORT: '1', REDSHIFT_DB: 'dev' })).toMatchObject({
      target: { port: 1, database: 'dev' },
    });
    expect(() => readPlainSettings({ REDSHIFT_HOST: 'db.example.com:99999' })).toThrow("port of Redshift is '99999'");
  });

  it('take no endpoint in a VPC for a workgroup, and no region of a host that is not used', async () => {
    const host = 'x-endpoint-y.123456789012.us-east-1.redshift-serverless.amazonaws.com';
    await expect(connect({ REDSHIFT_HOST: host })).rejects.toMatchObject({ code: 'REDSHIFT_UNSPECIFIED' });
    const other = 'a.123456789012.us-east-1.redshift-serverless.amazonaws.com';
    const named = { REDSHIFT_WORKGROUP: 'w', REDSHIFT_HOST: other, AWS_REGION: 'eu-west-1' };
    expect(await connect(named)).toMatchObject({ region: 'eu-west-1', target: { workgroup: 'w' } });
  });

  it('find the region where AWS keeps it', async () => {
    const deps = warehouseDeps({ configuredRegion: async () => 'eu-north-1' });
    expect(await resolveConnection({ workgroup: 'w' }, deps)).toMatchObject({ region: 'eu-north-1' });
  });

  it('say what is missing', async () => {
    await expect(connect({})).rejects.toMatchObject({
      code: 'REDSHIFT_UNSPECIFIED',
      actions: [expect.stringContaining('warehouse.redshift.workgroup')],
    });
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
