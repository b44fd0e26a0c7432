import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from './tools.js';

/** A self-signed certificate for `name`, made by openssl; nobody trusts it. Undefined where there is no openssl. */
export function selfSignedCertificate(name: string): { key: Buffer; cert: Buffer } | undefined {
  const openssl = tool('openssl');
  if (openssl === undefined) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'mlops-certificate-'));
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  try {
    const subject = /^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`;
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${subject}`];
    const files = ['-keyout', key, '-out', cert, '-days', '2'];
    execFileSync(openssl, ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...names], { stdio: 'pipe' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
