import { Problem, type ProblemError } from '@backhaul/http';
import type { AllowList, ProviderName } from '@backhaul/psa';
import type { AutotaskConnectionIn, ConnectionOut, ConnectWiseConnectionIn } from './connections.types.js';
import { siteUrl } from './site-url.js';

export interface ConnectionParts {
  endpoint: Record<string, string | null>;
  secret: Record<string, string>;
}

const blank = (fields: Record<string, string | null | undefined>): ProblemError[] =>
  Object.entries(fields)
    .filter(([, value]) => !value?.trim())
    .map(([name]) => ({ pointer: `/${name}`, detail: 'must not be empty', rule: 'notEmpty' }));

const holding = (odd: RegExp, fields: Record<string, string>): ProblemError[] =>
  Object.entries(fields)
    .filter(([, value]) => odd.test(value.trim()))
    .map(([name]) => ({
      pointer: `/${name}`,
      detail: 'holds a character that it cannot',
      rule: 'characters',
    }));

function assertNone(errors: ProblemError[]): void {
  if (errors.length > 0) throw Problem.unprocessable('The credentials are not complete.', errors);
}

/** An empty box keeps what is stored (B17), but only for the same user: another one has another secret. */
function kept(
  given: string | null | undefined,
  known: ConnectionParts | null,
  secret: string,
  user: { field: string; value: string },
): string | undefined {
  if (given?.trim()) return given;
  return known?.endpoint[user.field] === user.value.trim() ? known.secret[secret] : undefined;
}

/** What the form says, the secrets it leaves out taken from `known`. @throws Problem 422 */
export function connectWiseParts(
  body: ConnectWiseConnectionIn,
  known: ConnectionParts | null,
  allow: AllowList,
): ConnectionParts {
  const { companyId, publicKey, solutionName } = body;
  const privateKey = kept(body.privateKey, known, 'privateKey', { field: 'publicKey', value: publicKey });
  assertNone(blank({ siteUrl: body.siteUrl, companyId, publicKey, solutionName, privateKey }));
  // `company+publicKey:privateKey` is what Basic authentication sends.
  assertNone([...holding(/[\s+:]/, { companyId }), ...holding(/[\s:]/, { publicKey })]);
  if (body.integratorLogin?.name || body.integratorLogin?.password) {
    // ConnectWise ended its SOAP interface; only API member keys work (B9, B10).
    throw Problem.unprocessable('Integrator logins are no longer used.', [
      { pointer: '/integratorLogin', detail: 'must be empty; give API member keys', rule: 'empty' },
    ]);
  }
  return {
    endpoint: {
      siteUrl: siteUrl(body.siteUrl, allow, '/siteUrl'),
      companyId: companyId.trim(),
      publicKey: publicKey.trim(),
      solutionName: solutionName.trim(),
    },
    secret: { privateKey: (privateKey as string).trim() },
  };
}

/** @throws Problem 422 */
export function autotaskParts(
  body: AutotaskConnectionIn,
  known: ConnectionParts | null,
  allow: AllowList,
): ConnectionParts {
  const user = { field: 'username', value: body.username };
  const password = kept(body.password, known, 'password', user);
  const trackingIdentifier = body.trackingIdentifier?.trim() || known?.secret['trackingIdentifier'];
  assertNone(blank({ username: body.username, password, trackingIdentifier }));
  return {
    endpoint: {
      username: body.username.trim(),
      apiUrl: body.apiUrl ? siteUrl(body.apiUrl, allow, '/apiUrl') : null,
    },
    secret: { password: password as string, trackingIdentifier: trackingIdentifier as string },
  };
}

/** What may be shown: never a secret, only that it is there. */
export function connectionOut(provider: ProviderName, parts: ConnectionParts | null): ConnectionOut {
  const endpoint = parts?.endpoint ?? {};
  const has = (name: string): boolean => Boolean(parts?.secret[name]);
  const text = (name: string): string => endpoint[name] ?? '';
  if (provider === 'connectwise') {
    const shownFields = {
      siteUrl: text('siteUrl'),
      companyId: text('companyId'),
      publicKey: text('publicKey'),
      solutionName: text('solutionName'),
    };
    return { provider, isConfigured: parts !== null, ...shownFields, privateKeySet: has('privateKey') };
  }
  const flags = { passwordSet: has('password'), trackingIdentifierSet: has('trackingIdentifier') };
  return {
    provider,
    isConfigured: parts !== null,
    username: text('username'),
    apiUrl: endpoint['apiUrl'] ?? null,
    ...flags,
  };
}
