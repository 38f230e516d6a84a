export const UPSTREAMS = [
  'accounts',
  'ingestion',
  'notifications',
  'ticketing-connectwise',
  'ticketing-autotask',
  'billing-sync-connectwise',
  'billing-sync-autotask',
] as const;
export type Upstream = (typeof UPSTREAMS)[number];

/** Who answers: one service, several as one list, whichever of them has it, that of the PSA in the path, or the gateway itself. */
export type Owner =
  | 'accounts'
  | 'ingestion'
  | 'notifications'
  | 'ticketing-merged'
  | 'ticketing-either'
  | 'ticketing-by-psa'
  | 'billing-sync-merged'
  | 'billing-sync-either'
  | 'billing-sync-connectwise'
  | 'all-merged'
  | 'all-either'
  | 'gateway';

/**
 * Below `/api/v1`; what does not stand here is not reachable from outside, and only what is public without a login. A POST
 * that `reads` changes nothing: the scope `read` is enough for it. A session that owes a second factor reaches what says
 * `owing`, and what says `adding` while its person has none.
 */
const TABLE: Record<Owner, string> = {
  accounts: `
    GET                  /audit
    GET                  /audit/verify
    POST                 /session                       public
    GET,DELETE           /session                       owing
    POST                 /session/step-up               owing
    POST                 /session/passkey/options       public
    POST                 /session/passkey               public
    GET                  /sessions
    DELETE               /sessions/:id
    POST                 /tokens                        public
    GET                  /me                            owing
    GET                  /me/mfa                        owing
    POST                 /me/mfa                        adding
    DELETE               /me/mfa
    POST                 /me/mfa/confirm                adding
    GET                  /me/passkeys                   owing
    POST                 /me/passkeys                   adding
    POST                 /me/passkeys/options           adding
    DELETE               /me/passkeys/:id
    POST,DELETE          /impersonation
    GET,PUT              /impersonation-policy
    GET                  /me/impersonations
    POST                 /accounts/:no/password
    PUT                  /accounts/:no/role
    DELETE               /accounts/:no/sessions
    DELETE               /accounts/:no/mfa
    POST                 /password-resets               public
    PUT                  /password-resets/:token        public
    GET                  /partners
    POST                 /partners/:id/suspend
    POST                 /partners/:id/restore
    GET,POST             /brands
    GET,PATCH            /brands/:id
    GET,POST             /brand-change-requests
    POST                 /brand-change-requests/:id/execute
    GET,POST             /customers
    GET,PATCH,DELETE     /customers/:custId
    GET,POST             /accounts
    GET,PATCH,DELETE     /accounts/:no
    GET,POST             /api-keys
    POST                 /api-keys/:id/rotate
    DELETE               /api-keys/:id
    GET,POST             /access-tokens
    DELETE               /access-tokens/:id
    GET                  /psa/providers
    GET,PUT,DELETE       /psa/:provider/connection
    POST                 /psa/:provider/connection/test
    GET,PUT              /psa/:provider/settings
    GET,PUT              /psa/:provider/customer-map
    PATCH                /psa/:provider/customer-map/:custId
    GET,POST             /egress-approvals
    DELETE               /egress-approvals/:id`,
  ingestion: `
    GET,POST             /endpoints
    POST                 /endpoints/:id/rotate
    GET,DELETE           /endpoints/:id
    GET                  /endpoints/:id/snippets
    GET                  /unassigned-results
    POST                 /unassigned-results/:id/assign
    POST                 /unassigned-results/:id/discard
    GET                  /events
    POST                 /events/search                 reads
    GET                  /events.csv
    GET,PUT              /event-retention
    GET                  /events/:id
    GET                  /events/:id/notifications
    POST                 /events/:id/reprocess
    GET                  /operations/:id
    GET,PUT              /accounts/:no/schedule
    GET                  /accounts/:no/events
    GET                  /alarm-holds
    POST                 /alarm-holds/:id/release
    POST                 /alarm-holds/:id/drop
    GET,POST             /saved-searches
    GET,PUT,DELETE       /saved-searches/:id
    GET                  /saved-searches/:id/results
    GET                  /saved-searches/:id/results.csv`,
  notifications: `
    GET,PUT              /me/notification-options
    GET,PUT              /accounts/:no/notification-options
    GET                  /event-types
    GET,POST             /notification-rules
    GET                  /notification-rules/defaults
    POST                 /notification-rules/preview    reads
    GET,PUT,DELETE       /notification-rules/:id
    POST                 /notification-rules/:id/rotate-secret
    GET,POST             /event-handlers
    GET,PUT,DELETE       /event-handlers/:id
    POST                 /event-handlers/:id/rotate-secret
    GET                  /event-handlers/:id/runs
    GET                  /webhook-deliveries
    POST                 /webhook-deliveries/:id/resend
    GET,POST             /silences
    GET,DELETE           /silences/:id
    GET,POST             /maintenance-windows
    GET,DELETE           /maintenance-windows/:id`,
  'ticketing-merged': `
    GET                  /incidents
    GET                  /lanes`,
  'ticketing-either': `
    GET                  /incidents/:id
    POST                 /incidents/:id/resolve
    POST                 /incidents/:id/retry
    POST                 /lanes/:id/retry`,
  'ticketing-by-psa': `
    POST                 /psa/:provider/lookups/:lookup
    GET                  /psa/:provider/diagnostics
    POST                 /psa/:provider/customer-map/suggest`,
  'billing-sync-merged': `
    GET                  /syncs`,
  'billing-sync-either': `
    GET                  /syncs/:id
    POST                 /customers/:custId/syncs`,
  'billing-sync-connectwise': `
    GET                  /reports/executive`,
  'all-merged': `
    GET                  /dead-letters`,
  'all-either': `
    GET                  /dead-letters/:id
    POST                 /dead-letters/:id/replay
    POST                 /dead-letters/:id/discard`,
  gateway: `
    GET                  /explain
    GET                  /stream`,
};

