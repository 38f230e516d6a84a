import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { accountsCustomerMap } from '@backhaul/messaging';
import {
  type AuditTrail,
  brokenConstraint,
  type Scope,
  type Tx,
  type UnitOfWork,
} from '@backhaul/persistence';
import type { ProviderName } from '@backhaul/psa';
import { announce } from '../announce.js';
import { customerMapPayload } from './customer-map.entity.js';
import type { CustomerMapRepository, MapRow } from './customer-map.repository.js';
import type { MapCustomerIn, MapRowIn } from './customer-map.types.js';

export const mapEtag = (row: MapRow): string => etagOf([row.custId, row.version]);

/** Says which company of the PSA a customer is, and tells ticketing. All throw Problem. */
export class MapCustomersHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly map: CustomerMapRepository,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws Problem 404, 409 company in use, 412, 428 */
  async mapOne(
    scope: Scope,
    provider: ProviderName,
    custId: number,
    ifMatch: string | undefined,
    change: MapCustomerIn,
  ): Promise<MapRow> {
    return this.refusing(() =>
      this.unitOfWork.run((tx) => this.write(tx, scope, provider, custId, ifMatch, change)),
    );
  }

  /** All rows or none; companies may change places. @throws Problem as `mapOne` */
  async mapMany(scope: Scope, provider: ProviderName, rows: readonly MapRowIn[]): Promise<void> {
    // In one order, so that two requests over the same customers wait for each other instead of deadlocking.
    const ordered = rows.toSorted((a, b) => a.custId - b.custId);
    await this.refusing(() =>
      this.unitOfWork.run(async (tx) => {
        for (const { custId, etag, ...change } of ordered)
          await this.write(tx, scope, provider, custId, etag, change);
      }),
    );
  }

  private async write(
    tx: Tx,
    scope: Scope,
    provider: ProviderName,
    custId: number,
    ifMatch: string | undefined,
    change: MapCustomerIn,
  ): Promise<MapRow> {
    const row = await this.map.row(scope, provider, custId, tx);
    if (!row) throw Problem.notFound();
    requireIfMatch(ifMatch, mapEtag(row));
    const pick = (given: string | null | undefined, known: string | null): string | null =>
      given === undefined ? known : given;
    const next = {
      ...row,
      psaCompanyId: pick(change.psaCompanyId, row.psaCompanyId),
      contractId: pick(change.contractId, row.contractId),
      agreementId: pick(change.agreementId, row.agreementId),
      version: row.version + 1,
    };
    const { customerName: _name, ...columns } = next;
    const stored = { ...columns, partnerId: scope.partnerId, provider };
    if (row.version === 0) await this.map.insert(scope, stored, tx.manager);
    else {
      const where = { provider, custId: row.custId, version: row.version };
      if ((await this.map.update(scope, where, stored, tx.manager)) === 0) throw Problem.preconditionFailed();
    }
    await announce(tx, scope.partnerId, accountsCustomerMap, customerMapPayload(stored));
    const { psaCompanyId } = stored;
    const target = { kind: 'customer-map', id: `${provider}:${row.custId}` };
    await this.audit.record(tx, scope.partnerId, {
      action: 'customer-map.change',
      target,
      detail: { psaCompanyId },
    });
    return next;
  }

  private async refusing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      switch (brokenConstraint(error)) {
        case 'customer_map_company':
          throw Problem.conflict('Another customer has this company already.');
        case 'customer_map_pkey':
          // Somebody else mapped it first.
          throw Problem.preconditionFailed();
        case 'customer_map_partner_id_cust_id_fkey':
          throw Problem.notFound();
        default:
          throw error;
      }
    }
  }
}
