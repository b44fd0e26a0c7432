import { UsageError } from '../base/errors/mlops-error.js';

/** What an image is built for. */
export interface ImagePlatform {
  /** As Docker says it: `linux/amd64`, `linux/arm64`. */
  readonly name: string;
  /** `amd64` or `arm64`, as image configurations name it. */
  readonly architecture: string;
  /** As Node.js and its native packages name it. */
  readonly nodeArch: 'x64' | 'arm64';
}

const platforms: readonly ImagePlatform[] = [
  { name: 'linux/amd64', architecture: 'amd64', nodeArch: 'x64' },
  { name: 'linux/arm64', architecture: 'arm64', nodeArch: 'arm64' },
];

export const platformNames = platforms.map(({ name }) => name);

/** A platform by its name. Throws UsageError `PLATFORM_UNSUPPORTED`. */
export function platformOf(name: string): ImagePlatform {
  const found = platforms.find((platform) => platform.name === name);
  if (found !== undefined) return found;
  throw new UsageError(`Images cannot be built for ${name}`, {
    code: 'PLATFORM_UNSUPPORTED',
    why: `ONNX Runtime for Node.js exists for ${platformNames.join(' and ')}.`,
    actions: [`Add --platform ${platformNames[0]}`],
  });
}
