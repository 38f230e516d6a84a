import { type Clock, type ConnectionId, type Scope, uuidv7 } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { accountsConnections } from '@backhaul/messaging';
import type { AuditTrail, Tx, UnitOfWork } from '@backhaul/persistence';
import type { Egress, ProviderName } from '@backhaul/psa';
import { announce } from '../announce.js';
import { approvalsOf } from '../egress-approvals/egress-approval.repository.js';
import { announceConnection } from './announce-connection.js';
import { autotaskForm, connectWiseForm } from './connection-form.js';
import type { ShownConnection } from './connection-out.js';
import type { ConnectionVault } from './connection-vault.js';
import type { ConnectionEntity, LastCheck, SettingsEntity } from './connection.entity.js';
import type { ConnectionRepository, SettingsRepository } from './connection.repository.js';
import {
  type AutotaskConnectionIn,
  type ConnectWiseConnectionIn,
  NO_SETTINGS,
  type SettingsIn,
  type SettingsOut,
} from './connections.types.js';

export interface ConnectionRows {
  connections: ConnectionRepository;
  settings: SettingsRepository;
}
export interface StoredConnection {
  shown: ShownConnection | null;
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
    private readonly rows: ConnectionRows,
    private readonly vault: ConnectionVault,
    private readonly egress: Egress,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async read(scope: Scope, provider: ProviderName): Promise<StoredConnection> {
    const row = await this.rows.connections.findOne(scope, { provider });
    return { shown: row && this.vault.look(row), etag: connectionEtag(row) };
  }

  /** @throws Problem 412, 422, 428 */
  async put(
    scope: Scope,
    provider: ProviderName,
    ifMatch: string | undefined,
    body: ConnectWiseConnectionIn | AutotaskConnectionIn,
  ): Promise<StoredConnection> {
    return this.alone(scope, provider, async (tx, row) => {
      requireIfMatch(ifMatch, connectionEtag(row));
      const known = row && this.vault.look(row);
      const allow = this.egress.allowList(await approvalsOf(tx, scope.partnerId, provider));
      const { endpoint, change } =
        provider === 'connectwise'
          ? connectWiseForm(body as ConnectWiseConnectionIn, known, allow)
          : autotaskForm(body as AutotaskConnectionIn, known, allow);
      const connectionId = row?.connectionId ?? (uuidv7(this.clock.now().getTime()) as ConnectionId);
      // Of a SOAP link nothing stays: its integrator login is erased (B6). Nor of what nobody can open any more.
      const kept = row?.mode === 'rest' && known && known.secrets.size > 0 ? row.sealedSecret : null;
      const stored: ConnectionEntity = {
        partnerId: scope.partnerId,
        provider,
        connectionId,
        mode: 'rest',
        endpoint: JSON.stringify(endpoint),
        sealedSecret: await this.vault.seal(tx, { partnerId: scope.partnerId, connectionId }, kept, change),
        version: (row?.version ?? 0) + 1,
        lastCheck: null,
      };
      if (row) await this.rows.connections.update(scope, { provider }, stored, tx.manager);
      else await this.rows.connections.insert(scope, stored, tx.manager);
      await announceConnection(tx, stored);
      await this.record(tx, scope, 'psa-connection.save', stored, endpoint);
      return { shown: this.vault.look(stored), etag: connectionEtag(stored) };
    });
  }

  /** @throws Problem 404, 412, 428 */
  async remove(scope: Scope, provider: ProviderName, ifMatch: string | undefined): Promise<void> {
    await this.alone(scope, provider, async (tx, row) => {
      if (!row) throw Problem.notFound();
      requireIfMatch(ifMatch, connectionEtag(row));
      await this.rows.connections.remove(scope, { provider }, tx.manager);
      await announce(tx, scope.partnerId, accountsConnections, null, row.connectionId);
      await this.record(tx, scope, 'psa-connection.remove', row);
    });
  }

  /** Keeps what a test said, if the credentials are still those that it tried (B14). */
  async checked(scope: Scope, provider: ProviderName, version: number, reason: string | null): Promise<void> {
    const check: LastCheck = { version, reason, at: this.clock.now().toISOString() };
    await this.rows.connections.update(scope, { provider, version }, { lastCheck: JSON.stringify(check) });
  }

  async readSettings(scope: Scope, provider: ProviderName): Promise<StoredSettings> {
    const row = await this.rows.settings.findOne(scope, { provider });
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
    return this.alone(scope, provider, async (tx, connection) => {
      const row = await this.rows.settings.findOne(scope, { provider }, tx.manager);
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
      if (row) await this.rows.settings.update(scope, { provider }, stored, tx.manager);
      else await this.rows.settings.insert(scope, stored, tx.manager);
      if (connection) await announceConnection(tx, await this.refreshed(tx, scope, connection));
      await this.record(tx, scope, 'psa-settings.save', stored, { ...settings });
      return { settings: settings, etag: settingsEtag(stored) };
    });
  }

  private record(
    tx: Tx,
    { partnerId }: Scope,
    action: string,
    { provider, version }: Pick<ConnectionEntity, 'provider' | 'version'>,
    { publicKey: _, ...detail }: Record<string, unknown> = {},
  ): Promise<void> {
    const target = { kind: 'psa-connection', id: provider };
    return this.audit.record(tx, partnerId, { action, target, detail: { version, ...detail } });
  }

  /** What was sealed by an older scheme or key is sealed anew when its connection is written about anyhow. */
  private async refreshed(tx: Tx, scope: Scope, row: ConnectionEntity): Promise<ConnectionEntity> {
    const sealedSecret = await this.vault.refreshed(tx, row);
    if (sealedSecret === null) return row;
    await this.rows.connections.update(scope, { provider: row.provider }, { sealedSecret }, tx.manager);
    return { ...row, sealedSecret };
  }

  /**
   * One at a time for a link: credentials and settings go out in one record, so a change of the one must not publish
   * the other as it was before. The locks come first, or the outbox would order the two by who wrote first.
   */
  private alone<T>(
    scope: Scope,
    provider: ProviderName,
    work: (tx: Tx, connection: ConnectionEntity | null) => Promise<T>,
  ): Promise<T> {
    return this.unitOfWork.run(async (tx) => {
      await this.vault.hold(tx, scope.partnerId);
      const lock = `${scope.partnerId}|psa_connection|${provider}`;
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lock]);
      return work(tx, await this.rows.connections.findOne(scope, { provider }, tx.manager));
    });
  }
}
