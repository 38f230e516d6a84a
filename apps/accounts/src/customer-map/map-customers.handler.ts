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
import type { CheckMap, Mapping } from './check-map.js';
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
    private readonly checkMap: CheckMap,
  ) {}

  /** @throws Problem 404, 409 company in use, 412, 422, 428 */
  async mapOne(
    scope: Scope,
    provider: ProviderName,
    custId: number,
    ifMatch: string | undefined,
    change: MapCustomerIn,
  ): Promise<MapRow> {
    const problems = await this.problems(scope, provider, [{ ...change, custId, pointer: '' }]);
    return this.refusing(() =>
      this.unitOfWork.run((tx) => this.write(tx, scope, provider, custId, ifMatch, { ...change, problems })),
    );
  }

  /** All rows or none; companies may change places. @throws Problem as `mapOne` */
  async mapMany(scope: Scope, provider: ProviderName, rows: readonly MapRowIn[]): Promise<void> {
    // In one order, so that two requests over the same customers wait for each other instead of deadlocking.
    const ordered = rows.toSorted((a, b) => a.custId - b.custId);
    const placed = rows.map((row, at) => ({ ...row, pointer: `/items/${at}` }));
    const problems = await this.problems(scope, provider, placed);
    await this.refusing(() =>
      this.unitOfWork.run(async (tx) => {
        for (const { custId, etag, ...change } of ordered)
          await this.write(tx, scope, provider, custId, etag, { ...change, problems });
      }),
    );
  }

  /** What the PSA says of the map as it will be: asked before the transaction, which must not wait for it. */
  private async problems(
    scope: Scope,
    provider: ProviderName,
    rows: readonly (MapCustomerIn & Pick<Mapping, 'custId' | 'pointer'>)[],
  ): Promise<Map<number, string[]>> {
    const changed = rows.filter((row) => FIELDS.some((field) => row[field] !== undefined));
    if (changed.length === 0) return new Map();
    const known = await this.map.rowsOf(scope, provider, changed.map(({ custId }) => custId)); // prettier-ignore
    const mappings = changed.flatMap(({ custId, pointer, ...change }) => {
      const row = known.get(custId);
      return row ? [{ custId, pointer, ...merged(change, row) }] : [];
    });
    return this.checkMap.problems(scope, provider, mappings);
  }

  private async write(
    tx: Tx,
    scope: Scope,
    provider: ProviderName,
    custId: number,
    ifMatch: string | undefined,
    { problems, ...change }: MapCustomerIn & { problems: ReadonlyMap<number, string[]> },
  ): Promise<MapRow> {
    const row = await this.map.row(scope, provider, custId, tx);
    if (!row) throw Problem.notFound();
    requireIfMatch(ifMatch, mapEtag(row));
    const next = {
      ...row,
      ...merged(change, row),
      problems: JSON.stringify(problems.get(custId) ?? []),
      version: row.version + 1,
    };
    const { customerName: _name, ...columns } = next;
    const stored = { ...columns, partnerId: scope.partnerId, provider, problemsAt: await nowOf(tx) };
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

/** By the database, as what ticketing finds later is compared with it. */
async function nowOf(tx: Tx): Promise<Date> {
  const [row] = await tx.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  if (!row) throw new Error('PostgreSQL does not tell the time');
  return row.now;
}

const FIELDS = ['psaCompanyId', 'contractId', 'agreementId'] as const;

/** What is left out stays as it is. */
function merged(change: MapCustomerIn, row: MapRow): Pick<MapRow, (typeof FIELDS)[number]> {
  const pick = (given: string | null | undefined, known: string | null): string | null =>
    given === undefined ? known : given;
  return {
    psaCompanyId: pick(change.psaCompanyId, row.psaCompanyId),
    contractId: pick(change.contractId, row.contractId),
    agreementId: pick(change.agreementId, row.agreementId),
  };
}
