import {
  accountsBrands, accountsConnections, accountsCustomerMap, accountsCustomers, accountsPartners, BrandPayload, ConnectionPayload,
  CustomerMapPayload, CustomerPayload, type Delivered, newestOf, OnTopic, PartnerPayload, type Provider,
} from '@backhaul/messaging'; // prettier-ignore
import {
  Dispatcher,
  putKnownBrands,
  putKnownCustomers,
  putKnownPartners,
  UnitOfWork,
} from '@backhaul/persistence';
import { Controller, Inject } from '@nestjs/common';
import { ConnectionRepository } from '../connections/connection.repository.js';
import { SettleWaitingHandler } from '../syncs/settle-waiting.handler.js';
import { IS_WITHIN_WINDOW } from '../syncs/sync.repository.js';

export const PROVIDER = Symbol('PROVIDER');

/** What accounts publishes, kept for the time when accounts is down. A repeat writes the same again. */
@Controller()
export class ReadModelsConsumer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionRepository,
    private readonly settleWaiting: SettleWaitingHandler,
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

  @OnTopic(accountsConnections)
  async onConnections(batch: Delivered<ConnectionPayload>[]): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      for (const [connectionId, payload] of newestOf(batch)) {
        if (payload && payload.provider !== this.provider) continue;
        if (payload) await this.connections.save(tx, payload);
        const partnerId = payload?.partnerId ?? (await this.connections.remove(tx, connectionId));
        if (partnerId) await this.settleWaiting.within(tx, partnerId);
      }
    });
    this.dispatcher.wake();
  }

  @OnTopic(accountsCustomerMap)
  async onCustomerMap(batch: Delivered<CustomerMapPayload>[]): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      for (const [key, payload] of newestOf(batch)) {
        const [provider, partnerId, custId] = key.split(':');
        if (provider !== this.provider) continue;
        const place = [partnerId, custId];
        await tx.query(
          `INSERT INTO customer_map VALUES ($1, $2, $3) ON CONFLICT (partner_id, cust_id)
           DO UPDATE SET psa_company_id = excluded.psa_company_id`,
          [...place, payload?.psaCompanyId ?? null],
        );
        // What could not be pushed while it was mapped otherwise is tried at once.
        await tx.query(
          `UPDATE sync_customer SET due_at = clock_timestamp() WHERE partner_id = $1 AND cust_id = $2
             AND due_at > clock_timestamp() AND NOT coalesce(${IS_WITHIN_WINDOW}, false)`,
          place,
        );
      }
    });
    this.dispatcher.wake();
  }
}
