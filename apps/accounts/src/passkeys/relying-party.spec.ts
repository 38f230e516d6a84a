import { expect, it } from '@jest/globals';
import { relyingPartyOf } from './relying-party.js';

it.each([
  ['https://portal.example.com', 'portal.example.com', 'https://portal.example.com'],
  ['https://portal.example.com:8443/', 'portal.example.com', 'https://portal.example.com:8443'],
  ['http://127.0.0.1:8080', 'localhost', 'http://localhost:8080'],
  ['http://[::1]:8080', 'localhost', 'http://localhost:8080'],
])('%s belongs to %s at %s', (url, id, origin) => expect(relyingPartyOf(url)).toEqual({ id, origin }));

it.each(['http://192.0.2.7:8080', 'https://[2001:db8::1]'])('%s has no name', (url) =>
  expect(() => relyingPartyOf(url)).toThrow('need a portal with a name'),
);
