import { accountsAccounts, type AccountPayload, type Delivered, OnTopic } from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import { Controller } from '@nestjs/common';
import { KnownAccountRepository } from './known-account.repository.js';

/** Keeps our copy of the accounts: whose they are and who hears of them. */
@Controller()
export class AccountsConsumer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: KnownAccountRepository,
  ) {}

  @OnTopic(accountsAccounts)
  async onAccounts(batch: Delivered<AccountPayload>[]): Promise<void> {
    const newest = new Map(batch.map(({ key, payload }) => [key, payload]));
    await this.unitOfWork.run((tx) => this.accounts.putAcrossTenants(tx, newest));
  }
}
