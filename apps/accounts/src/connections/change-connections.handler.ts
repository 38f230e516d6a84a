import { type ConnectionId, systemClock, uuidv7 } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { accountsConnections } from '@backhaul/messaging';
import { type Scope, seal, SealError, type Tx, type UnitOfWork, unseal } from '@backhaul/persistence';
import type { AllowList, ProviderName } from '@backhaul/psa';
import { announce } from '../announce.js';
import { autotaskParts, type ConnectionParts, connectWiseParts } from './connection-form.js';
import { type ConnectionEntity, connectionPayload, type SettingsEntity } from './connection.entity.js';
import type { ConnectionRepository, SettingsRepository } from './connection.repository.js';
import {
  type AutotaskConnectionIn,
  type ConnectWiseConnectionIn,
  NO_SETTINGS,
  type SettingsIn,
  type SettingsOut,
} from './connections.types.js';

/** Where a secret belongs; sealed text opens nowhere else. */
export const sealContext = (partnerId: string, connectionId: string): string =>
  `${partnerId}|psa_connection|${connectionId}|secret`;

export interface StoredConnection {
  parts: ConnectionParts | null;
  etag: string;
}
export interface StoredSettings {
  settings: SettingsOut;
  etag: string;
}

const connectionEtag = (row: ConnectionEntity | null): string =>
  etagOf(row ? [row.connectionId, row.version] : 0);
const settingsEtag = (row: SettingsEntity | null): string => etagOf(row?.version ?? 0);

/** Stores the links to PSAs, their secrets sealed, and tells ticketing. All throw Problem. */
export class ChangeConnectionsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionRepository,
    private readonly settings: SettingsRepository,
    private readonly kek: Buffer,
    private readonly allow: AllowList,
  ) {}

  async read(scope: Scope, provider: ProviderName): Promise<StoredConnection> {
    const row = await this.connections.findOne(scope, { provider });
    return { parts: row && this.open(row), etag: connectionEtag(row) };
  }

  /** @throws Problem 412, 422, 428 */
  async put(
    scope: Scope,
    provider: ProviderName,
    ifMatch: string | undefined,
    body: ConnectWiseConnectionIn | AutotaskConnectionIn,
  ): Promise<StoredConnection> {
    return this.alone(scope, provider, async (tx, row, settings) => {
      requireIfMatch(ifMatch, connectionEtag(row));
      const known = row && this.open(row);
      const parts =
        provider === 'connectwise'
          ? connectWiseParts(body as ConnectWiseConnectionIn, known, this.allow)
          : autotaskParts(body as AutotaskConnectionIn, known, this.allow);
      const connectionId = row?.connectionId ?? (uuidv7(systemClock.now().getTime()) as ConnectionId);
      const context = sealContext(scope.partnerId, connectionId);
      const stored: ConnectionEntity = {
        partnerId: scope.partnerId,
        provider,
        connectionId,
        endpoint: JSON.stringify(parts.endpoint),
        sealedSecret: seal(this.kek, context, JSON.stringify(parts.secret)),
        version: (row?.version ?? 0) + 1,
      };
      if (row) await this.connections.update(scope, { provider }, stored, tx.manager);
      else await this.connections.insert(scope, stored, tx.manager);
      await announce(tx, scope.partnerId, accountsConnections, connectionPayload(stored, settings));
      return { parts, etag: connectionEtag(stored) };
    });
  }

  /** @throws Problem 404, 412, 428 */
  async remove(scope: Scope, provider: ProviderName, ifMatch: string | undefined): Promise<void> {
    await this.alone(scope, provider, async (tx, row) => {
      if (!row) throw Problem.notFound();
      requireIfMatch(ifMatch, connectionEtag(row));
      await this.connections.remove(scope, { provider }, tx.manager);
      await announce(tx, scope.partnerId, accountsConnections, null, row.connectionId);
    });
  }

  async readSettings(scope: Scope, provider: ProviderName): Promise<StoredSettings> {
    const row = await this.settings.findOne(scope, { provider });
    const settings = row ? (JSON.parse(row.settings) as SettingsOut) : NO_SETTINGS;
    return { settings, etag: settingsEtag(row) };
  }

  /** @throws Problem 412, 422, 428 */
  async putSettings(
    scope: Scope,
    provider: ProviderName,
    ifMatch: string | undefined,
    settings: SettingsIn,
  ): Promise<StoredSettings> {
    return this.alone(scope, provider, async (tx, connection, row) => {
      requireIfMatch(ifMatch, settingsEtag(row));
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
      if (row) await this.settings.update(scope, { provider }, stored, tx.manager);
      else await this.settings.insert(scope, stored, tx.manager);
      if (connection)
        await announce(tx, scope.partnerId, accountsConnections, connectionPayload(connection, stored));
      return { settings: settings, etag: settingsEtag(stored) };
    });
  }

  /**
   * One at a time for a link: credentials and settings go out in one record, so a change of the one must not publish
   * the other as it was before. The lock comes first, or the outbox would order the two by who wrote first.
   */
  private alone<T>(
    scope: Scope,
    provider: ProviderName,
    work: (tx: Tx, connection: ConnectionEntity | null, settings: SettingsEntity | null) => Promise<T>,
  ): Promise<T> {
    return this.unitOfWork.run(async (tx) => {
      const lock = `${scope.partnerId}|psa_connection|${provider}`;
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lock]);
      const connection = await this.connections.findOne(scope, { provider }, tx.manager);
      const settings = await this.settings.findOne(scope, { provider }, tx.manager);
      return work(tx, connection, settings);
    });
  }

  /** Without secrets when they were sealed by a key that is lost: the partner can give them again. */
  private open(row: ConnectionEntity): ConnectionParts {
    const endpoint = JSON.parse(row.endpoint) as ConnectionParts['endpoint'];
    try {
      const secret = unseal(this.kek, sealContext(row.partnerId, row.connectionId), row.sealedSecret);
      return { endpoint, secret: JSON.parse(secret) as Record<string, string> };
    } catch (error) {
      if (error instanceof SealError) return { endpoint, secret: {} };
      throw error;
    }
  }
}
