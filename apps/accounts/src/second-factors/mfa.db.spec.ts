import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FixedClock } from '@backhaul/testing';
import { generateSync } from 'otplib';
import { account, Browser, type TestAccount } from '../testing/browser.js';
import { type Answer, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
let rest: TestRest;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
});
afterAll(() => rest.close());

const codeOf = (secret: string): string =>
  generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000) });
const logIn = (who: TestAccount, code?: string): Promise<Answer> => new Browser(rest).logIn(who, code);

interface Protected {
  who: TestAccount;
  browser: Browser;
  secret: string;
  codes: string[];
}

async function withTotp(): Promise<Protected> {
  const who = await account(rest, 'power-user');
  const browser = new Browser(rest);
  await browser.logIn(who);
  const secret = String((await browser.call('POST', 'me/mfa')).body['secret']);
  const answer = await browser.call('POST', 'me/mfa/confirm', { code: codeOf(secret) });
  expect(answer.status).toBe(200);
  clock.advance(30_000);
  return { who, browser, secret, codes: answer.body['recoveryCodes'] as string[] };
}

describe('a second factor', () => {
  it('is set up in two steps and then asked for', async () => {
    const { who, browser, secret, codes } = await withTotp();
    expect(codes).toHaveLength(10);
    expect((await browser.call('GET', 'me/mfa')).body).toEqual({ totp: true, recoveryCodesLeft: 10 });
    expect((await browser.call('POST', 'me/mfa')).status).toBe(409);
    const asked = await logIn(who);
    expect([asked.status, asked.body['type']]).toEqual([401, '/docs/problems/second-factor-required']);
    expect((await logIn(who, codeOf(secret))).body).toMatchObject({ hasSecondFactor: true });
    const kept = JSON.stringify(
      await rest.unitOfWork.query('SELECT t::text FROM totp t UNION SELECT r::text FROM recovery_code r'),
    );
    for (const plain of [secret, ...codes, ...codes.map((code) => code.replaceAll('-', ''))])
      expect(kept).not.toContain(plain);
  });

  it('counts only once it is confirmed', async () => {
    const who = await account(rest, 'power-user');
    const browser = new Browser(rest);
    await browser.logIn(who);
    expect((await browser.call('POST', 'me/mfa/confirm', { code: '123456' })).status).toBe(409);
    const { body } = await browser.call('POST', 'me/mfa');
    expect(body['otpauthUrl']).toContain(`secret=${String(body['secret'])}`);
    expect((await browser.call('POST', 'me/mfa/confirm', { code: '12345' })).status).toBe(400);
    const wrong = codeOf(String(body['secret'])) === '000000' ? '000001' : '000000';
    expect((await browser.call('POST', 'me/mfa/confirm', { code: wrong })).status).toBe(422);
    expect((await logIn(who)).status).toBe(201);
  });

  it('a code works once, also when it is sent twice at the same time, and not for long', async () => {
    const { who, secret } = await withTotp();
    const code = codeOf(secret);
    const statuses = (await Promise.all([logIn(who, code), logIn(who, code)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 401]);
    expect((await logIn(who, code)).status).toBe(401);
    clock.advance(30_000);
    const late = codeOf(secret);
    clock.advance(90_000);
    expect((await logIn(who, late)).status).toBe(401);
    expect((await logIn(who, codeOf(secret))).status).toBe(201);
  });

  it('a recovery code works once, for its owner', async () => {
    const [one, other] = [await withTotp(), await withTotp()];
    const code = one.codes[0] ?? '';
    expect((await logIn(other.who, code)).status).toBe(401);
    expect((await logIn(one.who, code.toLowerCase().replaceAll('-', ' '))).status).toBe(201);
    expect((await logIn(one.who, code)).status).toBe(401);
    expect((await one.browser.call('GET', 'me/mfa')).body).toMatchObject({ recoveryCodesLeft: 9 });
  });

  it('is answered like a wrong password when its code is wrong, and guessing it is slowed down', async () => {
    const { who } = await withTotp();
    const wrongCode = await logIn(who, 'no-code');
    const wrongPassword = await logIn({ ...who, password: 'wrong' });
    expect(wrongCode.body['detail']).toBe(wrongPassword.body['detail']);
    const statuses: number[] = [];
    // The right password alone must not set the count back.
    for (let i = 0; i < 4; i += 1) {
      statuses.push((await logIn(who)).status);
      statuses.push((await logIn(who, 'no-code')).status);
    }
    expect(statuses).toContain(429);
  });

  it('steps a session up, and is taken away by its owner alone', async () => {
    const { who, browser, secret } = await withTotp();
    expect((await browser.call('POST', 'session/step-up', { code: codeOf(secret) })).status).toBe(204);
    expect((await browser.call('POST', 'session/step-up', { code: codeOf(secret) })).status).toBe(403);
    expect((await browser.call('DELETE', 'me/mfa')).status).toBe(204);
    expect((await browser.call('DELETE', 'me/mfa')).status).toBe(404);
    expect((await logIn(who)).status).toBe(201);
  });

  it('allows a password of eight characters, and stays while there is one', async () => {
    const { who, browser } = await withTotp();
    const set = (password: string): Promise<Answer> =>
      browser.call('POST', `accounts/${who.accountNo}/password`, { password });
    expect((await set('gr8-lamp')).status).toBe(200);
    expect((await browser.call('DELETE', 'me/mfa')).status).toBe(409);
    expect((await set('nine red kites over town')).status).toBe(200);
    expect((await browser.call('DELETE', 'me/mfa')).status).toBe(204);
  });

  it('is of people: an API key has none', async () => {
    expect((await rest.call('GET', 'me/mfa')).status).toBe(401);
  });
});
