import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FixedClock } from '@backhaul/testing';
import { account, Browser, type TestAccount } from '../testing/browser.js';
import { type Answer, PUBLIC_URL, TestRest } from '../testing/rest.js';
import { Authenticator, type Mishaps } from './testing/authenticator.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
let rest: TestRest;
let owner: TestAccount;
let browser: Browser;
let key: Authenticator;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
});
afterAll(() => rest.close());
beforeEach(async () => {
  // Failures of the test before are forgotten by then.
  clock.advance(2 * 3_600_000);
  owner = await account(rest, 'partner-customer-service');
  browser = await loggedIn(owner);
  key = new Authenticator(PUBLIC_URL);
});

type Options = Parameters<Authenticator['get']>[0];
const optionsOf = ({ body }: Answer): Options => body['publicKey'] as Options;
async function loggedIn(who: TestAccount): Promise<Browser> {
  const made = new Browser(rest);
  expect((await made.logIn(who)).status).toBe(201);
  return made;
}
async function add(mishaps: Mishaps = {}, at = browser, made = key): Promise<Answer> {
  const options = optionsOf(await at.call('POST', 'me/passkeys/options'));
  return at.call('POST', 'me/passkeys', { name: ' My phone ', credential: made.create(options, mishaps) });
}
async function logIn(mishaps: Mishaps = {}, at = new Browser(rest), by = key): Promise<Answer> {
  const options = optionsOf(await at.call('POST', 'session/passkey/options'));
  return at.call('POST', 'session/passkey', by.get(options, mishaps));
}
async function stepUp(mishaps: Mishaps = {}, by = key): Promise<Answer> {
  const options = optionsOf(await browser.call('POST', 'session/passkey/options', { purpose: 'step-up' }));
  return browser.call('POST', 'session/step-up', { passkey: by.get(options, mishaps) });
}
const audited = async (action: string): Promise<number> =>
  (await rest.unitOfWork.query('SELECT 1 FROM audit_entry WHERE action = $1 AND target = $2', [action, `account:${owner.accountNo}`])).length; // prettier-ignore

describe('a passkey', () => {
  it('is added by who proved to be there, ends the other sessions, and is listed by name', async () => {
    const other = await loggedIn(owner);
    const { status, body } = await add();
    expect([status, body]).toEqual([
      201,
      { id: expect.any(String), name: 'My phone', createdAt: expect.any(String), lastUsedAt: null },
    ]);
    expect((await other.authenticate()).status).toBe(401);
    expect((await browser.authenticate()).status).toBe(200);
    expect((await browser.call('GET', 'me/passkeys')).body.items).toEqual([body]);
    expect(await audited('passkey.add')).toBe(1);
  });

  it('logs its owner in without a name, as a fresh proof, in a session of its own', async () => {
    await add();
    const fresh = new Browser(rest);
    const answer = await logIn({}, fresh);
    expect(answer).toMatchObject({
      status: 201,
      body: { username: owner.username, accountNo: owner.accountNo },
    });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await fresh.identity()).toMatchObject({
      subject: `account:${owner.accountNo}`,
      steppedUpAt: Math.floor(clock.now().getTime() / 1000),
    });
    const [shown] = (await browser.call('GET', 'me/passkeys')).body.items ?? [];
    expect(shown?.['lastUsedAt']).toBe(clock.now().toISOString());
  });

  it('steps its owner up, under a new secret, and nobody else', async () => {
    await add();
    await rest.unitOfWork.query("UPDATE login_session SET stepped_up_at = now() - interval '1 hour'");
    expect((await browser.call('POST', 'me/passkeys/options')).body['type']).toBe(
      '/docs/problems/step-up-required',
    );
    const before = browser.cookie;
    expect((await stepUp()).status).toBe(204);
    expect(browser.cookie).not.toBe(before);
    expect((await browser.call('POST', 'me/passkeys/options')).status).toBe(200);
    const stranger = await account(rest, 'power-user');
    const [theirs, theirKey] = [await loggedIn(stranger), new Authenticator(PUBLIC_URL)];
    expect((await add({}, theirs, theirKey)).status).toBe(201);
    expect((await stepUp({}, theirKey)).body).toMatchObject({
      status: 403,
      type: '/docs/problems/step-up-failed',
    });
  });

  it('that was removed opens nothing; that of somebody else is not there', async () => {
    const path = `me/passkeys/${String((await add()).body['id'])}`;
    const stranger = await loggedIn(await account(rest, 'power-user'));
    expect((await stranger.call('DELETE', path)).status).toBe(404);
    const other = new Browser(rest);
    expect((await logIn({}, other)).status).toBe(201);
    expect((await browser.call('DELETE', path)).status).toBe(204);
    expect((await other.authenticate()).status).toBe(401);
    expect((await browser.call('DELETE', path)).status).toBe(404);
    expect((await logIn()).status).toBe(401);
    expect(await audited('passkey.remove')).toBe(1);
  });

  it('is wanted with a fresh proof, and out of reach while impersonating and for programs', async () => {
    const manager = await loggedIn(await account(rest, 'partner-senior-manager'));
    await manager.call('POST', 'impersonation', { accountNo: owner.accountNo, reason: 'help' });
    for (const [method, path] of [['GET', 'me/passkeys'], ['POST', 'me/passkeys/options']] as const) {
      expect((await manager.call(method, path)).body['type']).toBe('/docs/problems/impersonating');
      expect((await rest.call(method, path)).status).toBe(401);
    }
  }); // prettier-ignore

  it('is known once, and nobody has more than twenty', async () => {
    expect((await add()).status).toBe(201);
    expect((await add()).status).toBe(409);
    const thief = await loggedIn(await account(rest, 'power-user'));
    expect((await add({}, thief)).status).toBe(409);
    for (let i = 1; i < 20; i += 1)
      expect((await add({}, browser, new Authenticator(PUBLIC_URL))).status).toBe(201);
    expect((await browser.call('POST', 'me/passkeys/options')).status).toBe(409);
  });
});

