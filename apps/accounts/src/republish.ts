/** `node republish.js`: writes everything the other services know of us into the outbox again, after Kafka was lost. */
import {
  accountsAccounts,
  accountsApiKeys,
  accountsConnections,
  accountsCustomerMap,
  accountsCustomers,
  accountsPartners,
} from '@backhaul/messaging';
import { type Tx, UnitOfWork } from '@backhaul/persistence';
import { AccountEntity, accountPayload } from './accounts/account.entity.js';
import { announce } from './announce.js';
import { ApiKeyEntity, apiKeyPayload } from './api-keys/api-key.entity.js';
import { readDatabaseConfig } from './config.js';
import { connectionPayload } from './connections/change-connections.handler.js';
import { ConnectionEntity, SettingsEntity } from './connections/connection.entity.js';
import { CustomerMapEntity, customerMapPayload } from './customer-map/customer-map.entity.js';
import { CustomerEntity, customerPayload } from './customers/customer.entity.js';
import { accountsDataSource } from './database.js';
import { PartnerEntity, partnerPayload } from './partners/partner.entity.js';

async function republish(tx: Tx): Promise<number> {
  const { manager } = tx;
  const [partners, customers, accounts, keys, connections, settings, map] = await Promise.all([
    manager.find(PartnerEntity), manager.find(CustomerEntity), manager.find(AccountEntity), manager.find(ApiKeyEntity),
    manager.find(ConnectionEntity), manager.find(SettingsEntity), manager.find(CustomerMapEntity),
  ]); // prettier-ignore
  const brandOf = new Map(customers.map((row) => [`${row.partnerId}:${row.custId}`, row.brandId]));
  const settingsOf = new Map(settings.map((row) => [`${row.partnerId}:${row.provider}`, row]));
  for (const row of partners) await announce(tx, row.partnerId, accountsPartners, partnerPayload(row));
  for (const row of customers) await announce(tx, row.partnerId, accountsCustomers, customerPayload(row));
  for (const row of accounts) {
    const brandId = brandOf.get(`${row.partnerId}:${row.custId}`);
    if (brandId) await announce(tx, row.partnerId, accountsAccounts, accountPayload(row, brandId));
  }
  for (const row of keys) await announce(tx, row.partnerId, accountsApiKeys, apiKeyPayload(row));
  for (const row of connections)
    await announce(
      tx,
      row.partnerId,
      accountsConnections,
      connectionPayload(row, settingsOf.get(`${row.partnerId}:${row.provider}`) ?? null),
    );
  for (const row of map) await announce(tx, row.partnerId, accountsCustomerMap, customerMapPayload(row));
  return partners.length + customers.length + accounts.length + keys.length + connections.length + map.length;
}

const dataSource = await accountsDataSource(readDatabaseConfig().DATABASE_URL, 2).initialize();
try {
  const count = await new UnitOfWork(dataSource).run(republish);
  process.stdout.write(`${count} records are in the outbox\n`);
} finally {
  await dataSource.destroy();
}
