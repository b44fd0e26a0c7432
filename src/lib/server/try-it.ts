import type { Model } from '../model/types.js';
import type { ServingAddress } from './run-server.js';

/** A curl line for more columns than this is longer than a screen. */
const mostColumns = 100;

/** What a person needs to know once the server answers: where it is, what it serves, and one command that works. */
export function readyText(address: Pick<ServingAddress, 'url' | 'metricsUrl'>, model: Model): string {
  const { url } = address;
  const serving = servingLine(address, model);
  const columns = model.signature.featureNames?.length ?? model.signature.inputs[0]?.shape.at(-1) ?? -1;
  if (columns < 1 || columns > mostColumns) return serving;
  const body = JSON.stringify({ array: Array<number>(columns).fill(0) });
  return `${serving}\nTry it: curl ${url}/api -H 'content-type: application/json' -d '${body}'`;
}

function servingLine(
  { url, metricsUrl }: Pick<ServingAddress, 'url' | 'metricsUrl'>,
  { name, version }: { readonly name: string; readonly version: string },
): string {
  const metrics = metricsUrl === undefined ? '' : `, metrics on ${metricsUrl}`;
  return `Serving ${name} ${version} on ${url}${metrics} (Ctrl-C stops it)`;
}

/** The same for a server of a speech model. */
export function speechReadyText(
  address: Pick<ServingAddress, 'url' | 'metricsUrl'>,
  model: { readonly name: string; readonly version: string },
): string {
  return `${servingLine(address, model)}\nTry it: curl ${address.url}/v1/audio/transcriptions -F file=@recording.wav`;
}
