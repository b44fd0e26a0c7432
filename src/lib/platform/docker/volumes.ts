import type { DockerClient } from './client.js';

export interface DockerVolume {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface DockerVolumes {
  /** An empty volume; one that is there already keeps its labels. */
  create(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  labelled(name: string, value: string): Promise<readonly DockerVolume[]>;
  /** Does nothing when there is none. */
  remove(name: string): Promise<void>;
}

export function dockerVolumes(client: DockerClient): DockerVolumes {
  return {
    async create(name, labels) {
      const given = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
      await client.call(['volume', 'create', ...given, name], { what: `make the volume ${name}` });
    },
    async labelled(name, value) {
      const filter = ['--filter', `label=${name}=${value}`, '--format', '{{.Name}}'];
      const names = await client.call(['volume', 'ls', ...filter], { what: 'list volumes' });
      const found = names.split('\n').filter((line) => line !== '');
      if (found.length === 0) return [];
      const text = await client.call(['volume', 'inspect', ...found], { what: 'look at volumes' });
      const volumes = JSON.parse(text) as { Name: string; Labels: Record<string, string> | null }[];
      return volumes.map(({ Name, Labels }) => ({ name: Name, labels: Labels ?? {} }));
    },
    async remove(name) {
      await client.call(['volume', 'rm', name], { what: `remove the volume ${name}`, allow: /no such volume/i });
    },
  };
}
