import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describeError } from '../base/errors/describe.js';
import { OperationError } from '../base/errors/mlops-error.js';
import { ask, NoAnswer } from './ask.js';
import type { RequestSpec } from './request.js';
import type { TargetAddress } from './target.js';

/** A test is not held up longer than this by a target that takes connections and says nothing. */
const longestWaitMs = 10_000;

export interface Preflight {
  /** IP addresses of the target of the kind that works, the one that answered first. */
  readonly addresses: readonly string[];
  readonly sameHost: boolean;
  readonly notes: readonly string[];
}

export interface PreflightOptions {
  readonly insecure: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * One real request before any load. An error status does not stop the test: it is what the load will count.
 * Throws OperationError: `TARGET_UNREACHABLE` when there is no connection, `TARGET_UNTRUSTED` for a certificate that
 * nobody vouches for (it has been sent no byte of HTTP), `TARGET_NOT_HTTP` for another protocol.
 */
export async function preflight(
  target: TargetAddress,
  request: RequestSpec,
  options: PreflightOptions,
): Promise<Preflight> {
  try {
    const { address } = await ask(target, request, {
      ...options,
      timeoutMs: Math.min(options.timeoutMs, longestWaitMs),
    });
    return { ...(await addressesOf(target, address)), notes: [] };
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof NoAnswer)) throw error;
    const { cause, address } = error;
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (isUntrusted(code)) throw untrusted(target, cause);
    if (/^HPE_|^ERR_SSL|^EPROTO$/.test(code)) throw otherProtocol(target, cause);
    const why = describeCause(cause, options);
    if (address === undefined) throw unreachable(target, why, cause);
    return {
      ...(await addressesOf(target, address)),
      notes: [`The target took the connection but did not answer the first request: ${why}.`],
    };
  }
}

/** Certificate errors of OpenSSL and of Node's own check of the name. */
function isUntrusted(code: string): boolean {
  return /CERT|ERR_TLS_|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH/.test(code);
}

/** Connections are opened by address, so that 400 of them, and every reconnect, need no look-up. */
async function addressesOf(
  target: TargetAddress,
  answered: string,
): Promise<{ addresses: string[]; sameHost: boolean }> {
  const family = isIP(answered);
  const found = isIP(target.hostname) === 0 ? await lookup(target.hostname, { all: true }).catch(() => []) : [];
  const others = found.filter((entry) => entry.family === family).map((entry) => entry.address);
  return { addresses: [...new Set([answered, ...others])], sameHost: isOwn(answered) };
}

function isOwn(address: string): boolean {
  if (/^(127\.|::1$|::ffff:127\.)/.test(address)) return true;
  return Object.values(networkInterfaces()).some((entries) => entries?.some((entry) => entry.address === address));
}

function describeCause(cause: unknown, options: PreflightOptions): string {
  const timedOut = cause instanceof Error && cause.name === 'AbortError';
  return timedOut ? `nothing within ${Math.min(options.timeoutMs, longestWaitMs)} ms` : describeError(cause);
}

function unreachable(target: TargetAddress, why: string, cause: unknown): OperationError {
  return new OperationError(`${target.shown} cannot be reached: no load was sent`, {
    code: 'TARGET_UNREACHABLE',
    why,
    actions: [`curl -v ${target.shown}`, 'Serve the model and test it in one step: mlops load-test'],
    cause,
  });
}

function untrusted(target: TargetAddress, cause: unknown): OperationError {
  return new OperationError(`The certificate of ${target.shown} is not trusted: nothing was sent`, {
    code: 'TARGET_UNTRUSTED',
    why: describeError(cause),
    actions: [
      'Trust its issuer: NODE_EXTRA_CA_CERTS=ca.pem mlops load-test ...',
      'Test it all the same, which the report will say: --insecure',
    ],
    cause,
  });
}

function otherProtocol(target: TargetAddress, cause: unknown): OperationError {
  return new OperationError(`${target.shown} does not speak ${target.secure ? 'HTTPS' : 'HTTP'}: no load was sent`, {
    code: 'TARGET_NOT_HTTP',
    why: describeError(cause),
    actions: [`Try the URL with ${target.secure ? 'http' : 'https'}://`],
    cause,
  });
}
