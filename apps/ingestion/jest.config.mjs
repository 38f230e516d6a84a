import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  // These need programs that a machine may not have: `npm run test:snippets`.
  testPathIgnorePatterns: [...preset.testPathIgnorePatterns, '\\.shell\\.spec\\.ts$'],
};
