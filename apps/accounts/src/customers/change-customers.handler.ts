import { type BrandId, type CustomerId, systemClock } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { accountsCustomers } from '@backhaul/messaging';
import { type Scope, sqlStateOf, type UnitOfWork } from '@backhaul/persistence';
import { announce } from '../announce.js';
import type { BrandRepository } from '../brands/brand.repository.js';
import { type CustomerEntity, customerPayload } from './customer.entity.js';
import type { CustomerRepository } from './customer.repository.js';
import type { ChangeCustomerIn, CreateCustomerIn } from './customers.types.js';

const UNIQUE = '23505';
const FOREIGN_KEY = '23503';

/** Creates, changes and removes customers, and tells the other services. All throw Problem. */
export class ChangeCustomersHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomerRepository,
    private readonly brands: BrandRepository,
  ) {}

  /** @throws Problem 404 unknown brand, 409 Cust. ID in use */
  async create(scope: Scope, { name, brandId, custId }: CreateCustomerIn): Promise<CustomerEntity> {
    const brand = brandId ? await this.brands.get(scope, brandId) : await this.brands.root(scope);
    try {
      return await this.unitOfWork.run(async (tx) => {
        const customer: CustomerEntity = {
          partnerId: scope.partnerId,
          custId: (custId as CustomerId | null | undefined) ?? (await this.customers.nextId(scope, tx)),
          brandId: brand.brandId as BrandId,
          name: name.trim(),
          version: 1,
          createdAt: systemClock.now(),
        };
        await this.customers.insert(scope, customer, tx.manager);
        await announce(tx, scope.partnerId, accountsCustomers, customerPayload(customer));
        return customer;
      });
    } catch (error) {
      if (sqlStateOf(error) === UNIQUE) throw Problem.conflict(`Customer ${custId} exists already.`);
      throw error;
    }
  }

  /** @throws Problem 404, 412, 428 */
  async change(
    scope: Scope,
    custId: number,
    ifMatch: string | undefined,
    { name }: ChangeCustomerIn,
  ): Promise<CustomerEntity> {
    const customer = await this.customers.get(scope, custId);
    requireIfMatch(ifMatch, etagOf(customer.version));
    const changed = { ...customer, name: name?.trim() ?? customer.name, version: customer.version + 1 };
    await this.unitOfWork.run(async (tx) => {
      const where = { custId: customer.custId, version: customer.version };
      if (
        (await this.customers.update(
          scope,
          where,
          { name: changed.name, version: changed.version },
          tx.manager,
        )) === 0
      )
        throw Problem.preconditionFailed();
      await announce(tx, scope.partnerId, accountsCustomers, customerPayload(changed));
    });
    return changed;
  }

  /** @throws Problem 404, 409 while it has accounts, 412, 428 */
  async remove(scope: Scope, custId: number, ifMatch: string | undefined): Promise<void> {
    const customer = await this.customers.get(scope, custId);
    requireIfMatch(ifMatch, etagOf(customer.version));
    try {
      await this.unitOfWork.run(async (tx) => {
        const gone = await this.customers.remove(
          scope,
          { custId: customer.custId, version: customer.version },
          tx.manager,
        );
        if (gone === 0) throw Problem.preconditionFailed();
        await announce(
          tx,
          scope.partnerId,
          accountsCustomers,
          null,
          accountsCustomers.key(customerPayload(customer)),
        );
      });
    } catch (error) {
      if (sqlStateOf(error) === FOREIGN_KEY)
        throw Problem.conflict('The customer has accounts; remove these first.');
      throw error;
    }
  }
}
