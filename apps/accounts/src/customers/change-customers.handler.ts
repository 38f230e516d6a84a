import { type BrandId, type CustomerId, systemClock } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { accountsCustomerMap, accountsCustomers } from '@backhaul/messaging';
import {
  type AuditTrail,
  brokenConstraint,
  type Scope,
  type Tx,
  type UnitOfWork,
} from '@backhaul/persistence';
import { announce } from '../announce.js';
import type { BrandRepository } from '../brands/brand.repository.js';
import { customerMapPayload } from '../customer-map/customer-map.entity.js';
import type { CustomerMapRepository } from '../customer-map/customer-map.repository.js';
import { type CustomerEntity, customerPayload } from './customer.entity.js';
import type { CustomerRepository } from './customer.repository.js';
import type { ChangeCustomerIn, CreateCustomerIn } from './customers.types.js';

/** Somebody may type the very number that was about to be given. */
const TRIES = 5;

/** Creates, changes and removes customers, and tells the other services. All throw Problem. */
export class ChangeCustomersHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomerRepository,
    private readonly brands: BrandRepository,
    private readonly map: CustomerMapRepository,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws Problem 404 unknown brand, 409 Cust. ID in use */
  async create(scope: Scope, { name, brandId, custId }: CreateCustomerIn): Promise<CustomerEntity> {
    const brand = brandId ? await this.brands.get(scope, brandId) : await this.brands.top(scope);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.insert(scope, name.trim(), brand.brandId, custId ?? null);
      } catch (error) {
        if (brokenConstraint(error) !== 'customer_pkey') throw error;
        if (custId) throw Problem.conflict(`Customer ${custId} exists already.`);
        if (attempt === TRIES) throw Problem.unavailable(1, 'No free Cust. ID was found; try again.', error);
      }
    }
  }

  /** @throws Problem 404, 412, 428 */
  async change(
    scope: Scope,
    custId: number,
    ifMatch: string | undefined,
    { name }: ChangeCustomerIn,
  ): Promise<CustomerEntity> {
    return this.unitOfWork.run(async (tx) => {
      const customer = await this.customers.get(scope, custId, tx);
      requireIfMatch(ifMatch, etagOf(customer.version));
      const change = { name: name?.trim() ?? customer.name, version: customer.version + 1 };
      const where = { custId: customer.custId, version: customer.version };
      if ((await this.customers.update(scope, where, change, tx.manager)) === 0)
        throw Problem.preconditionFailed();
      const changed = { ...customer, ...change };
      await announce(tx, scope.partnerId, accountsCustomers, customerPayload(changed));
      await this.record(tx, 'customer.change', changed);
      return changed;
    });
  }

  /** Its mappings go with it. @throws Problem 404, 409 while it has accounts, 412, 428 */
  async remove(scope: Scope, custId: number, ifMatch: string | undefined): Promise<void> {
    try {
      await this.unitOfWork.run(async (tx) => {
        const customer = await this.customers.lock(scope, custId, tx);
        requireIfMatch(ifMatch, etagOf(customer.version));
        for (const row of await this.map.removeAllOf(scope, customer.custId, tx)) {
          const key = accountsCustomerMap.key(customerMapPayload(row));
          await announce(tx, scope.partnerId, accountsCustomerMap, null, key);
        }
        await this.customers.remove(scope, { custId: customer.custId }, tx.manager);
        const key = accountsCustomers.key(customerPayload(customer));
        await announce(tx, scope.partnerId, accountsCustomers, null, key);
        await this.record(tx, 'customer.remove', customer);
      });
    } catch (error) {
      if (brokenConstraint(error) === 'account_partner_id_cust_id_fkey')
        throw Problem.conflict('The customer has accounts; remove these first.');
      throw error;
    }
  }

  private insert(
    scope: Scope,
    name: string,
    brandId: BrandId,
    custId: number | null,
  ): Promise<CustomerEntity> {
    return this.unitOfWork.run(async (tx) => {
      const customer: CustomerEntity = {
        partnerId: scope.partnerId,
        custId: (custId as CustomerId | null) ?? (await this.customers.nextId(scope, tx)),
        brandId,
        name,
        version: 1,
        createdAt: systemClock.now(),
      };
      await this.customers.insert(scope, customer, tx.manager);
      await announce(tx, scope.partnerId, accountsCustomers, customerPayload(customer));
      await this.record(tx, 'customer.create', customer);
      return customer;
    });
  }

  private record(
    tx: Tx,
    action: string,
    { partnerId, custId, name, brandId }: CustomerEntity,
  ): Promise<void> {
    return this.audit.record(tx, partnerId, {
      action,
      target: { kind: 'customer', id: custId },
      detail: { name, brandId },
    });
  }
}
