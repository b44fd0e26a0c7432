import { formatCount, formatSize } from '../../base/units.js';
import type { LatencySummary } from '../histogram.js';
import type { Gate, JudgedSlo, LoadTestResult } from '../result.js';
import { sloLimits, sloSentence } from '../slo-gates.js';
import { errorCount } from '../verdict.js';
import { latencyTimelineChart, percentileChart, throughputChart } from './charts.js';
import { html, Markup } from './markup.js';
import { styleSheet } from './style.js';
import { closedModelNote, failuresShown, measured, verdictWords } from './words.js';

/** Nothing runs and nothing is fetched, whatever a target managed to get into the text. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** The result as one self-contained HTML page: no script, no request to anywhere. */
export function renderPage(result: LoadTestResult): string {
  const title = `${verdictWords[result.verdict]}: load test of ${result.target.url}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Markup(styleSheet)}</style>
</head>
<body>
<main>
${header(result)}
${cards(result)}
${gates(result)}
${slos(result)}
${failures(result)}
<section>${throughputChart(result)}</section>
<section>${latencyTimelineChart(result)}</section>
<section>${percentileChart(result)}</section>
<div class="columns">${requests(result)}${latency(result)}</div>
${conditions(result)}
${notes(result)}
${timeline(result)}
</main>
</body>
</html>
`;
  return page.text;
}

function header({ verdict, reasons, target, startedAt, load }: LoadTestResult): Markup {
  const served = target.served ? `Model ${target.model}, served for this test. ` : '';
  const when = `${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  return html`<header>
<span class="verdict ${verdict}">${verdictWords[verdict]}</span>
<h1>Load test of ${target.method} ${target.url}</h1>
<p class="quiet">${served}${formatCount(load.connections)} connections for ${load.durationSeconds} s, ${when}</p>
${reasons.length === 0 ? '' : html`<ul class="reasons">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`}
</header>`;
}

function cards(result: LoadTestResult): Markup {
  const { requests, throughput, latencyMs, load, gates } = result;
  const asked = gates.find(({ name }) => name === 'min-requests')?.threshold ?? 0;
  const errors = errorCount(requests);
  const figures: [string, string, string][] = [
    [formatCount(requests.ok), 'right answers', `${formatCount(asked)} asked for`],
    [formatRate(throughput.meanPerSecond), 'right answers per second', `over ${load.measuredSeconds.toFixed(1)} s`],
    [milliseconds(latencyMs.p50), 'median latency', 'of every request sent'],
    [milliseconds(latencyMs.p99), '99 % within', `slowest ${milliseconds(latencyMs.max)}`],
    [formatCount(errors), 'errors', `of ${formatCount(requests.sent)} requests sent`],
  ];
  return html`<div class="cards">${figures.map(([value, name, more]) => html`<div><b>${value}</b>${name}<small>${more}</small></div>`)}</div>`;
}

function gates({ gates }: LoadTestResult): Markup {
  const row = (gate: Gate) =>
    html`<tr><td class="${gate.passed ? 'pass' : 'fail'}">${gate.passed ? '✔' : '✖'} ${gate.name}</td><td><code>${gate.rule}</code></td><td class="number">${measured(gate)}</td></tr>`;
  return html`<section><h2>Gates</h2><table><tr><th>gate</th><th>rule</th><th class="number">measured</th></tr>${gates.map(row)}</table></section>`;
}

function slos({ slos, load }: LoadTestResult): Markup | string {
  if (slos.length === 0) return '';
  const row = (slo: JudgedSlo) =>
    html`<tr><td class="${slo.met ? 'pass' : 'fail'}">${slo.met ? '✔' : '✖'} ${slo.name}</td><td>${sloSentence(slo)}</td></tr>`;
  return html`<section><h2>SLOs</h2><table>${slos.map(row)}</table><p class="quiet">${sloLimits(slos, load.measuredSeconds)}</p></section>`;
}

function requests({ requests, load }: LoadTestResult): Markup {
  const { afterEnd } = requests;
  const rows: [string, number, string][] = [
    ['sent', requests.sent, ''],
    ['ok', requests.ok, `right answers within ${load.measuredSeconds.toFixed(1)} s`],
    ['failed', requests.failed, 'answered, but not right'],
    ['timeouts', requests.timeouts, `no complete answer within ${load.timeoutSeconds} s`],
    ['lost', requests.lost, 'the connection ended before the answer'],
    ['in flight at the end', requests.inFlightAtEnd, inFlight(afterEnd)],
    ['connect errors', requests.connectErrors, 'no request was sent on these'],
    ...Object.entries(requests.byStatus).map(([status, count]): [string, number, string] => [
      `status ${status}`,
      count,
      '',
    ]),
  ];
  return html`<section><h2>Requests</h2><table>${rows.map(([name, count, note]) => html`<tr><td>${name}</td><td class="number">${formatCount(count)}</td><td class="quiet">${note}</td></tr>`)}</table></section>`;
}

function inFlight(afterEnd: LoadTestResult['requests']['afterEnd']): string {
  const parts = Object.entries(afterEnd).filter(([, count]) => count > 0);
  return parts.length === 0 ? '' : `then ${parts.map(([name, count]) => `${formatCount(count)} ${name}`).join(', ')}`;
}

function latency({ latencyMs, okLatencyMs }: LoadTestResult): Markup {
  const names: [string, keyof LatencySummary][] = [
    ['mean', 'mean'],
    ['50 %', 'p50'],
    ['90 %', 'p90'],
    ['95 %', 'p95'],
    ['99 %', 'p99'],
    ['99.9 %', 'p999'],
    ['slowest', 'max'],
  ];
  const row = ([name, key]: [string, keyof LatencySummary]) =>
    html`<tr><td>${name}</td><td class="number">${milliseconds(latencyMs[key])}</td><td class="number">${milliseconds(okLatencyMs[key])}</td></tr>`;
  return html`<section><h2>Latency</h2><table><tr><th></th><th class="number">every request</th><th class="number">right answers</th></tr>${names.map(row)}</table>
<p class="quiet">From the send to the last byte. A request without an answer counts with the age at which it was given up.</p></section>`;
}

function conditions({ target, load, generator, environment }: LoadTestResult): Markup {
  const rows: [string, string][] = [
    ['right means', target.check],
    ['different requests', formatCount(target.distinctRequests)],
    [
      'certificate',
      target.insecure ? 'not verified (--insecure)' : target.url.startsWith('https:') ? 'verified' : 'none, plain HTTP',
    ],
    ['load model', load.model],
    [
      'generator',
      `${generator.threads} ${generator.threads === 1 ? 'thread' : 'threads'}, busy ${(generator.utilization * 100).toFixed(0)} %, p99 ${generator.eventLoopDelayP99Ms} ms late`,
    ],
    [
      'busy connections',
      `${generator.busyConnections.toFixed(1)} counted, ${generator.busyByLatency.toFixed(1)} by Little's law`,
    ],
    [
      'machine',
      `${environment.cpus} CPUs (${environment.cpuModel}), ${formatSize(environment.memoryBytes)}, ${environment.platform}`,
    ],
    ['target', environment.sameHost ? 'on the same machine' : 'on another machine'],
    ['versions', `mlops ${environment.mlops}, Node.js ${environment.node}`],
  ];
  return html`<section><h2>Conditions</h2><table>${rows.map(([name, value]) => html`<tr><th>${name}</th><td>${value}</td></tr>`)}</table></section>`;
}

