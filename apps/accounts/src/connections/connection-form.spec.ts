import { describe, expect, it } from '@jest/globals';
import { parseAllowList } from '@backhaul/psa';
import { AUTOTASK, CONNECTWISE } from '../testing/rest.js';
import { autotaskForm, connectWiseForm, type KnownConnection } from './connection-form.js';
import { connectionOut, type ShownConnection } from './connection-out.js';
import { masked } from './masked.js';

const allow = parseAllowList([]);
const refusal = (work: () => unknown): { status: number; errors: { pointer: string; detail: string }[] } => {
  try {
    work();
  } catch (error) {
    return error as ReturnType<typeof refusal>;
  }
  return { status: 200, errors: [] };
};
const pointers = (work: () => unknown): string[] => refusal(work).errors.map(({ pointer }) => pointer);
const refuses = (work: () => unknown, ...at: string[]): void => {
  expect([refusal(work).status, ...pointers(work)]).toEqual([422, ...at]);
};

const SOAP: KnownConnection = {
  mode: 'soap',
  endpoint: {
    siteUrl: 'https://na.myconnectwise.net',
    companyId: 'acme',
    solutionName: 'Backhaul',
    integratorName: 'old login',
  },
  secrets: new Set(['integratorPassword']),
};
const REST: KnownConnection = {
  mode: 'rest',
  endpoint: connectWiseForm(CONNECTWISE, null, allow).endpoint,
  secrets: new Set(['privateKey']),
};
const withKeys = (publicKey: unknown, privateKey: unknown) =>
  ({ ...CONNECTWISE, publicKey, privateKey }) as typeof CONNECTWISE;

describe('the form of ConnectWise', () => {
  it('B12-B14: is kept trimmed and normalised, the private key apart', () => {
    const form = connectWiseForm({ ...CONNECTWISE, companyId: ' acme ', privateKey: ' k ' }, null, allow);
    expect(form.endpoint).toEqual({
      siteUrl: 'https://na.myconnectwise.net',
      companyId: 'acme',
      publicKey: 'publicKey1',
      solutionName: 'Backhaul',
    });
    expect(form.change.reveal()).toEqual({ privateKey: 'k' });
    expect(JSON.stringify(form)).not.toContain('"k"');
  });

  it.each(['companyId', 'solutionName', 'siteUrl'])('B3: is refused with an empty %s', (field) => {
    refuses(() => connectWiseForm({ ...CONNECTWISE, [field]: '  ' }, null, allow), `/${field}`);
  });

  describe.each<[string, KnownConnection | null]>([
    ['a fresh form', null],
    ['a SOAP link', SOAP],
  ])('B8: on %s', (_what, known) => {
    it.each([undefined, null, '', ' '])('a public key alone (%j) names the private one', (none) => {
      const { status, errors } = refusal(() => connectWiseForm(withKeys('pub', none), known, allow));
      expect(status).toBe(422);
      expect(errors).toMatchObject([
        { pointer: '/privateKey', detail: 'privateKey required with publicKey' },
      ]);
    });

    it.each([undefined, null, '', ' '])('a private key alone (%j) names the public one', (none) => {
      const { errors } = refusal(() => connectWiseForm(withKeys(none, 'priv'), known, allow));
      expect(errors).toMatchObject([{ pointer: '/publicKey', detail: 'publicKey required with privateKey' }]);
    });

    it('B10: no keys at all are refused, both of them named', () => {
      refuses(() => connectWiseForm(withKeys('', ''), known, allow), '/publicKey', '/privateKey');
    });

    it('B7: both keys are what REST needs', () => {
      expect(connectWiseForm(CONNECTWISE, known, allow).change.reveal()).toEqual({
        privateKey: 'privateKey1',
      });
    });
  });

  it.each([
    ['companyId', 'a+b'],
    ['companyId', 'a b'],
    ['companyId', 'a:b'],
    ['companyId', 'a\tb'],
    ['publicKey', 'a:b'],
    ['publicKey', 'a b'],
  ])('B13: is refused with %s %j, which Basic authentication cannot carry', (field, value) => {
    refuses(() => connectWiseForm({ ...CONNECTWISE, [field]: value }, null, allow), `/${field}`);
  });

  it.each([
    ['the same key', CONNECTWISE.publicKey],
    ['the key as it was shown', masked(CONNECTWISE.publicKey)],
    ['an empty box', ''],
    ['no box', undefined],
  ])('B17: keeps the stored private key with %s', (_what, publicKey) => {
    for (const privateKey of [undefined, null, '', '  ']) {
      const form = connectWiseForm(withKeys(publicKey, privateKey), REST, allow);
      expect(form.endpoint['publicKey']).toBe(CONNECTWISE.publicKey);
      expect(form.change.reveal()).toEqual({});
    }
  });

  it('B17: wants a new private key for a new public one, and for one that cannot be opened any more', () => {
    refuses(() => connectWiseForm(withKeys('another', ''), REST, allow), '/privateKey');
    const lost = { ...REST, secrets: new Set<string>() };
    refuses(() => connectWiseForm(withKeys(CONNECTWISE.publicKey, ''), lost, allow), '/privateKey');
  });

  it.each([
    ['a name and a password', 'a', 'b'],
    ['a name', 'a', ''],
    ['a password', '', 'b'],
  ])('B9, B10: refuses an integrator login of %s, with keys and without', (_what, name, password) => {
    for (const keys of [CONNECTWISE, withKeys('', '')])
      for (const known of [null, SOAP, REST])
        refuses(
          () => connectWiseForm({ ...keys, integratorLogin: { name, password } }, known, allow),
          '/integratorLogin',
        );
  });

  it('B6: an integrator login that is empty, or stands as it stood, is left alone', () => {
    for (const [known, name] of [
      [null, ''],
      [SOAP, ''],
      [SOAP, 'old login'],
    ] as const) {
      const form = connectWiseForm({ ...CONNECTWISE, integratorLogin: { name, password: '' } }, known, allow);
      expect(form.endpoint).not.toHaveProperty('integratorName');
      expect(form.change.reveal()).toEqual({ privateKey: 'privateKey1' });
    }
  });
});

