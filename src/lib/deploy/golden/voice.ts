const rateHz = 16_000;
const seconds = 1.2;
const pitchHz = 110;
/** Of the loudest sample, below full scale. */
const peak = 0.5;

/** Formants in Hz of a, e, i, o, u, after Peterson and Barney, "Control Methods Used in a Study of the Vowels" (1952), men. */
const vowels = [
  [730, 1090, 2440, 3500],
  [530, 1840, 2480, 3500],
  [270, 2290, 3010, 3600],
  [570, 840, 2410, 3400],
  [300, 870, 2240, 3400],
] as const;
const bandwidthsHz = [60, 90, 150, 200] as const;

/**
 * Something like a voice that says "a e i o u", made by pulses of a glottis through four resonances: so that all of a speech
 * model is at work, the detector of voices, the encoder and the decoder, which a tone or silence would leave idle. It is
 * computed and not recorded. 16 kHz, mono, 16 bit, WAV, 38 kB.
 * Klatt, "Software for a cascade/parallel formant synthesizer" (1980); Rosenberg, "Effect of Glottal Pulse Shape on the
 * Quality of Natural Vowels" (1971).
 */
export function syntheticVoice(): { readonly wav: Uint8Array<ArrayBuffer>; readonly seconds: number } {
  const length = rateHz * seconds;
  const resonators = bandwidthsHz.map(createResonator);
  const samples = new Float64Array(length);
  let phase = 0;
  let before = 0;
  for (let index = 0; index < length; index += 1) {
    const along = index / length;
    phase = (phase + (pitchHz * intonation(along)) / rateHz) % 1;
    const flow = glottalFlow(phase);
    // What leaves the lips is the change of the flow.
    const excitation = flow - before;
    before = flow;
    const { formants, loudness } = syllableAt(along * vowels.length);
    const voice = resonators.reduce((sound, resonate, each) => resonate(sound, formants[each] ?? 0), excitation);
    samples[index] = voice * loudness;
  }
  return { wav: wavOf(samples), seconds };
}

/** A voice sinks towards the end of a sentence, and is never quite steady. */
function intonation(along: number): number {
  return (1.15 - 0.35 * along) * (1 + 0.02 * Math.sin(2 * Math.PI * 4 * along * seconds));
}

/** Air through the glottis at a part of its period, 0 to 1: it opens slowly, closes fast, and stays shut. */
function glottalFlow(phase: number): number {
  const opens = 0.4;
  const shut = 0.6;
  if (phase < opens) return 0.5 * (1 - Math.cos((Math.PI * phase) / opens));
  return phase < shut ? Math.cos((Math.PI / 2) * ((phase - opens) / (shut - opens))) : 0;
}

/** @param at vowels so far; within one, the second half glides to the next */
function syllableAt(at: number): { readonly formants: readonly number[]; readonly loudness: number } {
  const index = Math.min(vowels.length - 1, Math.floor(at));
  const part = at - index;
  const from = vowels[index] ?? vowels[0];
  const to = vowels[index + 1] ?? from;
  const glide = Math.max(0, (part - 0.5) * 2);
  const formants = from.map((hz, each) => hz + ((to[each] ?? hz) - hz) * glide);
  return { formants, loudness: Math.max(0, Math.min(1, (part - 0.12) / 0.15, (1 - part) / 0.25)) };
}

/** Klatt's digital resonator. */
function createResonator(bandwidthHz: number): (input: number, centreHz: number) => number {
  const c = -Math.exp((-2 * Math.PI * bandwidthHz) / rateHz);
  let last = 0;
  let secondLast = 0;
  return (input, centreHz) => {
    const b = 2 * Math.exp((-Math.PI * bandwidthHz) / rateHz) * Math.cos((2 * Math.PI * centreHz) / rateHz);
    const output = (1 - b - c) * input + b * last + c * secondLast;
    secondLast = last;
    last = output;
    return output;
  };
}

function wavOf(samples: Float64Array): Uint8Array<ArrayBuffer> {
  const headerBytes = 44;
  const dataBytes = samples.length * 2;
  const bytes = new Uint8Array(headerBytes + dataBytes);
  const view = new DataView(bytes.buffer);
  const text = (at: number, letters: string) => bytes.set(new TextEncoder().encode(letters), at);
  text(0, 'RIFF');
  view.setUint32(4, headerBytes - 8 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  for (const [index, sample] of samples.entries()) {
    view.setInt16(headerBytes + index * 2, Math.round((sample / loudest) * peak * 32_767), true);
  }
  return bytes;
}
