import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Secret } from '../../../src/lib/secrets/secret.js';
import { createDirectTransport } from '../../../src/lib/warehouse/redshift/transport/direct.js';
import type { SqlTransport } from '../../../src/lib/warehouse/redshift/transport/types.js';
import { catalog } from './database.js';
import { startPostgres } from './postgres.js';
import { warehouseDeps } from './warehouse.js';

const place = { host: 'localhost', database: 'postgres', user: 'ana' };
/** Of the advisory lock that is the gate. */
const gate = 4711;

/** SQL that waits while a test holds the gate. */
export const waitAtGate = `SELECT pg_advisory_xact_lock(${gate})`;
/** A session that does so, as `seen` takes it. */
export const isAtGate = `wait_event_type = 'Lock' AND wait_event = 'advisory'`;

/** A PostgreSQL with Redshift's views, and ways to look at the sessions that the direct transport has there. */
export class DirectServer {
  readonly #port: number;
  readonly #caFile: string;
  readonly #ca: string;
  readonly stop: () => Promise<void>;
  password = 'correct horse';

  private constructor(port: number, caFile: string, ca: string, stop: () => Promise<void>) {
    this.#port = port;
    this.#caFile = caFile;
    this.#ca = ca;
    this.stop = stop;
  }

  static async start(certificate: { readonly key: Buffer; readonly cert: Buffer }): Promise<DirectServer> {
    const folder = await mkdtemp(join(tmpdir(), 'mlops-ca-'));
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, certificate.cert);
    const postgres = await startPostgres('correct horse', certificate);
    const server = new DirectServer(postgres.port, caFile, certificate.cert.toString(), async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    });
    await server.raw(catalog);
    return server;
  }

  /** The transport, as a loader has it. */
  connection(): SqlTransport {
    const login = { ...place, port: this.#port, password: new Secret(this.password), caFile: this.#caFile };
    return createDirectTransport(login, warehouseDeps());
  }

  /** PostgreSQL itself, for a test to look or to prepare; nothing is checked. */
  async raw(sql: string): Promise<Record<string, unknown>[]> {
    const client = await this.#client();
    try {
      const results = [await client.query(sql)].flat();
      return (results.at(-1)?.rows ?? []) as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  }

  /** Sessions of the transport. */
  async sessions(condition = 'true'): Promise<Record<string, unknown>[]> {
    return await this.raw(
      `SELECT pid, state, query FROM pg_stat_activity WHERE application_name = 'mlops' AND ${condition}`,
    );
  }

  /** Waits until there is one like this, and gives its process; throws when there never is. */
  async seen(condition: string): Promise<number> {
    for (let tries = 0; tries < 200; tries += 1) {
      const [found] = await this.sessions(condition);
      if (found !== undefined) return Number(found.pid);
      await sleep(20);
    }
    throw new Error(`No session of which ${condition}`);
  }

  /** Holds the gate while `work` runs, or until it opens it. */
  async withGate<T>(work: (open: () => Promise<void>) => Promise<T>): Promise<T> {
    const holder = await this.#client();
    await holder.query(`SELECT pg_advisory_lock(${gate})`);
    let ended: Promise<void> | undefined;
    const open = async () => {
      ended ??= holder.end();
      await ended;
    };
    try {
      return await work(open);
    } finally {
      await open();
    }
  }

  async #client(): Promise<pg.Client> {
    const client = new pg.Client({ ...place, port: this.#port, password: this.password, ssl: { ca: this.#ca } });
    await client.connect();
    return client;
  }
}
