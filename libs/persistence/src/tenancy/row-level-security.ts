import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whether the connection names the row's partner, or all. Written as a CASE, for the planner takes that for a coin
 * toss: of an OR or an IN it thinks that one row in a hundred passes, and sorts all rows of a partner for a page of them.
 */
const IS_SHOWN = `CASE current_setting('app.partner', true) WHEN '*' THEN true
  ELSE partner_id::text = current_setting('app.partner', true) END`;

/** The role under which services work: it owns nothing, and no policy makes an exception for it. */
export const RUNTIME_ROLE = 'backhaul_runtime';

/** Makes the role, once for the whole server. */
export const CREATE_RUNTIME_ROLE = `
  DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${RUNTIME_ROLE}') THEN
      CREATE ROLE ${RUNTIME_ROLE} NOLOGIN NOINHERIT NOBYPASSRLS;
    END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`;

/**
 * Makes the role, and lets the login of this connection take it. A login that may make no
 * roles finds both done already.
 */
export async function createRuntimeRole(runner: QueryRunner): Promise<void> {
  await runner.query(CREATE_RUNTIME_ROLE);
  // Services of one server migrate at the same time, and they all grant the same role.
  await runner.query(`SELECT pg_advisory_xact_lock(hashtext('${RUNTIME_ROLE}'))`);
  await runner.query(`
    DO $$ BEGIN
      IF NOT pg_has_role(current_user, '${RUNTIME_ROLE}', 'SET') THEN
        GRANT ${RUNTIME_ROLE} TO CURRENT_USER;
      END IF;
    END $$`);
}

/** What the runtime role may do here: rows of every table that is or comes, no tables. */
export async function grantRuntime(runner: QueryRunner): Promise<void> {
  await runner.query(`
    GRANT USAGE ON SCHEMA public TO ${RUNTIME_ROLE};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${RUNTIME_ROLE};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${RUNTIME_ROLE};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${RUNTIME_ROLE};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${RUNTIME_ROLE};
  `);
}

/** Rows of these tables are seen and written only for the partner that the connection names; without a name, none. */
export async function protectTables(runner: QueryRunner, tables: readonly string[]): Promise<void> {
  for (const table of tables)
    await runner.query(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON ${table} USING (${IS_SHOWN});
    `);
}

export async function unprotectTables(runner: QueryRunner, tables: readonly string[]): Promise<void> {
  for (const table of tables)
    await runner.query(`
      DROP POLICY tenant ON ${table};
      ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY;
      ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY;
    `);
}

/** The policies of before, in the words that the planner reads rightly. */
export class CheaperPolicies1763990000000 implements MigrationInterface {
  readonly name = 'CheaperPolicies1763990000000';

  async up(runner: QueryRunner): Promise<void> {
    await reword(runner, IS_SHOWN);
  }

  async down(runner: QueryRunner): Promise<void> {
    await reword(runner, "current_setting('app.partner', true) IN ('*', partner_id::text)");
  }
}

async function reword(runner: QueryRunner, condition: string): Promise<void> {
  const tables = (await runner.query(
    `SELECT polrelid::regclass::text AS name FROM pg_policy WHERE polname = 'tenant' ORDER BY 1`,
  )) as { name: string }[];
  for (const { name } of tables) await runner.query(`ALTER POLICY tenant ON ${name} USING (${condition})`);
}
