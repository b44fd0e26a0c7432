import { lineAt, type TextFinding } from './finding.js';

/**
 * Secrets that are certain by their form alone, so that they are looked for in binary files too. The key of AWS's
 * documentation is no secret; a header alone (in a program that can write keys) is no private key.
 */
const certain: readonly { readonly pattern: RegExp; readonly kind: string }[] = [
  {
    // In JSON a line break is the two characters \n.
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\r|\\n)+(?:[A-Za-z-]+: [^\n\\]{1,100}(?:\s|\\r|\\n)+)*[A-Za-z0-9+/=]{24}/g,
    kind: 'private key',
  },
  {
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z2-7]{16}(?![A-Za-z0-9])/g,
    kind: 'AWS access key',
  },
  { pattern: /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g, kind: 'GitHub token' },
  { pattern: /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g, kind: 'Google API key' },
  { pattern: /AccountKey=[A-Za-z0-9+/]{86}==/g, kind: 'Azure storage key' },
  { pattern: /(?<![A-Za-z0-9])sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,200}/g, kind: 'OpenAI key' },
  {
    pattern: /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,400}\.eyJ[A-Za-z0-9_-]{10,400}\.[A-Za-z0-9_-]{20}/g,
    kind: 'JSON Web Token',
  },
  {
    // Those of queues and caches, and short ones. Not what documentation writes, nor what is put in later, such as ${PASSWORD}.
    pattern:
      /(?:https?|rediss?|amqps?|nats|mqtts?|s?ftp):\/\/[\w.%+-]{0,64}:(?!(?:pass(?:word|wd)?|secret|token|x+|\*+|\.+)@)[^\s:@/"'`<>${}()\\]{2,100}@(?!(?:[\w-]+\.)*example\b)[A-Za-z0-9]/gi,
    kind: 'basic auth',
  },
];

/** Longer than any match: how far two chunks of a file have to overlap. */
export const longestMatch = 1024;

export function certainSecrets(text: string): TextFinding[] {
  return certain.flatMap(({ pattern, kind }) =>
    [...text.matchAll(pattern)].map(({ index }) => ({ line: lineAt(text, index), kind })),
  );
}