function failures({ failures, firstFailure }: LoadTestResult): Markup | string {
  if (failures.length === 0) return '';
  const more = failures.length - failuresShown;
  return html`<section><h2>Failures</h2><table>${failures
    .slice(0, failuresShown)
    .map(
      ({ reason, count }) => html`<tr><td class="number fail">${formatCount(count)}</td><td>${reason}</td></tr>`,
    )}</table>
${more > 0 ? html`<p class="quiet">and ${more} other kinds</p>` : ''}
${firstFailure === null ? '' : html`<p>The first, after ${(firstFailure.atMs / 1000).toFixed(3)} s: ${firstFailure.status === null ? firstFailure.reason : html`HTTP ${firstFailure.status} <code>${firstFailure.body ?? ''}</code>`}</p>`}
</section>`;
}

function notes({ notes }: LoadTestResult): Markup {
  return html`<section><h2>To know when reading this</h2><ul>${[...notes, closedModelNote].map((note) => html`<li>${note}</li>`)}</ul></section>`;
}

function timeline({ timeline }: LoadTestResult): Markup {
  const rows = timeline.map(
    ({ second, ok, failed, p50, p99 }) =>
      html`<tr><td class="number">${second}</td><td class="number">${formatCount(ok)}</td><td class="number">${formatCount(failed)}</td><td class="number">${milliseconds(p50)}</td><td class="number">${milliseconds(p99)}</td></tr>`,
  );
  return html`<section><details><summary>Every second as a table</summary><div class="scroll"><table><tr><th class="number">second</th><th class="number">ok</th><th class="number">failed</th><th class="number">p50</th><th class="number">p99</th></tr>${rows}</table></div></details></section>`;
}

function formatRate(value: number): string {
  return value < 100 ? value.toFixed(1) : formatCount(value);
}

function milliseconds(value: number | null): string {
  if (value === null) return 'n/a';
  if (value >= 1000) return `${formatCount(value)} ms`;
  return `${value < 10 ? value.toFixed(3) : value.toFixed(1)} ms`;
}
