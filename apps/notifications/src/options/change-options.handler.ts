import type { EventType } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { outboxAuditTrail, type Scope, type Tx, type UnitOfWork } from '@backhaul/persistence';
import type { KnownAccountEntity } from '../accounts/known-account.entity.js';
import type { KnownAccountRepository } from '../accounts/known-account.repository.js';
import { isOn, type Switched } from './options.js';
import type { OptionsRepository, StoredOptions } from './options.repository.js';

export interface AccountOptions extends StoredOptions {
  account: KnownAccountEntity;
}

/** Which of its own notifications an account gets. All throw Problem 404. */
export class ChangeOptionsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: KnownAccountRepository,
    private readonly options: OptionsRepository,
  ) {}

  find(scope: Scope, accountNo: number): Promise<AccountOptions> {
    return this.unitOfWork.run((tx) => this.read(tx, scope, accountNo));
  }

  /** Those not named stay as they are. @throws Problem 404, 412, 428 */
  async change(
    scope: Scope,
    accountNo: number,
    ifMatch: string | undefined,
    wanted: Switched,
  ): Promise<AccountOptions> {
    return this.unitOfWork.run(async (tx) => {
      const known = await this.read(tx, scope, accountNo);
      requireIfMatch(ifMatch, optionsEtag(known));
      const switched = { ...known.switched, ...wanted };
      const changed = { ...known, switched, version: known.version + 1 };
      if (!(await this.options.write(tx, known.account, changed))) throw Problem.preconditionFailed();
      await this.record(tx, known, changed);
      return changed;
    });
  }

  private async read(tx: Tx, scope: Scope, accountNo: number): Promise<AccountOptions> {
    const account = await this.accounts.get(scope, accountNo, tx);
    return { account, ...(await this.options.read(tx, account)) };
  }

  private record(tx: Tx, before: AccountOptions, after: AccountOptions): Promise<void> {
    const { partnerId, accountNo } = after.account;
    const changed = (Object.keys(after.switched) as EventType[]).filter(
      (key) => isOn(before.switched, key) !== isOn(after.switched, key),
    );
    const detail = {
      on: changed.filter((key) => isOn(after.switched, key)),
      off: changed.filter((key) => !isOn(after.switched, key)),
    };
    const target = { kind: 'account', id: accountNo };
    return outboxAuditTrail.record(tx, partnerId, { action: 'account.notification-options', target, detail });
  }
}

export const optionsEtag = ({ account, version }: AccountOptions): string =>
  etagOf({ accountNo: account.accountNo, version });
