import type { Client } from 'pg';
import { CREATE_RUNTIME_ROLE, RUNTIME_ROLE } from './row-level-security.js';

/** The user of a database's address. */
const userOf = (url: string): string => decodeURIComponent(new URL(url).username);

/**
 * Makes the login that a service works under, or leaves one that is there: it may enter this database and take the
 * runtime role, and owns nothing, so that SQL which takes the role off stands there with empty hands. Nobody else but
 * the owner may enter. Without a login of its own (both addresses name one user) nothing is done.
 */
export async function createServiceLogin(owner: Client, ownerUrl: string, serviceUrl: string): Promise<void> {
  const login = userOf(serviceUrl);
  if (login === userOf(ownerUrl)) return;
  const name = owner.escapeIdentifier(login);
  const database = owner.escapeIdentifier(decodeURIComponent(new URL(serviceUrl).pathname.slice(1)));
  if (!(await isTrue(owner, 'SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS is', [login]))) {
    const password = owner.escapeLiteral(decodeURIComponent(new URL(serviceUrl).password));
    await owner.query(
      `CREATE ROLE ${name} LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD ${password}`,
    );
  }
  await owner.query(CREATE_RUNTIME_ROLE);
  const isMember = `SELECT pg_has_role($1, '${RUNTIME_ROLE}', 'SET') AS is`;
  if (!(await isTrue(owner, isMember, [login]))) await owner.query(`GRANT ${RUNTIME_ROLE} TO ${name}`);
  await owner.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await owner.query(`GRANT CONNECT ON DATABASE ${database} TO ${name}`);
}

async function isTrue(client: Client, sql: string, params: unknown[]): Promise<boolean> {
  const { rows } = await client.query<{ is: boolean }>(sql, params);
  return rows[0]?.is === true;
}
