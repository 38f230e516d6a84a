import { describe, expect, it } from '@jest/globals';
import { parseAllowList } from '@backhaul/psa';
import { siteUrl } from './site-url.js';

describe('B12 site URL', () => {
  const nothing = parseAllowList([]);

  it('stores a normalised https address', () => {
    expect(siteUrl('https://NA.myconnectwise.net/', nothing, '/siteUrl')).toBe(
      'https://na.myconnectwise.net',
    );
  });

  it.each([
    'na.myconnectwise.net',
    'http://na.myconnectwise.net',
    'https://127.0.0.1',
    'https://[::1]',
    'https://localhost',
    'https://psa.local',
    'https://u:p@na.myconnectwise.net',
    'https://na.myconnectwise.net:8443',
    'https://na.myconnectwise.net/v4_6_release',
    'https://na.myconnectwise.net/?a=1',
    'file:///etc/passwd',
  ])('refuses %s with 422', (text) => {
    expect(() => siteUrl(text, nothing, '/siteUrl')).toThrow(expect.objectContaining({ status: 422 }));
  });

  it('takes a private address that the operator allowed', () => {
    const allow = parseAllowList(['127.0.0.1:8090']);
    expect(siteUrl('http://127.0.0.1:8090/connectwise/', allow, '/siteUrl')).toBe(
      'http://127.0.0.1:8090/connectwise',
    );
  });
});
