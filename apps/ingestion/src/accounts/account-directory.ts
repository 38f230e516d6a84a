import type {
  AccountNo,
  BrandId,
  CustomerId,
  EventTenant,
  Identity,
  PartnerId,
  Scope,
} from '@backhaul/domain';
import { Batcher } from '@backhaul/messaging';
import { bucketOf, withinScope } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { inTime } from '../intake/in-time.js';
import { TABLES } from './scope-tables.js';

/** What an endpoint or API key says of whose results it brings. */
export interface Binding {
  partnerId: PartnerId;
  accountNo: AccountNo | null;
  custId: CustomerId | null;
  /** Only accounts below this brand; null: all of the partner's. */
  brandId: BrandId | null;
}

/** What a sender sees. */
export const scopeOf = ({ partnerId, brandId }: Binding): Scope => ({
  partnerId,
  brandId,
  onlyAccountNo: null,
});

interface AccountRow {
  account_no: string;
  cust_id: number;
  brand_id: string | null;
}

interface Numbered {
  partnerId: PartnerId;
  accountNo: AccountNo;
}

type Names = Pick<Identity, 'hostName' | 'nativeDeviceId'>;

const BY_NUMBER = `SELECT a.partner_id, a.account_no, a.cust_id, a.brand_id
  FROM unnest($1::uuid[], $2::bigint[]) AS w(partner_id, account_no) JOIN account a USING (partner_id, account_no)`;
const WITHIN = `SELECT a.account_no, a.cust_id, a.brand_id FROM account a
  WHERE a.partner_id = $1 AND ($2::int IS NULL OR a.cust_id = $2) AND ($5::uuid IS NULL OR a.cust_id IN (
    SELECT c.cust_id FROM customer c JOIN known_brand b ON b.partner_id = c.partner_id AND b.brand_id = c.brand_id
    WHERE c.partner_id = $1 AND b.path @> ARRAY[$5::uuid]))`;
const REMEMBERED = `a.account_no IN (
  SELECT m.account_no FROM account_match m WHERE m.partner_id = $1 AND m.kind = $4 AND m.value = $3)`;
const BY_HOST = `${WITHIN} AND (lower(a.host_name) = $3 OR ${REMEMBERED}) LIMIT 2`;
const BY_DEVICE = `${WITHIN} AND ${REMEMBERED} LIMIT 2`;

const OF_ACCOUNT = { partner: 'a.partner_id', customer: 'a.cust_id', account: 'a.account_no' };
const OF_CUSTOMER = { partner: 'c.partner_id', customer: 'c.cust_id' };
const keyOf = (partnerId: string, accountNo: number | string): string => `${partnerId}|${accountNo}`;

const REMEMBER_MS = 1000;
const MOST_REMEMBERED = 20_000;

