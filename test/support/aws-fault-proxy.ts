import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `hang` never answers, `reset` closes the connection. */
export type Fault = 'throttle' | 'error' | 'denied' | 'expired' | 'hang' | 'reset';

export interface FaultRule {
  /** `ec2:CreateVpc`, `ssm:PutParameter`, or for S3 `s3:PUT`: the method. */
  readonly call: string;
  readonly fault: Fault;
  /** How often; without it always. */
  times?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

/** A call that goes on to what stands behind the proxy: as it came, or as something else. */
export type Forward = (changed?: { body?: string; headers?: Record<string, string> }) => Promise<Answer>;

/** Answers some calls itself, as AWS documents them; undefined leaves a call to what stands behind the proxy. */
export type StandIn = (call: string, body: string, forward: Forward) => Promise<Answer | undefined>;

const answers: Record<Exclude<Fault, 'hang' | 'reset'>, { status: number; code: string; message: string }> = {
  throttle: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  error: { status: 500, code: 'InternalFailure', message: 'Internal failure' },
  denied: { status: 403, code: 'AccessDenied', message: '' },
  expired: { status: 403, code: 'ExpiredToken', message: 'The security token included in the request is expired' },
};

/** A door before an AWS endpoint that refuses some calls the way AWS does and passes on the rest. */
export async function startFaultProxy(target: string, rules: FaultRule[], standIns: readonly StandIn[] = []) {
  const seen: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await readBody(incoming);
    const call = nameOf(incoming, body.toString('latin1'));
    seen.push(call);
    const rule = rules.find((candidate) => candidate.call === call && (candidate.times ?? 1) > 0);
    if (rule !== undefined) {
      if (rule.times !== undefined) rule.times -= 1;
      if (rule.fault === 'reset') outgoing.destroy();
      else if (rule.fault !== 'hang') refuse(outgoing, incoming, call, rule.fault);
      return;
    }
    for (const standIn of standIns) {
      const answer = await standIn(call, body.toString('utf8'), (changed) =>
        forwardCall(target, incoming, body, changed),
      );
      if (answer === undefined) continue;
      outgoing.writeHead(answer.status, answer.headers ?? {});
      outgoing.end(answer.body);
      return;
    }
    const { method, headers, url = '/' } = incoming;
    // The path as it came: a key of S3 may hold `..`, which a URL would resolve.
    const forwarded = request(target, { path: url, method: method ?? 'GET', headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    forwarded.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function forwardCall(
  target: string,
  { method, headers, url = '/' }: IncomingMessage,
  body: Buffer,
  changed: Parameters<Forward>[0] = {},
): Promise<Answer> {
  // An empty header is one to leave out; the length is that of another body.
  const kept = Object.entries({ ...headers, ...changed.headers, 'content-length': '' }).filter(([, value]) => value);
  const forwarded = request(new URL(url, target), { method: method ?? 'GET', headers: Object.fromEntries(kept) });
  forwarded.end(changed.body ?? body);
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
  const text = (await readBody(answer)).toString('utf8');
  const type = answer.headers['content-type'];
  return { status: answer.statusCode ?? 500, headers: type === undefined ? {} : { 'content-type': type }, body: text };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The service stands in the signature, the action in a header or in the form. */
function nameOf(incoming: IncomingMessage, body: string): string {
  const service =
    /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? 'unknown';
  const target = incoming.headers['x-amz-target'];
  const action =
    typeof target === 'string'
      ? target.replace(/^.*\./, '')
      : (/(?:^|&)Action=(\w+)/.exec(body)?.[1] ?? incoming.method);
  return `${service}:${action}`;
}

function refuse(outgoing: ServerResponse, incoming: IncomingMessage, call: string, fault: keyof typeof answers): void {
  const { status, code, message } = answers[fault];
  const why =
    message ||
    `User: arn:aws:iam::123456789012:user/tester is not authorized to perform: ${call} on resource: arn:aws:test:::it`;
  if (incoming.headers['x-amz-target'] !== undefined) {
    outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code });
    outgoing.end(JSON.stringify({ __type: code, message: why }));
    return;
  }
  outgoing.writeHead(status, { 'content-type': 'text/xml' });
  const error = `<Error><Code>${code}</Code><Message>${why}</Message></Error>`;
  if (call.startsWith('ec2:')) outgoing.end(`<Response><Errors>${error}</Errors><RequestID>1</RequestID></Response>`);
  else if (call.startsWith('s3:')) outgoing.end(error);
  else outgoing.end(`<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`);
}
