import { Problem, requireIfMatch } from '@backhaul/http';
import type { Scope } from '@backhaul/persistence';
import type { ProviderName, TicketingOptions } from '@backhaul/psa';
import type { LinkReader } from '../psa-checks/link-reader.js';
import type { PsaChecks } from '../psa-checks/psa-checks.js';
import type { ChangeConnectionsHandler, StoredSettings } from './change-connections.handler.js';
import type { SettingsIn, TicketingIn } from './connections.types.js';
import { checkSettingsRules, hasChoices } from './settings-rules.js';

/** Saves settings once the PSA has what they name; defaults are stored by the ids that they have now (D25-D29). */
export class SaveSettingsHandler {
  constructor(
    private readonly changeConnections: ChangeConnectionsHandler,
    private readonly links: LinkReader,
    private readonly checks: PsaChecks | null,
  ) {}

  /** @throws Problem 409, 412, 422, 428 */
  async put(
    scope: Scope,
    provider: ProviderName,
    ifMatch: string | undefined,
    settings: SettingsIn,
  ): Promise<StoredSettings> {
    requireIfMatch(ifMatch, (await this.changeConnections.readSettings(scope, provider)).etag);
    checkSettingsRules(provider, settings);
    const link = await this.links.read(scope, provider);
    if (!link && hasChoices(settings)) throw Problem.conflict('Enter the credentials first.');
    const answer =
      link && settings.enabled
        ? await this.checks?.ask(provider, link, { ticketing: given(settings.ticketing) })
        : null;
    const { problems = [], resolved } = answer?.settings ?? {};
    if (problems.length > 0)
      throw Problem.unprocessable(
        'The PSA does not have what the settings name.',
        problems.map(({ field, detail, rule }) => ({ pointer: `/ticketing/${field}`, detail, rule })),
      );
    const known = resolved ? { ...settings, ticketing: { ...settings.ticketing, ...resolved } } : settings;
    return this.changeConnections.putSettings(scope, provider, ifMatch, known);
  }
}

/** Null says nothing, but of the queue: Do Not Map (D26). */
function given(ticketing: TicketingIn | null | undefined): TicketingOptions {
  return Object.fromEntries(
    Object.entries(ticketing ?? {}).filter(
      ([field, value]) => value !== undefined && (value !== null || field === 'queueId'),
    ),
  );
}
