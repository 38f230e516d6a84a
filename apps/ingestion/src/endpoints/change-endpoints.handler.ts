import { setTimeout as wait } from 'node:timers/promises';
import type { AccountNo, CustomerId, EndpointId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import type { Scope } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';
import { AccountDirectory } from '../accounts/account-directory.js';
import type { Endpoint } from './endpoint.js';
import { EndpointKeys } from './endpoint-keys.js';
import { EndpointRepository, type WithKey } from './endpoint.repository.js';
import type { EndpointIn } from './endpoints.types.js';

const PATIENCE_MS = 2000;
const STEP_MS = 50;

/** Makes, renews and revokes endpoints; this process forgets old keys at once, others within a second. */
@Injectable()
export class ChangeEndpointsHandler {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly directory: AccountDirectory,
    private readonly keys: EndpointKeys,
  ) {}

  async create(scope: Scope, { agent, name, ...given }: EndpointIn): Promise<WithKey> {
    const accountNo = (given.accountNo ?? null) as AccountNo | null;
    const custId = (given.custId ?? null) as CustomerId | null;
    if ((accountNo === null) === (custId === null)) {
      const detail = 'give either accountNo or custId';
      throw Problem.badRequest([
        { pointer: accountNo === null ? '/accountNo' : '/custId', detail, rule: 'oneOf' },
      ]);
    }
    const isKnown = await this.appears(() =>
      accountNo === null
        ? this.directory.isCustomerSeen(scope, custId as CustomerId)
        : this.directory.isAccountSeen(scope, accountNo),
    );
    if (!isKnown)
      throw Problem.notFound(accountNo === null ? 'There is no such customer.' : 'There is no such account.');
    const made = await this.endpoints.create(scope, { agent, accountNo, custId, name: name ?? agent });
    this.keys.forget();
    return made;
  }

  async rotate(scope: Scope, id: EndpointId, overlapHours: number): Promise<WithKey> {
    const made = await this.endpoints.rotate(scope, id, overlapHours);
    if (!made) throw Problem.notFound();
    this.keys.forget();
    return made;
  }

  async revoke(scope: Scope, id: EndpointId): Promise<void> {
    if (!(await this.endpoints.revoke(scope, id))) throw Problem.notFound();
    this.keys.forget();
  }

  async find(scope: Scope, id: EndpointId): Promise<Endpoint> {
    const endpoint = await this.endpoints.find(scope, id);
    if (!endpoint) throw Problem.notFound();
    return endpoint;
  }

  list(scope: Scope, before: string | null, limit: number): Promise<Endpoint[]> {
    return this.endpoints.list(scope, before, limit);
  }

  count(scope: Scope): Promise<number> {
    return this.endpoints.count(scope);
  }

  /** An account made a moment ago is still on its way to us, and is due within two seconds. */
  private async appears(isThere: () => Promise<boolean>): Promise<boolean> {
    for (let waitedMs = 0; ; waitedMs += STEP_MS) {
      if (await isThere()) return true;
      if (waitedMs >= PATIENCE_MS) return false;
      await wait(STEP_MS);
    }
  }
}
