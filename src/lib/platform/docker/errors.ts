import { type MlopsError, OperationError, PrerequisiteError } from '../../base/errors/mlops-error.js';

/** The last line of a program's stderr that says something: docker puts the cause there, below hints and a log. */
export function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '' && !/^(Run |See )'docker .*--help'/.test(line));
  return (said.at(-1) ?? 'It said nothing.').replace(/^(docker: )?(ERROR: |Error response from daemon: )*/, '');
}

/** What a docker client says when it cannot talk to its daemon at all; undefined when that was not the matter. */
export function daemonFailure(stderr: string): PrerequisiteError | undefined {
  if (/permission denied while trying to connect to the (Docker daemon socket|docker API)/i.test(stderr)) {
    return new PrerequisiteError('This user may not talk to the Docker daemon', {
      code: 'DOCKER_NOT_ALLOWED',
      why: lastLine(stderr),
      actions: [
        'sudo usermod -aG docker "$USER", then log in again',
        'Or use a rootless daemon: docker context use rootless',
      ],
    });
  }
  if (!/Cannot connect to the Docker daemon|failed to connect to the docker API|error during connect/i.test(stderr)) {
    return undefined;
  }
  return new PrerequisiteError('The Docker daemon does not answer', {
    code: 'DOCKER_UNREACHABLE',
    why: lastLine(stderr),
    actions: [
      'Start it: Docker Desktop, or `sudo systemctl start docker`',
      'If it is elsewhere: `docker context ls`, or set DOCKER_HOST',
    ],
  });
}

/** For a command of docker that failed, when nobody knows better. */
export function dockerFailure(what: string, stderr: string): MlopsError {
  const known = daemonFailure(stderr);
  if (known !== undefined) return known;
  const why = lastLine(stderr);
  if (/no space left on device/i.test(stderr)) return diskFull(what, why);
  return new OperationError(`Docker could not ${what}`, { code: 'DOCKER_FAILED', why });
}

export function diskFull(what: string, why: string): OperationError {
  return new OperationError(`Docker could not ${what}: its disk is full`, {
    code: 'DOCKER_DISK_FULL',
    why,
    actions: ['docker system df shows what takes the space', 'docker builder prune removes the build cache'],
  });
}
