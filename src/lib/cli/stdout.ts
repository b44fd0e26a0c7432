/** Stdout for results that are long or slow to come. */
export interface ResultStream {
  /** Resolves when the reader has room for more; at once when there is no reader any more. */
  write(text: string): Promise<void>;
  /** Aborts when the reader goes away (`mlops .. | head`): there is nobody to work for. */
  readonly closed: AbortSignal;
}

export function resultStream(stream: NodeJS.WriteStream = process.stdout): ResultStream {
  const closed = new AbortController();
  const onClosed = () => closed.abort('the reader went away');
  stream.once('error', onClosed).once('close', onClosed);
  return {
    closed: closed.signal,
    write: (text) =>
      new Promise((resolve) => {
        if (closed.signal.aborted) return resolve();
        // An error is heard above: the callback comes for both.
        stream.write(text, () => resolve());
      }),
  };
}
