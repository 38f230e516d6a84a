/** `node create-partner.js --name "Acme MSP"`: an operator's command. Prints the ids and the first API key, once. */
import { parseArgs } from 'node:util';
import { UnitOfWork } from '@backhaul/persistence';
import { AuditRepository } from './audit/audit.repository.js';
import { BrandRepository } from './brands/brand.repository.js';
import { ApiKeyRepository } from './api-keys/api-key.repository.js';
import { ChangeApiKeysHandler } from './api-keys/change-api-keys.handler.js';
import { readDatabaseConfig } from './config.js';
import { accountsDataSource } from './database.js';
import { CreatePartnerHandler } from './partners/create-partner.handler.js';

const { values } = parseArgs({ options: { name: { type: 'string' } } });
const name = values.name?.trim() ?? '';
if (name === '' || name.length > 200) {
  process.stderr.write('Usage: create-partner --name NAME (1 to 200 characters)\n');
  process.exit(2);
}
const dataSource = await accountsDataSource(readDatabaseConfig().DATABASE_URL, 2, 'runtime').initialize();
try {
  const unitOfWork = new UnitOfWork(dataSource);
  const keys = new ChangeApiKeysHandler(
    unitOfWork,
    new ApiKeyRepository(dataSource),
    new BrandRepository(dataSource),
    new AuditRepository(unitOfWork),
  );
  process.stdout.write(`${JSON.stringify(await new CreatePartnerHandler(unitOfWork, keys).create(name))}\n`);
} finally {
  await dataSource.destroy();
}
