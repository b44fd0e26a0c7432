import dns from 'node:dns';
import net from 'node:net';
import { beforeAll } from 'vitest';

// A unit test talks to this machine only. A connection to any other host fails the test that opens it, loudly,
// instead of hanging or passing by accident where there is a network.
const local = /^(localhost|127(\.\d+){3}|::1|::ffff:127(\.\d+){3}|0\.0\.0\.0|::)$/;

beforeAll(() => {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function guarded(this: net.Socket, ...args: unknown[]) {
    const [first] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
    const host = typeof first === 'object' && first !== null ? (first as { host?: string }).host : args[1];
    if (typeof host === 'string' && !local.test(host) && !host.endsWith('.invalid')) {
      throw new Error(`A unit test tried to reach ${host}`);
    }
    return connect.apply(this, args as Parameters<typeof connect>);
  } as typeof connect;

  const lookup = dns.lookup;
  dns.lookup = ((hostname: string, ...rest: unknown[]) => {
    if (!local.test(hostname) && !hostname.endsWith('.invalid'))
      throw new Error(`A unit test tried to look up ${hostname}`);
    return (lookup as (...args: unknown[]) => unknown)(hostname, ...rest);
  }) as typeof dns.lookup;
});
