import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const testFiles = ['**/*.spec.ts', 'libs/testing/**/*.ts', '**/src/testing/**/*.ts'];

/** `process.env` and the wall clock have one door each. */
const doors = {
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: "Settings come from the app's config.ts." },
    { object: 'Date', property: 'now', message: 'Time comes from a Clock or from the database.' },
  ],
};

const HASHES =
  'CallExpression[callee.name=/^(createHash|createHmac|hash)$/] > Literal[value=/^(md[245]|sha-?1|ripemd.*)$/i]';

/** What no app needs: starting programs, running text, hashes that are broken. */
const dangers = {
  'no-eval': 'error',
  'no-new-func': 'error',
  'no-restricted-imports': ['error', ...['child_process', 'vm'].flatMap((name) => [name, `node:${name}`])],
  'no-restricted-syntax': ['error', { selector: HASHES, message: 'Take SHA-256.' }],
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.data/**',
      '.nx/**',
      '**/fixtures/**',
      'scripts/lint/fixture/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: ['tsconfig.check.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      ...doors,
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', prefer: 'type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/triple-slash-reference': ['error', { path: 'always' }],
      // Nest reads constructor types at run time; these two ask for what it cannot have.
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.ts'],
    ignores: [...testFiles, 'libs/psa/src/corpus/**'],
    rules: { 'max-params': ['error', { max: 6 }], ...dangers },
  },
  {
    files: testFiles,
    rules: {
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-globals': [
        'error',
        { name: 'setTimeout', message: 'Wait with eventually(), never by time.' },
      ],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['libs/testing/**/*.ts', '**/src/testing/**/*.ts'], rules: { 'no-restricted-globals': 'off' } },
  {
    files: [
      'apps/*/src/config.ts',
      '**/*.main.ts',
      'apps/*/src/{main,migrate,create-partner,create-operator,republish}.ts',
      'libs/messaging/src/crash-point.ts',
      'libs/domain/src/clock.ts',
      '**/*.corpus.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        setImmediate: 'readonly',
        clearTimeout: 'readonly',
        clearInterval: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
        Buffer: 'readonly',
        structuredClone: 'readonly',
        TextDecoder: 'readonly',
        module: 'writable',
      },
    },
    rules: { 'max-lines': ['error', { max: 300 }], 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
  },
);
