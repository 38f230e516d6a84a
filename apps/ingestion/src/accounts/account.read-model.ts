import type { AccountPayload, BrandPayload, CustomerPayload, PartnerPayload } from '@backhaul/messaging';
import { bucketOf, putKnownBrands, type Tx, UnitOfWork } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';

const BACKS_UP = 'power-user';

/** Newest record by topic key; null where the thing is gone. */
type Newest<P> = ReadonlyMap<string, P | null>;

/** Our copy of what `accounts` owns. Brackets of one statement each, rows in key order. */
@Injectable()
export class AccountReadModel {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async putPartners(newest: Newest<PartnerPayload>): Promise<void> {
    const rows = present(newest);
    await this.unitOfWork.run(async (tx) => {
      await tx.query('DELETE FROM partner WHERE partner_id = ANY($1::uuid[])', [gone(newest)]);
      await tx.query(
        `INSERT INTO partner SELECT * FROM unnest($1::uuid[], $2::text[], $3::boolean[])
         ON CONFLICT (partner_id) DO UPDATE SET name = excluded.name, is_suspended = excluded.is_suspended`,
        [rows.map((p) => p.partnerId), rows.map((p) => p.name), rows.map((p) => p.isSuspended)],
      );
    });
  }

  async putBrands(newest: Newest<BrandPayload>): Promise<void> {
    await this.unitOfWork.run((tx) => putKnownBrands(tx, newest));
  }

  async putCustomers(newest: Newest<CustomerPayload>): Promise<void> {
    const rows = present(newest);
    await this.unitOfWork.run(async (tx) => {
      await tx.query("DELETE FROM customer WHERE partner_id || ':' || cust_id = ANY($1::text[])", [
        gone(newest),
      ]);
      await tx.query(
        `INSERT INTO customer SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[])
         ON CONFLICT (partner_id, cust_id) DO UPDATE SET brand_id = excluded.brand_id, name = excluded.name`,
        [
          rows.map((c) => c.partnerId),
          rows.map((c) => c.custId),
          rows.map((c) => c.brandId),
          rows.map((c) => c.name),
        ],
      );
    });
  }

  async putAccounts(newest: Newest<AccountPayload>): Promise<void> {
    const rows = present(newest);
    await this.unitOfWork.run(async (tx) => {
      for (const table of ['account', 'expectation', 'account_schedule'])
        await tx.query(`DELETE FROM ${table} WHERE account_no = ANY($1::bigint[])`, [gone(newest)]);
      await tx.query(
        `INSERT INTO account SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::text[])
         ON CONFLICT (account_no) DO UPDATE SET partner_id = excluded.partner_id, cust_id = excluded.cust_id,
           brand_id = excluded.brand_id, username = excluded.username, host_name = excluded.host_name,
           role = excluded.role`,
        [
          rows.map((a) => a.accountNo),
          rows.map((a) => a.partnerId),
          rows.map((a) => a.custId),
          rows.map((a) => a.brandId),
          rows.map((a) => a.username),
          rows.map((a) => a.hostName),
          rows.map((a) => a.role ?? null),
        ],
      );
      await expectFirstRuns(tx, rows);
      await noteChange(tx);
    });
  }
}

/** Of an account that backs something up a first run is expected; people and programs have accounts too. */
async function expectFirstRuns(tx: Tx, accounts: readonly AccountPayload[]): Promise<void> {
  const rows = accounts.filter(({ role }) => role === BACKS_UP);
  await tx.query(
    `INSERT INTO expectation (account_no, job_hash, partner_id, bucket, status, known_since, due_at)
     SELECT a.no, 0, a.partner_id, a.bucket, 'waiting', now(), now()
     FROM unnest($1::bigint[], $2::uuid[], $3::smallint[]) AS a(no, partner_id, bucket)
     ON CONFLICT (account_no, job_hash) DO UPDATE SET partner_id = excluded.partner_id
       WHERE expectation.partner_id <> excluded.partner_id`,
    [
      rows.map((a) => a.accountNo),
      rows.map((a) => a.partnerId),
      rows.map((a) => bucketOf(String(a.accountNo))),
    ],
  );
}

/** Key caches hold the account beside the endpoint. */
async function noteChange(tx: Tx): Promise<void> {
  await tx.query('UPDATE endpoint_version SET version = version + 1');
}

function present<P>(newest: Newest<P>): P[] {
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, payload]) => payload ?? []);
}

function gone<P>(newest: Newest<P>): string[] {
  return [...newest].filter(([, payload]) => payload === null).map(([key]) => key);
}
