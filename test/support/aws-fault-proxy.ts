import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault = 'throttle' | 'error' | 'denied' | 'expired';

export interface FaultRule {
  /** `ec2:CreateVpc`, `ssm:PutParameter`, or for S3 `s3:PUT`: the method. */
  readonly call: string;
  readonly fault: Fault;
  /** How often; without it always. */
  times?: number;
}

const answers: Record<Fault, { status: number; code: string; message: string }> = {
  throttle: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  error: { status: 500, code: 'InternalFailure', message: 'Internal failure' },
  denied: { status: 403, code: 'AccessDenied', message: '' },
  expired: { status: 403, code: 'ExpiredToken', message: 'The security token included in the request is expired' },
};

/** A door before an AWS endpoint that refuses some calls the way AWS does and passes on the rest. */
export async function startFaultProxy(target: string, rules: FaultRule[]) {
  const seen: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await readBody(incoming);
    const call = nameOf(incoming, body.toString('latin1'));
    seen.push(call);
    const rule = rules.find((candidate) => candidate.call === call && (candidate.times ?? 1) > 0);
    if (rule !== undefined) {
      if (rule.times !== undefined) rule.times -= 1;
      refuse(outgoing, incoming, call, rule.fault);
      return;
    }
    const { method, headers, url = '/' } = incoming;
    const forwarded = request(new URL(url, target), { method: method ?? 'GET', headers }, (answer) => {
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

function refuse(outgoing: ServerResponse, incoming: IncomingMessage, call: string, fault: Fault): void {
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
