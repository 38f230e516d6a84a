import type { QueryRunner } from 'typeorm';

/** The role under which services work: it owns nothing, and no policy makes an exception for it. */
export const RUNTIME_ROLE = 'backhaul_runtime';

/**
 * Makes the role, once for the whole server, and lets the login of this connection take it. A login that may make no
 * roles finds both done already.
 */
export async function createRuntimeRole(runner: QueryRunner): Promise<void> {
  await runner.query(`
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${RUNTIME_ROLE}') THEN
        CREATE ROLE ${RUNTIME_ROLE} NOLOGIN NOINHERIT NOBYPASSRLS;
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$`);
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
      CREATE POLICY tenant ON ${table} USING (current_setting('app.partner', true) IN ('*', partner_id::text));
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
