/** Which processes make the system, where they listen, and what each is told. Ports as `docs/` and the README list them. */
import { join } from 'node:path';
import { dataDir, root } from '../toolchain.mjs';

const port = (name, usual) => Number(process.env[name] ?? usual);

export const ports = {
  gateway: port('GATEWAY_PORT', 8080),
  ingestion: port('INGESTION_PORT', 8081),
  accounts: port('ACCOUNTS_PORT', 8082),
  notifications: port('NOTIFICATIONS_PORT', 8083),
  'ticketing-connectwise': port('TICKETING_CONNECTWISE_PORT', 8084),
  'ticketing-autotask': port('TICKETING_AUTOTASK_PORT', 8085),
  'billing-sync-connectwise': port('BILLING_SYNC_CONNECTWISE_PORT', 8086),
  'billing-sync-autotask': port('BILLING_SYNC_AUTOTASK_PORT', 8087),
  'psa-simulator': port('PSA_SIMULATOR_PORT', 8090),
  postgres: port('POSTGRES_PORT', 5440),
  kafka: port('KAFKA_PORT', 9094),
};

/** The setting that moves a port, for the message when one is taken. */
export const settingOf = (name) =>
  name === 'postgres' || name === 'kafka'
    ? `${name.toUpperCase()}_PORT`
    : `${name.toUpperCase().replaceAll('-', '_')}_PORT`;

/** Services that own a database, and the name of it. */
export const databases = {
  accounts: 'backhaul_accounts',
  ingestion: 'backhaul_ingestion',
  notifications: 'backhaul_notifications',
  'ticketing-connectwise': 'backhaul_ticketing_connectwise',
  'ticketing-autotask': 'backhaul_ticketing_autotask',
  'billing-sync-connectwise': 'backhaul_billing_sync_connectwise',
  'billing-sync-autotask': 'backhaul_billing_sync_autotask',
};

export const managementPort = (name) => ports[name] + 1000;
const envName = (name) => name.toUpperCase().replaceAll('-', '_');

/** Where one service is reached by another. */
export const url = (name) => process.env[`${envName(name)}_URL`] ?? `http://127.0.0.1:${ports[name]}`;
/** Where a person on this machine reaches it. */
export const publicUrl = (name) => `http://127.0.0.1:${ports[name]}`;
/** The app of a service; ticketing and billing-sync run once for each PSA. */
export const appOf = (name) => name.replace(/^(ticketing|billing-sync)-.*/, '$1');

function special(name) {
  switch (name) {
    case 'gateway':
      return {
        ACCOUNTS_URL: url('accounts'),
        INGESTION_URL: url('ingestion'),
        NOTIFICATIONS_URL: url('notifications'),
        TICKETING_CONNECTWISE_URL: url('ticketing-connectwise'),
        TICKETING_AUTOTASK_URL: url('ticketing-autotask'),
        BILLING_SYNC_CONNECTWISE_URL: url('billing-sync-connectwise'),
        BILLING_SYNC_AUTOTASK_URL: url('billing-sync-autotask'),
      };
    case 'accounts':
      return {
        TICKETING_CONNECTWISE_URL: url('ticketing-connectwise'),
        TICKETING_AUTOTASK_URL: url('ticketing-autotask'),
      };
    case 'notifications':
      return { INGESTION_URL: url('ingestion') };
    case 'ticketing-connectwise':
    case 'billing-sync-connectwise':
      return { PSA: 'connectwise' };
    case 'ticketing-autotask':
    case 'billing-sync-autotask':
      return { PSA: 'autotask' };
    case 'psa-simulator':
      return { DATA_FILE: join(dataDir, 'psa-simulator', 'state.jsonl') };
    default:
      return {};
  }
}

/** The installation's own key, unless the environment brings others. */
function keyEncryption(secrets) {
  const {
    KEY_ENCRYPTION_KEY,
    KEY_ENCRYPTION_KEY_FILE,
    KEY_ENCRYPTION_KEYS_OLD,
    KEY_ENCRYPTION_KEYS_OLD_FILE,
  } = process.env;
  const current = KEY_ENCRYPTION_KEY
    ? { KEY_ENCRYPTION_KEY }
    : { KEY_ENCRYPTION_KEY_FILE: KEY_ENCRYPTION_KEY_FILE || secrets.keyEncryptionKey };
  return {
    ...current,
    KEY_ENCRYPTION_KEYS_OLD: KEY_ENCRYPTION_KEYS_OLD ?? '',
    KEY_ENCRYPTION_KEYS_OLD_FILE: KEY_ENCRYPTION_KEYS_OLD_FILE ?? '',
  };
}

/** How mail leaves, as far as somebody said it. */
function mail() {
  const named = ['SMTP_URL', 'SMTP_URL_FILE', 'MAIL_FROM', 'SMTP_TIMEOUT_S'].filter(
    (name) => process.env[name],
  );
  return Object.fromEntries(named.map((name) => [name, process.env[name]]));
}

/** The environment of one service. `serviceUrl(db)` gives the address of a database as a service logs in. */
export function environmentOf(name, { brokers, serviceUrl, secrets }) {
  return {
    NODE_ENV: 'production',
    // What a password's hash took goes back to the system at once, instead of staying with each thread.
    MALLOC_MMAP_THRESHOLD_: '1048576',
    HOST: '127.0.0.1',
    PORT: String(ports[name]),
    MANAGEMENT_PORT: String(managementPort(name)),
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
    KAFKA_BROKERS: brokers,
    KAFKA_TOPIC_PREFIX: process.env.KAFKA_TOPIC_PREFIX ?? '',
    SERVICE_TOKEN_KEY_FILE: secrets.serviceTokenKey,
    ...keyEncryption(secrets),
    PUBLIC_URL: url('gateway'),
    INGEST_PUBLIC_URL: url('ingestion'),
    // The simulator is the only private address that PSA calls of the demo may reach.
    EGRESS_ALLOW: process.env.EGRESS_ALLOW ?? `127.0.0.1:${ports['psa-simulator']}`,
    ...(name === 'accounts' && process.env.SOAP_ENDS_AT ? { SOAP_ENDS_AT: process.env.SOAP_ENDS_AT } : {}),
    ...(name === 'notifications' ? mail() : {}),
    ...(databases[name] ? { DATABASE_URL: serviceUrl(databases[name]) } : {}),
    ...special(name),
  };
}

export const serviceNames = [
  'psa-simulator', 'accounts', 'ingestion', 'notifications', 'ticketing-connectwise', 'ticketing-autotask',
  'billing-sync-connectwise', 'billing-sync-autotask', 'gateway',
]; // prettier-ignore

export const entryOf = (name) => join(root, 'apps', appOf(name), 'dist', 'main.js');
export const migrationOf = (name) => join(root, 'apps', appOf(name), 'dist', 'migrate.js');
