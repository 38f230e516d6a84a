import { format, inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.js';

describe('a secret in memory', () => {
  const secret = new Secret({ privateKey: 'hush' });

  it.each<[string, () => string]>([
    ['String()', () => String(secret)],
    ['a template', () => `${secret}`], // eslint-disable-line @typescript-eslint/restrict-template-expressions
    ['JSON', () => JSON.stringify({ deep: [secret] })],
    ['inspect', () => inspect({ secret }, { depth: 9, showHidden: true })],
    ['format', () => format('%s %o %j', secret, secret, secret)],
    ['an error that names it', () => inspect(Object.assign(new Error('x'), { secret }))],
    ['a copy', () => JSON.stringify({ ...secret, ...Object.entries(secret) })],
  ])('shows nothing by %s', (_how, print) => {
    expect(print()).not.toContain('hush');
  });

  it('is revealed on purpose', () => {
    expect(secret.reveal()).toEqual({ privateKey: 'hush' });
  });
});
