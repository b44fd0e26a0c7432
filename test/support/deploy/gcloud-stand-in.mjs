// Stands in for gcloud: writes down every call, keeps one Cloud Run service in a file, and says what the real one says.
// The texts are those of Google Cloud SDK 528.0.0 and, where they come from the service, of Cloud Run.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

class Failure extends Error {}

/** One call. `dir` holds what is remembered between calls. */
export function gcloud(args, dir) {
  let stdout = '';
  try {
    call(args, dir, (text) => {
      stdout += text;
    });
    return { exitCode: 0, stdout, stderr: '' };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { exitCode: 1, stdout, stderr: error.message };
  }
}

function call(args, dir, write) {
  appendFileSync(join(dir, 'calls.jsonl'), `${JSON.stringify(args)}\n`);
  const file = join(dir, 'state.json');
  const state = {
    service: null,
    revisions: [],
    members: [],
    account: 'user',
    ...JSON.parse(readFileSync(file, 'utf8')),
  };
  const flag = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const has = (name) => args.includes(`--${name}`);

  if (state.account === 'none') {
    fail(
      'You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login\n\nto obtain new credentials.\n\nIf you have already logged in with a different account, run:\n\n  $ gcloud config set account ACCOUNT\n\nto select an already authenticated account to use.',
    );
  }

  const commands = {
    'run services describe': describe,
    'run services get-iam-policy': () => print({ bindings: [{ role: 'roles/run.invoker', members: state.members }] }),
    'run services add-iam-policy-binding': () => save({ members: [...state.members, flag('member')] }),
    'run services remove-iam-policy-binding': () =>
      save({ members: state.members.filter((member) => member !== flag('member')) }),
    'run services update-traffic': traffic,
    'run services update': () => {
      state.service.metadata.annotations['run.googleapis.com/ingress'] = flag('ingress');
      save({});
    },
    'run revisions list': () => print(state.revisions.toReversed()),
    'run deploy': deploy,
    'auth print-identity-token': () => {
      if (flag('audiences') !== undefined && state.account === 'user') {
        fail('Invalid account type for `--audiences`. Requires valid service account.');
      }
      write(`token-for-${flag('audiences') ?? 'anything'}\n`);
    },
    'builds submit': () => {
      const config = JSON.parse(readFileSync(flag('config'), 'utf8'));
      const dockerfile = existsSync(join(args[2], 'Dockerfile'));
      writeFileSync(join(dir, 'build.json'), JSON.stringify({ dockerfile, config }));
      const digest = `sha256:${'d'.repeat(64)}`;
      print({ status: 'SUCCESS', results: { images: [{ name: config.images[0], digest }] } });
    },
  };
  const name = Object.keys(commands).find((words) => args.join(' ').startsWith(words));
  if (name === undefined) fail(`Invalid choice: '${args.join(' ')}'.`);
  commands[name]();

  function describe() {
    const [service] = args.slice(3);
    if (state.service === null) fail(`Cannot find service [${service}]`);
    print(state.service);
  }

  function deploy() {
    const [service] = args.slice(2);
    const isNew = state.service === null;
    if (isNew && has('no-traffic')) fail('--no-traffic not supported when creating a new service.');
    const number = state.revisions.length + 1;
    const revision = `${service}-${String(number).padStart(5, '0')}-abc`;
    const image = flag('image');
    const ready = !image.includes('broken');
    const message = `Revision '${revision}' is not ready and cannot serve traffic. The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment variable within the allocated timeout. This can happen when the container port is misconfigured or if the timeout is too short. The health check timeout can be extended. Logs for this revision might contain more information.`;
    const labels = Object.fromEntries(
      flag('update-labels')
        .split(',')
        .map((pair) => pair.split('=')),
    );
    const annotations = {
      'autoscaling.knative.dev/minScale': flag('min-instances'),
      'autoscaling.knative.dev/maxScale': flag('max-instances'),
    };
    const spec = {
      containerConcurrency: Number(flag('concurrency')),
      serviceAccountName: flag('service-account') ?? '1-compute@developer.gserviceaccount.com',
      containers: [
        {
          image,
          ports: [{ containerPort: Number(flag('port')) }],
          resources: { limits: { cpu: `${flag('cpu')}000m`, memory: flag('memory') } },
        },
      ],
    };
    state.revisions.push({
      metadata: {
        name: revision,
        creationTimestamp: `2026-01-0${number}T00:00:00Z`,
        labels: { ...labels, 'serving.knative.dev/configurationGeneration': String(number) },
        annotations,
      },
      spec,
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', ...(ready ? {} : { message }) }] },
    });
    const url = 'https://demo-hash-uc.a.run.app';
    const before = withoutTag(flag('tag'));
    const own = { revisionName: revision, ...(isNew ? { percent: 100 } : {}), tag: flag('tag'), url: state.tagUrl };
    state.service = {
      metadata: { annotations: { 'run.googleapis.com/ingress': 'all', ...state.service?.metadata.annotations } },
      spec: { template: { metadata: { annotations, labels }, spec } },
      status: { url, latestCreatedRevisionName: revision, traffic: ready ? [...before, own] : before },
    };
    if (flag('ingress') !== undefined)
      state.service.metadata.annotations['run.googleapis.com/ingress'] = flag('ingress');
    save({});
    if (!ready) fail(message);
  }

  function traffic() {
    const to = flag('to-revisions')?.split('=')[0];
    const tagged = withoutTag(flag('remove-tags')).filter((share) => share.tag !== undefined);
    state.service.status.traffic =
      to === undefined ? withoutTag(flag('remove-tags')) : [{ revisionName: to, percent: 100 }, ...tagged];
    save({});
  }

  function withoutTag(tag) {
    return (state.service?.status.traffic ?? [])
      .map((share) => (share.tag === tag ? { revisionName: share.revisionName, percent: share.percent } : share))
      .filter((share) => share.percent !== undefined || share.tag !== undefined);
  }

  function save(changed) {
    writeFileSync(file, JSON.stringify({ ...state, ...changed }));
  }

  function print(value) {
    write(`${JSON.stringify(value)}\n`);
  }

  function fail(text) {
    const words = args
      .filter((arg) => !arg.startsWith('-'))
      .slice(0, args[1] === 'services' || args[1] === 'revisions' ? 3 : 2);
    throw new Failure(`ERROR: (gcloud.${words.join('.')}) ${text}\n`);
  }
}

if (process.argv[1] === import.meta.filename) {
  const { exitCode, stdout, stderr } = gcloud(process.argv.slice(2), process.env.GCLOUD_STAND_IN);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
}
