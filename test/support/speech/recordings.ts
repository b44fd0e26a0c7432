import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordingsFolder } from '../requirements.js';

/** A human voice, and what it says. */
export interface Recording {
  readonly path: string;
  readonly transcript: string;
}

/** Five readings of playing cards and five of a novel (LibriVox), 92 words in 34 s. Throws when they are not there. */
export function recordings(): readonly Recording[] {
  return [...folder('cards', 'cards.transcription'), ...folder('librivox', 'transcription')];
}

function folder(name: string, transcripts: string): Recording[] {
  const text = readFileSync(join(recordingsFolder, name, transcripts), 'utf8');
  return [...text.matchAll(/^<s> (.*?)\s*<\/s> \((.*)\)$/gm)].map(([, transcript = '', id = '']) => ({
    path: join(recordingsFolder, name, `${id}.wav`),
    transcript,
  }));
}
