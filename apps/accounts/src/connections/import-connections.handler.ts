import {
  type Clock,
  type ConnectionId,
  type PartnerId,
  Secret,
  uuidv7,
  wholePartner,
} from '@backhaul/domain';
import type { Tx, UnitOfWork } from '@backhaul/persistence';
import { IsString, IsUUID, Length } from 'class-validator';
import { announceConnection } from './announce-connection.js';
import type { ConnectionVault } from './connection-vault.js';
import type { ConnectionEntity } from './connection.entity.js';
import type { ConnectionRepository, SettingsRepository } from './connection.repository.js';
import { NO_SETTINGS } from './connections.types.js';

/** A ConnectWise link of before, as the old system kept it. */
export class OldConnection {
  @IsUUID() partnerId: string;
  @IsString() @Length(1, 500) siteUrl: string;
  @IsString() @Length(1, 100) companyId: string;
  @IsString() @Length(1, 30) solutionName: string;
  @IsString() @Length(1, 200) integratorName: string;
  @IsString() @Length(1, 200) integratorPassword: string;
}

export type Imported = 'imported' | 'has a connection already' | 'no such partner';

/** Takes over SOAP links: the one way such a link comes to be, as the form refuses integrator logins (B9, B10). */
export class ImportConnectionsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionRepository,
    private readonly settings: SettingsRepository,
    private readonly vault: ConnectionVault,
    private readonly clock: Clock,
  ) {}

  /** Never replaces what is there, so a second run does no harm. */
  import(old: OldConnection): Promise<Imported> {
    const scope = wholePartner(old.partnerId as PartnerId);
    const provider = 'connectwise';
    return this.unitOfWork.run(async (tx) => {
      await this.vault.hold(tx, old.partnerId);
      const lock = `${old.partnerId}|psa_connection|${provider}`;
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lock]);
      const partner = await tx.query('SELECT 1 FROM partner WHERE partner_id = $1', [old.partnerId]);
      if (partner.length === 0) return 'no such partner';
      if (await this.connections.findOne(scope, { provider }, tx.manager)) return 'has a connection already';
      const row = await this.rowOf(tx, old);
      await this.connections.insert(scope, row, tx.manager);
      // It was in use: what it should have done fails with a reason that the partner can read.
      if (!(await this.settings.findOne(scope, { provider }, tx.manager))) {
        const settings = JSON.stringify({ ...NO_SETTINGS, enabled: true });
        await this.settings.insert(
          scope,
          { partnerId: scope.partnerId, provider, settings, version: 1 },
          tx.manager,
        );
      }
      await announceConnection(tx, row);
      return 'imported';
    });
  }

  private async rowOf(tx: Tx, old: OldConnection): Promise<ConnectionEntity> {
    const { siteUrl, companyId, solutionName, integratorName, integratorPassword } = old;
    const partnerId = old.partnerId as PartnerId;
    const connectionId = uuidv7(this.clock.now().getTime()) as ConnectionId;
    return {
      partnerId,
      provider: 'connectwise',
      connectionId,
      mode: 'soap',
      endpoint: JSON.stringify({ siteUrl, companyId, solutionName, integratorName }),
      sealedSecret: await this.vault.seal(
        tx,
        { partnerId, connectionId },
        null,
        new Secret({ integratorPassword }),
      ),
      version: 1,
      lastCheck: null,
    };
  }
}
