export default {
  projects: ['<rootDir>/apps/*/jest.config.mjs', '<rootDir>/libs/*/jest.config.mjs'],
  // Suites of the whole system wait for leases more than they compute.
  testSequencer: '<rootDir>/jest.sequencer.mjs',
  maxWorkers: 3,
  workerIdleMemoryLimit: '1500MB',
  testTimeout: 60_000,
};
