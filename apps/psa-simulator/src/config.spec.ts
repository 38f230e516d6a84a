import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';

describe('settings', () => {
  it('have defaults', () => {
    expect(readConfig({})).toMatchObject({ HOST: '127.0.0.1', PORT: 8090, MANAGEMENT_PORT: 9090 });
  });

  it.each([{ PORT: 'x' }, { PORT: '70000' }, { MANAGEMENT_PORT: '-1' }, { LOG_LEVEL: 'loud' }])(
    '%j is refused by name',
    (env) => {
      expect(() => readConfig(env)).toThrow(Object.keys(env)[0]);
    },
  );
});
