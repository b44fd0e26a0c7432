/** A place in a line. */
export interface Turn {
  /** Resolves when it is this one's turn. */
  come(): Promise<void>;
  /** Lets the next one come; also leaves the line before its turn. */
  leave(): void;
}

/** A line in which at most `most` have their turn at once. Who joined first is first. */
export function createTurns(most: number): () => Turn {
  const line: { admit: () => void }[] = [];
  let present = 0;
  return () => {
    const place = { admit: () => {} };
    const admitted = new Promise<void>((resolve) => {
      place.admit = resolve;
    });
    if (present < most) {
      present += 1;
      place.admit();
    } else line.push(place);
    return {
      come: () => admitted,
      leave() {
        const position = line.indexOf(place);
        if (position !== -1) line.splice(position, 1);
        else {
          const next = line.shift();
          if (next === undefined) present -= 1;
          else next.admit();
        }
      },
    };
  };
}
