import {
  accountsAccounts,
  accountsApiKeys,
  accountsBrands,
  accountsConnections,
  accountsCustomerMap,
  accountsCustomers,
  accountsPartners,
} from '@backhaul/messaging';
import { type OutboxMessage, publishAll, type Tx, type UnitOfWork } from '@backhaul/persistence';
import { AccountEntity, accountPayload } from '../accounts/account.entity.js';
import { announcement } from '../announce.js';
import { ApiKeyEntity, apiKeyPayload } from '../api-keys/api-key.entity.js';
import { BrandEntity, brandPayload } from '../brands/brand.entity.js';
import { ConnectionEntity, connectionPayload, SettingsEntity } from '../connections/connection.entity.js';
import { CustomerMapEntity, customerMapPayload } from '../customer-map/customer-map.entity.js';
import { CustomerEntity, customerPayload } from '../customers/customer.entity.js';
import { approvalsAcrossTenants } from '../egress-approvals/egress-approval.repository.js';
import { PartnerEntity, partnerPayload } from '../partners/partner.entity.js';

const AT_ONCE = 1000;

/** Writes everything the other services know of us into the outbox again. */
export class RepublishHandler {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** How many records wait in the outbox now. */
  republishAcrossTenants(): Promise<number> {
    return this.tellAcrossTenants(async () => []);
  }

  /** Beside all we know, what `more` adds to it; nobody writes meanwhile. How many records wait in the outbox now. */
  tellAcrossTenants(
    more: (tx: Tx, messages: readonly OutboxMessage[]) => Promise<OutboxMessage[]>,
  ): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      // Nobody writes meanwhile, or a key revoked after our look would come back to life behind its tombstone.
      await tx.query(
        'LOCK TABLE partner, brand, customer, account, api_key, psa_connection, psa_settings, egress_approval, customer_map IN SHARE MODE',
      );
      const known = await allMessages(tx);
      const messages = [...known, ...(await more(tx, known))];
      for (let from = 0; from < messages.length; from += AT_ONCE)
        await publishAll(tx, messages.slice(from, from + AT_ONCE));
      return messages.length;
    });
  }
}

async function allMessages(tx: Tx): Promise<OutboxMessage[]> {
  const { manager } = tx;
  const partners = await manager.find(PartnerEntity);
  const brands = await manager.find(BrandEntity);
  const customers = await manager.find(CustomerEntity);
  const accounts = await manager.find(AccountEntity);
  const keys = await manager.find(ApiKeyEntity);
  const connections = await manager.find(ConnectionEntity);
  const settings = await manager.find(SettingsEntity);
  const approvals = await approvalsAcrossTenants(tx);
  const map = await manager.find(CustomerMapEntity);
  const brandOf = new Map(customers.map((row) => [`${row.partnerId}:${row.custId}`, row.brandId]));
  const settingsOf = new Map(settings.map((row) => [`${row.partnerId}:${row.provider}`, row]));
  return [
    ...partners.map((row) => announcement(row.partnerId, accountsPartners, partnerPayload(row))),
    ...brands.map((row) => announcement(row.partnerId, accountsBrands, brandPayload(row))),
    ...customers.map((row) => announcement(row.partnerId, accountsCustomers, customerPayload(row))),
    ...accounts.flatMap((row) => {
      const brandId = brandOf.get(`${row.partnerId}:${row.custId}`);
      return brandId ? [announcement(row.partnerId, accountsAccounts, accountPayload(row, brandId))] : [];
    }),
    ...keys.map((row) => announcement(row.partnerId, accountsApiKeys, apiKeyPayload(row))),
    ...connections.map((row) => {
      const its = settingsOf.get(`${row.partnerId}:${row.provider}`) ?? null;
      const approved = approvals.get(`${row.partnerId}:${row.provider}`) ?? [];
      return announcement(row.partnerId, accountsConnections, connectionPayload(row, its, approved));
    }),
    ...map.map((row) => announcement(row.partnerId, accountsCustomerMap, customerMapPayload(row))),
  ];
}