describe('what is shown of ConnectWise', () => {
  const soap = { endsAt: new Date('2020-01-01T00:00:00Z'), now: new Date('2026-01-01T00:00:00Z') };
  const shown = (known: KnownConnection): ShownConnection => ({ ...known, version: 3, lastCheck: null });
  const stateWith = (version: number, reason: string | null) =>
    connectionOut(
      'connectwise',
      { ...shown(REST), lastCheck: { version, reason, at: '2026-01-01T00:00:00.000Z' } },
      soap,
    ).state;

  it('B3, B4: both groups in the order of the form, empty before the first save', () => {
    const fresh = connectionOut('connectwise', null, soap);
    expect(Object.keys(fresh).slice(5)).toEqual([
      'siteUrl', 'companyId', 'publicKey', 'privateKeySet', 'solutionName', 'integratorLogin', 'soapEndsAt', 'notice',
    ]); // prettier-ignore
    expect(fresh).toMatchObject({
      isConfigured: false,
      state: 'not configured',
      mode: null,
      siteUrl: '',
      companyId: '',
      publicKey: '',
      privateKeySet: false,
      solutionName: '',
      integratorLogin: { name: '', passwordSet: false },
      notice: null,
    });
  });

  it('B5: of a SOAP link all but the keys', () => {
    expect(connectionOut('connectwise', shown(SOAP), soap)).toMatchObject({
      state: 'needs change',
      mode: 'soap',
      siteUrl: 'https://na.myconnectwise.net',
      companyId: 'acme',
      publicKey: '',
      privateKeySet: false,
      solutionName: 'Backhaul',
      integratorLogin: { name: 'old login', passwordSet: true },
    });
  });

  it('B7, B16: of REST no integrator fields, the last four of the public key and no private one', () => {
    const out = connectionOut('connectwise', shown(REST), soap);
    expect(out).toMatchObject({
      state: 'configured',
      publicKey: '****Key1',
      privateKeySet: true,
      notice: null,
    });
    expect(out).not.toHaveProperty('integratorLogin');
    expect(JSON.stringify(out)).not.toContain('publicKey1');
    expect(['', 'abcd', 'abcde'].map(masked)).toEqual(['', '****', '****bcde']);
  });

  it.each([
    ['2019-12-31T23:59:59.999Z', 'soap-ends', 'ends its SOAP interface on 2020-01-01'],
    ['2020-01-01T00:00:00.000Z', 'soap-ended', 'nothing is sent'],
    ['2026-01-01T00:00:00.000Z', 'soap-ended', 'ended its SOAP interface on 2020-01-01'],
  ])('B11: at %s a SOAP link shows %s', (now, kind, words) => {
    const out = connectionOut('connectwise', shown(SOAP), { ...soap, now: new Date(now) });
    expect(out.notice).toEqual({ kind, text: expect.stringContaining(words) });
    expect(out.soapEndsAt).toBe('2020-01-01T00:00:00.000Z');
  });

  it('B14: rejected credentials, until others are saved', () => {
    expect(stateWith(3, 'unauthorized')).toBe('credentials rejected');
    expect(stateWith(3, 'company_unknown')).toBe('credentials rejected');
    expect(stateWith(2, 'unauthorized')).toBe('configured');
    for (const reason of [null, 'unreachable', 'forbidden']) expect(stateWith(3, reason)).toBe('configured');
  });
});

describe('the form of Autotask', () => {
  const form = autotaskForm(AUTOTASK, null, allow);
  const stored: KnownConnection = {
    mode: 'rest',
    endpoint: form.endpoint,
    secrets: new Set(['password', 'trackingIdentifier']),
  };

  it('D5, D17: needs user, password and tracking identifier, and no address', () => {
    expect(form.endpoint).toEqual({ username: 'api@acme.example', apiUrl: null });
    expect(form.change.reveal()).toEqual({ password: 'autotaskSecret1', trackingIdentifier: 'TRACKING1' });
    for (const field of ['username', 'password', 'trackingIdentifier'])
      refuses(() => autotaskForm({ ...AUTOTASK, [field]: '' }, null, allow), `/${field}`);
    refuses(() => autotaskForm({ ...AUTOTASK, apiUrl: 'http://10.0.0.1' }, null, allow), '/apiUrl');
  });

  it('keeps secrets that are left out, but not the password of another user', () => {
    const { username } = AUTOTASK;
    expect(autotaskForm({ username }, stored, allow).change.reveal()).toEqual({});
    expect(autotaskForm({ username, password: 'new' }, stored, allow).change.reveal()).toEqual({
      password: 'new',
    });
    refuses(() => autotaskForm({ username: 'new@acme.example' }, stored, allow), '/password');
  });

  it('D17: shows that the secrets are there, in the order of the form', () => {
    const out = connectionOut(
      'autotask',
      { ...stored, version: 1, lastCheck: null },
      { endsAt: new Date(0), now: new Date(0) },
    );
    expect(Object.keys(out).slice(4)).toEqual(['username', 'passwordSet', 'trackingIdentifierSet', 'apiUrl']);
    expect(out).toMatchObject({ passwordSet: true, trackingIdentifierSet: true });
  });
});
