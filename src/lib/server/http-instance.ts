import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Connections, closeServer } from './drain.js';
import { Admission } from './http/admission.js';
import type { Lifecycle } from './lifecycle.js';
import { listen } from './listen.js';
import type { ServerLog } from './log.js';
import { type HttpServeOptions, longestTimerMs } from './options.js';

declare module 'fastify' {
  interface FastifyInstance {
    admission: Admission;
  }
}

/** Lets an application hold back new connections; before it listens. */
export function admitInTurns(app: FastifyInstance): void {
  app.decorate('admission', new Admission(app.server));
}

export interface HttpInstance {
  readonly port: number;
  /**
   * `/readyz` says 503 from now on, requests are served for `delayMs` more, then the port is closed and what is in
   * flight finishes.
   */
  stop(delayMs: number): Promise<void>;
}

export interface HttpInstanceContext {
  readonly log: ServerLog;
  readonly lifecycle: Lifecycle;
  /** This process has closed the port; resolves when all have. By default this one is all there is. */
  readonly portClosed?: () => Promise<void>;
  /** Frees the model, after the last answer and when the port cannot be had. */
  readonly close: () => Promise<void>;
}

/** Puts an application on its port, ready for traffic. Throws what `listen` throws. */
export async function startHttpInstance(
  app: FastifyInstance,
  options: Pick<HttpServeOptions, 'host' | 'port' | 'drain'>,
  context: HttpInstanceContext,
): Promise<HttpInstance> {
  const { log, lifecycle } = context;
  const { drain } = options;
  const connections = new Connections(app.server);
  let port: number;
  try {
    port = await listen(app.server, options);
  } catch (error) {
    await app.close();
    await context.close();
    throw error;
  }
  app.server.on('error', (err) => log.fault('accept', { err }, 'connection not accepted'));
  lifecycle.enter('ready');

  return {
    port,
    async stop(delayMs) {
      lifecycle.enter('draining');
      log.info({ delayMs, connections: connections.count }, 'draining');
      await setTimeout(Math.min(delayMs, longestTimerMs));
      const cut = await closeServer(app.server, connections, {
        timeoutMs: drain.timeoutMs,
        admission: app.admission,
        ...(context.portClosed && { portClosed: context.portClosed }),
        onAbort: () => lifecycle.enter('aborting'),
      });
      if (cut > 0)
        log.warn({ connections: cut, timeoutMs: drain.timeoutMs }, 'connections cut: the drain timeout is over');
      await app.close();
      await context.close();
    },
  };
}
