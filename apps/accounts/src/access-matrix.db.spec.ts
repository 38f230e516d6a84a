import { afterAll, beforeAll, jest } from '@jest/globals';
import type { AccountNo, BrandId, PartnerId } from '@backhaul/domain';
import { ROLES } from '@backhaul/http';
import {
  accessMatrix,
  letterRoutes,
  MAY,
  type MatrixTables,
  type Relation,
  type Things,
} from '@backhaul/http/testing';
import { keepLetter, RESTORE_LETTERS } from '@backhaul/testing';
import { type Call, type Method, TestRest } from './testing/rest.js';

jest.setTimeout(120_000);

interface Thing {
  name: string;
  brandId: string;
  custId: number;
  accountNo: number;
  apiKeyId: string;
  letterId: string;
}

const LETTERS = letterRoutes<Thing>(({ letterId }) => letterId, async () => void (await rest.unitOfWork.query(RESTORE_LETTERS))); // prettier-ignore

/** Changes go without If-Match: who may make one is told so by 428, and nothing is changed for the next who asks. */
const TABLES: MatrixTables<Thing> = {
  ones: [
    ...LETTERS.ones,
    { route: 'GET brands/{id}', of: ({ brandId }) => `brands/${brandId}`, roles: MAY.READERS },
    { route: 'PATCH brands/{id}', of: ({ brandId }) => `brands/${brandId}`, roles: MAY.MANAGERS, body: { name: 'x', requireSecondFactor: false } },
    { route: 'GET customers/{custId}', of: ({ custId }) => `customers/${custId}`, roles: MAY.READERS },
    { route: 'PATCH customers/{custId}', of: ({ custId }) => `customers/${custId}`, roles: MAY.CREATORS, body: { name: 'x' } },
    { route: 'DELETE customers/{custId}', of: ({ custId }) => `customers/${custId}`, roles: MAY.MANAGERS },
    { route: 'GET accounts/{no}', of: ({ accountNo }) => `accounts/${accountNo}`, roles: [...MAY.READERS, 'power-user'] },
    { route: 'PATCH accounts/{no}', of: ({ accountNo }) => `accounts/${accountNo}`, roles: [...MAY.CHANGERS, 'power-user'], body: { hostName: 'x' } },
    { route: 'DELETE accounts/{no}', of: ({ accountNo }) => `accounts/${accountNo}`, roles: MAY.CREATORS },
    { route: 'POST api-keys/{id}/rotate', of: ({ apiKeyId }) => `api-keys/${apiKeyId}/rotate`, roles: MAY.SENIOR },
    { route: 'PATCH psa/{provider}/customer-map/{custId}', of: ({ custId }) => `psa/autotask/customer-map/${custId}`, roles: MAY.MANAGERS, body: { contractId: '1' } },
  ],
  lists: [
    ...LETTERS.lists,
    { path: 'customers', roles: MAY.READERS, idOf: (item) => item['custId'], idOfThing: ({ custId }) => custId, counts: true, searches: ({ name }) => [`q=${name}`] },
    { path: 'accounts', roles: [...MAY.READERS, 'power-user'], idOf: (item) => item['accountNo'], idOfThing: ({ accountNo }) => accountNo, counts: true, searches: ({ name, custId }) => [`q=${name}`, `custId=${custId}`, `username=${name}-host`] },
    { path: 'psa/{provider}/customer-map', roles: MAY.AUDITORS, idOf: (item) => item['custId'], idOfThing: ({ custId }) => custId, counts: true },
  ],
  surfaces: [
    { route: 'GET audit', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'GET audit/verify', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'GET api-keys', roles: MAY.SENIOR },
    { route: 'POST api-keys', roles: MAY.SENIOR },
    { route: 'GET access-tokens', roles: MAY.SENIOR },
    { route: 'POST access-tokens', roles: MAY.SENIOR },
    { route: 'GET brands', roles: MAY.READERS },
    { route: 'POST brands', roles: MAY.MANAGERS },
    { route: 'POST customers', roles: MAY.CREATORS },
    { route: 'POST accounts', roles: MAY.CREATORS },
    { route: 'GET brand-change-requests', roles: [...MAY.SENIOR, 'platform-operator'] },
    { route: 'POST brand-change-requests', roles: MAY.SENIOR },
    { route: 'GET partners', roles: ['platform-operator'] },
    { route: 'GET egress-approvals', roles: ['platform-operator'] },
    { route: 'POST egress-approvals', roles: ['platform-operator'] },
    { route: 'PUT psa/{provider}/customer-map', roles: MAY.MANAGERS },
    { route: 'GET psa/providers', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'GET psa/{provider}/connection', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'PUT psa/{provider}/connection', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'DELETE psa/{provider}/connection', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'POST psa/{provider}/connection/test', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'GET psa/{provider}/settings', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'PUT psa/{provider}/settings', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'GET impersonation-policy', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'PUT impersonation-policy', roles: MAY.SENIOR, needsWholePartner: true },
    { route: 'GET me', roles: ROLES },
    { route: 'GET me/impersonations', roles: ROLES },
  ],
}; // prettier-ignore

