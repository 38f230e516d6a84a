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

function assertNone(errors: ProblemError[]): void {
  if (errors.length > 0) throw Problem.unprocessable('The credentials are not complete.', errors);
}

/** What the form says, the secrets it leaves out taken from `known`. @throws Problem 422 */
export function connectWiseParts(
  body: ConnectWiseConnectionIn,
  known: Record<string, string> | null,
  allow: AllowList,
): ConnectionParts {
  const privateKey = body.privateKey ?? known?.['privateKey'];
  const { companyId, publicKey, solutionName } = body;
  assertNone(blank({ siteUrl: body.siteUrl, companyId, publicKey, solutionName, privateKey }));
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
  known: Record<string, string> | null,
  allow: AllowList,
): ConnectionParts {
  const password = body.password ?? known?.['password'];
  const trackingIdentifier = body.trackingIdentifier ?? known?.['trackingIdentifier'];
  assertNone(blank({ username: body.username, password, trackingIdentifier }));
  return {
    endpoint: {
      username: body.username.trim(),
      apiUrl: body.apiUrl ? siteUrl(body.apiUrl, allow, '/apiUrl') : null,
    },
    secret: { password: password as string, trackingIdentifier: (trackingIdentifier as string).trim() },
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
