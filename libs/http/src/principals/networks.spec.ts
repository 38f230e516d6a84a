import { describe, expect, test } from '@jest/globals';
import {
  clientAddress,
  clientNetwork,
  isAllowedFrom,
  isWithin,
  networks,
  networksOf,
  normalNetwork,
} from './networks.js';

describe('networks', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7/32', '192.0.2.7'],
    [' 10.0.0.0/8 ', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
  ])('%s is kept as %s', (given, kept) => expect(normalNetwork(given)).toBe(kept));

  test.each([
    '', ' ', 'x', '192.0.2', '192.0.2.256', '192.0.2.0/33', '192.0.2.0/-1', '192.0.2.0/08', '192.0.2.0/8/8', '192.0.2.0/',
    '192.0.2.0/a', '2001:db8::/129', 'fe80::1%eth0', 'example.com', '010.0.0.1', '0x7f.1', '192.0.2.0/1e1',
  ])('%j is none', (given) => {
    expect(normalNetwork(given)).toBeNull();
    expect(() => networks([given])).toThrow('is no network');
  }); // prettier-ignore

  test.each([
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.0/24', '::ffff:192.0.2.9', true],
    ['::ffff:192.0.2.0/120', '192.0.2.9', true],
    ['::ffff:192.0.2.0/120', '192.0.3.9', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.0/24', 'nonsense', false],
    ['192.0.2.0/24', '', false],
  ])('%s holds %s: %s', (cidr, address, is) => expect(isWithin(networks([cidr]), address)).toBe(is));
});

describe('the address of a client', () => {
  const proxies = networksOf('127.0.0.0/8, 10.0.0.0/8');
  test.each([
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['127.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['127.0.0.1', '203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['127.0.0.1', 'nonsense', '127.0.0.1'],
    ['::ffff:203.0.113.9', '', '203.0.113.9'],
    ['127.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
  ])('from %s, which says %j, is %s', (ip, said, expected) => {
    expect(clientAddress({ ip, headers: { 'x-forwarded-for': said } }, proxies)).toBe(expected);
  });
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:DB8:1:2::1', '2001:db8:1:2'],
  ['2001:db8::1:2:3:4', '2001:db8:0:0'],
  ['2001:db8::5:6:7:8', '2001:db8:0:0'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0'],
  ['nonsense', 'nonsense'],
])('%s is counted as %s', (address, network) => expect(clientNetwork(address)).toBe(network));

test('a credential bound to nothing may be used from everywhere', () => {
  expect([
    isAllowedFrom(undefined, 'x'),
    isAllowedFrom([], 'x'),
    isAllowedFrom(['192.0.2.7'], '192.0.2.8'),
  ]).toEqual([true, true, false]);
});
