/** What a line is about, so that whoever prints it can choose a colour: a feature knows no colours. */
export type Tone = 'plain' | 'heading' | 'good' | 'change' | 'danger' | 'faint';

export interface Line {
  readonly tone: Tone;
  readonly text: string;
}

export function line(text: string, tone: Tone = 'plain'): Line {
  return { tone, text };
}
