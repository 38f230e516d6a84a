import { Secret } from '@backhaul/domain';
import { Problem, type ProblemError } from '@backhaul/http';
import type { AllowList } from '@backhaul/psa';
import type { ConnectionMode } from './connection.entity.js';
import type { AutotaskConnectionIn, ConnectWiseConnectionIn } from './connections.types.js';
import { masked } from './masked.js';
import { siteUrl } from './site-url.js';

/** What is stored, as far as a form may know: which secrets there are, none of them. */
export interface KnownConnection {
  mode: ConnectionMode;
  endpoint: Record<string, string | null>;
  secrets: ReadonlySet<string>;
}

/** What a form says. Secrets that it leaves out stay as they are. */
export interface ConnectionForm {
  endpoint: Record<string, string | null>;
  change: Secret<Record<string, string>>;
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

/** @throws Problem 422 */
export function connectWiseForm(
  body: ConnectWiseConnectionIn,
  known: KnownConnection | null,
  allow: AllowList,
): ConnectionForm {
  refuseIntegratorLogin(body, known);
  const { companyId, solutionName } = body;
  const { publicKey, privateKey, errors } = keysOf(body, known);
  assertNone([...blank({ siteUrl: body.siteUrl, companyId, solutionName }), ...errors]);
  // `company+publicKey:privateKey` is what Basic authentication sends.
  assertNone([...holding(/[\s+:]/, { companyId }), ...holding(/[\s:]/, { publicKey })]);
  return {
    endpoint: {
      siteUrl: siteUrl(body.siteUrl, allow, '/siteUrl'),
      companyId: companyId.trim(),
      publicKey,
      solutionName: solutionName.trim(),
    },
    change: new Secret(privateKey === '' ? {} : { privateKey }),
  };
}

/** ConnectWise ended its SOAP interface: only keys of an API member work (B9, B10). A stored login may be left alone (B6). */
function refuseIntegratorLogin(
  { integratorLogin }: ConnectWiseConnectionIn,
  known: KnownConnection | null,
): void {
  if (!integratorLogin?.name && !integratorLogin?.password) return;
  const stored = known?.mode === 'soap' ? known.endpoint['integratorName'] : undefined;
  if (integratorLogin.name === stored && integratorLogin.password === '') return;
  throw Problem.unprocessable('Integrator logins are no longer used.', [
    { pointer: '/integratorLogin', detail: 'must be empty; give API member keys', rule: 'empty' },
  ]);
}

interface Keys {
  publicKey: string;
  /** Empty: the stored one stays. */
  privateKey: string;
  errors: ProblemError[];
}

/** Both keys or none: an empty box keeps what is stored (B17), but another public key has another private one (B8). */
function keysOf(body: ConnectWiseConnectionIn, known: KnownConnection | null): Keys {
  const stored = known?.mode === 'rest' ? (known.endpoint['publicKey'] ?? '') : '';
  const privateKey = body.privateKey?.trim() ?? '';
  let publicKey = body.publicKey?.trim() ?? '';
  if (publicKey === '' && privateKey === '') publicKey = stored;
  if (stored !== '' && publicKey === masked(stored)) publicKey = stored;
  const isKept = publicKey !== '' && publicKey === stored && known?.secrets.has('privateKey') === true;
  if (publicKey === '' && privateKey === '') {
    const errors = blank({ publicKey, privateKey });
    return { publicKey, privateKey, errors };
  }
  const [missing, given] = publicKey === '' ? ['publicKey', 'privateKey'] : ['privateKey', 'publicKey'];
  const isComplete = publicKey !== '' && (privateKey !== '' || isKept);
  const error = { pointer: `/${missing}`, detail: `${missing} required with ${given}`, rule: 'requiredWith' };
  return { publicKey, privateKey, errors: isComplete ? [] : [error] };
}

/** An empty password keeps the stored one, but only for the same user: another one has another. @throws Problem 422 */
export function autotaskForm(
  body: AutotaskConnectionIn,
  known: KnownConnection | null,
  allow: AllowList,
): ConnectionForm {
  const username = body.username.trim();
  const given = {
    password: body.password?.trim() ? body.password : '',
    trackingIdentifier: body.trackingIdentifier?.trim() ?? '',
  };
  const has = (name: string): boolean => known?.secrets.has(name) === true;
  const isSameUser = known?.endpoint['username'] === username;
  assertNone(
    blank({
      username,
      password: given.password || (isSameUser && has('password') ? 'kept' : ''),
      trackingIdentifier: given.trackingIdentifier || (has('trackingIdentifier') ? 'kept' : ''),
    }),
  );
  return {
    endpoint: { username, apiUrl: body.apiUrl ? siteUrl(body.apiUrl, allow, '/apiUrl') : null },
    change: new Secret(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))),
  };
}
