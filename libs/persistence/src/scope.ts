import { PLATFORM, type Scope } from '@backhaul/domain';
import { type FindOperator, Raw } from 'typeorm';

/** Whether somebody sees less than all of the partner. */
export const isNarrow = ({ brandId, onlyAccountNo }: Scope): boolean =>
  brandId !== null || onlyAccountNo !== null;

/** The tables in which a service keeps customers (`partner_id, cust_id, brand_id`) and brands (`partner_id, brand_id, path`). */
export interface ScopeTables {
  customers: string;
  brands: string;
}

/** The columns of a table that say whose a row is. */
export interface ScopeColumns {
  partner: string;
  customer: string;
  /** Left out where rows belong to a customer, not to one account: then who sees one account sees none of them. */
  account?: string;
}

/**
 * The condition that keeps a statement within the scope; pushes its parameters. A brand's `path` holds the ids from
 * the root to itself, so that a brand sees what hangs below it by one look.
 */
export function withinScope(
  scope: Scope,
  tables: ScopeTables,
  columns: ScopeColumns,
  params: unknown[],
): string {
  const param = (value: unknown): string => `$${params.push(value)}`;
  const partner = `${columns.partner} = ${param(scope.partnerId)}`;
  if (!isNarrow(scope)) return partner;
  const conditions = [partner];
  if (scope.brandId !== null)
    conditions.push(
      `${columns.customer} IN (${customersBelow(tables, param(scope.partnerId), param(scope.brandId))})`,
    );
  if (scope.onlyAccountNo !== null)
    conditions.push(columns.account ? `${columns.account} = ${param(scope.onlyAccountNo)}` : 'false');
  return conditions.join(' AND ');
}

/** As `withinScope`; operators of the platform, who belong to no partner, see the rows of all of them. */
export const acrossTenantsForOperators = (...args: Parameters<typeof withinScope>): string =>
  args[0].partnerId === PLATFORM ? 'true' : withinScope(...args);

/** For `find*` options: customers of the brands below the scope's. */
export const customerWithin = <T>({ partnerId, brandId }: Scope, tables: ScopeTables): FindOperator<T> =>
  Raw((column) => `${column} IN (${customersBelow(tables, ':scopePartner', ':scopeBrand')})`, {
    scopePartner: partnerId,
    scopeBrand: brandId,
  }) as FindOperator<T>;

/** For `find*` options: the brands below the scope's, with that one. */
export const brandWithin = <T>({ partnerId, brandId }: Scope, { brands }: ScopeTables): FindOperator<T> =>
  Raw(
    (column) =>
      `${column} IN (SELECT b.brand_id FROM ${brands} b WHERE b.partner_id = :scopePartner AND b.path @> ARRAY[:scopeBrand::uuid])`,
    { scopePartner: partnerId, scopeBrand: brandId },
  ) as FindOperator<T>;

/** For `find*` options: no row at all. */
export const nothing = <T>(): FindOperator<T> => Raw(() => 'false') as FindOperator<T>;

const customersBelow = ({ customers, brands }: ScopeTables, partner: string, brand: string): string =>
  `SELECT sc.cust_id FROM ${customers} sc JOIN ${brands} sb ON sb.partner_id = sc.partner_id AND sb.brand_id = sc.brand_id
   WHERE sc.partner_id = ${partner}::uuid AND sb.path @> ARRAY[${brand}::uuid]`;
