import { defineConfig } from 'vitest/config';

const shared = { include: [] as string[], environment: 'node' as const, restoreMocks: true, unstubEnvs: true };

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
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: { ...shared, name: 'long', include: ['test/long/**/*.test.ts'], testTimeout: 7_200_000 },
      },
    ],
  },
});
