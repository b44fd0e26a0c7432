import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { parse } from 'yaml';
import { selfSignedCertificate } from '../certificate.js';
import { ApiError, notFound } from './api-status.js';
import { Controller } from './controller.js';
import { discover } from './discovery.js';
import type { JsonObject } from './fields.js';
import { applyPatch, create, evict, scale, token, update } from './handlers.js';
import { list, watch } from './list-watch.js';
import { logOf } from './pod-log.js';
import { openTunnel } from './port-forward.js';
import { authorize } from './rbac.js';
import { type Address, parsePath } from './resources.js';
import { Store } from './store.js';

const adminToken = 'admin-token';

/** A Kubernetes API in memory, with what controllers, scheduler and kubelets would do behind it. */
export interface StandIn {
  readonly url: string;
  /** PEM. */
  readonly certificate: string;
  readonly adminToken: string;
  readonly store: Store;
  /** Where the program of every pod really listens on this machine. */
  podPort: number;
  close(): Promise<void>;
}

/** Undefined where there is no openssl to make a certificate. */
export async function startStandIn(): Promise<StandIn | undefined> {
  const certificate = selfSignedCertificate('127.0.0.1');
  if (certificate === undefined) return undefined;
  const store = new Store();
  const controller = new Controller(store);
  const server = createServer(certificate, (request, response) => void answer(store, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (const name of ['default', 'kube-system']) store.write('Namespace', { metadata: { name } });
  controller.start();
  const standIn: StandIn = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificate: certificate.cert.toString('utf8'),
    adminToken,
    store,
    podPort: 0,
    close: () => close(server, controller),
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => upgrade(standIn, request, socket));
  return standIn;
}

async function close(server: Server, controller: Controller): Promise<void> {
  controller.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function answer(store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (code: number, body: unknown) => {
    const isText = typeof body === 'string';
    response.writeHead(code, { 'content-type': isText ? 'text/plain' : 'application/json' });
    response.end(isText ? body : JSON.stringify(body));
  };
  try {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'https://stand-in');
    const user = userOf(request);
    const found = discover(pathname);
    if (found !== undefined) return send(200, found);
    const address = parsePath(pathname);
    if (address === undefined) throw new ApiError(404, 'NotFound', 'the server could not find the requested resource');
    authorize(store, user, verbOf(request, address, query), address);
    if (request.method === 'GET' && query.get('watch') === 'true') return watch(store, address, query, response);
    const body = await bodyOf(request);
    const result = await serve(store, request, { address, query, body, agent: agentOf(request) });
    send(request.method === 'POST' ? 201 : 200, result);
  } catch (error) {
    const status = error instanceof ApiError ? error : new ApiError(500, 'InternalError', `stand-in: ${String(error)}`);
    send(status.code, status.toStatus());
  }
}

async function serve(store: Store, request: IncomingMessage, write: Parameters<typeof create>[1]): Promise<unknown> {
  const { address, query } = write;
  const { resource, namespace, name, subresource } = address;
  const type = request.headers['content-type'] ?? '';
  if (subresource === 'scale') return scale(store, write, request.method === 'GET');
  if (subresource === 'eviction') return evict(store, address);
  if (subresource === 'token') return token(address);
  if (subresource === 'log') return logOf(store, address);
  switch (request.method) {
    case 'GET': {
      if (name === undefined) return list(store, address, query);
      const object = store.show(resource, namespace, name);
      if (object === undefined) throw notFound(qualified(address), name);
      return object;
    }
    case 'POST':
      return await create(store, write);
    case 'PUT':
      return await update(store, write, false);
    case 'PATCH':
      return type.startsWith('application/apply-patch')
        ? await applyPatch(store, write)
        : await update(store, write, true);
    case 'DELETE': {
      const deleted = store.delete(resource, namespace, name ?? '');
      if (deleted === undefined) throw notFound(qualified(address), name ?? '');
      return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name } };
    }
    default:
      throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }
}

function upgrade({ store, podPort }: StandIn, request: IncomingMessage, socket: Duplex): void {
  try {
    const address = parsePath(new URL(request.url ?? '/', 'https://stand-in').pathname);
    if (address?.subresource !== 'portforward') throw new Error('no such upgrade');
    authorize(store, userOf(request), 'create', address);
    openTunnel(request, socket, podPort);
  } catch {
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
  }
}

function userOf({ headers }: IncomingMessage): string {
  const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  if (given === adminToken) return 'admin';
  const user = Buffer.from(given ?? '', 'base64url').toString('utf8');
  if (user.startsWith('system:serviceaccount:')) return user;
  throw new ApiError(401, 'Unauthorized', 'Unauthorized');
}

function verbOf({ method }: IncomingMessage, { name }: Address, query: URLSearchParams): string {
  if (method === 'GET') return query.get('watch') === 'true' ? 'watch' : name === undefined ? 'list' : 'get';
  return { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method ?? ''] ?? 'get';
}

function agentOf({ headers }: IncomingMessage): string {
  return (headers['user-agent'] ?? 'unknown').split('/', 1)[0]?.replace(/\.\d.*$/, '') ?? 'unknown';
}

function qualified({ resource }: Address): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

async function bodyOf(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (parse(text) as JsonObject);
}
