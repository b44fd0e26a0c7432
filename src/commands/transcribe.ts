import * as Args from '@oclif/core/args';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import { resultStream } from '../lib/cli/stdout.js';
import { transcribeFlags } from '../lib/cli/transcribe-flags.js';
import type { Plan } from '../lib/recordings/batch/plan.js';
import type { RecordingsDeps } from '../lib/recordings/deps.js';
import type { TranscribeRequest, TranscribeResult } from '../lib/recordings/transcribe.js';
import type { TranscriptRecord } from '../lib/transcript/record.js';
import type { CopySummary } from '../lib/warehouse/copy-sources.js';

type Result = (TranscribeResult & { readonly warehouse?: CopySummary }) | Plan | undefined;

export default class Transcribe extends MlopsCommand<Result> {
  static override summary = 'Turn recordings into text: files, folders, globs, S3, or a queue of S3 events';

  static override description =
    `Recognises speech on this machine, with a model that is fetched at its first use. Reads WAV, FLAC, MP3, OGG and WebM, and what ffmpeg reads if it is installed.

With --output every recording gets a file of its own, and running the command again does only what is new. With --queue it is a worker that runs until it is stopped.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> call.wav',
    "<%= config.bin %> <%= command.id %> recordings/ 'more/**/*.mp3' --output transcripts/ --format srt",
    '<%= config.bin %> <%= command.id %> s3://bucket/recordings/ --output s3://bucket/transcripts/',
    '<%= config.bin %> <%= command.id %> recordings/ | jq -r .text',
    '<%= config.bin %> <%= command.id %> recordings/ --warehouse',
    '<%= config.bin %> <%= command.id %> --queue https://sqs.us-east-1.amazonaws.com/123456789012/recordings --output s3://bucket/transcripts/',
  ];

  static override args = {
    source: Args.string({
      description: 'files, folders, globs in quotes, s3://bucket/prefix',
      multiple: true,
      ignoreStdin: true,
    }),
  };

  static override flags = transcribeFlags;

  async run(): Promise<Result> {
    const { args, flags } = await this.parse(Transcribe);
    const { createRecordingsDeps } = await import('../lib/recordings/create-deps.js');
    const { defaultSpeechModel } = await import('../lib/model/catalog.js');
    const { config } = await this.project();
    const deps = createRecordingsDeps({ ...this.deps, config, memoryBytes: process.availableMemory() });
    const isTable = process.stdout.isTTY === true && flags.output === undefined && !flags.warehouse;
    const request = {
      ...flags,
      sources: args.source ?? [],
      output: flags.output ?? (flags.warehouse ? 'transcripts' : undefined),
      concurrency: flags.concurrency,
      format: flags.format ?? (isTable ? 'table' : 'jsonl'),
      model: flags.model ?? config.speech?.model ?? defaultSpeechModel,
      signal: this.interrupt,
    };
    if (flags['dry-run']) return await this.#plan(request, deps);
    if (flags.warehouse) return await this.#load(request, deps);
    if (flags.queue === undefined) return await this.#transcribe(request, deps);
    this.streamsJson = this.jsonEnabled();
    const { transcribeQueue } = await import('../lib/recordings/queue/transcribe-queue.js');
    const stdout = resultStream();
    await transcribeQueue(
      {
        ...{ ...request, queue: flags.queue, untilEmpty: flags['until-empty'] },
        onOutcome: (outcome) => stdout.write(`${this.jsonEnabled() ? JSON.stringify(outcome) : outcome.result}\n`),
      },
      deps,
    );
    return undefined;
  }

  async #transcribe(request: TranscribeRequest, deps: RecordingsDeps): Promise<TranscribeResult> {
    const { transcribe } = await import('../lib/recordings/transcribe.js');
    const { rowColumns, tableRows } = await import('../lib/recordings/formats/rows.js');
    const { renderTable } = await import('../lib/cli/table.js');
    const stdout = resultStream();
    const hooks = {
      write: async (text: string) => {
        if (this.jsonEnabled()) return;
        await stdout.write(text);
      },
      table: async (records: readonly TranscriptRecord[]) => {
        await this.deps.reporter.settled();
        return `${renderTable(rowColumns, tableRows(records), process.stdout.columns || 100)}\n`;
      },
      keepRecords: this.jsonEnabled(),
    };
    // Without a reader there is nobody to work for, unless the work goes elsewhere.
    const signal = request.output === undefined ? AbortSignal.any([request.signal, stdout.closed]) : request.signal;
    const { result, isInterrupted } = await transcribe({ ...request, signal }, hooks, deps);
    if (result.failed.length > 0) this.setExitCode(1);
    if (isInterrupted) this.setExitCode(request.signal.aborted ? 130 : 0);
    return result;
  }

  async #load(request: TranscribeRequest, deps: RecordingsDeps): Promise<Result> {
    const { loadableOutput, loadTranscripts } = await import('../lib/recordings/load-transcripts.js');
    const { loadLines } = await import('../lib/warehouse/result-lines.js');
    const { cwd, env, reporter } = this.deps;
    const output = loadableOutput(request);
    const result = await this.#transcribe(request, deps);
    if (request.signal.aborted) return result;
    const where = { output, cwd, env, signal: request.signal, project: await this.project() };
    const warehouse = await loadTranscripts(where, reporter);
    await this.print(loadLines(warehouse).join('\n'));
    return { ...result, warehouse };
  }

  async #plan(request: TranscribeRequest, deps: RecordingsDeps): Promise<Plan> {
    const { planTranscription } = await import('../lib/recordings/transcribe.js');
    const { planText } = await import('../lib/recordings/batch/plan.js');
    const plan = await planTranscription(request, deps);
    await this.print(planText(plan));
    return plan;
  }
}
