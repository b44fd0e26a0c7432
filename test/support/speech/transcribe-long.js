// Transcribes one recording with the built engine, and prints as JSON what came out and how much memory the process had on
// the way: one sample for every minute of the recording.
import { createSpeechEngine } from '../../../dist/lib/speech/engine.js';

const { model, path } = JSON.parse(process.argv[2]);
const engine = await createSpeechEngine(model, { threads: 1 });
const rss = [];
const { text, durationS, segments, warnings } = await engine.transcribe(path, {
  onProgress(doneS) {
    const minute = Math.floor(doneS / 60);
    rss[minute] = Math.max(rss[minute] ?? 0, process.memoryUsage().rss);
  },
});
await engine.close();
process.stdout.write(JSON.stringify({ text, durationS, segments: segments.length, warnings, rss }));
