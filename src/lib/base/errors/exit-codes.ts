/**
 * The one table of exit codes: read by the error classes, printed by `--help` and checked against the docs.
 * 130 is the shell's convention for SIGINT (128 + 2), 70 is EX_SOFTWARE of sysexits.h.
 */
export const exitCodes = {
  done: { code: 0, meaning: 'done' },
  failed: { code: 1, meaning: 'the operation failed' },
  usage: { code: 2, meaning: 'wrong usage or configuration' },
  verdict: { code: 3, meaning: 'a verdict said no: an SLO or gate was missed' },
  invalid: { code: 4, meaning: 'a measurement is invalid' },
  prerequisite: { code: 5, meaning: 'a prerequisite is missing: a tool, a login, an endpoint' },
  bug: { code: 70, meaning: 'a bug in mlops' },
  interrupted: { code: 130, meaning: 'interrupted' },
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]['code'];
