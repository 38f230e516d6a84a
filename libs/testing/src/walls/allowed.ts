/**
 * Where a word may stand, by the field it went into: everything else is a leak. What somebody wrote about a customer is
 * answered to that partner's own people, and told to the services that put it into a ticket.
 */
export const ALLOWED: Record<string, readonly RegExp[]> = {
  // Shown once, to who asked for it.
  'first API key': [],
  'API key': [/^answer 201 POST \/api\/v1\/api-keys$/],
  'access token': [/^answer 201 POST \/api\/v1\/access-tokens$/],
  'endpoint key': [/^answer 201 POST \/api\/v1\/endpoints$/],
  'webhook secret': [/^answer 201 POST \/api\/v1\/notification-rules$/],
  'event handler secret': [/^answer 201 POST \/api\/v1\/event-handlers$/],
  'address of an event handler': [/^answer 20\d \w+ \/api\/v1\/event-handlers$/],
  'random password': [/^answer 200 POST \/api\/v1\/accounts\/\d+\/password$/],
  session: [/^answer 20\d (POST|GET|DELETE|PUT) /],
  'authenticator secret': [/^answer 201 POST \/api\/v1\/me\/mfa$/],
  'recovery code': [/^answer 20\d POST \/api\/v1\/me\/mfa\/confirm$/],
  token: [/^answer 201 POST \/api\/v1\/tokens$/],

  username: [
    /^answer 20\d \w+ \/api\/v1\/(accounts|session|me|impersonation|audit)/,
    // To the authenticator, which shows it.
    /^answer 201 POST \/api\/v1\/me\/mfa$/,
    /^topic accounts\.accounts\.v1$/,
    /^topic (ticket\.requests\..+|notification\.decisions)\.v1$/,
  ],
  // notifications mails whoever stands there.
  contact: [/^answer 20\d \w+ \/api\/v1\/accounts/, /^topic accounts\.accounts\.v1$/],
  'customer name': [
    /^answer 20\d \w+ \/api\/v1\/(customers|psa\/\w+\/customer-map)/,
    /^answer 200 GET \/api\/v1\/audit$/,
    /^topic (accounts\.customers|audit\.entries)\.v1$/,
  ],
  'host of an account': [/^answer 20\d \w+ \/api\/v1\/accounts/, /^topic accounts\.accounts\.v1$/],
  'host in a report': [
    /^answer 200 GET \/api\/v1\/events/,
    /^topic backup\.events\.v1$/,
    /^topic ticket\.requests\.(connectwise|autotask)\.v1$/,
  ],
  // Shown masked; ticketing needs it whole.
  'ConnectWise public key': [/^topic accounts\.connections\.v1$/],
  // To who sent it: the problem's `instance`.
  'secret in an unknown path': [/^answer 404 POST \/Mk7s/],
  'user agent': [/^answer 200 GET \/api\/v1\/sessions$/],
  'reason of an impersonation': [/^answer 200 GET \/api\/v1\/audit$/],
  // The bytes as they came, for whoever mends them.
  'bytes of a poison record': [
    /^topic dead-letters\.(notifications|billing-sync)\.v1$/,
    /^topic backup\.events\.v1$/,
  ],
};

/** What was seen where the table does not let it. */
export const leaksIn = (sightings: readonly string[]): string[] =>
  sightings.filter((sighting) => {
    const [, field = '', place = ''] = /^(.+) \((?:secret|personal)\): (.+)$/.exec(sighting) ?? [];
    return !(ALLOWED[field] ?? []).some((pattern) => pattern.test(place));
  });
