import { describe, expect, it } from 'vitest';
import { flightDelayRows, oneHotRows, rowsFor } from '../../../src/lib/load-test/rows.js';
import type { Datatype, Model } from '../../../src/lib/model/types.js';

function model(datatype: Datatype, shape: number[], featureNames?: string[]): Model {
  const signature = { inputs: [{ name: 'x', datatype, shape }], outputs: [] };
  return {
    name: 'm',
    version: '1',
    path: '/m.onnx',
    digest: '',
    sizeBytes: 0,
    signature: featureNames === undefined ? signature : { ...signature, featureNames },
  };
}

describe('rowsFor', () => {
  it('enumerates all 552 inputs of the flight-delay model, each once', () => {
    const names = [
      ...Array.from({ length: 23 }, (_, index) => `OPERA_${index}`),
      'TIPOVUELO_I',
      'TIPOVUELO_N',
      ...Array.from({ length: 12 }, (_, index) => `MES_${index + 1}`),
    ];
    const rows = rowsFor(model('FP32', [-1, 37], names));
    expect(rows).toEqual(flightDelayRows());
    expect(rows).toHaveLength(552);
    expect(new Set(rows.map(String)).size).toBe(552);
    expect(rows.every((row) => row.length === 37 && row.reduce((sum, value) => sum + value, 0) === 3)).toBe(true);
  });

  it('makes up rows for another model, the same every time', () => {
    const rows = rowsFor(model('FP32', [-1, 4]));
    expect(rows).toEqual(rowsFor(model('FP32', [-1, 4])));
    expect(rows).toHaveLength(512);
    expect(rows.flat().every((value) => value >= -1 && value <= 1)).toBe(true);
    expect(new Set(rows.map(String)).size).toBe(512);
    expect(new Set(rowsFor(model('INT64', [-1, 3])).flat())).toEqual(new Set([0, 1]));
  });

  it('takes the width from the feature names when the shape leaves it open', () => {
    expect(rowsFor(model('FP32', [-1, -1], ['a', 'b']))[0]).toHaveLength(2);
  });

  it('says what to do when there is nothing to go by', () => {
    for (const unknown of [model('FP32', [-1, -1]), model('BYTES', [-1, 2])]) {
      expect(() => rowsFor(unknown)).toThrow(expect.objectContaining({ code: 'NO_ROWS', exitCode: 2 }));
    }
  });
});

it('oneHotRows has a row for every choice', () => {
  expect(oneHotRows([2, 1])).toEqual([
    [1, 0, 1],
    [0, 1, 1],
  ]);
});
