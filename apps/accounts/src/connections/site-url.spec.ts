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
    '',
    'https://',
    'https:///login',
    'https://localhost.',
    'https://psa.local.',
    'https://db.internal',
    'https://x.localhost',
    'https://2130706433',
    'https://0x7f000001',
    'https://127.1',
    'https://[::ffff:10.0.0.1]',
    'https://[64:ff9b::a00:1]',
    'https://na.myconnectwise.net/#x',
    'javascript:alert(1)',
  ])('refuses %s with 422', (text) => {
    expect(() => siteUrl(text, nothing, '/siteUrl')).toThrow(expect.objectContaining({ status: 422 }));
  });

  it.each([
    'https://na.myconnectwise.net',
    'https://na.myconnectwise.net/',
    'https://NA.MyConnectWise.net./',
    'https://na.myconnectwise.net:443',
  ])('stores the same origin for %s', (text) => {
    expect(siteUrl(text, nothing, '/siteUrl')).toBe('https://na.myconnectwise.net');
  });

  it('takes what was approved for this connection, with the approved port alone', () => {
    const allow = parseAllowList([], ['10.1.0.0/16:8443', 'psa.acme.local:443']);
    for (const text of ['https://10.1.2.3:8443', 'http://10.1.2.3:8443/manage', 'https://psa.acme.local'])
      expect(siteUrl(`${text}/`, allow, '/siteUrl')).toBe(text);
    // A name with an approved port may stand for an address in that network: the guard judges what it dials.
    expect(siteUrl('https://psa.acme.example:8443', allow, '/siteUrl')).toBe('https://psa.acme.example:8443');
    for (const text of [
      'https://10.1.2.3',
      'https://10.2.0.1:8443',
      'https://psa.acme.local:8444',
      'https://other.local',
    ])
      expect(() => siteUrl(text, allow, '/siteUrl')).toThrow(expect.objectContaining({ status: 422 }));
  });

  it('takes a private address that the operator allowed', () => {
    const allow = parseAllowList(['127.0.0.1:8090']);
    expect(siteUrl('http://127.0.0.1:8090/connectwise/', allow, '/siteUrl')).toBe(
      'http://127.0.0.1:8090/connectwise',
    );
  });
});