const WRONG: [string, Mishaps][] = [
  ['another origin', { origin: 'https://portal.backhaul.example.evil.example' }],
  ['the right name by http', { origin: PUBLIC_URL.replace('https', 'http') }],
  ['another relying party', { rpId: 'evil.example' }],
  ['a challenge that nobody gave', { challenge: Buffer.alloc(32).toString('base64url') }],
  ['no finger and no PIN', { isVerified: false }],
  ['a frame of another site', { crossOrigin: true }],
];

describe('what is wrong', () => {
  it.each([...WRONG, ['another ceremony', { type: 'webauthn.get' }]] as typeof WRONG)(
    'is not added: %s',
    async (_, mishaps) => {
      expect((await add(mishaps)).status).toBe(422);
      expect((await browser.call('GET', 'me/passkeys')).body.items).toEqual([]);
    },
  );

  it.each([
    ...WRONG,
    ['another ceremony', { type: 'webauthn.create' }],
    ['a tampered signature', { signature: 'MEUCIQDx' }],
    ['the handle of somebody else', { userHandle: Buffer.alloc(16).toString('base64url') }],
    ['no handle', { userHandle: '' }],
  ] as typeof WRONG)('does not log in, in one word for all: %s', async (_, mishaps) => {
    await add();
    const nobody = (await logIn({}, new Browser(rest), new Authenticator(PUBLIC_URL))).body;
    const { status, body } = await logIn(mishaps);
    if (mishaps.userHandle === '') return expect(status).toBe(400);
    expect([status, body['detail']]).toEqual([401, 'The passkey is not right.']);
    expect({ ...body, requestId: '' }).toEqual({ ...nobody, requestId: '' });
    expect((await stepUp(mishaps)).body['type']).toBe('/docs/problems/step-up-failed');
    expect((await logIn()).status).toBe(201);
  });

  it('a credential of the right id with another key does not log in', async () => {
    await add();
    const forged = Object.assign(new Authenticator(PUBLIC_URL), { id: key.id });
    forged.create({ challenge: 'x', user: { id: Buffer.from('x').toString('base64url') } });
    const handle = String((key.get({ challenge: 'x' })['response'] as { userHandle: string }).userHandle);
    expect((await logIn({ userHandle: handle, counter: 99 }, new Browser(rest), forged)).status).toBe(401);
  });

  it('a challenge works once, for five minutes, for its purpose and its session', async () => {
    await add();
    const at = new Browser(rest);
    const options = optionsOf(await at.call('POST', 'session/passkey/options'));
    const [first, again] = [key.get(options), key.get(options)];
    expect((await at.call('POST', 'session/passkey', first)).status).toBe(201);
    for (const proof of [first, again])
      expect((await new Browser(rest).call('POST', 'session/passkey', proof)).status).toBe(401);
    const late = optionsOf(await at.call('POST', 'session/passkey/options'));
    clock.advance(5 * 60_000);
    expect((await at.call('POST', 'session/passkey', key.get(late))).status).toBe(401);
    const forLogin = optionsOf(await at.call('POST', 'session/passkey/options'));
    expect((await browser.call('POST', 'session/step-up', { passkey: key.get(forLogin) })).status).toBe(403);
    const there = await loggedIn(owner);
    const ofThere = optionsOf(await there.call('POST', 'session/passkey/options', { purpose: 'step-up' }));
    expect((await browser.call('POST', 'session/step-up', { passkey: key.get(ofThere) })).status).toBe(403);
  });

  it('of a challenge answered many times at once one is taken', async () => {
    await add();
    const options = optionsOf(await browser.call('POST', 'session/passkey/options'));
    const proofs = Array.from({ length: 5 }, () => key.get(options));
    const answers = await Promise.all(
      proofs.map((proof) => new Browser(rest).call('POST', 'session/passkey', proof)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401, 401, 401]);
  });

  it.each([5, 4])('a counter that goes from 5 to %i is a copy: refused and recorded', async (counter) => {
    await add();
    expect((await logIn({ counter: 5 })).status).toBe(201);
    expect((await logIn({ counter })).status).toBe(401);
    expect(await audited('passkey.copied')).toBe(1);
    expect((await logIn({ counter: 6 })).status).toBe(201);
  });

  it('a counter that never counts is none', async () => {
    await add();
    for (let i = 0; i < 2; i += 1) expect((await logIn({ counter: 0 })).status).toBe(201);
  });

  it('guessing is slowed down, and seen', async () => {
    await add();
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await logIn({ signature: 'MEUCIQDx' })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const seen = await rest.unitOfWork.query("SELECT 1 FROM login_attempt WHERE outcome = 'wrong-passkey'");
    expect(seen.length).toBeGreaterThanOrEqual(5);
  });

  it.each([
    {}, { id: 'x' }, { id: 'a b', rawId: 'a b', type: 'public-key', response: {} },
    { id: 'x', rawId: 'x', type: 'password', response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' } },
    { id: 'x', rawId: 'x', type: 'public-key', response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'A'.repeat(4001) } },
  ])('%j is a 400', async (body) => {
    expect((await new Browser(rest).call('POST', 'session/passkey', body)).status).toBe(400);
  }); // prettier-ignore

  it('garbage of the right shape is a 401', async () => {
    for (const clientDataJSON of ['e30', 'bm8', Buffer.from('{"challenge":7}').toString('base64url')]) {
      const response = { clientDataJSON, authenticatorData: 'AA', signature: 'AA', userHandle: 'AA' };
      const body = { id: 'x', rawId: 'x', type: 'public-key', response };
      expect((await new Browser(rest, '192.0.2.99').call('POST', 'session/passkey', body)).status).toBe(401);
    }
  });

  it('options before a login are the same for everybody and name no credential', async () => {
    const { body } = await new Browser(rest).call('POST', 'session/passkey/options');
    expect(body['publicKey']).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      rpId: 'portal.backhaul.example',
      timeout: 300_000,
      userVerification: 'required',
    });
    expect(
      (await new Browser(rest).call('POST', 'session/passkey/options', { purpose: 'step-up' })).status,
    ).toBe(401);
    expect((await new Browser(rest).call('POST', 'session/passkey/options', { purpose: 'x' })).status).toBe(
      400,
    );
  });
});
