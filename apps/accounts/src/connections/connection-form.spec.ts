import { describe, expect, it } from '@jest/globals';
import { parseAllowList } from '@backhaul/psa';
import { AUTOTASK, CONNECTWISE } from '../testing/rest.js';
import { autotaskParts, connectionOut, connectWiseParts } from './connection-form.js';

const allow = parseAllowList([]);
const refusal = (work: () => unknown): { status: number; pointers: string[] } => {
  try {
    work();
  } catch (error) {
    const { status, errors } = error as { status: number; errors: { pointer: string }[] };
    return { status, pointers: errors.map(({ pointer }) => pointer) };
  }
  return { status: 200, pointers: [] };
};

describe('the form of ConnectWise', () => {
  const stored = connectWiseParts(CONNECTWISE, null, allow);

  it('B12-B14: is kept trimmed and normalised, the private key apart', () => {
    expect(connectWiseParts({ ...CONNECTWISE, companyId: ' acme ', privateKey: ' k ' }, null, allow)).toEqual(
      {
        endpoint: {
          siteUrl: 'https://na.myconnectwise.net',
          companyId: 'acme',
          publicKey: 'publicKey1',
          solutionName: 'Backhaul',
        },
        secret: { privateKey: 'k' },
      },
    );
  });

  it.each(['companyId', 'publicKey', 'privateKey', 'solutionName', 'siteUrl'])(
    'B8: is refused with an empty %s',
    (field) => {
      expect(refusal(() => connectWiseParts({ ...CONNECTWISE, [field]: '  ' }, null, allow))).toEqual({
        status: 422,
        pointers: [`/${field}`],
      });
    },
  );

  it.each([
    ['companyId', 'a+b'],
    ['companyId', 'a b'],
    ['companyId', 'a:b'],
    ['publicKey', 'a:b'],
  ])('B13: is refused with %s %j, which Basic authentication cannot carry', (field, value) => {
    expect(refusal(() => connectWiseParts({ ...CONNECTWISE, [field]: value }, null, allow))).toEqual({
      status: 422,
      pointers: [`/${field}`],
    });
  });

  it.each([undefined, null, '', '  '])(
    'B17: keeps the stored private key where %j is given',
    (privateKey) => {
      const { privateKey: _, ...rest } = CONNECTWISE;
      const body = { ...rest, siteUrl: 'https://eu.myconnectwise.net', privateKey: privateKey ?? null };
      expect(connectWiseParts(body, stored, allow).secret).toEqual({ privateKey: 'privateKey1' });
    },
  );

  it('B17: wants a new private key for a new public one', () => {
    const body = { ...CONNECTWISE, publicKey: 'another', privateKey: '' };
    expect(refusal(() => connectWiseParts(body, stored, allow))).toEqual({
      status: 422,
      pointers: ['/privateKey'],
    });
  });

  it('B9, B10: refuses an integrator login, and takes an empty one', () => {
    const login = (name: string, password: string) => ({
      ...CONNECTWISE,
      integratorLogin: { name, password },
    });
    expect(refusal(() => connectWiseParts(login('a', ''), null, allow)).pointers).toEqual([
      '/integratorLogin',
    ]);
    expect(refusal(() => connectWiseParts(login('', 'b'), null, allow)).status).toBe(422);
    expect(refusal(() => connectWiseParts(login('', ''), null, allow)).status).toBe(200);
  });

  it('B16: shows that there is a private key, never the key', () => {
    const shown = connectionOut('connectwise', stored);
    expect(shown).toMatchObject({ isConfigured: true, privateKeySet: true });
    expect(JSON.stringify(shown)).not.toContain('privateKey1');
    expect(connectionOut('connectwise', null)).toMatchObject({ privateKeySet: false, siteUrl: '' });
  });
});

describe('the form of Autotask', () => {
  const stored = autotaskParts(AUTOTASK, null, allow);

  it('needs user, password and tracking identifier, and no address', () => {
    expect(stored).toEqual({
      endpoint: { username: 'api@acme.example', apiUrl: null },
      secret: { password: 'autotaskSecret1', trackingIdentifier: 'TRACKING1' },
    });
    for (const field of ['username', 'password', 'trackingIdentifier'])
      expect(refusal(() => autotaskParts({ ...AUTOTASK, [field]: '' }, null, allow)).pointers).toEqual([
        `/${field}`,
      ]);
    const outside = { ...AUTOTASK, apiUrl: 'http://10.0.0.1' };
    expect(refusal(() => autotaskParts(outside, null, allow)).pointers).toEqual(['/apiUrl']);
  });

  it('keeps secrets that are left out, but not the password of another user', () => {
    const { username } = AUTOTASK;
    expect(autotaskParts({ username }, stored, allow).secret).toEqual(stored.secret);
    expect(refusal(() => autotaskParts({ username: 'new@acme.example' }, stored, allow)).pointers).toEqual([
      '/password',
    ]);
  });
});
