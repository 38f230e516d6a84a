/**
 * The keys and passwords of one installation, made once: `node keys.mjs DIR`. Used by docker-compose.yml.
 * Each service has a folder of its own with what it needs, and sees no other.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const dir = process.argv[2];
const STORING = [
  'accounts', 'ingestion', 'notifications', 'ticketing-connectwise', 'ticketing-autotask', 'billing-sync-connectwise',
  'billing-sync-autotask',
]; // prettier-ignore
const SEALING = [
  'accounts',
  'ticketing-connectwise',
  'ticketing-autotask',
  'billing-sync-connectwise',
  'billing-sync-autotask',
];

/** Written whole or not at all; PostgreSQL's own user reads one too, so the folder is the fence and not the mode. */
function once(name, make) {
  const file = join(dir, name);
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, make());
    renameSync(`${file}.new`, file);
  }
  return readFileSync(file, 'utf8');
}

const key = () => randomBytes(32).toString('base64');
const password = () => randomBytes(18).toString('hex');

const serviceToken = once('service-token.key', key);
const keyEncryption = once('key-encryption.key', key);
once('postgres/postgres.password', password);
for (const name of ['gateway', ...STORING]) once(`${name}/service-token.key`, () => serviceToken);
for (const name of SEALING) once(`${name}/key-encryption.key`, () => keyEncryption);
for (const name of STORING) {
  const owner = `backhaul_${name.replaceAll('-', '_')}`;
  const login = (role, file) =>
    `postgres://${role}:${once(`postgres/${file}.password`, password)}@postgres:5432/${owner}`;
  // The owner's stands in a folder that the migration alone sees.
  const ownerUrl = login(owner, name);
  once(`${name}/database.url`, () => login(`${owner}_service`, `${name}-service`));
  once(`${name}-migration/migration-database.url`, () => ownerUrl);
  once(`${name}-migration/database.url`, () => readFileSync(join(dir, `${name}/database.url`), 'utf8'));
}
