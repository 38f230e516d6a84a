/**
 * `node rotate-keys.js --kek`: wraps all data keys by KEY_ENCRYPTION_KEY; `--dek [--partner ID]`: new data keys, all secrets
 * sealed anew; `--status`: what is left under other keys. Started again after it was cut off, each goes on.
 */
import { parseArgs } from 'node:util';
import { isUuid } from '@backhaul/domain';
import { Keyring, UnitOfWork } from '@backhaul/persistence';
import { readKeyConfig } from './config.js';
import { DataKeyRepository } from './data-keys/data-key.repository.js';
import { RotateKeysHandler } from './data-keys/rotate-keys.handler.js';
import { SealedConnections } from './data-keys/sealed-connections.js';
import { accountsDataSource } from './database.js';

const { values } = parseArgs({
  options: {
    kek: { type: 'boolean', default: false },
    dek: { type: 'boolean', default: false },
    status: { type: 'boolean', default: false },
    partner: { type: 'string' },
    batch: { type: 'string', default: '50' },
  },
});
const { kek, dek, status, partner } = values;
const batch = Number(values.batch);
const isUsable =
  [kek, dek, status].filter(Boolean).length === 1 &&
  (partner === undefined || (dek && isUuid(partner))) &&
  Number.isInteger(batch) &&
  batch >= 1 &&
  batch <= 1000;
if (!isUsable) {
  process.stderr.write('Usage: rotate-keys --kek | --dek [--partner ID] | --status  [--batch 1..1000]\n');
  process.exit(2);
}

const config = readKeyConfig();
const keyring = Keyring.of(config.KEY_ENCRYPTION_KEY, config.KEY_ENCRYPTION_KEYS_OLD);
const dataSource = await accountsDataSource(config.DATABASE_URL, 2, 'runtime').initialize();
try {
  const rotate = new RotateKeysHandler(
    new UnitOfWork(dataSource),
    keyring,
    new DataKeyRepository(keyring),
    new SealedConnections(keyring),
    { batch, report: ({ done, total }) => void process.stdout.write(`${done} of ${total} partners\n`) },
  );
  const lost = kek ? (await rotate.rewrap()).lost : dek ? (await rotate.renew(partner ?? null)).lost : 0;
  const left = await rotate.underOtherKeys();
  process.stdout.write(`${left} partners have something under other keys than ${keyring.current.id}\n`);
  if (lost > 0)
    process.stdout.write(`${lost} secrets are opened by no key; their partners must enter them\n`);
  process.exitCode = lost > 0 || (kek && left > 0) ? 1 : 0;
} finally {
  await dataSource.destroy();
}
