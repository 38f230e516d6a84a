import type { Client } from 'pg';

const SETTING = 'idle_in_transaction_session_timeout';
const LIMIT = '60s';

const FOUND = `
  SELECT pg_has_role(datdba, 'USAGE') AS "isOurs",
    EXISTS (SELECT FROM pg_db_role_setting WHERE setdatabase = d.oid AND setrole = 0
      AND array_to_string(setconfig, ',') LIKE '%${SETTING}=%') AS "isSet",
    quote_ident(datname) AS name
  FROM pg_database d WHERE datname = current_database()`;

/**
 * Ends whoever leaves a transaction open for a minute: what has been written since waits for it, as nothing may be
 * published past it. Services bring a shorter limit along; this is for people and tools. One that an operator has set stays.
 */
export async function limitIdleTransactions(owner: Client): Promise<void> {
  const { rows } = await owner.query<{ isOurs: boolean; isSet: boolean; name: string }>(FOUND);
  const [found] = rows;
  if (found?.isOurs && !found.isSet)
    await owner.query(`ALTER DATABASE ${found.name} SET ${SETTING} = '${LIMIT}'`);
}
