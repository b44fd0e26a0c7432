import type { Hook } from '@oclif/core/hooks';
import { UsageError } from '../../base/errors/mlops-error.js';
import { closest } from '../closest.js';

/** An unknown command is wrong usage (exit 2) and names the nearest known one. */
const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const asTyped = (commandId: string) => commandId.replaceAll(':', ' ');
  const known = [...config.commandIDs, ...config.topics.map((topic) => topic.name)].map(asTyped);
  const suggestion = closest(asTyped(id), known);
  throw new UsageError(`${config.bin} has no command '${asTyped(id)}'`, {
    code: 'UNKNOWN_COMMAND',
    actions: [
      ...(suggestion === undefined ? [] : [`Did you mean \`${config.bin} ${suggestion}\`?`]),
      `${config.bin} --help lists the commands`,
    ],
  });
};

export default hook;
