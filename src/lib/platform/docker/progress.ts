/**
 * What the builder is doing, in a few words, read off its log line by line: BuildKit's `--progress=plain`
 * (`#6 [2/5] COPY model/ /`, `#5 transferring context: 48MB 0.3s`) or the legacy builder's (`Step 3/9 : COPY model/ /`).
 * Undefined for lines that tell a person nothing.
 */
export function createBuildProgress(): (line: string) => string | undefined {
  let context = '';
  return (line) => {
    const legacy = /^Step (\d+)\/(\d+) : (.+)$/.exec(line);
    if (legacy !== null) return `step ${legacy[1]} of ${legacy[2]}: ${legacy[3]}`;
    const sent = /^Sending build context to Docker daemon\s+(\S+)/.exec(
      line.split('\r').findLast((part) => part !== '') ?? '',
    );
    if (sent !== null) return `sending the build context: ${sent[1]}`;
    const vertex = /^#\d+ \[(?:[\w-]+ )?(\d+)\/(\d+)\] (.+)$/.exec(line);
    if (vertex !== null) return `step ${vertex[1]} of ${vertex[2]}: ${vertex[3]}`;
    if (/^#\d+ \[internal\] load build context/.test(line)) context = line.split(' ', 1)[0] ?? '';
    const transferred = /^(#\d+) transferring context: (\S+)/.exec(line);
    if (transferred !== null && transferred[1] === context) return `sending the build context: ${transferred[2]}`;
    if (/^#\d+ \[internal\] load metadata for /.test(line)) return `looking for ${line.split(' ').at(-1)}`;
    if (/^#\d+ exporting layers/.test(line)) return 'exporting layers';
    const pulled = /^#\d+ sha256:[0-9a-f]+ (\S+ \/ \S+)/.exec(line);
    return pulled === null ? undefined : `pulling the base image: ${pulled[1]}`;
  };
}
