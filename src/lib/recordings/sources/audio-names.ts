/** Endings of files that hold audio, by themselves or beside pictures. */
const audioEndings = new Set(
  [
    ...['wav', 'wave', 'flac', 'mp3', 'ogg', 'oga', 'opus', 'webm', 'weba', 'mka', 'mkv'],
    ...['m4a', 'm4b', 'mp4', 'mov', 'aac', '3gp', 'amr', 'aif', 'aiff', 'aifc', 'caf', 'au', 'wma', 'ac3', 'sph'],
  ].map((ending) => `.${ending}`),
);

/** Whether a file or key is called like a recording. */
export function isAudioName(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot > name.lastIndexOf('/') && audioEndings.has(name.slice(dot).toLowerCase());
}
