import { type ConnectionId, systemClock, uuidv7 } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { accountsConnections, type ConnectionPayload } from '@backhaul/messaging';
import { type Scope, seal, type Tx, type UnitOfWork, unseal } from '@backhaul/persistence';
import {
  type AllowList,
  type ConnectionCheck,
  createEgressDispatcher,
  createTicketPort,
  type ProviderName,
} from '@backhaul/psa';
import { announce } from '../announce.js';
import { autotaskParts, type ConnectionParts, connectWiseParts } from './connection-form.js';
import type { ConnectionEntity, SettingsEntity } from './connection.entity.js';
import type { ConnectionRepository, SettingsRepository } from './connection.repository.js';
import {
  type AutotaskConnectionIn,
  type ConnectWiseConnectionIn,
  NO_SETTINGS,
  type SettingsIn,
  type SettingsOut,
} from './connections.types.js';

const TEST_MS = 30_000;

export interface Egress {
  allow: AllowList;
  dispatcher: ReturnType<typeof createEgressDispatcher>;
}

/** Where a secret belongs; sealed text opens nowhere else. */
export const sealContext = (partnerId: string, connectionId: string): string =>
  `${partnerId}|psa_connection|${connectionId}|secret`;

/** Stores the links to PSAs, their secrets sealed, and tells ticketing. All throw Problem. */
export class ChangeConnectionsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionRepository,
    private readonly settings: SettingsRepository,
    private readonly kek: Buffer,
    private readonly egress: Egress,
  ) {}

  /** The row's version, 0 before there is one: it stands for the ETag. */
  async read(
    scope: Scope,
    provider: ProviderName,
  ): Promise<{ parts: ConnectionParts | null; version: number }> {
    const row = await this.connections.findOne(scope, { provider });
    return { parts: row && this.open(row), version: row?.version ?? 0 };
  }

  /** @throws Problem 412, 422, 428 */
  async put(
    scope: Scope,
    provider: ProviderName,
    ifMatch: string | undefined,
    body: ConnectWiseConnectionIn | AutotaskConnectionIn,
  ): Promise<{ parts: ConnectionParts; version: number }> {
    const row = await this.connections.findOne(scope, { provider });
    requireIfMatch(ifMatch, etagOf(row?.version ?? 0));
    const known = row ? this.open(row).secret : null;
    const parts =
      provider === 'connectwise'
        ? connectWiseParts(body as ConnectWiseConnectionIn, known, this.egress.allow)
        : autotaskParts(body as AutotaskConnectionIn, known, this.egress.allow);
    const connectionId = row?.connectionId ?? (uuidv7(systemClock.now().getTime()) as ConnectionId);
    const stored: ConnectionEntity = {
      partnerId: scope.partnerId,
      provider,
      connectionId,
      endpoint: JSON.stringify(parts.endpoint),
      sealedSecret: seal(this.kek, sealContext(scope.partnerId, connectionId), JSON.stringify(parts.secret)),
      version: (row?.version ?? 0) + 1,
    };
    await this.unitOfWork.run(async (tx) => {
      if (!row) await this.connections.insert(scope, stored, tx.manager);
      else if (
        (await this.connections.update(scope, { provider, version: row.version }, stored, tx.manager)) === 0
      )
        throw Problem.preconditionFailed();
      await this.announce(tx, scope, stored, await this.settings.findOne(scope, { provider }, tx.manager));
    });
    return { parts, version: stored.version };
  }

  /** @throws Problem 404, 412, 428 */
  async remove(scope: Scope, provider: ProviderName, ifMatch: string | undefined): Promise<void> {
    const row = await this.connections.findOne(scope, { provider });
    if (!row) throw Problem.notFound();
    requireIfMatch(ifMatch, etagOf(row.version));
    await this.unitOfWork.run(async (tx) => {
      if ((await this.connections.remove(scope, { provider, version: row.version }, tx.manager)) === 0)
        throw Problem.preconditionFailed();
      await announce(tx, scope.partnerId, accountsConnections, null, row.connectionId);
    });
  }

  /** Asks the PSA itself. @throws Problem 404 */
  async test(scope: Scope, provider: ProviderName): Promise<ConnectionCheck> {
    const { parts } = await this.read(scope, provider);
    if (!parts) throw Problem.notFound();
    const port = createTicketPort(provider, { ...parts, ticketing: {}, dispatcher: this.egress.dispatcher });
    return port.testConnection(AbortSignal.timeout(TEST_MS));
  }

  async readSettings(
    scope: Scope,
    provider: ProviderName,
  ): Promise<{ settings: SettingsOut; version: number }> {
    const row = await this.settings.findOne(scope, { provider });
    return {
      settings: row ? (JSON.parse(row.settings) as SettingsOut) : NO_SETTINGS,
      version: row?.version ?? 0,
    };
  }

  /** @throws Problem 412, 422, 428 */
  async putSettings(
    scope: Scope,
    provider: ProviderName,
    ifMatch: string | undefined,
    settings: SettingsIn,
  ): Promise<{ settings: SettingsOut; version: number }> {
    const row = await this.settings.findOne(scope, { provider });
    requireIfMatch(ifMatch, etagOf(row?.version ?? 0));
    const connection = await this.connections.findOne(scope, { provider });
    if (settings.enabled && !connection) {
      throw Problem.unprocessable('Give the credentials first.', [
        { pointer: '/enabled', detail: 'needs a connection', rule: 'connected' },
      ]);
    }
    const stored: SettingsEntity = {
      partnerId: scope.partnerId,
      provider,
      settings: JSON.stringify(settings),
      version: (row?.version ?? 0) + 1,
    };
    await this.unitOfWork.run(async (tx) => {
      if (!row) await this.settings.insert(scope, stored, tx.manager);
      else if (
        (await this.settings.update(scope, { provider, version: row.version }, stored, tx.manager)) === 0
      )
        throw Problem.preconditionFailed();
      if (connection) await this.announce(tx, scope, connection, stored);
    });
    return { settings: settings as SettingsOut, version: stored.version };
  }

  private open(row: ConnectionEntity): ConnectionParts {
    const secret = unseal(this.kek, sealContext(row.partnerId, row.connectionId), row.sealedSecret);
    return {
      endpoint: JSON.parse(row.endpoint) as ConnectionParts['endpoint'],
      secret: JSON.parse(secret) as Record<string, string>,
    };
  }

  private async announce(
    tx: Tx,
    scope: Scope,
    row: ConnectionEntity,
    settings: SettingsEntity | null,
  ): Promise<void> {
    await announce(tx, scope.partnerId, accountsConnections, connectionPayload(row, settings));
  }
}

export function connectionPayload(
  row: ConnectionEntity,
  settingsRow: SettingsEntity | null,
): ConnectionPayload {
  const { enabled, ticketing }: SettingsOut = settingsRow
    ? (JSON.parse(settingsRow.settings) as SettingsOut)
    : NO_SETTINGS;
  return {
    connectionId: row.connectionId,
    partnerId: row.partnerId,
    provider: row.provider,
    version: String(row.version),
    endpoint: JSON.parse(row.endpoint) as Record<string, string | null>,
    sealedSecret: row.sealedSecret,
    isEnabled: enabled,
    // `queueId: null` says Do Not Map; null elsewhere says nothing.
    ticketing: Object.fromEntries(
      Object.entries(ticketing ?? {}).filter(
        ([name, value]) => value !== undefined && (value !== null || name === 'queueId'),
      ),
    ),
  };
}