export interface Route {
  methods: readonly string[];
  /** Such as `/customers/:custId`. */
  path: string;
  owner: Owner;
  /** Asks for no credential: it is where one is got. */
  isPublic: boolean;
  /** Whatever its method, it changes nothing. */
  isReading: boolean;
  /** Who reaches it with a session that owes a second factor: everybody, who has none to prove yet, or nobody. */
  whileOwing: 'always' | 'to-add' | 'never';
}

export const API_PREFIX = '/api/v1';

export const ROUTES: readonly Route[] = (Object.keys(TABLE) as Owner[]).flatMap((owner) =>
  TABLE[owner]
    .trim()
    .split('\n')
    .map((line) => {
      const [methods = '', path = '', access] = line.trim().split(/\s+/);
      const isReading = access === 'reads' || methods === 'GET';
      const whileOwing = access === 'owing' ? 'always' : access === 'adding' ? 'to-add' : 'never';
      return {
        methods: methods.split(','),
        path,
        owner,
        isPublic: access === 'public',
        isReading,
        whileOwing,
      };
    }),
);

/** Ids are UUIDs, numbers, provider names and lane keys: nothing that another parser could read otherwise. */
const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._~|%-]*';

const MATCHERS = ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^${API_PREFIX}${route.path.replaceAll('.', '\\.').replace(/:[A-Za-z]+/g, SEGMENT)}$`),
}));

export type Found = { route: Route } | { allowed: readonly string[] } | null;

/** The route of a method and a raw path (no query); the methods of that path when the method is wrong. */
export function findRoute(method: string, path: string): Found {
  if (/%(2e|2f|5c|00)|\.\.|[\\]/i.test(path)) return null;
  const matching = MATCHERS.filter(({ pattern }) => pattern.test(path)).map(({ route }) => route);
  if (matching.length === 0) return null;
  const wanted = method === 'HEAD' ? 'GET' : method;
  const route = matching.find(({ methods }) => methods.includes(wanted));
  return route ? { route } : { allowed: [...new Set(matching.flatMap(({ methods }) => methods))] };
}