let rest: TestRest;
const things = {} as Things<Thing>;
const post = async (path: string, body: object, who: Call): Promise<Record<string, unknown>> => {
  const answer = await rest.call('POST', path, { ...who, body });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body;
};
async function make(name: Relation, parentId: string, who: Call = {}): Promise<Thing> {
  const word = `${name.replaceAll(' ', '-')}-mark`;
  const brandId = String((await post('brands', { name: word, parentId }, who))['id']);
  const custId = Number((await post('customers', { name: word, brandId }, who))['custId']);
  const accountNo = Number((await post('accounts', { custId, username: `${word}-host` }, who))['accountNo']);
  const { id } = await post('api-keys', { name: word, brandId }, who);
  const query = (sql: string, params: unknown[]) => rest.unitOfWork.query(sql, params);
  const partnerId = who.partnerId ?? rest.ours;
  const letterId = await keepLetter(query, { partnerId, custId, accountNo });
  return { name: word, brandId, custId, accountNo, apiKeyId: String(id), letterId };
}
const rootOf = async (who: Call = {}): Promise<string> =>
  String((await rest.call('GET', 'brands', who)).body['id']);

/** What the API cannot bring about, once and for all: a brand that is gone. */
async function remove({ brandId, accountNo, custId, apiKeyId, letterId }: Thing): Promise<void> {
  await rest.unitOfWork.query('DELETE FROM dead_letter WHERE letter_id = $1', [letterId]);
  for (const path of [`accounts/${accountNo}`, `customers/${custId}`, `api-keys/${apiKeyId}`])
    await rest.call('DELETE', path, { ifMatch: '*' });
  await rest.unitOfWork.query('DELETE FROM api_key WHERE brand_id = $1', [brandId]);
  await rest.unitOfWork.query('DELETE FROM brand WHERE brand_id = $1', [brandId]);
}
async function suspended(): Promise<PartnerId> {
  const partnerId = await rest.partner('Suspended');
  things.suspended = await make('suspended', await rootOf({ partnerId }), { partnerId });
  return partnerId;
}

