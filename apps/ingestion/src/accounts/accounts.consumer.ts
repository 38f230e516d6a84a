import {
  AccountPayload, accountsAccounts, accountsBrands, accountsCustomers, accountsPartners, BrandPayload, CustomerPayload, type Delivered, OnTopic,
  PartnerPayload,
} from '@backhaul/messaging'; // prettier-ignore
import { Controller } from '@nestjs/common';
import { AccountReadModel } from './account.read-model.js';

/** Keeps our copy of partners, customers and accounts. A repeat writes what stands there already. */
@Controller()
export class AccountsConsumer {
  constructor(private readonly readModel: AccountReadModel) {}

  @OnTopic(accountsPartners)
  async onPartners(batch: Delivered<PartnerPayload>[]): Promise<void> {
    await this.readModel.putPartners(newestByKey(batch));
  }

  @OnTopic(accountsBrands)
  async onBrands(batch: Delivered<BrandPayload>[]): Promise<void> {
    await this.readModel.putBrands(newestByKey(batch));
  }

  @OnTopic(accountsCustomers)
  async onCustomers(batch: Delivered<CustomerPayload>[]): Promise<void> {
    await this.readModel.putCustomers(newestByKey(batch));
  }

  @OnTopic(accountsAccounts)
  async onAccounts(batch: Delivered<AccountPayload>[]): Promise<void> {
    await this.readModel.putAccounts(newestByKey(batch));
  }
}

/** Of a batch, only the newest record of each key matters. */
function newestByKey<P>(batch: readonly Delivered<P>[]): Map<string, P | null> {
  return new Map(batch.map(({ key, payload }) => [key, payload]));
}
