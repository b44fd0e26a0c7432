import { UsageError } from '../base/errors/mlops-error.js';

/** Where the load goes. */
export interface TargetAddress {
  readonly secure: boolean;
  /** A name or an IP address, without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The `Host` header. */
  readonly host: string;
  /** Path and query as they go over the wire. */
  readonly path: string;
  readonly pathname: string;
  /** `Basic ...` from a user name in the URL. */
  readonly authorization: string | undefined;
  /** Fit for reports: without password and without secrets in the query. */
  readonly shown: string;
}

const secretParameter = /key|token|secret|passw|signature|credential|auth/i;

/** Throws UsageError `INVALID_URL` for what is no http or https URL. */
export function parseTarget(text: string): TargetAddress {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    const guess = `http://${text}`;
    invalid(text, 'It has no scheme.', URL.canParse(guess) ? `mlops load-test ${redactUrl(guess)}` : undefined);
  }
  if (!URL.canParse(text)) invalid(text, 'It cannot be read as a URL.');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    invalid(text, `The scheme ${url.protocol.slice(0, -1)} is not supported: only http and https.`);
  }
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  if (port === 0) invalid(text, 'Port 0 cannot be connected to.');
  return {
    secure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    host: url.host,
    path: url.pathname + url.search,
    pathname: url.pathname,
    authorization: basic(url),
    shown: redactUrl(text),
  };
}

/** The same target with another path. */
export function withPath(target: TargetAddress, pathname: string): TargetAddress {
  const url = new URL(target.shown);
  url.pathname = pathname;
  return { ...target, pathname, path: pathname + target.path.slice(target.pathname.length), shown: url.href };
}

/** Replaces user name and password, and the values of query parameters that sound like secrets. */
export function redactUrl(text: string): string {
  if (!URL.canParse(text) || !text.includes('://')) return text.replace(/[^/?#]*@/, '***@');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    url.username = '***';
    url.password = '';
  }
  for (const name of new Set(url.searchParams.keys())) {
    if (secretParameter.test(name)) url.searchParams.set(name, '***');
  }
  url.hash = '';
  return url.href;
}

function basic(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  let credentials: string;
  try {
    credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  } catch {
    invalid(url.href, 'The user name or password is not percent-encoded.');
  }
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function invalid(text: string, why: string, example = 'mlops load-test http://127.0.0.1:8080/api'): never {
  throw new UsageError(`'${redactUrl(text)}' is not a URL that can be tested`, {
    code: 'INVALID_URL',
    why,
    actions: [example],
  });
}
