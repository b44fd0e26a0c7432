import { createHash } from 'node:crypto';
import type { Json, JsonObject } from './fields.js';
import { fateOf } from './pod-fate.js';
import { podStatus } from './pod-status.js';
import { resources } from './resources.js';
import { metaOf, resourceOf, type Store } from './store.js';
import { failedCreate, isReady, ownedBy, statusOfDeployment, unhealthyEvent } from './workload-status.js';

const tickMs = 50;
const restartMs = 120;
const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** Plays the controllers, the scheduler and the kubelets: Deployments, ReplicaSets, pods, load balancers. */
export class Controller {
  readonly #store: Store;
  readonly #born = new Map<string, number>();
  /** By Deployment: the newest template and since when it is. */
  readonly #newest = new Map<string, { readonly hash: string; readonly since: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    for (const pod of this.#store.all('Pod')) this.#live(pod);
    for (const deployment of this.#store.all('Deployment')) this.#reconcile(deployment);
    for (const service of this.#store.all('Service')) this.#balance(service);
    this.#collectGarbage();
  }

  #live(pod: JsonObject): void {
    const uid = String(metaOf(pod).uid);
    const born = this.#born.get(uid) ?? Date.now();
    this.#born.set(uid, born);
    const spec = pod.spec as JsonObject;
    const fate = fateOf(spec);
    const age = Date.now() - born;
    const isUp = age > (fate.kind === 'ready' ? fate.afterMs : restartMs);
    const restarts = fate.kind === 'crash' ? Math.min(5, Math.floor(age / restartMs)) : 0;
    const [container] = spec.containers as [JsonObject];
    const before = (pod.status as JsonObject | undefined)?.containerStatuses;
    const status = podStatus(fate, container, isUp, restarts);
    const summary = (list: Json | undefined) =>
      JSON.stringify(list, (key, value) => (key === 'startedAt' ? undefined : value));
    if (before !== undefined && summary(before) === summary(status.containerStatuses)) return;
    this.#store.write('Pod', { ...pod, status });
    if (fate.kind === 'never-ready' && isUp) this.#store.write('Event', unhealthyEvent(pod, fate.probe));
  }

  #reconcile(deployment: JsonObject): void {
    const spec = deployment.spec as JsonObject;
    const meta = metaOf(deployment);
    const wanted = Number(spec.replicas ?? 1);
    const hash = createHash('sha256').update(JSON.stringify(spec.template)).digest('hex').slice(0, 10);
    const uid = String(meta.uid);
    if (this.#newest.get(uid)?.hash !== hash) this.#newest.set(uid, { hash, since: Date.now() });
    const all = this.#store.all('ReplicaSet').filter((one) => ownedBy(one, meta.uid));
    const current =
      all.find((one) => metaOf(one).name === `${meta.name}-${hash}`) ?? this.#newReplicaSet(deployment, hash, all);
    const pods = this.#store.all('Pod');
    const mine = pods.filter((pod) => ownedBy(pod, metaOf(current).uid));
    const old = all
      .filter((one) => one !== current)
      .flatMap((one) => pods.filter((pod) => ownedBy(pod, metaOf(one).uid)));
    let refusal: string | undefined;
    if (mine.length < wanted && mine.length + old.length < wanted + 1) refusal = this.#newPod(current, deployment);
    if (mine.length > wanted) this.#deletePod(mine.find((pod) => !isReady(pod)) ?? (mine[0] as JsonObject));
    const ready = [...mine, ...old].filter(isReady).length;
    const next = old.find((pod) => !isReady(pod)) ?? old[0];
    if (next !== undefined && (!isReady(next) || ready > wanted)) this.#deletePod(next);
    this.#noteRefusal(current, refusal);
    this.#noteStatus(deployment, { wanted, updated: mine, old, revision: metaOf(current).annotations });
  }

