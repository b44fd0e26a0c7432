import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Json = Record<string, unknown>;
type Reply = readonly [status: number, json: unknown];

/** `hang` never answers, `reset` closes the connection, `cut` does so in the middle of an answer. */
export type GrafanaFault = { readonly on?: string; readonly afterwards?: boolean } & (
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | { readonly breaks: 'hang' | 'reset' | 'cut' }
);

/** The parts of Grafana's HTTP API that we use, in memory, by its documentation (folder, dashboard, data source). */
export interface FakeGrafana {
  readonly url: string;
  readonly token: string;
  readonly folders: Map<string, Json>;
  readonly dashboards: Map<string, { dashboard: Json; folderUid: string; provisioned: boolean }>;
  readonly dataSources: Map<string, Json>;
  /** Every call, as `POST /api/folders`. */
  readonly calls: string[];
  /** Does these first, in order, before it looks at anything; `afterwards`: it does what it was asked, and then this. */
  readonly faults: GrafanaFault[];
}

export async function startFakeGrafana(): Promise<FakeGrafana> {
  const state: Omit<FakeGrafana, 'url'> = {
    token: 'glsa_0123456789abcdef',
    folders: new Map(),
    dashboards: new Map(),
    dataSources: new Map(),
    calls: [],
    faults: [],
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    answer(request, chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Json), response, state);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { ...state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function answer(request: IncomingMessage, body: Json, response: ServerResponse, state: Omit<FakeGrafana, 'url'>): void {
  const { method = 'GET', url = '/' } = request;
  const call = `${method} ${url}`;
  state.calls.push(call);
  const index = state.faults.findIndex(({ on }) => on === undefined || on === call);
  const [fault] = index === -1 ? [] : state.faults.splice(index, 1);
  if (fault !== undefined) {
    if (fault.afterwards === true) replyTo(request, body, state);
    failAs(fault, response);
    return;
  }
  const [status, json] = replyTo(request, body, state);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}

function failAs(fault: GrafanaFault, response: ServerResponse): void {
  if ('status' in fault) {
    response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
  } else if (fault.breaks === 'reset') {
    response.destroy();
  } else if (fault.breaks === 'cut') {
    response.writeHead(200, { 'content-length': '100' }).write('{"uid":', () => response.destroy());
  }
}

function replyTo(request: IncomingMessage, body: Json, state: Omit<FakeGrafana, 'url'>): Reply {
  const { method = 'GET', url = '/' } = request;
  const call = `${method} ${url}`;
  if (request.headers.authorization !== `Bearer ${state.token}`) return [401, { message: 'Invalid API key' }];
  const uid = decodeURIComponent(url.split('/').at(-1) ?? '');
  const notFound = (what: string): Reply => [404, { message: `${what} not found` }];
  if (method === 'GET' && url.startsWith('/api/folders/')) {
    const folder = state.folders.get(uid);
    return folder === undefined ? notFound('Folder') : [200, folder];
  }
  if (call === 'POST /api/folders') {
    if (state.folders.has(String(body.uid))) return [409, { message: 'a folder with that uid already exists' }];
    state.folders.set(String(body.uid), { id: state.folders.size + 1, version: 1, ...body });
    return [200, state.folders.get(String(body.uid))];
  }
  if (method === 'GET' && url.startsWith('/api/dashboards/uid/')) {
    const found = state.dashboards.get(uid);
    if (found === undefined) return notFound('Dashboard');
    return [
      200,
      {
        dashboard: found.dashboard,
        meta: { folderUid: found.folderUid, provisioned: found.provisioned },
      },
    ];
  }
  if (call === 'POST /api/dashboards/db') return saveDashboard(body, state);
  if (method === 'GET' && url.startsWith('/api/datasources/uid/')) {
    const found = state.dataSources.get(uid);
    return found === undefined ? notFound('Data source') : [200, { id: 1, orgId: 1, readOnly: false, ...found }];
  }
  if (call === 'POST /api/datasources' || (method === 'PUT' && url.startsWith('/api/datasources/uid/'))) {
    state.dataSources.set(String(body.uid), body);
    return [200, { message: 'Datasource saved', datasource: body }];
  }
  return notFound('Page');
}

function saveDashboard(body: Json, state: Pick<FakeGrafana, 'dashboards' | 'folders'>): Reply {
  const dashboard = body.dashboard as Json;
  const uid = String(dashboard.uid);
  const folderUid = String(body.folderUid);
  const found = state.dashboards.get(uid);
  if (!state.folders.has(folderUid)) return [400, { message: 'folder not found' }];
  if (found !== undefined && body.overwrite !== true && found.dashboard.version !== dashboard.version) {
    return [412, { message: 'The dashboard has been changed by someone else', status: 'version-mismatch' }];
  }
  const version = Number(found?.dashboard.version ?? 0) + 1;
  const saved = { ...dashboard, id: found?.dashboard.id ?? state.dashboards.size + 1, version };
  state.dashboards.set(uid, { dashboard: saved, folderUid, provisioned: false });
  return [200, { id: saved.id, uid, url: `/d/${uid}`, status: 'success', version }];
}
