import { describe, expect, test } from '@jest/globals';
import { findRoute, ROUTES } from './route-table.js';

/** The rows of the HTTP surface that exist now, with the service that owns each; written apart from the table. */
const SURFACE: Record<string, string[]> = {
  accounts: [
    'POST /session', 'GET /session', 'DELETE /session', 'POST /session/step-up', 'POST /session/passkey/options', 'POST /session/passkey', 'GET /sessions', 'DELETE /sessions/{id}',
    'POST /tokens', 'GET /me', 'GET /me/mfa', 'POST /me/mfa', 'DELETE /me/mfa', 'POST /me/mfa/confirm', 'GET /me/passkeys', 'POST /me/passkeys', 'POST /me/passkeys/options', 'DELETE /me/passkeys/{id}', 'POST /impersonation', 'DELETE /impersonation',
    'GET /impersonation-policy', 'PUT /impersonation-policy', 'GET /me/impersonations',
    'POST /accounts/80202028/password', 'PUT /accounts/80202028/role', 'DELETE /accounts/80202028/sessions', 'DELETE /accounts/80202028/mfa',
    'POST /password-resets', 'PUT /password-resets/bkr_abc-_1',
    'GET /partners', 'POST /partners/{id}/suspend', 'POST /partners/{id}/restore',
    'GET /brands', 'POST /brands', 'GET /brands/{id}', 'PATCH /brands/{id}',
    'GET /audit', 'GET /audit/verify', 'GET /brand-change-requests', 'POST /brand-change-requests', 'POST /brand-change-requests/{id}/execute',
    'GET /customers', 'POST /customers', 'GET /customers/34826', 'PATCH /customers/34826', 'DELETE /customers/34826',
    'GET /accounts', 'POST /accounts', 'GET /accounts/80202028', 'PATCH /accounts/80202028', 'DELETE /accounts/80202028',
    'GET /api-keys', 'POST /api-keys', 'POST /api-keys/{id}/rotate', 'DELETE /api-keys/{id}',
    'GET /access-tokens', 'POST /access-tokens', 'DELETE /access-tokens/{id}',
    'GET /psa/providers', 'GET /psa/connectwise/connection', 'PUT /psa/connectwise/connection',
    'DELETE /psa/autotask/connection', 'POST /psa/autotask/connection/test',
    'GET /psa/connectwise/settings', 'PUT /psa/connectwise/settings',
    'GET /psa/connectwise/customer-map', 'PUT /psa/connectwise/customer-map', 'PATCH /psa/connectwise/customer-map/34826',
    'GET /egress-approvals', 'POST /egress-approvals', 'DELETE /egress-approvals/{id}',
  ],
  ingestion: [
    'GET /endpoints', 'POST /endpoints', 'POST /endpoints/{id}/rotate', 'GET /endpoints/{id}', 'DELETE /endpoints/{id}', 'GET /endpoints/{id}/snippets',
    'GET /unassigned-results', 'POST /unassigned-results/{id}/assign', 'POST /unassigned-results/{id}/discard',
    'GET /events', 'GET /events.csv', 'POST /events/search', 'GET /events/{id}', 'GET /events/{id}/notifications',
    'POST /events/{id}/reprocess', 'GET /operations/{id}', 'GET /event-retention', 'PUT /event-retention',
    'GET /accounts/80202028/events', 'GET /accounts/80202028/schedule', 'PUT /accounts/80202028/schedule',
    'GET /alarm-holds', 'POST /alarm-holds/{id}/release', 'POST /alarm-holds/platform/drop',
    'GET /saved-searches', 'POST /saved-searches', 'GET /saved-searches/{id}', 'PUT /saved-searches/{id}', 'DELETE /saved-searches/{id}',
    'GET /saved-searches/{id}/results', 'GET /saved-searches/{id}/results.csv',
  ],
  notifications: [
    'GET /me/notification-options', 'PUT /me/notification-options',
    'GET /accounts/80202028/notification-options', 'PUT /accounts/80202028/notification-options',
    'GET /event-types', 'GET /notification-rules', 'POST /notification-rules', 'GET /notification-rules/{id}',
    'PUT /notification-rules/{id}', 'DELETE /notification-rules/{id}', 'GET /notification-rules/defaults', 'POST /notification-rules/preview',
    'POST /notification-rules/{id}/rotate-secret', 'GET /webhook-deliveries', 'POST /webhook-deliveries/{id}/resend',
    'GET /event-handlers', 'POST /event-handlers', 'GET /event-handlers/{id}', 'PUT /event-handlers/{id}', 'DELETE /event-handlers/{id}',
    'POST /event-handlers/{id}/rotate-secret', 'GET /event-handlers/{id}/runs',
    'GET /silences', 'POST /silences', 'GET /silences/{id}', 'DELETE /silences/{id}',
    'GET /maintenance-windows', 'POST /maintenance-windows', 'GET /maintenance-windows/{id}', 'DELETE /maintenance-windows/{id}',
  ],
  'ticketing-merged': ['GET /incidents', 'GET /lanes'],
  'ticketing-either': [
    'GET /incidents/{id}', 'POST /incidents/{id}/resolve', 'POST /incidents/{id}/retry', 'POST /lanes/{id}/retry',
  ],
  'ticketing-by-psa': [
    'POST /psa/autotask/lookups/queues', 'GET /psa/connectwise/diagnostics', 'POST /psa/connectwise/customer-map/suggest',
  ],
  'billing-sync-merged': ['GET /syncs'],
  'billing-sync-either': ['GET /syncs/{id}', 'POST /customers/34826/syncs'],
  'billing-sync-connectwise': ['GET /reports/executive'],
  'all-merged': ['GET /dead-letters'],
  'all-either': ['GET /dead-letters/{id}', 'POST /dead-letters/{id}/replay', 'POST /dead-letters/{id}/discard'],
  gateway: ['GET /explain', 'GET /stream'],
}; // prettier-ignore

