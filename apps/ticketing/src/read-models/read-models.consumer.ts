import {
  AccountPayload, accountsAccounts, accountsBrands, accountsConnections, accountsCustomerMap, accountsCustomers, accountsPartners, BrandPayload,
  ConnectionPayload,
  CustomerMapPayload, CustomerPayload, type Delivered, newestOf, OnTopic, PartnerPayload, type Provider,
} from '@backhaul/messaging'; // prettier-ignore
import {
  Dispatcher,
  putKnownBrands,
  putKnownCustomers,
  putKnownPartners,
  type Tx,
  UnitOfWork,
} from '@backhaul/persistence';
import { Controller, Inject } from '@nestjs/common';
import { ConnectionRepository } from '../connections/connection.repository.js';

export const PROVIDER = Symbol('PROVIDER');

/** What accounts publishes, kept for the time when accounts is down. A repeat writes the same again. */
@Controller()
export class ReadModelsConsumer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionRepository,
    private readonly dispatcher: Dispatcher,
    @Inject(PROVIDER) private readonly provider: Provider,
  ) {}

  @OnTopic(accountsPartners)
  async onPartners(batch: Delivered<PartnerPayload>[]): Promise<void> {
    await this.unitOfWork.run((tx) => putKnownPartners(tx, newestOf(batch)));
  }

  @OnTopic(accountsBrands)
  async onBrands(batch: Delivered<BrandPayload>[]): Promise<void> {
    await this.unitOfWork.run((tx) => putKnownBrands(tx, newestOf(batch)));
  }

  @OnTopic(accountsCustomers)
  async onCustomers(batch: Delivered<CustomerPayload>[]): Promise<void> {
    await this.unitOfWork.run((tx) => putKnownCustomers(tx, newestOf(batch)));
  }

  @OnTopic(accountsAccounts)
  async onAccounts(batch: Delivered<AccountPayload>[]): Promise<void> {
    await this.each(batch, async (tx, key, payload) => {
      if (!payload) await tx.query('DELETE FROM known_account WHERE account_no = $1', [key]);
      else
        await tx.query(
          `INSERT INTO known_account VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_no) DO UPDATE
           SET partner_id = excluded.partner_id, cust_id = excluded.cust_id, username = excluded.username, host_name = excluded.host_name`,
          [payload.accountNo, payload.partnerId, payload.custId, payload.username, payload.hostName],
        );
    });
  }

  @OnTopic(accountsConnections)
  async onConnections(batch: Delivered<ConnectionPayload>[]): Promise<void> {
    await this.each(batch, async (tx, key, payload) => {
      if (!payload) await this.connections.remove(tx, key);
      else if (payload.provider === this.provider) await this.connections.save(tx, payload);
    });
    this.dispatcher.wake();
  }

  @OnTopic(accountsCustomerMap)
  async onCustomerMap(batch: Delivered<CustomerMapPayload>[]): Promise<void> {
    await this.each(batch, async (tx, key, payload) => {
      const [provider, partnerId, custId] = key.split(':');
      if (provider !== this.provider) return;
      await tx.query(
        `INSERT INTO customer_map VALUES ($1, $2, $3) ON CONFLICT (partner_id, cust_id)
         DO UPDATE SET psa_company_id = excluded.psa_company_id, problems = NULL`,
        [partnerId, custId, payload?.psaCompanyId ?? null],
      );
      // What waited for this customer to be mapped goes on by itself.
      await tx.query(
        "UPDATE lane SET state = 'ready', reason = NULL, attempts = 0, next_attempt_at = now() WHERE partner_id = $1 AND cust_id = $2 AND state = 'attention'",
        [partnerId, custId],
      );
    });
    this.dispatcher.wake();
  }

  private async each<P>(
    batch: readonly Delivered<P>[],
    apply: (tx: Tx, key: string, payload: P | null) => Promise<void>,
  ): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      for (const [key, payload] of newestOf(batch)) await apply(tx, key, payload);
    });
  }
}
