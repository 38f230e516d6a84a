import type { Clock, Scope } from '@backhaul/domain';
import type { AskPsa } from './ask-psa.js';
import type { MappedCustomers } from './mapped-customers.repository.js';
import { similarNames } from './similar-names.js';
import type { SuggestionsOut } from './suggest.controller.js';

/** Compares names of customers without a company with those of companies without a customer. */
export class SuggestHandler {
  constructor(
    private readonly psa: AskPsa,
    private readonly customers: MappedCustomers,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 409, 502, 503, 504 */
  async handle(scope: Scope): Promise<SuggestionsOut> {
    const connection = await this.psa.connection(scope.partnerId);
    const companies = await this.psa.read(connection, 'reading companies', (port, signal) =>
      port.list('companies', {}, signal),
    );
    const taken = await this.customers.companies(scope.partnerId);
    const free = companies.filter(({ id, isActive, problem }) => isActive && !problem && !taken.has(id));
    const customers = await this.customers.unmapped(scope);
    const matches = similarNames(
      customers.map(({ custId, name }) => ({ id: custId, name })),
      free,
    );
    return {
      items: matches
        .map(({ left, right, confidence }) => ({
          custId: left.id,
          customerName: left.name,
          psaCompanyId: right.id,
          companyName: right.name,
          confidence,
        }))
        .toSorted((a, b) => a.custId - b.custId),
      readAt: this.clock.now().toISOString(),
    };
  }
}
