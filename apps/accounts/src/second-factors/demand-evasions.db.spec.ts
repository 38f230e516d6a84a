import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openFromService } from '@backhaul/http';
import { eventually, FixedClock } from '@backhaul/testing';
import { Authenticator } from '../passkeys/testing/authenticator.js';
import { Browser, type TestAccount } from '../testing/browser.js';
import { addPasskey, brandBelow, codeOf, confirm, demandIn, enrol, owedBy, passkeyIn, personOf, sessionOf, statusesOf, withTotp } from '../testing/factors.js'; // prettier-ignore
import { PUBLIC_URL, TestRest, TOKEN_KEY } from '../testing/rest.js';

jest.setTimeout(60_000);
const clock = new FixedClock(new Date());
let rest: TestRest;
let root: string;
/** Demands a second factor. */
let strict: string;
beforeAll(async () => {
  rest = await TestRest.start([], clock);
  root = String((await rest.call('GET', 'brands')).body['id']);
  strict = await brandBelow(rest, root);
  await demandIn(rest, strict, true);
});
afterAll(() => rest.close());
beforeEach(() => {
  // Failures and codes of the test before are forgotten by then.
  clock.advance(2 * 3_600_000);
});

const someone = (): Promise<TestAccount> => personOf(rest, strict);
const loggedIn = (who: TestAccount, code?: string): Promise<Browser> => sessionOf(rest, who, code);
const newKey = (): Authenticator => new Authenticator(PUBLIC_URL);

describe('a demand is not got around', () => {
  it('by a recovery code, which takes no factor away', async () => {
    const who = await someone();
    const { codes } = await withTotp(await loggedIn(who), clock);
    const browser = await loggedIn(who, codes[0]);
    expect(await owedBy(browser)).toBeNull();
    expect((await browser.call('DELETE', 'me/mfa')).status).toBe(409);
    expect((await new Browser(rest).logIn(who)).status).toBe(401);
    expect((await new Browser(rest).logIn(who, codes[0])).status).toBe(401);
  });

  it('by a new password', async () => {
    const [who, safe, withKey] = [await someone(), await someone(), await someone()];
    await withTotp(await loggedIn(safe), clock);
    await addPasskey(await loggedIn(withKey), newKey());
    const password = await chosenAnew(who);
    expect(await owedBy(await loggedIn({ ...who, password }))).toBe('add');
    const other = await chosenAnew(safe);
    const asked = await new Browser(rest).logIn({ ...safe, password: other });
    expect([asked.status, asked.body['type']]).toEqual([401, '/docs/problems/second-factor-required']);
    const third = await chosenAnew(withKey);
    expect(await owedBy(await loggedIn({ ...withKey, password: third }))).toBe('prove');
  });

  it('by a manager who takes lost factors away: a new one is owed', async () => {
    const who = await someone();
    const browser = await loggedIn(who);
    await withTotp(browser, clock);
    const manager = await loggedIn(await personOf(rest, root, 'partner-senior-manager'));
    expect((await manager.call('DELETE', `accounts/${who.accountNo}/mfa`)).status).toBe(204);
    expect((await browser.authenticate()).status).toBe(401);
    expect(await owedBy(await loggedIn(who))).toBe('add');
  });

  it('by two who set a factor up at once: one does, and the other’s session is over', async () => {
    for (let round = 0; round < 5; round += 1) {
      const who = await someone();
      const [one, other] = [await loggedIn(who), await loggedIn(who)];
      const code = codeOf(await enrol(one), clock);
      const add = await passkeyIn(other, newKey());
      const answers = await Promise.all([confirm(one, code), add()]);
      const [winner, loser] = answers[0].status === 200 ? [one, other] : [other, one];
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
      // The challenge of a passkey goes with its session: who comes a moment later is told that it is not known.
      expect([401, 422]).toContain(statusesOf(answers)[1]);
      expect([await owedBy(winner), (await loser.authenticate()).status]).toEqual([null, 401]);
      const { totp } = (await winner.call('GET', 'me/mfa')).body;
      const passkeys = (await winner.call('GET', 'me/passkeys')).body.items ?? [];
      expect(Number(totp) + passkeys.length).toBe(1);
    }
  });

  it('by the secret that another enrolment has replaced, nor twice by one code', async () => {
    const who = await someone();
    const [thief, owner] = [await loggedIn(who), await loggedIn(who)];
    const stale = await enrol(thief);
    const secret = await enrol(owner);
    expect((await confirm(thief, codeOf(stale, clock))).status).toBe(422);
    const twice = await Promise.all([1, 2].map(() => confirm(owner, codeOf(secret, clock))));
    expect(statusesOf(twice)).toEqual([200, 401]);
    const kept = await rest.unitOfWork.query(
      'SELECT 1 FROM recovery_code r JOIN person p USING (person_id) WHERE p.account_no = $1',
      [who.accountNo],
    );
    expect(kept).toHaveLength(10);
  });
});

/** By the mailed link; answers the new password. */
async function chosenAnew({ username, accountNo, etag }: TestAccount): Promise<string> {
  const body = { contact: 'jo@acme.example' };
  expect((await rest.call('PATCH', `accounts/${accountNo}`, { body, ifMatch: etag })).status).toBe(200);
  const browser = new Browser(rest, `198.51.100.${accountNo % 250}`);
  expect((await browser.call('POST', 'password-resets', { username })).status).toBe(202);
  const [mail] = await eventually(async () => {
    const rows = await rest.unitOfWork.query<{ payload: string }>(
      `SELECT payload FROM outbox WHERE topic = 'mail.requests.v1' AND payload LIKE '%' || $1 || '%'`,
      [`"${username}"`],
    );
    expect(rows).toHaveLength(1);
    return rows;
  });
  const { requestId, sealed } = JSON.parse(mail?.payload ?? '') as { requestId: string; sealed: string };
  const token = openFromService(TOKEN_KEY, 'password-reset', requestId, sealed);
  const password = `tall ships in the morning ${accountNo}`;
  expect((await browser.call('PUT', `password-resets/${token}`, { password })).status).toBe(204);
  return password;
}
