/** The keys and passwords of one installation, made once: `node keys.mjs DIR`. Used by docker-compose.yml. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dir = process.argv[2];
// PostgreSQL's own user reads its password here too; nothing but these containers sees the volume.
const once = (name, make) => {
  const file = join(dir, name);
  if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o644 });
  return readFileSync(file, 'utf8');
};

once('service-token.key', () => randomBytes(32).toString('base64'));
once('key-encryption.key', () => randomBytes(32).toString('base64'));
const password = once('postgres.password', () => randomBytes(18).toString('hex'));
for (const name of [
  'accounts',
  'ingestion',
  'notifications',
  'ticketing_connectwise',
  'ticketing_autotask',
]) {
  once(`database_${name}`, () => `postgres://postgres:${password}@postgres:5432/backhaul_${name}`);
}
