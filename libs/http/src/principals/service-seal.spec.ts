import { expect, it } from '@jest/globals';
import { openFromService, sealForServices } from './service-seal.js';

const KEY = 'k'.repeat(32);

it('what is sealed for services opens with their key, for its purpose and id alone', () => {
  const sealed = sealForServices(KEY, 'mail', 'one', 'the secret');
  expect(sealed).not.toContain('secret');
  expect(sealForServices(KEY, 'mail', 'one', 'the secret')).not.toBe(sealed);
  expect(openFromService(KEY, 'mail', 'one', sealed)).toBe('the secret');
  expect(openFromService('x'.repeat(32), 'mail', 'one', sealed)).toBeNull();
  expect(openFromService(KEY, 'other', 'one', sealed)).toBeNull();
  expect(openFromService(KEY, 'mail', 'two', sealed)).toBeNull();
  const changed = Buffer.from(sealed, 'base64url');
  changed[14] = (changed[14] ?? 0) ^ 1;
  expect(openFromService(KEY, 'mail', 'one', changed.toString('base64url'))).toBeNull();
  expect(openFromService(KEY, 'mail', 'one', 'AAAA')).toBeNull();
});
