/** What is asked of speech recognition: wrong words of all clips, time for a second of audio, bytes of a process. */
export const targets = { errors: 5, factor: 0.06, peakBytes: 600e6 };

/** So many times its CPU time a thread takes when others hold the cores: then its time says nothing about recognition. */
const busyFrom = 1.2;

/**
 * Asked and measured beside each other, and the exit code: 0 all kept, 3 one is missed, 4 a time is over on a machine that was busy.
 * @param {{ errors: number, words: number, busy: number, runs: readonly { threads: number, factor: number, peakBytes: number }[] }} measured
 *   `busy`: time of one thread by its CPU time
 * @returns {{ lines: string[], exitCode: 0 | 3 | 4 }}
 */
export function speechVerdict({ errors, words, busy, runs }) {
  const rows = [
    { name: `wrong words of ${words}`, asked: targets.errors, measured: errors, show: String },
    ...runs.flatMap(({ threads, factor, peakBytes }) => [
      {
        name: `real-time factor, ${at(threads)}`,
        asked: targets.factor,
        measured: factor,
        show: (value) => value.toFixed(3),
        isTime: true,
      },
      {
        name: `peak memory, ${at(threads)}`,
        asked: targets.peakBytes,
        measured: peakBytes,
        show: (value) => `${(value / 1e6).toFixed(0)} MB`,
      },
    ]),
  ];
  // What could not be measured is not kept.
  const missed = rows.filter(({ asked, measured }) => !(measured <= asked));
  const wasBusy = busy > busyFrom;
  const invalid = wasBusy && missed.length > 0 && missed.every(({ isTime }) => isTime);
  const lines = [
    `${''.padEnd(38)}${'at most'.padStart(10)}${'measured'.padStart(10)}`,
    ...rows.map((row) => {
      const verdict = missed.includes(row) ? 'MISSED' : 'kept';
      return `${row.name.padEnd(38)}${row.show(row.asked).padStart(10)}${row.show(row.measured).padStart(10)}  ${verdict}`;
    }),
    '',
    ...(wasBusy
      ? [`The machine was busy: one thread waited ${(100 * (1 - 1 / busy)).toFixed(0)} % of its time for a core.`]
      : []),
  ];
  if (missed.length === 0) return { lines: [...lines, 'PASS: all figures are kept'], exitCode: 0 };
  const names = missed.map(({ name }) => name).join('; ');
  if (invalid) return { lines: [...lines, `INVALID: measure again on an idle machine (${names})`], exitCode: 4 };
  return { lines: [...lines, `FAIL: ${names}`], exitCode: 3 };
}

function at(threads) {
  return threads === 1 ? '1 thread' : `${threads} threads at once`;
}
