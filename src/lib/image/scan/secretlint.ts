import type { TextFinding } from './finding.js';

type Lint = (path: string, text: string) => Promise<TextFinding[]>;

const prefix = '@secretlint/secretlint-rule-';

/**
 * The rules that secretlint recommends: tokens of some thirty services, AWS secret keys, passwords in connection strings
 * and URLs. Its messages are left alone: they quote what they found.
 */
export async function createSecretlint(): Promise<Lint> {
  const { lintSource } = await import('@secretlint/core');
  const { creator } = await import('@secretlint/secretlint-rule-preset-recommend');
  const rules = [{ id: `${prefix}preset-recommend`, rule: creator }];
  return async (path, text) => {
    const { messages } = await lintSource({
      source: { filePath: path, content: text, ext: '', contentType: 'text' },
      options: { config: { rules }, noPhysicFilePath: true, maskSecrets: true },
    });
    return messages.map(({ ruleId, messageId, loc }) => ({
      line: loc.start.line,
      kind: words(messageId) || ruleId.replace(prefix, ''),
    }));
  };
}

/** `AWSSecretAccessKey` -> `AWS secret access key`. */
function words(identifier: string): string {
  return identifier
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[ _]+/)
    .map((word) => (word.length > 1 && word === word.toUpperCase() ? word : word.toLowerCase()))
    .join(' ');
}
