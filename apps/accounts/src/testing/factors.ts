import type { Clock } from '@backhaul/domain';
import type { ProvedIdentity, Role } from '@backhaul/http';
import type { FixedClock } from '@backhaul/testing';
import { generateSync } from 'otplib';
import type { Authenticator } from '../passkeys/testing/authenticator.js';
import { account, Browser, type TestAccount } from './browser.js';
import type { Answer, TestRest } from './rest.js';

type Options = Parameters<Authenticator['get']>[0];
const optionsOf = ({ body }: Answer): Options => body['publicKey'] as Options;

/** What an authenticator shows now. */
export const codeOf = (secret: string, clock: Clock): string =>
  generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000) });

/** Answers the secret of an authenticator that waits to be confirmed. */
export const enrol = async (browser: Browser): Promise<string> =>
  String((await browser.call('POST', 'me/mfa')).body['secret']);

export const confirm = (browser: Browser, code: string): Promise<Answer> =>
  browser.call('POST', 'me/mfa/confirm', { code });

/** What adds the passkey, ready to be sent. */
export async function passkeyIn(browser: Browser, key: Authenticator): Promise<() => Promise<Answer>> {
  const credential = key.create(optionsOf(await browser.call('POST', 'me/passkeys/options')));
  return () => browser.call('POST', 'me/passkeys', { name: 'A phone', credential });
}

export const addPasskey = async (browser: Browser, key: Authenticator): Promise<Answer> =>
  (await passkeyIn(browser, key))();

export async function stepUpBy(key: Authenticator, browser: Browser): Promise<Answer> {
  const options = await browser.call('POST', 'session/passkey/options', { purpose: 'step-up' });
  return browser.call('POST', 'session/step-up', { passkey: key.get(optionsOf(options)) });
}

export async function logInBy(key: Authenticator, browser: Browser): Promise<Answer> {
  const options = await browser.call('POST', 'session/passkey/options');
  return browser.call('POST', 'session/passkey', key.get(optionsOf(options)));
}

/** What the gateway hears that the session owes; null: nothing. */
export async function owedBy(browser: Browser): Promise<unknown> {
  return ((await browser.identity()) as ProvedIdentity).factorOwed ?? null;
}

/** An authenticator set up, and the code that did it a thing of the past. */
export async function withTotp(
  browser: Browser,
  clock: FixedClock,
): Promise<{ secret: string; codes: string[] }> {
  const secret = await enrol(browser);
  const { status, body } = await confirm(browser, codeOf(secret, clock));
  if (status !== 200) throw new Error(JSON.stringify(body));
  clock.advance(30_000);
  return { secret, codes: body['recoveryCodes'] as string[] };
}

export async function brandBelow(rest: TestRest, parentId: string): Promise<string> {
  const { body } = await rest.call('POST', 'brands', { body: { name: 'Part', parentId } });
  return String(body['id']);
}

export async function demandIn(rest: TestRest, id: string, word: boolean | null): Promise<void> {
  const change = { body: { requireSecondFactor: word }, ifMatch: '*' };
  const { status, body } = await rest.call('PATCH', `brands/${id}`, change);
  if (status !== 200) throw new Error(JSON.stringify(body));
}

export async function personOf(
  rest: TestRest,
  brandId: string,
  role: Role = 'power-user',
): Promise<TestAccount> {
  const customer = await rest.call('POST', 'customers', { body: { name: 'ACME', brandId } });
  return account(rest, role, { custId: Number(customer.body['custId']) });
}

export async function sessionOf(rest: TestRest, who: TestAccount, code?: string): Promise<Browser> {
  const browser = new Browser(rest);
  const { status, body } = await browser.logIn(who, code);
  if (status !== 201) throw new Error(JSON.stringify(body));
  return browser;
}

export const statusesOf = (answers: readonly Answer[]): number[] =>
  answers.map(({ status }) => status).sort();
