import * as Flags from '@oclif/core/flags';

const formats = ['table', 'json', 'jsonl', 'csv', 'srt', 'vtt', 'txt'] as const;

/** The flags of `mlops transcribe`. */
export const transcribeFlags = {
  format: Flags.option({ options: formats, env: 'MLOPS_TRANSCRIBE_FORMAT' })({
    char: 'f',
    summary: 'default: a table on a terminal, else JSON lines (jsonl), also in files',
  }),
  output: Flags.string({
    char: 'o',
    summary: 'one file for each recording, in this folder or in S3',
    env: 'MLOPS_TRANSCRIBE_OUTPUT',
    helpValue: 'DIR|s3://BUCKET/PREFIX',
  }),
  concurrency: Flags.integer({
    summary: 'recordings at once [default: one a core, at most 8, as far as there is memory]',
    env: 'MLOPS_TRANSCRIBE_CONCURRENCY',
    min: 1,
    max: 64,
  }),
  channels: Flags.option({ options: ['mix', 'split'] as const })({
    summary: 'mix all channels, or split them: each is a speaker',
    default: 'mix',
  }),
  model: Flags.string({
    summary: 'speech model [default: speech.model of mlops.yaml, else moonshine-tiny]',
    env: 'MLOPS_SPEECH_MODEL',
    helpValue: 'NAME',
  }),
  force: Flags.boolean({ summary: 'also what is done already, over whatever lies where results go' }),
  offline: Flags.boolean({ summary: 'never fetch the model' }),
  'dry-run': Flags.boolean({ summary: 'say what would be done, and stop', exclusive: ['queue'] }),
  queue: Flags.string({
    summary: 'work on what this SQS queue announces, if it lies below a SOURCE (none: everything)',
    env: 'MLOPS_TRANSCRIBE_QUEUE',
    helpValue: 'URL',
  }),
  warehouse: Flags.boolean({
    summary:
      'then load the results into the warehouse of mlops.yaml or MLOPS_WAREHOUSE_*; --output is transcripts/ unless given',
    exclusive: ['queue', 'dry-run'],
  }),
  'until-empty': Flags.boolean({ summary: 'with --queue: end when it is empty' }),
};