beforeAll(async () => {
  rest = await TestRest.start();
  things.parent = await make('parent', await rootOf());
  things.own = await make('own', things.parent.brandId);
  things.sibling = await make('sibling', things.parent.brandId);
  things.child = await make('child', things.own.brandId);
  things.grandchild = await make('grandchild', things.child.brandId);
  const theirs = { partnerId: rest.theirs };
  things['other partner'] = await make('other partner', await rootOf(theirs), theirs);
  const settings = { ifMatch: '*', body: { enabled: false } };
  const suspendedId = await suspended();
  for (const partnerId of [rest.ours, rest.theirs, suspendedId])
    await rest.call('PUT', 'psa/autotask/settings', { ...settings, partnerId });
  const suspend = { role: 'platform-operator', body: { reason: 'For the matrix' } } as const;
  const { status } = await rest.call('POST', `partners/${suspendedId}/suspend`, suspend);
  if (status !== 200) throw new Error(`not suspended: ${status}`);
  things.deleted = await make('deleted', things.own.brandId);
  await remove(things.deleted);
  const { brandId, apiKeyId } = things.parent;
  things['never was'] = { name: 'never-mark', custId: 1, accountNo: 1, brandId: brandId.replace(/.$/, 'f'), apiKeyId: apiKeyId.replace(/.{4}$/, 'ffff'), letterId: brandId.replace(/.$/, 'f') }; // prettier-ignore
});
afterAll(() => rest.close());

accessMatrix(TABLES, () => ({
  things,
  wordsOf: ({ name, brandId, apiKeyId }) => [name, brandId, apiKeyId],
  callerOf: (role) => ({
    role,
    brandId: things.own.brandId as BrandId,
    ...(role === 'power-user' && { accountNo: things.own.accountNo as AccountNo }),
  }),
  ask: ({ role = 'power-user', ...as }, method, path, body) =>
    rest.call(method as Method, path.replace('{provider}', 'autotask'), {
      role,
      as,
      // Of this partner: those of the platform see all, which dead-letters.db.spec.ts proves.
      ...(path.startsWith('dead-letters') && { partnerId: rest.ours }),
      ...(body && { body }),
    }),
  openapi: async () => JSON.parse((await rest.http.fastify.inject('/openapi.json')).body) as never,
  elsewhere: {
    'POST session': 'sessions.db.spec.ts',
    'GET session': 'sessions.db.spec.ts',
    'DELETE session': 'sessions.db.spec.ts',
    'POST session/step-up': 'credentials.db.spec.ts',
    'GET sessions': 'sessions.db.spec.ts',
    'DELETE sessions/{id}': 'sessions.db.spec.ts',
    'POST tokens': 'programs.db.spec.ts',
    'GET me/mfa': 'mfa.db.spec.ts',
    'POST me/mfa': 'mfa.db.spec.ts',
    'DELETE me/mfa': 'mfa.db.spec.ts',
    'POST me/mfa/confirm': 'mfa.db.spec.ts',
    'POST impersonation': 'impersonation.db.spec.ts',
    'DELETE impersonation': 'impersonation.db.spec.ts',
    'POST accounts/{no}/password': 'by the power of the account: credentials.db.spec.ts',
    'PUT accounts/{no}/role': 'by the power of the account: credentials.db.spec.ts',
    'DELETE accounts/{no}/sessions': 'by the power of the account: end-logins.db.spec.ts',
    'DELETE accounts/{no}/mfa': 'by the power of the account: end-logins.db.spec.ts',
    'POST password-resets': 'for who cannot log in: password-resets.db.spec.ts',
    'PUT password-resets/{token}': 'for who cannot log in: password-resets.db.spec.ts',
    'GET me/passkeys': 'passkeys.db.spec.ts',
    'POST me/passkeys': 'passkeys.db.spec.ts',
    'POST me/passkeys/options': 'passkeys.db.spec.ts',
    'DELETE me/passkeys/{id}': 'passkeys.db.spec.ts',
    'POST session/passkey': 'passkeys.db.spec.ts',
    'POST session/passkey/options': 'passkeys.db.spec.ts',
    'DELETE api-keys/{id}': 'would end the key for the next who asks: api-keys.db.spec.ts',
    'DELETE access-tokens/{id}': 'would end the token for the next who asks: access-tokens.db.spec.ts',
    'POST brand-change-requests/{id}/execute': 'brand-changes.db.spec.ts',
    'DELETE egress-approvals/{id}': 'egress-approvals.db.spec.ts',
    'POST partners/{id}/suspend': 'suspensions.db.spec.ts',
    'POST partners/{id}/restore': 'suspensions.db.spec.ts',
  },
}));
