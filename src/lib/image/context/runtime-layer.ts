import { access, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { ImagePlatform } from '../platform.js';
import type { PlannedFile, PlannedLayer } from './plan.js';

/** Of the libraries that may lie there (CUDA, TensorRT), those that inference on the CPU needs. */
const nativeFiles = ['libonnxruntime.so.1', 'onnxruntime_binding.node'];

/**
 * ONNX Runtime with the native library of one platform, laid out as its package is: its loader finds the library by its
 * own place. The package holds all platforms, 288 MB; this is 46 MB. Throws PrerequisiteError `ONNX_RUNTIME_MISSING`.
 */
export async function runtimeLayer(platform: ImagePlatform): Promise<PlannedLayer> {
  const { runtime, common } = packageFolders();
  const native = join(runtime, 'bin', 'napi-v6', 'linux', platform.nodeArch);
  for (const name of nativeFiles) await access(join(native, name)).catch((cause) => missing(join(native, name), cause));
  const files = [
    join(runtime, 'package.json'),
    ...(await scripts(join(runtime, 'dist'))),
    ...nativeFiles.map((name) => join(native, name)),
    join(common, 'package.json'),
    ...(await scripts(join(common, 'dist', 'cjs'))),
  ];
  const place = (file: string): PlannedFile => {
    const [name, folder] = file.startsWith(join(common, sep))
      ? ['onnxruntime-common', common]
      : ['onnxruntime-node', runtime];
    return { path: `/app/node_modules/${name}/${slashes(relative(folder, file))}`, from: { file } };
  };
  return { name: 'runtime', files: files.map(place) };
}

function packageFolders(): { runtime: string; common: string } {
  try {
    const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
    // .../onnxruntime-common/dist/cjs/index.js: its package.json is not among its exports.
    const main = createRequire(manifest).resolve('onnxruntime-common');
    return { runtime: dirname(manifest), common: dirname(dirname(dirname(main))) };
  } catch (error) {
    return missing('onnxruntime-node', error);
  }
}

async function scripts(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.(js|json)$/.test(entry.name));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}

function missing(what: string, cause: unknown): never {
  throw new PrerequisiteError('ONNX Runtime for the image is not there', {
    code: 'ONNX_RUNTIME_MISSING',
    why: `${what} was not found.`,
    actions: ['ONNXRUNTIME_NODE_INSTALL=skip npm install --force onnxruntime-node'],
    cause,
  });
}
