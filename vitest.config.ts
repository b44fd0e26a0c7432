import { defineConfig } from 'vitest/config';

const shared = { include: [] as string[], environment: 'node' as const, restoreMocks: true, unstubEnvs: true };

// Terraform's provider spends most of its time waiting for things to settle, so its files run at once.
const waiting = ['test/integration/{infrastructure,terraform}/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          setupFiles: ['test/support/no-surprises.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: waiting,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'integration-terraform',
          include: waiting,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Two of them, and all before the tests that measure.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...shared, name: 'long', include: ['test/long/**/*.test.ts'], testTimeout: 7_200_000 },
      },
    ],
  },
});
