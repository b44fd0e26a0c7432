import { redacted, type Secret } from './secret.js';

/** Shorter values would take ordinary words out of a text, and are no secrets. */
const shortestSecret = 4;

/** A function that puts `[redacted]` where one of the secrets stands in a text, plain or as part of a JSON string. */
export function createRedactor(secrets: readonly Secret[]): (text: string) => string {
  const forms = secrets
    .map((secret) => secret.reveal())
    .filter((value) => value.length >= shortestSecret)
    // Programs print line by line: the lines of a longer secret, such as a key, are taken out one by one as well.
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1), ...longLines(value)])
    .sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, redacted), text);
}

function longLines(value: string): string[] {
  return value.includes('\n') ? value.split('\n').filter((text) => text.length >= 2 * shortestSecret) : [];
}
