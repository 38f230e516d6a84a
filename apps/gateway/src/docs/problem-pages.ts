import { Problem } from '@backhaul/http';
import { STYLE } from './pages.js';

interface Explained {
  status: string;
  title: string;
  meaning: string;
  remedy: string;
}

/** What each `type` of a problem means, and what its reader can do. */
export const PROBLEMS: Readonly<Record<string, Explained>> = {
  'invalid-request': {
    status: '400',
    title: 'Invalid request',
    meaning: 'The body, the query or the path is not of the shape that this address expects.',
    remedy:
      'Each entry of “errors” points at one field and says which rule it breaks. Mend them and send it again.',
  },
  unauthorized: {
    status: '401',
    title: 'Unauthorized',
    meaning:
      'No credential came, or it is not valid: wrong, expired, revoked and unknown look alike on purpose.',
    remedy: 'Log in again, or send an API key that is in force as “Authorization: Bearer”.',
  },
  forbidden: {
    status: '403',
    title: 'Forbidden',
    meaning:
      'The credential is good, but its role, its scopes or its place in the brand tree do not allow this.',
    remedy: 'Ask a Senior Manager of your partnership for a role or a key that may.',
  },
  'address-not-allowed': {
    status: '403',
    title: 'Not from this address',
    meaning: 'The API key is good, and bound to addresses among which the one of this request is not.',
    remedy: 'Call from where the key is meant to be used, or make a key for other networks.',
  },
  'partner-suspended': {
    status: '403',
    title: 'Partnership suspended',
    meaning:
      'The credential is good, but an operator of the platform suspended the partnership. What agents report is still taken.',
    remedy:
      'Ask the operator of the platform. Once it is restored, sessions, tokens and keys that have not ended work again.',
  },
  'second-factor-required': {
    status: '401',
    title: 'Second factor required',
    meaning: 'The password is right, and the account is protected by an authenticator.',
    remedy: 'Send the same login again with “code”: what the authenticator shows, or a recovery code.',
  },
  'second-factor-missing': {
    status: '403',
    title: 'Second factor missing',
    meaning:
      'The person’s brand, or one above it, demands a second factor, and this session has shown none. GET /api/v1/session says in “factorOwed” what is to be done. Programs are not asked for one.',
    remedy:
      '“add”: set up an authenticator (POST /api/v1/me/mfa, then /confirm) or a passkey (POST /api/v1/me/passkeys/options, then /api/v1/me/passkeys). “prove”: POST /api/v1/session/step-up with a passkey or a code. The session then goes on as it is.',
  },
  'step-up-failed': {
    status: '403',
    title: 'Not proved',
    meaning: 'The password or the code of the step-up is not right. The session goes on as it was.',
    remedy: 'Try again; after some failures wait as Retry-After says.',
  },
  'cross-site': {
    status: '403',
    title: 'From another site',
    meaning: 'A browser sent a session cookie along with a request that a page of another site made.',
    remedy: 'Act in the portal itself; programs send a credential as “Authorization”.',
  },
  'too-busy': {
    status: '503',
    title: 'Too busy',
    meaning: 'There is more to do right now, or more is being sent, than can be dealt with at once.',
    remedy: 'Try again after the seconds in Retry-After.',
  },
  'step-up-required': {
    status: '403',
    title: 'Prove who you are once more',
    meaning: 'Secrets, keys and rights need a proof of identity that is not older than 10 minutes.',
    remedy: 'POST /api/v1/session/step-up with the password or a code, then send the request again.',
  },
  impersonating: {
    status: '403',
    title: 'Not while impersonating',
    meaning: 'Secrets, credentials and rights are a person’s own: nobody touches them as somebody else.',
    remedy: 'Stop impersonating first: DELETE /api/v1/impersonation.',
  },
  'not-found': {
    status: '404',
    title: 'Not found',
    meaning:
      'There is nothing at this address, or nothing that this credential may see; the answer does not tell which.',
    remedy: 'Check the id, and that the credential reaches the brand it belongs to.',
  },
  'method-not-allowed': {
    status: '405',
    title: 'Method not allowed',
    meaning: 'The address exists, but not with this method.',
    remedy: 'The header “Allow” names the methods.',
  },
  'request-timeout': {
    status: '408',
    title: 'Request timeout',
    meaning: 'The request came so slowly that it was not waited for any longer.',
    remedy: 'Send it again when the line is free; agents may compress their reports (gzip).',
  },
  conflict: {
    status: '409',
    title: 'Conflict',
    meaning:
      'It contradicts what is there: a name in use, a thing that others hang on, a state that forbids it.',
    remedy: 'Read the detail; change what it names, or leave it as it is.',
  },
  gone: {
    status: '410',
    title: 'Gone',
    meaning: 'This was revoked or removed. An agent’s key answers so after its rotation.',
    remedy: 'Use the new key or address.',
  },
  'precondition-failed': {
    status: '412',
    title: 'Precondition failed',
    meaning: 'Somebody changed it since you read it.',
    remedy: 'Read it again, look at the change, and send yours with the new ETag.',
  },
  'too-large': {
    status: '413',
    title: 'Body too large',
    meaning: 'The body is larger than this address accepts.',
    remedy: 'Send less at once.',
  },
  'unsupported-media-type': {
    status: '415',
    title: 'Unsupported media type',
    meaning: 'The content type or encoding is none that this address reads.',
    remedy: 'Send application/json.',
  },
  refused: {
    status: '422',
    title: 'Refused by a rule',
    meaning: 'The shape is right, but a rule refuses what it says.',
    remedy: 'Each entry of “errors” points at the field and names the rule.',
  },
  'precondition-required': {
    status: '428',
    title: 'Precondition required',
    meaning:
      'Changes need the ETag of what you read, so that nobody overwrites what another has just changed.',
    remedy: 'Send it as “If-Match”.',
  },
  'too-many-requests': {
    status: '429',
    title: 'Too many requests',
    meaning: 'The credential, the account or the address asked more than its share.',
    remedy: 'Wait as long as “Retry-After” says.',
  },
  internal: {
    status: '500',
    title: 'Internal error',
    meaning: 'Something went wrong on our side.',
    remedy: 'Tell us the requestId; it finds the cause in our logs.',
  },
  'bad-gateway': {
    status: '502',
    title: 'Bad gateway',
    meaning: 'A service behind this address broke off its answer.',
    remedy: 'Send the request again; a POST with its Idempotency-Key does nothing twice.',
  },
  unavailable: {
    status: '503',
    title: 'Service unavailable',
    meaning: 'A service behind this address is not there, or is busy enough for now.',
    remedy:
      'Wait as long as “Retry-After” says, and send it again. Agents’ reports have an address of their own.',
  },
  'gateway-timeout': {
    status: '504',
    title: 'Gateway timeout',
    meaning: 'A service behind this address did not answer in time. What was asked may have been done.',
    remedy: 'Look before you send it again, or send it with the same Idempotency-Key.',
  },
};

/** @throws Problem 404 */
export function problemPage(slug: string): string {
  const known = Object.hasOwn(PROBLEMS, slug) ? PROBLEMS[slug] : undefined;
  if (!known) throw Problem.notFound();
  return page(
    known.title,
    `<p><code>${known.status}</code> <code>/docs/problems/${slug}</code></p><p>${known.meaning}</p><p><b>What to do:</b> ${known.remedy}</p><p><a href="/docs/problems">All problems</a></p>`,
  );
}

export const PROBLEMS_PAGE = page(
  'Problems',
  `<p>Errors are <code>application/problem+json</code> (RFC 9457); their <code>type</code> is one of these.</p><ul>${Object.entries(
    PROBLEMS,
  )
    .map(
      ([slug, { status, title }]) =>
        `<li><code>${status}</code> <a href="/docs/problems/${slug}">${title}</a></li>`,
    )
    .join('')}</ul><p><a href="/">Backhaul</a></p>`,
);

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · Backhaul</title><style>${STYLE}</style></head>
<body><h1>${title}</h1>${body}</body>
</html>
`;
}
