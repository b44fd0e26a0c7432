import { tmpdir } from 'node:os';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../lib/base/units.js';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import { abortAtEnd } from '../lib/platform/process/lifeline.js';
import { type LogLevel, logLevels } from '../lib/server/log.js';

const stderr = 2;

export default class Serve extends MlopsCommand<void> {
  static override summary = 'Serve a model over HTTP';

  static override description =
    `POST /api with {"array": [numbers]} answers {"predicciones": [label]}; {"array": [[..], [..]]} predicts several rows.
A speech model of the catalog answers POST /v1/audio/transcriptions, in the shape of OpenAI's, instead.
/healthz and /readyz are for load balancers, /metrics for Prometheus. Logs are JSON lines on stderr.

Without MODEL: the project's model, else the bundled one. SIGTERM drains: /readyz says 503, requests are served for the drain delay, then what is in flight finishes. With --json, one line {"url", "model", "pid"} says that it is ready; "metricsUrl" is in it when the metrics have a port of their own.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> model.onnx --port 0 --json',
    '<%= config.bin %> <%= command.id %> --host 0.0.0.0 --workers 4',
    '<%= config.bin %> <%= command.id %> moonshine-tiny',
  ];

  static override args = {
    model: Args.string({ description: 'path of an ONNX file, or a name of the catalog' }),
  };

  static override flags = {
    port: Flags.integer({
      summary: 'where to listen, 0 picks a free port (also PORT)',
      min: 0,
      max: 65_535,
      env: 'MLOPS_PORT',
    }),
    'metrics-port': Flags.integer({
      summary: 'where /metrics is answered, and nowhere else; 0 picks a free port [default: the port of the service]',
      min: 0,
      max: 65_535,
      env: 'MLOPS_METRICS_PORT',
    }),
    host: Flags.string({ summary: 'address to bind', default: '127.0.0.1', env: 'MLOPS_HOST' }),
    workers: Flags.integer({
      summary: 'processes that predict [default: 1], or threads that transcribe [default: cores]',
      min: 1,
      max: 64,
      env: 'MLOPS_WORKERS',
    }),
    offline: Flags.boolean({ summary: 'never fetch a model (exit 5 if it is not in the cache)' }),
    'drain-delay': Flags.string({ summary: 'how long to go on serving after SIGTERM', env: 'MLOPS_DRAIN_DELAY' }),
    'log-level': Flags.option({ options: logLevels, default: 'info' as LogLevel, env: 'MLOPS_LOG_LEVEL' })({
      summary: 'least severe log lines',
    }),
    'until-eof': Flags.boolean({ summary: 'stop when stdin ends: with the program that started this', hidden: true }),
    'access-log': Flags.boolean({ summary: 'log one line per request', env: 'MLOPS_ACCESS_LOG' }),
  };

  async run(): Promise<void> {
    const { interrupt } = this;
    const { args, flags } = await this.parse(Serve);
    const stop = flags['until-eof'] ? AbortSignal.any([interrupt, abortAtEnd(process.stdin)]) : interrupt;
    const { config, dir } = await this.project();
    const { cacheFolder } = await import('../lib/platform/files/cache-folder.js');
    const { thisMachine } = await import('../lib/platform/process/machine.js');
    const { projectSlos } = await import('../lib/project/slos.js');
    const { choosePort } = await import('../lib/server/port.js');
    const { serveReference } = await import('../lib/server/serve-reference.js');
    const { limits, drain, port, metricsPort, workers } = config.serve;
    const { cwd, env, reporter } = this.deps;
    const delay = flags['drain-delay'];
    const reference = args.model ?? config.model;
    await serveReference(
      {
        reference,
        baseDir: args.model === undefined ? dir : cwd,
        host: flags.host,
        port: choosePort({ flag: flags.port, variable: env.PORT, configured: port }),
        metricsPort: flags['metrics-port'] ?? metricsPort,
        workers: flags.workers ?? workers,
        limits,
        drain: delay === undefined ? drain : { ...drain, delayMs: parseDuration(delay) },
        slos: projectSlos(config, reference),
        logLevel: flags['log-level'],
        accessLog: flags['access-log'],
      },
      {
        stop,
        logTarget: stderr,
        speech: {
          cacheDir: cacheFolder(env),
          offline: flags.offline,
          reporter,
          machine: thisMachine(),
          tempDir: tmpdir(),
        },
        onReady: async ({ url, metricsUrl, model, text }) => {
          if (this.jsonEnabled()) this.printJsonLine({ url, metricsUrl, model, pid: process.pid });
          else await this.print(text);
        },
      },
    );
  }
}
