import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '../../base/errors/mlops-error.js';
import { type ImagePlan, type PlannedFile, sourceOf } from '../context/plan.js';
import { credentialDocuments } from './documents.js';
import { jsonStrings, printableTexts } from './embedded.js';
import { secretByName } from './file-names.js';
import type { Finding, TextFinding } from './finding.js';
import { certainSecrets, longestMatch } from './patterns.js';
import { createSecretlint } from './secretlint.js';
import { sourceLine } from './source-line.js';

export interface ScanResult {
  readonly files: number;
  readonly findings: readonly Finding[];
}

type Lint = (path: string, text: string) => Promise<TextFinding[]>;

/** Text above this is looked at as a binary file is: nobody writes such a text, and rules for texts take long. */
const longestText = 16 * 2 ** 20;
const chunkBytes = 2 ** 20;

/**
 * Looks for secrets in every file that would go into an image: by its name, and by what is in it. A text goes through all
 * rules; a binary file through those for what is certain by its form alone, piece by piece, however large it is.
 */
export async function scanPlan(plan: ImagePlan): Promise<ScanResult> {
  const lint = await createSecretlint();
  const files = plan.layers.flatMap((layer) => layer.files);
  const findings: Finding[] = [];
  for (const planned of files) {
    const found = await scanPlanned(planned, lint);
    findings.push(...found.map((finding) => ({ file: sourceOf(planned), ...finding })));
  }
  const labels = await scanText('labels', Object.values(plan.labels).join('\n'), lint);
  findings.push(...labels.map(({ kind }) => ({ file: 'the labels of the image', line: undefined, kind })));
  // They are arguments of the docker program, and stay in the history of the image.
  const args = await scanText('arguments', Object.values(plan.buildArgs).join('\n'), lint);
  findings.push(...args.map(({ kind }) => ({ file: 'the base image', line: undefined, kind })));
  return { files: files.length, findings };
}

async function scanPlanned(planned: PlannedFile, lint: Lint): Promise<TextFinding[]> {
  const { from, path } = planned;
  if ('text' in from) {
    const found = await scanText(path, from.text, lint);
    // Its lines are not those of the file that it is made of.
    return await Promise.all(
      found.map(async ({ kind, line }) => ({ line: await sourceLine(from.madeOf, from.text, line), kind })),
    );
  }
  const byName = secretByName(path) ?? secretByName(from.file.replaceAll('\\', '/'));
  const file = await open(from.file);
  try {
    if (await isBinary(file))
      return byName === undefined ? await scanBinary(file, path, lint) : [{ line: undefined, kind: byName }];
    const text = await file.readFile('utf8');
    return byName === undefined ? await scanText(path, text, lint) : [{ line: firstLine(text), kind: byName }];
  } finally {
    await file.close();
  }
}

async function isBinary(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  const start = Buffer.alloc(Math.min(size, 8192));
  await file.read(start, 0, start.length, 0);
  return start.includes(0) || size > longestText;
}

async function scanText(path: string, text: string, lint: Lint): Promise<TextFinding[]> {
  const found = await findIn(path, text, lint);
  for (const inner of jsonStrings(text)) {
    found.push(...(await findIn(path, inner.text, lint)).map(({ kind }) => ({ line: inner.line, kind })));
  }
  return oncePerLine(found);
}

async function findIn(path: string, text: string, lint: Lint): Promise<TextFinding[]> {
  return [...credentialDocuments(text), ...certainSecrets(text), ...(await lint(path, text))];
}

/** Everything in a model that can be read is looked at as a text: its metadata is whatever somebody wrote. */
async function scanBinary(file: FileHandle, path: string, lint: Lint): Promise<TextFinding[]> {
  const isModel = path.endsWith('.onnx');
  const buffer = Buffer.alloc(chunkBytes);
  const kinds = new Set<string>();
  for (let offset = 0; ; offset += chunkBytes - longestMatch) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, offset);
    const piece = buffer.toString('latin1', 0, bytesRead);
    for (const { kind } of certainSecrets(piece)) kinds.add(kind);
    if (isModel) for (const { kind } of await scanText(path, printableTexts(piece), lint)) kinds.add(kind);
    if (bytesRead < chunkBytes) return [...kinds].map((kind) => ({ line: undefined, kind }));
  }
}

/** Where a person would look first: past comments and empty lines. */
function firstLine(text: string): number {
  const index = text.split('\n').findIndex((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  return index + 1 || 1;
}

/** Several rules may know the same secret; the first one's name for it is the plainest. */
function oncePerLine(findings: readonly TextFinding[]): TextFinding[] {
  const lines = new Map<number | undefined, TextFinding>();
  for (const finding of findings) if (!lines.has(finding.line)) lines.set(finding.line, finding);
  return [...lines.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** Throws UsageError `SECRETS_FOUND` that names file and line of each, never the value. */
export function refuseSecrets(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const places = findings.map(({ file, line, kind }) => `${file}${line === undefined ? '' : `:${line}`}: ${kind}`);
  throw new UsageError(
    findings.length === 1 ? 'A secret would go into the image' : `${findings.length} secrets would go into the image`,
    {
      code: 'SECRETS_FOUND',
      why: places.join('\n'),
      actions: [
        'Take it out, and have it replaced where it was in use: whoever had the file may have the secret',
        'Give secrets to the running container instead: as a reference in mlops.yaml, such as env://NAME',
        'If it is none, list the file under image.notSecret of mlops.yaml',
      ],
    },
  );
}
