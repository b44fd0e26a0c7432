import { Agent, request } from 'node:http';

export interface ClientTotals {
  answered: number;
  /** Answers that are not a 200. */
  wrong: number;
  /** Why requests got no answer, other than that the port was closed before they were sent. */
  lost: string[];
  /** Connections that were refused: nothing was sent. */
  refused: number;
}

/** Sends one request after the other on each of several connections, kept or not, until told to stop or refused. */
export async function loadUntil(
  url: string,
  connections: number,
  body: string,
  stop: AbortSignal,
  { keepAlive = true } = {},
): Promise<ClientTotals> {
  const totals: ClientTotals = { answered: 0, wrong: 0, lost: [], refused: 0 };
  const agent = new Agent({ keepAlive, maxSockets: connections });
  const loop = async () => {
    while (!stop.aborted) {
      const outcome = await post(url, agent, body);
      if (outcome === 'ECONNREFUSED') {
        totals.refused++;
        return;
      }
      if (typeof outcome === 'string') totals.lost.push(outcome);
      else totals.answered++;
      if (typeof outcome === 'number' && outcome !== 200) totals.wrong++;
    }
  };
  await Promise.all(Array.from({ length: connections }, loop));
  agent.destroy();
  return totals;
}

/** The status of the answer, or the code of the error. */
function post(url: string, agent: Agent, body: string): Promise<number | string> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    const sent = request(`${url}/api`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
    sent.once('response', (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
      answer.once('error', fail);
    });
    sent.once('error', fail);
    sent.end(body);
  });
}
