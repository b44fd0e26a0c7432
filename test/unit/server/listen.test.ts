import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen, urlOf } from '../../../src/lib/server/listen.js';
import { choosePort } from '../../../src/lib/server/port.js';
import { errorOf } from '../../support/errors.js';

function server() {
  const made = createServer();
  onTestFinished(() => void made.close());
  return made;
}

describe('listening', () => {
  it('picks a free port for 0', async () => {
    const made = server();
    const port = await listen(made, { host: '127.0.0.1', port: 0 });
    expect(port).toBe((made.address() as AddressInfo).port);
    expect(port).toBeGreaterThan(0);
  });

  it('says what to do about a port that is taken', async () => {
    const port = await listen(server(), { host: '127.0.0.1', port: 0 });
    const error = await errorOf(() => listen(server(), { host: '127.0.0.1', port }));
    expect(error).toMatchObject({ code: 'PORT_IN_USE', exitCode: 1, message: `Port ${port} is in use` });
    expect(error.actions.join()).toContain('--port 0');
  });

  it('says what is wrong with the host', async () => {
    const unknown = await errorOf(() => listen(server(), { host: 'nowhere.invalid', port: 0 }));
    expect([unknown.code, unknown.message]).toEqual(['HOST_UNKNOWN', "The host 'nowhere.invalid' is not known"]);
  });

  it('names a URL that works from this machine', () => {
    expect(urlOf({ host: '127.0.0.1', port: 80 })).toBe('http://127.0.0.1:80');
    expect(urlOf({ host: '0.0.0.0', port: 80 })).toBe('http://127.0.0.1:80');
    expect(urlOf({ host: '::', port: 80 })).toBe('http://[::1]:80');
    expect(urlOf({ host: 'fe80::1', port: 80 })).toBe('http://[fe80::1]:80');
    expect(urlOf({ host: 'box.local', port: 80 })).toBe('http://box.local:80');
  });
});

describe('the port', () => {
  it('is the flag, then PORT, then the project', () => {
    expect(choosePort({ flag: 1, variable: '2', configured: 3 })).toBe(1);
    expect(choosePort({ flag: 0, variable: '2', configured: 3 })).toBe(0);
    expect(choosePort({ flag: undefined, variable: '2', configured: 3 })).toBe(2);
    expect(choosePort({ flag: undefined, variable: '', configured: 3 })).toBe(3);
    expect(choosePort({ flag: undefined, variable: undefined, configured: 3 })).toBe(3);
  });

  it.each(['http', '70000', '-1', '1.5', '0x50', '8080/tcp'])('PORT=%s is refused', async (variable) => {
    const error = await errorOf(() => choosePort({ flag: undefined, variable, configured: 3 }));
    expect([error.code, error.exitCode]).toEqual(['INVALID_PORT', 2]);
    expect(choosePort({ flag: 1, variable, configured: 3 })).toBe(1);
  });
});
