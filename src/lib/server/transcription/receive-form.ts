import { createWriteStream } from 'node:fs';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MultipartValue } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { hasCode } from '../../base/errors/describe.js';
import { formatCount, formatSize } from '../../base/units.js';
import { clientGone, HttpProblem, turnedAway } from '../http/problem.js';
import { ApiProblem } from './api-problem.js';
import type { Upload } from './upload-storage.js';

export interface ReceivedForm {
  /** The name that the client gave the recording, for messages. */
  readonly fileName: string;
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

/** What a form may have beside the recording: its fields, and the lines between them. */
export const formOverheadBytes = 2 ** 20;
const formLimits = { fields: 32, files: 1, parts: 33, fieldNameSize: 100, fieldSize: 16 * 2 ** 10, headerPairs: 20 };

/**
 * Receives a form with one recording, which goes to disk as it comes: memory is bounded whatever is sent. What a refused
 * client still sends is read and thrown away, so that it gets to see the answer; the request timeout ends it.
 * Throws HttpProblem 400, 413, 499 and 503.
 */
export async function receiveForm(request: FastifyRequest, upload: Upload, sizeBytes: number): Promise<ReceivedForm> {
  const fields = new Map<string, string[]>();
  let fileName: string | undefined;
  try {
    // One byte more than it may have: what is cut there is larger.
    for await (const part of request.parts({ limits: { ...formLimits, fileSize: sizeBytes + 1 } })) {
      if (part.type === 'field') addField(fields, part);
      else {
        if (part.fieldname !== 'file')
          throw badForm(`The recording goes into the field 'file', not '${part.fieldname}'`);
        fileName = nameOf(part.filename);
        const file = createWriteStream(upload.path, { flags: 'wx', mode: 0o600 });
        await pipeline(part.file, counting(upload, sizeBytes), file);
      }
    }
  } catch (error) {
    throw asProblem(error, request);
  } finally {
    request.raw.unpipe();
    request.raw.resume();
  }
  if (fileName !== undefined) return { fileName, fields };
  const sent = fields.has('file') ? 'it came as a text: send it as a file, with a name' : 'it is not there';
  throw new ApiProblem(400, `The form needs the recording in the field 'file', and ${sent}`, { param: 'file' });
}

export function fileTooLarge(sizeBytes: number): ApiProblem {
  const size = `${formatSize(sizeBytes)} (${formatCount(sizeBytes)} bytes)`;
  return new ApiProblem(413, `The recording is larger than ${size}, the limit serve.limits.audio.size`, {
    param: 'file',
    code: 'file_too_large',
  });
}

function addField(fields: Map<string, string[]>, { fieldname, value, ...cut }: MultipartValue): void {
  if (cut.fieldnameTruncated || cut.valueTruncated) throw badForm(`The field '${fieldname}' is too long`);
  fields.set(fieldname, [...(fields.get(fieldname) ?? []), String(value)]);
}

function counting(upload: Upload, sizeBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      bytes += chunk.length;
      try {
        if (bytes > sizeBytes) throw fileTooLarge(sizeBytes);
        upload.grow(bytes);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function badForm(message: string): ApiProblem {
  return new ApiProblem(400, message, { code: 'invalid_form' });
}

/** In messages it is only ever a name. */
function nameOf(given: string | undefined): string {
  const name = given?.split(/[\\/]/).at(-1) || 'the recording';
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}

/** Everything that is not ours and no error of the file system is a parser's complaint about what was sent. */
function asProblem(error: unknown, request: FastifyRequest): unknown {
  if (request.raw.socket.destroyed || (request.raw.destroyed && !request.raw.complete)) return clientGone();
  if (hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT')) {
    return turnedAway('storage', 'There is no room to store the recording: try again later');
  }
  if (error instanceof HttpProblem || typeof (error as NodeJS.ErrnoException).errno === 'number') return error;
  const { code, message } = error as Error & { code?: string };
  if (code === 'FST_MP_PREMATURE_CLOSE') return clientGone();
  if (code === 'FST_FILES_LIMIT') return badForm('The form has more than one file: one recording for each request');
  if (code === 'FST_FIELDS_LIMIT' || code === 'FST_PARTS_LIMIT') {
    return badForm(`The form has more than ${formLimits.fields} fields`);
  }
  return badForm(`The form cannot be read: ${message}`);
}
