/** Begins the reasons that are the fault of the machine that generates the load, not of the target. */
export const generatorLimit = 'the generator has no more';

const ownLimits: Readonly<Record<string, string>> = {
  EMFILE: 'open files: raise the limit with ulimit -n',
  ENFILE: 'open files: the limit of the whole system is reached',
  EADDRNOTAVAIL: 'local ports: use fewer connections, or a target that keeps them open',
  ENOBUFS: 'buffer space for sockets',
};

/** One phrase per kind of failure, so that a thousand of the same make one line of the report. */
export function socketErrorReason(when: string, error: Error | undefined): string {
  if (error === undefined) return `connection closed ${when}`;
  const code = (error as NodeJS.ErrnoException).code;
  const own = ownLimits[code ?? ''];
  return own === undefined ? `${code ?? error.message} ${when}` : `${generatorLimit} ${own} (${code})`;
}