/** Finds the account that a result belongs to: the bound one, else by host name, else by device (`domain` match table). */
export class AccountDirectory {
  private known = new Map<string, Promise<EventTenant>>();
  private accounts = new Map<string, Promise<AccountRow | null>>();
  private knownSince = 0;
  /** Reports that arrive together ask for their accounts together. */
  private readonly lookups = new Batcher<Numbered, AccountRow | null>({
    run: (wanted) => this.readAccounts(wanted),
    slots: 2,
  });
  private readonly buckets = new Map<number, number>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly monotonicMs: () => number,
  ) {}

  /** Answers from memory for up to a second, so that what changes is in force within two. */
  resolve(binding: Binding, names: Names): Promise<EventTenant> {
    const now = this.monotonicMs();
    if (now - this.knownSince > REMEMBER_MS || this.known.size > MOST_REMEMBERED) {
      this.forget();
      this.knownSince = now;
    }
    const key = JSON.stringify(
      binding.accountNo === null
        ? [binding.partnerId, binding.custId, binding.brandId, names.hostName, names.nativeDeviceId]
        : [binding.partnerId, binding.accountNo],
    );
    const known = this.known.get(key);
    if (known) return known;
    const found = this.find(binding, names);
    this.known.set(key, found);
    found.catch(() => this.known.delete(key));
    return found;
  }

  async isAccountSeen(scope: Scope, accountNo: AccountNo): Promise<boolean> {
    const { partnerId, brandId, onlyAccountNo } = scope;
    if (brandId === null && onlyAccountNo === null)
      return (await this.account({ partnerId, accountNo })) !== null;
    const params: unknown[] = [accountNo];
    const where = withinScope(scope, TABLES, OF_ACCOUNT, params);
    return (
      (await this.query(`SELECT 1 FROM account a WHERE ${where} AND a.account_no = $1`, params)).length > 0
    );
  }

  async isCustomerSeen(scope: Scope, custId: CustomerId): Promise<boolean> {
    const params: unknown[] = [custId];
    const where = withinScope(scope, TABLES, OF_CUSTOMER, params);
    return (
      (await this.query(`SELECT 1 FROM customer c WHERE ${where} AND c.cust_id = $1`, params)).length > 0
    );
  }

  /** The relay bucket of an account. */
  bucketFor(accountNo: AccountNo): number {
    let bucket = this.buckets.get(accountNo);
    if (bucket === undefined) {
      bucket = bucketOf(String(accountNo));
      if (this.buckets.size < MOST_REMEMBERED) this.buckets.set(accountNo, bucket);
    }
    return bucket;
  }

  forget(): void {
    this.known = new Map();
    this.accounts = new Map();
  }

  /** Remembered like a tenant; that there is none is looked up again each time, as it may come any moment. */
  private account(wanted: Numbered): Promise<AccountRow | null> {
    const key = keyOf(wanted.partnerId, wanted.accountNo);
    const known = this.accounts.get(key);
    if (known) return known;
    const { accounts } = this;
    const found = this.lookups.add(wanted);
    accounts.set(key, found);
    found.then(
      (row) => row === null && accounts.delete(key),
      () => accounts.delete(key),
    );
    return found;
  }

  private async readAccounts(wanted: readonly Numbered[]): Promise<(AccountRow | null)[]> {
    const rows = await this.query<AccountRow & { partner_id: string }>(BY_NUMBER, [
      wanted.map(({ partnerId }) => partnerId),
      wanted.map(({ accountNo }) => accountNo),
    ]);
    const found = new Map(rows.map((row) => [keyOf(row.partner_id, row.account_no), row]));
    return wanted.map(({ partnerId, accountNo }) => found.get(keyOf(partnerId, accountNo)) ?? null);
  }

  private query<R = AccountRow>(sql: string, params: unknown[]): Promise<R[]> {
    return inTime(this.dataSource.query<R[]>(sql, params));
  }

  private async find(binding: Binding, names: Names): Promise<EventTenant> {
    const { partnerId, accountNo, custId } = binding;
    if (accountNo !== null) {
      const row = await this.account({ partnerId, accountNo });
      // The account may be newer than our copy of it; the endpoint's word is enough.
      if (row === null)
        return { partnerId, brandId: null, customerId: custId, accountNo, resolution: 'matched' };
      return tenantOf(partnerId, custId, [row]);
    }
    const byHost = await this.byName(BY_HOST, binding, names.hostName?.toLowerCase() ?? null, 'host');
    const rows =
      byHost.length > 0 ? byHost : await this.byName(BY_DEVICE, binding, names.nativeDeviceId, 'device');
    return tenantOf(partnerId, custId, rows);
  }

  private async byName(
    sql: string,
    { partnerId, custId, brandId }: Binding,
    name: string | null,
    kind: 'host' | 'device',
  ): Promise<AccountRow[]> {
    if (name === null || name === '') return [];
    return this.query(sql, [partnerId, custId, name, kind, brandId]);
  }
}

function tenantOf(partnerId: PartnerId, custId: CustomerId | null, rows: readonly AccountRow[]): EventTenant {
  const [only, other] = rows;
  if (!only || other) {
    const resolution = other ? 'ambiguous' : 'unmatched';
    return { partnerId, brandId: null, customerId: custId, accountNo: null, resolution };
  }
  return {
    partnerId,
    brandId: only.brand_id as BrandId | null,
    customerId: only.cust_id as CustomerId,
    accountNo: Number(only.account_no) as AccountNo,
    resolution: 'matched',
  };
}