const ID = '0190f3a1-0000-7000-8000-000000000001';
const ROWS = Object.entries(SURFACE).flatMap(([owner, rows]) => rows.map((row) => [row, owner] as const));

describe('the route table', () => {
  test.each(ROWS)('%s belongs to %s', (row, owner) => {
    const [method = '', path = ''] = row.split(' ');
    expect(findRoute(method, `/api/v1${path.replace('{id}', ID)}`)).toMatchObject({ route: { owner } });
  });

  test('holds nothing that the surface does not name', () => {
    const count = ROUTES.reduce((sum, { methods }) => sum + methods.length, 0);
    expect(count).toBe(ROWS.length);
  });

  test('only where a credential is got none is asked for', () => {
    const open = ROUTES.filter(({ isPublic }) => isPublic).flatMap(({ methods, path }) =>
      methods.map((method) => `${method} ${path}`),
    );
    expect(open).toEqual([
      'POST /session',
      'POST /session/passkey/options',
      'POST /session/passkey',
      'POST /tokens',
      'POST /password-resets',
      'PUT /password-resets/:token',
    ]);
  });

  test('who owes a second factor adds or proves one, and takes none away', () => {
    const open = ROUTES.filter(({ whileOwing }) => whileOwing !== 'never').flatMap(
      ({ methods, path, whileOwing }) => methods.map((method) => `${method} ${path} ${whileOwing}`),
    );
    expect(open).toEqual([
      'GET /session always',
      'DELETE /session always',
      'POST /session/step-up always',
      'GET /me always',
      'GET /me/mfa always',
      'POST /me/mfa to-add',
      'POST /me/mfa/confirm to-add',
      'GET /me/passkeys always',
      'POST /me/passkeys to-add',
      'POST /me/passkeys/options to-add',
    ]);
  });

  test('a search reads, though it is posted; what changes something does not', () => {
    const reading = ROUTES.filter(({ methods, isReading }) => isReading && !methods.includes('GET'));
    expect(reading.map(({ path }) => path)).toEqual(['/events/search', '/notification-rules/preview']);
  });

  test('a dot in an address is a dot', () => {
    expect(findRoute('GET', '/api/v1/eventsxcsv')).toBeNull();
  });

  test('a lane is named by its key, which has a bar in it', () => {
    expect(findRoute('POST', `/api/v1/lanes/${ID}%7C80202028/retry`)).not.toBeNull();
  });

  test.each([
    '/api/v1',
    '/api/v1/',
    '/api/v1/brands/',
    '/api/v2/brands',
    '/brands',
    '/api/v1/brands/%2e%2e',
    '/api/v1/brands/a%2Fb',
    '/api/v1/brands/..',
  ])('%s is no address', (path) => expect(findRoute('GET', path)).toBeNull());

  test('a wrong method names the right ones, HEAD is a GET', () => {
    expect(findRoute('PUT', '/api/v1/brands')).toEqual({ allowed: ['GET', 'POST'] });
    expect(findRoute('HEAD', '/api/v1/brands')).toMatchObject({ route: { owner: 'accounts' } });
  });
});
