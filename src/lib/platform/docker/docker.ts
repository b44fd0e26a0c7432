import { build } from './build.js';
import { DockerClient, type DockerSettings } from './client.js';
import { containersLabelled, create, inspectContainer, logs, run } from './containers.js';
import { describeDaemon } from './daemon.js';
import { history, imagesLabelled, inspectImage } from './images.js';
import { withLogin } from './login.js';
import { pull, push } from './push.js';
import type { Docker, DockerDaemon } from './types.js';

/** Docker as the user has set it up: their context, DOCKER_HOST and logins. */
export function createDocker(settings: Pick<DockerSettings, 'runner' | 'env'>): Docker {
  return dockerOf(new DockerClient(settings));
}

function dockerOf(client: DockerClient): Docker {
  let daemon: Promise<DockerDaemon> | undefined;
  const call = async (what: string, args: readonly string[]) => void (await client.call(args, { what }));
  return {
    daemon: () => {
      daemon ??= describeDaemon(client);
      return daemon;
    },
    build: (options) => build(client, options),
    inspectImage: (reference) => inspectImage(client, reference),
    history: (reference) => history(client, reference),
    imagesLabelled: (name, value) => imagesLabelled(client, name, value),
    tag: (source, target) => call(`tag ${source} as ${target}`, ['tag', source, target]),
    pull: (reference, options) => pull(client, reference, options),
    push: (reference, options) => push(client, reference, options),
    loggedIn: (login, work) => withLogin(client, login, (loggedIn) => work(dockerOf(loggedIn))),

    run: (options) => run(client, options),
    create: (options) => create(client, options),
    inspectContainer: (name) => inspectContainer(client, name),
    containersLabelled: (name, value) => containersLabelled(client, name, value),
    logs: (name, tail) => logs(client, name, tail),
    stop: (name, graceSeconds) => call(`stop ${name}`, ['stop', '-t', String(graceSeconds), name]),
    start: (name) => call(`start ${name}`, ['start', name]),
    rename: (name, newName) => call(`rename ${name}`, ['rename', name, newName]),
    remove: async (name) => {
      await client.call(['rm', '--force', name], { what: `remove ${name}`, allow: /No such container/i });
    },
  };
}
