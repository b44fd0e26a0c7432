import type { ServingAddress } from './serve.js';

/** A curl line for more columns than this is longer than a screen. */
const mostColumns = 100;

/** What a person needs to know once the server answers: where it is, what it serves, and one command that works. */
export function readyText({ url, metricsUrl, model }: Pick<ServingAddress, 'url' | 'metricsUrl' | 'model'>): string {
  const serving = `Serving ${model.name} ${model.version} on ${url}${metricsUrl === undefined ? '' : `, metrics on ${metricsUrl}`} (Ctrl-C stops it)`;
  const columns = model.signature.featureNames?.length ?? model.signature.inputs[0]?.shape.at(-1) ?? -1;
  if (columns < 1 || columns > mostColumns) return serving;
  const body = JSON.stringify({ array: Array<number>(columns).fill(0) });
  return `${serving}\nTry it: curl ${url}/api -H 'content-type: application/json' -d '${body}'`;
}