  #newReplicaSet(deployment: JsonObject, hash: string, others: readonly JsonObject[]): JsonObject {
    const meta = metaOf(deployment);
    const revisions = others.map((one) => Number((metaOf(one).annotations as JsonObject)[revisionAnnotation]));
    const template = structuredClone((deployment.spec as JsonObject).template) as JsonObject;
    const replicaSet: JsonObject = {
      metadata: {
        name: `${meta.name}-${hash}`,
        namespace: meta.namespace ?? '',
        labels: metaOf(template).labels ?? {},
        annotations: { [revisionAnnotation]: String(Math.max(0, ...revisions) + 1) },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: meta.name ?? '', uid: meta.uid ?? '' }],
      },
      spec: { template },
    };
    this.#store.write('ReplicaSet', replicaSet);
    return (
      this.#store.get(resourceOf('ReplicaSet'), String(meta.namespace), `${meta.name}-${hash}`)?.object ?? replicaSet
    );
  }

  /** Why the pod may not be created, if so. */
  #newPod(replicaSet: JsonObject, deployment: JsonObject): string | undefined {
    const meta = metaOf(replicaSet);
    const name = `${meta.name}-${Math.random().toString(36).slice(2, 7)}`;
    const quota = this.#store.all('ResourceQuota').find((one) => metaOf(one).namespace === meta.namespace);
    const used = this.#store.all('Pod').filter((pod) => metaOf(pod).namespace === meta.namespace).length;
    const limit = Number(
      (((quota?.spec ?? {}) as JsonObject).hard as JsonObject | undefined)?.pods ?? Number.POSITIVE_INFINITY,
    );
    if (quota !== undefined && used >= limit) {
      return `pods "${name}" is forbidden: exceeded quota: ${metaOf(quota).name}, requested: pods=1, used: pods=${used}, limited: pods=${limit}`;
    }
    const template = structuredClone((deployment.spec as JsonObject).template) as JsonObject;
    this.#store.write('Pod', {
      metadata: {
        name,
        namespace: meta.namespace ?? '',
        labels: metaOf(template).labels ?? {},
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: meta.name ?? '', uid: meta.uid ?? '', controller: true },
        ],
      },
      spec: template.spec ?? {},
    });
    return undefined;
  }

  #deletePod(pod: JsonObject): void {
    const { namespace, name } = metaOf(pod);
    this.#store.delete(resourceOf('Pod'), String(namespace), String(name));
  }

  #noteRefusal(replicaSet: JsonObject, refusal: string | undefined): void {
    const status: JsonObject = refusal === undefined ? {} : { conditions: [failedCreate(refusal)] };
    const has = JSON.stringify(replicaSet.status ?? {}).includes('FailedCreate');
    if (has !== (refusal !== undefined)) this.#store.write('ReplicaSet', { ...replicaSet, status });
  }

  #noteStatus(
    deployment: JsonObject,
    given: { wanted: number; updated: readonly JsonObject[]; old: readonly JsonObject[]; revision: Json | undefined },
  ): void {
    const meta = metaOf(deployment);
    const since = this.#newest.get(String(meta.uid))?.since ?? Date.now();
    const status = statusOfDeployment(deployment, given, Date.now() - since);
    const annotations = { ...(meta.annotations as JsonObject | undefined), ...(given.revision as JsonObject) };
    this.#store.write('Deployment', { ...deployment, metadata: { ...meta, annotations }, status });
  }

  #balance(service: JsonObject): void {
    const spec = service.spec as JsonObject;
    if (spec.type !== 'LoadBalancer' || service.status !== undefined) return;
    const ip = spec.loadBalancerIP ?? '203.0.113.10';
    this.#store.write('Service', { ...service, status: { loadBalancer: { ingress: [{ ip }] } } });
  }

  /** What an owner or a namespace leaves behind. */
  #collectGarbage(): void {
    const namespaces = new Set(this.#store.all('Namespace').map((one) => metaOf(one).name));
    for (const resource of resources.filter(({ namespaced }) => namespaced)) {
      for (const object of this.#store.list(resource)) {
        const { namespace = '', name } = metaOf(object);
        if (!namespaces.has(namespace)) this.#store.delete(resource, String(namespace), String(name));
      }
    }
    for (const kind of ['ReplicaSet', 'Pod']) {
      for (const object of this.#store.all(kind)) {
        const [owner] = (metaOf(object).ownerReferences ?? []) as JsonObject[];
        if (owner === undefined) continue;
        const owners = this.#store.all(String(owner.kind));
        if (owners.some((one) => metaOf(one).uid === owner.uid)) continue;
        const { namespace, name } = metaOf(object);
        this.#store.delete(resourceOf(kind), String(namespace), String(name));
      }
    }
  }
}
