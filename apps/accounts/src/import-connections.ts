/** `node import-connections.js < old.jsonl`: takes over ConnectWise links with an integrator login, one JSON object a line. */
import { createInterface } from 'node:readline';
import { systemClock } from '@backhaul/domain';
import { fastPathValidator } from '@backhaul/http';
import { Keyring, UnitOfWork } from '@backhaul/persistence';
import { readKeyConfig } from './config.js';
import { ConnectionVault } from './connections/connection-vault.js';
import { ConnectionRepository, SettingsRepository } from './connections/connection.repository.js';
import { ImportConnectionsHandler, OldConnection } from './connections/import-connections.handler.js';
import { DataKeyRepository } from './data-keys/data-key.repository.js';
import { accountsDataSource } from './database.js';

const config = readKeyConfig();
const keyring = Keyring.of(config.KEY_ENCRYPTION_KEY, config.KEY_ENCRYPTION_KEYS_OLD);
const dataSource = await accountsDataSource(config.DATABASE_URL, 2, 'runtime').initialize();
const check = fastPathValidator(OldConnection);
const handler = new ImportConnectionsHandler(
  new UnitOfWork(dataSource),
  new ConnectionRepository(dataSource),
  new SettingsRepository(dataSource),
  new ConnectionVault(keyring, new DataKeyRepository(keyring)),
  systemClock,
);

/** Says nothing of what stands in the line: it may be a password. */
async function importLine(line: string): Promise<string> {
  let old: OldConnection;
  try {
    old = check(JSON.parse(line) as object);
  } catch {
    return 'not an old connection';
  }
  return handler.import(old);
}

try {
  let number = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    number += 1;
    if (line.trim() === '') continue;
    const result = await importLine(line);
    process.stdout.write(`line ${number}: ${result}\n`);
    if (result !== 'imported' && result !== 'has a connection already') process.exitCode = 1;
  }
} finally {
  await dataSource.destroy();
}
